use std::collections::BTreeSet;

use super::{Environment, Knowledge, Principal, Question, QuestionError, QuestionPart};
use crate::policy::Policy;

use crate::request::{Account, Caller, Identity, ParsePrincipalError, PrincipalName};
use crate::text::{Quoted, did_you_mean};

/// A caller, and what the environment knows of the user or role behind it.
#[derive(Debug)]
pub(super) struct Resolved<'e> {
    pub(super) caller: Caller,
    pub(super) principal: Option<&'e Principal>,
}

pub(super) fn resolve<'e>(
    environment: &'e Environment,
    question: &Question,
    warnings: &mut Vec<String>,
) -> Result<Resolved<'e>, QuestionError> {
    let name = parse(environment, &question.principal, QuestionPart::Principal)?;
    check_session(question, &name)?;
    let session = question.session.name.clone();
    match name {
        PrincipalName::Role(account, path) => {
            let name = PrincipalName::Role(account, path);
            let principal = known(environment, question, &name, warnings)?;
            Ok(role_session(account, &name, session, principal))
        }
        PrincipalName::Session { account, role, session } => {
            let name = role_of_session(environment, account, &role)?;
            let principal = known(environment, question, &name, warnings)?;
            let is_described = |principal: &Principal| principal.knowledge == Knowledge::Described;
            if !principal.is_some_and(is_described) {
                warnings.push(format!(
                    "the ARN of a session does not say the path of its role; it is taken to be {name}"
                ));
            }
            Ok(role_session(account, &name, Some(session), principal))
        }
        PrincipalName::User(account, path) => {
            let name = PrincipalName::User(account, path.clone());
            let principal = known(environment, question, &name, warnings)?;
            let user = last_segment(&path).to_owned();
            let caller = Caller {
                identity: Identity::User { name: user },
                account: Some(account),
                arn: name.to_string(),
                session_arn: None,
                unique_id: principal.and_then(|principal| principal.id.clone()),
                has_boundary: has_boundary(principal),
            };
            Ok(Resolved { caller, principal })
        }
        PrincipalName::FederatedUser(account, name) => {
            federated_user(environment, question, account, name, warnings)
        }
        PrincipalName::Root(account) => {
            let arn = PrincipalName::Root(account).to_string();
            Ok(without_policies(Identity::Root, Some(account), arn))
        }
        PrincipalName::Service(name) => Ok(without_policies(Identity::Service, None, name)),
    }
}

fn parse(
    environment: &Environment,
    text: &str,
    part: QuestionPart,
) -> Result<PrincipalName, QuestionError> {
    PrincipalName::parse(text, environment.account).map_err(|error| {
        let help = match &error {
            ParsePrincipalError::Account(_) => {
                Some("say which with `--account`, or give the ARN".to_owned())
            }
            ParsePrincipalError::Arn { .. } | ParsePrincipalError::Form(_) => {
                let short: Vec<String> = spellings(environment);
                did_you_mean(text, short.iter().map(String::as_str))
            }
        };
        QuestionError::new(part, error.to_string()).with_help(help)
    })
}

/// Only sessions have a name or tags, and a session's ARN has its name already.
fn check_session(question: &Question, name: &PrincipalName) -> Result<(), QuestionError> {
    let session = &question.session;
    let wrong = |message: String| Err(QuestionError::new(QuestionPart::Session, message));
    match (name, &session.name) {
        (PrincipalName::Session { session: named, .. }, Some(other)) if named != other => {
            wrong(format!(
                "expected the session name {} of the ARN, found {}",
                Quoted(named),
                Quoted(other)
            ))
        }
        (PrincipalName::Role(..) | PrincipalName::Session { .. }, Some(name))
            if !crate::request::is_name(name) =>
        {
            wrong(format!(
                "expected a session name of letters, digits and `_+=,.@-`, found {}",
                Quoted(name)
            ))
        }
        (
            PrincipalName::Root(_)
            | PrincipalName::User(..)
            | PrincipalName::FederatedUser(..)
            | PrincipalName::Service(_),
            Some(_),
        ) => wrong(format!(
            "expected a session name for a role only, found one for {}",
            Quoted(&question.principal)
        )),
        (PrincipalName::FederatedUser(..), None) => Ok(()),
        _ if session.issued_by.is_some() => wrong(format!(
            "expected `issued_by` for a federated user only, found it for {}",
            Quoted(&question.principal)
        )),
        (PrincipalName::Role(..) | PrincipalName::Session { .. }, _) => Ok(()),
        (PrincipalName::Root(_) | PrincipalName::User(..) | PrincipalName::Service(_), None)
            if session.mfa == Some(true) || !session.tags.is_empty() =>
        {
            wrong(format!(
                "expected tags and a second factor for sessions only, found them for {}",
                Quoted(&question.principal)
            ))
        }
        (PrincipalName::Root(_) | PrincipalName::User(..) | PrincipalName::Service(_), None) => {
            Ok(())
        }
    }
}

