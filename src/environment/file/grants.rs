use std::collections::HashSet;

use super::{fields, pairs};
use crate::arn::{AccountId, Arn};
use crate::document::{At, Document, InputError, Notice, Object};
use crate::environment::{
    ConstraintKind, ContextConstraint, Freshness, Grant, Grantee, Key, SourceArn,
};
use crate::kms::Action;
use crate::request::Account;
use crate::text::{Quoted, did_you_mean};

impl Key {
    /// Adds the grants in a document: a list, one alone, or what `aws kms list-grants` prints.
    /// `account` is the one of short names. Returns what is likely not meant.
    ///
    /// # Errors
    ///
    /// If something is not a grant that KMS would make on this key, with the place.
    pub fn read_grants(
        &mut self,
        document: &Document,
        account: Option<Account>,
    ) -> Result<Vec<InputError>, InputError> {
        let mut reader = GrantReader { account, warnings: Vec::new() };
        reader.grants(document.root(), self)?;
        Ok(reader.warnings)
    }
}

/// Reads the grants of one key.
pub(super) struct GrantReader {
    /// The account of short names.
    pub(super) account: Option<Account>,
    pub(super) warnings: Vec<InputError>,
}

impl GrantReader {
    /// A list of grants, or what `aws kms list-grants` prints.
    pub(super) fn grants(&mut self, at: At<'_>, key: &mut Key) -> Result<(), InputError> {
        let listed = match at.as_object() {
            Some(printed) if printed.get("Grants").is_some() => {
                let printed = printed.only(fields::PRINTED_GRANTS)?;
                let is_cut = |name: &str| printed.get(name).and_then(At::as_bool) == Some(true);
                if is_cut("Truncated") {
                    let cut = at.error("the list of grants is not whole: it was truncated");
                    self.warnings.push(cut.with_notice(Notice::TruncatedGrants));
                }
                printed.required("Grants")?
            }
            Some(_) | None => at,
        };
        let mut ids: HashSet<String> =
            key.grants.iter().filter_map(|grant| grant.id.clone()).collect();
        for at in listed.one_or_many() {
            let grant = self.grant(at, key)?;
            if let Some(id) = grant.id.clone().filter(|id| !ids.insert(id.clone())) {
                return Err(
                    at.error(format!("expected each grant once, found {} again", Quoted(&id)))
                );
            }
            key.grants.push(grant);
        }
        Ok(())
    }

    fn grant(&mut self, at: At<'_>, key: &Key) -> Result<Grant, InputError> {
        let object = at.object().map_err(|_| at.expected("a grant, which is an object"))?;
        let is_printed = object.get("Operations").is_some() || object.get("KeyId").is_some();
        let grant =
            if is_printed { self.printed(object, key) } else { self.described(object, key) };
        let grant = Grant { place: Some(at.place()), ..grant? };
        if grant.grantee.is_deleted() {
            let deleted = at.error(format!(
                "{} stands for a user or role that was deleted: the grant is for nobody, also not for a new one of the same name",
                Quoted(&grant.grantee.to_string())
            ));
            self.warnings.push(deleted.with_notice(Notice::GrantToDeleted));
        }
        Ok(grant)
    }

    fn described(&self, object: Object<'_>, key: &Key) -> Result<Grant, InputError> {
        let object = object.only(fields::GRANT)?;
        let principal = |at: At<'_>| self.grantee(at);
        let mut grant = Grant::new(principal(object.required("grantee")?)?, key.account);
        grant.retiring = object.optional("retiring_principal").map(principal).transpose()?;
        grant = with_operations(grant, object.required("operations")?, key)?;
        if let Some(at) = object.optional("constraints") {
            constrain(&mut grant, at, fields::CONSTRAINTS, key)?;
        }
        grant.name = text(object, "name")?;
        grant.id = text(object, "id")?;
        if let Some(at) = object.optional("issuing_account") {
            grant.issuing_account = issuing_account(at, key)?;
        }
        let token = text(object, "token")?;
        let is_fresh = object.optional("fresh").map(At::bool).transpose()?.unwrap_or(false);
        grant.freshness =
            if is_fresh { Freshness::Fresh(token) } else { Freshness::Settled(token) };
        if grant.grantee.is_service() && grant.source_arn.is_none() {
            return Err(object.at().error(
                "expected the constraint `source_arn`, which a grant to a service has, found none",
            ));
        }
        Ok(grant)
    }

