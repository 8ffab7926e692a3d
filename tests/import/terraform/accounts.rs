//! Providers that may work in other accounts.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};
use serde_json::{Value, json};

use super::*;

const KEY: &str = "aws_kms_key.app";
const OTHER: &str = "444455556666";

fn provider(alias: &str, expressions: Value) -> Value {
    json!({"name": "aws", "alias": alias, "expressions": expressions})
}

/// A key of a provider beside the default one.
fn with_provider(default: Value, aliased: Value) -> Value {
    let mut document = plan(&[
        role("aws_iam_role.app", "App"),
        role_policy("aws_iam_role_policy.p", "aws_iam_role.app"),
        key(KEY),
    ]);
    let configuration = &mut document["configuration"];
    configuration["provider_config"]["aws"]["expressions"] = default;
    configuration["provider_config"]["aws.b"] = provider("b", aliased);
    configuration["root_module"]["resources"][2]["provider_config_key"] = json!("aws.b");
    document
}

fn account_of_key(document: &Value) -> Option<String> {
    let arn = after(document).keys.get(KEY)?.arn.clone().unwrap();
    arn.split(':').nth(4).map(str::to_owned)
}

#[test]
fn a_provider_with_other_credentials_may_be_for_another_account() {
    let none = || json!({"region": {"constant_value": "us-east-1"}});
    let constant = |name: &str, value: &str| json!({(name): {"constant_value": value}});
    let role = |name: &str, arn: Value| json!({(name): [{"role_arn": arn}]});
    let arn = json!({"constant_value": "arn:aws:iam::444455556666:role/Deploy"});
    let open = || refers(&["local.arn"]);
    let table = [
        (none(), none(), Some(ACCOUNT)),
        (constant("profile", "dev"), constant("profile", "dev"), Some(ACCOUNT)),
        (none(), constant("profile", "prod"), None),
        (constant("profile", "dev"), constant("profile", "prod"), None),
        (none(), json!({"profile": refers(&["var.profile"])}), None),
        (none(), json!({"access_key": refers(&["var.key"])}), None),
        (none(), json!({"shared_credentials_files": {"constant_value": ["~/other"]}}), None),
        (none(), role("assume_role", open()), None),
        (none(), role("assume_role", arn.clone()), Some(OTHER)),
        (none(), role("assume_role_with_web_identity", open()), None),
        (none(), role("assume_role_with_web_identity", arn.clone()), Some(OTHER)),
        (
            none(),
            json!({"profile": refers(&["var.profile"]), "allowed_account_ids": {"constant_value": [OTHER]}}),
            Some(OTHER),
        ),
        // The default provider works in the other account, and this one where it starts from.
        (role("assume_role", arn.clone()), none(), None),
    ];
    for (default, aliased, expected) in table {
        let document = with_provider(default, aliased.clone());
        assert_eq!(account_of_key(&document).as_deref(), expected, "{aliased}");
    }
}

#[test]
fn the_account_of_a_provider_can_be_said_and_seen() {
    let mut document = with_provider(json!({}), json!({"profile": {"constant_value": "prod"}}));
    let estate = after(&document);
    assert_eq!(
        estate.notes[0],
        "`aws_kms_key.app` is left out: nothing says which account its provider `aws.b` is for; say it with --assume aws.b.allowed_account_ids=ACCOUNT"
    );
    let with = |value: &str| read(&document, &assuming(&[("aws.b.allowed_account_ids", value)]));
    for (account, expected) in [(ACCOUNT, Allowed), (OTHER, ImplicitDeny)] {
        let estate = with(account).unwrap().after;
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{account}");
    }
    let wrong = with("prod").unwrap_err().to_string();
    assert!(wrong.contains("expected an account of twelve digits"), "{wrong}");
    // Another resource of it is known to be there.
    let seen = json!({"arn": "arn:aws:iam::444455556666:role/Old", "name": "Old", "path": "/"});
    let mut old = role("aws_iam_role.old", "Old").from(&["no-op"], seen.clone());
    old.after = seen;
    let changes = document["resource_changes"].as_array_mut().unwrap();
    changes.push(old.change());
    let listed = document["configuration"]["root_module"]["resources"].as_array_mut().unwrap();
    listed.push(json!({"address": "aws_iam_role.old", "mode": "managed", "type": "aws_iam_role",
        "name": "old", "provider_config_key": "aws.b", "expressions": {}}));
    assert_eq!(account_of_key(&document).as_deref(), Some(OTHER));
}

