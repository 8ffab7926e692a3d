//! Roles, users and groups.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};
use serde_json::{Value, json};

use super::*;

const KEY: &str = "aws_kms_key.app";

fn managed(address: &str, name: &str, policy: &str) -> Planned {
    create(
        address,
        json!({"name": name, "path": "/", "policy": policy}),
        json!({"arn": true, "id": true, "policy_id": true}),
        json!({"name": {}, "policy": {}}),
    )
}

fn attachment(kind: &str, holder: &str, policy: &str) -> Planned {
    create(
        &format!("aws_iam_{kind}_policy_attachment.a"),
        json!({}),
        json!({"id": true, (kind): true, "policy_arn": true}),
        json!({(kind): refers(&[holder]), "policy_arn": refers(&[policy])}),
    )
}

fn user(address: &str, name: &str) -> Planned {
    create(
        address,
        json!({"name": name, "path": "/staff/", "permissions_boundary": null}),
        json!({"arn": true, "id": true}),
        json!({"name": {}}),
    )
}

fn group(address: &str, name: &str) -> Planned {
    create(
        address,
        json!({"name": name, "path": "/"}),
        json!({"arn": true, "id": true}),
        json!({"name": {}}),
    )
}

fn with(mut it: Planned, values: Value, unknown: Value, expressions: Value) -> Planned {
    for (held, more) in
        [(&mut it.after, values), (&mut it.unknown, unknown), (&mut it.expressions, expressions)]
    {
        held.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    }
    it
}

#[track_caller]
fn decides(resources: Vec<Planned>, principal: &str) -> Decision {
    let all: Vec<Planned> = [key(KEY)].into_iter().chain(resources).collect();
    decision(&after(&plan(&all)), principal, "Decrypt", KEY)
}

#[test]
fn each_way_of_giving_a_role_a_policy_gives_it() {
    let app = || role("aws_iam_role.app", "App");
    let use_policy = || managed("aws_iam_policy.use", "Use", &use_keys());
    let arn = "arn:aws:iam::123456789012:policy/Use";
    let inline = json!({"inline_policy": [{"name": "use", "policy": use_keys()}]});
    let ways = [
        vec![app(), role_policy("aws_iam_role_policy.p", "aws_iam_role.app")],
        vec![with(app(), inline, json!({"inline_policy": [{}]}), json!({"inline_policy": [{}]}))],
        vec![
            app(),
            use_policy(),
            attachment("role", "aws_iam_role.app.id", "aws_iam_policy.use.arn"),
        ],
        vec![app(), use_policy(), attachment("role", "aws_iam_role.app", "aws_iam_policy.use")],
        vec![
            with(
                app(),
                json!({"managed_policy_arns": [null]}),
                json!({"managed_policy_arns": [true]}),
                json!({"managed_policy_arns": refers(&["aws_iam_policy.use.arn"])}),
            ),
            use_policy(),
        ],
        vec![
            app(),
            use_policy(),
            create(
                "aws_iam_role_policy_attachments_exclusive.x",
                json!({"role_name": "App", "policy_arns": [arn]}),
                json!({}),
                json!({"role_name": {}, "policy_arns": {}}),
            ),
        ],
        vec![
            app(),
            use_policy(),
            create(
                "aws_iam_policy_attachment.x",
                json!({"name": "x", "roles": ["App"]}),
                json!({"policy_arn": true}),
                json!({"roles": {}, "policy_arn": refers(&["aws_iam_policy.use.arn"])}),
            ),
        ],
        vec![
            app(),
            create(
                "data.aws_iam_policy.use",
                json!({"arn": arn, "policy": use_keys()}),
                json!({}),
                json!({}),
            ),
            create(
                "aws_iam_role_policy_attachment.a",
                json!({"role": "App", "policy_arn": arn}),
                json!({}),
                json!({}),
            ),
        ],
    ];
    assert_eq!(decides(vec![app()], "role/App"), ImplicitDeny);
    for (index, way) in ways.into_iter().enumerate() {
        assert_eq!(decides(way, "role/App"), Allowed, "way {index}");
    }
}

