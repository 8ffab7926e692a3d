use std::fmt;

use crate::arn::{AccountId, Arn, Partition};
use crate::text::Quoted;

/// An AWS account. The same number in another partition is another account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account {
    /// The partition.
    pub partition: Partition,
    /// The twelve digits.
    pub id: AccountId,
}

/// A principal as people name it.
///
/// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum PrincipalName {
    /// `root`, or `arn:aws:iam::ACCOUNT:root`: the root user.
    Root(Account),
    /// `user/NAME`, with its path if it has one.
    User(Account, String),
    /// `role/NAME`, with its path if it has one.
    Role(Account, String),
    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    Session {
        /// The account of the role.
        account: Account,
        /// The role's name, without its path.
        role: String,
        /// The name of the session.
        session: String,
    },
    /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
    FederatedUser(Account, String),
    /// A service, such as `logs.us-east-1.amazonaws.com`.
    Service(String),
}

/// A name is not one of a principal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePrincipalError {
    /// It has no form that a caller can have.
    #[error(
        "expected a principal (role/NAME, user/NAME, root, an ARN of a role, user, session or \
         account root, or a service principal), found {}",
        Quoted(.0)
    )]
    Form(String),
    /// It is an ARN, but not a good one.
    #[error("expected a principal, found {}: {reason}", Quoted(.text))]
    Arn {
        /// The text.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// It is a short name, and nothing says of which account.
    #[error("expected an account for the short name {}, found none", Quoted(.0))]
    Account(String),
}

impl PrincipalName {
    /// Reads a name; `account` is the one of short names.
    ///
    /// # Errors
    ///
    /// If it names nothing that can call KMS, or is short and there is no account for it.
    pub fn parse(text: &str, account: Option<Account>) -> Result<Self, ParsePrincipalError> {
        if text.starts_with("arn:") {
            return Self::from_arn(text);
        }
        let short = || account.ok_or_else(|| ParsePrincipalError::Account(text.to_owned()));
        match text.split_once('/') {
            None if text == "root" => Ok(Self::Root(short()?)),
            Some(("user", name)) if is_path_and_name(name) => Ok(Self::User(short()?, name.into())),
            Some(("role", name)) if is_path_and_name(name) => Ok(Self::Role(short()?, name.into())),
            None if is_service_principal(text) => Ok(Self::Service(text.to_owned())),
            _ => Err(ParsePrincipalError::Form(text.to_owned())),
        }
    }

    fn from_arn(text: &str) -> Result<Self, ParsePrincipalError> {
        let wrong = |reason: String| ParsePrincipalError::Arn { text: text.to_owned(), reason };
        let arn = Arn::parse(text).map_err(|error| wrong(error.to_string()))?;
        let id = arn.account_id().map_err(|error| wrong(error.to_string()))?;
        let account = Account { partition: arn.partition, id };
        if !arn.region.is_empty() {
            return Err(wrong("an ARN of IAM or STS has no Region".into()));
        }
        let (kind, name) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        match (arn.service, kind) {
            ("iam", "root") if name.is_empty() => Ok(Self::Root(account)),
            ("iam", "user") if is_path_and_name(name) => Ok(Self::User(account, name.into())),
            ("iam", "role") if is_path_and_name(name) => Ok(Self::Role(account, name.into())),
            ("sts", "federated-user") if is_name(name) => {
                Ok(Self::FederatedUser(account, name.into()))
            }
            ("sts", "assumed-role") => match name.split_once('/') {
                Some((role, session)) if is_name(role) && is_name(session) => {
                    Ok(Self::Session { account, role: role.into(), session: session.into() })
                }
                _ => Err(wrong(
                    "a session is `assumed-role/ROLE/SESSION`, without the role's path".into(),
                )),
            },
            ("iam", "group") => Err(wrong("a group is not a principal; name a user in it".into())),
            _ => Err(ParsePrincipalError::Form(text.to_owned())),
        }
    }

    /// The account, which a service does not have.
    #[must_use]
    pub fn account(&self) -> Option<Account> {
        match self {
            Self::Root(account)
            | Self::User(account, _)
            | Self::Role(account, _)
            | Self::Session { account, .. }
            | Self::FederatedUser(account, _) => Some(*account),
            Self::Service(_) => None,
        }
    }
}

/// The ARN, or the name of the service.
impl fmt::Display for PrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arn = |account: &Account, service: &str, resource: fmt::Arguments<'_>| {
            write!(f, "arn:{}:{service}::{}:{resource}", account.partition, account.id)
        };
        match self {
            Self::Root(account) => arn(account, "iam", format_args!("root")),
            Self::User(account, name) => arn(account, "iam", format_args!("user/{name}")),
            Self::Role(account, name) => arn(account, "iam", format_args!("role/{name}")),
            Self::Session { account, role, session } => {
                arn(account, "sts", format_args!("assumed-role/{role}/{session}"))
            }
            Self::FederatedUser(account, name) => {
                arn(account, "sts", format_args!("federated-user/{name}"))
            }
            Self::Service(name) => f.write_str(name),
        }
    }
}

