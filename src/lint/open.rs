//! Whether a statement can apply at all, whatever a call carries that nothing fixes.

use super::subject::known;
use super::{Given, Seat};
use crate::Truth;
use crate::arn;
use crate::environment::{Key, Question, Request};
use crate::evaluate::{Decision, Outcome as Decided, sides};
use crate::kms::Action;
use crate::policy::{Condition, Effect, Outcome, Statement, StatementPrincipal};
use crate::request::{Account, Context, ContextKey, Entry, PrincipalName};

/// Who stands for the users and roles of an account.
const ANYBODY: &str = "Anybody";
/// The keys that tell one user, role or session of an account from another.
const OF_IDENTITY: [&str; 4] =
    ["aws:PrincipalArn", "aws:PrincipalType", "aws:userid", "aws:username"];
/// What a user has who opened a session, and not otherwise.
const OF_SESSION: [&str; 3] =
    ["aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:TokenIssueTime"];
/// What follows from which key a call is for, and how it is named.
const OF_KEY: [&str; 3] = [REGION, "aws:ResourceAccount", "kms:RequestAlias"];
/// The key that tells in which Region a call is made, which is that of the key.
const REGION: &str = "aws:RequestedRegion";

/// Somebody whom a statement may be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Asker {
    name: PrincipalName,
    is_anybody: bool,
}

impl Asker {
    /// Whom a principal of a statement can be; none for what names nobody, or everybody.
    pub(crate) fn of(principal: &StatementPrincipal) -> Vec<Self> {
        let alone = |name| vec![Self { name, is_anybody: false }];
        match principal.name() {
            None => Vec::new(),
            Some(PrincipalName::Root(account)) => {
                let mut askers = Self::of_account(account);
                askers.extend(alone(PrincipalName::Root(account)));
                askers
            }
            Some(name) => alone(name),
        }
    }

    /// Whom a principal of a statement can be of accounts other than the key's, each with those
    /// of it; of everybody those whose account a condition names.
    pub(crate) fn foreign(
        principal: &StatementPrincipal,
        statement: &Statement,
        key: &Key,
    ) -> Vec<(Account, Vec<Self>)> {
        if *principal == StatementPrincipal::Everyone {
            let named = named_in_conditions(statement, key).into_iter();
            return named.map(|account| (account, Self::of_account(account))).collect();
        }
        let account = principal.name().and_then(|name| name.account());
        let account = account.filter(|account| account.id != key.account.id);
        account.map(|account| (account, Self::of(principal))).into_iter().collect()
    }

    /// Any role and any user of an account.
    pub(crate) fn of_account(account: Account) -> Vec<Self> {
        let role = PrincipalName::Role(account, ANYBODY.to_owned());
        let user = PrincipalName::User(account, ANYBODY.to_owned());
        [role, user].map(|name| Self { name, is_anybody: true }).into()
    }

    /// Its account; none of a service.
    pub(crate) fn account(&self) -> Option<Account> {
        self.name.account()
    }

    fn question(&self, key: &Key, action: &'static Action) -> Question {
        let mut question = Question::new(self.name.to_string(), action);
        question.key = Some(key.arn());
        question
    }

