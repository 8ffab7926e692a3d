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

/// The account of the document, of which nothing says where it stands in the organization.
fn unplaced(resources: Vec<Planned>, assumptions: &[(&str, &str)]) -> Decision {
    let mut all = vec![
        key(KEY),
        role("aws_iam_role.app", "App"),
        role_policy("aws_iam_role_policy.p", "aws_iam_role.app"),
    ];
    all.extend(resources);
    let estate = read(&plan(&all), &assuming(assumptions)).unwrap().after;
    decision(&estate, "role/App", "Decrypt", KEY)
}

#[test]
fn a_policy_that_may_limit_the_account_leaves_the_answer_open() {
    let deny = json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"});
    let policy = |kind: &str| control("aws_organizations_policy.p", "p-1", kind, deny.clone());
    let service = || policy("SERVICE_CONTROL_POLICY");
    let to = |target: &str| attach("aws_organizations_policy_attachment.a", "p-1", target);
    let mut open = to("");
    open.after = json!({"policy_id": "p-1"});
    open.unknown = json!({"target_id": true});
    open.expressions = json!({"policy_id": {}, "target_id": refers(&["local.target"])});
    let address = "aws_organizations_policy_attachment.a.target_id";
    assert_eq!(unplaced(vec![service(), to("r-1234")], &[]), Undetermined);
    assert_eq!(unplaced(vec![service(), to(ACCOUNT)], &[]), ExplicitDeny);
    assert_eq!(unplaced(vec![service(), to("444455556666")], &[]), Allowed);
    assert_eq!(unplaced(vec![policy("TAG_POLICY"), to("r-1234")], &[]), Allowed);
    assert_eq!(unplaced(vec![to(ACCOUNT)], &[]), Undetermined, "the policy is not there");
    let given = json!({"Statement": deny}).to_string();
    assert_eq!(unplaced(vec![to(ACCOUNT)], &[("p-1", &given)]), ExplicitDeny);
    let again = || Planned {
        after: open.after.clone(),
        unknown: open.unknown.clone(),
        expressions: open.expressions.clone(),
        ..to("")
    };
    assert_eq!(unplaced(vec![service(), again()], &[]), Undetermined);
    assert_eq!(unplaced(vec![service(), again()], &[(address, ACCOUNT)]), ExplicitDeny);
    assert_eq!(unplaced(vec![service(), again()], &[(address, "444455556666")]), Allowed);
}

#[test]
fn the_policy_of_an_endpoint_may_be_a_resource_of_its_own() {
    let endpoint = || {
        create(
            "aws_vpc_endpoint.kms",
            json!({"service_name": "com.amazonaws.us-east-1.kms", "vpc_id": "vpc-0123"}),
            json!({"id": true, "policy": true}),
            json!({"service_name": {}}),
        )
    };
    let only = json!({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}]});
    let with = |endpoint: &str, policy: Value, is_unknown: bool| {
        create(
            "aws_vpc_endpoint_policy.kms",
            json!({"policy": policy}),
            json!({"vpc_endpoint_id": true, "policy": is_unknown}),
            json!({"vpc_endpoint_id": refers(&[endpoint]), "policy": refers(&["local.policy"])}),
        )
    };
    let table = [
        (None, Allowed),
        (Some(with("aws_vpc_endpoint.kms.id", json!(only.to_string()), false)), ImplicitDeny),
        (Some(with("aws_vpc_endpoint.kms.id", json!(null), true)), Undetermined),
        (Some(with("local.endpoint", json!(only.to_string()), false)), Undetermined),
    ];
    for (index, (policy, expected)) in table.into_iter().enumerate() {
        let mut all = vec![
            key(KEY),
            role("aws_iam_role.app", "App"),
            role_policy("aws_iam_role_policy.p", "aws_iam_role.app"),
            endpoint(),
        ];
        all.extend(policy);
        let estate = after(&plan(&all));
        let environment = estate.load().unwrap().environment;
        let mut question = Question::new("role/App", Action::parse("kms:Decrypt").unwrap());
        question.vpc_endpoint = estate.vpc_endpoints.keys().next().cloned();
        let found = decide(&environment.request(&question).unwrap()).decision;
        assert_eq!(found, expected, "row {index}");
    }
}
