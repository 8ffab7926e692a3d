//! Moves for a request that nothing allows.

use std::sync::Arc;

use serde_json::{Value, json};

use super::call;
use super::draft::{Act, Move, read};
use super::edit::{Change, PolicyEdit};
use super::scene::{Scene, added, policy_of, said, spoken};
use crate::environment::Attached;
use crate::evaluate::{Side, Step};
use crate::policy::{Effect, Element, Kind, Outcome, Policy};
use crate::request::{Account, PrincipalName};

/// As many near misses are tried: each costs a survey of what else it would allow.
const NEAREST: usize = 8;

pub(super) const WIDENS: &str = "No statement more, but the one that is there covers more.";
const BY_KEY: &str = "Stands with the key, for this principal alone.";
const BY_IAM: &str = "Stands in IAM; it has effect while the key policy leaves it to the account.";
const CEILING: &str = "Lifts a ceiling for all whom the policy limits; it gives nothing by itself.";
const DELEGATES: &str = "Hands control of the action to whoever administers IAM in that account.";

impl<'e> Scene<'_, 'e> {
    /// What might allow it. Where several sides are silent, the ones that remain are asked
    /// about again.
    pub(super) fn allowing(&self) -> Vec<Move> {
        let denied_by = self.explanation.outcome.denied_by;
        let sources = [Side::KeyPolicy, Side::IdentityPolicy];
        let first = sources.into_iter().find(|side| denied_by.contains(*side));
        let Some(side) = first.or_else(|| denied_by.iter().next()) else { return Vec::new() };
        let mut moves = self.by_call();
        // The first that helps is the other leg of a fix: what covers no more than was asked for
        // comes before a statement that is there and covers more.
        match side {
            Side::KeyPolicy => {
                moves.extend(self.by_key_policy());
                moves.extend(self.near(side));
                moves.extend(self.by_account());
                moves.extend(self.by_grant());
            }
            Side::IdentityPolicy => {
                moves.extend(self.in_iam());
                moves.extend(self.near(side));
                moves.extend(self.by_key_policy());
                moves.extend(self.by_grant());
            }
            Side::ResourceControlPolicy
            | Side::ServiceControlPolicy
            | Side::VpcEndpointPolicy
            | Side::Grant
            | Side::PermissionsBoundary
            | Side::SessionPolicy => {
                moves.extend(self.by_ceiling(side));
                moves.extend(self.near(side));
            }
        }
        moves
    }

    fn by_call(&self) -> Vec<Move> {
        let failed = self.explanation.steps.iter().filter_map(|step| match step.outcome {
            Outcome::Mismatch(Element::Condition(it)) if step.rule.effect() == Effect::Allow => {
                Some((step.side, it))
            }
            _ => None,
        });
        failed.filter_map(|(side, it)| call::meeting(self, side, it)).take(NEAREST).collect()
    }

    /// Statements that fail on one element, with that put right.
    fn near(&self, side: Side) -> Vec<Move> {
        let steps = self.explanation.steps.iter();
        let is_out_of_reach = side == Side::IdentityPolicy && self.has_policies_of_others();
        let near = steps
            .filter(|it| !is_out_of_reach && it.side == side && it.rule.effect() == Effect::Allow);
        near.filter_map(|step| self.nearer(step)).take(NEAREST).collect()
    }

    fn nearer(&self, step: &Step<'e>) -> Option<Move> {
        let Outcome::Mismatch(element) = step.outcome else { return None };
        let (which, policy, action) = (spoken(step), policy_of(step.side), self.action());
        match element {
            Element::Principal if step.side == Side::KeyPolicy => {
                let kind = if self.request.caller.is_service() { "Service" } else { "AWS" };
                let caller = self.caller();
                let summary = format!("Add {caller} to the principals of {which} in {policy}.");
                let arn = self.request.caller.arn.as_str();
                self.edited(step, said(summary, WIDENS), |place| {
                    let path = ["Principal", kind];
                    place.append(&path, arn).or_else(|| place.insert(&path, &json!(arn)))
                })
            }
            Element::Action => {
                let summary = format!("Add {action} to {which} in {policy}.");
                self.edited(step, said(summary, WIDENS), |it| it.append(&["Action"], action))
            }
            // In a key policy `*` is the key itself.
            // https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
            Element::Resource if step.side == Side::KeyPolicy => {
                let summary = format!("Set the Resource of {which} in {policy} to `*`.");
                self.edited(step, said(summary, WIDENS), |place| {
                    let path = format!("{}/Resource", place.pointer);
                    Some(vec![json!({"op": "replace", "path": path, "value": "*"})])
                })
            }
            Element::Resource => {
                let resource = self.resource();
                let summary = format!("Add {resource} to the Resource of {which} in {policy}.");
                self.edited(step, said(summary, WIDENS), |it| it.append(&["Resource"], &resource))
            }
            Element::Condition(condition) => {
                let (operator, key) = (condition.operator(), condition.key().as_str());
                let value = self.sent(key).filter(|_| call::is_positive(operator))?;
                let summary = format!("Add `{value}` to {operator} {key} of {which} in {policy}.");
                self.edited(step, said(summary, WIDENS), |place| {
                    let operator = place.spelled(&["Condition"], operator)?;
                    let key = place.spelled(&["Condition", operator], key)?;
                    place.append(&["Condition", operator, key], value)
                })
            }
            Element::Principal | Element::Grant(_) => None,
        }
    }

    fn statement(
        &self,
        principal: Option<Value>,
        resource: &str,
        condition: Option<Value>,
    ) -> Value {
        let mut statement = serde_json::Map::new();
        statement.insert("Effect".to_owned(), json!("Allow"));
        statement.extend(principal.map(|it| ("Principal".to_owned(), it)));
        statement.insert("Action".to_owned(), json!(self.action()));
        statement.insert("Resource".to_owned(), json!(resource));
        statement.extend(condition.map(|it| ("Condition".to_owned(), it)));
        Value::Object(statement)
    }

    fn by_key_policy(&self) -> Option<Move> {
        let policy = self.silent(Side::KeyPolicy)?;
        let kind = if self.request.caller.is_service() { "Service" } else { "AWS" };
        let principal = json!({kind: self.request.caller.arn});
        let statement = self.statement(Some(principal), "*", self.condition());
        let summary = format!("Allow {} to {} in the key policy.", self.action(), self.caller());
        let trade_off = if self.request.caller.is_root() { DELEGATES } else { BY_KEY };
        added(&policy, Side::KeyPolicy, &statement, said(summary, trade_off))
    }

    /// The statement for the account, for this action alone.
    ///
    /// Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)
    fn by_account(&self) -> Option<Move> {
        let policy = self.silent(Side::KeyPolicy)?;
        let Account { partition, id } = self.request.caller.account?;
        // For the root user it is the statement that names it.
        if self.request.caller.is_root() {
            return None;
        }
        let principal = json!({"AWS": format!("arn:{partition}:iam::{id}:root")});
        let statement = self.statement(Some(principal), "*", self.condition());
        let action = self.action();
        let summary =
            format!("Let the key policy leave {action} to the IAM policies of account {id}.");
        added(&policy, Side::KeyPolicy, &statement, said(summary, DELEGATES))
    }

    /// Whether its IAM policies are not for its account to edit: a service writes those of its
    /// service-linked role, and IAM Identity Center those of a permission set.
    ///
    /// Source: [Service-linked roles](https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html),
    /// [Permission sets](https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html)
    fn has_policies_of_others(&self) -> bool {
        let arn = &self.request.caller.arn;
        [":role/aws-service-role/", ":role/aws-reserved/"].iter().any(|path| arn.contains(path))
    }

    /// As another leg, a policy of its own comes first, where others have those that it has.
    fn in_iam(&self) -> impl Iterator<Item = Move> {
        let mut both = [self.by_identity_policy(), self.by_inline_policy()];
        if self.draft.is_changed() {
            both.reverse();
        }
        both.into_iter().flatten()
    }

    fn by_identity_policy(&self) -> Option<Move> {
        if self.has_policies_of_others() {
            return None;
        }
        let policy = self.silent(Side::IdentityPolicy)?;
        let statement = self.statement(None, &self.resource(), self.condition());
        let summary = format!(
            "Allow {} on {} in the identity policy of {}.",
            self.action(),
            self.object(),
            self.caller()
        );
        added(&policy, Side::IdentityPolicy, &statement, said(summary, BY_IAM))
    }

    /// A whole document: for who has none, or shares those that it has.
    fn by_inline_policy(&self) -> Option<Move> {
        if self.has_policies_of_others() {
            return None;
        }
        let mut question = self.draft.question.clone();
        question.action = self.request.action;
        let name = self.draft.environment.holder(&question).ok()?;
        if self.silent(Side::IdentityPolicy).is_some_and(|own| !self.is_shared(&own, &name)) {
            return None;
        }
        let statement = self.statement(None, &self.resource(), self.condition());
        let document = json!({"Version": "2012-10-17", "Statement": [statement]});
        let policy = read("new identity policy", &document, Kind::Identity)?;
        let (action, object, caller) = (self.action(), self.object(), self.caller());
        let summary =
            format!("Give {caller} a new inline policy that allows {action} on {object}.");
        let change = Change::Policy(PolicyEdit {
            document: None,
            patch: vec![json!({"op": "add", "path": "", "value": document})],
            statements: vec![statement],
        });
        let edit = said(summary, BY_IAM).edit(Side::IdentityPolicy, change);
        Some(Move { edit, act: Act::Attach(name, policy) })
    }

    fn is_shared(&self, policy: &Arc<Policy>, of: &PrincipalName) -> bool {
        let others = self.draft.environment.principals().filter(|(name, _)| *name != of);
        let mut attached = others.flat_map(|(_, principal)| &principal.identity_policies);
        attached.any(|it| matches!(it, Attached::Policy(known) if Arc::ptr_eq(known, policy)))
    }

    /// As it is spoken of what the action is on.
    fn object(&self) -> &'static str {
        match (self.request.key, self.request.resource.as_str()) {
            (_, "*") => "all resources",
            (Some(key), resource) if key.arn() == resource => "the key",
            _ => "the resource",
        }
    }

    fn by_ceiling(&self, side: Side) -> Option<Move> {
        let policy = self.silent(side)?;
        let principal =
            (side == Side::VpcEndpointPolicy).then(|| json!({"AWS": self.request.caller.arn}));
        let statement = self.statement(principal, &self.resource(), None);
        let summary =
            format!("Allow {} on {} in {}.", self.action(), self.object(), policy_of(side));
        added(&policy, side, &statement, said(summary, CEILING))
    }
}
