use std::borrow::Cow;

use super::{Attached, Parameters};
use crate::arn::Arn;
use crate::kms::Action;
use crate::request::{Account, Entry, Rules};
use crate::truth::Truth;

/// A request as a person asks about it, before it is resolved against an
/// [`Environment`](super::Environment).
#[derive(Clone, Debug)]
pub struct Question {
    /// Who calls: `role/NAME`, `user/NAME`, `root`, an ARN, or a service principal.
    pub principal: String,
    /// The session of a role or of a federated user.
    pub session: Session,
    /// What is called.
    pub action: &'static Action,
    /// The key: an id, an ARN, an alias, or its name in the environment. Not needed where
    /// there is only one.
    pub key: Option<String>,
    /// The second key of an operation on two: where `ReEncrypt` encrypts, or what
    /// `UpdateAlias` points the alias to.
    pub destination_key: Option<String>,
    /// The parameters of the API request that feed condition keys or permissions.
    pub parameters: Parameters,
    /// The VPC endpoint that the call goes through, by its name in the environment.
    pub vpc_endpoint: Option<String>,
    /// The grant tokens that the call sends.
    pub grant_tokens: Vec<String>,
    /// The service that calls with the principal's credentials.
    pub via: Option<String>,
    /// The pairs of the encryption context; none if nothing is said about it.
    pub encryption_context: Option<Vec<(String, String)>>,
    /// Condition keys with what the request carries under them.
    pub context: Vec<(String, Entry)>,
    /// When.
    pub at: Moment,
    /// In place of the environment's rules.
    pub rules: Option<Rules>,
    /// What the permission is asked on, where it is not the key.
    pub(crate) on: Subject,
    /// The Region that is called, where neither key nor environment says so.
    pub(crate) region: Option<String>,
}

/// What a permission is asked on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The key that the question names; nothing for operations without a key.
    #[default]
    Key,
    /// Something else that IAM policies alone decide: an alias, a key to be, a role.
    Arn(String),
}

impl Subject {
    /// The account of a resource of KMS that is not the key.
    pub(in crate::environment) fn account_of_kms(&self) -> Option<Account> {
        let Self::Arn(text) = self else { return None };
        let arn = Arn::parse(text).ok().filter(|arn| arn.service == "kms")?;
        Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
    }
}

impl Question {
    /// The same question with the parameters alone that its operation has.
    pub(in crate::environment) fn with_own_parameters(&self) -> Cow<'_, Self> {
        if self.parameters.iter().all(|(name, _)| Parameters::is_of(name, self.action)) {
            return Cow::Borrowed(self);
        }
        Cow::Owned(Self { parameters: self.parameters.of(self.action), ..self.clone() })
    }

    /// Whether the call names no key, because its ciphertext does.
    pub(in crate::environment) fn leaves_key_to_ciphertext(&self) -> bool {
        let is_withheld = |name: &&str| self.parameters.is_withheld(name);
        match self.action.short_name() {
            "Decrypt" => self.parameters.is_withheld("KeyId"),
            "ReEncryptFrom" => ["KeyId", "SourceKeyId"].iter().any(is_withheld),
            _ => false,
        }
    }

    /// Whether a service makes the call with the caller's credentials: by what the question says
    /// of the service, or of `kms:ViaService`.
    pub(in crate::environment) fn is_forwarded(&self) -> Truth {
        let mut given = self.context.iter();
        let service = given.find(|(name, _)| name.eq_ignore_ascii_case("kms:ViaService"));
        match (&self.via, service.map(|(_, entry)| entry)) {
            (Some(_), _) => Truth::True,
            (None, Some(Entry::Unknown)) => Truth::Unknown,
            (None, Some(entry)) => (!entry.values().is_empty()).into(),
            (None, None) => Truth::False,
        }
    }

    /// Asks about a principal and an action, and nothing else.
    #[must_use]
    pub fn new(principal: impl Into<String>, action: &'static Action) -> Self {
        Self {
            principal: principal.into(),
            session: Session::default(),
            action,
            key: None,
            destination_key: None,
            parameters: Parameters::default(),
            vpc_endpoint: None,
            grant_tokens: Vec::new(),
            via: None,
            encryption_context: None,
            context: Vec::new(),
            at: Moment::Unsaid,
            rules: None,
            on: Subject::Key,
            region: None,
        }
    }
}

/// What is known of a session.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// Its name.
    pub name: Option<String>,
    /// The IAM user behind a federated user.
    pub issued_by: Option<String>,
    /// The policies that it was opened with; together they are the most that it can do.
    pub policies: Option<Vec<Attached>>,
    /// Its tags, which overlay those of the role.
    pub tags: Vec<(String, String)>,
    /// Whether it was opened with a second factor, if that is known.
    pub mfa: Option<bool>,
}

/// When a request is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moment {
    /// At this time: ISO 8601 or seconds since 1970.
    Given(String),
    /// Now, by this clock: good enough unless a policy reads it.
    Clock(String),
    /// Nothing is said, so no date key is carried.
    Unsaid,
}

/// A question that cannot be answered as it is asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QuestionError {
    /// The part that is wrong.
    pub part: QuestionPart,
    /// What was expected and what was found.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl QuestionError {
    pub(crate) fn new(part: QuestionPart, message: impl Into<String>) -> Self {
        Self { part, message: message.into(), help: None }
    }

    pub(crate) fn with_help(self, help: Option<impl Into<String>>) -> Self {
        Self { help: help.map(Into::into), ..self }
    }
}

/// The parts of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuestionPart {
    /// The moment.
    At,
    /// The context.
    Context,
    /// The second key.
    DestinationKey,
    /// The key.
    Key,
    /// The parameters.
    Parameters,
    /// The principal.
    Principal,
    /// The session.
    Session,
    /// The service in between.
    Via,
    /// The VPC endpoint.
    VpcEndpoint,
}

impl QuestionPart {
    /// The field of a case that holds the part.
    #[must_use]
    pub fn field(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Context => "context",
            Self::DestinationKey => "destination_key",
            Self::Key => "key",
            Self::Parameters => "parameters",
            Self::Principal => "principal",
            Self::Session => "session",
            Self::Via => "via",
            Self::VpcEndpoint => "vpc_endpoint",
        }
    }
}
