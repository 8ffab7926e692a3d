//! What AWS does not document and a decision rests on, and what was assumed, in sentences.

use super::decision::{Decision, Outcome};
use super::depends::Opened;
use super::explanation::Explanation;
use super::sides;
use super::verdict::{Named, Side};
use crate::environment::{ADDRESS_OF_A_SERVICE, Reach, Request};
use crate::policy::{Effect, Element, GrantElement, Outcome as StatementOutcome};
use crate::request::{ContextKey, Entry};
use crate::truth::Truth;

pub(super) fn sentences(
    explanation: &Explanation<'_>,
    request: &Request<'_>,
    opened: &Opened<'_>,
) -> Vec<String> {
    let doubts = Doubts { explanation, request, opened };
    let mut sentences: Vec<String> = doubts.of_statements();
    sentences.extend(doubts.of_the_caller());
    sentences.extend(doubts.of_context_keys());
    sentences.extend(doubts.of_grants());
    sentences.dedup();
    sentences
}

/// A context key of which AWS does not say what a request carries, with the other possibility.
struct Alternative {
    key: &'static str,
    entry: fn() -> Entry,
    /// Whether the doubt is one for this request.
    applies: fn(&Request<'_>, &ContextKey) -> bool,
    sentence: &'static str,
}

const ALTERNATIVES: &[Alternative] = &[
    Alternative {
        key: "aws:ResourceAccount",
        entry: || Entry::Absent,
        applies: |request, _| request.resource == "*",
        sentence: "AWS does not say what aws:ResourceAccount is without a resource; it is taken to be the caller's account",
    },
    Alternative {
        key: "kms:GrantIsForAWSResource",
        entry: || Entry::Absent,
        applies: is_unsaid,
        sentence: "AWS does not say whether kms:GrantIsForAWSResource is false or absent on a call that no service makes; it is taken to be false",
    },
    Alternative {
        key: "kms:RotationPeriodInDays",
        entry: || Entry::value("365"),
        applies: is_unsaid,
        sentence: "AWS does not say whether a condition sees the default of RotationPeriodInDays, 365, where it is not sent; it is taken not to",
    },
    Alternative {
        key: "kms:ScheduleKeyDeletionPendingWindowInDays",
        entry: || Entry::value("30"),
        applies: is_unsaid,
        sentence: "AWS does not say whether a condition sees the default of PendingWindowInDays, 30, where it is not sent; it is taken not to",
    },
];

fn is_unsaid(request: &Request<'_>, key: &ContextKey) -> bool {
    !request.context.is_settled(key)
}

struct Doubts<'x, 'e> {
    explanation: &'x Explanation<'e>,
    request: &'x Request<'e>,
    opened: &'x Opened<'e>,
}

impl Doubts<'_, '_> {
    fn of_statements(&self) -> Vec<String> {
        let matching = |truth| truth == Truth::True;
        let steps = self.explanation.steps.iter().filter(|it| matching(it.outcome.truth()));
        let mut sentences = Vec::new();
        for step in steps {
            let is_endpoints = step.side == Side::VpcEndpointPolicy;
            if step.rule.effect() == Effect::Deny && step.is_by_account_only() && !is_endpoints {
                sentences.push(
                    "AWS does not say whether a Deny for an account hits all its principals; it is taken to".to_owned(),
                );
            }
            if step.rule.has_not_principal() {
                let why = if self.request.caller.has_boundary {
                    "NotPrincipal with Deny denies every principal with a permissions boundary, whatever it lists"
                } else {
                    "AWS says that NotPrincipal might deny a caller unless session, role or user, and account are all listed; it is taken to deny"
                };
                sentences.push(why.to_owned());
            }
        }
        sentences
    }

    fn of_the_caller(&self) -> Vec<String> {
        let Self { explanation, request, opened } = self;
        let mut sentences = Vec::new();
        if request.caller.is_service() && opened.reads("aws:PrincipalArn") {
            sentences.push(
                "AWS does not say what aws:PrincipalArn is for a service; it is taken to be absent"
                    .to_owned(),
            );
        }
        if let (true, Some(now)) = (explanation.reads_date, &request.clock) {
            sentences.push(format!("the date is the clock's, {now}; `--at` sets another"));
        }
        let denied_by = explanation.outcome.denied_by;
        if request.stack.lacks_identity_policies && denied_by.contains(Side::IdentityPolicy) {
            sentences.push(
                "no identity policy was given, so the caller is taken to have none; give those of the user or role, managed and inline, and of its groups".to_owned(),
            );
        }
        let by_everyone_alone = explanation.sides.key_policy.is_some_and(|verdict| {
            verdict.allow.caller != Truth::True && verdict.allow.everyone == Truth::True
        });
        if request.caller.is_service() && by_everyone_alone {
            sentences.push(
                "AWS does not say whether `*` in a key policy allows a service; it is taken to"
                    .to_owned(),
            );
        }
        sentences
    }

