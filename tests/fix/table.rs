//! One denial for each kind of fix, with the best that is offered for it.

use kms_sim::analysis::{Change, Fix};
use kms_sim::environment::Question;
use kms_sim::environment::{Member, Organization, VpcEndpoint};
use kms_sim::kms::Action;
use kms_sim::policy::Kind;
use kms_sim::request::PrincipalName;
use serde_json::{Value, json};

use super::case::{Case, KEY, account, case, delegating, of_web, policy};

#[test]
fn a_missing_identity_policy_is_given_or_widened() {
    let none = case(&delegating(), None).fixes();
    let Change::Policy(edit) = &none[0].edits[0].change else { panic!("{none:?}") };
    assert_eq!(edit.document, None);
    assert_eq!(edit.patch[0]["path"], "");
    assert_eq!(
        edit.statements,
        [json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": KEY})]
    );

    // A statement of its own comes first, the wider one that is there after it.
    let of_its_own = "Allow kms:Decrypt on the key in the identity policy of role/Web.";
    let other_action = case(&delegating(), Some(&of_web("kms:Encrypt", KEY))).summaries();
    assert_eq!(other_action[0], of_its_own);
    let widened = "Add kms:Decrypt to statement 1 (\"Use\") in the identity policy.";
    assert!(other_action.iter().any(|it| it == widened), "{other_action:?}");
    let alias = "arn:aws:kms:us-east-1:123456789012:alias/app";
    let other_resource = case(&delegating(), Some(&of_web("kms:Decrypt", alias))).summaries();
    assert_eq!(other_resource[0], of_its_own);
    let widened =
        format!("Add {KEY} to the Resource of statement 1 (\"Use\") in the identity policy.");
    assert!(other_resource.contains(&widened), "{other_resource:?}");
}

#[test]
fn a_missing_key_policy_allow_is_added_for_the_caller_alone() {
    let admins = json!([{"Sid": "Admins", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Admin"}, "Action": "kms:*", "Resource": "*"}]);
    let mut of_admins = case(&admins, None);
    of_admins.question.via = Some("ssm".to_owned());
    let fixes = of_admins.fixes();
    let Change::Policy(edit) = &fixes[0].edits[0].change else { panic!("{fixes:?}") };
    assert_eq!(edit.patch[0]["path"], "/Statement/-");
    assert_eq!(
        edit.statements,
        [json!({
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:role/Web"},
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}},
        })]
    );
    assert!(fixes[0].also_allows.is_empty());
    // Who joins the administrators gets more than was asked for, which is said.
    let joined = fixes.iter().find(|fix| fix.summary().starts_with("Add role/Web")).unwrap();
    assert!(joined.also_allows.iter().any(|it| it.action == "kms:PutKeyPolicy"));
    // The account statement gives nothing without an identity policy: one fix of two edits.
    let both = fixes.iter().find(|fix| fix.edits.len() == 2).unwrap();
    let sides: Vec<Value> = both.to_json(1).iter().map(|it| it["together_with"].clone()).collect();
    assert_eq!(sides, [json!(["identity-policy"]), json!(["key-policy"])]);
}

#[test]
fn a_grant_is_offered_where_the_operation_can_be_granted() {
    let by_grant = |case: &Case| {
        let fixes = case.fixes();
        fixes.iter().any(|fix| matches!(fix.edits[0].change, Change::Grant { .. }))
    };
    let mut asked = case(&delegating(), None);
    assert!(by_grant(&asked));
    asked.question.action = Action::parse("PutKeyPolicy").unwrap();
    assert!(!by_grant(&asked));
}

#[test]
fn a_ceiling_that_is_silent_gets_an_allow() {
    let identity = of_web("kms:Decrypt", KEY);
    let other = of_web("s3:GetObject", "*");
    let capped = || case(&delegating(), Some(&identity));
    let mut bounded = capped();
    let name = PrincipalName::parse("role/Web", Some(account())).unwrap();
    let principal = bounded.environment.principal_mut(&name).unwrap();
    principal.permissions_boundary =
        Some(policy("boundary.json", &other, Kind::PermissionsBoundary));
    let mut limited = capped();
    let scp = policy("scp.json", &other, Kind::ServiceControl);
    let member = Member { service_control_policies: vec![vec![scp]], ..Member::default() };
    let accounts = [(account().id, member)].into();
    limited.environment.organization = Some(Organization { accounts, ..Organization::default() });
    let mut in_session = capped();
    in_session.question.session.policies =
        Some(vec![policy("session.json", &other, Kind::Session)]);
    let mut in_vpc = capped();
    let everyone = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"});
    let endpoint = policy("endpoint.json", &everyone, Kind::VpcEndpoint);
    let endpoint = VpcEndpoint { policy: Some(endpoint), ..VpcEndpoint::default() };
    in_vpc.environment.vpc_endpoints.insert("vpce-0abc".to_owned(), endpoint);
    in_vpc.question.vpc_endpoint = Some("vpce-0abc".to_owned());
    let table = [
        (bounded, "permissions-boundary"),
        (limited, "service-control-policy"),
        (in_session, "session-policy"),
        (in_vpc, "vpc-endpoint-policy"),
    ];
    for (case, side) in table {
        let fixes = case.fixes();
        assert_eq!(fixes[0].edits[0].side.as_str(), side);
        assert_eq!(fixes[0].edits.len(), 1);
    }
}

fn denying(condition: &Value) -> Value {
    let mut statements = delegating();
    let deny = json!({"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": condition});
    statements.as_array_mut().unwrap().push(deny);
    statements
}

#[test]
fn a_deny_is_first_met_by_the_call_and_weakened_only_loudly() {
    let table = [
        (
            json!({"StringNotEquals": {"kms:EncryptionContext:app": "web"}}),
            "Send the encryption context app with web.",
        ),
        (
            json!({"Null": {"kms:EncryptionContext:app": "true"}}),
            "Send the encryption context app with any value.",
        ),
        (
            json!({"StringNotEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}),
            "Let ssm make the call.",
        ),
        (
            json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
            "Sign in with MFA before the call.",
        ),
        (
            json!({"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/Admin"}}),
            "WEAKENS AN EXPLICIT DENY: Exempt role/Web from statement 2 (\"Guard\") in the key policy.",
        ),
    ];
    for (condition, first) in table {
        let case = case(&denying(&condition), Some(&of_web("kms:Decrypt", KEY)));
        let fixes = case.fixes();
        assert_eq!(fixes[0].summary(), first, "{condition}");
        assert!(fixes.iter().any(Fix::weakens_deny), "{condition}");
        for fix in &fixes {
            assert_ne!(fix.weakens_deny(), fix.is_of_call());
        }
    }
}

#[test]
fn nothing_is_offered_for_what_is_allowed_or_cannot_be() {
    assert!(case(&delegating(), Some(&of_web("kms:Decrypt", KEY))).fixes().is_empty());
    let mut abroad = case(&delegating(), None);
    // KMS does not offer it across accounts, whatever policies say.
    abroad.question = Question::new(
        "arn:aws:iam::111122223333:role/Partner",
        Action::parse("PutKeyPolicy").unwrap(),
    );
    abroad.question.key = Some(KEY.to_owned());
    assert!(abroad.fixes().is_empty());
}
