//! A permission that is denied, and what moves are made of.

use std::sync::Arc;

use serde_json::{Value, json};

use super::draft::{Act, Draft, Move, patched};
use super::edit::{Change, Edit, PolicyEdit};
use super::json::{Place, add};
use crate::environment::{Attached, Manager, Request};
use crate::evaluate::{Explanation, Rule, Side, Step};
use crate::policy::Policy;
use crate::request::{ContextKey, PrincipalName};

/// A permission that is denied in a draft.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scene<'a, 'e> {
    pub(super) draft: &'a Draft,
    pub(super) request: &'a Request<'e>,
    pub(super) explanation: &'a Explanation<'e>,
}

/// What an edit says of itself.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) summary: String,
    pub(super) trade_off: &'static str,
    pub(super) weakens_deny: bool,
}

pub(super) fn said(summary: String, trade_off: &'static str) -> Said {
    Said { summary, trade_off, weakens_deny: false }
}

impl Said {
    pub(super) fn edit(self, side: Side, change: Change) -> Edit {
        let Self { summary, trade_off, weakens_deny } = self;
        Edit { side, summary, trade_off, weakens_deny, change }
    }
}

impl<'e> Scene<'_, 'e> {
    /// As a person speaks of the caller.
    pub(super) fn caller(&self) -> String {
        let arn = self.request.caller.arn.as_str();
        let name = PrincipalName::parse(arn, None).ok();
        let account = self.request.key.map(|key| key.account).or(self.draft.environment.account);
        match (name, account) {
            (Some(name), Some(account)) => super::super::candidates::shown(&name, account),
            _ => arn.to_owned(),
        }
    }

    pub(super) fn action(&self) -> &'static str {
        self.request.action.name
    }

    /// What an `Allow` outside key policies is to be for.
    pub(super) fn resource(&self) -> String {
        // A key that is only about to be created has no id yet.
        match self.request.resource.strip_suffix(":key/NEW-KEY") {
            Some(head) => format!("{head}:key/*"),
            None => self.request.resource.clone(),
        }
    }

    pub(super) fn sent(&self, key: &str) -> Option<&str> {
        let values = self.request.context.get(&ContextKey::new(key)).values();
        values.first().map(String::as_str)
    }

    /// What a new `Allow` is limited to: the service that calls, and on behalf of what.
    ///
    /// Source: [`kms:ViaService`](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service),
    /// [confused deputy](https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)
    pub(super) fn condition(&self) -> Option<Value> {
        if self.request.caller.is_service() {
            let arn = self.sent("aws:SourceArn").map(|it| ("ArnEquals", "aws:SourceArn", it));
            let account = self.sent("aws:SourceAccount");
            let account = account.map(|it| ("StringEquals", "aws:SourceAccount", it));
            let both = [arn, account].into_iter().flatten();
            let object: serde_json::Map<String, Value> =
                both.map(|(operator, key, value)| (operator.into(), json!({key: value}))).collect();
            return (!object.is_empty()).then_some(Value::Object(object));
        }
        let service = self.sent("kms:ViaService")?;
        Some(json!({"StringEquals": {"kms:ViaService": service}}))
    }

    /// The documents of a side that lack an `Allow`, of which one is to get it. Of service
    /// control policies every level must allow.
    ///
    /// Source: [SCP evaluation](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html)
    pub(super) fn silent(&self, side: Side) -> Option<Arc<Policy>> {
        let stack = &self.request.stack;
        let one: &[Attached] = match side {
            Side::KeyPolicy => return self.editable(stack.key_policy?),
            Side::VpcEndpointPolicy => return self.editable(stack.vpc_endpoint_policy?),
            Side::PermissionsBoundary => return self.editable(stack.permissions_boundary?),
            Side::IdentityPolicy => stack.identity_policies?,
            Side::SessionPolicy => stack.session_policies?,
            Side::ServiceControlPolicy => {
                let levels = stack.service_control_policies?;
                levels.iter().find(|level| !level.iter().any(|it| self.allows(side, it)))?
            }
            Side::ResourceControlPolicy | Side::Grant => return None,
        };
        one.iter().rev().find_map(|attached| self.editable(attached))
    }

    fn allows(&self, side: Side, attached: &Attached) -> bool {
        let is_of = |step: &Step<'e>| matches!((step.rule, attached), (Rule::Statement(policy, _), Attached::Policy(known)) if std::ptr::eq(policy, Arc::as_ptr(known)));
        self.explanation
            .matched(side)
            .any(|step| is_of(step) && step.rule.effect() == crate::policy::Effect::Allow)
    }

    fn editable(&self, attached: &Attached) -> Option<Arc<Policy>> {
        match attached {
            Attached::Policy(policy) if self.is_editable(policy) => Some(policy.clone()),
            Attached::Policy(_) | Attached::Unknown(_) => None,
        }
    }

    /// Whether it is the customer's to change.
    fn is_editable(&self, policy: &Policy) -> bool {
        let is_of_aws = matches!(policy.name().as_str(), "FullAWSAccess" | "RCPFullAWSAccess");
        let is_of_managed_key = self.request.key.is_some_and(|key| {
            key.manager == Manager::Aws
                && key.policy.known().is_some_and(|it| std::ptr::eq(it, policy))
        });
        !is_of_aws && !is_of_managed_key
    }

    /// An edit of the statement of a step.
    pub(super) fn edited(
        &self,
        step: &Step<'e>,
        said: Said,
        patch: impl FnOnce(&Place<'_>) -> Option<Vec<Value>>,
    ) -> Option<Move> {
        let Rule::Statement(policy, statement) = step.rule else { return None };
        let is_it = |it: &&Attached| it.known().is_some_and(|it| std::ptr::eq(it, policy));
        let attached = self.request.stack.policies().map(|(_, it)| it).find(is_it)?;
        let policy = self.editable(attached)?;
        let document = policy.to_json().ok()?;
        let patch = patch(&Place::of(&document, statement.index())?)?;
        changed(&policy, step.side, patch, statement.index(), said)
    }
}