/// What the environment knows of a user or role. One that is not there has no identity
/// policies if it is named by its ARN; a short name that is not there is a mistake.
fn known<'e>(
    environment: &'e Environment,
    question: &Question,
    name: &PrincipalName,
    warnings: &mut Vec<String>,
) -> Result<Option<&'e Principal>, QuestionError> {
    known_by(environment, &question.principal, name, QuestionPart::Principal, warnings)
}

fn known_by<'e>(
    environment: &'e Environment,
    text: &str,
    name: &PrincipalName,
    part: QuestionPart,
    warnings: &mut Vec<String>,
) -> Result<Option<&'e Principal>, QuestionError> {
    if let Some(principal) = environment.principals.get(name) {
        return Ok(Some(principal));
    }
    if text.starts_with("arn:") {
        warnings.push(format!(
            "{name} is not in the environment: it is taken to have no identity policies"
        ));
        return Ok(None);
    }
    let short: Vec<String> = spellings(environment);
    let listed = short.iter().map(|name| Quoted(name).to_string()).collect::<Vec<_>>().join(", ");
    let in_another_account = short.iter().find(|name| name.ends_with(&format!(":{text}")));
    let meant = in_another_account
        .map(|name| format!("did you mean {}?", Quoted(name)))
        .or_else(|| did_you_mean(text, short.iter().map(String::as_str)));
    let help = meant.unwrap_or_else(|| {
        let listed = if listed.is_empty() { "none" } else { &listed };
        format!(
            "the environment has {listed}; ask about another by its ARN, {}",
            Quoted(&name.to_string())
        )
    });
    Err(QuestionError::new(
        part,
        format!("expected a principal of the environment, found {}", Quoted(text)),
    )
    .with_help(Some(help)))
}

/// The role behind a session, whose ARN does not say the role's path: the one of that name
/// in the environment, else the one that a key policy names, else one without a path.
fn role_of_session(
    environment: &Environment,
    account: Account,
    role: &str,
) -> Result<PrincipalName, QuestionError> {
    let is_same = |name: &PrincipalName| matches!(name, PrincipalName::Role(of, path) if *of == account && last_segment(path) == role);
    let listed = environment.principals().map(|(name, _)| name.clone()).filter(is_same);
    let mut candidates: BTreeSet<PrincipalName> = listed.collect();
    if candidates.is_empty() {
        let named = environment.keys().iter().filter_map(|key| key.policy.known());
        let grants = environment.keys().iter().flat_map(|key| key.grants.iter());
        let grantees =
            grants.flat_map(|grant| std::iter::once(&grant.grantee).chain(&grant.retiring));
        let by_grants = grantees.filter_map(super::Grantee::name);
        candidates = named.flat_map(Policy::principals).chain(by_grants).filter(is_same).collect();
    }
    let mut several = candidates.into_iter();
    match (several.next(), several.next()) {
        (None, _) => Ok(PrincipalName::Role(account, role.to_owned())),
        (Some(only), None) => Ok(only),
        (Some(first), Some(second)) => Err(QuestionError::new(
            QuestionPart::Principal,
            format!("expected one role of the name {}, found {first} and {second}", Quoted(role)),
        )
        .with_help(Some("name the role by its ARN, and the session apart from it"))),
    }
}

