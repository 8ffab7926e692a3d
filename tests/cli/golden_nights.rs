//! Six nights on which a call was denied, and what the program said, to the letter: the
//! verdict first, then the reason in one sentence, then the place.

use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{DELEGATING, Folder, IDENTITY};

/// One statement on lines of its own, so that its place can be told from the file's.
fn policy(statement: &str) -> String {
    format!("{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {statement}\n  ]\n}}")
}

const ENVIRONMENT: &str = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [web.json]}
  role/Worker: {}
  arn:aws:iam::111122223333:role/Partner: {identity_policies: [web.json]}
keys:
  app:
    id: 1234abcd-12ab-34cd-56ef-1234567890ab
    policy: key.json
";

const GRANTS: &str = "    grants:
      - {name: orders, grantee: role/Worker, operations: [Decrypt], constraints: {encryption_context_subset: {app: orders}}}
      - {name: reports, grantee: role/Web, operations: [Decrypt, RetireGrant], fresh: true, token: AQpAM2RhZ}
";

fn folder() -> Folder {
    Folder::new()
        .with("key.json", DELEGATING)
        .with("web.json", IDENTITY)
        .with("kms-sim.yaml", ENVIRONMENT)
}

#[test]
fn a_region_that_the_organization_closed() {
    let scp = policy(
        r#"{"Sid": "OnlyInEurope", "Effect": "Deny", "Action": "*", "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}}}"#,
    );
    let organization = "organization:
  id: o-exampleorgid
  accounts:
    '123456789012':
      service_control_policies: [[FullAWSAccess], [FullAWSAccess, guardrails/regions.json]]
";
    let run = folder()
        .with("guardrails/regions.json", scp)
        .with("kms-sim.yaml", format!("{ENVIRONMENT}{organization}"))
        .run("--principal role/Web --action kms:Decrypt --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
DENIED  kms:Decrypt (explicit deny: service-control-policy)
  Statement "OnlyInEurope" of the service control policy denies it, and an explicit deny outweighs every allow.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  decided by guardrails/regions.json:4:5 (statement 1, "OnlyInEurope", Deny)
             Condition/StringNotEquals/aws:RequestedRegion
               the policy has   eu-central-1, eu-west-1
               the request has  us-east-1
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab with an explicit deny in a service control policy

  Fix        WEAKENS AN EXPLICIT DENY: Exempt role/Web from statement 1 ("OnlyInEurope") in the service control policy.
    guardrails/regions.json
    {
      "Sid": "OnlyInEurope",
      "Effect": "Deny",
      "Action": "*",
      "Resource": "*",
      "Condition": {
        "StringNotEquals": {
          "aws:RequestedRegion": [
            "eu-central-1",
            "eu-west-1"
          ]
        },
        "ArnNotEquals": {
          "aws:PrincipalArn": "arn:aws:iam::123456789012:role/Web"
        }
      }
    }
    also allows kms:ConnectCustomKeyStore, kms:CreateCustomKeyStore, kms:CreateKey and 8 more to arn:aws:iam::123456789012:role/Web
    also allows kms:CancelKeyDeletion, kms:CreateAlias, kms:CreateGrant and 44 more on arn:aws:kms:us-east-1:123456789012:key/00000000-0000-4000-8000-000000000000 to arn:aws:iam::123456789012:role/Web
    also allows kms:CancelKeyDeletion, kms:CreateAlias, kms:CreateGrant and 43 more to arn:aws:iam::123456789012:role/Web
  or         WEAKENS AN EXPLICIT DENY: Exempt aws:RequestedRegion = `us-east-1` from statement 1 ("OnlyInEurope") in the service control policy.
  (with what else each would allow: kms-sim fix)

"#]].raw());
}

#[test]
fn a_partner_whom_the_data_perimeter_keeps_out() {
    let rcp = policy(
        r#"{"Sid": "OnlyOurOrganization", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
     "Condition": {
       "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"},
       "BoolIfExists": {"aws:PrincipalIsAWSService": "false"}
     }}"#,
    );
    let key = policy(
        r#"{"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:role/Partner"}, "Action": "kms:Decrypt", "Resource": "*"}"#,
    );
    let run = folder()
        .with("rcp.json", rcp)
        .with("key.json", key)
        .run("--principal arn:aws:iam::111122223333:role/Partner --action kms:Decrypt --rcp rcp.json --key arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
DENIED  kms:Decrypt (explicit deny: resource-control-policy)
  Statement "OnlyOurOrganization" of the resource control policy denies it, and an explicit deny outweighs every allow.

  principal  arn:aws:sts::111122223333:assumed-role/Partner/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  decided by rcp.json:4:5 (statement 1, "OnlyOurOrganization", Deny)
             Condition/StringNotEqualsIfExists/aws:PrincipalOrgID
               the policy has   o-exampleorgid
               the request has  nothing
             Condition/BoolIfExists/aws:PrincipalIsAWSService
               the policy has   false
               the request has  false
  AWS says   User: arn:aws:sts::111122223333:assumed-role/Partner/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab with an explicit deny in a resource control policy

  Fix        WEAKENS AN EXPLICIT DENY: Exempt arn:aws:iam::111122223333:role/Partner from statement 1 ("OnlyOurOrganization") in the resource control policy.
    rcp.json
    {
      "Sid": "OnlyOurOrganization",
      "Effect": "Deny",
      "Principal": "*",
      "Action": "kms:*",
      "Resource": "*",
      "Condition": {
        "StringNotEqualsIfExists": {
          "aws:PrincipalOrgID": "o-exampleorgid"
        },
        "BoolIfExists": {
          "aws:PrincipalIsAWSService": "false"
        },
        "ArnNotEquals": {
          "aws:PrincipalArn": "arn:aws:iam::111122223333:role/Partner"
        }
      }
    }
  or         WEAKENS AN EXPLICIT DENY: Exempt calls without aws:PrincipalOrgID from statement 1 ("OnlyOurOrganization") in the resource control policy.
  (with what else each would allow: kms-sim fix)

  The decision could change with: aws:PrincipalOrgID
  (not given; set with --context aws:PrincipalOrgID=VALUE)

"#]].raw());
}

