//! Whether a statement can apply at all, whatever a call carries that nothing fixes.

use super::{Given, Seat};
use crate::Truth;
use crate::arn;
use crate::environment::{Key, Question, Request};
use crate::kms::Action;
use crate::policy::{Outcome, Statement, StatementPrincipal};
use crate::request::{Account, Context, ContextKey, Entry, PrincipalName};

/// An account that no policy names.
pub(crate) const STRANGE: &str = "999988887777";
/// Who stands for the users and roles of an account.
const ANYBODY: &str = "Anybody";
/// The keys that tell one user, role or session of an account from another.
const OF_IDENTITY: [&str; 4] =
    ["aws:PrincipalArn", "aws:PrincipalType", "aws:userid", "aws:username"];
/// What a user has who opened a session, and not otherwise.
const OF_SESSION: [&str; 3] =
    ["aws:MultiFactorAuthAge", "aws:MultiFactorAuthPresent", "aws:TokenIssueTime"];
/// What follows from which key a call is for, and how it is named.
const OF_KEY: [&str; 3] = ["aws:RequestedRegion", "aws:ResourceAccount", "kms:RequestAlias"];

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

    /// Any role and any user of an account.
    pub(crate) fn of_account(account: Account) -> Vec<Self> {
        let role = PrincipalName::Role(account, ANYBODY.to_owned());
        let user = PrincipalName::User(account, ANYBODY.to_owned());
        [role, user].map(|name| Self { name, is_anybody: true }).into()
    }

    /// Whether it stands for everybody of its kind in its account.
    pub(crate) fn is_anybody(&self) -> bool {
        self.is_anybody
    }

    fn with_request<T>(
        &self,
        seat: &Seat<'_>,
        key: &Key,
        action: &'static Action,
        then: impl FnOnce(&Request<'_>) -> T,
    ) -> Option<T> {
        let mut question = Question::new(self.name.to_string(), action);
        question.key = Some(key.arn());
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
        let applies = self.with_request(seat, key, action, |request| {
            let namings = statement.namings(&request.caller);
            let outcome = statement.outcome(namings, action, &request.resource, &request.context);
            outcome.truth() == Truth::True
        });
        applies.unwrap_or(false)
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
            let context = self.opened(seat, request);
            let namings = statement.namings(&request.caller);
            statement.outcome(namings, action, &request.resource, &context)
        })
    }

    /// The context of a request, with all left open that its caller and key do not fix.
    fn opened(&self, seat: &Seat<'_>, request: &Request<'_>) -> Context {
        let mut context = request.context.opened();
        let is_user = matches!(self.name, PrincipalName::User(..));
        let is_known = seat.subject.given() == Given::Environment;
        let of_identity = if self.is_anybody { &OF_IDENTITY[..] } else { &[] };
        let of_session = if is_user { &OF_SESSION[..] } else { &[] };
        let of_key = if is_known { &["kms:RequestAlias"][..] } else { &OF_KEY };
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

/// A call of which only the action is said: what no request for it carries is absent.
pub(crate) fn call_of(action: &'static Action) -> Context {
    Context::of(action).opened()
}

/// ARNs of an account that nobody has heard of, which patterns of ARNs may match.
pub(crate) fn strange_arns<'a>(patterns: impl Iterator<Item = &'a str>) -> Vec<String> {
    let filled = |pattern: &str| {
        if pattern == "*" {
            return Some(format!("arn:aws:iam::{STRANGE}:role/x"));
        }
        let parts = arn::split(pattern)?;
        let [prefix, partition, service, region, account, resource] = parts;
        let is_open = account.contains(['*', '?']);
        let plain = |part: &str| part.replace(['*', '?'], "x");
        let partition = if partition.contains('*') { "aws" } else { partition };
        is_open.then(|| {
            format!(
                "{prefix}:{partition}:{}:{}:{STRANGE}:{}",
                plain(service),
                plain(region),
                plain(resource)
            )
        })
    };
    patterns.filter_map(filled).collect()
}
