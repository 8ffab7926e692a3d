//! Whole outputs for people, to the letter.

use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{Folder, NAMING};

#[test]
fn the_built_in_example_allows_the_application_and_says_that_it_is_an_example() {
    let run = Folder::new()
        .run("--principal role/WebAppInstanceRole --action kms:Decrypt --color never")
        .exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
ALLOWED  kms:Decrypt (by key-policy)
  The key policy names the caller, which is enough in the key's own account.

  principal  arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  decided by <example>/key-policy.json:18:5 (statement 3, "Allow Key Users", Allow)

"#]]
        .raw()
    );
    assert_data_eq!(run.stderr, str![[r"
note: no environment or policy was given, so this is the built-in example: a key whose policy separates administrators (role/DevOpsAdminRole) from users (role/WebAppInstanceRole).
      Give your own with --key-policy and --identity-policy, or with --env.


"]].raw());
}

#[test]
fn an_explained_denial_lists_every_statement_and_the_context() {
    let run = Folder::new()
        .run("--principal role/DevOpsAdminRole --action kms:Decrypt --explain --at 2026-01-01T00:00:00Z --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
DENIED  kms:Decrypt (implicit deny: identity-policy)
  The key policy leaves kms:Decrypt to the account's IAM policies, and no identity policy of role/DevOpsAdminRole allows it.

  principal  arn:aws:sts::123456789012:assumed-role/DevOpsAdminRole/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  AWS says   User: arn:aws:sts::123456789012:assumed-role/DevOpsAdminRole/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action

  Fix        Give role/DevOpsAdminRole a new inline policy that allows kms:Decrypt on the key.
    new document
    {
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  or         Allow kms:Decrypt to role/DevOpsAdminRole in the key policy.
  or         Create a grant of Decrypt for role/DevOpsAdminRole.
  (with what else each would allow: kms-sim fix)

  Every statement considered:
  key-policy: allow, delegates to the account's IAM policies
    matches  <example>/key-policy.json:4:5 (statement 1, "Enable IAM User Permissions", Allow)
    no match  <example>/key-policy.json:11:5 (statement 2, "Allow Key Administrators", Allow)
      Action
        the policy has   kms:Describe*, kms:Get*, kms:List*, kms:PutKeyPolicy, kms:CreateGrant, kms:ScheduleKeyDeletion
        the request has  kms:Decrypt
    no match  <example>/key-policy.json:18:5 (statement 3, "Allow Key Users", Allow)
      Principal
        the policy has   arn:aws:iam::123456789012:role/WebAppInstanceRole
        the request has  arn:aws:iam::123456789012:role/DevOpsAdminRole
  identity-policy: none
  grant: none
  context of the request:
    aws:CurrentTime = 2026-01-01T00:00:00Z
    aws:EpochTime = 1767225600
    aws:MultiFactorAuthPresent = false
    aws:PrincipalAccount = 123456789012
    aws:PrincipalArn = arn:aws:iam::123456789012:role/DevOpsAdminRole
    aws:PrincipalIsAWSService = false
    aws:PrincipalType = AssumedRole
    aws:RequestedRegion = us-east-1
    aws:ResourceAccount = 123456789012
    aws:SecureTransport = true
    aws:ViaAWSService = false
    kms:CallerAccount = 123456789012
    kms:CustomerMasterKeySpec = SYMMETRIC_DEFAULT
    kms:CustomerMasterKeyUsage = ENCRYPT_DECRYPT
    kms:EncryptionAlgorithm = SYMMETRIC_DEFAULT
    kms:KeyOrigin = AWS_KMS
    kms:KeySpec = SYMMETRIC_DEFAULT
    kms:KeyUsage = ENCRYPT_DECRYPT
    kms:MultiRegion = false
    kms:ResourceAliases = alias/app-secrets

"#]].raw());
}

#[test]
fn a_denial_under_a_given_key_policy_names_its_file_line_and_column() {
    let policy = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Use",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:role/Web"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Only through Parameter Store",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {"StringNotEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}
    }
  ]
}"#;
    let run = Folder::new()
        .with("policies/key.json", policy)
        .run("--principal role/Web --action kms:Decrypt --key-policy policies/key.json --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
DENIED  kms:Decrypt (explicit deny: key-policy)
  Statement "Only through Parameter Store" of the key policy denies it, and an explicit deny outweighs every allow.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  decided by policies/key.json:11:5 (statement 2, "Only through Parameter Store", Deny)
             Condition/StringNotEquals/kms:ViaService
               the policy has   ssm.us-east-1.amazonaws.com
               the request has  nothing
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab with an explicit deny in a resource-based policy

  Fix        Let ssm make the call.
    asked with --via ssm
  or         WEAKENS AN EXPLICIT DENY: Exempt role/Web from statement 2 ("Only through Parameter Store") in the key policy.
    policies/key.json
    {
      "Sid": "Only through Parameter Store",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "kms:ViaService": "ssm.us-east-1.amazonaws.com"
        },
        "ArnNotEquals": {
          "aws:PrincipalArn": "arn:aws:iam::123456789012:role/Web"
        }
      }
    }
  or         WEAKENS AN EXPLICIT DENY: Exempt calls without kms:ViaService from statement 2 ("Only through Parameter Store") in the key policy.
  (with what else each would allow: kms-sim fix)

  The decision could change with: kms:ViaService
  (not given; set with --via SERVICE)

