//! Keys, their policies, aliases and grants.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};
use kms_sim::import::EstatePolicy;
use serde_json::{Value, json};

use super::*;

fn app_and(resource: Vec<Planned>) -> Value {
    let mut all = vec![
        role("aws_iam_role.app", "App"),
        role_policy("aws_iam_role_policy.app", "aws_iam_role.app"),
    ];
    all.extend(resource);
    plan(&all)
}

#[test]
fn a_policy_that_the_configuration_does_not_set_is_the_default_one() {
    let estate = after(&app_and(vec![key("aws_kms_key.app")]));
    assert!(estate.keys["aws_kms_key.app"].policy.is_none());
    assert_eq!(decision(&estate, "role/App", "Decrypt", "aws_kms_key.app"), Allowed);
    assert_eq!(estate.notes, [""; 0]);
}

#[test]
fn a_policy_that_is_set_but_not_known_is_undetermined_and_never_allowed() {
    let expressions = [
        refers(&["aws_iam_role.app.arn"]),
        refers(&["local.policy"]),
        refers(&["each.value.policy", "each.value"]),
        refers(&["var.policy"]),
        refers(&["module.other.policy"]),
        refers(&["data.aws_iam_policy_document.missing.json"]),
        json!({}),
    ];
    for expression in expressions {
        let document = app_and(vec![key_with("aws_kms_key.app", expression.clone())]);
        let estate = after(&document);
        for principal in ["role/App", "root"] {
            let found = decision(&estate, principal, "Decrypt", "aws_kms_key.app");
            assert_eq!(found, Undetermined, "{principal} {expression}");
        }
    }
}

#[test]
fn the_reason_names_the_address_and_what_it_refers_to() {
    let expression = refers(&["aws_iam_role.app.arn"]);
    let name = r#"module.m["x"].aws_kms_key.app[0]"#;
    let estate = after(&app_and(vec![key_with(name, expression)]));
    assert_eq!(
        reason(estate.keys[name].policy.as_ref()),
        r#"policy of `module.m["x"].aws_kms_key.app[0]` is known after apply; it refers to `module.m["x"].aws_iam_role.app.arn`; give it with --assume 'module.m["x"].aws_kms_key.app[0].policy'=…"#
    );
}

#[test]
fn without_a_configuration_nobody_knows_whether_it_is_set() {
    let mut document = app_and(vec![key("aws_kms_key.app")]);
    document.as_object_mut().unwrap().remove("configuration");
    let estate = after(&document);
    assert_eq!(decision(&estate, "role/App", "Decrypt", "aws_kms_key.app"), Undetermined);
}

#[test]
fn a_variable_that_is_null_sets_nothing() {
    let name = "module.m.aws_kms_key.app";
    let mut document = app_and(vec![key_with(name, refers(&["var.policy"]))]);
    let call =
        |document: &mut Value| document["configuration"]["root_module"]["module_calls"]["m"].take();
    let mut with_default = document.clone();
    with_default["configuration"]["root_module"]["module_calls"]["m"]["module"]["variables"] =
        json!({"policy": {"default": null}});
    assert!(after(&with_default).keys[name].policy.is_none());
    let mut taken = call(&mut with_default);
    taken["expressions"] = json!({"policy": refers(&["aws_iam_role.app.arn"])});
    document["configuration"]["root_module"]["module_calls"]["m"] = taken;
    assert!(after(&document).keys[name].policy.is_some(), "it is given");
}

#[test]
fn what_is_set_and_not_known_of_a_key_is_unknown() {
    let mut app = key("aws_kms_key.app");
    for name in ["tags", "tags_all", "key_usage"] {
        app.after.as_object_mut().unwrap().remove(name);
        app.unknown[name] = json!(true);
    }
    app.expressions = json!({"tags": refers(&["local.tags"]), "key_usage": refers(&["var.usage"])});
    let estate = after(&plan(&[app, key("aws_kms_key.plain")]));
    let unknown = &estate.keys["aws_kms_key.app"].unknown;
    assert_eq!(unknown.iter().map(|part| part.as_str()).collect::<Vec<_>>(), ["usage", "tags"]);
    assert!(estate.keys["aws_kms_key.plain"].unknown.is_empty());
}

