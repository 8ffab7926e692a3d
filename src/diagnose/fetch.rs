//! The commands that fetch what a simulation needs. Every name in them was checked: none has
//! a character that means anything to a shell.

use serde::Serialize;

use super::incident::{Call, Denial, Named};
use super::proof::applies;
use crate::environment::{Party, Reach};
use crate::evaluate::Side;
use crate::request::PrincipalName;

/// A command of the AWS CLI, and where its result goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Fetch {
    /// The command, for a shell.
    pub command: String,
    /// The option of kms-sim that takes the result, if one does.
    pub option: Option<&'static str>,
    /// What is fetched.
    pub what: &'static str,
}

/// What a simulation of a denied call needs: the side that is named, and those that it takes
/// to decide at all.
pub(super) fn all(call: &Call, named: &Named) -> Vec<Fetch> {
    let needed = Side::ALL.into_iter().filter(|side| is_needed(*side, call, named));
    // The named side first, and of that the very policy, where AWS tells it.
    let (first, rest): (Vec<Side>, Vec<Side>) = needed.partition(|side| is_named(*side, named));
    let mut fetches: Vec<Fetch> = exact(named).into_iter().collect();
    let first = if fetches.is_empty() { first } else { Vec::new() };
    fetches.extend(first.into_iter().chain(rest).flat_map(|side| of(call, side)));
    if *named == Named::KeyOrItsPolicy {
        fetches.extend(describe_key(call));
    }
    // Without the key, or the caller, there is nothing to name in a command.
    let has_no_key = applies(Side::KeyPolicy, named, call) && call.key_arn().is_none();
    if fetches.is_empty() || has_no_key {
        fetches.push(find_event(call));
    }
    fetches
}

fn is_named(side: Side, named: &Named) -> bool {
    matches!(named, Named::Side { side: it, .. } if *it == side)
}

fn is_needed(side: Side, call: &Call, named: &Named) -> bool {
    let is_named = is_named(side, named);
    let names_none = *named == Named::Nothing;
    applies(side, named, call)
        && match side {
            Side::KeyPolicy | Side::IdentityPolicy => true,
            Side::PermissionsBoundary => is_named || names_none,
            // Where a source of permission is named, a grant would have allowed; and none
            // helps against an explicit deny.
            Side::Grant => !is_explicit(named) && !rules_out_grants(named),
            Side::VpcEndpointPolicy => is_named || call.vpc_endpoint.is_some(),
            Side::SessionPolicy => is_named,
            Side::ResourceControlPolicy | Side::ServiceControlPolicy => {
                is_named || (names_none && call.key_account().is_some())
            }
        }
}

fn rules_out_grants(named: &Named) -> bool {
    matches!(
        named,
        Named::Side { denial: Denial::Implicit, side: Side::IdentityPolicy | Side::KeyPolicy, .. }
    )
}

fn is_explicit(named: &Named) -> bool {
    matches!(named, Named::Side { denial: Denial::Explicit, .. })
}

/// What belongs to one side.
pub(super) fn of(call: &Call, side: Side) -> Vec<Fetch> {
    match side {
        Side::KeyPolicy => key(
            call,
            "get-key-policy",
            " --policy-name default --query Policy --output text > key.json",
            "--key-policy",
            "the key policy",
        ),
        Side::Grant => {
            key(call, "list-grants", " > grants.json", "--grant", "the grants on the key")
        }
        Side::IdentityPolicy => identity(call),
        Side::PermissionsBoundary => boundary(call).into_iter().collect(),
        Side::ServiceControlPolicy => {
            let account = call.principal().and_then(|name| name.account());
            control(
                account.map(|it| it.id.to_string()),
                "SERVICE_CONTROL_POLICY",
                "scp",
                "--scp",
                "the service control policies of the caller's account (with credentials of the management account)",
            )
        }
        Side::ResourceControlPolicy => {
            let account = call.key_account();
            control(
                account.map(|it| it.id.to_string()),
                "RESOURCE_CONTROL_POLICY",
                "rcp",
                "--rcp",
                "the resource control policies of the key's account (with credentials of the management account)",
            )
        }
        Side::VpcEndpointPolicy => vec![endpoint(call)],
        Side::SessionPolicy => vec![session(call)],
    }
}

