//! The condition keys that a request carries.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Permission;
use super::caller::{Caller, Kind};
use super::catalogue;
use super::parameters;
use super::text;
use super::values;
use super::world::World;

/// Condition keys in lower case, with their values.
pub(crate) type Context = BTreeMap<String, Vec<String>>;

/// Sets a key of one value.
pub(crate) fn set(context: &mut Context, key: &str, value: impl Into<String>) {
    context.insert(key.to_lowercase(), vec![value.into()]);
}

/// Sets a key of many values, unless there are none.
pub(crate) fn set_all(context: &mut Context, key: &str, values: Vec<String>) {
    if !values.is_empty() {
        context.insert(key.to_lowercase(), values);
    }
}

/// Everything that the request for one permission carries.
pub(crate) fn of(world: World<'_>, caller: &Caller<'_>, permission: &Permission<'_>) -> Context {
    let mut context = Context::new();
    of_caller(&mut context, world, caller);
    of_organization(&mut context, world, caller, permission);
    of_network(&mut context, world, permission);
    of_key(&mut context, permission);
    of_call(&mut context, world, caller, permission);
    parameters::add(&mut context, world, permission);
    if let Value::Object(given) = &world.case["context"] {
        for (key, value) in given {
            context.remove(&key.to_lowercase());
            set_all(&mut context, key, text::list(value));
        }
        if !given.keys().any(|key| key.eq_ignore_ascii_case("aws:EpochTime")) {
            epoch_of_current_time(&mut context);
        }
    }
    context
}

/// Both date keys tell the same time.
fn epoch_of_current_time(context: &mut Context) {
    let time = context.get("aws:currenttime").and_then(|times| values::instant(times.first()?));
    if let Some(seconds) = time {
        set(context, "aws:EpochTime", seconds.to_string());
    }
}

fn of_caller(context: &mut Context, world: World<'_>, caller: &Caller<'_>) {
    let service = caller.kind == Kind::Service;
    set(context, "aws:PrincipalIsAWSService", service.to_string());
    if service {
        set(context, "aws:PrincipalServiceName", &caller.arn);
        set_all(context, "aws:PrincipalServiceNamesList", vec![caller.arn.clone()]);
        return;
    }
    set(context, "aws:PrincipalArn", &caller.arn);
    set(context, "aws:PrincipalAccount", &caller.account);
    let (kind, user_id) = match caller.kind {
        Kind::User => ("User", caller.id.clone()),
        Kind::Role => {
            let session = caller.session_name.clone();
            ("AssumedRole", caller.id.clone().zip(session).map(|(id, name)| format!("{id}:{name}")))
        }
        Kind::Federated => (
            "FederatedUser",
            caller.session_name.clone().map(|name| format!("{}:{name}", caller.account)),
        ),
        Kind::Root => ("Account", Some(caller.account.clone())),
        Kind::Service => return,
    };
    set(context, "aws:PrincipalType", kind);
    set_all(context, "aws:userid", user_id.into_iter().collect());
    if caller.kind == Kind::User {
        set(context, "aws:username", caller.name());
    }
    for (tag, value) in &caller.tags {
        set(context, &format!("aws:PrincipalTag/{tag}"), value);
    }
    if let Some(mfa) = caller.mfa {
        set(context, "aws:MultiFactorAuthPresent", mfa.to_string());
    }
    let _ = world;
}

fn of_organization(
    context: &mut Context,
    world: World<'_>,
    caller: &Caller<'_>,
    permission: &Permission<'_>,
) {
    let organization = &world.environment["organization"];
    let Some(id) = organization["id"].as_str() else { return };
    for (side, account) in [("Principal", &caller.account), ("Resource", &permission.account)] {
        let row = &organization["accounts"][account];
        if row.is_null() {
            continue;
        }
        set(context, &format!("aws:{side}OrgID"), id);
        let units = text::list(&row["ou_path"]);
        if !units.is_empty() {
            let path = format!("{id}/{}/", units.join("/"));
            set_all(context, &format!("aws:{side}OrgPaths"), vec![path]);
        }
    }
}

fn of_network(context: &mut Context, world: World<'_>, permission: &Permission<'_>) {
    set(context, "aws:SecureTransport", "true");
    if world.case["via"].is_string() {
        set(context, "aws:SourceIp", "240.0.0.1");
    }
    let of_iam = permission.action.starts_with("iam:");
    if let Some(endpoint) = world.case["vpc_endpoint"].as_str().filter(|_| !of_iam) {
        set(context, "aws:SourceVpce", endpoint);
        let vpc = &world.environment["vpc_endpoints"][endpoint]["vpc"];
        set_all(context, "aws:SourceVpc", text::list(vpc));
    }
    if let Some(at) = world.case["at"].as_str() {
        set(context, "aws:CurrentTime", at);
        epoch_of_current_time(context);
    }
}

fn of_key(context: &mut Context, permission: &Permission<'_>) {
    let Some(key) = permission.key.as_ref().filter(|_| permission.describes_key()) else { return };
    for name in ["kms:KeySpec", "kms:CustomerMasterKeySpec"] {
        set(context, name, key.property("spec", "SYMMETRIC_DEFAULT"));
    }
    for name in ["kms:KeyUsage", "kms:CustomerMasterKeyUsage"] {
        set(context, name, key.property("usage", "ENCRYPT_DECRYPT"));
    }
    set(context, "kms:KeyOrigin", key.property("origin", "AWS_KMS"));
    let kind = key.row["multi_region"].as_str();
    set(context, "kms:MultiRegion", kind.is_some().to_string());
    if let Some(kind) = kind {
        set(context, "kms:MultiRegionKeyType", kind.to_uppercase());
    }
    set_all(context, "kms:ResourceAliases", text::list(&key.row["aliases"]));
    for (tag, value) in text::pairs(&key.row["tags"]) {
        set(context, &format!("aws:ResourceTag/{tag}"), value);
    }
}

fn of_call(
    context: &mut Context,
    world: World<'_>,
    caller: &Caller<'_>,
    permission: &Permission<'_>,
) {
    let operation = catalogue::operation(&permission.action);
    let given = &world.case["context"]["kms:ViaService"];
    let forwarded = world.case["via"].is_string() || given.is_string();
    set(context, "aws:ViaAWSService", forwarded.to_string());
    set(context, "aws:RequestedRegion", &permission.region);
    if !permission.account.is_empty() {
        set(context, "aws:ResourceAccount", &permission.account);
    }
    if operation.has("CallerAccount") && caller.kind != Kind::Service {
        set(context, "kms:CallerAccount", &caller.account);
    }
    if let Some(service) = world.case["via"].as_str().filter(|_| operation.has("ViaService")) {
        let host = format!("{service}.{}.amazonaws.com", permission.region);
        set(context, "kms:ViaService", host);
    }
    if operation.has("GrantIsForAWSResource") {
        set(context, "kms:GrantIsForAWSResource", forwarded.to_string());
    }
    if let Some(alias) = permission.request_alias.as_ref().filter(|_| operation.has("RequestAlias"))
    {
        set(context, "kms:RequestAlias", alias);
    }
}
