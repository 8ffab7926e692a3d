//! Who might change a key policy, and the environment in which each of them is asked.

use std::sync::Arc;

use serde::Serialize;

use super::{AnalysisError, imagined};
use crate::environment::{
    Attached, Environment, Key, Knowledge, Manager, Principal, Question, QuestionError,
    QuestionPart, Request, Session, builtin_policy,
};
use crate::kms::{Action, Asked};
use crate::policy::{Effect, Kind, Policy, Statement};
use crate::report::{Detail, Reply, ask, principals_of};
use crate::request::{Account, Entry, PrincipalName, Rules};
use crate::text::Quoted;

/// How a principal comes to be considered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The environment describes it.
    Listed,
    /// The key policy, a grant or the question names it, and nothing else is known of it.
    Named,
    /// The root user of the key's account.
    RootUser,
    /// A role or user with an IAM policy that allows everything, whose ARN a condition of the
    /// key policy on `aws:PrincipalArn` is about. It need not exist.
    Like,
    /// A user or role that the environment, the key policy or the question names, with an IAM
    /// policy besides that allows everything.
    GivenIamPolicy,
    /// Any other user or role of the key's account with an IAM policy that allows everything.
    AnyOther,
}

impl Origin {
    /// Whether it stands for others, with an IAM policy that nobody wrote.
    pub(super) fn is_made_up(self) -> bool {
        matches!(self, Self::Like | Self::GivenIamPolicy | Self::AnyOther)
    }
}

/// Somebody who might change the key policy.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) name: PrincipalName,
    pub(super) origin: Origin,
    /// As a person speaks of it.
    pub(super) shown: String,
}

impl Candidate {
    pub(super) fn is_user(&self) -> bool {
        matches!(self.name, PrincipalName::User(..))
    }

    /// As it is called inside a sentence.
    fn spoken(&self) -> &str {
        match self.origin {
            Origin::AnyOther if self.is_user() => "any other user",
            Origin::AnyOther => "any other role",
            Origin::Listed
            | Origin::Named
            | Origin::RootUser
            | Origin::Like
            | Origin::GivenIamPolicy => &self.shown,
        }
    }
}

/// Those who might change the policy of a key, with the environments to ask about them.
#[derive(Clone, Debug)]
pub(super) struct Candidates {
    /// As it was given.
    environment: Environment,
    /// With those that it does not list.
    extended: Environment,
    /// The same, in which those that are known have an IAM policy besides.
    given: Environment,
    /// The ARN of the key.
    pub(super) arn: String,
    pub(super) account: Account,
    pub(super) region: String,
    pub(super) all: Vec<Candidate>,
    pub(super) warnings: Vec<String>,
    question: Question,
    asked: PrincipalName,
}

impl Candidates {
    /// Those of the key that `question` is about. Services are none, nor are the roles that
    /// only services can assume: nobody signs in as one.
    pub(super) fn of(
        environment: &Environment,
        question: &Question,
    ) -> Result<Self, AnalysisError> {
        let request = environment.request(question)?;
        let key = request.key.ok_or_else(|| wrong_key("expected a key, found none"))?;
        if key.manager == Manager::Aws {
            return Err(wrong_key(format!(
                "expected a customer managed key, found {}, whose policy only AWS changes",
                Quoted(&key.arn())
            ))
            .into());
        }
        let asked = PrincipalName::parse(&question.principal, environment.account)
            .map_err(|error| QuestionError::new(QuestionPart::Principal, error.to_string()))?;
        let mut candidates = Self {
            environment: environment.clone(),
            extended: environment.clone(),
            given: environment.clone(),
            arn: key.arn(),
            account: key.account,
            region: key.region.clone(),
            all: Vec::new(),
            warnings: Vec::new(),
            question: without_service(question),
            asked: asked.clone(),
        };
        candidates.add_known(environment, key, asked);
        candidates.add_imagined(&request)?;
        candidates.keep_those_that_can_be_asked()?;
        Ok(candidates)
    }

    fn add_known(&mut self, environment: &Environment, key: &Key, asked: PrincipalName) {
        let spelled = principals_of(environment, key);
        let known =
            spelled.iter().filter_map(|text| PrincipalName::parse(text, environment.account).ok());
        let federated = key.policy.known().into_iter().flat_map(Policy::principals);
        let federated = federated.filter(|name| matches!(name, PrincipalName::FederatedUser(..)));
        for name in known.chain(federated).chain([asked]) {
            let origin = match &name {
                PrincipalName::Root(of) if *of == key.account => Origin::RootUser,
                // A root user of another account, or who nobody can be.
                PrincipalName::Root(_) | PrincipalName::Service(_) => continue,
                name if is_service_linked(name) => continue,
                name if environment.principals().any(|(listed, _)| listed == name) => {
                    Origin::Listed
                }
                _ => Origin::Named,
            };
            if matches!(
                (&name, origin),
                (PrincipalName::User(..) | PrincipalName::Role(..), Origin::Named)
            ) {
                let unknown = Principal { knowledge: Knowledge::Assumed, ..Principal::default() };
                self.extended.add_principal(name.clone(), unknown);
            }
            let shown = shown(&name, key.account);
            self.add(Candidate { name, origin, shown });
        }
    }