#[test]
fn a_user_has_its_own_policies_and_those_of_its_groups() {
    let group_policy = || {
        create(
            "aws_iam_group_policy.p",
            json!({"group": "devs", "name": "p", "policy": use_keys()}),
            json!({}),
            json!({}),
        )
    };
    let ways = [
        vec![create(
            "aws_iam_user_policy.p",
            json!({"name": "p", "policy": use_keys()}),
            json!({"user": true}),
            json!({"user": refers(&["aws_iam_user.alice.id"]), "policy": {}}),
        )],
        vec![
            managed("aws_iam_policy.use", "Use", &use_keys()),
            attachment("user", "aws_iam_user.alice.id", "aws_iam_policy.use.arn"),
        ],
        vec![
            group("aws_iam_group.devs", "devs"),
            group_policy(),
            create(
                "aws_iam_group_membership.m",
                json!({"group": "devs", "users": ["alice"]}),
                json!({}),
                json!({}),
            ),
        ],
        vec![
            group("aws_iam_group.devs", "devs"),
            group_policy(),
            create(
                "aws_iam_user_group_membership.m",
                json!({"user": "alice"}),
                json!({"groups": [true]}),
                json!({"user": {}, "groups": refers(&["aws_iam_group.devs.id"])}),
            ),
        ],
    ];
    let alice = || user("aws_iam_user.alice", "alice");
    assert_eq!(decides(vec![alice()], "user/staff/alice"), ImplicitDeny);
    for (index, way) in ways.into_iter().enumerate() {
        let mut all = vec![alice()];
        all.extend(way);
        if index == 3 {
            all.last_mut().unwrap().after["groups"] = json!([null]);
        }
        assert_eq!(decides(all, "user/staff/alice"), Allowed, "way {index}");
    }
}

#[test]
fn a_boundary_limits_and_one_that_is_not_there_is_not_known() {
    let boundary = |arn: Value, unknown: bool| {
        with(
            role("aws_iam_role.app", "App"),
            json!({"permissions_boundary": arn}),
            json!({"permissions_boundary": unknown}),
            json!({"permissions_boundary": refers(&["aws_iam_policy.limit.arn"])}),
        )
    };
    let other =
        policy(&[("Effect", json!("Allow")), ("Action", json!("s3:*")), ("Resource", json!("*"))]);
    let table = [
        (boundary(Value::Null, true), Some(use_keys()), Allowed),
        (boundary(Value::Null, true), Some(other), ImplicitDeny),
        (boundary(Value::Null, true), None, Undetermined),
        (boundary(json!("arn:aws:iam::aws:policy/ReadOnlyAccess"), false), None, Undetermined),
    ];
    for (index, (role, limit, expected)) in table.into_iter().enumerate() {
        let limit = limit.map(|text| managed("aws_iam_policy.limit", "Limit", &text));
        let mut all = vec![role, role_policy("aws_iam_role_policy.p", "aws_iam_role.app")];
        all.extend(limit);
        assert_eq!(decides(all, "role/App"), expected, "row {index}");
    }
}

