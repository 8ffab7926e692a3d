//! `kms-sim rescue`: who can still change a key policy, and the ways back in.

use serde_json::{Value, json};
use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{DELEGATING, Folder, NAMING, Run};

const NIGHT: &str = include_str!("../../scenarios/policies/the-night-key-policy.json");
const SEPARATION: &str = include_str!("../../scenarios/policies/role-separation-key-policy.json");
const ARTICLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/article");

pub(crate) fn rescue(key_policy: &str, options: &str) -> Run {
    Folder::new().with("key.json", key_policy).run(&format!(
        "rescue --key-policy key.json --account 123456789012 --color never {options}"
    ))
}

pub(crate) fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

pub(crate) fn allow(principal: &Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"})
}

pub(crate) fn with(statement: &Value, name: &str, value: &Value) -> Value {
    let mut statement = statement.clone();
    statement[name] = value.clone();
    statement
}

pub(crate) fn aws(principal: &str) -> Value {
    json!({"AWS": format!("arn:aws:iam::123456789012:{principal}")})
}

#[test]
fn the_night_is_locked_out_and_only_aws_support_helps() {
    let run = rescue(NIGHT, "").exits(1);
    assert_data_eq!(run.stdout, str![[r#"
LOCKED OUT  nobody can change the key policy
  The key policy does not allow kms:PutKeyPolicy to the account, and a root user has no access of its own.

  key    arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules  aws

  Ways back in, in this order            aws           dual-permission
  1 a user or role that still may        closed        closed
  2 the account, through an IAM policy   closed        closed
  3 the root user of the account         closed        open
  4 AWS Support                          open          not needed

  To get back in
  # open a case with AWS Support, signed in to account 123456789012:
  # "The key policy of arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab lets no principal of our account call kms:PutKeyPolicy, not even the root user. Please help us to regain access."
  # then: add the statement of the default key policy, which leaves the key to the account: {"Sid":"Enable IAM policies","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}

  Under the rules dual-permission it would be: not locked out, only the root user can change the key policy.

"#]].raw());
    assert_eq!(run.stderr, "");
}

#[test]
fn one_administrator_alone_is_one_step_from_lockout() {
    let run = rescue(NAMING, "").exits(0);
    assert_data_eq!(run.stdout, str![[r#"
ONE STEP FROM LOCKOUT  only role/Web can change the key policy
  The key policy names role/Web, which is enough in the key's own account.

  key    arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules  aws

  Who can change the key policy
  role/Web
      through key.json:2:3 (statement 1, "Name", Allow)
      all other key administration

  What would lock it out
  deleting arn:aws:iam::123456789012:role/Web; a new one of the same name would not help
  deleting the statement key.json:2:3 (statement 1, "Name", Allow)

  Ways back in, in this order            aws           dual-permission
  1 a user or role that still may        open          closed
  2 the account, through an IAM policy   closed        open
  3 the root user of the account         closed        open
  4 AWS Support                          not needed    not needed

  To be safe from lockout
  # as role/Web: add the statement of the default key policy, which leaves the key to the account
  aws kms put-key-policy --region us-east-1 --key-id arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab --policy-name default --policy '{"Version":"2012-10-17","Statement":[{"Sid":"Name","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/Web"},"Action":"kms:*","Resource":"*"},{"Sid":"Enable IAM policies","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"kms:*","Resource":"*"}]}'

  Under the rules dual-permission it would be: not locked out, the root user and role/Web with an IAM policy that allows it can change the key policy.
  warning: nothing here says that role/Web exists: a user or role that was deleted is out for good, and a new one of the same name has no access

"#]].raw());
}

#[test]
fn role_separation_has_three_ways_in() {
    let run = rescue(SEPARATION, "").exits(0);
    assert_data_eq!(run.stdout, str![[r#"
NOT LOCKED OUT  role/DevOpsAdminRole, the root user and the account's IAM policies can change the key policy
  The key policy names role/DevOpsAdminRole, which is enough in the key's own account.

  key    arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules  aws

  Who can change the key policy
  role/DevOpsAdminRole
      through key.json:11:5 (statement 2, "Allow Key Administrators", Allow)
      besides kms:GetKeyPolicy, kms:CreateGrant, kms:DescribeKey, kms:GetKeyLastUsage and 7 more
  the root user
      through key.json:4:5 (statement 1, "Enable IAM User Permissions", Allow)
      all other key administration
  any other role or user with an IAM policy that allows it
      through key.json:4:5 (statement 1, "Enable IAM User Permissions", Allow)
      all other key administration

  Who cannot, and administers it in part
  role/WebAppInstanceRole: only kms:DescribeKey

  What would lock it out
  no single deletion

  Ways back in, in this order            aws           dual-permission
  1 a user or role that still may        open          closed
  2 the account, through an IAM policy   open          open
  3 the root user of the account         open          open
  4 AWS Support                          not needed    not needed

  To change it
  # as role/DevOpsAdminRole; edit key-policy.json in between:
  aws kms get-key-policy --region us-east-1 --key-id arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab --policy-name default --query Policy --output text > key-policy.json
  aws kms put-key-policy --region us-east-1 --key-id arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab --policy-name default --policy file://key-policy.json

"#]].raw());
}

#[test]
fn what_is_named_as_a_single_point_locks_the_key_out_when_it_is_deleted() {
    let separate = json!([
        allow(&aws("role/A")),
        with(&allow(&aws("role/B")), "Action", &json!("kms:Decrypt"))
    ]);
    let found = rescue(&policy(&separate), "--format json").json();
    let points = found["single_points_of_failure"].as_array().unwrap();
    assert_eq!(points[0]["principal"], "arn:aws:iam::123456789012:role/A");
    assert_eq!(points[1]["statement"]["index"], 0);
    assert_eq!(points.len(), 2);
    let without = json!([separate[1]]);
    assert_eq!(rescue(&policy(&without), "--format json").json()["verdict"], "lockedOut");
}

#[test]
fn deleting_a_role_takes_its_sessions_along() {
    let session = json!({"AWS": "arn:aws:sts::123456789012:assumed-role/A/s"});
    let both = policy(&json!([allow(&aws("role/A")), allow(&session)]));
    rescue(&both, "")
        .exits(0)
        .says(&["ONE STEP FROM LOCKOUT", "deleting arn:aws:iam::123456789012:role/A;"]);
}

#[test]
fn a_deleted_role_that_is_named_by_its_unique_id_is_nobody() {
    let orphan = policy(&json!([allow(&json!({"AWS": "AROAEXAMPLEEXAMPLE01"}))]));
    rescue(&orphan, "")
        .exits(1)
        .says(&["LOCKED OUT  nobody", "stands for a user or role that was deleted"]);
}

/// A statement, the exit status, and what is said.
#[test]
fn a_condition_narrows_who_can() {
    let arn = |principal: &str| json!({"ArnLike": {"aws:PrincipalArn": format!("arn:aws:iam::123456789012:role/{principal}")}});
    let table = [
        (
            with(&allow(&json!("*")), "Condition", &arn("Admin*")),
            0,
            "only a principal like arn:aws:iam::123456789012:role/Admin* can",
        ),
        (
            with(&allow(&aws("root")), "Condition", &arn("KeyAdmin")),
            0,
            "only role/KeyAdmin with an IAM policy that allows it can",
        ),
        (
            with(
                &allow(&aws("role/A")),
                "Condition",
                &json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}),
            ),
            3,
            "in a call with the right aws:MultiFactorAuthPresent",
        ),
        (
            with(
                &allow(&aws("role/A")),
                "Condition",
                &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
            ),
            3,
            "in a call with the right aws:SourceIp",
        ),
        (
            with(
                &allow(&aws("root")),
                "Condition",
                &json!({"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}),
            ),
            1,
            "LOCKED OUT",
        ),
        (
            with(
                &allow(&aws("role/A")),
                "Condition",
                &json!({"DateLessThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}),
            ),
            1,
            "LOCKED OUT",
        ),
        (
            with(
                &allow(&json!({"Service": "logs.us-east-1.amazonaws.com"})),
                "Sid",
                &json!("service"),
            ),
            1,
            "LOCKED OUT",
        ),
        (
            allow(&json!("*")),
            0,
            "the root user and any other role or user can change the key policy",
        ),
        (allow(&json!({"AWS": "111122223333"})), 1, "LOCKED OUT"),
    ];
    for (statement, status, part) in table {
        rescue(&policy(&json!([statement])), "").exits(status).says(&[part]);
    }
}

#[test]
fn what_the_call_carries_can_be_said() {
    let statement = with(
        &allow(&aws("role/A")),
        "Condition",
        &json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}),
    );
    let text = policy(&json!([statement]));
    rescue(&text, "--context aws:SourceIp=10.1.2.3").exits(0).says(&["ONE STEP FROM LOCKOUT"]);
    rescue(&text, "--context aws:SourceIp=192.0.2.1").exits(1);
    rescue(&text, "--unknown aws:SourceIp").exits(3);
}

#[test]
fn a_policy_that_is_not_known_leaves_it_open() {
    let table = [
        ("keys: {app: {policy: {unknown: not exported}}}", 3),
        (
            "principals: {role/A: {identity_policies: [{unknown: not exported}]}}\nkeys: {app: {}}",
            0,
        ),
        (
            "organization: {id: o-exampleorgid, accounts: {'123456789012': {service_control_policies: [[{unknown: not exported}]]}}}\nkeys: {app: {}}",
            3,
        ),
    ];
    for (environment, status) in table {
        let text = format!("account: '123456789012'\n{environment}\n");
        let run =
            Folder::new().with("kms-sim.yaml", text).run("rescue --format json").exits(status);
        assert_eq!(run.json()["locked_out"] == Value::Null, status == 3, "{environment}");
    }
}

#[test]
fn a_ceiling_over_the_account_locks_out_too() {
    let deny = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "kms:PutKeyPolicy", "Resource": "*"}]}"#;
    let run = Folder::new()
        .with("key.json", DELEGATING)
        .with("scp.json", deny)
        .run("rescue --key-policy key.json --scp scp.json --format json")
        .exits(1);
    assert_eq!(run.json()["repair"], Value::Null, "no edit of the key policy helps");
}

#[test]
fn a_named_principal_with_a_policy_counts() {
    let run = Folder::new()
        .with("key.json", DELEGATING)
        .with("iam.json", crate::support::IDENTITY)
        .run("rescue --key-policy key.json --principal role/Ops --identity-policy iam.json --color never")
        .exits(0);
    run.says(&["NOT LOCKED OUT  role/Ops, the root user", "through iam.json:2:3"]);
}

#[test]
fn administration_is_told_apart_from_use() {
    let found = rescue(SEPARATION, "--format json").json();
    let rows = found["principals"].as_array().unwrap();
    let admin = rows.iter().find(|row| row["name"] == "role/DevOpsAdminRole").unwrap();
    let decision = |action: &str| {
        let rows = admin["administration"].as_array().unwrap();
        rows.iter().find(|row| row["action"] == action).map(|row| row["decision"].clone())
    };
    assert_eq!(admin["administration"][0]["action"], "kms:GetKeyPolicy");
    assert_eq!(decision("kms:ScheduleKeyDeletion").unwrap(), "allowed");
    assert_eq!(decision("kms:EnableKey").unwrap(), "implicitDeny");
    assert_eq!(decision("kms:Decrypt"), None);
    assert_eq!(decision("kms:RetireGrant"), None);
    assert_eq!(admin["administration"][0]["statements"][0]["sid"], "Allow Key Administrators");
}

#[test]
fn the_repair_is_a_patch_that_lets_the_account_in() {
    let frozen = policy(&json!([
        with(
            &with(&allow(&json!("*")), "Effect", &json!("Deny")),
            "Action",
            &json!("kms:PutKeyPolicy")
        ),
        allow(&aws("role/A")),
    ]));
    let found = rescue(&frozen, "--format json").exits(1).json();
    let repair = &found["repair"];
    assert_eq!(repair["patch"][0], json!({"op": "remove", "path": "/Statement/0"}));
    assert_eq!(repair["patch"][1]["path"], "/Statement/-");
    let repaired = repair["policy"].to_string();
    assert_eq!(rescue(&repaired, "--format json").json()["verdict"], "notLockedOut");
}

#[test]
fn an_aws_managed_key_and_a_key_that_is_not_said_are_refused() {
    let managed =
        "account: '123456789012'\nkeys: {ebs: {manager: AWS, aliases: [alias/aws/ebs]}}\n";
    Folder::new()
        .with("kms-sim.yaml", managed)
        .run("rescue")
        .refuses(&["--key: expected a customer managed key", "only AWS changes"]);
    Folder::new()
        .run(&format!("rescue --env {ARTICLE}/the-night.yaml"))
        .refuses(&["expected one of 2 keys"]);
    Folder::new()
        .with("key.json", NAMING)
        .with("iam.json", crate::support::IDENTITY)
        .run("rescue --key-policy key.json --identity-policy iam.json")
        .refuses(&["--identity-policy", "say whose it is with `--principal`"]);
}

#[test]
fn quiet_prints_the_verdict_alone() {
    let run = rescue(NIGHT, "--quiet").exits(1);
    assert_eq!(run.stdout, "LOCKED OUT  nobody can change the key policy\n");
}

#[test]
fn who_uses_the_key_is_not_offered_its_administration() {
    let account = allow(&aws("root"));
    let user = with(&allow(&aws("role/App")), "Action", &json!("kms:Decrypt"));
    let run = rescue(&policy(&json!([account, user])), "").exits(0);
    assert!(run.stdout.contains("--role-name ROLE"), "{}", run.stdout);
    assert!(!run.stdout.contains("--role-name App"), "{}", run.stdout);
}