#[test]
fn what_a_module_was_passed_is_not_told() {
    let prod = provider("prod", json!({"profile": {"constant_value": "prod"}}));
    for key in ["m:aws", "m:aws.peer"] {
        let mut document = with_provider(json!({}), json!({}));
        document["configuration"]["root_module"]["resources"][2]["provider_config_key"] =
            json!(key);
        assert_eq!(account_of_key(&document).as_deref(), Some(ACCOUNT), "all are of one account");
        document["configuration"]["provider_config"]["aws.prod"] = prod.clone();
        assert_eq!(account_of_key(&document), None, "{key}");
    }
    let mut document = with_provider(json!({}), json!({"region": refers(&["each.key"])}));
    let block = &mut document["configuration"]["root_module"]["resources"][2];
    block.as_object_mut().unwrap().remove("provider_config_key");
    block["provider_config_keys"] = json!([r#"aws.b["x"]"#, r#"aws.b["y"]"#]);
    assert_eq!(account_of_key(&document).as_deref(), Some(ACCOUNT), "in several Regions");
    document["configuration"]["provider_config"]["aws.b"]["expressions"]["assume_role"] =
        json!([{"role_arn": refers(&["each.value"])}]);
    assert_eq!(account_of_key(&document), None);
    let arn = "arn:aws:kms:us-west-2:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let estate = read(&document, &assuming(&[("aws_kms_key.app.arn", arn)])).unwrap().after;
    assert_eq!(estate.keys[KEY].arn.as_deref(), Some(arn));
}

#[test]
fn the_region_of_a_provider_that_does_not_tell_it_is_only_assumed() {
    let table = [
        (json!({}), false),
        (json!({"region": {"constant_value": "us-west-2"}}), false),
        (json!({"region": refers(&["local.region"])}), true),
    ];
    for (expressions, expected) in table {
        let document = with_provider(json!({}), expressions.clone());
        assert_eq!(after(&document).keys[KEY].is_region_assumed, expected, "{expressions}");
    }
}

fn stored(kind: &str, name: &str, alias: &str, values: Value) -> Value {
    let provider = format!("provider[\"registry.terraform.io/hashicorp/aws\"]{alias}");
    json!({"mode": "managed", "type": kind, "name": name, "provider": provider,
        "instances": [{"attributes": values}]})
}

fn app(account: &str) -> Value {
    json!({"arn": format!("arn:aws:iam::{account}:role/App"), "name": "App", "path": "/"})
}

fn stored_key() -> Value {
    json!({"arn": "arn:aws:kms:us-east-1:123456789012:key/k", "key_id": "k", "id": "k", "policy": ""})
}

fn use_policy() -> Value {
    json!({"name": "p", "role": "App", "policy": use_keys()})
}

#[test]
fn a_state_says_by_its_providers_whose_a_policy_is() {
    for (alias, expected) in [("", Allowed), (".b", ImplicitDeny)] {
        let document = json!({"version": 4, "resources": [
            stored("aws_kms_key", "app", "", stored_key()),
            stored("aws_iam_role", "a", "", app(ACCOUNT)),
            stored("aws_iam_role", "b", ".b", app(OTHER)),
            stored("aws_iam_role_policy", "p", alias, use_policy()),
        ]});
        let estate = after(&document);
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{alias}");
        let other = format!("arn:aws:iam::{OTHER}:role/App");
        let policies = estate.principals[&other].identity_policies.len();
        assert_eq!(policies, usize::from(!alias.is_empty()));
    }
}

#[test]
fn a_state_that_is_shown_does_not_say_which_of_two_roles_of_one_name_is_meant() {
    let shown = |kind: &str, name: &str, values: Value| {
        json!({"address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name,
            "provider_name": "registry.terraform.io/hashicorp/aws", "values": values})
    };
    let document = |others: Vec<Value>| {
        let mut all = vec![
            shown("aws_kms_key", "app", stored_key()),
            shown("aws_iam_role", "a", app(ACCOUNT)),
            shown("aws_iam_role_policy", "p", use_policy()),
        ];
        all.extend(others);
        json!({"format_version": "1.0", "values": {"root_module": {"resources": all}}})
    };
    let found = |document: &Value| decision(&after(document), "role/App", "Decrypt", KEY);
    assert_eq!(found(&document(vec![])), Allowed);
    assert_eq!(found(&document(vec![shown("aws_iam_role", "b", app(OTHER))])), Undetermined);
}

#[test]
fn groups_of_one_name_in_two_accounts_are_two() {
    let alice = |address: &str| {
        create(
            address,
            json!({"name": "alice", "path": "/"}),
            json!({"arn": true}),
            json!({"name": {}}),
        )
    };
    let devs = |address: &str| {
        create(
            address,
            json!({"name": "devs", "path": "/"}),
            json!({"arn": true}),
            json!({"name": {}}),
        )
    };
    let member = |address: &str| {
        create(address, json!({"user": "alice", "groups": ["devs"]}), json!({}), json!({}))
    };
    let mut document = plan(&[
        key(KEY),
        alice("aws_iam_user.a"),
        alice("aws_iam_user.b"),
        devs("aws_iam_group.a"),
        devs("aws_iam_group.b"),
        member("aws_iam_user_group_membership.a"),
        member("aws_iam_user_group_membership.b"),
        create(
            "aws_iam_group_policy.b",
            json!({"group": "devs", "name": "p", "policy": use_keys()}),
            json!({}),
            json!({}),
        ),
    ]);
    let configuration = &mut document["configuration"];
    let arn = json!({"constant_value": "arn:aws:iam::444455556666:role/Deploy"});
    configuration["provider_config"]["aws.b"] =
        provider("b", json!({"assume_role": [{"role_arn": arn}]}));
    for index in [2, 4, 6, 7] {
        configuration["root_module"]["resources"][index]["provider_config_key"] = json!("aws.b");
    }
    let estate = after(&document);
    assert_eq!(decision(&estate, "user/alice", "Decrypt", KEY), ImplicitDeny);
    let group = "arn:aws:iam::444455556666:group/devs";
    let alice = &estate.principals["arn:aws:iam::444455556666:user/alice"];
    assert_eq!(alice.groups, [group]);
    assert_eq!(estate.groups[group].len(), 1);
    assert!(estate.groups["devs"].is_empty());
}
