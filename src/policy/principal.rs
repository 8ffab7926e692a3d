use std::fmt;

use crate::arn::{AccountId, Partition};
use crate::request::{Account, Caller, Identity, ParsePrincipalError, PrincipalName};

/// A principal that a statement of a resource policy names.
///
/// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Principal {
    /// `"*"` or `{"AWS": "*"}`: every principal of every account, and services.
    Everyone,
    /// The ARN of an account's root, or its twelve digits alone: the account, and not its
    /// root user alone.
    Account(AccountPrincipal),
    /// A user or role, by ARN.
    UserOrRole(Box<str>),
    /// A session of a role or a federated user, by ARN.
    Session(Box<str>),
    /// `AIDA…`, `AROA…`: what AWS shows in place of a user or role that was deleted.
    UniqueId(Box<str>),
    /// A service that calls by itself.
    Service(Box<str>),
    /// An identity provider; KMS documents no meaning for it in a key policy.
    Federated(Box<str>),
}

/// An account in a `Principal`; the bare digits do not say which partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct AccountPrincipal {
    id: AccountId,
    account: Option<Account>,
}

/// How a statement names the caller: by the session itself, by the user, role or service
/// behind it, by its account, or as anyone at all.
///
/// The boundary and the session policy cap some of these and not others; see
/// [`Sides`](crate::evaluate::Sides).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Naming {
    /// The session's own ARN.
    Session,
    /// The ARN of the user or role, the name of the service, or the unique id.
    Caller,
    /// The account: in an `Allow` this only delegates to its IAM policies.
    Account,
    /// `*`.
    Everyone,
}

impl Naming {
    pub(crate) const ALL: [Self; 4] = [Self::Session, Self::Caller, Self::Account, Self::Everyone];
}

/// In which ways the statement names the caller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Namings(u8);

impl Namings {
    pub(crate) const NONE: Self = Self(0);
    /// For statements of policies without a `Principal`: they concern whom they are attached to.
    pub(crate) const CALLER: Self = Self(1 << Naming::Caller as u8);

    pub(crate) fn contains(self, naming: Naming) -> bool {
        self.0 & 1 << naming as u8 != 0
    }

    pub(crate) fn of(naming: Naming) -> Self {
        Self(1 << naming as u8)
    }

    pub(crate) fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// The ways in which a list of principals names the caller.
pub(crate) fn namings(principals: &[Principal], caller: &Caller) -> Namings {
    let each = principals.iter().filter_map(|principal| principal.names(caller));
    each.map(Namings::of).fold(Namings::NONE, Namings::union)
}

/// Whether `NotPrincipal` exempts the caller from a `Deny`: everything that the caller is
/// must be listed, the account included, since each is denied on its own. A principal with a
/// permissions boundary is denied whatever is listed.
///
/// AWS says of a list that lacks one that the service "might" deny; taken as a deny.
///
/// Source: [NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html)
pub(crate) fn exempts(principals: &[Principal], caller: &Caller) -> bool {
    let named = namings(principals, caller);
    let by_session = named.contains(Naming::Session);
    let by_account = named.contains(Naming::Account);
    let by_caller = named.contains(Naming::Caller);
    if caller.has_boundary {
        return false;
    }
    named.contains(Naming::Everyone)
        || match caller.identity {
            Identity::Root => by_account,
            Identity::User { .. } => by_caller && by_account,
            Identity::RoleSession { .. } | Identity::FederatedUser { .. } => {
                by_session && by_caller && by_account
            }
            Identity::Service => by_caller,
        }
}

impl Principal {
    /// How this principal names the caller, if it does. Letter case counts.
    pub(crate) fn names(&self, caller: &Caller) -> Option<Naming> {
        let when = |names: bool, naming| names.then_some(naming);
        match self {
            Self::Everyone => Some(Naming::Everyone),
            Self::Account(principal) => when(
                caller.account.is_some_and(|account| match principal.account {
                    Some(named) => named == account,
                    None => principal.id == account.id,
                }),
                Naming::Account,
            ),
            Self::UserOrRole(arn) => when(
                match &caller.identity {
                    Identity::User { .. } | Identity::RoleSession { .. } => **arn == caller.arn,
                    Identity::FederatedUser { issued_by, .. } => issued_by.as_deref() == Some(arn),
                    Identity::Root | Identity::Service => false,
                },
                Naming::Caller,
            ),
            Self::Session(arn) => when(caller.session_arn.as_deref() == Some(arn), Naming::Session),
            Self::UniqueId(id) => when(caller.unique_id.as_deref() == Some(id), Naming::Caller),
            Self::Service(name) => {
                when(caller.is_service() && **name == caller.arn, Naming::Caller)
            }
            Self::Federated(_) => None,
        }
    }

    /// The user, role, session, account root or service that it names; the bare digits of an account
    /// are taken to be of the partition `aws`.
    pub(crate) fn name(&self) -> Option<PrincipalName> {
        match self {
            Self::Account(AccountPrincipal { id, account }) => Some(PrincipalName::Root(
                account.unwrap_or(Account { partition: Partition::Aws, id: *id }),
            )),
            Self::UserOrRole(arn) | Self::Session(arn) => PrincipalName::parse(arn, None).ok(),
            Self::Service(name) => Some(PrincipalName::Service(name.to_string())),
            Self::Everyone | Self::UniqueId(_) | Self::Federated(_) => None,
        }
    }