    fn of_context_keys(&self) -> Vec<String> {
        let Self { request, opened, .. } = self;
        let mut sentences = Vec::new();
        if opened.reads("aws:SourceIp") && carries_service_address(request) {
            sentences.push(format!(
                "through a service aws:SourceIp is the service's address, which is not known; {ADDRESS_OF_A_SERVICE} stands for it"
            ));
        }
        let is_open = |it: &&Alternative| {
            let key = ContextKey::new(it.key);
            let is_sent = key.documented().is_some_and(|key| key.is_sent_with(request.action));
            is_sent && (it.applies)(request, &key) && opened.reads(it.key)
        };
        let doubted = ALTERNATIVES.iter().filter(is_open);
        let rests = doubted.filter(|it| self.rests_on(it.key, (it.entry)()));
        sentences.extend(rests.map(|it| it.sentence.to_owned()));
        sentences
    }

    /// Whether the decision would be another one with this in the context.
    fn rests_on(&self, key: &str, entry: Entry) -> bool {
        let mut context = self.request.context.clone();
        context.set(ContextKey::new(key), entry);
        let sides = sides(self.request, &context, &mut ());
        let outcome = Outcome::of(&sides, self.request.standing, self.request.rules);
        outcome.decision != self.explanation.outcome.decision
    }

    fn of_grants(&self) -> Vec<String> {
        let Self { explanation, request, .. } = self;
        let sides = explanation.sides;
        let decision = explanation.outcome.decision;
        let mut sentences = Vec::new();
        let without =
            |grant| Outcome::of(&super::Sides { grant, ..sides }, request.standing, request.rules);
        let [as_user, as_role, as_account] = [
            Named { session: Truth::True, ..Named::NONE },
            Named { caller: Truth::True, ..Named::NONE },
            Named::ACCOUNT,
        ]
        .map(|grant| without(grant).decision);
        let is_named = (sides.grant.session | sides.grant.caller) == Truth::True;
        let retires = request.action.short_name() == "RetireGrant";
        let unlimited = Outcome::of(
            &super::Sides { permissions_boundary: None, session_policy: None, ..sides },
            request.standing,
            request.rules,
        );
        let rests_on_limits = match request.standing.reach {
            Reach::Own => as_user != as_role,
            // Across accounts the limits are taken to count for every grantee.
            Reach::Foreign => unlimited.decision != decision,
            Reach::ForeignNotOffered | Reach::NoKey => false,
        };
        if is_named && rests_on_limits && without(Named::NONE).decision != Decision::Allowed {
            sentences.push(
                "AWS does not say how a grant stands to a permissions boundary or session policy that is silent; it is taken to stand as a key policy does that names the grantee".to_owned(),
            );
        }
        let is_left_to_iam = !request.caller.is_root() && !retires;
        let by_account_alone = sides.grant.account == Truth::True && !is_named && is_left_to_iam;
        if by_account_alone && decision == as_account && decision != as_user {
            sentences.push(
                "AWS does not say whether a grant to an account leaves it to the account's IAM policies; it is taken to".to_owned(),
            );
        }
        if decision == Decision::ImplicitDeny && self.fails_by_case() {
            sentences.push(
                "a constraint of a grant differs from the encryption context in the letter case of a name alone; AWS's Developer Guide says that case counts, its API reference that it does not, and it is taken to count".to_owned(),
            );
        }
        sentences
    }

    /// Whether a grant would allow it, if the case of names in its constraint did not count.
    fn fails_by_case(&self) -> bool {
        let on_context = |element| {
            matches!(
                element,
                GrantElement::EncryptionContextEquals | GrantElement::EncryptionContextSubset
            )
        };
        self.explanation.steps.iter().any(|step| match (step.rule, step.outcome) {
            (super::Rule::Grant(grant), StatementOutcome::Mismatch(Element::Grant(element))) => {
                on_context(element) && grant.fits_but_for_case(&self.request.grants)
            }
            _ => false,
        })
    }
}

fn carries_service_address(request: &Request<'_>) -> bool {
    let carried = request.context.get(&ContextKey::new("aws:SourceIp"));
    carried.values().iter().any(|value| value == ADDRESS_OF_A_SERVICE)
}