#[test]
fn what_a_plan_holds_of_a_key_is_its_own() {
    let with = |address: &str, values: Value| {
        let mut it = key(address);
        it.after.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
        it
    };
    let estate = after(&plan(&[
        with("aws_kms_key.sign", json!({"customer_master_key_spec": "RSA_2048", "key_usage": "SIGN_VERIFY",
            "is_enabled": false, "tags": {"team": "web", "none": null}})),
        with("aws_kms_key.multi", json!({"multi_region": true})),
        with("aws_kms_external_key.own", json!({"key_spec": "SYMMETRIC_DEFAULT", "enabled": true})),
        with("aws_kms_key.hsm", json!({"custom_key_store_id": "cks-1"})),
        create("awscc_kms_key.cc", json!({"key_policy": naming("*"), "enabled": true, "tags": [{"key": "a", "value": "b"}]}),
            json!({"arn": true, "key_id": true}), json!({"key_policy": {}}))
            .of("registry.opentofu.org/hashicorp/awscc"),
        key("aws_kms_key.elsewhere").of("registry.example.com/acme/awslike"),
    ]));
    let sign = &estate.keys["aws_kms_key.sign"];
    assert_eq!(
        (sign.spec.as_deref(), sign.usage.as_deref()),
        (Some("RSA_2048"), Some("SIGN_VERIFY"))
    );
    assert_eq!((sign.state.as_deref(), sign.tags.len()), (Some("Disabled"), 1));
    let multi = &estate.keys["aws_kms_key.multi"];
    assert!(
        multi.multi_region == Some("primary") && multi.arn.as_ref().unwrap().contains("key/mrk-")
    );
    let own = &estate.keys["aws_kms_external_key.own"];
    assert_eq!(
        (own.origin.as_deref(), own.state.as_deref()),
        (Some("EXTERNAL"), Some("PendingImport"))
    );
    assert_eq!(estate.keys["aws_kms_key.hsm"].origin.as_deref(), Some("AWS_CLOUDHSM"));
    let cc = &estate.keys["awscc_kms_key.cc"];
    assert!(matches!(cc.policy, Some(EstatePolicy::Document(_))) && cc.tags["a"] == "b");
    assert_eq!(estate.keys.len(), 5, "the provider of another name is not the one for AWS");
    estate.load().unwrap();
}

#[test]
fn a_replica_has_the_id_of_its_primary_key_in_its_own_region() {
    let mut primary = key("aws_kms_key.main");
    primary.after["multi_region"] = json!(true);
    let replica = create(
        "aws_kms_replica_key.west",
        json!({"enabled": true}),
        json!({"arn": true, "key_id": true, "policy": true, "primary_key_arn": true}),
        json!({"primary_key_arn": refers(&["aws_kms_key.main.arn"])}),
    );
    let mut document = plan(&[primary, replica]);
    let configuration = &mut document["configuration"];
    configuration["provider_config"]["aws.west"] = json!({"name": "aws", "alias": "west", "expressions": {"region": {"constant_value": "us-west-2"}}});
    configuration["root_module"]["resources"][1]["provider_config_key"] = json!("aws.west");
    let estate = after(&document);
    let arn = |name: &str| estate.keys[name].arn.clone().unwrap();
    assert_eq!(
        arn("aws_kms_key.main").replace("us-east-1", "us-west-2"),
        arn("aws_kms_replica_key.west")
    );
    assert_eq!(estate.keys["aws_kms_replica_key.west"].multi_region, Some("replica"));
}

fn key_policy(address: &str, expression: Value) -> Planned {
    create(
        address,
        json!({"policy": naming("arn:aws:iam::123456789012:role/App")}),
        json!({"id": true, "key_id": true}),
        json!({"key_id": expression, "policy": {}}),
    )
}