/// The user or role whose identity policies count for the principal that a question names.
pub(super) fn holder(
    environment: &Environment,
    question: &Question,
) -> Result<PrincipalName, QuestionError> {
    match parse(environment, &question.principal, QuestionPart::Principal)? {
        PrincipalName::Session { account, role, .. } => {
            role_of_session(environment, account, &role)
        }
        name @ (PrincipalName::User(..) | PrincipalName::Role(..)) => Ok(name),
        PrincipalName::FederatedUser(..) => match &question.session.issued_by {
            Some(user) => parse(environment, user, QuestionPart::Session),
            None => Err(QuestionError::new(
                QuestionPart::Session,
                "expected the user behind the federated user, whose identity policies count, found none",
            )),
        },
        PrincipalName::Root(_) | PrincipalName::Service(_) => Err(QuestionError::new(
            QuestionPart::Principal,
            format!(
                "expected no identity policy for {}, which has none",
                Quoted(&question.principal)
            ),
        )),
    }
}

fn role_session<'e>(
    account: Account,
    name: &PrincipalName,
    session: Option<String>,
    principal: Option<&'e Principal>,
) -> Resolved<'e> {
    let arn = name.to_string();
    let role = last_segment(&arn).to_owned();
    let session_arn = session.as_ref().map(|session| {
        PrincipalName::Session { account, role: role.clone(), session: session.clone() }.to_string()
    });
    let caller = Caller {
        identity: Identity::RoleSession { role, session },
        account: Some(account),
        arn,
        session_arn,
        unique_id: principal.and_then(|principal| principal.id.clone()),
        has_boundary: has_boundary(principal),
    };
    Resolved { caller, principal }
}

fn has_boundary(principal: Option<&Principal>) -> bool {
    principal.is_some_and(|principal| principal.permissions_boundary.is_some())
}

fn federated_user<'e>(
    environment: &'e Environment,
    question: &Question,
    account: Account,
    name: String,
    warnings: &mut Vec<String>,
) -> Result<Resolved<'e>, QuestionError> {
    let arn = PrincipalName::FederatedUser(account, name.clone()).to_string();
    let issuer = match &question.session.issued_by {
        None => {
            warnings.push(
                "nothing says which user issued the federated session: it has no identity policies"
                    .into(),
            );
            None
        }
        Some(issuer) => match parse(environment, issuer, QuestionPart::Session)? {
            user @ PrincipalName::User(of, _) if of == account => {
                known_by(environment, issuer, &user, QuestionPart::Session, warnings)?;
                Some(user)
            }
            other => {
                return Err(QuestionError::new(
                    QuestionPart::Session,
                    format!(
                        "expected a user of account {} behind the federated user, found {}",
                        account.id,
                        Quoted(&other.to_string())
                    ),
                ));
            }
        },
    };
    let principal = issuer.as_ref().and_then(|issuer| environment.principals.get(issuer));
    let issued_by = issuer.map(|issuer| issuer.to_string());
    let caller = Caller {
        identity: Identity::FederatedUser { name, issued_by },
        account: Some(account),
        session_arn: Some(arn.clone()),
        arn,
        unique_id: None,
        has_boundary: has_boundary(principal),
    };
    Ok(Resolved { caller, principal })
}

fn without_policies<'e>(identity: Identity, account: Option<Account>, arn: String) -> Resolved<'e> {
    let caller =
        Caller { identity, account, arn, session_arn: None, unique_id: None, has_boundary: false };
    Resolved { caller, principal: None }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How a question may name the principals of an environment: by a short name in its own
/// account, by the ARN in others.
fn spellings(environment: &Environment) -> Vec<String> {
    let spelling = |name: &PrincipalName| match name {
        PrincipalName::User(account, path) if environment.account == Some(*account) => {
            format!("user/{path}")
        }
        PrincipalName::Role(account, path) if environment.account == Some(*account) => {
            format!("role/{path}")
        }
        name => name.to_string(),
    };
    environment.principals().map(|(name, _)| spelling(name)).collect()
}
