//! What AWS refuses in a new key policy, though it may once have stored it.

use crate::document::InputError;
use crate::policy::{Element, Policy, Statement};
use crate::text::{Printable, Quoted};

const INVALID_PRINCIPALS: &str = "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";
const MALFORMED: &str = "MalformedPolicyDocumentException";
const TOO_LARGE: &str = "LimitExceededException";

/// The largest key policy, in bytes.
///
/// Source: [Resource quotas](https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html)
const LIMIT: usize = 32_768;

/// Why AWS would refuse a key policy before it asks whether it locks the key out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// The error; only the exception where AWS does not document its text.
    pub(super) error: String,
    /// In one sentence.
    pub(super) reason: String,
}

impl Refusal {
    /// The first that there is in a policy that could be read.
    ///
    /// Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html),
    /// [Key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html)
    pub(super) fn of(policy: &Policy) -> Option<Self> {
        policy.statements().iter().find_map(of_statement).or_else(|| of_size(policy))
    }
}

/// With these words a help begins that says what KMS answers.
const ANSWERS: &str = "KMS answers: ";

impl Refusal {
    /// What AWS says to a text that is a document and no key policy; none if it is no document.
    pub(super) fn of_error(error: &InputError) -> Option<Self> {
        let mut steps =
            error.place().pointer.split('/').skip(1).skip_while(|it| *it != "Statement");
        steps.next()?;
        let of_principal = |step| matches!(step, "Principal" | "NotPrincipal");
        let answered = error.help().and_then(|help| help.strip_prefix(ANSWERS));
        let says = match answered {
            Some(words) => format!("{MALFORMED}: {words}"),
            None if steps.any(of_principal) => INVALID_PRINCIPALS.to_owned(),
            None => MALFORMED.to_owned(),
        };
        let reason = format!("{}: {}.", error.place(), error.message());
        Some(Self { error: says, reason })
    }
}

fn of_statement(statement: &Statement) -> Option<Refusal> {
    let label = label(statement);
    let (_, principals) = statement.written(Element::Principal);
    if let Some(id) = principals.iter().find(|text| is_unique_id(text)) {
        return Some(Refusal {
            error: INVALID_PRINCIPALS.to_owned(),
            reason: format!(
                "{label} names {}, which is left of a user or role that was deleted.",
                Quoted(id)
            ),
        });
    }
    let empty = [Element::Action, Element::Resource]
        .map(|element| statement.written(element))
        .into_iter()
        .find(|(_, values)| values.is_empty());
    if let Some((element, _)) = empty {
        let reason = format!("{label} has no `{element}`.");
        return Some(Refusal { error: MALFORMED.to_owned(), reason });
    }
    let (element, resources) = statement.written(Element::Resource);
    let is_this_key = element == "Resource" && resources.iter().all(|it| it == "*");
    (!is_this_key).then(|| Refusal {
        error: MALFORMED.to_owned(),
        reason: format!("{label} has another Resource than `*`, which alone means this key."),
    })
}

/// What the file has, or, where the policy is only a part of it, what is left of it without
/// white space.
fn of_size(policy: &Policy) -> Option<Refusal> {
    let first = policy.statements().first().map(|statement| policy.place(statement).source);
    let whole = first.filter(|source| source.name == policy.name()).map(|it| it.text.len());
    let size = whole.or_else(|| Some(policy.to_json().ok()?.to_string().len()))?;
    (size > LIMIT).then(|| Refusal {
        error: TOO_LARGE.to_owned(),
        reason: format!("The policy has {size} bytes, and a key policy has at most {LIMIT}."),
    })
}

fn is_unique_id(text: &str) -> bool {
    ["AIDA", "AROA"].iter().any(|prefix| text.starts_with(prefix)) && !text.contains(['.', ':'])
}

/// A statement by its Sid, else by its number.
fn label(statement: &Statement) -> String {
    match statement.sid() {
        Some(sid) if !sid.is_empty() => format!("Statement \"{}\"", Printable(sid)),
        _ => format!("Statement {}", statement.index() + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Kind;

    #[test]
    fn what_aws_stores_no_more_is_refused() {
        let table = [
            (r#""Principal": "*", "Action": "kms:*", "Resource": "*""#, None),
            (
                r#""Principal": {"AWS": "AROAEXAMPLEEXAMPLE01"}, "Action": "kms:*", "Resource": "*""#,
                Some(INVALID_PRINCIPALS),
            ),
            (
                r#""Principal": {"AWS": ["123456789012", "AIDAEXAMPLEEXAMPLE01"]}, "Action": "kms:*", "Resource": "*""#,
                Some(INVALID_PRINCIPALS),
            ),
            (r#""Principal": "*", "Resource": "*""#, Some(MALFORMED)),
            (r#""Principal": "*", "Action": "kms:*""#, Some(MALFORMED)),
            (
                r#""Principal": "*", "Action": "kms:*", "Resource": "arn:aws:kms:us-east-1:123456789012:key/x""#,
                Some(MALFORMED),
            ),
            (r#""Principal": "*", "Action": "kms:*", "NotResource": "*""#, Some(MALFORMED)),
        ];
        for (statement, expected) in table {
            let text = format!(r#"{{"Statement": [{{"Effect": "Allow", {statement}}}]}}"#);
            let policy = Policy::from_json("key.json", &text, Kind::Key).unwrap();
            assert_eq!(Refusal::of(&policy).map(|it| it.error).as_deref(), expected, "{statement}");
        }
    }

    #[test]
    fn a_policy_over_32_kib_is_refused() {
        let text = |sid: usize| {
            let sid = "x".repeat(sid);
            format!(
                r#"{{"Statement": [{{"Sid": "{sid}", "Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}}]}}"#
            )
        };
        let rest = text(0).len();
        for (size, expected) in [(LIMIT, None), (LIMIT + 1, Some(TOO_LARGE))] {
            let policy = Policy::from_json("key.json", &text(size - rest), Kind::Key).unwrap();
            assert_eq!(Refusal::of(&policy).map(|it| it.error).as_deref(), expected);
        }
    }
}