#[test]
fn a_key_policy_of_its_own_takes_the_place_of_the_keys() {
    let table = [
        ("aws_kms_key.a", "aws_kms_key_policy.p", refers(&["aws_kms_key.a.id"]), Allowed),
        (
            r#"aws_kms_key.a["x"]"#,
            r#"aws_kms_key_policy.p["x"]"#,
            refers(&["aws_kms_key.a", "each.key"]),
            Allowed,
        ),
        (
            r#"aws_kms_key.a["x"]"#,
            r#"aws_kms_key_policy.p["y"]"#,
            refers(&["local.id"]),
            Undetermined,
        ),
    ];
    for (key_address, address, expression, expected) in table {
        let document = plan(&[
            role("aws_iam_role.app", "App"),
            key(key_address),
            key("aws_kms_key.b"),
            key_policy(address, expression),
        ]);
        let estate = after(&document);
        assert_eq!(decision(&estate, "role/App", "Decrypt", key_address), expected, "{address}");
        let other = if expected == Undetermined { Undetermined } else { ImplicitDeny };
        assert_eq!(decision(&estate, "role/App", "Decrypt", "aws_kms_key.b"), other, "{address}");
    }
}

#[test]
fn an_alias_names_its_key_and_a_made_up_one_is_of_the_usual_shape() {
    let alias = |address: &str, values: Value, unknown: Value, name: Value| {
        create(
            address,
            values,
            unknown,
            json!({"name": name, "target_key_id": refers(&["aws_kms_key.app.key_id"])}),
        )
    };
    let estate = after(&app_and(vec![
        key("aws_kms_key.app"),
        alias(
            "aws_kms_alias.a",
            json!({"name": "alias/app"}),
            json!({"target_key_id": true}),
            json!({}),
        ),
        alias(
            "aws_kms_alias.b",
            json!({}),
            json!({"name": true, "target_key_id": true}),
            refers(&["random_id.x.hex"]),
        ),
    ]));
    assert_eq!(estate.keys["aws_kms_key.app"].aliases, ["alias/app"]);
    assert_eq!(decision(&estate, "role/App", "Decrypt", "alias/app"), Allowed);
    assert_eq!(
        estate.notes,
        [
            "`aws_kms_alias.b` is left out: its name is known after apply; give it with --assume aws_kms_alias.b.name=…"
        ]
    );
}

fn grant(values: Value, unknown: Value) -> Planned {
    let mut after = json!({"name": "worker", "operations": ["Decrypt"], "constraints": []});
    after.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
    let mut unknown_too = json!({"key_id": true, "grant_id": true, "grantee_principal": true});
    unknown_too.as_object_mut().unwrap().extend(unknown.as_object().unwrap().clone());
    create(
        "aws_kms_grant.worker",
        after,
        unknown_too,
        json!({"key_id": refers(&["aws_kms_key.app.key_id"]),
               "grantee_principal": refers(&["aws_iam_role.worker.arn"]),
               "constraints": [{"encryption_context_equals": refers(&["random_id.x.hex"])}]}),
    )
}

#[test]
fn a_grant_allows_and_one_that_is_not_known_may() {
    let open = json!({"constraints": [{"encryption_context_equals": {"id": true}}]});
    let table = [
        (json!({}), json!({}), "Decrypt", Allowed),
        (json!({}), json!({}), "Encrypt", ImplicitDeny),
        (
            json!({"constraints": [{"encryption_context_equals": {"a": "b"}, "encryption_context_subset": null}]}),
            json!({}),
            "Decrypt",
            ImplicitDeny,
        ),
        (
            json!({"constraints": [{"encryption_context_equals": {}}]}),
            open,
            "Decrypt",
            Undetermined,
        ),
    ];
    for (values, unknown, action, expected) in table {
        let estate = after(&plan(&[
            role("aws_iam_role.worker", "Worker"),
            key("aws_kms_key.app"),
            grant(values.clone(), unknown),
        ]));
        let found = decision(&estate, "role/Worker", action, "aws_kms_key.app");
        assert_eq!(found, expected, "{action} {values}");
    }
}

