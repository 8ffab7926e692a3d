//! Questions of rules to the evaluator.

use std::sync::Arc;

use super::Subject;
use super::open::{in_each_region, leave_region};
use super::strange::STRANGE;
use crate::Truth;
use crate::environment::{
    Attached, Environment, Key, Knowledge, Principal, Question, builtin_policy,
};
use crate::evaluate::{Decision, Outcome, Rule, decide, explain, sides};
use crate::kms::Action;
use crate::policy::{Kind, Policy, Statement};
use crate::request::{Account, Context, ContextKey, Entry, PrincipalName};

const STRANGER: &str = "AnyRole";
/// The keys that tell one role from another, besides its tags.
const OF_IDENTITY: [&str; 2] = ["aws:PrincipalArn", "aws:userid"];

/// Somebody whom nobody listed, with an IAM policy that allows everything, in an environment.
#[derive(Debug)]
pub(crate) struct Asked {
    environment: Arc<Environment>,
    principal: String,
}

impl Subject {
    /// A role of an account that nobody has heard of.
    pub(crate) fn with_stranger(&self, like: Account) -> Option<Asked> {
        let id = STRANGE.parse().ok()?;
        let account = Account { partition: like.partition, id };
        self.with_unlisted(PrincipalName::Role(account, STRANGER.to_owned()))
    }

    /// A role of an account, about which nothing is said anywhere.
    pub(crate) fn with_any_role_of(&self, account: Account) -> Option<Asked> {
        self.with_unlisted(PrincipalName::Role(account, STRANGER.to_owned()))
    }

    /// A service, as itself.
    pub(crate) fn with_service(&self, name: &str) -> Asked {
        let environment = self
            .unlisted(name)
            .unwrap_or_else(|| self.keep_unlisted(name, self.environment().clone()));
        Asked { environment, principal: name.to_owned() }
    }

    /// A user or role of whatever account, with an IAM policy that allows everything.
    pub(crate) fn with_unlisted(&self, name: PrincipalName) -> Option<Asked> {
        let principal = name.to_string();
        if let Some(environment) = self.unlisted(&principal) {
            return Some(Asked { environment, principal });
        }
        let mut environment = self.environment().clone();
        let everything = builtin_policy("FullAWSAccess", Kind::Identity, None).ok()?;
        let identity_policies = vec![Attached::Policy(Arc::new(everything))];
        let unlisted =
            Principal { identity_policies, knowledge: Knowledge::Assumed, ..Principal::default() };
        environment.add_principal(name, unlisted);
        let environment = self.keep_unlisted(&principal, environment);
        Some(Asked { environment, principal })
    }
}

impl Asked {
    /// Whether it is a user of IAM.
    pub(crate) fn is_user(&self) -> bool {
        let is_one = |name| matches!(name, PrincipalName::User(..));
        PrincipalName::parse(&self.principal, None).is_ok_and(is_one)
    }

    /// Whether the call is allowed, with nothing said of it but who makes it.
    pub(super) fn is_allowed(&self, action: &'static Action, key: &Key) -> bool {
        in_each_region(self.question(action, key), key).iter().any(|question| {
            let request = self.environment.request(question);
            request.is_ok_and(|request| decide(&request).decision == Decision::Allowed)
        })
    }

    fn question(&self, action: &'static Action, key: &Key) -> Question {
        let mut question = Question::new(&self.principal, action);
        question.key = Some(key.arn());
        question
    }

    /// Whether the key policy lets the call be allowed, for some role of the account
    /// and some values of what the call leaves open.
    pub(crate) fn may_be_allowed(&self, action: &'static Action, key: &Key) -> bool {
        let question = self.question(action, key);
        let Ok(request) = self.environment.request(&question) else { return false };
        if request.stack.key_policy.is_none() || !action.needs_key() {
            return false;
        }
        let mut context = request.context.opened();
        leave_region(&mut context, key);
        for key in OF_IDENTITY {
            context.set(ContextKey::new(key), Entry::Unknown);
        }
        let sides = sides(&request, &context, &mut ());
        match Outcome::of(&sides, request.standing, request.rules).decision {
            Decision::Allowed | Decision::Undetermined => true,
            Decision::ExplicitDeny | Decision::ImplicitDeny => false,
        }
    }

    /// Whether the call may be allowed, and this statement apply to it, for some values of what
    /// `leave` leaves open.
    pub(crate) fn may_be_allowed_by(
        &self,
        action: &'static Action,
        key: &Key,
        statement: &Statement,
        leave: &dyn Fn(&mut Context),
    ) -> bool {
        if !action.needs_key() || !statement.covers_action(action) {
            return false;
        }
        let question = self.question(action, key);
        let Ok(request) = self.environment.request(&question) else { return false };
        let mut context = request.context.opened();
        leave_region(&mut context, key);
        leave(&mut context);
        let namings = statement.namings(&request.caller);
        let outcome = statement.outcome(namings, action, &request.resource, &context);
        let sides = sides(&request, &context, &mut ());
        let decision = Outcome::of(&sides, request.standing, request.rules).decision;
        outcome.truth() != Truth::False
            && matches!(decision, Decision::Allowed | Decision::Undetermined)
    }

    /// Whether the call is allowed, and by this statement; a call of which nothing is said but
    /// who makes it.
    pub(crate) fn is_allowed_by(
        &self,
        action: &'static Action,
        key: &Key,
        policy: &Arc<Policy>,
        statement: &Statement,
    ) -> bool {
        if !action.needs_key() || !statement.covers_action(action) {
            return false;
        }
        let is_it = |rule: Rule<'_>| match rule {
            Rule::Statement(of, it) => {
                std::ptr::eq(of, &raw const **policy) && it.index() == statement.index()
            }
            Rule::Grant(_) => false,
        };
        in_each_region(self.question(action, key), key).iter().any(|question| {
            let Ok(request) = self.environment.request(question) else { return false };
            // Most are not, and that is told quickly.
            decide(&request).decision == Decision::Allowed
                && explain(&request).decisive().any(|step| is_it(step.rule))
        })
    }
}