/// A statement more in a document.
pub(super) fn added(
    policy: &Arc<Policy>,
    side: Side,
    statement: &Value,
    said: Said,
) -> Option<Move> {
    let (patch, index) = add(&policy.to_json().ok()?, statement)?;
    changed(policy, side, patch, index, said)
}

fn changed(
    policy: &Arc<Policy>,
    side: Side,
    patch: Vec<Value>,
    index: usize,
    said: Said,
) -> Option<Move> {
    let (after, document) = patched(policy, &patch)?;
    let statement = Place::of(&document, index)?.statement.clone();
    let change = Change::Policy(PolicyEdit {
        document: Some(policy.name()),
        patch,
        statements: vec![statement],
    });
    Some(Move { edit: said.edit(side, change), act: Act::Replace(policy.clone(), after) })
}

/// `statement 2 ("Allow Key Users")`
pub(super) fn spoken(step: &Step<'_>) -> String {
    let number = step.rule.index() + 1;
    match step.rule.label().filter(|sid| !sid.is_empty()) {
        Some(sid) => format!("statement {number} (\"{sid}\")"),
        None => format!("statement {number}"),
    }
}

/// `the key policy`
pub(super) fn policy_of(side: Side) -> &'static str {
    match side {
        Side::ResourceControlPolicy => "the resource control policy",
        Side::ServiceControlPolicy => "the service control policy",
        Side::VpcEndpointPolicy => "the VPC endpoint policy",
        Side::KeyPolicy => "the key policy",
        Side::IdentityPolicy => "the identity policy",
        Side::Grant => "the grant",
        Side::PermissionsBoundary => "the permissions boundary",
        Side::SessionPolicy => "the session policy",
    }
}
