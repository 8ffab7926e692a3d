//! Policies of AWS Organizations and of VPC endpoints.

use kms_sim::evaluate::Decision::{Allowed, ExplicitDeny, ImplicitDeny, Undetermined};
use serde_json::{Value, json};

use super::*;

const KEY: &str = "aws_kms_key.app";

fn control(address: &str, id: &str, kind: &str, statement: Value) -> Planned {
    let content = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
    create(
        address,
        json!({"id": id, "type": kind, "content": content}),
        json!({}),
        json!({"content": {}}),
    )
}

fn attach(address: &str, policy: &str, target: &str) -> Planned {
    create(address, json!({"policy_id": policy, "target_id": target}), json!({}), json!({}))
}

fn organization(policy: Planned, target: &str) -> Estate {
    after(&plan(&[
        key(KEY),
        role("aws_iam_role.app", "App"),
        role_policy("aws_iam_role_policy.p", "aws_iam_role.app"),
        create(
            "aws_organizations_organization.o",
            json!({"id": "o-exampleorgid", "master_account_id": "999999999999"}),
            json!({}),
            json!({}),
        ),
        create(
            "aws_organizations_organizational_unit.prod",
            json!({"id": "ou-1234-abcdefgh", "parent_id": "r-1234"}),
            json!({}),
            json!({}),
        ),
        create(
            "aws_organizations_account.app",
            json!({"id": ACCOUNT, "parent_id": "ou-1234-abcdefgh"}),
            json!({}),
            json!({}),
        ),
        policy,
        attach("aws_organizations_policy_attachment.a", "p-1", target),
    ]))
}

#[test]
fn each_level_of_the_organization_counts() {
    let service = "SERVICE_CONTROL_POLICY";
    let deny = json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"});
    let deny_all =
        json!({"Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    let allow = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let table = [
        (service, deny.clone(), "r-1234", ExplicitDeny),
        (service, deny.clone(), "ou-1234-abcdefgh", ExplicitDeny),
        (service, deny.clone(), ACCOUNT, ExplicitDeny),
        (service, deny, "ou-9999-elsewhere", Allowed),
        ("RESOURCE_CONTROL_POLICY", deny_all, "r-1234", ExplicitDeny),
        // Nothing says whether FullAWSAccess is still attached beside it.
        (service, allow, "r-1234", Undetermined),
    ];
    for (kind, statement, target, expected) in table {
        let estate =
            organization(control("aws_organizations_policy.p", "p-1", kind, statement), target);
        assert_eq!(decision(&estate, "role/App", "Decrypt", KEY), expected, "{kind} {target}");
        let is_noted = estate.notes.iter().any(|note| note.contains("`ou-9999-elsewhere`"));
        assert_eq!(is_noted, target == "ou-9999-elsewhere", "{:?}", estate.notes);
    }
}

#[test]
fn an_endpoint_for_kms_has_its_policy_and_others_are_not_read() {
    let endpoint = |address: &str, service: &str, policy: Value, is_unknown: bool| {
        create(
            address,
            json!({"service_name": service, "vpc_id": "vpc-0123", "policy": policy}),
            json!({"id": true, "policy": is_unknown}),
            json!({"policy": refers(&["local.policy"])}),
        )
    };
    let only = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}]});
    let table = [
        (json!(only.to_string()), false, ImplicitDeny),
        (json!(null), false, Allowed),
        (json!(null), true, Undetermined),
    ];
    for (policy, is_unknown, expected) in table {
        let estate = after(&plan(&[
            key(KEY),
            role("aws_iam_role.app", "App"),
            role_policy("aws_iam_role_policy.p", "aws_iam_role.app"),
            endpoint("aws_vpc_endpoint.kms", "com.amazonaws.us-east-1.kms", policy, is_unknown),
            endpoint("aws_vpc_endpoint.s3", "com.amazonaws.us-east-1.s3", json!(null), false),
        ]));
        assert_eq!(estate.vpc_endpoints.len(), 1);
        let environment = estate.load().unwrap().environment;
        let action = Action::parse("kms:Decrypt").unwrap();
        let mut question = Question::new("role/App", action);
        question.vpc_endpoint = estate.vpc_endpoints.keys().next().cloned();
        assert_eq!(decide(&environment.request(&question).unwrap()).decision, expected);
    }
}
