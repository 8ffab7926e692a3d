//! Who calls.

use std::collections::BTreeMap;

use serde_json::Value;

use super::text;
use super::world::World;

/// The kinds of callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// An IAM user with long-term keys.
    User,
    /// A session of a role.
    Role,
    /// A session that a user asked of `GetFederationToken`.
    Federated,
    /// The account's root user.
    Root,
    /// An AWS service on its own behalf.
    Service,
}

/// A caller, with everything that is attached to it.
#[derive(Clone, Debug)]
pub(crate) struct Caller<'a> {
    /// What it is.
    pub(crate) kind: Kind,
    /// Its account; empty for a service.
    pub(crate) account: String,
    /// What `aws:PrincipalArn` is: for a session that of its role; a service's name.
    pub(crate) arn: String,
    /// The exact session, if it is one that has a name.
    pub(crate) session_arn: Option<String>,
    /// The name of the session or federated user.
    pub(crate) session_name: Option<String>,
    /// The user behind a federated user.
    pub(crate) issuer: Option<String>,
    /// The unique id.
    pub(crate) id: Option<String>,
    /// Identity policies, those of groups included.
    pub(crate) identity_policies: Vec<&'a Value>,
    /// The permissions boundary.
    pub(crate) boundary: Option<&'a Value>,
    /// Session policies, if some were passed.
    pub(crate) session_policies: Option<Vec<&'a Value>>,
    /// Tags, those of the session over those of the principal.
    pub(crate) tags: BTreeMap<String, String>,
    /// Whether the session was opened with MFA; none for long-term keys.
    pub(crate) mfa: Option<bool>,
}

impl<'a> Caller<'a> {
    /// The caller of a case.
    pub(crate) fn of(world: World<'a>) -> Self {
        let spelled = world.case["principal"].as_str().unwrap_or_default();
        let arn = world.principal_arn(spelled);
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, _, _, account, resource] = parts[1..] else { return Self::service(&arn) };
        match resource.split_once('/') {
            None => Self::bare(Kind::Root, account, &arn),
            Some(("user", _)) => Self::from_row(world, Kind::User, account, &arn, &arn),
            Some(("role", _)) => {
                let name = world.case["session"]["name"].as_str().map(str::to_owned);
                Self::session(world, account, &arn, name)
            }
            Some(("assumed-role", names)) => {
                let (role, name) = names.split_once('/').unwrap_or_default();
                let role = role_named(world, account, role);
                Self::session(world, account, &role, Some(name.to_owned()))
            }
            Some((_, name)) => Self::federated(world, account, &arn, name),
        }
    }

    fn bare(kind: Kind, account: &str, arn: &str) -> Self {
        Self {
            kind,
            account: account.to_owned(),
            arn: arn.to_owned(),
            session_arn: None,
            session_name: None,
            issuer: None,
            id: None,
            identity_policies: Vec::new(),
            boundary: None,
            session_policies: None,
            tags: BTreeMap::new(),
            mfa: None,
        }
    }

    fn service(name: &str) -> Self {
        Self::bare(Kind::Service, "", name)
    }

    /// With what the row of the principal `listed` attaches.
    fn from_row(world: World<'a>, kind: Kind, account: &str, arn: &str, listed: &str) -> Self {
        let row = row(world, listed);
        let mut identity_policies = text::items(&row["identity_policies"]);
        for group in text::list(&row["groups"]) {
            let group = &world.environment["groups"][&group];
            identity_policies.extend(text::items(&group["identity_policies"]));
        }
        let mut tags: BTreeMap<_, _> = text::pairs(&row["tags"]).into_iter().collect();
        tags.extend(text::pairs(&world.case["session"]["tags"]));
        let boundary = Some(&row["permissions_boundary"]).filter(|policy| !policy.is_null());
        let id = row["id"].as_str().map(str::to_owned);
        Self { id, identity_policies, boundary, tags, ..Self::bare(kind, account, arn) }
    }

    fn session(world: World<'a>, account: &str, role: &str, name: Option<String>) -> Self {
        let (_, role_name) = role.rsplit_once('/').unwrap_or_default();
        let session_arn = name.as_ref().map(|name| {
            format!("arn:{}:sts::{account}:assumed-role/{role_name}/{name}", world.partition())
        });
        Self {
            session_arn,
            session_name: name,
            session_policies: session_policies(world),
            mfa: Some(world.case["session"]["mfa"] == true),
            ..Self::from_row(world, Kind::Role, account, role, role)
        }
    }

    fn federated(world: World<'a>, account: &str, arn: &str, name: &str) -> Self {
        let issuer = world.case["session"]["issued_by"].as_str();
        let issuer = issuer.map(|issuer| world.principal_arn(issuer));
        let listed = issuer.clone().unwrap_or_default();
        Self {
            session_arn: Some(arn.to_owned()),
            session_name: Some(name.to_owned()),
            issuer,
            session_policies: session_policies(world),
            mfa: Some(world.case["session"]["mfa"] == true),
            ..Self::from_row(world, Kind::Federated, account, arn, &listed)
        }
    }

    /// The last part of the name.
    pub(crate) fn name(&self) -> String {
        self.arn.rsplit_once('/').map(|(_, name)| name.to_owned()).unwrap_or_default()
    }

    /// Whether the caller is a session of a service-linked role.
    pub(crate) fn is_service_linked(&self) -> bool {
        self.kind == Kind::Role && self.arn.contains(":role/aws-service-role/")
    }

    /// Notes what kind of caller it is.
    pub(crate) fn note(&self, world: World<'_>) {
        world.seen.note(format!("caller {:?}", self.kind));
        if self.kind == Kind::Role && self.session_name.is_none() {
            world.seen.note("caller unnamed");
        }
        if self.is_service_linked() {
            world.seen.note("caller service-linked");
        }
        if self.kind != Kind::Service && self.account != world.account() {
            world.seen.note("caller foreign");
        }
    }

    /// The account's root ARN.
    pub(crate) fn root_arn(&self, world: World<'_>) -> String {
        format!("arn:{}:iam::{}:root", world.partition(), self.account)
    }
}

fn session_policies(world: World<'_>) -> Option<Vec<&Value>> {
    match &world.case["session"]["policies"] {
        Value::Null => None,
        policies => Some(text::items(policies)),
    }
}

/// What the environment says of a principal.
fn row<'a>(world: World<'a>, arn: &str) -> &'a Value {
    let Value::Object(rows) = &world.environment["principals"] else { return &Value::Null };
    let found = rows.iter().find(|(name, _)| world.principal_arn(name) == arn);
    found.map_or(&Value::Null, |(_, row)| row)
}

/// The listed role of the account whose last part is the name.
fn role_named(world: World<'_>, account: &str, name: &str) -> String {
    let place = format!("arn:{}:iam::{account}:role/", world.partition());
    let Value::Object(rows) = &world.environment["principals"] else { return place + name };
    let arns = rows.keys().map(|listed| world.principal_arn(listed));
    let mut roles = arns.filter(|arn| arn.starts_with(&place));
    let found = roles.find(|arn| arn.rsplit('/').next() == Some(name));
    found.unwrap_or(place + name)
}
