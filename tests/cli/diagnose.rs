//! From what AWS said to the cause, at the command line.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use snapbox::{IntoData, assert_data_eq, str};

use crate::support::{DELEGATING, Folder, IDENTITY};

const START: &str = "An error occurred (AccessDeniedException) when calling the Decrypt operation: User: arn:aws:sts::123456789012:assumed-role/Web/i-0abc is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab ";
const NO_IDENTITY: &str = "because no identity-based policy allows the kms:Decrypt action";
const NO_RESOURCE: &str = "because no resource-based policy allows the kms:Decrypt action";

const EVENT: &str = r#"{
  "eventVersion": "1.11",
  "userIdentity": {
    "type": "AssumedRole", "principalId": "AROAEXAMPLEID:i-0abc",
    "arn": "arn:aws:sts::123456789012:assumed-role/Web/i-0abc", "accountId": "123456789012",
    "sessionContext": {
      "sessionIssuer": {"type": "Role", "arn": "arn:aws:iam::123456789012:role/Web"},
      "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"}
    },
    "invokedBy": "ssm.amazonaws.com"
  },
  "eventTime": "2026-01-01T01:02:03Z", "eventSource": "kms.amazonaws.com", "eventName": "Decrypt",
  "awsRegion": "us-east-1", "sourceIPAddress": "ssm.amazonaws.com", "userAgent": "ssm.amazonaws.com",
  "errorCode": "AccessDenied",
  "errorMessage": "User: arn:aws:sts::123456789012:assumed-role/Web/i-0abc is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab because no resource-based policy allows the kms:Decrypt action",
  "requestParameters": {"encryptionContext": {"PARAMETER_ARN": "arn:aws:ssm:us-east-1:123456789012:parameter/db"}},
  "responseElements": null, "eventType": "AwsApiCall", "recipientAccountId": "123456789012"
}"#;

/// A key policy that leaves the key to IAM for calls through Secrets Manager only.
const THROUGH_SECRETS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "Enable IAM policies",
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
      "Action": "kms:*",
      "Resource": "*",
      "Condition": {"StringEquals": {"kms:ViaService": "secretsmanager.us-east-1.amazonaws.com"}}
    }
  ]
}"#;

fn message(reason: &str) -> Vec<String> {
    ["diagnose", "--color", "never", &format!("{START}{reason}")].map(str::to_owned).to_vec()
}

fn with(reason: &str, options: &str) -> Vec<String> {
    let options = options.split_whitespace().map(str::to_owned);
    message(reason).into_iter().chain(options).collect()
}

