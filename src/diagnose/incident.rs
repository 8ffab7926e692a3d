use std::fmt;

use super::failure::Failure;
use crate::environment::{Key, Moment, Parameters, Party, Question, Reach};
use crate::evaluate::Side;
use crate::kms::{Action, Asked};
use crate::request::{Account, Entry, PrincipalName};

/// A call of KMS, and what AWS said of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Incident {
    /// What AWS said.
    pub said: Said,
    /// The call, as far as it is told.
    pub call: Call,
    /// The message of an event.
    pub message: Option<String>,
    /// What was inferred, or is missing, in sentences.
    pub notes: Vec<String>,
}

impl Incident {
    /// Whether nothing but the time differs.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let call = |it: &Self| {
            let call = &it.call;
            (
                call.action_name(),
                call.caller.clone(),
                call.resource.clone(),
                call.via.clone(),
                call.vpc_endpoint.clone(),
                call.encryption_context.clone(),
            )
        };
        self.said == other.said && call(self) == call(other)
    }
}

/// What AWS said of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// That it is not authorized.
    Denied(Named),
    /// That it fails for a reason that no policy has to do with.
    Failed(Failure),
    /// Nothing against it.
    Succeeded,
}

/// What a message names as the reason of a denial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// One side.
    Side {
        /// The side.
        side: Side,
        /// How it denies.
        denial: Denial,
        /// The ARN of the policy, where AWS tells it.
        policy: Option<String>,
    },
    /// One of three: there is no such key, its policy does not allow, or denies. AWS does not
    /// say which to callers of other accounts, so as not to tell whether the key is there.
    KeyOrItsPolicy,
    /// Nothing.
    Nothing,
}

/// How a side denies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// A statement denies.
    Explicit,
    /// Nothing allows.
    Implicit,
    /// The message does not say.
    Unsaid,
}

/// The resource of a call, as a message tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Resource {
    /// By its ARN: a key, or an alias.
    Arn(String),
    /// `*`: the operation has no key.
    Everything,
    /// "this resource": a key whose ARN is not told.
    Undisclosed,
    /// The key that a ciphertext was encrypted with.
    OfCiphertext,
    /// Something that is no ARN, such as one with parts blotted out.
    Illegible(String),
    /// Nothing is told.
    #[default]
    Unsaid,
}

/// How a call came to KMS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Via {
    /// Nothing points to a service in between.
    #[default]
    Direct,
    /// By this service, with the caller's credentials.
    Service(String),
    /// By a service that is not told.
    Hidden,
}

/// A call of KMS, as far as it is told.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Call {
    /// The caller, as AWS prints it.
    pub caller: Option<String>,
    /// The role of the session, with its path, where that is told.
    pub role: Option<String>,
    /// The user behind a federated user.
    pub issued_by: Option<String>,
    /// Whether the session was opened with a second factor, if that is told.
    pub mfa: Option<bool>,
    /// What was called.
    pub asked: Option<Asked>,
    /// The permission that AWS names; of an operation that needs several one.
    pub action: Option<&'static Action>,
    /// The resource that AWS names.
    pub resource: Resource,
    /// The key's alias, if the call names it by one.
    pub alias: Option<String>,
    /// The ARN of the alias, where AWS names that and not the key of an operation on both.
    pub named_alias: Option<String>,
    /// The second key of an operation on two.
    pub destination_key: Option<String>,
    /// The service in between.
    pub via: Via,
    /// The encryption context, if anything is told of it.
    pub encryption_context: Option<Vec<(String, String)>>,
    /// The parameters of the request.
    pub parameters: Parameters,
    /// The id of the VPC endpoint that the call went through.
    pub vpc_endpoint: Option<String>,
    /// Other condition keys.
    pub context: Vec<(String, Entry)>,
    /// When, as ISO 8601.
    pub at: Option<String>,
}

impl Call {
    /// The caller, if it is told whole.
    #[must_use]
    pub fn principal(&self) -> Option<PrincipalName> {
        PrincipalName::parse(self.caller.as_deref()?, None).ok()
    }

