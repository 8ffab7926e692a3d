use super::{
    Attached, Environment, Key, Knowledge, Manager, Moment, Question, QuestionError, QuestionPart,
};
use crate::kms::Action;

use crate::request::{Caller, Context, Identity, Rules};
use crate::text::{Quoted, did_you_mean};

/// A question resolved against an environment: who calls, with which context, and the
/// policies that apply.
#[derive(Debug)]
pub struct Request<'e> {
    /// Who calls.
    pub caller: Caller,
    /// What is called.
    pub action: &'static Action,
    /// The key, for actions that need one.
    pub key: Option<&'e Key>,
    /// What the action is authorized for: the key's ARN, or `*`.
    pub resource: String,
    /// The condition keys that the request carries.
    pub context: Context,
    /// The policies that apply.
    pub stack: Stack<'e>,
    /// How caller, key and action stand to each other.
    pub standing: Standing,
    /// The rules that decide.
    pub rules: Rules,
    /// The clock's time, if nothing says when the request is made.
    pub clock: Option<String>,
    /// What was assumed, in sentences.
    pub warnings: Vec<String>,
}

/// The policies that apply to a request; none where a side does not apply.
#[derive(Clone, Copy, Debug)]
pub struct Stack<'e> {
    /// The key's policy.
    pub key_policy: Option<&'e Attached>,
    /// The caller's identity policies.
    pub identity_policies: Option<&'e [Attached]>,
    /// Whether nobody said that the caller has no identity policies, and none were given.
    pub lacks_identity_policies: bool,
    /// Whether the caller's session is one that has nothing unless a session policy gives it.
    pub lacks_session_policy: bool,
}

/// What kind of caller it is, as far as the decision goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The root user of an account.
    Root,
    /// An AWS service, calling by itself.
    Service,
    /// A session of a role, or a federated user.
    Session,
    /// An IAM user.
    User,
}

/// Where the key is, seen from the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In another account.
    Foreign,
    /// In another account, where no policy helps: KMS does not offer the operation across
    /// accounts, or the account is in another partition.
    ForeignNotOffered,
    /// The operation has no key.
    NoKey,
    /// In the caller's account; also for a service, which has none.
    Own,
}

/// How caller, key and action stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The caller.
    pub party: Party,
    /// The key.
    pub reach: Reach,
}

impl Environment {
    /// Resolves a question: finds caller and key, fills in the context, and selects the
    /// policies that apply.
    ///
    /// # Errors
    ///
    /// If the question names a principal or key that is not there, or is at odds with itself.
    pub fn request(&self, question: &Question) -> Result<Request<'_>, QuestionError> {
        let mut warnings = Vec::new();
        let resolved = super::caller::resolve(self, question, &mut warnings)?;
        let caller = resolved.caller;
        let target = self.target(question, &caller)?;
        let key = target.as_ref().map(|target| target.key);
        let reach = reach(&caller, key, question.action);
        let standing = Standing { party: party(&caller), reach };
        let stack = Stack {
            key_policy: key
                .filter(|_| question.action.name != "kms:RetireGrant")
                .map(|key| &key.policy),
            identity_policies: match standing.party {
                Party::Root | Party::Service => None,
                Party::Session | Party::User => Some(
                    resolved.principal.map_or(&[][..], |principal| &principal.identity_policies),
                ),
            },
            lacks_identity_policies: resolved.principal.is_some_and(|principal| {
                principal.knowledge == Knowledge::Assumed && principal.identity_policies.is_empty()
            }),
            lacks_session_policy: matches!(caller.identity, Identity::FederatedUser { .. }),
        };
        let facts = super::derive::Facts {
            caller: &caller,
            principal: resolved.principal,
            target: target.as_ref(),
            region: key.map_or(&self.region, |key| &key.region),
        };
        let context = super::derive::context(question, &facts, &mut warnings)?;
        warn_of_request(question, target.as_ref(), standing, &mut warnings);
        Ok(Request {
            action: question.action,
            resource: key.map_or_else(|| "*".to_owned(), Key::arn),
            caller,
            key,
            context,
            stack,
            standing,
            rules: question.rules.unwrap_or(self.rules),
            clock: match &question.at {
                Moment::Clock(now) => Some(now.clone()),
                Moment::Given(_) | Moment::Unsaid => None,
            },
            warnings,
        })
    }

    /// The key that a question is about.
    fn target<'e>(
        &'e self,
        question: &Question,
        caller: &Caller,
    ) -> Result<Option<Target<'e>>, QuestionError> {
        let wrong = |message: String| QuestionError::new(QuestionPart::Key, message);
        if !question.action.needs_key() {
            return Ok(None);
        }
        let Some(text) = question.key.as_deref() else {
            return match self.keys.as_slice() {
                [key] => Ok(Some(Target { key, alias: None })),
                [] => Err(wrong("expected a key, found none in the environment".into())),
                keys => {
                    let names: Vec<String> =
                        keys.iter().map(|key| Quoted(&key.name).to_string()).collect();
                    Err(wrong(format!("expected one of {} keys to be named", keys.len()))
                        .with_help(Some(format!("the keys are {}", names.join(", ")))))
                }
            };
        };
        if let Some(key) = self.keys.iter().find(|key| key.name == text) {
            return Ok(Some(Target { key, alias: None }));
        }
        if text.starts_with("arn:") {
            let by_arn = |key: &&Key| key.arn() == text;
            if let Some(key) = self.keys.iter().find(by_arn) {
                return Ok(Some(Target { key, alias: None }));
            }
        }
        self.keys
            .iter()
            .find_map(|key| {
                Some(Target { alias: Some(key.alias_named(text, caller, &self.region)?), key })
            })
            .or_else(|| {
                let key = self
                    .keys
                    .iter()
                    .find(|key| key.id == text && key.is_local(caller, &self.region))?;
                Some(Target { key, alias: None })
            })
            .map_or_else(|| Err(self.unknown_key(text, caller)), |target| Ok(Some(target)))
    }

    fn unknown_key(&self, text: &str, caller: &Caller) -> QuestionError {
        let wrong = |message: String| QuestionError::new(QuestionPart::Key, message);
        let elsewhere = self.keys.iter().find_map(|key| {
            let alias =
                key.aliases.iter().find(|alias| *alias == text).map(|alias| key.alias_arn(alias));
            alias.or_else(|| (key.id == text).then(|| key.arn()))
        });
        if let Some(arn) = elsewhere {
            let account = caller.account.map_or_else(String::new, |account| account.id.to_string());
            return wrong(format!(
                "expected a key of account {account} in {}, found {} in another account or Region",
                self.region,
                Quoted(text)
            ))
            .with_help(Some(format!("name it by its ARN, as AWS wants it there: {arn}")));
        }
        let expected = if text.starts_with("arn:")
            && Key::parse_arn(text).is_err()
            && !text.contains(":alias/")
        {
            return match Key::parse_arn(text) {
                Err(error) => wrong(error.to_string()),
                Ok(_) => wrong(format!("expected a key, found {}", Quoted(text))),
            };
        } else if text.starts_with("alias/") || text.contains(":alias/") {
            "an alias that a key in the environment has"
        } else {
            "a key in the environment"
        };
        let names = self.keys.iter().flat_map(|key| {
            [key.name.as_str(), key.id.as_str()]
                .into_iter()
                .chain(key.aliases.iter().map(String::as_str))
        });
        let listed: Vec<String> =
            self.keys.iter().map(|key| Quoted(&key.name).to_string()).collect();
        let help = did_you_mean(text, names)
            .unwrap_or_else(|| format!("the keys are {}", listed.join(", ")));
        wrong(format!("expected {expected}, found {}", Quoted(text))).with_help(Some(help))
    }
}

