//! Where AWS is silent and a decision rests on it, a warning says so; elsewhere none does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::NoFiles;
use kms_sim::scenario::{Scenario, Sorted};

/// The warnings on the one case of a file.
fn warnings(environment: &str, case: &str) -> Vec<String> {
    let text = format!(
        "account: '123456789012'\n{environment}\ncases:\n  - {{{case}, expect: {{decision: denied}}}}\n"
    );
    let source = Source::from_bytes("s.yaml", text.clone().into_bytes()).unwrap();
    let document =
        Document::parse(source, Format::Yaml).unwrap_or_else(|it| panic!("{it}\n{text}"));
    let sorted = Scenario::read(&document, &NoFiles).unwrap_or_else(|it| panic!("{it}\n{text}"));
    let Sorted::Scenario(scenario) = sorted else { panic!("{text}") };
    let result = scenario.run().next().unwrap();
    result.actual.unwrap_or_else(|| panic!("{:?}\n{text}", result.message)).warnings
}

/// A key policy of one statement.
fn key(statement: &str) -> String {
    format!("keys: {{app: {{policy: {{Version: '2012-10-17', Statement: [{{{statement}}}]}}}}}}")
}

const BOUNDED: &str = "principals:
  user/ci: {permissions_boundary: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}
  role/Web: {permissions_boundary: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}
  role/Free: {}";

#[test]
fn a_grant_beside_a_silent_boundary_is_a_matter_of_reading() {
    let grants = "keys: {app: {grants: [{grantee: user/ci, operations: [Decrypt]}, {grantee: role/Web, operations: [Decrypt]}, {grantee: role/Free, operations: [Decrypt]}]}}";
    let environment = format!("{BOUNDED}\n{grants}");
    let says = |principal: &str| {
        let case = format!("principal: {principal}, action: kms:Decrypt");
        warnings(&environment, &case).iter().any(|it| it.contains("how a grant stands to"))
    };
    assert!(says("user/ci"));
    assert!(says("role/Web"));
    assert!(!says("role/Free"));
}

#[test]
fn a_grant_to_an_account_is_taken_to_leave_it_to_iam() {
    let environment = "principals: {role/Free: {}, role/Iam: {identity_policies: [FullAWSAccess]}}
keys: {app: {policy: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:role/Other'}, Action: 'kms:*', Resource: '*'}]}, grants: [{grantee: root, operations: [Decrypt]}]}}";
    let says = |case: &str| {
        warnings(environment, case).iter().any(|it| it.contains("grant to an account"))
    };
    assert!(says("principal: role/Free, action: kms:Decrypt"));
    assert!(!says("principal: role/Iam, action: kms:Decrypt"));
    assert!(!says("principal: root, action: kms:Decrypt"));
    assert!(!says("principal: role/Free, action: kms:Encrypt"));
}

/// A condition, the action, whether the decision rests on the reading, and what the warning says.
#[test]
fn a_context_key_that_may_be_otherwise_is_told_where_it_matters() {
    let condition = |condition: &str| {
        key(&format!(
            "Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*', Condition: {condition}"
        ))
    };
    let table = [
        (
            "{Bool: {'kms:GrantIsForAWSResource': 'true'}}",
            "kms:CreateGrant",
            false,
            "GrantIsForAWSResource",
        ),
        (
            "{Bool: {'kms:GrantIsForAWSResource': 'false'}}",
            "kms:CreateGrant",
            true,
            "GrantIsForAWSResource",
        ),
        (
            "{'Null': {'kms:GrantIsForAWSResource': 'true'}}",
            "kms:CreateGrant",
            true,
            "GrantIsForAWSResource",
        ),
        (
            "{NumericEquals: {'kms:ScheduleKeyDeletionPendingWindowInDays': '30'}}",
            "kms:ScheduleKeyDeletion",
            true,
            "PendingWindowInDays",
        ),
        (
            "{NumericEquals: {'kms:ScheduleKeyDeletionPendingWindowInDays': '7'}}",
            "kms:ScheduleKeyDeletion",
            false,
            "PendingWindowInDays",
        ),
        (
            "{NumericLessThan: {'kms:RotationPeriodInDays': '400'}}",
            "kms:EnableKeyRotation",
            true,
            "RotationPeriodInDays",
        ),
    ];
    for (text, action, expected, part) in table {
        let environment = format!("principals: {{role/Web: {{}}}}\n{}", condition(text));
        let case = format!("principal: role/Web, action: {action}");
        let found = warnings(&environment, &case);
        let says = found.iter().any(|it| it.contains("AWS does not say") && it.contains(part));
        assert_eq!(says, expected, "{text} {action}: {found:?}");
    }
}

#[test]
fn the_letter_case_of_a_constraint_is_told_where_it_alone_denies() {
    let environment = "principals: {role/Web: {}}
keys: {app: {grants: [{grantee: role/Web, operations: [Decrypt], constraints: {encryption_context_subset: {app: web}}}]}}";
    let says = |pairs: &str| {
        let case = format!("principal: role/Web, action: kms:Decrypt, encryption_context: {pairs}");
        warnings(environment, &case).iter().any(|it| it.contains("letter case"))
    };
    assert!(says("{App: web}"));
    assert!(!says("{app: web}"));
    assert!(!says("{App: batch}"));
}

#[test]
fn readings_of_policies_are_told() {
    let table = [
        (
            "Effect: Deny, Principal: {AWS: '123456789012'}, Action: 'kms:*', Resource: '*'",
            "a Deny for an account",
        ),
        (
            "Effect: Deny, NotPrincipal: {AWS: '123456789012'}, Action: 'kms:*', Resource: '*'",
            "NotPrincipal might deny",
        ),
    ];
    for (statement, part) in table {
        let environment = format!("principals: {{role/Web: {{}}}}\n{}", key(statement));
        let found = warnings(&environment, "principal: role/Web, action: kms:Decrypt");
        assert!(found.iter().any(|it| it.contains(part)), "{statement}: {found:?}");
    }
}
