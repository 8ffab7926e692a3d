//! What a fix would allow besides what it is for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::draft::Draft;
use super::edit::AlsoAllowed;
use crate::environment::{
    Attached, Environment, Key, Knowledge, Parameters, Principal, Question, Session,
    builtin_policy, default_key_policy,
};
use crate::evaluate::{Decision, decide};
use crate::kms::Action;
use crate::policy::Kind;
use crate::report::principals_of;
use crate::request::{Account, PrincipalName};

/// A role that nobody listed, whose IAM policy allows everything: what it can do, everybody can
/// whom an administrator of IAM lets.
const UNLISTED: &str = "role/AnyOtherRole";
const FOREIGN: &str = "999988887777";
const OTHER_KEY: &str = "00000000-0000-4000-8000-000000000000";

/// So many principals are surveyed at most, whom the environment lists and the key policy names
/// before grantees; fewer in a large environment, for a key can have 50,000 grants.
const SURVEYED: usize = 60;

/// All actions for everybody known and for some whom nobody knows, on the keys that are asked
/// about and on one more.
#[derive(Debug)]
pub(super) struct Survey {
    principals: BTreeSet<PrincipalName>,
    strangers: Vec<PrincipalName>,
    keys: Vec<Option<String>>,
    other: Option<Key>,
    asked: Option<PrincipalName>,
    /// The accounts of the keys, whose IAM is not needed where a key policy names the caller.
    owners: BTreeSet<Account>,
    /// How many are known and not surveyed.
    left_out: usize,
}

impl Survey {
    /// Who is surveyed is who is known before anything is changed.
    pub(super) fn of(
        environment: &Environment,
        question: &Question,
        keys: &BTreeSet<String>,
        weight: usize,
    ) -> Self {
        let asked = PrincipalName::parse(&question.principal, environment.account).ok();
        let surveyed = (SURVEYED / weight).max(3);
        let mut principals: BTreeSet<PrincipalName> = asked.clone().into_iter().collect();
        let mut accounts: BTreeSet<Account> = environment.account.into_iter().collect();
        let mut owners = BTreeSet::new();
        let mut left_out = 0;
        for key in environment.keys().iter().filter(|key| keys.contains(&key.arn())) {
            accounts.insert(key.account);
            owners.insert(key.account);
            let named = principals_of(environment, key);
            left_out += named.len().saturating_sub(surveyed);
            let parse = |text: &String| PrincipalName::parse(text, environment.account).ok();
            principals.extend(named.iter().take(surveyed).filter_map(parse));
        }
        accounts.extend(principals.iter().filter_map(PrincipalName::account));
        let home = asked.as_ref().and_then(PrincipalName::account).or(environment.account);
        let partition = home.map(|account| account.partition).unwrap_or_default();
        let foreign = FOREIGN.parse().ok().map(|id| Account { partition, id });
        let stranger = |account| PrincipalName::parse(UNLISTED, Some(account)).ok();
        let other = home.and_then(|account| {
            let policy = Attached::Policy(default_key_policy(account).ok()?.into());
            Key::new(account, &environment.region, OTHER_KEY, policy).ok()
        });
        let other_arn = other.as_ref().map(Key::arn);
        Self {
            principals,
            strangers: accounts.into_iter().chain(foreign).filter_map(stranger).collect(),
            keys: keys.iter().cloned().chain(other_arn).map(Some).chain([None]).collect(),
            other,
            asked,
            owners,
            left_out,
        }
    }

    /// That not everybody was surveyed, if so.
    pub(super) fn warning(&self) -> Option<String> {
        let left_out = self.left_out;
        (left_out > 0).then(|| {
            format!("what else a fix would allow was not tried for {left_out} principals of this large environment")
        })
    }