    /// Whether this is nearly the caller: another spelling, path, account or session of it, or
    /// what is left of one that was deleted.
    pub(crate) fn is_nearly(&self, caller: &Caller) -> bool {
        let last = |text: &str| text.rsplit('/').next().unwrap_or(text).to_ascii_lowercase();
        match (self, &caller.identity) {
            (Self::UserOrRole(arn), _) => last(arn) == last(&caller.arn),
            (Self::Session(arn), Identity::RoleSession { role, .. }) => {
                arn.rsplit('/').nth(1).is_some_and(|named| named.eq_ignore_ascii_case(role))
            }
            (Self::Service(name), Identity::Service) => {
                name.split('.').next() == caller.arn.split('.').next()
            }
            (Self::UniqueId(id), Identity::User { .. }) => id.starts_with("AIDA"),
            (Self::UniqueId(id), Identity::RoleSession { .. }) => id.starts_with("AROA"),
            (
                Self::Everyone
                | Self::Account(_)
                | Self::Session(_)
                | Self::UniqueId(_)
                | Self::Service(_)
                | Self::Federated(_),
                _,
            ) => false,
        }
    }

    /// Reads a member of `{"AWS": …}`.
    pub(crate) fn of_aws(text: &str) -> Result<Self, ParsePrincipalError> {
        if text == "*" {
            return Ok(Self::Everyone);
        }
        if !text.starts_with("arn:") {
            if let Ok(id) = text.parse::<AccountId>() {
                return Ok(Self::Account(AccountPrincipal { id, account: None }));
            }
            return if is_unique_id(text) {
                Ok(Self::UniqueId(text.into()))
            } else {
                Err(ParsePrincipalError::Form(text.to_owned()))
            };
        }
        Ok(match PrincipalName::parse(text, None)? {
            PrincipalName::Root(account) => {
                Self::Account(AccountPrincipal { id: account.id, account: Some(account) })
            }
            PrincipalName::User(..) | PrincipalName::Role(..) => Self::UserOrRole(text.into()),
            PrincipalName::Session { .. } | PrincipalName::FederatedUser(..) => {
                Self::Session(text.into())
            }
            PrincipalName::Service(_) => return Err(ParsePrincipalError::Form(text.to_owned())),
        })
    }
}

/// Source: [Unique identifiers](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids)
fn is_unique_id(text: &str) -> bool {
    (8..=128).contains(&text.len())
        && ["AIDA", "AROA"].iter().any(|prefix| text.starts_with(prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// As it stands in a policy.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("*"),
            Self::Account(AccountPrincipal { account: Some(account), .. }) => {
                PrincipalName::Root(*account).fmt(f)
            }
            Self::Account(AccountPrincipal { id, account: None }) => id.fmt(f),
            Self::UserOrRole(text)
            | Self::Session(text)
            | Self::UniqueId(text)
            | Self::Service(text)
            | Self::Federated(text) => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> Account {
        Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() }
    }

    fn session() -> Caller {
        Caller {
            identity: Identity::RoleSession { role: "Web".into(), session: Some("s".into()) },
            account: Some(account()),
            arn: "arn:aws:iam::123456789012:role/app/Web".into(),
            session_arn: Some("arn:aws:sts::123456789012:assumed-role/Web/s".into()),
            unique_id: Some("AROAEXAMPLEEXAMPLE01".into()),
            has_boundary: false,
        }
    }

    #[test]
    fn a_session_is_named_by_itself_its_role_its_account_or_everyone() {
        let table = [
            ("*", Some(Naming::Everyone)),
            ("123456789012", Some(Naming::Account)),
            ("arn:aws:iam::123456789012:root", Some(Naming::Account)),
            ("arn:aws-cn:iam::123456789012:root", None),
            ("111122223333", None),
            ("arn:aws:iam::123456789012:role/app/Web", Some(Naming::Caller)),
            ("arn:aws:iam::123456789012:role/Web", None),
            ("arn:aws:iam::123456789012:role/app/web", None),
            ("arn:aws:sts::123456789012:assumed-role/Web/s", Some(Naming::Session)),
            ("arn:aws:sts::123456789012:assumed-role/Web/other", None),
            ("AROAEXAMPLEEXAMPLE01", Some(Naming::Caller)),
            ("AROAEXAMPLEEXAMPLE02", None),
        ];
        for (text, expected) in table {
            assert_eq!(Principal::of_aws(text).unwrap().names(&session()), expected, "{text}");
        }
    }

    #[test]
    fn not_principal_exempts_only_whom_it_lists_on_every_level() {
        let list = |texts: &[&str]| -> Vec<Principal> {
            texts.iter().map(|text| Principal::of_aws(text).unwrap()).collect()
        };
        let (root, role, session_arn) = (
            "123456789012",
            "arn:aws:iam::123456789012:role/app/Web",
            "arn:aws:sts::123456789012:assumed-role/Web/s",
        );
        assert!(exempts(&list(&[root, role, session_arn]), &session()));
        let bounded = Caller { has_boundary: true, ..session() };
        assert!(!exempts(&list(&[root, role, session_arn]), &bounded));
        for missing in [[root, role], [root, session_arn], [role, session_arn]] {
            assert!(!exempts(&list(&missing), &session()), "{missing:?}");
        }
        let user = Caller {
            identity: Identity::User { name: "deploy".into() },
            arn: "arn:aws:iam::123456789012:user/deploy".into(),
            session_arn: None,
            ..session()
        };
        assert!(exempts(&list(&[root, "arn:aws:iam::123456789012:user/deploy"]), &user));
        assert!(!exempts(&list(&["arn:aws:iam::123456789012:user/deploy"]), &user));
    }

    #[test]
    fn what_never_names_a_principal_is_refused() {
        for text in [
            "arn:aws:iam::123456789012:role/*",
            "arn:aws:iam::123456789012:group/x",
            "role/Web",
            "AROAshort",
            "logs.amazonaws.com",
            "12345678901",
        ] {
            assert!(Principal::of_aws(text).is_err(), "{text}");
        }
    }
}
