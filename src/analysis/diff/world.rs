//! A version as it is asked about one key.

use super::askers::{Asker, Mode, OF_ACCOUNT, Who, with_iam};
use super::unknown::{Taken, has_unknown, resolved};
use super::version::Version;
use crate::environment::{Attached, Environment, Key, Question};
use crate::kms::Action;
use crate::policy::Kind;
use crate::request::{Account, Entry, PrincipalName};

/// What stands for any endpoint, in the environment around the policy of one.
const ENDPOINT: &str = "the-endpoint";

/// A version as it is asked about one key, or about what has no key.
#[derive(Debug)]
pub(super) struct World<'e> {
    version: &'e Version<'e>,
    key: Option<String>,
    owner: Account,
    /// Whether nothing says the Region, in this version or in the other.
    is_region_open: bool,
    /// With what is not known in it.
    pub(super) ground: Environment,
    /// With policies that are not known taken for the least that they can be.
    pub(super) least: Modes,
    /// And for the most, if there are any.
    pub(super) most: Option<Modes>,
}

/// An environment for each way of asking.
#[derive(Debug)]
pub(super) struct Modes {
    as_is: Environment,
    with_iam: Environment,
}

impl Modes {
    fn of(environment: Environment, askers: &[Asker], owner: Account) -> Self {
        Self { with_iam: with_iam(&environment, askers, owner), as_is: environment }
    }

    pub(super) fn of_mode(&self, mode: Mode) -> &Environment {
        match mode {
            Mode::AsIs => &self.as_is,
            Mode::WithIam => &self.with_iam,
        }
    }
}

impl<'e> World<'e> {
    pub(super) fn of(
        version: &'e Version<'e>,
        ground: Environment,
        other: &Environment,
        (key, owner): (Option<&Key>, Account),
        askers: &[Asker],
    ) -> Self {
        let modes = |taken| Modes::of(resolved(&ground, other, taken), askers, owner);
        Self {
            least: modes(Taken::Least),
            most: has_unknown(&ground).then(|| modes(Taken::Most)),
            is_region_open: version.policy.is_some_and(|it| it.kind() == Kind::Key)
                || is_region_assumed(&ground)
                || is_region_assumed(other),
            version,
            key: key.map(Key::arn),
            owner,
            ground,
        }
    }

    /// Asks for nothing but who calls what; what was made up stays open.
    pub(super) fn question(&self, asker: &Asker, action: &'static Action) -> Question {
        let mut question = Question::new(asker.name.to_string(), action);
        question.key.clone_from(&self.key);
        let mut leave_open = |key: &str| question.context.push((key.to_owned(), Entry::Unknown));
        if self.is_region_open {
            leave_open("aws:RequestedRegion");
        }
        if !self.version.is_account_said && asker.name.account() == Some(self.owner) {
            for key in OF_ACCOUNT {
                leave_open(key);
            }
        }
        let is_service = matches!(asker.name, PrincipalName::Service(_));
        match (self.version.kind(), self.version.policy) {
            (Some(Kind::VpcEndpoint), _) if !is_service => {
                question.vpc_endpoint = Some(ENDPOINT.to_owned());
            }
            (Some(Kind::Session), Some(policy)) if matches!(asker.who, Who::Holder(_)) => {
                question.session.policies = Some(vec![Attached::Policy(policy.clone())]);
            }
            _ => {}
        }
        question
    }
}

fn is_region_assumed(environment: &Environment) -> bool {
    environment.keys().iter().any(|key| key.is_region_assumed)
}

/// The environment with that key alone, or without keys, and with those principals that count.
pub(super) fn narrowed(
    environment: &Environment,
    key: Option<&Key>,
    counts: impl Fn(&PrincipalName) -> bool,
) -> Environment {
    let region = environment.region.as_str();
    let mut narrowed = Environment::new(environment.account, region);
    narrowed.rules = environment.rules;
    narrowed.organization.clone_from(&environment.organization);
    narrowed.vpc_endpoints.clone_from(&environment.vpc_endpoints);
    for (name, principal) in environment.principals().filter(|(name, _)| counts(name)) {
        narrowed.add_principal(name.clone(), principal.clone());
    }
    if let Some(key) = key {
        // It is the only one.
        let _ = narrowed.add_key(key.clone());
    }
    narrowed
}
