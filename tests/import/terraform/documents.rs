//! `aws_iam_policy_document`, rendered from a plan that knows only a part of it.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};
use kms_sim::import::EstatePolicy;
use serde_json::{Value, json};

use super::*;

const KEY: &str = "aws_kms_key.app";

/// A data source that is read during apply.
fn document(name: &str, after: Value, unknown: Value, expressions: Value) -> Planned {
    let mut flags = json!({"id": true, "json": true, "minified_json": true});
    flags.as_object_mut().unwrap().extend(unknown.as_object().unwrap().clone());
    create(&format!("data.aws_iam_policy_document.{name}"), after, flags, expressions)
        .from(&["read"], Value::Null)
}

/// One with a statement that has one principal that is not known.
fn naming_document(identifiers: Value, flags: Value, expression: Value) -> Planned {
    document(
        "key",
        json!({"statement": [{
            "sid": "Use", "effect": null, "actions": ["kms:*"], "resources": ["*"], "condition": [],
            "principals": [{"type": "AWS", "identifiers": identifiers}], "not_principals": [],
        }], "version": null, "policy_id": null}),
        json!({"statement": [{
            "actions": [false], "resources": [false], "principals": [{"identifiers": flags}],
        }]}),
        json!({"statement": [{
            "actions": {"constant_value": ["kms:*"]},
            "principals": [{"type": {"constant_value": "AWS"}, "identifiers": expression}],
        }]}),
    )
}

fn estate_of(documents: Vec<Planned>) -> Estate {
    let mut all = vec![
        role("aws_iam_role.app", "App"),
        role("aws_iam_role.other", "Other"),
        key_with(KEY, refers(&["data.aws_iam_policy_document.key.json"])),
    ];
    all.extend(documents);
    after(&plan(&all))
}

#[test]
fn a_role_that_the_plan_creates_is_named_by_the_arn_that_it_will_have() {
    let app = || refers(&["aws_iam_role.app.arn"]);
    let account = "arn:aws:iam::111122223333:root";
    let table = [
        (json!([null]), json!([true]), app(), Allowed),
        // Before Terraform 1.2 what is not known was left out, and references ended at the resource.
        (json!([]), json!([true]), json!({"references": ["aws_iam_role.app"]}), Allowed),
        (
            json!([account, null]),
            json!([false, true]),
            refers(&["var.other", "aws_iam_role.app.arn"]),
            Undetermined,
        ),
        (json!([null]), json!([true]), refers(&["aws_iam_role.other.arn"]), ImplicitDeny),
        (json!([null]), json!([true]), refers(&["local.arn"]), Undetermined),
        (json!([null]), json!([true]), refers(&["aws_iam_role.app.unique_id"]), Undetermined),
        (
            json!([null]),
            json!([true]),
            refers(&["aws_iam_role.app.arn", "aws_iam_role.other.arn"]),
            Undetermined,
        ),
        (json!([null]), json!([true]), refers(&["aws_iam_role.app.arn", "each.key"]), Undetermined),
    ];
    for (identifiers, flags, expression, expected) in table {
        let estate = estate_of(vec![naming_document(identifiers, flags, expression.clone())]);
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{expression}");
    }
}

#[test]
fn what_is_rendered_is_what_the_provider_will_render() {
    let estate = estate_of(vec![document(
        "key",
        json!({"policy_id": "key", "statement": [{
            "sid": "", "effect": "Deny", "actions": ["kms:Decrypt", "kms:Encrypt"], "not_actions": null,
            "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}],
            "condition": [
                {"test": "StringNotEquals", "variable": "aws:PrincipalTag/team", "values": ["&{aws:ResourceTag/team}"]},
                {"test": "StringNotEquals", "variable": "aws:PrincipalAccount", "values": ["a", "b"]},
            ],
        }, {
            "sid": "Two", "actions": ["kms:*"], "resources": ["*"], "condition": [],
            "principals": [{"type": "AWS", "identifiers": [null]}, {"type": "Service", "identifiers": ["logs.amazonaws.com"]}],
        }]}),
        json!({"statement": [{}, {"principals": [{"identifiers": [true]}, {}]}]}),
        json!({"statement": [{}, {"principals": [
            {"type": {"constant_value": "Service"}, "identifiers": {}},
            {"type": {"constant_value": "AWS"}, "identifiers": refers(&["aws_iam_role.app.arn"])},
        ]}]}),
    )]);
    let Some(EstatePolicy::Document(source)) = &estate.keys[KEY].policy else { panic!() };
    assert_eq!(source.name, "plan.json: policy of `aws_kms_key.app`");
    let expected = json!({"Version": "2012-10-17", "Id": "key", "Statement": [
        {"Effect": "Deny", "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*", "Principal": "*",
         "Condition": {"StringNotEquals": {
             "aws:PrincipalTag/team": "${aws:ResourceTag/team}", "aws:PrincipalAccount": ["a", "b"]}}},
        {"Sid": "Two", "Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {
             "AWS": "arn:aws:iam::123456789012:role/App", "Service": "logs.amazonaws.com"}},
    ]});
    assert_eq!(serde_json::from_str::<Value>(&source.text).unwrap(), expected);
    assert_eq!(
        estate.notes,
        [
            "a plan does not show the text around what a value refers to; it is taken that there is none, of `aws_iam_role.app.arn` in `data.aws_iam_policy_document.key`, `data.aws_iam_policy_document.key.json` in `aws_kms_key.app`; if there is some, give the result, as with --assume data.aws_iam_policy_document.key.json=…",
        ]
    );
}