    /// What is allowed in a draft, called as it is asked, and without what is particular in that;
    /// and what could be, by an IAM policy more: for those whom nobody listed, and for those of
    /// other accounts, which could give them one.
    ///
    /// Source: [Allowing users in other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
    pub(super) fn allowed(&self, draft: &Draft) -> BTreeSet<AlsoAllowed> {
        let mut environment = draft.environment.clone();
        if let Some(key) = &self.other {
            // One that is there already is as good.
            let _ = environment.add_key(key.clone());
        }
        let before = self.give_iam_policies(&mut environment);
        let mut with_iam = BTreeSet::new();
        for asked in calls(&draft.question) {
            for name in self.principals.iter().chain(&self.strangers) {
                self.add(&environment, self.question(&asked, name), &mut with_iam);
            }
        }
        for (name, principal) in before.into_iter().rev() {
            environment.add_principal(name, principal);
        }
        let others: BTreeMap<String, &PrincipalName> =
            self.others().map(|name| (name.to_string(), name)).collect();
        let calls = calls(&draft.question);
        let needs_iam = |row: &AlsoAllowed| {
            let name = others.get(&row.principal);
            let is_allowed = |name, asked| self.is_allowed(&environment, asked, name, row);
            name.is_some_and(|name| !calls.iter().any(|asked| is_allowed(name, asked)))
        };
        let row = |row| AlsoAllowed { once_iam_allows: needs_iam(&row), ..row };
        with_iam.into_iter().map(row).collect()
    }

    fn is_allowed(
        &self,
        environment: &Environment,
        asked: &Question,
        name: &PrincipalName,
        row: &AlsoAllowed,
    ) -> bool {
        let mut question = self.question(asked, name);
        question.key.clone_from(&row.key);
        let Ok(action) = Action::parse(row.action) else { return false };
        question.action = action;
        is_allowed(environment, &question)
    }

    /// Tells what the others had before.
    fn give_iam_policies(&self, environment: &mut Environment) -> Vec<(PrincipalName, Principal)> {
        let everything = builtin_policy("FullAWSAccess", Kind::Identity, None).map(Arc::new);
        let mut before = Vec::new();
        for name in self.others() {
            let known = environment.principals().find(|(known, _)| *known == name);
            let unlisted = || Principal { knowledge: Knowledge::Assumed, ..Principal::default() };
            let had = known.map_or_else(unlisted, |(_, it)| it.clone());
            let mut principal = had.clone();
            principal.identity_policies.extend(everything.iter().cloned().map(Attached::Policy));
            environment.add_principal(name.clone(), principal);
            before.push((name.clone(), had));
        }
        before
    }

    /// Those who could be given an IAM policy more.
    fn others(&self) -> impl Iterator<Item = &PrincipalName> {
        let is_foreign = |name: &&PrincipalName| {
            let account = name.account();
            account.is_some_and(|account| !self.owners.contains(&account))
                && matches!(name, PrincipalName::User(..) | PrincipalName::Role(..))
        };
        self.strangers.iter().chain(self.principals.iter().filter(is_foreign))
    }

    fn question(&self, asked: &Question, name: &PrincipalName) -> Question {
        let mut question = asked.clone();
        if self.asked.as_ref() != Some(name) {
            question.session = Session::default();
        }
        question.principal = name.to_string();
        question
    }

    fn add(
        &self,
        environment: &Environment,
        mut question: Question,
        allowed: &mut BTreeSet<AlsoAllowed>,
    ) {
        for key in &self.keys {
            question.key.clone_from(key);
            for action in Action::all().iter().filter(|it| it.needs_key() == key.is_some()) {
                question.action = action;
                if is_allowed(environment, &question) {
                    allowed.insert(AlsoAllowed {
                        principal: question.principal.clone(),
                        action: action.name,
                        key: key.clone(),
                        once_iam_allows: false,
                    });
                }
            }
        }
    }
}

fn is_allowed(environment: &Environment, question: &Question) -> bool {
    let decision = environment.request(question).map(|it| decide(&it).decision);
    decision == Ok(Decision::Allowed)
}

fn calls(question: &Question) -> Vec<Question> {
    let mut asked = question.clone();
    asked.destination_key = None;
    asked.parameters = Parameters::default();
    let mut plain = Question::new(&question.principal, question.action);
    plain.at = question.at.clone();
    plain.rules = question.rules;
    let is_plain = question.via.is_none()
        && question.vpc_endpoint.is_none()
        && question.context.is_empty()
        && question.encryption_context.is_none()
        && question.session.policies.is_none()
        && question.session.name.is_none();
    if is_plain { vec![asked] } else { vec![asked, plain] }
}
