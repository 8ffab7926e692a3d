//! Which statements of a policy apply to a request.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Request;
use super::caller::Kind;
use super::condition;
use super::pattern::{self, Syntax};
use super::text;

/// How closely a `Principal` names the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Naming {
    /// As everybody.
    Everyone,
    /// As that very user, session, federated user or service.
    Exactly,
    /// As the role or user that the session was opened with.
    Behind,
    /// As one of its account.
    Account,
}

/// What the statements say that apply.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks {
    /// Whether some statement denies.
    pub(crate) deny: bool,
    /// Whether some statement allows.
    pub(crate) allow: bool,
    /// How the statements that allow name the caller, in policies with principals.
    pub(crate) namings: BTreeSet<Naming>,
}

/// The sides whose statements have principals.
const WITH_PRINCIPALS: [&str; 3] = ["key-policy", "resource-control-policy", "vpc-endpoint-policy"];

/// What several policies of a side say together.
pub(crate) fn read_all(policies: &[&Value], side: &str, request: &Request<'_>) -> Marks {
    let mut all = Marks::default();
    for policy in policies {
        let marks = read(policy, side, request);
        all.deny |= marks.deny;
        all.allow |= marks.allow;
        all.namings.extend(marks.namings);
    }
    all
}

/// What one policy of a side says.
pub(crate) fn read(policy: &Value, side: &str, request: &Request<'_>) -> Marks {
    let document = document(policy, request);
    let version = document["Version"].as_str().unwrap_or("2008-10-17").to_owned();
    let mut marks = Marks::default();
    for statement in text::items(&document["Statement"]) {
        let denies = statement["Effect"] == "Deny";
        let naming = if WITH_PRINCIPALS.contains(&side) {
            naming(statement, request)
        } else {
            Some(Naming::Exactly)
        };
        let Some(naming) = naming else { continue };
        if !applies(statement, &version, request) {
            continue;
        }
        note(statement, side, request);
        if denies {
            marks.deny = true;
        } else {
            marks.allow = true;
            marks.namings.insert(naming);
        }
    }
    marks
}

/// The document that a built-in name stands for, or the document itself.
fn document<'a>(policy: &'a Value, request: &Request<'_>) -> Cow<'a, Value> {
    match policy.as_str() {
        Some("FullAWSAccess" | "RCPFullAWSAccess") => Cow::Owned(json!({
            "Version": "2012-10-17",
            "Statement": {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"},
        })),
        Some("default-key-policy") => Cow::Owned(default_key_policy(&request.permission.account)),
        _ => Cow::Borrowed(policy),
    }
}

/// The key policy of a key that was created without one.
pub(crate) fn default_key_policy(account: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": account},
            "Action": "kms:*",
            "Resource": "*",
        },
    })
}

/// Notes a statement that applies, with everything special in it.
fn note(statement: &Value, side: &str, request: &Request<'_>) {
    let seen = request.world.seen;
    seen.note(format!("{side} {}", text::one(&statement["Effect"])));
    seen.note(format!("matched {}", request.permission.action));
    for element in ["NotPrincipal", "NotAction", "NotResource"] {
        if statement.get(element).is_some() {
            seen.note(element);
        }
    }
    if let Some(Value::Object(operators)) = statement.get("Condition") {
        operators.keys().for_each(|spelling| seen.note(spelling.to_lowercase()));
    }
}

/// Whether action, resource and conditions of a statement fit.
fn applies(statement: &Value, version: &str, request: &Request<'_>) -> bool {
    action_fits(statement, &request.permission.action)
        && resource_fits(statement, version, request)
        && condition::holds(statement.get("Condition"), version, &request.context)
}

fn action_fits(statement: &Value, action: &str) -> bool {
    let listed = |element: &Value| {
        let patterns = text::list(element);
        patterns.iter().any(|pattern| pattern::covers_ignoring_case(pattern, action))
    };
    match (&statement["Action"], &statement["NotAction"]) {
        (Value::Null, Value::Null) => false,
        (Value::Null, excluded) => !listed(excluded),
        (actions, _) => listed(actions),
    }
}