#[test]
fn documents_are_merged_by_sid() {
    let known = |sid: &str, effect: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Sid": sid, "Effect": effect, "Principal": "*",
            "Action": "kms:Decrypt", "Resource": "*"}]}).to_string()
    };
    let base = || {
        let mut it =
            naming_document(json!([null]), json!([true]), refers(&["aws_iam_role.app.arn"]));
        it.address = "data.aws_iam_policy_document.base".into();
        it
    };
    let merged = |source: Value, flags: Value, overriding: Value| {
        document(
            "key",
            json!({"source_policy_documents": source, "override_policy_documents": overriding, "statement": null}),
            json!({"source_policy_documents": flags}),
            json!({"source_policy_documents": refers(&["data.aws_iam_policy_document.base.json"])}),
        )
    };
    let table = [
        (json!([null]), json!([true]), json!(null), Allowed),
        (json!([null]), json!([true]), json!([known("Use", "Allow")]), Allowed),
        (json!([null]), json!([true]), json!([known("Other", "Deny")]), Decision::ExplicitDeny),
        (json!([null, null]), json!([true, true]), json!(null), Undetermined),
    ];
    for (source, flags, overriding, expected) in table {
        let estate = estate_of(vec![base(), merged(source, flags, overriding.clone())]);
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{overriding}");
    }
    let estate = estate_of(vec![
        base(),
        merged(json!([null]), json!([true]), json!([known("Use", "Allow")])),
    ]);
    assert_eq!(decision(&estate, "role/App", "Encrypt", KEY), ImplicitDeny, "it is overridden");
}

#[test]
fn a_document_that_rests_on_itself_is_not_known() {
    let estate = estate_of(vec![document(
        "key",
        json!({"source_policy_documents": [null]}),
        json!({"source_policy_documents": [true]}),
        json!({"source_policy_documents": refers(&["data.aws_iam_policy_document.key.json"])}),
    )]);
    assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), Undetermined);
}

/// An identity policy with a statement on buckets, and one on the key.
fn identity(first: Value, flags: Value, second_condition: bool) -> Vec<Planned> {
    let condition = json!([{"test": "StringLike", "variable": "aws:userId", "values": [null]}]);
    vec![
        key(KEY),
        role("aws_iam_role.app", "App"),
        create(
            "aws_iam_role_policy.p",
            json!({"name": "p", "role": "App"}),
            json!({"policy": true}),
            json!({"role": {}, "policy": refers(&["data.aws_iam_policy_document.use.json"])}),
        ),
        document(
            "use",
            json!({"statement": [
                {"actions": first, "resources": [null], "effect": "Allow"},
                {"actions": ["kms:Decrypt"], "resources": [null], "effect": "Allow",
                 "condition": if second_condition { condition } else { json!([]) }},
            ]}),
            json!({"statement": [
                {"actions": flags, "resources": [true]},
                {"resources": [true], "condition": [{"values": [second_condition]}]},
            ]}),
            json!({"statement": [
                {"actions": {}, "resources": refers(&["aws_s3_bucket.b.arn"])},
                {"actions": {}, "resources": refers(&["aws_kms_key.app.arn"]),
                 "condition": [{"test": {"constant_value": "StringLike"}, "variable": {"constant_value": "aws:userId"},
                                "values": refers(&["aws_iam_role.app.unique_id"])}]},
            ]}),
        ),
    ]
}

#[test]
fn what_does_not_concern_kms_may_stay_unknown() {
    let table = [
        (json!(["s3:*", "sqs:SendMessage"]), json!([false]), false, Allowed),
        (json!(["s3:*", "kms:GenerateDataKey"]), json!([false]), false, Undetermined),
        (json!(["*"]), json!([false]), false, Undetermined),
        (json!(["s3:*", null]), json!([false, true]), false, Undetermined),
        (json!(["s3:*"]), json!([false]), true, Undetermined),
    ];
    for (actions, flags, has_condition, expected) in table {
        let estate = after(&plan(&identity(actions.clone(), flags, has_condition)));
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{actions}");
    }
}