#[test]
fn a_message_alone_says_what_it_proves_and_what_to_fetch() {
    let run = Folder::new().run_each(message(NO_IDENTITY)).exits(1);
    assert_data_eq!(run.stdout.clone(), str![[r#"
DENIED BY AWS  kms:Decrypt (implicit deny: identity-policy)
  role/Web called kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab, and AWS denied it.
  No identity policy of role/Web allows kms:Decrypt on the key's ARN (not alias).

  principal  arn:aws:sts::123456789012:assumed-role/Web/i-0abc
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  ruled out  any Deny, resource-control-policy, grant; likely service-control-policy, key-policy
  could deny vpc-endpoint-policy, permissions-boundary, session-policy

  Add to an identity policy of role/Web:
    {"Effect":"Allow","Action":"kms:Decrypt","Resource":"arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}
  Fetch, and ask again with the option that is named behind each:
  for p in $(aws iam list-role-policies --role-name Web --query PolicyNames --output text); do aws iam get-role-policy --role-name Web --policy-name $p > inline-$p.json; done  # --identity-policy
  for p in $(aws iam list-attached-role-policies --role-name Web --query 'AttachedPolicies[].PolicyArn' --output text); do aws iam get-policy-version --policy-arn $p --version-id $(aws iam get-policy --policy-arn $p --query Policy.DefaultVersionId --output text) > managed-${p##*/}.json; done  # --identity-policy
  aws kms get-key-policy --region us-east-1 --key-id arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab --policy-name default --query Policy --output text > key.json  # --key-policy
  # --format json also has: permissions boundary, key state, aliases, tags

"#]].raw());
    assert_eq!(run.stderr, "");
}

#[test]
fn a_usual_diagnosis_fits_a_screen() {
    for reason in [NO_IDENTITY, NO_RESOURCE, "with an explicit deny in a resource-based policy"] {
        let run = Folder::new().run_each(message(reason)).exits(1);
        let lines = run.stdout.lines().map(|line| line.chars().count().div_ceil(100).max(1));
        assert!(lines.sum::<usize>() <= 24, "{}", run.stdout);
    }
}

#[test]
fn a_newer_message_has_its_very_policy_fetched() {
    let reason = "with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-exampleorgid/service_control_policy/p-0abc1234";
    let run = Folder::new().run_each(message(reason)).exits(1);
    assert_data_eq!(run.stdout, str![[r"
DENIED BY AWS  kms:Decrypt (explicit deny: service-control-policy)
  role/Web called kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab, and AWS denied it.
  A statement of a service control policy denies kms:Decrypt, and no Allow outweighs it.

  principal  arn:aws:sts::123456789012:assumed-role/Web/i-0abc
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  policy     arn:aws:organizations::999999999999:policy/o-exampleorgid/service_control_policy/p-0abc1234
  could deny resource-control-policy, vpc-endpoint-policy, key-policy, identity-policy,
             permissions-boundary, session-policy
  note       an older page of AWS says that an SCP that only lacks an Allow may be told as an
             explicit deny

  Find the statement of the service control policy that denies, and narrow it: no Allow outweighs
  it.
  Fetch, and ask again with the option that is named behind each:
  aws organizations describe-policy --policy-id p-0abc1234 > scp.json  # --scp
  aws kms get-key-policy --region us-east-1 --key-id arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab --policy-name default --query Policy --output text > key.json  # --key-policy
  for p in $(aws iam list-role-policies --role-name Web --query PolicyNames --output text); do aws iam get-role-policy --role-name Web --policy-name $p > inline-$p.json; done  # --identity-policy
  for p in $(aws iam list-attached-role-policies --role-name Web --query 'AttachedPolicies[].PolicyArn' --output text); do aws iam get-policy-version --policy-arn $p --version-id $(aws iam get-policy --policy-arn $p --query Policy.DefaultVersionId --output text) > managed-${p##*/}.json; done  # --identity-policy
  # --format json also has: permissions boundary, key state, aliases, tags

"]].raw());
}

#[test]
fn a_simulation_that_agrees_gives_the_cause() {
    let run = Folder::new()
        .with("event.json", EVENT)
        .with("key.json", THROUGH_SECRETS)
        .with("web.json", IDENTITY)
        .run("diagnose event.json --key-policy key.json --identity-policy web.json --color never")
        .exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r#"
DENIED BY AWS  kms:Decrypt (implicit deny: key-policy)
  role/Web called kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab through ssm, and AWS
  denied it.
  Statement "Enable IAM policies" of the key policy would leave it to the account's IAM policies,
  but its condition StringEquals kms:ViaService does not hold.
  The simulation agrees (implicit deny: key-policy).

  principal  arn:aws:sts::123456789012:assumed-role/Web/i-0abc
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  context    PARAMETER_ARN=arn:aws:ssm:us-east-1:123456789012:parameter/db
  at         2026-01-01T01:02:03Z
  near miss  key.json:4:5 (statement 1, "Enable IAM policies", Allow)
             Condition/StringEquals/kms:ViaService
               the policy has   secretsmanager.us-east-1.amazonaws.com
               the request has  ssm.us-east-1.amazonaws.com
  sides      key-policy none, identity-policy allow, grant none
  note       this wording was seen, too, where an IAM policy was what lacked: look at both

  Fix        Let secretsmanager make the call.
    asked with --via secretsmanager
  or         Allow kms:Decrypt to role/Web in the key policy.
    key.json
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::123456789012:role/Web"
      },
      "Action": "kms:Decrypt",
      "Resource": "*",
      "Condition": {
        "StringEquals": {
          "kms:ViaService": "ssm.us-east-1.amazonaws.com"
        }
      }
    }
  or         Create a grant of Decrypt for role/Web.
  (with what else each would allow: kms-sim fix)

"#]]
        .raw()
    );
    assert_eq!(run.stderr, "");
}

#[test]
fn a_simulation_that_disagrees_says_what_may_be_missing() {
    let run = Folder::new()
        .with("key.json", DELEGATING)
        .with("web.json", IDENTITY)
        .run_each(with(
            "with an explicit deny in a service control policy",
            "--key-policy key.json --identity-policy web.json",
        ))
        .exits(0);
    assert_data_eq!(run.stdout, str![[r#"
DENIED BY AWS  kms:Decrypt (explicit deny: service-control-policy)
  role/Web called kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab, and AWS denied it.
  A statement of a service control policy denies kms:Decrypt, and no Allow outweighs it.
  The simulation disagrees (allowed by identity-policy).

  principal  arn:aws:sts::123456789012:assumed-role/Web/i-0abc
  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab
  simulation The key policy leaves kms:Decrypt to the account's IAM policies, and an identity
             policy of role/Web allows it.
  decided by key.json:2:3 (statement 1, "Delegate", Allow)
  decided by web.json:2:3 (statement 1, "UseKeys", Allow)
  sides      key-policy delegates, identity-policy allow, grant none
  warning    the ARN of a session does not say the path of its role; it is taken to be
             arn:aws:iam::123456789012:role/Web
  note       an older page of AWS says that an SCP that only lacks an Allow may be told as an
             explicit deny

  What could explain it, the likeliest first:
  1. no service control policy over the caller's account was given, and AWS has one that decides
  2. a message does not tell the service in between, nor the encryption context: --via SERVICE, or
     give the CloudTrail event instead
  3. policies may have been changed since the call, and changes take up to some minutes
  Fetch, and ask again with the option that is named behind each:
  t=123456789012; while [ $t != None ]; do for p in $(aws organizations list-policies-for-target --target-id $t --filter SERVICE_CONTROL_POLICY --query 'Policies[].Id' --output text); do aws organizations describe-policy --policy-id $p > scp-$t-$p.json; done; case $t in r-*) break;; esac; t=$(aws organizations list-parents --child-id $t --query 'Parents[0].Id' --output text); done  # --scp

"#]].raw());
}

#[test]
fn an_error_that_is_not_about_permissions_is_answered() {
    let run = Folder::new()
        .pipe(
            "An error occurred (DisabledException) when calling the Decrypt operation: arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab is disabled.",
            "diagnose --color never",
        )
        .exits(0);
    assert_data_eq!(run.stdout, str![[r"
FAILED  kms:Decrypt (DisabledException)
  Somebody called kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab, and it failed.
  This is not about permissions: the key is disabled.

  resource   arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab

  Enable it: aws kms enable-key --key-id KEY.
  Look:
  aws kms describe-key --region us-east-1 --key-id arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab  # key state

"]].raw());
}

#[test]
fn a_trail_is_told_by_its_denials_and_the_rest_counted() {
    let succeeded =
        EVENT.replace("\"errorCode\": \"AccessDenied\",", "").replace("errorMessage", "unread");
    let other = r#"{"eventSource": "s3.amazonaws.com", "eventName": "GetObject"}"#;
    let records = format!("{{\"Records\": [{EVENT}, {EVENT}, {succeeded}, {other}]}}");
    let run = Folder::new().pipe(&records, "diagnose - --quiet --color never").exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r"
DENIED BY AWS  kms:Decrypt (implicit deny: key-policy), 2 times
  role/Web called kms:Decrypt on key/1234abcd-12ab-34cd-56ef-1234567890ab through ssm, and AWS
  denied it.
  The key policy neither names role/Web nor leaves kms:Decrypt to IAM, or a condition of it fails.

4 events: 2 denied by KMS, 1 succeeded, 1 of other services

"]]
        .raw()
    );
}

#[test]
fn the_text_may_be_words_a_file_or_standard_input() {
    let folder = Folder::new().with("message.txt", format!("{START}{NO_IDENTITY}\n"));
    let expected = folder.run_each(message(NO_IDENTITY)).exits(1).stdout;
    let as_words = format!("diagnose --color never {START}{NO_IDENTITY}");
    assert_eq!(folder.run(&as_words).exits(1).stdout, expected);
    assert_eq!(folder.run("diagnose --color never message.txt").exits(1).stdout, expected);
    let text = format!("{START}{NO_IDENTITY}");
    assert_eq!(folder.pipe(&text, "diagnose --color never").exits(1).stdout, expected);
    assert_eq!(folder.pipe(&text, "diagnose --color never -").exits(1).stdout, expected);
}

#[test]
fn json_has_the_same_for_programs() {
    let json = Folder::new().pipe(EVENT, "diagnose --format json").exits(1).json();
    let diagnosis = &json["diagnoses"][0];
    assert_eq!(diagnosis["said"], "denied");
    assert_eq!(diagnosis["named"]["side"], "key-policy");
    assert_eq!(diagnosis["call"]["via"], "ssm");
    assert_eq!(diagnosis["call"]["holder"], "arn:aws:iam::123456789012:role/Web");
    assert_eq!(diagnosis["proof"]["no_deny_matched"], true);
    assert_eq!(diagnosis["fetch"][0]["option"], "--key-policy");
    assert!(diagnosis["simulation"].is_null());
    assert_eq!(json["events"]["denied"], 1);
    let folder = Folder::new().with("key.json", DELEGATING).with("web.json", IDENTITY);
    let options = "diagnose --format json --key-policy key.json --identity-policy web.json";
    let json = folder.pipe(EVENT, options).exits(0).json();
    let simulation = &json["diagnoses"][0]["simulation"];
    assert_eq!(simulation["agreement"], "disagrees");
    assert_eq!(simulation["answer"]["decision"], "allowed");
    assert_eq!(simulation["missing"][0]["side"], "key-policy");
}

#[test]
fn the_command_line_overrides_what_the_event_tells() {
    let folder = Folder::new().with("key.json", THROUGH_SECRETS).with("web.json", IDENTITY);
    let options = "diagnose --format json --key-policy key.json --identity-policy web.json";
    folder.pipe(EVENT, options).exits(1);
    folder.pipe(EVENT, &format!("{options} --via secretsmanager")).exits(0);
}

#[test]
fn an_environment_without_the_key_still_gives_a_diagnosis() {
    let environment = "account: '123456789012'\nkeys: {other: {id: other}}\n";
    let folder = Folder::new().with("kms-sim.yaml", environment);
    let run = folder.run_each(message(NO_IDENTITY)).exits(1);
    run.says(&["none: expected a key in the environment", "Fetch"])
        .tells(&["note: the environment is kms-sim.yaml"]);
    folder
        .run_each(with(NO_IDENTITY, "--key nonesuch"))
        .exits(1)
        .says(&["none: expected a key in the environment, found `nonesuch`"]);
}

#[test]
fn an_undetermined_simulation_exits_with_three() {
    let environment = "account: '123456789012'\nprincipals: {role/Web: {identity_policies: [{unknown: x}]}}\nkeys: {k: {id: 1234abcd-12ab-34cd-56ef-1234567890ab}}\n";
    Folder::new()
        .with("env.yaml", environment)
        .run_each(with(NO_IDENTITY, "--env env.yaml"))
        .exits(3)
        .says(&["The simulation cannot tell"]);
}

#[test]
fn what_cannot_be_read_is_refused_with_help() {
    let folder = Folder::new();
    folder.pipe("", "diagnose").refuses(&["expected a message or an event, found nothing"]);
    folder.run("diagnose hello").refuses(&["found `hello`", "lookup-events"]);
    folder
        .run("diagnose User: arn:aws:iam::123456789012:user/a is not authorized to perform: s3:GetObject")
        .refuses(&["found one about `s3:GetObject`"]);
    folder.pipe("\u{1b}[2J\u{7}\u{0}x", "diagnose").refuses(&["found `\\x1b[2J\\x07\\x00x`"]);
    folder.pipe(&"{\"a\":".repeat(100_000), "diagnose").refuses(&["expected an AccessDenied"]);
    folder
        .pipe(EVENT, "diagnose --via ssm:get-parameter")
        .refuses(&["expected a service in `--via`"]);
    folder.pipe(EVENT, "diagnose --key-policy -").refuses(&["expected `-` once"]);
    folder
        .pipe(EVENT, "diagnose --key-policy nonesuch.json")
        .refuses(&["cannot read `nonesuch.json`"]);
}

#[test]
fn nothing_that_a_terminal_acts_on_comes_out_of_a_message() {
    let text = "User: arn:aws:iam::123456789012:user/a\u{202e}b is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:1:key/\u{9b}2J because no identity-based policy allows the kms:Decrypt action";
    let event = EVENT.replace("i-0abc", "i\\u001b[2J").replace("/db", "/\\u009b\\u202e");
    for (text, format) in [(text, "text"), (text, "json"), (&event, "text"), (&event, "json")] {
        let run = Folder::new().pipe(text, &format!("diagnose --color never --format {format}"));
        let told = run.exits(1).stdout;
        assert!(!told.contains(['\u{1b}', '\u{9b}', '\u{202e}']), "{told:?}");
    }
}

#[test]
fn a_byte_order_mark_is_read_over_and_a_cut_event_is_warned_of() {
    let folder = Folder::new();
    let cut: String = EVENT.chars().take(400).collect();
    folder.write("events.json", format!("\u{feff}{EVENT}\n{cut}"));
    let run = folder.run_each(["diagnose", "events.json"]).exits(1);
    assert!(run.stderr.contains("warning: some events break off"), "{}", run.stderr);
}

#[test]
fn a_byte_order_mark_on_standard_input_is_left_out_and_said() {
    let text = format!("\u{feff}{START}{NO_IDENTITY}");
    let run = Folder::new().pipe(&text, "diagnose").exits(1);
    assert!(run.stderr.contains("note: the text begins with a byte-order mark"), "{}", run.stderr);
    assert!(run.stdout.contains("kms:Decrypt"), "{}", run.stdout);
}

fn zipped(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_compressed_log_file_is_unpacked_within_limits() {
    let records = format!("{{\"Records\": [{EVENT}]}}");
    let mib = zipped(&vec![b' '; 1 << 20]);
    let folder = Folder::new()
        .with("log.json.gz", zipped(records.as_bytes()))
        .with("bomb.gz", mib.repeat(65))
        .with("cut.gz", &mib[..mib.len() / 2]);
    let run = folder.run("diagnose log.json.gz").exits(1);
    assert!(run.stdout.contains("kms:Decrypt"), "{}", run.stdout);
    folder.run("diagnose bomb.gz").refuses(&["cannot unpack `bomb.gz`: it has more than 64 MiB"]);
    folder.run("diagnose cut.gz").refuses(&["cannot unpack `cut.gz`"]);
}

#[test]
fn a_denial_that_is_simulated_has_the_fixes_of_the_simulation() {
    let folder = Folder::new().with("key.json", THROUGH_SECRETS).with("web.json", IDENTITY);
    let options = "--key-policy key.json --identity-policy web.json --via ssm";
    let run = folder.run_each(with(NO_RESOURCE, options)).exits(1);
    let narrow = "Allow kms:Decrypt to role/Web in the key policy.";
    assert!(run.stdout.contains(narrow), "{}", run.stdout);
    assert!(!run.stdout.contains("Mend that statement"), "{}", run.stdout);
    let json = folder.run_each(with(NO_RESOURCE, &format!("{options} --format json"))).json();
    let fixes = json["diagnoses"][0]["simulation"]["answer"]["fixes"].as_array().unwrap();
    assert!(fixes.iter().any(|fix| fix["summary"] == narrow), "{fixes:?}");
}

#[test]
fn a_file_that_is_not_there_is_told_to_be_so() {
    Folder::new().run("diagnose event.json").refuses(&["event.json", "no such file"]);
}
