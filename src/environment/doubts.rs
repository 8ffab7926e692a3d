//! What is likely not meant in a request, or has no effect.

use super::target::Target;
use super::{Manager, Party, Question, Reach, Standing};

pub(super) fn of_request(
    question: &Question,
    target: Option<&Target<'_>>,
    standing: Standing,
    warnings: &mut Vec<String>,
) {
    let name = question.action.name;
    if standing.reach == Reach::ForeignNotOffered && !question.action.across_accounts {
        warnings
            .push(format!("KMS does not offer {name} across accounts, whatever the policies say"));
    }
    if standing == (Standing { party: Party::Root, reach: Reach::Foreign }) {
        warnings.push(
            "AWS does not say whether a root user needs more than the key policy across accounts; it is taken not to"
                .into(),
        );
    }
    if target.is_some_and(|target| target.alias.is_some()) && !question.action.takes_alias {
        warnings.push(format!(
            "{name} takes no alias for its key; decided as if the key's ARN were sent"
        ));
    }
    if target.is_some_and(|target| target.key.manager == Manager::Aws) && name == "kms:PutKeyPolicy"
    {
        warnings.push(
            "the policy of an AWS managed key cannot be changed, whatever the policies say".into(),
        );
    }
}