#[test]
fn what_is_wrong_has_its_place_and_its_address() {
    let with = |name: &str, value: Value| {
        let mut it = key("aws_kms_key.app");
        it.after[name] = value;
        read(&plan(&[it]), &assuming(&[])).unwrap_err().to_string()
    };
    let wrong = with("key_usage", json!("SIGN"));
    assert!(wrong.starts_with("plan.json:1:"), "{wrong}");
    assert!(wrong.contains("as key_usage of `aws_kms_key.app`, found `SIGN`"), "{wrong}");
    assert!(wrong.contains("at `/resource_changes/0/change/after/key_usage`"), "{wrong}");
    let wrong = with("policy", json!("{\"Statement\":\n oops}"));
    assert!(wrong.starts_with("plan.json: policy of `aws_kms_key.app`:2:2: "), "{wrong}");
    let wrong = read(
        &plan(&[
            role("aws_iam_role.worker", "W"),
            key("aws_kms_key.app"),
            grant(json!({"operations": ["Decript"]}), json!({})),
        ]),
        &assuming(&[]),
    );
    assert!(wrong.unwrap_err().to_string().contains("as operations of `aws_kms_grant.worker`"));
}

#[test]
fn an_assumption_fills_what_is_not_known_and_nothing_else() {
    let document = app_and(vec![key_with("aws_kms_key.app", refers(&["local.policy"]))]);
    let with = |address, value: &str| read(&document, &assuming(&[(address, value)]));
    let table = [
        ("aws_kms_key.app.policy", naming("arn:aws:iam::123456789012:role/App"), Allowed),
        ("aws_kms_key.app.policy", naming("arn:aws:iam::123456789012:role/Other"), ImplicitDeny),
        ("aws_kms_key.app.policy", "default-key-policy".to_owned(), Allowed),
        ("aws_kms_key.app.key_id", "1234abcd-12ab-34cd-56ef-1234567890ab".to_owned(), Undetermined),
    ];
    for (address, value, expected) in table {
        let estate = with(address, &value).unwrap().after;
        assert_eq!(
            decision(&estate, "role/App", "Decrypt", "aws_kms_key.app"),
            expected,
            "{value}"
        );
    }
    let wrong = with("aws_kms_key.ap.policy", "{}").unwrap_err().to_string();
    assert!(
        wrong.contains("found `aws_kms_key.ap.policy`; did you mean `aws_kms_key.app.policy`"),
        "{wrong}"
    );
    let known = with("aws_iam_role.app.name", "Other").unwrap().after;
    assert!(known.principals.contains_key("role/App"));
}

#[test]
fn a_document_that_may_not_be_chosen_is_not_taken() {
    let naming = create(
        "data.aws_iam_policy_document.key",
        json!({"statement": [{"actions": ["kms:*"], "resources": ["*"], "principals": [
            {"type": "AWS", "identifiers": [null]}]}]}),
        json!({"json": true, "statement": [{"principals": [{"identifiers": [true]}]}]}),
        json!({"statement": [{"principals": [{"type": {"constant_value": "AWS"},
            "identifiers": refers(&["aws_iam_role.app.arn"])}]}]}),
    );
    let mut document = plan(&[
        role("aws_iam_role.app", "App"),
        naming,
        key_with("aws_kms_key.app", refers(&["var.x", "data.aws_iam_policy_document.key.json"])),
    ]);
    // `coalesce(var.x, …)` chooses the document, and `var.x ? null : …` may choose none.
    let table = [(json!(null), Allowed), (json!(""), Allowed), (json!(true), Undetermined)];
    for (value, expected) in table {
        document["variables"] = json!({"x": {"value": value}});
        let found = decision(&after(&document), "role/App", "Decrypt", "aws_kms_key.app");
        assert_eq!(found, expected, "{value}");
    }
}

#[test]
fn a_switch_that_sets_nothing_leaves_the_default_policy() {
    let name = "aws_kms_key.app";
    let mut document = app_and(vec![key_with(name, refers(&["var.x", "var.x"]))]);
    let table = [(json!(""), true), (json!(false), true), (json!("content"), false)];
    for (value, is_default) in table {
        document["variables"] = json!({"x": {"value": value}});
        assert_eq!(after(&document).keys[name].policy.is_none(), is_default, "{value}");
    }
}

