//! The permissions that one call asks for.

use serde_json::Value;

use super::caller::Caller;
use super::catalogue;
use super::text;
use super::world::{self, Key, World};
use super::{Permission, Target};

/// The permissions that the action asks for, in order.
pub(crate) fn permissions<'a>(
    world: World<'a>,
    caller: &Caller<'_>,
    action: &str,
) -> Vec<Permission<'a>> {
    let parameters = &world.case["parameters"];
    match action {
        "kms:ReEncrypt" => re_encrypt(world, caller),
        "kms:CreateAlias" | "kms:DeleteAlias" | "kms:UpdateAlias" => alias(world, caller, action),
        "kms:CreateKey" => {
            let mut all = vec![keyless(world, caller, action)];
            if has_tags(parameters) {
                let resource = new_key(world, caller);
                let target = Target::NewKey;
                let asked = keyless(world, caller, "kms:TagResource");
                all.push(Permission { target, resource, ..asked });
            }
            if parameters["MultiRegion"] == true {
                let asked = keyless(world, caller, "iam:CreateServiceLinkedRole");
                let (resource, region) = (multi_region_role(world, caller), iam_region(world));
                all.push(Permission { resource, region, ..asked });
            }
            all
        }
        "kms:ReplicateKey" => replicate(world, caller),
        "kms:UpdatePrimaryRegion" => update_primary(world, caller),
        _ if catalogue::operation(action).of_key => {
            let mut asked = of_key(world, caller, action, &world.case["key"]);
            let (other, _) = other_key(world, caller);
            asked.other_key = other.map(|key| key.arn);
            vec![asked]
        }
        _ => vec![keyless(world, caller, action)],
    }
}

/// The ARN of a key that does not exist yet, nor its id.
fn new_key(world: World<'_>, caller: &Caller<'_>) -> String {
    format!("arn:{}:kms:{}:{}:key/NEW-KEY", world.partition(), world.region(), caller.account)
}

/// Where a partition has IAM, which KMS calls by itself.
fn iam_region(world: World<'_>) -> String {
    let region = match world.partition().as_str() {
        "aws-cn" => "cn-north-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    };
    region.to_owned()
}

/// The role by which KMS keeps multi-Region keys in step.
fn multi_region_role(world: World<'_>, caller: &Caller<'_>) -> String {
    format!(
        "arn:{}:iam::{}:role/aws-service-role/mrk.kms.amazonaws.com/\
         AWSServiceRoleForKeyManagementServiceMultiRegionKeys",
        world.partition(),
        caller.account
    )
}

fn has_tags(parameters: &Value) -> bool {
    !text::items(&parameters["Tags"]).is_empty()
}

fn other_key<'a>(world: World<'a>, caller: &Caller<'_>) -> (Option<Key<'a>>, Option<String>) {
    let spelled = &world.case["destination_key"];
    let found = spelled.is_string().then(|| world.find_key(spelled, &caller.account)).flatten();
    found.unzip_alias()
}

/// Splits what was found, if something was.
trait UnzipAlias<'a> {
    fn unzip_alias(self) -> (Option<Key<'a>>, Option<String>);
}

impl<'a> UnzipAlias<'a> for Option<(Key<'a>, Option<String>)> {
    fn unzip_alias(self) -> (Option<Key<'a>>, Option<String>) {
        match self {
            Some((key, alias)) => (Some(key), alias),
            None => (None, None),
        }
    }
}

/// One that is asked for a key.
fn of_key<'a>(
    world: World<'a>,
    caller: &Caller<'_>,
    action: &str,
    spelled: &Value,
) -> Permission<'a> {
    let (key, request_alias) = world.find_key(spelled, &caller.account).unzip_alias();
    let context = match action {
        "kms:CreateGrant" => child_constraint(world),
        _ => &world.case["encryption_context"],
    };
    Permission {
        action: action.to_owned(),
        target: Target::Key,
        resource: key.as_ref().map(|key| key.arn.clone()).unwrap_or_default(),
        account: key.as_ref().map(|key| key.account.clone()).unwrap_or_default(),
        region: key.as_ref().map(|key| key.region.clone()).unwrap_or_default(),
        key,
        request_alias,
        other_key: None,
        replica_of: None,
        encryption_context: text::pairs(context),
    }
}