"#]].raw());
    assert_eq!(run.stderr, "");
}

#[test]
fn an_undetermined_answer_says_what_is_not_known() {
    let environment = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [{unknown: owned by another team}]}
keys: {app: {id: 1234abcd-12ab-34cd-56ef-1234567890ab}}
";
    let run = Folder::new()
        .with("kms-sim.yaml", environment)
        .run("--principal role/Web --action kms:Decrypt --color never")
        .exits(3);
    assert_data_eq!(
        run.stdout,
        str![[r"
UNDETERMINED  kms:Decrypt
  The answer rests on what is not known: an identity policy.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  warning: the identity policy is not known: owned by another team

"]]
        .raw()
    );
}

#[test]
fn quiet_leaves_the_verdict_alone() {
    let run = Folder::new()
        .run("--principal role/WebAppInstanceRole --action kms:Decrypt --quiet --color never")
        .exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r"
ALLOWED  kms:Decrypt (by key-policy)

"]]
        .raw()
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn several_actions_are_answered_in_the_order_asked_with_a_line_between() {
    let run = Folder::new()
        .with("key.json", NAMING)
        .run("--principal role/Web --action kms:Encrypt --action kms:CreateKey --key-policy key.json --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
ALLOWED  kms:Encrypt (by key-policy)
  The key policy names the caller, which is enough in the key's own account.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  decided by key.json:2:3 (statement 1, "Name", Allow)

  Under the rules dual-permission it would be implicitDeny.

DENIED  kms:CreateKey (implicit deny: identity-policy)
  No identity policy of role/Web allows kms:CreateKey on `*`; the operation has no key.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   *
  rules      aws
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: kms:CreateKey on resource: * because no identity-based policy allows the kms:CreateKey action

  Fix        Give role/Web a new inline policy that allows kms:CreateKey on all resources.
    new document
    {
      "Effect": "Allow",
      "Action": "kms:CreateKey",
      "Resource": "*"
    }
  warning: no identity policy was given, so the caller is taken to have none; give those of the user or role, managed and inline, and of its groups
  warning: the call may also need kms:TagResource on the new key, by IAM policies (Tags), iam:CreateServiceLinkedRole on the role for multi-Region keys (MultiRegion): not asked, because nothing is said of these parameters

"#]].raw());
}

#[test]
fn several_actions_are_a_line_each_when_quiet() {
    let run = Folder::new()
        .with("key.json", NAMING)
        .run("--principal role/Web --action encrypt --action Decrypt --action kms:CreateKey --key-policy key.json --quiet --color never")
        .exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r"
ALLOWED  kms:Encrypt (by key-policy)
ALLOWED  kms:Decrypt (by key-policy)
DENIED  kms:CreateKey (implicit deny: identity-policy)

"]]
        .raw()
    );
}

#[test]
fn an_error_in_a_policy_shows_its_line_and_what_to_write() {
    let policy = r#"{
  "Version": "2012-10-17",
  "Statement": [{"Effect": "allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]
}"#;
    let run = Folder::new()
        .with("key.json", policy)
        .run("--principal role/Web --action kms:Decrypt --key-policy key.json --account 123456789012 --color never")
        .exits(2);
    assert_data_eq!(
        run.stderr,
        str![[r#"
error: expected `Allow` or `Deny`, in exactly this case, found `allow`
 --> key.json:3:28
  |
3 |   "Statement": [{"Effect": "allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]
  |                            ^^^^^^^
  |
  = note: at `/Statement/0/Effect`
  = help: did you mean `Allow`?

"#]]
        .raw()
    );
    assert_eq!(run.stdout, "");
}

#[test]
fn colour_is_used_when_it_is_asked_for() {
    let run = Folder::new()
        .run("--principal role/WebAppInstanceRole --action kms:Decrypt --quiet --color always")
        .exits(0);
    assert!(run.stdout.starts_with("\u{1b}[1;32mALLOWED\u{1b}[0m"), "{:?}", run.stdout);
}