fn resource_fits(statement: &Value, version: &str, request: &Request<'_>) -> bool {
    let variables = Some(&request.context).filter(|_| version == "2012-10-17");
    let syntax = Syntax { wildcards: true, variables };
    let arn: Vec<char> = request.permission.resource.chars().collect();
    let covers = |resource: &String| {
        let pattern = pattern::tokens(resource, syntax)?;
        Some(resource == "*" || pattern::covers_arn(&pattern, &arn))
    };
    match (&statement["Resource"], &statement["NotResource"]) {
        (Value::Null, Value::Null) => false,
        (Value::Null, excluded) => {
            let results: Vec<Option<bool>> = text::list(excluded).iter().map(covers).collect();
            let allow_is_void = statement["Effect"] == "Allow" && results.contains(&None);
            !allow_is_void && !results.contains(&Some(true))
        }
        (resources, _) => text::list(resources).iter().any(|one| covers(one) == Some(true)),
    }
}

/// How a statement's `Principal` or `NotPrincipal` covers the caller, if it does.
fn naming(statement: &Value, request: &Request<'_>) -> Option<Naming> {
    match (&statement["Principal"], &statement["NotPrincipal"]) {
        (Value::Null, Value::Null) => None,
        (Value::Null, spared) => (!spares(spared, request)).then_some(Naming::Everyone),
        (principal, _) => closest(principal, request),
    }
}

/// The closest of all that are listed.
fn closest(principal: &Value, request: &Request<'_>) -> Option<Naming> {
    if principal == "*" {
        return Some(Naming::Everyone);
    }
    let caller = request.caller;
    let services = text::list(&principal["Service"]);
    if caller.kind == Kind::Service && services.contains(&caller.arn) {
        return Some(Naming::Exactly);
    }
    let listed = text::list(&principal["AWS"]);
    listed.iter().filter_map(|one| names(one, request)).min()
}

/// How one listed AWS principal names the caller, if it does.
pub(crate) fn names(listed: &str, request: &Request<'_>) -> Option<Naming> {
    let caller = request.caller;
    if listed == "*" {
        return Some(Naming::Everyone);
    }
    if caller.kind == Kind::Service {
        return None;
    }
    if listed == caller.account || listed == caller.root_arn(request.world) {
        return Some(Naming::Account);
    }
    if caller.session_arn.as_deref() == Some(listed) {
        return Some(Naming::Exactly);
    }
    if caller.issuer.as_deref() == Some(listed) {
        return Some(Naming::Behind);
    }
    match caller.kind {
        Kind::User if caller.arn == listed => Some(Naming::Exactly),
        Kind::Role if caller.arn == listed => Some(Naming::Behind),
        _ => None,
    }
}

/// Whether a `NotPrincipal` exempts the caller; a session without a name it never does,
/// nor a federated user of whom nothing says who issued it.
fn spares(spared: &Value, request: &Request<'_>) -> bool {
    let caller = request.caller;
    let listed = text::list(&spared["AWS"]);
    if caller.boundary.is_some() {
        return false;
    }
    let account =
        listed.contains(&caller.account) || listed.contains(&caller.root_arn(request.world));
    let session = caller.session_arn.as_ref().is_none_or(|session| listed.contains(session));
    let issuer = caller.issuer.as_ref().is_some_and(|issuer| listed.contains(issuer));
    match caller.kind {
        Kind::Service => text::list(&spared["Service"]).contains(&caller.arn),
        Kind::Root => account,
        Kind::User => listed.contains(&caller.arn) && account,
        Kind::Role => {
            caller.session_arn.is_some() && session && listed.contains(&caller.arn) && account
        }
        Kind::Federated => session && issuer && account,
    }
}