/// The encryption context of the grant that is to be created.
fn child_constraint(world: World<'_>) -> &Value {
    let constraints = &world.case["parameters"]["Constraints"];
    match &constraints["EncryptionContextSubset"] {
        Value::Null => &constraints["EncryptionContextEquals"],
        subset => subset,
    }
}

/// One that is asked for no key, on `*`.
fn keyless<'a>(world: World<'a>, caller: &Caller<'_>, action: &str) -> Permission<'a> {
    Permission {
        action: action.to_owned(),
        target: Target::Nothing,
        resource: "*".to_owned(),
        account: caller.account.clone(),
        region: world.region(),
        key: None,
        request_alias: None,
        other_key: None,
        replica_of: None,
        encryption_context: Vec::new(),
    }
}

fn re_encrypt<'a>(world: World<'a>, caller: &Caller<'_>) -> Vec<Permission<'a>> {
    let mut from = of_key(world, caller, "kms:ReEncryptFrom", &world.case["key"]);
    let mut to = of_key(world, caller, "kms:ReEncryptTo", &world.case["destination_key"]);
    from.other_key = Some(to.resource.clone());
    to.other_key = Some(from.resource.clone());
    let other_context = &world.case["parameters"]["DestinationEncryptionContext"];
    if !other_context.is_null() {
        to.encryption_context = text::pairs(other_context);
    }
    vec![from, to]
}

/// On the alias, on the key it points to, and on the one it will point to.
fn alias<'a>(world: World<'a>, caller: &Caller<'_>, action: &str) -> Vec<Permission<'a>> {
    let current = of_key(world, caller, action, &world.case["key"]);
    let mut all = Vec::new();
    if let Some(name) = world.case["parameters"]["AliasName"].as_str() {
        all.push(Permission {
            target: Target::Alias,
            resource: world::alias_arn(&current.resource, name),
            ..current.clone()
        });
    }
    all.push(current);
    if action == "kms:UpdateAlias" && world.case["destination_key"].is_string() {
        all.push(of_key(world, caller, action, &world.case["destination_key"]));
    }
    all
}

/// On the primary key in its Region; then those of a new key in the replica's.
fn replicate<'a>(world: World<'a>, caller: &Caller<'_>) -> Vec<Permission<'a>> {
    let primary = of_key(world, caller, "kms:ReplicateKey", &world.case["key"]);
    let parameters = &world.case["parameters"];
    let Some(region) = parameters["ReplicaRegion"].as_str() else { return vec![primary] };
    let there = |action| Permission {
        region: region.to_owned(),
        replica_of: primary.key.clone(),
        ..keyless(world, caller, action)
    };
    let mut all = vec![primary.clone(), there("kms:CreateKey")];
    if has_tags(parameters) {
        // Related keys share account and id.
        let resource = primary.resource.replacen(&primary.region, region, 1);
        let account = primary.account.clone();
        all.push(Permission {
            target: Target::NewKey,
            resource,
            account,
            ..there("kms:TagResource")
        });
    }
    all
}

/// On the primary key, and on the key of the same id in the Region that becomes primary.
fn update_primary<'a>(world: World<'a>, caller: &Caller<'_>) -> Vec<Permission<'a>> {
    let action = "kms:UpdatePrimaryRegion";
    let primary = of_key(world, caller, action, &world.case["key"]);
    let Some(region) = world.case["parameters"]["PrimaryRegion"].as_str() else {
        return vec![primary];
    };
    let related = world.keys().into_iter().map(|(_, key)| key).find(|key| {
        let same = primary.key.as_ref().is_some_and(|primary| {
            key.id == primary.id && key.account == primary.account && key.arn != primary.arn
        });
        same && key.region == region
    });
    let Some(related) = related else { return vec![primary] };
    let spelled = Value::String(related.arn);
    let replica = of_key(world, caller, action, &spelled);
    vec![primary, replica]
}