#[test]
fn the_statements_of_dynamic_blocks_have_no_expressions() {
    let mut it = naming_document(json!([null]), json!([true]), refers(&["aws_iam_role.app.arn"]));
    let statement = it.after["statement"][0].clone();
    it.after["statement"] = json!([statement.clone(), statement]);
    let flags = it.unknown["statement"][0].clone();
    it.unknown["statement"] = json!([flags.clone(), flags]);
    let estate = estate_of(vec![it]);
    assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), Undetermined);
}

#[test]
fn a_module_hands_values_in_and_out() {
    let mut it = naming_document(json!([null]), json!([true]), refers(&["var.admin"]));
    it.address = "module.m.data.aws_iam_policy_document.key".into();
    let mut inner = role("module.r.aws_iam_role.app", "App");
    inner.after["path"] = json!("/web/");
    let mut document = plan(&[
        inner,
        it,
        key_with("module.m.aws_kms_key.app", refers(&["data.aws_iam_policy_document.key.json"])),
    ]);
    let calls = &mut document["configuration"]["root_module"]["module_calls"];
    calls["m"]["expressions"] = json!({"admin": {"references": ["module.r.arn", "module.r"]}});
    calls["r"]["module"]["outputs"] =
        json!({"arn": {"expression": refers(&["aws_iam_role.app.arn"])}});
    let estate = after(&document);
    let found = decision(&estate, "role/web/App", "Decrypt", "module.m.aws_kms_key.app");
    assert_eq!(found, Allowed);
}

#[test]
fn an_account_number_is_no_principal_by_itself() {
    // It mostly stands in `arn:aws:iam::${…account_id}:role/…`.
    let estate = estate_of(vec![
        naming_document(
            json!([null]),
            json!([true]),
            refers(&["data.aws_caller_identity.me.account_id"]),
        ),
        create("data.aws_caller_identity.me", json!({}), json!({"account_id": true}), json!({}))
            .from(&["read"], Value::Null),
    ]);
    assert_eq!(decision(&estate, "root", "Decrypt", KEY), Undetermined);
}

#[test]
fn a_key_that_is_worked_out_may_be_that_of_another_instance() {
    let app = |key: &str| role(&format!("aws_iam_role.app[\"{key}\"]"), &format!("App-{key}"));
    let keyed = || {
        let expression = json!({"references": ["aws_iam_role.app", "each.key"]});
        let mut it = naming_document(json!([null]), json!([true]), expression);
        it.address = r#"data.aws_iam_policy_document.key["a"]"#.into();
        it
    };
    let policy = json!({"references": ["data.aws_iam_policy_document.key", "each.key"]});
    let key = || key_with(r#"aws_kms_key.app["a"]"#, policy.clone());
    let of = |all: Vec<Planned>| {
        let estate = after(&plan(&all));
        decision(&estate, "role/App-a", "Decrypt", r#"aws_kms_key.app["a"]"#)
    };
    assert_eq!(of(vec![app("a"), keyed(), key()]), Allowed, "there is no other");
    assert_eq!(of(vec![app("a"), app("a-ro"), keyed(), key()]), Undetermined);
    let document = plan(&[app("a"), app("a-ro"), keyed(), key()]);
    let identifiers = naming("arn:aws:iam::123456789012:role/App-a-ro");
    let assumed = [
        (r#"data.aws_iam_policy_document.key["a"].json"#, identifiers.as_str()),
        (r#"aws_kms_key.app["a"].policy"#, r#"data.aws_iam_policy_document.key["a"]"#),
    ];
    let estate = read(&document, &assuming(&assumed)).unwrap().after;
    for (principal, expected) in [("role/App-a", ImplicitDeny), ("role/App-a-ro", Allowed)] {
        let found = decision(&estate, principal, "Decrypt", r#"aws_kms_key.app["a"]"#);
        assert_eq!(found, expected, "{principal}");
    }
}

#[test]
fn a_reference_to_all_of_a_resource_may_be_to_any_of_its_attributes() {
    let denying = |variable: &str| {
        document(
            "key",
            json!({"statement": [
                {"actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::123456789012:role/App"]}], "condition": []},
                {"effect": "Deny", "actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}],
                 "condition": [{"test": "StringNotEquals", "variable": variable, "values": [null]}]},
            ]}),
            json!({"statement": [{}, {"condition": [{"values": [true]}]}]}),
            json!({"statement": [{}, {"condition": [{"test": {"constant_value": "StringNotEquals"},
                "variable": {"constant_value": variable}, "values": {"references": ["aws_iam_role.app"]}}]}]}),
        )
    };
    for (variable, expected) in [("aws:PrincipalArn", Allowed), ("aws:userid", Undetermined)] {
        let estate = estate_of(vec![denying(variable)]);
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{variable}");
    }
}
