//! `kms-sim rescue --new-policy`: AWS's lockout safety check; and what it takes to call a key
//! locked out.

use serde_json::{Value, json};
use snapbox::{IntoData, assert_data_eq, str};

use crate::rescue::{allow, aws, policy, rescue, with};
use crate::support::{DELEGATING, Folder, IDENTITY, Run};

const LOCKOUT: &str = "MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.";
const INVALID_PRINCIPALS: &str = "MalformedPolicyDocumentException: Policy contains a statement with one or more invalid principals.";

fn check(statements: &Value, options: &str) -> Run {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    Folder::new().with("new.json", policy).run(&format!(
        "rescue --new-policy new.json --account 123456789012 --format json --principal {options}"
    ))
}

fn statement(effect: &str, principal: &str, action: &str) -> Value {
    let principal = match principal {
        "*" => json!("*"),
        service if service.contains("amazonaws") => json!({"Service": service}),
        arn if arn.contains(':') || !arn.contains('/') && arn != "root" => json!({"AWS": arn}),
        own => json!({"AWS": format!("arn:aws:iam::123456789012:{own}")}),
    };
    json!({"Sid": "S", "Effect": effect, "Principal": principal, "Action": action, "Resource": "*"})
}

/// Root cause 18: the statements of the new policy, and whether the deployer passes.
#[test]
fn the_check_passes_if_the_policy_lets_the_caller_or_its_account_change_it() {
    let allow = |principal, action| statement("Allow", principal, action);
    let deny = |principal| statement("Deny", principal, "kms:PutKeyPolicy");
    let table = [
        (json!([allow("role/KeyAdmin", "kms:*")]), false),
        (json!([allow("role/Deployer", "kms:*")]), true),
        (json!([allow("role/Deployer", "kms:Put*")]), true),
        (json!([allow("role/Deployer", "kms:Decrypt")]), false),
        (json!([allow("role/KeyAdmin", "kms:*"), allow("root", "kms:*")]), true),
        (json!([allow("123456789012", "kms:PutKeyPolicy")]), true),
        (json!([allow("root", "kms:Get*")]), false),
        (json!([allow("arn:aws:iam::111122223333:root", "kms:*")]), false),
        (json!([allow("arn:aws:sts::123456789012:assumed-role/Deployer/other", "kms:*")]), false),
        (json!([allow("*", "kms:*")]), true),
        (json!([allow("cloudformation.amazonaws.com", "kms:*")]), false),
        (json!([allow("root", "kms:*"), deny("role/Deployer")]), false),
        (json!([allow("root", "kms:*"), deny("root")]), false),
        (json!([allow("root", "kms:*"), deny("role/KeyAdmin")]), true),
    ];
    for (statements, passes) in table {
        let run = check(&statements, "role/Deployer").exits(i32::from(!passes));
        let found = run.json();
        assert_eq!(found["passes"], passes, "{statements}");
        let error = if passes { Value::Null } else { json!(LOCKOUT) };
        assert_eq!(found["error"], error, "{statements}");
    }
}

#[test]
fn the_caller_of_a_stack_is_its_execution_role() {
    let statements = json!([statement("Allow", "user/developer", "kms:*")]);
    check(&statements, "user/developer").exits(0);
    check(&statements, "role/CloudFormationExecution").exits(1);
}

#[test]
fn a_check_that_is_skipped_passes_and_tells_who_is_left() {
    let admin = json!([statement("Allow", "role/KeyAdmin", "kms:*")]);
    let found = check(&admin, "role/Deployer --bypass-policy-lockout-safety-check").exits(0).json();
    assert_eq!(
        (&found["bypassed"], &found["afterwards"]),
        (&json!(true), &json!("oneStepFromLockout"))
    );
    let nobody = json!([statement("Allow", "role/Web", "kms:Decrypt")]);
    let found = check(&nobody, "role/Deployer --bypass").exits(1).json();
    assert_eq!((&found["passes"], &found["afterwards"]), (&json!(true), &json!("lockedOut")));
    let by_parameter = "role/Deployer --parameter BypassPolicyLockoutSafetyCheck=true";
    assert_eq!(check(&admin, by_parameter).exits(0).json()["bypassed"], true);
}