#[test]
fn a_key_whose_policy_resource_goes_has_one_that_is_not_known() {
    let stored = json!({"arn": "arn:aws:kms:us-east-1:123456789012:key/k", "key_id": "k", "policy": use_keys()});
    let values = json!({"key_id": "k", "policy": naming("arn:aws:iam::123456789012:role/App")});
    let mut gone = create("aws_kms_key_policy.p", Value::Null, json!({}), json!({}));
    gone = gone.from(&["delete"], values);
    let document = plan(&[
        role("aws_iam_role.app", "App").from(&["no-op"], json!({"name": "App"})),
        create("aws_kms_key.app", stored.clone(), json!({}), json!({})).from(&["no-op"], stored),
        gone,
    ]);
    let imported = read(&document, &assuming(&[])).unwrap();
    let found = |estate: &Estate| decision(estate, "role/App", "Decrypt", "aws_kms_key.app");
    assert_eq!(found(&imported.before.unwrap()), Allowed);
    assert_eq!(found(&imported.after), Undetermined);
}

#[test]
fn two_policies_for_one_key_leave_its_policy_open() {
    let given = |address: &str, role: &str| {
        let policy = naming(&format!("arn:aws:iam::123456789012:role/{role}"));
        let mut it = key_policy(address, refers(&["aws_kms_key.a.id"]));
        it.after["policy"] = json!(policy);
        it
    };
    for (other, expected) in [("App", Allowed), ("Other", Undetermined)] {
        let estate = after(&plan(&[
            role("aws_iam_role.app", "App"),
            key("aws_kms_key.a"),
            given("aws_kms_key_policy.one", "App"),
            given("aws_kms_key_policy.two", other),
        ]));
        assert_eq!(decision(&estate, "role/App", "Decrypt", "aws_kms_key.a"), expected, "{other}");
        if expected == Undetermined {
            let why = reason(estate.keys["aws_kms_key.a"].policy.as_ref());
            assert!(
                why.starts_with("`aws_kms_key_policy.one` and `aws_kms_key_policy.two`"),
                "{why}"
            );
        }
    }
}

