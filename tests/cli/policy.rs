//! `kms-sim policy`: what is written, and what is refused.

use serde_json::{Value, json};
use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{Folder, Run};

const ARTICLE: &str = "policy roles --account 123456789012 --admin role/DevOpsAdminRole --user role/WebAppInstanceRole";

fn run(arguments: &str) -> Run {
    Folder::new().run(arguments)
}

#[test]
fn the_default_is_the_account_statement() {
    let run = run("policy default --account 123456789012").exits(0);
    assert_eq!(run.stderr, "");
    assert_eq!(
        run.json(),
        json!({
            "Version": "2012-10-17",
            "Id": "key-default-1",
            "Statement": [{
                "Sid": "Enable IAM User Permissions",
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
                "Action": "kms:*",
                "Resource": "*",
            }],
        })
    );
}

#[test]
fn the_article_s_roles_are_written_in_json() {
    let run = run(ARTICLE).exits(0);
    assert_eq!(run.stderr, "");
    let path = "scenarios/policies/role-separation-key-policy.json";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let article: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(run.json(), article);
}

#[test]
fn a_written_policy_is_answered_by_at_once() {
    let written = run(&format!("{ARTICLE} --grant-users user/deployer --service sns")).exits(0);
    let folder = Folder::new().with("key.json", &written.stdout);
    let table = [
        ("--principal role/DevOpsAdminRole --action PutKeyPolicy", 0),
        ("--principal role/DevOpsAdminRole --action Decrypt", 1),
        ("--principal role/WebAppInstanceRole --action Decrypt", 0),
        ("--principal role/WebAppInstanceRole --action PutKeyPolicy", 1),
        ("--principal user/deployer --action CreateGrant", 1),
        ("--principal user/deployer --action CreateGrant --via ec2", 0),
        ("--principal root --action PutKeyPolicy", 0),
        ("--principal sns.amazonaws.com --action Decrypt", 1),
        (
            "--principal sns.amazonaws.com --action Decrypt --context aws:SourceArn=arn:aws:sns:us-east-1:123456789012:alerts",
            0,
        ),
        (
            "--principal sns.amazonaws.com --action Decrypt --context aws:SourceArn=arn:aws:sns:us-east-1:111122223333:alerts",
            1,
        ),
    ];
    for (question, status) in table {
        let run = folder.run(&format!("{question} --key-policy key.json --account 123456789012"));
        assert_eq!(run.status(), Some(status), "{question}\n{}{}", run.stdout, run.stderr);
    }
}

#[test]
fn terraform_gets_a_key_with_the_policy() {
    let run = run("policy roles --account 123456789012 --admin role/Admin --user role/Signer --key-spec RSA_2048 --key-usage SIGN_VERIFY --multi-region --format terraform").exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
resource "aws_kms_key" "key" {
  customer_master_key_spec = "RSA_2048"
  key_usage                = "SIGN_VERIFY"
  multi_region             = true

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "Enable IAM User Permissions"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::123456789012:root"
        }
        Action   = "kms:*"
        Resource = "*"
      },
      {
        Sid    = "Allow Key Administrators"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::123456789012:role/Admin"
        }
        Action = [
          "kms:Describe*",
          "kms:Get*",
          "kms:List*",
          "kms:PutKeyPolicy",
          "kms:CreateGrant",
          "kms:ScheduleKeyDeletion",
          "kms:ReplicateKey",
          "kms:UpdatePrimaryRegion",
        ]
        Resource = "*"
      },
      {
        Sid    = "Allow Key Users"
        Effect = "Allow"
        Principal = {
          AWS = "arn:aws:iam::123456789012:role/Signer"
        }
        Action = [
          "kms:DescribeKey",
          "kms:GetPublicKey",
          "kms:Sign",
          "kms:Verify",
        ]
        Resource = "*"
      },
    ]
  })
}

"#]]
        .raw()
    );
}