    /// The user or role whose policies count; for a session its role.
    #[must_use]
    pub fn holder(&self) -> Option<PrincipalName> {
        let parse = |text: &String| PrincipalName::parse(text, None).ok();
        match self.principal()? {
            PrincipalName::Session { account, role, .. } => Some(
                self.role.as_ref().and_then(parse).unwrap_or(PrincipalName::Role(account, role)),
            ),
            PrincipalName::FederatedUser(..) => self.issued_by.as_ref().and_then(parse),
            other => Some(other),
        }
    }

    /// What kind of caller it is, if that is told.
    #[must_use]
    pub fn party(&self) -> Option<Party> {
        Some(match self.principal()? {
            PrincipalName::Root(_) => Party::Root,
            PrincipalName::User(..) => Party::User,
            PrincipalName::Service(_) => Party::Service,
            PrincipalName::Role(..)
            | PrincipalName::Session { .. }
            | PrincipalName::FederatedUser(..) => Party::Session,
        })
    }

    /// Whether the caller is a session of a service-linked role, which control policies never
    /// limit.
    pub(super) fn is_service_linked(&self) -> bool {
        let name = self.role.as_deref().or(self.caller.as_deref()).unwrap_or_default();
        name.contains(":role/aws-service-role/") || name.contains(":assumed-role/AWSServiceRoleFor")
    }

    /// The call on the resource that AWS names, of an operation that needs permissions on two.
    ///
    /// Source: [ReEncrypt](https://docs.aws.amazon.com/kms/latest/APIReference/API_ReEncrypt.html)
    #[must_use]
    pub(super) fn named_half(&self) -> Self {
        let mut half = self.clone();
        let is_second = self.action.is_some_and(|action| action.short_name() == "ReEncryptTo");
        if is_second && matches!(self.asked, Some(Asked::ReEncrypt)) {
            let key = self.destination_key.clone().filter(|arn| is_key_arn(arn));
            half.resource = key.map_or(Resource::Unsaid, Resource::Arn);
        } else if let Some(alias) = &self.named_alias {
            half.resource = Resource::Arn(alias.clone());
        }
        half
    }

    /// Whether the operation needs a permission on an alias beside that on the key.
    ///
    /// Source: [Controlling access to aliases](https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html)
    pub(super) fn is_about_alias(&self) -> bool {
        let is_it = |name: &str| matches!(name, "CreateAlias" | "DeleteAlias" | "UpdateAlias");
        self.action.is_some_and(|action| is_it(action.short_name()))
    }

    /// Whether the call names its key by an alias that only AWS managed keys have.
    pub(super) fn is_aws_managed(&self) -> bool {
        let of_arn = match &self.resource {
            Resource::Arn(arn) => arn.rsplit(':').next(),
            _ => None,
        };
        [self.alias.as_deref(), of_arn].iter().flatten().any(|name| name.starts_with("alias/aws/"))
    }

    /// Whether the permission is one that counts in IAM policies alone.
    pub(super) fn is_retire_grant(&self) -> bool {
        self.action.is_some_and(|action| action.short_name() == "RetireGrant")
    }

    /// Whether AWS names the alias of such an operation, which IAM policies alone decide on.
    pub(super) fn is_alias_half(&self) -> bool {
        self.is_about_alias() && matches!(&self.resource, Resource::Arn(arn) if !is_key_arn(arn))
    }

    /// The ARN of the key, if it is told whole.
    #[must_use]
    pub fn key_arn(&self) -> Option<&str> {
        match &self.resource {
            Resource::Arn(arn) => is_key_arn(arn).then_some(arn),
            _ => None,
        }
    }

    /// The account of the key, if it is told.
    #[must_use]
    pub fn key_account(&self) -> Option<Account> {
        match &self.resource {
            Resource::Arn(text) => {
                let arn = crate::arn::Arn::parse(text).ok()?;
                Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
            }
            _ => None,
        }
    }