    fn printed(&self, object: Object<'_>, key: &Key) -> Result<Grant, InputError> {
        let object = object.only(fields::PRINTED_GRANT)?;
        if let Some(at) = object.optional("KeyId") {
            let id = at.string()?;
            if id != key.id && id != key.arn() {
                return Err(at.expected(&format!("a grant of the key {}", key.arn())));
            }
        }
        for (name, service) in [
            ("GranteePrincipal", "GranteeServicePrincipal"),
            ("RetiringPrincipal", "RetiringServicePrincipal"),
        ] {
            if object.optional(name).is_some() && object.optional(service).is_some() {
                let message = format!("expected `{name}` or `{service}`, found both");
                return Err(object.error_at_name(service, message));
            }
        }
        let either = |name, service| object.optional(name).or_else(|| object.optional(service));
        let principal = |at: At<'_>| self.grantee(at);
        let grantee = either("GranteePrincipal", "GranteeServicePrincipal")
            .map_or_else(|| object.required("GranteePrincipal"), Ok)?;
        let mut grant = Grant::new(principal(grantee)?, key.account);
        grant.retiring =
            either("RetiringPrincipal", "RetiringServicePrincipal").map(principal).transpose()?;
        grant = with_operations(grant, object.required("Operations")?, key)?;
        if let Some(at) = object.optional("Constraints") {
            constrain(&mut grant, at, fields::PRINTED_CONSTRAINTS, key)?;
        }
        grant.name = text(object, "Name")?.filter(|name| !name.is_empty());
        grant.id = text(object, "GrantId")?;
        if let Some(at) = object.optional("IssuingAccount") {
            grant.issuing_account = issuing_account(at, key)?;
        }
        Ok(grant)
    }

    fn grantee(&self, at: At<'_>) -> Result<Grantee, InputError> {
        Grantee::parse(at.string()?, self.account).map_err(|error| at.error(error.to_string()))
    }
}

fn text(object: Object<'_>, field: &str) -> Result<Option<String>, InputError> {
    Ok(object.optional(field).map(At::string).transpose()?.map(str::to_owned))
}

/// Twelve digits, or the ARN of the account's root.
fn issuing_account(at: At<'_>, key: &Key) -> Result<Account, InputError> {
    let text = at.string()?;
    if text.starts_with("arn:") {
        let arn = Arn::parse(text).map_err(|error| at.error(error.to_string()))?;
        if (arn.service, arn.resource) != ("iam", "root") {
            return Err(at.expected("the ARN of an account's root, or twelve digits"));
        }
        let id = arn.account_id().map_err(|error| at.error(error.to_string()))?;
        return Ok(Account { partition: arn.partition, id });
    }
    let id = text.parse::<AccountId>().map_err(|error| at.error(error.to_string()))?;
    Ok(Account { partition: key.account.partition, id })
}

/// Operations that a grant can give, and that this type of key has.
///
/// Source: [Grant operations](https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations)
fn with_operations(mut grant: Grant, at: At<'_>, key: &Key) -> Result<Grant, InputError> {
    let listed = at.one_or_many();
    if listed.is_empty() {
        return Err(at.expected("at least one operation"));
    }
    for at in listed {
        let text = at.string()?;
        let operation = Action::parse(text).ok().filter(|action| action.grantable);
        let operation = operation.ok_or_else(|| {
            let names = Action::all().iter().filter(|action| action.grantable);
            at.expected("a grant operation such as `Decrypt`")
                .with_help(did_you_mean(text, names.map(Action::short_name)))
        })?;
        if !key.supports(operation) {
            return Err(at.expected(&format!(
                "an operation that a key of the spec {} and usage {} has",
                key.spec, key.usage
            )));
        }
        grant = grant.with_operation(operation);
    }
    Ok(grant)
}

/// The constraints, by their names for equality, subset and source.
fn constrain(
    grant: &mut Grant,
    at: At<'_>,
    [equals, subset, source_arn]: [&str; 3],
    key: &Key,
) -> Result<(), InputError> {
    let object = at.object()?.only(&[equals, subset, source_arn])?;
    let kinds = [(equals, ConstraintKind::Equals), (subset, ConstraintKind::Subset)];
    for (name, kind) in kinds {
        let Some(at) = object.optional(name) else { continue };
        if grant.constraint.is_some() {
            return Err(object
                .error_at_name(name, format!("expected `{equals}` or `{subset}`, found both")));
        }
        if key.spec != "SYMMETRIC_DEFAULT" {
            return Err(object.error_at_name(
                name,
                "expected no constraint on the encryption context of an asymmetric or HMAC key, found one",
            ));
        }
        let pairs = pairs(at)?;
        if pairs.is_empty() {
            return Err(at.expected("at least one pair"));
        }
        grant.constraint = Some(ContextConstraint::new(kind, pairs));
    }
    if let Some(at) = object.optional(source_arn) {
        let text = at.string()?;
        Arn::parse(text).map_err(|error| at.error(error.to_string()))?;
        grant.source_arn = Some(SourceArn::new(text));
    }
    Ok(())
}