#[test]
fn what_may_be_attached_to_a_role_puts_it_in_doubt() {
    let app = || role("aws_iam_role.app", "App");
    let use_policy = || managed("aws_iam_policy.use", "Use", &use_keys());
    let doubts = [
        // The policy is not known.
        vec![attachment("role", "aws_iam_role.app.id", "local.arn")],
        // Whom it is attached to is not.
        vec![use_policy(), attachment("role", "local.role", "aws_iam_policy.use.arn")],
        vec![
            role("aws_iam_role.b", "B"),
            use_policy(),
            with(
                attachment("role", "aws_iam_role.app.id", "aws_iam_policy.use.arn"),
                json!({}),
                json!({}),
                json!({"role": refers(&["aws_iam_role.app.id", "aws_iam_role.b.id"])}),
            ),
        ],
        // The document does not have the policy.
        vec![create(
            "aws_iam_role_policy_attachment.a",
            json!({"role": "App", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
            json!({}),
            json!({}),
        )],
        // The text of an inline policy is not known.
        vec![create(
            "aws_iam_role_policy.p",
            json!({"name": "p", "role": "App"}),
            json!({"policy": true}),
            json!({"role": {}, "policy": refers(&["aws_sqs_queue.q.arn"])}),
        )],
        vec![create(
            "aws_iam_role_policy_attachments_exclusive.x",
            json!({"role_name": "App"}),
            json!({"policy_arns": true}),
            json!({"role_name": {}, "policy_arns": refers(&["local.arns"])}),
        )],
    ];
    for (index, doubt) in doubts.into_iter().enumerate() {
        let mut all = vec![app()];
        all.extend(doubt);
        assert_eq!(decides(all, "role/App"), Undetermined, "doubt {index}");
    }
}

#[test]
fn a_role_that_others_are_given_to_is_in_no_doubt() {
    let all = vec![
        role("aws_iam_role.app", "App"),
        role("aws_iam_role.other", "Other"),
        role_policy("aws_iam_role_policy.p", "aws_iam_role.other"),
    ];
    assert_eq!(decides(all, "role/App"), ImplicitDeny);
}

#[test]
fn a_role_that_the_plan_does_not_manage_has_what_the_plan_knows_of_it() {
    let estate = after(&plan(&[
        key(KEY),
        create(
            "aws_iam_role_policy.p",
            json!({"name": "p", "role": "Old", "policy": use_keys()}),
            json!({}),
            json!({}),
        ),
    ]));
    let policies = &estate.principals["role/Old"].identity_policies;
    assert_eq!(policies.len(), 2);
    assert!(reason(policies.last()).starts_with("`role/Old` is not managed in the document"));
    assert_eq!(decision(&estate, "role/Old", "Decrypt", KEY), Undetermined);
}

#[test]
fn a_managed_policy_can_be_assumed_by_its_arn() {
    let arn = "arn:aws:iam::aws:policy/PowerUser";
    let document = plan(&[
        key(KEY),
        role("aws_iam_role.app", "App"),
        create(
            "aws_iam_role_policy_attachment.a",
            json!({"role": "App", "policy_arn": arn}),
            json!({}),
            json!({}),
        ),
    ]);
    let estate = read(&document, &assuming(&[(arn, &use_keys())])).unwrap().after;
    assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), Allowed);
    let doubt = after(&document);
    let why = reason(doubt.principals["role/App"].identity_policies.first());
    assert!(why.ends_with(&format!("give it with --assume {arn}=…")), "{why}");
}

#[test]
fn a_name_that_terraform_makes_up_is_the_same_everywhere() {
    let made = || {
        with(
            role("aws_iam_role.app", ""),
            json!({"name": null, "name_prefix": "app-"}),
            json!({"name": true}),
            json!({"name": null}),
        )
    };
    let mut it = made();
    it.expressions = json!({"name_prefix": {"constant_value": "app-"}});
    let estate =
        after(&plan(&[key(KEY), it, role_policy("aws_iam_role_policy.p", "aws_iam_role.app")]));
    let name = estate.principals.keys().next().unwrap().clone();
    assert!(name.starts_with("role/app-") && name.len() == "role/app-".len() + 26, "{name}");
    assert_eq!(decision(&estate, &name, "Decrypt", KEY), Allowed);
    let mut it = made();
    it.expressions = json!({"name": refers(&["random_pet.name.id"])});
    it.after["name_prefix"] = Value::Null;
    let estate = after(&plan(&[key(KEY), it]));
    assert!(
        estate.principals.is_empty()
            && estate.notes[0].contains("--assume aws_iam_role.app.name=…")
    );
}