/// The characters of names in IAM and of session names.
///
/// Source: [IAM and STS quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))
}

/// A path may hold any printable ASCII character, but a wildcard never names a principal.
fn is_path_and_name(text: &str) -> bool {
    let (path, name) = text.rsplit_once('/').unwrap_or(("", text));
    is_name(name)
        && !text.starts_with('/')
        && path.chars().all(|c| c.is_ascii_graphic() && !"*?".contains(c))
}

/// Source: [GranteeServicePrincipal](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html)
pub(crate) fn is_service_principal(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.split('.').count() >= 2
        && text.split('.').all(is_label)
        && (text.ends_with(".amazonaws.com")
            || text.ends_with(".amazonaws.com.cn")
            || text.ends_with(".amazon.com"))
}

/// What kind of principal calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Identity {
    /// The root user of an account.
    Root,
    /// An IAM user.
    User {
        /// The name, without the path.
        name: String,
    },
    /// A session of a role. A role itself never calls.
    RoleSession {
        /// The role's name, without the path.
        role: String,
        /// The session's name, if the question names one.
        session: Option<String>,
    },
    /// A session that an IAM user got by `GetFederationToken`.
    FederatedUser {
        /// The session's name.
        name: String,
        /// The ARN of the IAM user, if the question says who.
        issued_by: Option<String>,
    },
    /// An AWS service calling by itself, not with somebody's credentials.
    Service,
}

/// Who calls KMS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// What kind of principal it is.
    pub identity: Identity,
    /// The account, which a service does not have.
    pub account: Option<Account>,
    /// What `aws:PrincipalArn` holds: for a session of a role the ARN of the role. For a
    /// service the name of its principal.
    pub arn: String,
    /// The ARN of the session, for a named session of a role or a federated user.
    pub session_arn: Option<String>,
    /// The unique id (`AIDA…`, `AROA…`), if it is known.
    pub unique_id: Option<String>,
    /// Whether a permissions boundary limits it.
    pub has_boundary: bool,
}

impl Caller {
    /// The caller as AWS prints it in a message: a session by the ARN of the session, with
    /// `SESSION` for an unnamed one.
    #[must_use]
    pub fn printed_arn(&self) -> String {
        match (&self.session_arn, &self.identity, self.account) {
            (Some(arn), _, _) => arn.clone(),
            (None, Identity::RoleSession { role, .. }, Some(account)) => PrincipalName::Session {
                account,
                role: role.clone(),
                session: "SESSION".to_owned(),
            }
            .to_string(),
            (None, _, _) => self.arn.clone(),
        }
    }

    /// Whether this is a service, calling by itself.
    #[must_use]
    pub fn is_service(&self) -> bool {
        self.identity == Identity::Service
    }

    /// Whether this is a session of a service-linked role, which control policies never limit.
    ///
    /// Source: [Service-linked roles](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html)
    #[must_use]
    pub fn is_service_linked(&self) -> bool {
        matches!(self.identity, Identity::RoleSession { .. })
            && self.arn.contains(":role/aws-service-role/")
    }

    /// Whether this is the root user of an account.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.identity == Identity::Root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, ParsePrincipalError> {
        let id = "123456789012".parse().unwrap();
        let account = Account { partition: Partition::Aws, id };
        PrincipalName::parse(text, Some(account)).map(|name| name.to_string())
    }

    #[test]
    fn short_and_full_names_are_the_same_principal() {
        let table = [
            ("root", "arn:aws:iam::123456789012:root"),
            ("role/Web", "arn:aws:iam::123456789012:role/Web"),
            ("role/app/eu/Web", "arn:aws:iam::123456789012:role/app/eu/Web"),
            ("user/deploy", "arn:aws:iam::123456789012:user/deploy"),
            ("logs.us-east-1.amazonaws.com", "logs.us-east-1.amazonaws.com"),
        ];
        for (short, full) in table {
            assert_eq!(parse(short).as_deref(), Ok(full));
            assert_eq!(parse(full).as_deref(), Ok(full));
        }
        let session = "arn:aws-cn:sts::001122223333:assumed-role/Web/i-0abc=,.@-_";
        assert_eq!(parse(session).as_deref(), Ok(session));
    }

    #[test]
    fn what_cannot_call_is_refused() {
        for text in [
            "",
            "Web",
            "role/",
            "role//Web",
            "role/W*",
            "group/x",
            "web",
            "s3",
            "amazonaws.com",
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:group/x",
            "arn:aws:iam::12345:role/x",
            "arn:aws:sts::123456789012:assumed-role/Web",
            "arn:aws:sts::123456789012:assumed-role/path/Web/s",
            "arn:aws:iam:us-east-1:123456789012:role/x",
            "arn:aws:kms:us-east-1:123456789012:key/x",
            "arn:aws-mars:iam::123456789012:root",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(matches!(PrincipalName::parse("root", None), Err(ParsePrincipalError::Account(_))));
    }
}