    fn with_request<T>(
        &self,
        seat: &Seat<'_>,
        key: &Key,
        action: &'static Action,
        then: impl FnOnce(&Request<'_>) -> T,
    ) -> Option<T> {
        let question = self.question(key, action);
        seat.subject.environment().request(&question).ok().map(|request| then(&request))
    }

    /// Whether a statement of a key policy applies to a call of which no more is said.
    pub(crate) fn applies(
        &self,
        seat: &Seat<'_>,
        key: &Key,
        action: &'static Action,
        statement: &Statement,
    ) -> bool {
        self.applies_with(seat, key, action, statement, &[])
    }

    /// Whether a statement of a key policy applies to a call of which no more is said than
    /// `context`.
    pub(crate) fn applies_with(
        &self,
        seat: &Seat<'_>,
        key: &Key,
        action: &'static Action,
        statement: &Statement,
        context: &[(String, Entry)],
    ) -> bool {
        let mut question = self.question(key, action);
        question.context = context.to_vec();
        in_each_region(question, key).iter().any(|question| {
            let Ok(request) = seat.subject.environment().request(question) else { return false };
            let namings = statement.namings(&request.caller);
            let outcome = statement.outcome(namings, action, &request.resource, &request.context);
            outcome.truth() == Truth::True
        })
    }

    /// Whether a call may be allowed, and a statement apply to it, for some values of what `leave`
    /// leaves open; so it is taken where it cannot be asked.
    pub(crate) fn may_be_allowed_by(
        &self,
        seat: &Seat<'_>,
        key: &Key,
        action: &'static Action,
        statement: &Statement,
        leave: &dyn Fn(&mut Context),
    ) -> bool {
        let may_be = self.with_request(seat, key, action, |request| {
            let mut context = self.opened(seat, key, request);
            leave(&mut context);
            let namings = statement.namings(&request.caller);
            let outcome = statement.outcome(namings, action, &request.resource, &context);
            let sides = sides(request, &context, &mut ());
            let decision = Decided::of(&sides, request.standing, request.rules).decision;
            outcome.truth() != Truth::False
                && matches!(decision, Decision::Allowed | Decision::Undetermined)
        });
        may_be.unwrap_or(true)
    }

    /// A `Deny` of the policy that takes every call of theirs for an action.
    pub(crate) fn denied_by<'a>(
        &self,
        seat: &Seat<'a>,
        key: &Key,
        action: &'static Action,
    ) -> Option<&'a Statement> {
        let denies = seat.policy.statements().iter().filter(|it| it.effect() == Effect::Deny);
        // Whom `NotPrincipal` lists is exempt, and may be one of many.
        let mut certain = denies.filter(|it| !(self.is_anybody && it.has_not_principal()));
        certain.find(|it| {
            let outcome = self.outcome(seat, key, action, it);
            outcome.is_some_and(|outcome| outcome.truth() == Truth::True)
        })
    }

    /// How a statement of a key policy stands to a call of which only the caller, the action and
    /// the key are said; none if it cannot be made.
    pub(crate) fn outcome<'p>(
        &self,
        seat: &Seat<'_>,
        key: &Key,
        action: &'static Action,
        statement: &'p Statement,
    ) -> Option<Outcome<'p>> {
        self.with_request(seat, key, action, |request| {
            let context = self.opened(seat, key, request);
            let namings = statement.namings(&request.caller);
            statement.outcome(namings, action, &request.resource, &context)
        })
    }

    /// The context of a request, with all left open that its caller and key do not fix.
    fn opened(&self, seat: &Seat<'_>, key: &Key, request: &Request<'_>) -> Context {
        let mut context = request.context.opened();
        let is_user = matches!(self.name, PrincipalName::User(..));
        let is_known = seat.subject.given() == Given::Environment;
        let of_identity = if self.is_anybody { &OF_IDENTITY[..] } else { &[] };
        let of_session = if is_user { &OF_SESSION[..] } else { &[] };
        let of_key = OF_KEY.iter().filter(|name| match **name {
            REGION => key.is_region_assumed,
            "aws:ResourceAccount" => !is_known,
            _ => true,
        });
        for name in of_identity.iter().chain(of_key).chain(of_session) {
            let is_told = *name == "aws:username" && !is_user;
            let key = ContextKey::new(name);
            let is_sent = key.documented().is_some_and(|key| key.is_sent_with(request.action));
            if is_sent && !is_told {
                context.set(key, Entry::Unknown);
            }
        }
        context
    }
}

/// The accounts besides the key's that the conditions of a statement name.
pub(crate) fn named_in_conditions(statement: &Statement, key: &Key) -> Vec<Account> {
    let of_account = ["aws:PrincipalAccount", "aws:PrincipalArn", "kms:CallerAccount"];
    let of_account = of_account.map(ContextKey::new);
    let conditions = statement.conditions().iter().filter(|it| of_account.contains(it.key()));
    let digits = |value: &str| match arn::split(value) {
        Some([.., account, _]) => account.parse().ok(),
        None => value.parse().ok(),
    };
    let ids = conditions.flat_map(Condition::values).filter_map(digits);
    let mut accounts: Vec<Account> =
        ids.map(|id| Account { partition: key.account.partition, id }).collect();
    accounts.retain(|it| it.id != key.account.id);
    accounts.sort_unstable();
    accounts.dedup();
    accounts
}

/// A call of which only the action is said: what no request for it carries is absent.
pub(crate) fn call_of(action: &'static Action) -> Context {
    Context::of(action).opened()
}

/// A question about a call, once for each Region that the key may be in, as far as its policy
/// tells them apart.
pub(crate) fn in_each_region(question: Question, key: &Key) -> Vec<Question> {
    if !key.is_region_assumed {
        return vec![question];
    }
    let region = ContextKey::new(REGION);
    let statements = known(&key.policy).into_iter().flat_map(|it| it.statements());
    let conditions = statements.flat_map(Statement::conditions).filter(|it| *it.key() == region);
    // What fits a pattern is as good as the name of a Region that does.
    let named = conditions.flat_map(Condition::values).map(|it| it.replace(['*', '?'], "x"));
    let mut regions: Vec<String> = named.chain([key.region.clone()]).collect();
    regions.sort_unstable();
    regions.dedup();
    let within = |region: String| {
        let mut question = question.clone();
        question.context.push((REGION.to_owned(), Entry::value(region)));
        question
    };
    regions.into_iter().map(within).collect()
}

/// Leaves the Region of a call open where nothing says in which Region the key is.
pub(crate) fn leave_region(context: &mut Context, key: &Key) {
    if key.is_region_assumed {
        context.set(ContextKey::new(REGION), Entry::Unknown);
    }
}

/// No call that is still to be made is made before this: the rules are younger.
const NOW: &str = "2026-11-01T00:00:00Z";

/// Whether a statement holds only until a time that has passed.
///
/// Source: [Date condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date)
pub(crate) fn is_over(statement: &Statement) -> bool {
    let mut context = Context::default();
    context.set(ContextKey::new("aws:CurrentTime"), Entry::value(NOW));
    context.set(ContextKey::new("aws:EpochTime"), Entry::value(NOW));
    statement.conditions().iter().any(|it| {
        let is_of_time = matches!(it.key().as_str(), "aws:CurrentTime" | "aws:EpochTime");
        is_of_time && it.operator().contains("DateLessThan") && it.test(&context) == Truth::False
    })
}