#[test]
fn terraform_may_have_it_as_a_data_source() {
    let run = run("policy roles --account 123456789012 --user role/App --user role/Job --grant-user role/App --no-account-statement --admin root --origin EXTERNAL --format terraform --document --quiet").exits(0);
    assert_eq!(run.stderr, "");
    assert_data_eq!(
        run.stdout,
        str![[r#"
data "aws_iam_policy_document" "key" {
  statement {
    sid    = "Allow Key Administrators"
    effect = "Allow"
    actions = [
      "kms:Describe*",
      "kms:Get*",
      "kms:List*",
      "kms:PutKeyPolicy",
      "kms:CreateGrant",
      "kms:ScheduleKeyDeletion",
      "kms:ImportKeyMaterial",
      "kms:DeleteImportedKeyMaterial",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
  }

  statement {
    sid    = "Allow Key Users"
    effect = "Allow"
    actions = [
      "kms:Encrypt",
      "kms:Decrypt",
      "kms:ReEncrypt*",
      "kms:GenerateDataKey*",
      "kms:DescribeKey",
    ]
    resources = ["*"]

    principals {
      type = "AWS"
      identifiers = [
        "arn:aws:iam::123456789012:role/App",
        "arn:aws:iam::123456789012:role/Job",
      ]
    }
  }

  statement {
    sid    = "Allow attachment of persistent resources"
    effect = "Allow"
    actions = [
      "kms:CreateGrant",
      "kms:ListGrants",
      "kms:RevokeGrant",
    ]
    resources = ["*"]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:role/App"]
    }

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }
}

resource "aws_kms_external_key" "key" {
  policy = data.aws_iam_policy_document.key.json
}

"#]]
        .raw()
    );
}

#[test]
fn cloudformation_gets_a_template() {
    let run = run("policy default --account 001122223333 --partition aws-cn --format cloudformation --key-spec HMAC_256").exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeySpec: HMAC_256
      KeyUsage: GENERATE_VERIFY_MAC
      KeyPolicy:
        Version: "2012-10-17"
        Id: "key-default-1"
        Statement:
          - Sid: Enable IAM User Permissions
            Effect: Allow
            Principal:
              AWS: "arn:aws-cn:iam::001122223333:root"
            Action: "kms:*"
            Resource: "*"

"#]]
        .raw()
    );
}

#[test]
fn the_account_may_be_that_of_an_administrator_s_arn() {
    let admin = "arn:aws-us-gov:iam::111122223333:role/Admin";
    let run = run(&format!("policy roles --admin {admin} --user role/Web")).exits(0);
    let statements = run.json()["Statement"].clone();
    assert_eq!(statements[0]["Principal"]["AWS"], "arn:aws-us-gov:iam::111122223333:root");
    assert_eq!(statements[2]["Principal"]["AWS"], "arn:aws-us-gov:iam::111122223333:role/Web");
}

#[test]
fn what_one_should_know_is_said_besides() {
    let table = [
        (
            "--user arn:aws:iam::111122223333:root",
            "note: arn:aws:iam::111122223333:root is of another account: an IAM policy there",
        ),
        ("--user root", "note: arn:aws:iam::123456789012:root is the whole account"),
        (
            "--no-account-statement",
            "note: without the account statement nobody but the administrators",
        ),
        ("--service events", "warning: the statement for events.amazonaws.com has no condition"),
        ("--service glacier.amazonaws.com", "aws:SourceAccount is not known here"),
    ];
    for (option, note) in table {
        let told = run(&format!("{ARTICLE} {option}")).exits(0).tells(&[note]);
        assert_eq!(told.stderr.lines().count(), 1, "{}", told.stderr);
        assert_eq!(run(&format!("{ARTICLE} {option} --quiet")).exits(0).stderr, "");
    }
}

#[test]
fn nonsense_is_refused_with_a_way_out() {
    let base = "policy roles --account 123456789012";
    let table: &[(&str, &[&str])] = &[
        (
            "--user role/Web --no-account-statement",
            &[
                "--no-account-statement: expected an administrator",
                "nobody could ever change this key policy again",
            ],
        ),
        ("", &["expected somebody who manages or uses the key", "kms-sim policy default"]),
        ("--admin role/A --user role/A", &["found `arn:aws:iam::123456789012:role/A` as both"]),
        ("--admin *", &["--admin: expected a principal", "a wildcard"]),
        (
            "--user arn:aws:iam::123456789012:role/*",
            &["--user: expected a principal", "a wildcard"],
        ),
        ("--user arn:aws:iam::123456789012:group/devs", &["a group is not a principal"]),
        (
            "--user logs.us-east-1.amazonaws.com",
            &["--user: expected a role, a user or an account", "--service"],
        ),
        (
            "--user arn:aws:sts::123456789012:assumed-role/Web/i-0abc",
            &["a session ends; name its role, `role/Web`"],
        ),
        (
            "--grant-user arn:aws:sts::123456789012:federated-user/x",
            &["--grant-user: ", "name its IAM user"],
        ),
        (
            "--admin arn:aws:iam::111122223333:role/A",
            &["--admin: expected an administrator of the account 123456789012"],
        ),
        (
            "--user arn:aws-cn:iam::111122223333:role/A",
            &["expected a principal of the partition `aws`"],
        ),
        (
            "--admin role/A --key-spec RSA_2048",
            &[
                "--key-usage: expected `ENCRYPT_DECRYPT` or `SIGN_VERIFY` for a key of the spec `RSA_2048`, found none",
            ],
        ),
        (
            "--admin role/A --key-usage SIGN_VERIFY",
            &["--key-usage: ", "keys for SIGN_VERIFY have one of the specs ECC_NIST"],
        ),
        ("--admin role/A --key-spec RSA2048", &["--key-spec: ", "did you mean `RSA_2048`?"]),
        ("--admin role/A --key-spec SM2 --key-usage SIGN_VERIFY", &["--key-spec: ", "China"]),
        ("--admin role/A --origin AWS_CLOUDHSM --multi-region", &["--multi-region: "]),
        ("--admin role/A --origin AWS_CLOUDHSM --format terraform", &["--format: expected `json`"]),
        ("--admin role/A --service logs", &["--service: ", "--region us-east-1"]),
        ("--admin role/A --service logs.amazonaws.com", &["--service: ", "in each Region"]),
        (
            "--admin role/A --service sns --key-spec HMAC_256",
            &[
                "--service: expected a key of the spec `SYMMETRIC_DEFAULT` for `sns.amazonaws.com`, found one of the spec `HMAC_256`",
            ],
        ),
        ("--admin role/A --document", &["expected `--format terraform` with `--document`"]),
        ("--admin role/A --region US", &["--region: expected a Region"]),
        ("--admin role/A --partition mars", &["--partition: expected a partition"]),
    ];
    for (options, parts) in table {
        run(&format!("{base} {options}")).refuses(parts);
    }
    run("policy default --account 1234").refuses(&["--account: expected a 12-digit account ID"]);
    run("policy default").refuses(&["expected the account of the key", "--account 123456789012"]);
}

#[test]
fn a_policy_that_kms_would_not_take_is_not_written() {
    let users = (0..700).map(|number| format!("--user role/ApplicationNumber{number}"));
    let users: Vec<String> = users.collect();
    run(&format!("{ARTICLE} {}", users.join(" ")))
        .refuses(&["AWS takes no new one over 32768", "name fewer principals"]);
}

#[test]
fn names_that_only_letter_case_or_path_tells_apart_are_refused() {
    for (admin, user) in
        [("role/Ops", "role/ops"), ("role/Ops", "role/team/Ops"), ("user/Alice", "user/alice")]
    {
        let options = format!("policy roles --account 123456789012 --admin {admin} --user {user}");
        run(&options).refuses(&["differ in more than letter case and path"]);
    }
    run("policy roles --account 123456789012 --admin role/Ops --user user/ops").exits(0);
}

#[test]
fn a_trail_to_a_bucket_with_a_bucket_key_is_said_to_need_more() {
    let run = run(&format!("{ARTICLE} --service cloudtrail")).exits(0);
    run.tells(&["S3 Bucket Key", "kms:Decrypt"]);
}

#[test]
fn each_sid_is_written_once() {
    let services = "--service sns.amazonaws.com --service sns.amazonaws.com.cn --region cn-north-1";
    let run = run(&format!(
        "policy roles --account 123456789012 --partition aws-cn --admin role/Ops {services}"
    ));
    let json = run.exits(0).json();
    let statements = json["Statement"].as_array().unwrap();
    let mut sids: Vec<&str> = statements.iter().map(|it| it["Sid"].as_str().unwrap()).collect();
    let count = sids.len();
    sids.sort_unstable();
    sids.dedup();
    assert_eq!(sids.len(), count, "{sids:?}");
}
