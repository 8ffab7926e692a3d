//! Before and after a plan.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny};
use serde_json::{Value, json};

use super::*;

const KEY: &str = "aws_kms_key.app";
const KEY_ARN: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

fn stored_key(policy: &str) -> Value {
    json!({"arn": KEY_ARN, "id": "1234abcd-12ab-34cd-56ef-1234567890ab",
        "key_id": "1234abcd-12ab-34cd-56ef-1234567890ab", "policy": policy, "is_enabled": true})
}

fn changed(address: &str, actions: &[&str], before: Value, after: Value) -> Planned {
    create(address, after, json!({}), json!({"policy": {}, "role": {}})).from(actions, before)
}

#[test]
fn both_worlds_are_environments() {
    let (app, other) = (
        naming("arn:aws:iam::123456789012:role/App"),
        naming("arn:aws:iam::123456789012:role/Other"),
    );
    let document = plan(&[
        changed(KEY, &["update"], stored_key(&app), stored_key(&other)),
        role("aws_iam_role.app", "App").from(&["no-op"], json!({"name": "App", "path": "/"})),
        role("aws_iam_role.other", "Other"),
    ]);
    let imported = read(&document, &Assumptions::default()).unwrap();
    let before = imported.before.unwrap();
    assert_eq!(before.account.unwrap().as_str(), ACCOUNT, "by the key's ARN");
    assert_eq!(decision(&before, "role/App", "Decrypt", KEY), Allowed);
    assert_eq!(decision(&imported.after, "role/App", "Decrypt", KEY_ARN), ImplicitDeny);
    assert_eq!(decision(&imported.after, "role/Other", "Decrypt", KEY), Allowed);
    assert!(!before.principals.contains_key("role/Other"));
}

#[test]
fn what_is_deleted_is_gone_and_what_is_forgotten_stays() {
    let stored = || stored_key(&use_keys());
    let document = |action: &str| plan(&[changed(KEY, &[action], stored(), Value::Null)]);
    for (action, is_there) in [("delete", false), ("forget", true)] {
        let imported = read(&document(action), &assuming(&[])).unwrap();
        assert_eq!(imported.after.keys.contains_key(KEY), is_there, "{action}");
        assert!(imported.before.unwrap().keys.contains_key(KEY));
    }
}

#[test]
fn a_deposed_object_is_not_what_the_address_names() {
    let mut document = plan(&[key(KEY), key(KEY)]);
    let changes = document["resource_changes"].as_array_mut().unwrap();
    changes[0]["deposed"] = json!("ab12cd34");
    changes[0]["change"]["after"] = Value::Null;
    changes[0]["change"]["before"] = stored_key(&use_keys());
    let imported = read(&document, &assuming(&[])).unwrap();
    assert_eq!(imported.after.keys.len(), 1);
    assert!(imported.before.unwrap().keys.is_empty());
}

#[test]
fn what_a_plan_leaves_alone_is_there_after_it_too() {
    let mut document = plan(&[role("aws_iam_role.app", "App")]);
    document["prior_state"] = json!({"format_version": "1.0", "values": {"root_module": {"resources": [{
        "address": KEY, "mode": "managed", "type": "aws_kms_key", "name": "app",
        "provider_name": "registry.terraform.io/hashicorp/aws",
        "values": stored_key(&naming("arn:aws:iam::123456789012:role/App")),
    }]}}});
    assert_eq!(decision(&after(&document), "role/App", "Decrypt", KEY), Allowed);
    document["resource_changes"][0]["previous_address"] = json!(KEY);
    assert!(after(&document).keys.is_empty(), "it was moved");
}

#[test]
fn a_role_does_not_keep_what_the_plan_detaches() {
    let arn = "arn:aws:iam::123456789012:policy/Use";
    let stored = || {
        json!({"name": "App", "path": "/", "managed_policy_arns": [arn],
        "inline_policy": [{"name": "old", "policy": use_keys()}]})
    };
    let policy = || {
        create(
            "aws_iam_policy.use",
            json!({"arn": arn, "name": "Use", "policy": use_keys()}),
            json!({}),
            json!({}),
        )
    };
    let document = plan(&[
        changed(KEY, &["no-op"], stored_key(""), stored_key("")),
        create("aws_iam_role.app", stored(), json!({}), json!({"name": {}}))
            .from(&["no-op"], stored()),
        policy().from(&["no-op"], json!({"arn": arn, "name": "Use", "policy": use_keys()})),
        changed(
            "aws_iam_role_policy_attachment.a",
            &["delete"],
            json!({"role": "App", "policy_arn": arn}),
            Value::Null,
        ),
        changed(
            "aws_iam_role_policy.p",
            &["delete"],
            json!({"role": "App", "name": "old", "policy": use_keys()}),
            Value::Null,
        ),
    ]);
    let imported = read(&document, &assuming(&[])).unwrap();
    assert_eq!(decision(&imported.before.unwrap(), "role/App", "Decrypt", KEY), Allowed);
    assert_eq!(decision(&imported.after, "role/App", "Decrypt", KEY), ImplicitDeny);
}

