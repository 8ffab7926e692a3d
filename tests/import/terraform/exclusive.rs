//! Resources that take away what they do not list.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};
use serde_json::{Value, json};

use super::*;

const KEY: &str = "aws_kms_key.app";
const USE: &str = "arn:aws:iam::123456789012:policy/Use";

/// A role that has the policy, inline and attached, since before the plan.
fn having(address: &str, name: &str) -> Planned {
    let stored = json!({"arn": format!("arn:aws:iam::123456789012:role/{name}"), "name": name, "path": "/",
        "managed_policy_arns": [USE], "inline_policy": [{"name": "old", "policy": use_keys()}]});
    create(address, stored.clone(), json!({}), json!({"name": {}})).from(&["no-op"], stored)
}

fn of(resources: Vec<Planned>, principal: &str) -> Decision {
    let mut all = vec![
        key(KEY),
        create(
            "aws_iam_policy.use",
            json!({"arn": USE, "name": "Use", "policy": use_keys()}),
            json!({}),
            json!({}),
        ),
    ];
    all.extend(resources);
    decision(&after(&plan(&all)), principal, "Decrypt", KEY)
}

fn exclusive(sort: &str, values: Value, unknown: Value) -> Planned {
    let mut all = json!({"role_name": "App"});
    all.as_object_mut().unwrap().extend(values.as_object().unwrap().clone());
    let expression = refers(&["local.list"]);
    create(
        &format!("aws_iam_role_{sort}_exclusive.x"),
        all,
        unknown,
        json!({"role_name": {}, "policy_names": expression, "policy_arns": expression}),
    )
}

#[test]
fn policies_that_are_not_listed_go() {
    let app = || having("aws_iam_role.app", "App");
    let names = |names: Value| exclusive("policies", json!({"policy_names": names}), json!({}));
    let arns =
        |arns: Value| exclusive("policy_attachments", json!({"policy_arns": arns}), json!({}));
    let open = |sort: &str, name: &str| exclusive(sort, json!({}), json!({(name): true}));
    let none = || json!([]);
    assert_eq!(of(vec![app()], "role/App"), Allowed);
    assert_eq!(of(vec![app(), names(none())], "role/App"), Allowed, "it is attached, too");
    assert_eq!(of(vec![app(), names(none()), arns(none())], "role/App"), ImplicitDeny);
    assert_eq!(of(vec![app(), names(json!(["old"])), arns(none())], "role/App"), Allowed);
    assert_eq!(of(vec![app(), names(none()), arns(json!([USE]))], "role/App"), Allowed);
    assert_eq!(of(vec![app(), names(json!(["new"])), arns(none())], "role/App"), Undetermined);
    for (sort, name) in [("policies", "policy_names"), ("policy_attachments", "policy_arns")] {
        assert_eq!(of(vec![app(), open(sort, name)], "role/App"), Undetermined, "{sort}");
    }
    // One gives what the other takes away.
    let fresh = || role("aws_iam_role.app", "App");
    let given = || role_policy("aws_iam_role_policy.p", "aws_iam_role.app");
    assert_eq!(of(vec![fresh(), given(), names(none())], "role/App"), Undetermined);
    assert_eq!(of(vec![fresh(), given(), names(json!(["use-keys"]))], "role/App"), Allowed);
}

#[test]
fn an_attachment_takes_its_policy_from_everybody_else() {
    let bare = |address: &str, name: &str| {
        let mut it = having(address, name);
        it.after["inline_policy"] = json!([]);
        it
    };
    let attach = |roles: Value, unknown: Value| {
        create(
            "aws_iam_policy_attachment.x",
            json!({"name": "x", "policy_arn": USE, "roles": roles}),
            unknown,
            json!({"policy_arn": {}, "roles": refers(&["local.roles"])}),
        )
    };
    let of = |attachment: Planned, name: &str| {
        let roles = vec![bare("aws_iam_role.a", "A"), bare("aws_iam_role.b", "B"), attachment];
        of(roles, &format!("role/{name}"))
    };
    for (name, expected) in [("A", Allowed), ("B", ImplicitDeny)] {
        assert_eq!(of(attach(json!(["A"]), json!({})), name), expected, "{name}");
        let open = attach(json!(null), json!({"roles": true}));
        assert_eq!(of(open, name), Undetermined, "{name}");
        let mut unchanged = attach(json!(["A", "B"]), json!({}));
        unchanged.actions = json!(["no-op"]);
        assert_eq!(of(unchanged, name), Allowed, "{name}");
    }
}