    /// Principals with an IAM policy that allows everything: those that a condition tells from
    /// others, a role and a user that nothing tells, and those that are known.
    fn add_imagined(&mut self, request: &Request<'_>) -> Result<(), AnalysisError> {
        for told in imagined::told_from_others(request, self.account) {
            let shown = told.shown(self.account);
            self.imagine(Candidate { name: told.name, origin: Origin::Like, shown })?;
        }
        let account = self.account;
        let role = self.unlike_others("AnyOtherRole", |name| PrincipalName::Role(account, name));
        let user = self.unlike_others("AnyOtherUser", |name| PrincipalName::User(account, name));
        for name in [role, user] {
            let shown = "any other role or user with an IAM policy that allows it".to_owned();
            self.imagine(Candidate { name, origin: Origin::AnyOther, shown })?;
        }
        self.give_iam_policies()
    }

    fn unlike_others(&self, name: &str, of: impl Fn(String) -> PrincipalName) -> PrincipalName {
        let mut name = name.to_owned();
        while self.knows(&of(name.clone())) {
            name.push('X');
        }
        of(name)
    }

    fn give_iam_policies(&mut self) -> Result<(), AnalysisError> {
        self.given = self.extended.clone();
        let is_known = |it: &&Candidate| !it.origin.is_made_up() && is_of(&it.name, self.account);
        let known: Vec<Candidate> = self.all.iter().filter(is_known).cloned().collect();
        for candidate in known {
            let found = self.given.principals().find(|(name, _)| **name == candidate.name);
            let mut principal = found.map(|(_, it)| it.clone()).unwrap_or_default();
            principal.identity_policies.push(everything()?);
            self.given.add_principal(candidate.name.clone(), principal);
            self.all.push(Candidate { origin: Origin::GivenIamPolicy, ..candidate });
        }
        Ok(())
    }

    fn imagine(&mut self, candidate: Candidate) -> Result<(), AnalysisError> {
        if self.knows(&candidate.name) || is_service_linked(&candidate.name) {
            return Ok(());
        }
        let principal = Principal {
            identity_policies: vec![everything()?],
            knowledge: Knowledge::Assumed,
            ..Principal::default()
        };
        self.extended.add_principal(candidate.name.clone(), principal);
        self.add(candidate);
        Ok(())
    }

    fn knows(&self, name: &PrincipalName) -> bool {
        self.all.iter().any(|known| known.name == *name)
            || self.extended.principals().any(|(known, _)| known == name)
    }

    fn add(&mut self, candidate: Candidate) {
        if !self.all.iter().any(|known| known.name == candidate.name) {
            self.all.push(candidate);
        }
    }

    /// Whom a key policy names may be a session of one of several roles; that is told, and no
    /// reason to tell nothing.
    fn keep_those_that_can_be_asked(&mut self) -> Result<(), QuestionError> {
        let put = put_key_policy()?;
        let mut kept = Vec::new();
        for candidate in std::mem::take(&mut self.all) {
            let question = self.question(&candidate, put, Rules::Aws);
            match self.environment_of(&candidate).request(&question) {
                Ok(_) => kept.push(candidate),
                Err(error) if candidate.name == self.asked => return Err(error),
                Err(_) if candidate.origin.is_made_up() => {}
                Err(error) => self.warnings.push(format!("{}: {error}", candidate.shown)),
            }
        }
        self.all = kept;
        Ok(())
    }

    /// The question about one of them. What was said of a session is said of the principal
    /// that was asked about, and what was said of parameters of `PutKeyPolicy`.
    pub(super) fn question(
        &self,
        candidate: &Candidate,
        action: &'static Action,
        rules: Rules,
    ) -> Question {
        let mut question = self.question.clone();
        if candidate.name != self.asked {
            question.session = Session::default();
        }
        if question.action != action {
            question.parameters = crate::environment::Parameters::default();
        }
        question.principal = candidate.name.to_string();
        question.key = Some(self.arn.clone());
        question.action = action;
        question.rules = Some(rules);
        question
    }