#[test]
fn what_aws_refuses_in_any_new_policy_is_refused_first() {
    let allow = statement("Allow", "role/Deployer", "kms:*");
    let mut elsewhere = allow.clone();
    elsewhere["Resource"] = json!("arn:aws:kms:us-east-1:123456789012:key/x");
    let mut without = allow.clone();
    without.as_object_mut().unwrap().remove("Action");
    let orphan = statement("Allow", "AROAEXAMPLEEXAMPLE01", "kms:*");
    let table = [
        (json!([allow, orphan]), INVALID_PRINCIPALS),
        (json!([allow, elsewhere]), "MalformedPolicyDocumentException"),
        (json!([allow, without]), "MalformedPolicyDocumentException"),
    ];
    for (statements, error) in table {
        for bypass in ["", "--bypass"] {
            let found = check(&statements, &format!("role/Deployer {bypass}")).exits(1).json();
            assert_eq!(found["error"], error, "{statements}");
        }
    }
    let long = "x".repeat(32_768);
    let mut large = allow.clone();
    large["Sid"] = json!(long);
    assert_eq!(
        check(&json!([large]), "role/Deployer").exits(1).json()["error"],
        "LimitExceededException"
    );
}

#[test]
fn conditions_are_held_against_the_call_and_that_is_said() {
    let mut allow = statement("Allow", "role/Deployer", "kms:*");
    allow["Condition"] = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}});
    let statements = json!([allow]);
    let warned =
        |run: &Run| run.warnings().iter().any(|it| it.contains("how the check treats conditions"));
    let run = check(&statements, "role/Deployer").exits(1);
    assert!(warned(&run));
    let run =
        check(&statements, "role/Deployer --context aws:MultiFactorAuthPresent=true").exits(0);
    assert!(warned(&run));
    check(&statements, "role/Deployer --unknown aws:MultiFactorAuthPresent").exits(3);
}

#[test]
fn an_account_statement_alone_is_said_to_be_a_reading() {
    let warned = |principal| {
        let run = check(&json!([statement("Allow", "root", "kms:*")]), principal).exits(0);
        run.warnings().iter().any(|it| it.contains("consults the caller's IAM policies"))
    };
    assert!(warned("role/Deployer"));
    assert!(!warned("root"));
}

#[test]
fn a_fix_passes() {
    let frozen =
        json!([statement("Allow", "role/A", "kms:*"), statement("Deny", "*", "kms:PutKeyPolicy")]);
    let found = check(&frozen, "role/Deployer").exits(1).json();
    assert_eq!(found["fix"][0], json!({"op": "remove", "path": "/Statement/1"}));
    let fixed = json!([frozen[0], found["fix"][1]["value"]]);
    check(&fixed, "role/Deployer").exits(0);
}

/// The call itself needs a permission today, which is asked where it can be known.
#[test]
fn who_may_not_make_the_call_is_denied() {
    let environment =
        "account: '123456789012'\nprincipals: {role/Deployer: {}, role/Web: {}}\nkeys: {app: {}}\n";
    let new = json!({"Statement": [statement("Allow", "root", "kms:*")]}).to_string();
    let folder = Folder::new()
        .with("kms-sim.yaml", environment)
        .with("new.json", new)
        .with("iam.json", IDENTITY);
    let run =
        folder.run("rescue --new-policy new.json --principal role/Deployer --format json").exits(1);
    let found = run.json();
    assert_eq!(found["prediction"], "denied");
    assert!(
        found["error"].as_str().unwrap().starts_with("AccessDeniedException: User: arn:aws:sts")
    );
    let run = folder.run("rescue --new-policy new.json --principal role/Deployer --identity-policy iam.json --format json");
    assert_eq!(run.exits(0).json()["call"]["decision"], "allowed");
    let elsewhere = "rescue --new-policy new.json --principal arn:aws:iam::111122223333:role/Partner --key arn:aws:kms:us-east-1:123456789012:key/app --format json";
    assert_eq!(folder.run(elsewhere).exits(1).json()["prediction"], "denied");
}

#[test]
fn a_new_key_belongs_to_its_creator_and_a_replica_to_its_region() {
    let partner = "arn:aws:iam::111122223333:role/Partner";
    let new = json!({"Statement": [statement("Allow", "arn:aws:iam::111122223333:root", "kms:*")]})
        .to_string();
    let folder =
        Folder::new().with("key.json", DELEGATING).with("new.json", new).with("iam.json", IDENTITY);
    let run = folder.run(&format!("rescue --key-policy key.json --new-policy new.json --operation CreateKey --principal {partner} --key arn:aws:kms:us-east-1:123456789012:key/app --identity-policy iam.json --format json"));
    let found = run.exits(0).json();
    assert_eq!(found["key"], "arn:aws:kms:us-east-1:111122223333:key/new-key");
    let run = folder.run("rescue --key-policy key.json --new-policy key.json --operation ReplicateKey --principal role/Ops --identity-policy iam.json --parameter ReplicaRegion=eu-west-1 --format json");
    let found = run.exits(0).json();
    assert!(found["key"].as_str().unwrap().starts_with("arn:aws:kms:eu-west-1:123456789012:key/"));
    folder
        .run("rescue --new-policy new.json --operation PutPolicy --principal root")
        .refuses(&["--operation: expected `PutKeyPolicy`, `CreateKey` or `ReplicateKey`"]);
}