fn fetch(command: String, option: &'static str, what: &'static str) -> Fetch {
    Fetch { command, option: Some(option), what }
}

/// The very policy that a newer message names.
pub(super) fn exact(named: &Named) -> Option<Fetch> {
    let Named::Side { side, policy: Some(arn), .. } = named else { return None };
    let is_plain = arn.chars().all(|c| c.is_ascii_alphanumeric() || "-_/:.+=,@".contains(c));
    let id = arn.rsplit('/').next().filter(|_| is_plain)?;
    Some(match side {
        Side::ServiceControlPolicy => fetch(
            format!("aws organizations describe-policy --policy-id {id} > scp.json"),
            "--scp",
            "the service control policy that denies",
        ),
        Side::ResourceControlPolicy => fetch(
            format!("aws organizations describe-policy --policy-id {id} > rcp.json"),
            "--rcp",
            "the resource control policy that denies",
        ),
        Side::PermissionsBoundary => fetch(
            version(arn, "boundary.json"),
            "--permissions-boundary",
            "the permissions boundary",
        ),
        Side::IdentityPolicy => fetch(
            version(arn, "identity.json"),
            "--identity-policy",
            "the identity policy that denies",
        ),
        Side::SessionPolicy => fetch(
            version(arn, "session.json"),
            "--session-policy",
            "the session policy that denies",
        ),
        Side::KeyPolicy | Side::Grant | Side::VpcEndpointPolicy => return None,
    })
}

/// The version of a managed policy that counts.
fn version(arn: &str, file: &str) -> String {
    format!(
        "aws iam get-policy-version --policy-arn {arn} --version-id $(aws iam get-policy --policy-arn {arn} --query Policy.DefaultVersionId --output text) > {file}"
    )
}

/// A command of KMS about the key; none if nothing tells which.
fn key(
    call: &Call,
    command: &str,
    rest: &str,
    option: &'static str,
    what: &'static str,
) -> Vec<Fetch> {
    let Some(arn) = call.key_arn() else { return Vec::new() };
    let region = call.region().unwrap_or_default();
    vec![fetch(format!("aws kms {command} --region {region} --key-id {arn}{rest}"), option, what)]
}

/// Whether the key is there at all, and in which state; with what conditions may read of it.
pub(super) fn describe_key(call: &Call) -> Vec<Fetch> {
    let mut all = key(call, "describe-key", "", "", "key state");
    for fetch in &mut all {
        fetch.option = None;
    }
    all
}

/// What may limit the caller next, and what a condition may read of the key.
pub(super) fn further(call: &Call, named: &Named) -> Vec<Fetch> {
    let commands = [("list-aliases", "aliases"), ("list-resource-tags", "tags")];
    let further = commands.into_iter().flat_map(|(command, what)| key(call, command, "", "", what));
    let further = further.map(|fetch| Fetch { option: None, ..fetch });
    let is_told =
        matches!(named, Named::Nothing | Named::Side { side: Side::PermissionsBoundary, .. });
    let boundary = boundary(call).filter(|_| !is_told);
    boundary.into_iter().chain(describe_key(call)).chain(further).collect()
}

/// `role` or `user`, and the name without its path.
pub(super) fn holder(call: &Call) -> Option<(&'static str, String)> {
    let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
    match call.holder()? {
        PrincipalName::Role(_, path) => Some(("role", last(&path))),
        PrincipalName::User(_, path) => Some(("user", last(&path))),
        PrincipalName::Root(_)
        | PrincipalName::Session { .. }
        | PrincipalName::FederatedUser(..)
        | PrincipalName::Service(_) => None,
    }
}

fn identity(call: &Call) -> Vec<Fetch> {
    let Some((kind, name)) = holder(call) else { return Vec::new() };
    let mut all = policies_of(kind, &name, ["inline policies", "managed policies"]);
    if kind == "user" {
        let groups = format!(
            "for g in $(aws iam list-groups-for-user {} --query 'Groups[].GroupName' --output text); do",
            named(kind, &name)
        );
        let of_group = policies_of(
            "group",
            "$g",
            ["inline policies of the groups", "managed policies of the groups"],
        );
        all.extend(
            of_group
                .into_iter()
                .map(|it| Fetch { command: format!("{groups} {}; done", it.command), ..it }),
        );
    }
    all
}