#[test]
fn a_boundary_that_wants_another_service() {
    let boundary = policy(
        r#"{"Sid": "OnlyThroughS3", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*",
     "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}"#,
    );
    let run = folder()
        .with("boundary.json", boundary)
        .run("--principal role/Web --action kms:Decrypt --via ssm --permissions-boundary boundary.json --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
DENIED  kms:Decrypt (implicit deny: permissions-boundary)
  Statement "OnlyThroughS3" of the permissions boundary would allow it, but its condition StringEquals kms:ViaService does not hold.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  near miss  boundary.json:4:5 (statement 1, "OnlyThroughS3", Allow)
             Condition/StringEquals/kms:ViaService
               the policy has   s3.us-east-1.amazonaws.com
               the request has  ssm.us-east-1.amazonaws.com
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab because no permissions boundary allows the kms:Decrypt action

  Fix        Let s3 make the call.
    asked with --via s3
  or         Allow kms:Decrypt on the key in the permissions boundary.
    boundary.json
    {
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  or         Add `ssm.us-east-1.amazonaws.com` to StringEquals kms:ViaService of statement 1 ("OnlyThroughS3") in the permissions boundary.
  (with what else each would allow: kms-sim fix)

"#]].raw());
}

#[test]
fn a_grant_for_another_encryption_context() {
    let run = folder()
        .with("kms-sim.yaml", format!("{ENVIRONMENT}{GRANTS}"))
        .run("--principal role/Worker --action kms:Decrypt --encryption-context app=order --color never")
        .exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r#"
DENIED  kms:Decrypt (implicit deny: identity-policy)
  The key policy leaves kms:Decrypt to the account's IAM policies, and no identity policy of role/Worker allows it. Grant "orders" would allow it, but its constraint on the encryption context does not hold.

  principal  arn:aws:sts::123456789012:assumed-role/Worker/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  near miss  kms-sim.yaml:12:9 (grant 1, "orders")
             Constraints/EncryptionContextSubset
               the grant has    app=orders
               the request has  app=order
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Worker/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action

  Fix        Give role/Worker a new inline policy that allows kms:Decrypt on the key.
    new document
    {
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  or         Allow kms:Decrypt to role/Worker in the key policy.
  or         Create a grant of Decrypt for role/Worker.
  (with what else each would allow: kms-sim fix)

"#]]
    );
}

#[test]
fn a_grant_that_is_not_everywhere_yet() {
    let identity = IDENTITY.replace("kms:*", "kms:Encrypt");
    let run = folder()
        .with("web.json", identity)
        .with("kms-sim.yaml", format!("{ENVIRONMENT}{GRANTS}"))
        .run("--principal role/Web --action kms:Decrypt --color never")
        .exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r#"
DENIED  kms:Decrypt (implicit deny: identity-policy)
  The key policy leaves kms:Decrypt to the account's IAM policies, and no identity policy of role/Web allows it. Grant "reports" would allow it, but it is new, and the call does not send its grant token.

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  near miss  kms-sim.yaml:13:9 (grant 2, "reports")
             GrantToken
               the grant has    AQpAM2RhZ
               the request has  nothing
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action

  Fix        Allow kms:Decrypt on the key in the identity policy of role/Web.
    web.json
    {
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    }
  or         Give role/Web a new inline policy that allows kms:Decrypt on the key.
  or         Allow kms:Decrypt to role/Web in the key policy.
  (with what else each would allow: kms-sim fix)

"#]]
    );
}

#[test]
fn a_large_file_that_cannot_be_uploaded() {
    let identity = policy(
        r#"{"Sid": "Write", "Effect": "Allow", "Action": ["kms:Encrypt", "kms:GenerateDataKey"], "Resource": "*"}"#,
    );
    let run = folder()
        .with("web.json", identity)
        .run("--principal role/Web --via s3:multipart-upload --color never")
        .exits(1);
    assert_data_eq!(run.stdout, str![[r#"
DENIED  s3:multipart-upload (implicit deny: identity-policy)
  kms:Decrypt: The key policy leaves kms:Decrypt to the account's IAM policies, and no identity policy of role/Web allows it.

  allowed  kms:GenerateDataKey (by identity-policy)
  denied  kms:Decrypt (implicit deny: identity-policy)

  principal  arn:aws:sts::123456789012:assumed-role/Web/SESSION
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  rules      aws
  AWS says   User: arn:aws:sts::123456789012:assumed-role/Web/SESSION is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab because no identity-based policy allows the kms:Decrypt action

  Fix        Allow kms:Decrypt on the key in the identity policy of role/Web.
    web.json
    {
      "Effect": "Allow",
      "Action": "kms:Decrypt",
      "Resource": "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
      "Condition": {
        "StringEquals": {
          "kms:ViaService": "s3.us-east-1.amazonaws.com"
        }
      }
    }
  or         Give role/Web a new inline policy that allows kms:Decrypt on the key.
  or         Allow kms:Decrypt to role/Web in the key policy.
  (with what else each would allow: kms-sim fix)
  warning: s3:multipart-upload: CreateMultipartUpload takes kms:GenerateDataKey, UploadPart and UploadPartCopy take kms:Decrypt; with an S3 Bucket Key the context is the bucket's ARN (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions)

"#]].raw());
}