#[test]
fn a_rejection_in_words() {
    let run = Folder::new()
        .with("key.json", DELEGATING)
        .with("new.json", crate::support::NAMING)
        .with("iam.json", IDENTITY)
        .run("rescue --key-policy key.json --new-policy new.json --principal role/Deployer --identity-policy iam.json --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
REJECTED  PutKeyPolicy  MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.
  No statement of the new key policy allows kms:PutKeyPolicy to role/Deployer or to the key's account.

  principal   arn:aws:sts::123456789012:assumed-role/Deployer/SESSION
  key         arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  the call    allowed (by identity-policy) by the policies of today
  afterwards  one step from lockout: only role/Web can change the key policy

  It passes with this JSON patch:
  [{"op":"add","path":"/Statement/-","value":{"Sid":"Enable IAM policies","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}}]

"#]].raw());
}

/// Who is exempt from a `Deny` is nowhere else named.
#[test]
fn who_is_exempt_from_a_deny_can_change_the_key_policy() {
    let exempt = |key: &str, operator: &str, value: &str| {
        json!({
            "Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*",
            "Condition": {operator: {key: value}}
        })
    };
    let arn = exempt("aws:PrincipalArn", "ArnNotLike", "arn:aws:iam::*:role/BreakGlass");
    let user = exempt("aws:PrincipalType", "StringNotEquals", "User");
    let root = allow(&aws("root"));
    for deny in [&arn, &user] {
        rescue(&policy(&json!([root, deny])), "").exits(0).says(&["NOT LOCKED OUT"]);
    }
    let mut scp = arn.clone();
    scp.as_object_mut().unwrap().remove("Principal");
    let folder = Folder::new()
        .with("key.json", policy(&json!([root])))
        .with("scp.json", policy(&json!([scp])))
        .with("rcp.json", policy(&json!([arn])));
    for side in ["scp", "rcp"] {
        folder
            .run(&format!("rescue --key-policy key.json --{side} {side}.json --color never"))
            .exits(0)
            .says(&["only a principal like arn:aws:iam::*:role/BreakGlass with an IAM policy"]);
    }
}

#[test]
fn naming_a_principal_does_not_change_the_verdict() {
    let arn = json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/Admin"}});
    let text = policy(&json!([with(&allow(&aws("root")), "Condition", &arn)]));
    let expected = "NOT LOCKED OUT  only role/Admin with an IAM policy that allows it can";
    rescue(&text, "").exits(0).says(&[expected]);
    rescue(&text, "--principal role/Admin").exits(0).says(&[expected]);
    let environment = "account: '123456789012'\nprincipals: {role/Admin: {identity_policies: []}}\nkeys: {app: {policy: key.json}}\n";
    let folder = Folder::new().with("kms-sim.yaml", environment).with("key.json", text);
    folder.run("rescue --color never").exits(0).says(&[expected]);
}

/// A condition on the account's statement, the exit status, and what is said.
#[test]
fn a_lockout_is_told_only_where_nobody_could_meet_the_conditions() {
    let table = [
        (json!({"StringEquals": {"aws:PrincipalType": "User"}}), 0, "any other user with"),
        (json!({"Null": {"aws:username": "false"}}), 0, "any other user with"),
        (json!({"StringEquals": {"aws:username": "alice"}}), 0, "user/alice with"),
        (json!({"StringLike": {"aws:PrincipalArn": "*:role/Admin"}}), 0, "like *:role/Admin"),
        (
            json!({"StringLike": {"aws:PrincipalArn": "arn:aws:iam::${aws:PrincipalAccount}:role/Admin"}}),
            0,
            "role/Admin with",
        ),
        (
            json!({"StringEqualsIgnoreCase": {"aws:PrincipalArn": "ARN:aws:iam::123456789012:role/Admin"}}),
            0,
            "role/Admin with",
        ),
        (json!({"StringLike": {"aws:PrincipalArn": "*dmin"}}), 3, "the right aws:PrincipalArn"),
        (json!({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}), 3, "aws:userid"),
        (
            json!({"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/A"}}),
            1,
            "LOCKED OUT",
        ),
    ];
    for (condition, status, part) in table {
        let statement = with(&allow(&aws("root")), "Condition", &condition);
        rescue(&policy(&json!([statement])), "").exits(status).says(&[part]);
    }
}

#[test]
fn a_pattern_of_a_policy_never_starts_a_line_for_a_shell() {
    let evil = "arn:aws\ntouch pwned; #\u{7f}:iam::123456789012:role/B*";
    let condition = json!({"ArnLike": {"aws:PrincipalArn": [evil]}});
    let like = json!({"StringLike": {"aws:PrincipalArn": [evil, "*:role/X\ntouch pwned"]}});
    for condition in [condition, like] {
        let statement = with(&allow(&json!("*")), "Condition", &condition);
        let deny = with(
            &with(&allow(&json!("*")), "Effect", &json!("Deny")),
            "Condition",
            &json!({"StringNotLike": {"aws:PrincipalArn": evil}}),
        );
        for statements in [json!([statement]), json!([allow(&aws("root")), deny])] {
            let run = rescue(&policy(&statements), "");
            assert!(
                !run.stdout.lines().any(|line| line.trim().starts_with("touch")),
                "{}",
                run.stdout
            );
            let found = rescue(&policy(&statements), "--format json").json();
            let ways = found["ways_back"].as_array().unwrap().iter();
            for line in ways.flat_map(|way| way["commands"].as_array().unwrap()) {
                assert!(!line.as_str().unwrap().contains(char::is_control), "{line}");
            }
        }
    }
}

#[test]
fn a_lockout_by_a_control_policy_is_for_the_management_account() {
    let deny = json!({"Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"});
    let folder = Folder::new()
        .with("key.json", DELEGATING)
        .with("scp.json", policy(&json!([deny])))
        .with("rcp.json", policy(&json!([with(&deny, "Principal", &json!("*"))])));
    for (side, name) in [("scp", "service control policy"), ("rcp", "resource control policy")] {
        let run =
            folder.run(&format!("rescue --key-policy key.json --{side} {side}.json --color never"));
        run.exits(1).says(&[
            "LOCKED OUT",
            &format!("in the management account of the organization, change the {name}"),
            "AWS Support                          not needed",
        ]);
    }
}

#[test]
fn a_session_is_not_deleted() {
    let session = json!({"AWS": "arn:aws:sts::123456789012:assumed-role/A/s"});
    let run = rescue(&policy(&json!([allow(&session)])), "").exits(0);
    run.says(&["deleting the role behind the session arn:aws:sts::123456789012:assumed-role/A/s"]);
}

#[test]
fn a_repair_adds_no_statement_that_is_there_already() {
    let deny = json!({
        "Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*",
        "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/A"}}
    });
    let text = policy(&json!([allow(&aws("root")), deny]));
    let repair = rescue(&text, "--format json").json()["repair"].clone();
    assert_eq!(repair["patch"], json!([{"op": "remove", "path": "/Statement/1"}]));
    assert_eq!(repair["summary"], "take out statement 2");
}

/// What the parser refuses and AWS does: the statement, and what AWS says.
#[test]
fn what_is_no_key_policy_is_rejected_as_aws_rejects_it() {
    let table = [
        (
            json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"}),
            "MalformedPolicyDocumentException: Policy contains a statement with no principal",
        ),
        (statement("Allow", "arn:aws:iam::123456789012:role/*", "kms:*"), INVALID_PRINCIPALS),
        (statement("Allow", "nobody", "kms:*"), INVALID_PRINCIPALS),
        (
            json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"kms:ResourceAliases": "alias/app"}}}),
            "MalformedPolicyDocumentException: These condition keys are not permitted in a key policy: aws:ResourceTag, kms:ResourceTag, kms:ResourceAliases",
        ),
        (statement("allow", "*", "kms:*"), "MalformedPolicyDocumentException"),
        (statement("Allow", "*", "kms=Decrypt"), "MalformedPolicyDocumentException"),
    ];
    for (statement, error) in table {
        let found = check(&json!([statement]), "role/Deployer").exits(1).json();
        assert_eq!(found["prediction"], "rejected", "{statement}");
        assert_eq!(found["error"], error, "{statement}");
    }
    let no_principal = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"});
    let text = json!({"Version": "2012-10-17", "Statement": no_principal}).to_string();
    let run = Folder::new()
        .with("new.json", text)
        .with("key.json", DELEGATING)
        .with("iam.json", IDENTITY.replace("kms:Decrypt", "kms:PutKeyPolicy"))
        .run("rescue --key-policy key.json --new-policy new.json --principal role/Deployer --identity-policy iam.json --color never")
        .exits(1);
    run.says(&["REJECTED", "new.json:1:"]);
}

#[test]
fn what_is_no_document_is_an_error() {
    for text in ["{\"Version\": ", "[]", "{\"Statement\": {}, \"Statement\": {}}"] {
        Folder::new()
            .with("new.json", text)
            .run("rescue --new-policy new.json --account 123456789012 --principal role/Deployer")
            .exits(2);
    }
}

#[test]
fn whether_principals_exist_is_said_not_to_be_checked() {
    let policy = json!([
        statement("Allow", "role/Deployer", "kms:*"),
        statement("Allow", "role/Other", "kms:*")
    ]);
    let found = check(&policy, "role/Deployer").exits(0).json();
    let warnings = found["warnings"].to_string();
    assert!(warnings.contains("AWS refuses a principal that does not exist"), "{warnings}");
}
