//! A grant in place of a policy.

use serde_json::{Map, Value, json};

use super::draft::{Act, Move};
use super::edit::Change;
use super::scene::{Scene, said};
use crate::environment::{
    ConstraintKind, ContextConstraint, Grant, Grantee, Key, Manager, Reach, SourceArn,
};
use crate::evaluate::Side;
use crate::kms::KeySpec;
use crate::request::Identity;
use crate::text::shell_word;

const GRANTED: &str =
    "No policy changes; somebody with kms:CreateGrant makes it, and it lasts until retired.";
const FOR_CONTEXT: &str = "No policy changes; somebody with kms:CreateGrant makes it, for this encryption context alone, and it lasts until retired.";
const FOR_SOURCE: &str = "No policy changes; somebody with kms:CreateGrant makes it, for this resource alone, and it lasts until the account retires it.";

/// The most pairs of a constraint, and characters of a value.
///
/// Source: [GrantConstraints](https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html)
const PAIRS: usize = 8;
const VALUE: usize = 384;

impl Scene<'_, '_> {
    /// Of the one operation, and as narrow as the call: for its encryption context, and for a
    /// service, which can have no other grant, on behalf of its resource.
    ///
    /// Source: [CreateGrant](https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html)
    pub(super) fn by_grant(&self) -> Option<Move> {
        let is_service = match self.request.caller.identity {
            Identity::User { .. } | Identity::RoleSession { .. } => false,
            Identity::Service => true,
            Identity::Root | Identity::FederatedUser { .. } => return None,
        };
        let key = self.request.key.filter(|key| key.manager == Manager::Customer)?;
        let is_offered = matches!(self.request.standing.reach, Reach::Own | Reach::Foreign);
        if !(is_offered && self.is_grantable(key)) {
            return None;
        }
        let arn = self.request.caller.arn.as_str();
        let mut grant = Grant::new(Grantee::parse(arn, None).ok()?, key.account)
            .with_operation(self.request.action);
        grant.constraint = self.constraint(key);
        let mut parties = format!("--grantee-principal {arn}");
        if is_service {
            grant.source_arn = Some(SourceArn::new(self.sent("aws:SourceArn")?));
            let root = format!("arn:{}:iam::{}:root", key.account.partition, key.account.id);
            grant.retiring = Some(Grantee::parse(&root, None).ok()?);
            parties = format!("--grantee-service-principal {arn} --retiring-principal {root}");
        }
        let trade_off = match (&grant.source_arn, &grant.constraint) {
            (Some(_), _) => FOR_SOURCE,
            (None, Some(_)) => FOR_CONTEXT,
            (None, None) => GRANTED,
        };
        let operation = self.request.action.short_name();
        let summary = format!("Create a grant of {operation} for {}.", self.caller());
        let command = format!(
            "aws kms create-grant --region {} --key-id {} {parties} --operations {operation}{}",
            key.region,
            key.arn(),
            constraints(&grant)
        );
        let edit = said(summary, trade_off).edit(Side::Grant, Change::Grant { command });
        Some(Move { edit, act: Act::Grant(key.arn(), Box::new(grant)) })
    }

    /// Whether a grant on the key may have the operation: KMS takes none that the key cannot do.
    ///
    /// Source: [Grant operations](https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations)
    fn is_grantable(&self, key: &Key) -> bool {
        let action = self.request.action;
        let has_public_key = || KeySpec::find(&key.spec).is_none_or(KeySpec::has_public_key);
        action.grantable
            && action.usage.is_none_or(|usage| usage.as_str() == key.usage)
            && (action.short_name() != "GetPublicKey" || has_public_key())
    }

    /// Only symmetric encryption keys have grants with it, and it is ignored for operations
    /// without an encryption context.
    fn constraint(&self, key: &Key) -> Option<ContextConstraint> {
        let pairs = &self.request.grants.pairs;
        let is_constrained = self.request.action.cryptographic
            && KeySpec::find(&key.spec).is_some_and(KeySpec::is_symmetric_encryption)
            && (1..=PAIRS).contains(&pairs.len())
            && pairs.iter().all(|(_, value)| value.chars().count() <= VALUE);
        is_constrained.then(|| ContextConstraint::new(ConstraintKind::Equals, pairs.clone()))
    }
}

/// As an option of the AWS CLI; nothing if there are none.
fn constraints(grant: &Grant) -> String {
    let mut object = Map::new();
    if let Some(constraint) = &grant.constraint {
        let pair = |(name, value): (&str, &str)| (name.to_owned(), json!(value));
        let pairs: Map<String, Value> = constraint.pairs().map(pair).collect();
        object.insert(constraint.kind.as_str().to_owned(), Value::Object(pairs));
    }
    if let Some(source) = &grant.source_arn {
        object.insert("SourceArn".to_owned(), json!(source.as_str()));
    }
    if object.is_empty() {
        return String::new();
    }
    format!(" --constraints {}", shell_word(&Value::Object(object).to_string()))
}