#[test]
fn a_plan_that_is_not_all_says_so() {
    let mut document = plan(&[key(KEY)]);
    document["errored"] = json!(true);
    document["complete"] = json!(false);
    document["format_version"] = json!("2.0");
    let notes = after(&document).notes.join("\n");
    for expected in ["ended with an error", "not complete", "`2.0` is newer"] {
        assert!(notes.contains(expected), "{notes}");
    }
}

#[test]
fn the_account_is_found_or_asked_for() {
    let error = read(&plan(&[key(KEY)]), &Assumptions::default()).unwrap_err();
    assert!(error.to_string().contains("expected the account of `aws_kms_key.app`"), "{error}");
    assert_eq!(error.help(), Some("name it with --account"));
    let mut document = plan(&[
        key(KEY),
        create(
            "data.aws_caller_identity.me",
            json!({"account_id": "111122223333", "arn": "arn:aws-us-gov:iam::111122223333:user/x"}),
            json!({}),
            json!({}),
        ),
    ]);
    let arn = |document: &Value| {
        let estate = read(document, &Assumptions::default()).unwrap().after;
        estate.keys[KEY].arn.clone().unwrap()
    };
    assert!(arn(&document).starts_with("arn:aws-us-gov:kms:us-east-1:111122223333:key/"));
    document["configuration"]["provider_config"]["aws"]["expressions"]["assume_role"] =
        json!([{"role_arn": {"constant_value": "arn:aws:iam::444455556666:role/Deploy"}}]);
    assert!(arn(&document).starts_with("arn:aws:kms:us-east-1:444455556666:key/"));
}

#[test]
fn the_region_of_a_key_is_that_of_its_provider() {
    let mut document = plan(&[key(KEY)]);
    let region = |document: &Value| {
        let arn = after(document).keys[KEY].arn.clone().unwrap();
        arn.split(':').nth(3).unwrap().to_owned()
    };
    assert_eq!(region(&document), "us-east-1");
    document["configuration"]["provider_config"]["aws"]["expressions"]["region"] =
        refers(&["var.region"]);
    document["variables"] = json!({"region": {"value": "eu-west-3"}});
    assert_eq!(region(&document), "eu-west-3");
    document["resource_changes"][0]["change"]["after"]["region"] = json!("eu-north-1");
    assert_eq!(region(&document), "eu-north-1");
}

#[test]
fn resources_of_two_accounts_are_kept_apart() {
    let mut document = plan(&[
        key(KEY),
        role("aws_iam_role.app", "App"),
        role("aws_iam_role.other", "App"),
        role_policy("aws_iam_role_policy.p", "aws_iam_role.other"),
    ]);
    let configuration = &mut document["configuration"];
    configuration["provider_config"]["aws.other"] = json!({"name": "aws", "alias": "other", "expressions": {
        "assume_role": [{"role_arn": {"references": ["var.account"]}}]}});
    for index in [2, 3] {
        configuration["root_module"]["resources"][index]["provider_config_key"] =
            json!("aws.other");
    }
    let estate = after(&document);
    let left: Vec<&String> = estate.principals.keys().collect();
    assert_eq!(left, ["role/App"], "nobody knows the account of the other");
    assert!(estate.notes.iter().any(|note| note.starts_with("`aws_iam_role.other` is left out")));
    assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), ImplicitDeny);
    document["variables"] = json!({"account": {"value": "111122223333"}});
    let estate = after(&document);
    let policies = |name: &str| estate.principals[name].identity_policies.len();
    assert_eq!(policies("role/App"), 0);
    assert_eq!(policies("arn:aws:iam::111122223333:role/App"), 1);
}