    /// The Region of the key, if it is told.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        match &self.resource {
            Resource::Arn(text) => {
                let region = crate::arn::Arn::parse(text).ok()?.region;
                crate::arn::is_region(region).then_some(region)
            }
            _ => None,
        }
    }

    /// Where the key is, seen from the caller, if that is told.
    #[must_use]
    pub fn reach(&self) -> Option<Reach> {
        if self.action.is_some_and(|action| !action.needs_key()) {
            return Some(Reach::NoKey);
        }
        let (caller, key) = (self.principal()?.account(), self.key_account()?);
        let across = self.action.is_some_and(|action| action.across_accounts);
        Some(match caller {
            None => Reach::Own,
            Some(account) if account == key => Reach::Own,
            Some(account) if across && account.partition == key.partition => Reach::Foreign,
            Some(_) => Reach::ForeignNotOffered,
        })
    }

    /// The name of what was called, as AWS spells it.
    #[must_use]
    pub fn action_name(&self) -> Option<String> {
        self.action.map(|action| action.name.to_owned()).or_else(|| self.asked.map(Asked::name))
    }

    /// The one of several permissions that AWS names, on its own key, as a question.
    #[must_use]
    pub fn half(&self) -> Option<(Asked, Question)> {
        let action = self.action.filter(|_| matches!(self.asked, Some(Asked::ReEncrypt)))?;
        let key = match action.short_name() {
            "ReEncryptTo" => self.destination_key.clone().map(Resource::Arn),
            _ => None,
        };
        let half = Self {
            asked: Some(Asked::Permission(action)),
            resource: key.unwrap_or_else(|| self.resource.clone()),
            destination_key: None,
            ..self.clone()
        };
        half.question().ok()
    }

    /// The call as a question to an environment.
    ///
    /// # Errors
    ///
    /// A sentence, if the caller or what was called is not told.
    pub fn question(&self) -> Result<(Asked, Question), String> {
        let asked = self.asked.or(self.action.map(Asked::Permission));
        let asked = asked.ok_or("nothing says which operation was called")?;
        let action = asked.action().ok_or("the operation has no permission")?;
        let principal = self.principal().ok_or_else(|| match &self.caller {
            None => "nothing says who called".to_owned(),
            Some(caller) => {
                format!(
                    "the caller is none that can be asked about: {}",
                    crate::text::Quoted(caller)
                )
            }
        })?;
        let (principal, session) = match (&principal, self.holder()) {
            (PrincipalName::Session { session, .. }, Some(role)) if self.role.is_some() => {
                (role, Some(session.clone()))
            }
            _ => (principal, None),
        };
        let mut question = Question::new(principal.to_string(), action);
        question.session.name = session;
        question.session.issued_by.clone_from(&self.issued_by);
        question.session.mfa = self.mfa;
        question.key = match &self.resource {
            Resource::Arn(arn) => Some(arn.clone()),
            _ => None,
        };
        question.destination_key.clone_from(&self.destination_key);
        question.encryption_context.clone_from(&self.encryption_context);
        question.parameters.clone_from(&self.parameters);
        question.context.clone_from(&self.context);
        match &self.via {
            Via::Direct => {}
            Via::Service(service) => question.via = Some(service.clone()),
            Via::Hidden => question.context.push(("kms:ViaService".to_owned(), Entry::Unknown)),
        }
        question.at = self.at.clone().map_or(Moment::Unsaid, Moment::Given);
        Ok((asked, question))
    }
}

/// Whether a text is the ARN of a key, and nothing in it means anything to a shell.
pub(super) fn is_key_arn(text: &str) -> bool {
    let is_plain = |id: &str| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    Key::parse_arn(text).is_ok_and(|(_, _, id)| is_plain(&id))
}

impl Denial {
    /// As the decision is spelled in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Explicit => "explicitDeny",
            Self::Implicit => "implicitDeny",
            Self::Unsaid => "denied",
        }
    }
}

/// The ARN, or what stands for it in messages.
impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arn(text) | Self::Illegible(text) => f.write_str(text),
            Self::Everything => f.write_str("*"),
            Self::Undisclosed => f.write_str("a key that AWS does not tell"),
            Self::OfCiphertext => f.write_str("the key of a ciphertext"),
            Self::Unsaid => f.write_str("not told"),
        }
    }
}