    pub(super) fn ask(&self, candidate: &Candidate, rules: Rules) -> Result<Reply, QuestionError> {
        let put = put_key_policy()?;
        let question = self.question(candidate, put, rules);
        let mut reply = ask(
            self.environment_of(candidate),
            Asked::Permission(put),
            &question,
            Detail::Reasons,
        )?;
        let answer = &mut reply.answer;
        answer.reason = answer.reason.replace("the caller", candidate.spoken());
        // Who was made up has a name that nobody knows.
        if candidate.origin.is_made_up() {
            let made_up = shown(&candidate.name, self.account);
            let speak = |text: &mut String| *text = text.replace(&made_up, candidate.spoken());
            speak(&mut answer.reason);
            answer.warnings.iter_mut().for_each(speak);
        }
        Ok(reply)
    }

    /// Whether a policy or grant gives a principal the use of the key, under whatever condition.
    pub(super) fn uses_key(&self, name: &PrincipalName) -> bool {
        let of_key = self.policy().into_iter().flat_map(Policy::statements);
        let by_name = of_key.filter(|it| it.principals().any(|named| named == *name));
        let principal = self.environment.principals().find(|(known, _)| *known == name);
        let own = principal.into_iter().flat_map(|(_, it)| &it.identity_policies);
        let own = own.filter_map(|it| Some(it.known()?.statements())).flatten();
        let mut grantees = self.key().into_iter().flat_map(|key| key.grants.iter());
        by_name.chain(own).any(gives_use)
            || grantees.any(|grant| grant.grantee.arn() == Some(&name.to_string()))
    }

    /// The key policy, if it is known.
    pub(super) fn policy(&self) -> Option<&Policy> {
        self.key()?.policy.known()
    }

    pub(super) fn key(&self) -> Option<&Key> {
        self.environment.keys().iter().find(|key| key.arn() == self.arn)
    }

    /// The environment in which one of them is asked. The role behind a session is looked up
    /// by its name, and must not be found among those that were added.
    pub(super) fn environment_of(&self, candidate: &Candidate) -> &Environment {
        match candidate.name {
            _ if candidate.origin == Origin::GivenIamPolicy => &self.given,
            PrincipalName::User(..) | PrincipalName::Role(..) => &self.extended,
            _ => &self.environment,
        }
    }

    /// The same, with another policy on the key.
    pub(super) fn with_policy(&self, policy: Policy) -> Self {
        let mut other = self.clone();
        let attached = Attached::Policy(Arc::new(policy));
        for environment in [&mut other.environment, &mut other.extended, &mut other.given] {
            for key in environment.keys_mut().iter_mut().filter(|key| key.arn() == self.arn) {
                key.policy = attached.clone();
            }
        }
        other
    }
}

/// The action that everything here turns on.
fn gives_use(statement: &Statement) -> bool {
    let is_use = |action: &Action| action.cryptographic && statement.covers_action(action);
    statement.effect() == Effect::Allow && Action::all().iter().any(is_use)
}

pub(super) fn put_key_policy() -> Result<&'static Action, QuestionError> {
    Action::parse("kms:PutKeyPolicy")
        .map_err(|error| QuestionError::new(QuestionPart::Parameters, error.to_string()))
}

pub(super) fn wrong_key(message: impl Into<String>) -> QuestionError {
    QuestionError::new(QuestionPart::Key, message)
}

/// A name as short as it can be in the key's account.
pub(super) fn shown(name: &PrincipalName, account: Account) -> String {
    match name {
        PrincipalName::Root(of) if *of == account => "the root user".to_owned(),
        PrincipalName::User(of, path) if *of == account => format!("user/{path}"),
        PrincipalName::Role(of, path) if *of == account => format!("role/{path}"),
        PrincipalName::Session { account: of, role, session } if *of == account => {
            format!("assumed-role/{role}/{session}")
        }
        name => name.to_string(),
    }
}

/// An IAM policy that allows everything.
pub(super) fn everything() -> Result<Attached, QuestionError> {
    let policy = builtin_policy("FullAWSAccess", Kind::Identity, None)
        .map_err(|error| QuestionError::new(QuestionPart::Principal, error))?;
    Ok(Attached::Policy(Arc::new(policy)))
}

/// No service changes a key policy for somebody else, so no such call carries
/// `kms:ViaService`, unless the question says that it does.
fn without_service(question: &Question) -> Question {
    const KEY: &str = "kms:ViaService";
    let mut question = question.clone();
    let is_given = question.context.iter().any(|(name, _)| name.eq_ignore_ascii_case(KEY));
    if !is_given && question.via.is_none() {
        question.context.push((KEY.to_owned(), Entry::Absent));
    }
    question
}

/// Whether it is a user or role of an account.
fn is_of(name: &PrincipalName, account: Account) -> bool {
    matches!(name, PrincipalName::User(of, _) | PrincipalName::Role(of, _) if *of == account)
}

/// Roles that only the service can assume that they are linked to.
fn is_service_linked(name: &PrincipalName) -> bool {
    matches!(name, PrincipalName::Role(_, path) if path.starts_with("aws-service-role/"))
}