/// A key, and the alias by which it is addressed, if it is by one.
#[derive(Debug)]
pub(super) struct Target<'e> {
    pub(super) key: &'e Key,
    pub(super) alias: Option<&'e str>,
}

impl Key {
    /// The alias that `text` is, by its ARN or by its name in the caller's account and Region.
    fn alias_named<'k>(&'k self, text: &str, caller: &Caller, region: &str) -> Option<&'k str> {
        self.aliases.iter().map(String::as_str).find(|alias| {
            (*alias == text && self.is_local(caller, region)) || self.alias_arn(alias) == text
        })
    }

    /// Whether a bare id or alias, sent by the caller in the Region, means this key.
    fn is_local(&self, caller: &Caller, region: &str) -> bool {
        self.region == region && caller.account.is_none_or(|account| account == self.account)
    }
}

fn party(caller: &Caller) -> Party {
    match caller.identity {
        Identity::Root => Party::Root,
        Identity::User { .. } => Party::User,
        Identity::RoleSession { .. } | Identity::FederatedUser { .. } => Party::Session,
        Identity::Service => Party::Service,
    }
}

/// Partitions share nothing: no principal of one calls a key in another.
///
/// Source: [Allowing users in other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
fn reach(caller: &Caller, key: Option<&Key>, action: &Action) -> Reach {
    match (key, caller.account) {
        (None, _) => Reach::NoKey,
        (Some(_), None) => Reach::Own,
        (Some(key), Some(account)) if key.account == account => Reach::Own,
        (Some(key), Some(account))
            if action.across_accounts && key.account.partition == account.partition =>
        {
            Reach::Foreign
        }
        (Some(_), Some(_)) => Reach::ForeignNotOffered,
    }
}

fn warn_of_request(
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
    let further = match name {
        "kms:CreateAlias" | "kms:DeleteAlias" => Some("the same action on the alias (IAM policy)"),
        "kms:UpdateAlias" => {
            Some("the same action on the alias (IAM policy) and on the alias's other key")
        }
        "kms:ReplicateKey" => Some(
            "kms:CreateKey, and with tags kms:TagResource, in the Region of the replica (IAM policy)",
        ),
        "kms:UpdatePrimaryRegion" => Some("the same action on the replica key"),
        "kms:CreateKey" => Some(
            "kms:TagResource if it sends tags, and iam:CreateServiceLinkedRole for a multi-Region key",
        ),
        "kms:RetireGrant" => Some(
            "a grant that names the caller or was created in its account: grants are not evaluated yet",
        ),
        _ => None,
    };
    if let Some(further) = further {
        warnings
            .push(format!("only the permission {name} was asked; the call also needs {further}"));
    }
}