#[test]
fn a_key_that_is_worked_out_may_be_any_and_can_be_assumed() {
    let refer = || refers(&["aws_kms_key.k", "each.key"]);
    let alias = create(
        r#"aws_kms_alias.a["x"]"#,
        json!({"name": "alias/x"}),
        json!({"target_key_id": true}),
        json!({"name": {}, "target_key_id": refer()}),
    );
    let worker =
        |key: &str| role(&format!("aws_iam_role.worker[\"{key}\"]"), &format!("Worker-{key}"));
    let mut grant = grant(json!({}), json!({}));
    grant.address = r#"aws_kms_grant.worker["x"]"#.into();
    grant.expressions = json!({"key_id": refer(), "grantee_principal": refers(&["aws_iam_role.worker", "each.key"])});
    let document = plan(&[
        worker("x"),
        worker("x-ro"),
        key(r#"aws_kms_key.k["x"]"#),
        key(r#"aws_kms_key.k["x-ro"]"#),
        key_policy(r#"aws_kms_key_policy.p["x"]"#, refer()),
        alias,
        grant,
    ]);
    let estate = after(&document);
    for key in [r#"aws_kms_key.k["x"]"#, r#"aws_kms_key.k["x-ro"]"#] {
        let unknown: Vec<&str> = estate.keys[key].unknown.iter().map(|it| it.as_str()).collect();
        assert_eq!(unknown, ["aliases", "grants"]);
        let why = reason(estate.keys[key].policy.as_ref());
        assert!(why.contains(r#"--assume 'aws_kms_key_policy.p["x"].key_id'=…"#), "{why}");
    }
    let chosen = r#"aws_kms_key.k["x"]"#;
    let estate = read(
        &document,
        &assuming(&[
            (r#"aws_kms_key_policy.p["x"].key_id"#, chosen),
            (r#"aws_kms_alias.a["x"].target_key_id"#, chosen),
            (r#"aws_kms_grant.worker["x"].key_id"#, chosen),
            (
                r#"aws_kms_grant.worker["x"].grantee_principal"#,
                r#"aws_iam_role.worker["x-ro"].arn"#,
            ),
        ]),
    );
    let estate = estate.unwrap().after;
    assert_eq!(estate.keys[chosen].aliases, ["alias/x"]);
    assert!(estate.keys[chosen].unknown.is_empty());
    assert_eq!(decision(&estate, "role/Worker-x-ro", "Decrypt", chosen), Allowed);
    assert_eq!(decision(&estate, "role/Worker-x", "Decrypt", chosen), ImplicitDeny);
}

#[test]
fn a_grant_that_is_not_known_leaves_the_key_policy_alone() {
    let mut open = grant(json!({}), json!({"constraints": [{"encryption_context_equals": true}]}));
    open.after["constraints"] = json!([{}]);
    let document = plan(&[role("aws_iam_role.worker", "Worker"), key("aws_kms_key.app"), open]);
    let estate = after(&document);
    assert!(estate.keys["aws_kms_key.app"].policy.is_none());
    // No grant gives what is not an operation of grants.
    for (action, expected) in [("Decrypt", Undetermined), ("PutKeyPolicy", ImplicitDeny)] {
        assert_eq!(decision(&estate, "role/Worker", action, "aws_kms_key.app"), expected);
    }
    assert!(estate.notes[0].ends_with("give it with --assume aws_kms_grant.worker.constraints=…"));
    let constraints = r#"[{"encryption_context_equals": {"a": "b"}}]"#;
    let assumed = assuming(&[("aws_kms_grant.worker.constraints", constraints)]);
    let estate = read(&document, &assumed).unwrap().after;
    assert_eq!(decision(&estate, "role/Worker", "Decrypt", "aws_kms_key.app"), ImplicitDeny);
}

#[test]
fn the_name_of_an_alias_that_is_made_of_another_is_not_known() {
    let mut made = role("aws_iam_role.app", "");
    made.after = json!({"name_prefix": "app-", "path": "/"});
    made.unknown["name"] = json!(true);
    made.expressions = json!({"name_prefix": {}});
    let alias = create(
        "aws_kms_alias.a",
        json!({}),
        json!({"name": true, "target_key_id": true}),
        json!({"name": refers(&["aws_iam_role.app.name"]), "target_key_id": refers(&["aws_kms_key.k.key_id"])}),
    );
    let mut other = role("aws_iam_role.other", "");
    other.after["name"] = Value::Null;
    other.unknown["name"] = json!(true);
    other.expressions = json!({"name": refers(&["aws_iam_role.app.name"])});
    let estate = after(&plan(&[made, other, key("aws_kms_key.k"), alias]));
    assert!(estate.keys["aws_kms_key.k"].aliases.is_empty());
    assert_eq!(estate.keys["aws_kms_key.k"].unknown.len(), 1);
    assert_eq!(
        estate.principals.len(),
        1,
        "the one has a name that is made up, the other has none"
    );
    assert!(estate.notes.iter().any(|it| it.starts_with("`aws_iam_role.other` is left out")));
}

#[test]
fn tags_can_be_assumed() {
    let mut app = key("aws_kms_key.app");
    app.after.as_object_mut().unwrap().remove("tags");
    app.unknown["tags"] = json!(true);
    app.expressions = json!({"tags": refers(&["local.tags"])});
    let document = plan(&[app]);
    let hint = "--assume aws_kms_key.app.tags='{\"NAME\": \"VALUE\"}'";
    assert!(after(&document).notes[0].ends_with(hint), "{:?}", after(&document).notes);
    let assumed = assuming(&[("aws_kms_key.app.tags", r#"{"team": "web"}"#)]);
    let key = read(&document, &assumed).unwrap().after.keys["aws_kms_key.app"].clone();
    assert!(key.unknown.is_empty() && key.tags["team"] == "web");
}