/// The option that names a user, role or group; a name may look like an option itself.
pub(super) fn named(kind: &str, name: &str) -> String {
    let between = if name.starts_with('-') { '=' } else { ' ' };
    format!("--{kind}-name{between}{name}")
}

/// The inline policies and the managed ones of a user, role or group.
fn policies_of(kind: &str, name: &str, what: [&'static str; 2]) -> Vec<Fetch> {
    let of = named(kind, name);
    let [inline, managed] = what;
    vec![
        fetch(
            format!(
                "for p in $(aws iam list-{kind}-policies {of} --query PolicyNames --output text); do aws iam get-{kind}-policy {of} --policy-name $p > inline-$p.json; done"
            ),
            "--identity-policy",
            inline,
        ),
        fetch(
            format!(
                "for p in $(aws iam list-attached-{kind}-policies {of} --query 'AttachedPolicies[].PolicyArn' --output text); do {}; done",
                version("$p", "managed-${p##*/}.json")
            ),
            "--identity-policy",
            managed,
        ),
    ]
}

fn boundary(call: &Call) -> Option<Fetch> {
    let (kind, name) = holder(call)?;
    let of = if kind == "user" { "User" } else { "Role" };
    Some(fetch(
        format!(
            "b=$(aws iam get-{kind} {} --query {of}.PermissionsBoundary.PermissionsBoundaryArn --output text); [ $b = None ] || {}",
            named(kind, &name),
            version("$b", "boundary.json")
        ),
        "--permissions-boundary",
        "permissions boundary",
    ))
}

/// From the account up to the organization's root.
fn control(
    account: Option<String>,
    filter: &str,
    file: &str,
    option: &'static str,
    what: &'static str,
) -> Vec<Fetch> {
    let Some(account) = account else { return Vec::new() };
    vec![fetch(
        format!(
            "t={account}; while [ $t != None ]; do for p in $(aws organizations list-policies-for-target --target-id $t --filter {filter} --query 'Policies[].Id' --output text); do aws organizations describe-policy --policy-id $p > {file}-$t-$p.json; done; case $t in r-*) break;; esac; t=$(aws organizations list-parents --child-id $t --query 'Parents[0].Id' --output text); done"
        ),
        option,
        what,
    )]
}

fn endpoint(call: &Call) -> Fetch {
    let is_plain = |id: &&String| id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let region = call.region().unwrap_or("us-east-1");
    let which = call.vpc_endpoint.as_ref().filter(is_plain).map_or_else(
        || format!("--filters Name=service-name,Values=com.amazonaws.{region}.kms"),
        |id| format!("--vpc-endpoint-ids {id}"),
    );
    fetch(
        format!(
            "aws ec2 describe-vpc-endpoints --region {region} {which} --query 'VpcEndpoints[0].PolicyDocument' --output text > endpoint.json"
        ),
        "--vpc-endpoint-policy",
        "the policy of the VPC endpoint for KMS",
    )
}

/// No API tells what a session was opened with; CloudTrail kept it.
fn session(call: &Call) -> Fetch {
    let session = match call.principal() {
        Some(PrincipalName::Session { session, .. }) => session,
        _ => "SESSION".to_owned(),
    };
    fetch(
        format!(
            "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=AssumeRole --query \"Events[?contains(CloudTrailEvent, '{session}')].CloudTrailEvent\" --output text"
        ),
        "--session-policy",
        "the call that opened the session: its requestParameters have policy and policyArns",
    )
}

/// The event of the call, which tells what the message leaves out.
pub(super) fn find_event(call: &Call) -> Fetch {
    let operation = call.action.map_or("Decrypt", |action| match action.short_name() {
        "ReEncryptFrom" | "ReEncryptTo" => "ReEncrypt",
        name => name,
    });
    Fetch {
        command: format!(
            "aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue={operation} --max-results 50 | kms-sim diagnose -"
        ),
        option: None,
        what: "the event of the call, which names caller and key",
    }
}

/// Whether a call crosses accounts, so that the commands need credentials of both.
pub(super) fn is_across(call: &Call) -> bool {
    matches!(call.reach(), Some(Reach::Foreign | Reach::ForeignNotOffered))
        && call.party() != Some(Party::Service)
}
