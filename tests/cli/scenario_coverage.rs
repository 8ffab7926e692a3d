//! Which statements the cases of a scenario notice, and the cases that would notice the rest.

use serde_json::{Value, json};

use crate::support::Folder;

const ROOT: &str = "arn:aws:iam::123456789012:root";

/// A statement of a key policy.
fn statement(sid: &str, effect: &str, principal: &str, action: &str) -> Value {
    json!({"Sid": sid, "Effect": effect, "Principal": {"AWS": principal}, "Action": action, "Resource": "*"})
}

fn policy(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn web(effect: &str, action: &str) -> Value {
    statement(&format!("{effect}Web"), effect, "arn:aws:iam::123456789012:role/Web", action)
}

/// A scenario of `role/Web` with these statements in its key policy and these cases.
fn folder(statements: &[Value], cases: &str) -> Folder {
    Folder::new().with("key.json", policy(statements)).with(
        "s.yaml",
        format!(
            "account: '123456789012'\nprincipals: {{role/Web: {{}}}}\nkeys: {{app: {{policy: key.json}}}}\ncases:\n{cases}"
        ),
    )
}

fn coverage(folder: &Folder, arguments: &str) -> Value {
    let arguments = format!("test s.yaml --coverage --format json {arguments}");
    folder.run(&arguments).json()["coverage"].take()
}

const DECRYPTS: &str = "  - {name: decrypts, principal: role/Web, action: kms:Decrypt, expect: {decision: allowed, by: key-policy}}\n";

#[test]
fn a_deny_that_nobody_would_miss_comes_first() {
    let statements = [
        web("Allow", "kms:Decrypt"),
        statement("Unused", "Allow", "arn:aws:iam::123456789012:role/Other", "kms:*"),
        statement("NoDeletion", "Deny", "*", "kms:ScheduleKeyDeletion"),
    ];
    let folder = folder(&statements, DECRYPTS);
    let found = coverage(&folder, "");
    assert_eq!(
        (&found["percent"], &found["statements"], &found["noticed"]),
        (&33.into(), &3.into(), &1.into())
    );
    let rows: Vec<(&str, &str, u64)> = found["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| {
            let text = |name: &str| it[name].as_str().unwrap();
            (text("sid"), text("noticed"), it["matched"].as_u64().unwrap())
        })
        .collect();
    assert_eq!(rows, [("NoDeletion", "no", 0), ("Unused", "no", 0), ("AllowWeb", "case", 1)]);
    let run = folder.run("test s.yaml --coverage").exits(0);
    let deny = run.stdout.find("\"NoDeletion\" (Deny): no case matches it").unwrap();
    assert!(deny < run.stdout.find("\"Unused\"").unwrap());
    assert!(run.stdout.ends_with("\n1 passed, 0 failed\n"), "{}", run.stdout);
}

#[test]
fn what_a_case_notices_is_the_decision_the_side_and_the_statement_that_it_names() {
    let twice = [web("Allow", "kms:Decrypt"), statement("Again", "Allow", "*", "kms:Decrypt")];
    let deny = [web("Allow", "kms:*"), web("Deny", "kms:Sign")];
    let silent = [web("Deny", "kms:Sign")];
    let case = |action: &str, expect: &str| {
        format!("  - {{principal: role/Web, action: {action}, expect: {expect}}}\n")
    };
    let table: [(&[Value], String, [&str; 2]); 7] = [
        // One of two that allow the same is not missed.
        (&twice, case("kms:Decrypt", "allowed"), ["no", "no"]),
        // Unless a case names it.
        (&twice, case("kms:Decrypt", "{statement: Again}"), ["no", "case"]),
        (&deny, case("kms:Sign", "explicitDeny"), ["no", "case"]),
        (&deny, case("kms:Sign", "denied"), ["no", "case"]),
        (&deny, case("kms:Decrypt", "allowed"), ["case", "no"]),
        // The decision changes from one denial to the other, and no case expects which.
        (&silent, case("kms:Sign", "denied"), ["answer", ""]),
        (
            &silent,
            case("kms:Sign", "{denied_by: [key-policy], decision: explicitDeny}"),
            ["case", ""],
        ),
    ];
    for (statements, case, noticed) in table {
        let found = coverage(&folder(statements, &case), "");
        for (statement, noticed) in statements.iter().zip(noticed) {
            let rows = found["rows"].as_array().unwrap();
            let row = rows.iter().find(|it| it["sid"] == statement["Sid"]).unwrap();
            assert_eq!(row["noticed"], noticed, "{case} {}", statement["Sid"]);
        }
    }
}

#[test]
fn a_coverage_that_is_too_low_fails_and_is_told() {
    let statements =
        [web("Allow", "kms:Decrypt"), web("Deny", "kms:Sign"), web("Deny", "kms:Verify")];
    let folder = folder(&statements, DECRYPTS);
    for (least, status) in [("0", 0), ("33", 0), ("34", 1), ("100", 1)] {
        let run = folder.run(&format!("test s.yaml --min-coverage {least}")).exits(status);
        assert!(run.stdout.contains("coverage: 33 %"), "{}", run.stdout);
        assert_eq!(run.stderr.contains("at least"), status == 1, "{}", run.stderr);
    }
}

#[test]
fn a_file_that_several_scenarios_share_is_covered_by_them_together() {
    let statements = [web("Allow", "kms:Decrypt"), web("Deny", "kms:Sign")];
    let folder = folder(&statements, DECRYPTS);
    let other = std::fs::read_to_string(folder.path("s.yaml")).unwrap();
    let other = other
        .replace("kms:Decrypt", "kms:Sign")
        .replace("{decision: allowed, by: key-policy}", "explicitDeny");
    folder.write("t.yaml", other);
    folder.run("test s.yaml --min-coverage 51").exits(1);
    folder.run("test s.yaml t.yaml --min-coverage 100").exits(0);
}

#[test]
fn what_aws_writes_and_what_is_not_about_kms_does_not_count() {
    let text = "
account: '123456789012'
principals:
  role/Web:
    identity_policies:
      - FullAWSAccess
      - {Version: '2012-10-17', Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}
keys: {app: {}}
cases:
  - {principal: role/Web, action: kms:Decrypt, expect: allowed}
";
    let found =
        Folder::new().with("s.yaml", text).run("test s.yaml --coverage --format json").json();
    assert_eq!(found["coverage"]["statements"], 0);
    assert_eq!(found["coverage"]["percent"], 100);
}

/// An environment with something of every side, each with a statement that the one case does
/// not notice.
const EVERY_SIDE: &str = r#"
account: "123456789012"
principals:
  role/Web:
    identity_policies:
      - Version: "2012-10-17"
        Statement:
          - {Sid: Use, Effect: Allow, Action: "kms:*", Resource: "*"}
          - {Sid: NoMfa, Effect: Deny, Action: "kms:Sign", Resource: "*", Condition: {Bool: {"aws:MultiFactorAuthPresent": "true"}}}
          - {Sid: Weekend, Effect: Deny, Action: "kms:Verify", Resource: "*", Condition: {DateGreaterThan: {"aws:CurrentTime": "2026-06-01T00:00:00Z"}}}
          - {Sid: Team, Effect: Deny, Action: "kms:Encrypt", Resource: "*", Condition: {StringEquals: {"aws:PrincipalTag/team": "red"}}}
    permissions_boundary:
      Version: "2012-10-17"
      Statement:
        - {Sid: Bound, Effect: Allow, Action: "kms:*", Resource: "*"}
        - {Sid: BoundDeny, Effect: Deny, Action: "kms:EnableKey", Resource: "*"}
  role/Worker: {}
keys:
  app:
    policy:
      Version: "2012-10-17"
      Statement:
        - {Sid: Account, Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:root"}, Action: "kms:*", Resource: "*"}
        - {Sid: Via, Effect: Deny, Principal: "*", Action: "kms:Decrypt", Resource: "*", Condition: {StringLike: {"kms:ViaService": "s3.*.amazonaws.com"}}}
        - {Sid: Address, Effect: Deny, Principal: "*", Action: "kms:Encrypt", Resource: "*", Condition: {NotIpAddress: {"aws:SourceIp": ["10.0.0.0/8"]}, "Null": {"aws:SourceIp": "false"}}}
        - {Sid: Context, Effect: Deny, Principal: "*", Action: "kms:GenerateDataKey", Resource: "*", Condition: {StringEquals: {"kms:EncryptionContext:app": "web"}}}
        - {Sid: Named, Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:role/Admin"}, Action: "kms:PutKeyPolicy", Resource: "*"}
        - {Effect: Allow, Principal: {Service: logs.us-east-1.amazonaws.com}, Action: "kms:Encrypt*", Resource: "*", Condition: {ArnLike: {"aws:SourceArn": "arn:aws:logs:us-east-1:123456789012:*"}}}
    grants:
      - {grantee: role/Worker, operations: [Decrypt], constraints: {encryption_context_subset: {app: web}}}
organization:
  id: o-exampleorgid
  accounts:
    "123456789012":
      ou_path: [r-root]
      service_control_policies:
        - - FullAWSAccess
          - {Version: "2012-10-17", Statement: [{Sid: Guard, Effect: Deny, Action: "kms:ScheduleKeyDeletion", Resource: "*"}]}
      resource_control_policies:
        - - {Version: "2012-10-17", Statement: [{Sid: Perimeter, Effect: Deny, Principal: "*", Action: "kms:*", Resource: "*", Condition: {StringNotEqualsIfExists: {"aws:PrincipalOrgID": "o-exampleorgid"}, BoolIfExists: {"aws:PrincipalIsAWSService": "false"}}}]}
vpc_endpoints:
  vpce-0abc:
    vpc: vpc-0123
    policy:
      Version: "2012-10-17"
      Statement:
        - {Sid: Through, Effect: Allow, Principal: "*", Action: "kms:*", Resource: "*"}
        - {Sid: NotThrough, Effect: Deny, Principal: "*", Action: "kms:DescribeKey", Resource: "*"}
cases:
  - name: somebody describes
    principal: role/Web
    session:
      policies: [../session.json]
    action: kms:DescribeKey
    expect: allowed
"#;

#[test]
fn pasted_suggestions_cover_every_side() {
    let session = policy(&[
        json!({"Sid": "Session", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}),
        json!({"Sid": "SessionDeny", "Effect": "Deny", "Action": "kms:CreateGrant", "Resource": "*"}),
    ]);
    let folder = Folder::new().with("s/s.yaml", EVERY_SIDE).with("session.json", session);
    let coverage = |arguments: &str| {
        let arguments = format!("test s/s.yaml --coverage --format json {arguments}");
        folder.run(&arguments).json()["coverage"].take()
    };
    let before = coverage("--suggest");
    let suggestions = &before["suggestions"];
    assert_eq!(suggestions["none"], json!([]));
    let cases = suggestions["cases"].as_array().unwrap();
    let pasted: String = cases.iter().map(|it| it["yaml"].as_str().unwrap()).collect();
    folder.write("s/s.yaml", format!("{EVERY_SIDE}{pasted}"));
    let run = folder.run("test s/s.yaml --min-coverage 100");
    assert_eq!(run.status(), Some(0), "{pasted}\n{}\n{}", run.stdout, run.stderr);
    let after = coverage("");
    assert_eq!((&after["percent"], &after["unexpected"]), (&100.into(), &0.into()), "{after:#}");
    assert!(before["percent"].as_u64() < Some(40), "{}", before["percent"]);
}

#[test]
fn a_suggestion_is_written_so_that_a_person_would_paste_it() {
    let statements = [
        statement("Account", "Allow", ROOT, "kms:*"),
        statement("No deletion", "Deny", "*", "kms:ScheduleKeyDeletion"),
    ];
    let case =
        "  - {principal: role/Web, action: kms:Decrypt, expect: {denied_by: [identity-policy]}}\n";
    let run = folder(&statements, case).run("test s.yaml --suggest").exits(0);
    let expected = r#"
add to the cases of s.yaml:

  - name: "role/Web may not kms:ScheduleKeyDeletion (No deletion)"
    principal: role/Web
    action: kms:ScheduleKeyDeletion
    key: app
    expect: {decision: explicitDeny, denied_by: [key-policy], statement: No deletion}

1 passed, 0 failed
"#;
    assert!(run.stdout.ends_with(expected), "{}", run.stdout);
}

#[test]
fn a_suggestion_takes_nothing_from_other_cases_that_it_does_not_need() {
    let statements = [web("Allow", "kms:*"), web("Deny", "kms:Sign")];
    let case = "  - {principal: role/Web, action: kms:Decrypt, via: s3, context: {\"aws:SourceVpc\": vpc-1}, encryption_context: {a: b}, session: {mfa: true}, at: 2026-01-01T00:00:00Z, expect: allowed}\n";
    let found = coverage(&folder(&statements, case), "--suggest");
    let expected = json!({
        "name": "role/Web may not kms:Sign (DenyWeb)",
        "principal": "role/Web",
        "action": "kms:Sign",
        "key": "app",
        "expect": {"decision": "explicitDeny", "denied_by": ["key-policy"], "statement": "DenyWeb"},
    });
    assert_eq!(found["suggestions"]["cases"][0]["case"], expected);
}

#[test]
fn where_no_case_can_be_built_it_says_why() {
    let table = [
        // Whatever it allows, another allows as well.
        (
            vec![
                web("Allow", "kms:*"),
                statement("Less", "Allow", "arn:aws:iam::123456789012:role/Web", "kms:Sign"),
            ],
            "Less",
            "decided the same way without it, by key.json:1:",
        ),
        // The user was deleted.
        (
            vec![
                web("Allow", "kms:Decrypt"),
                statement("Gone", "Allow", "AIDACKCEVSQ6C2EXAMPLE", "kms:Sign"),
            ],
            "Gone",
            "none is one that its principal, action and resource match",
        ),
        // No request carries both.
        (
            vec![web("Allow", "kms:Decrypt"), {
                let mut it = statement("Never", "Deny", "*", "kms:Sign");
                it["Condition"] = json!({"StringEquals": {"aws:PrincipalType": "Nothing"}});
                it
            }],
            "Never",
            "none fulfils Condition/StringEquals/aws:PrincipalType",
        ),
    ];
    for (statements, sid, why) in table {
        let found = coverage(&folder(&statements, DECRYPTS), "--suggest");
        let none = found["suggestions"]["none"].as_array().unwrap();
        let it = none.iter().find(|it| it["statement"].as_str().unwrap().contains(sid)).unwrap();
        assert!(it["reason"].as_str().unwrap().contains(why), "{it}");
    }
}

#[test]
fn a_session_policy_that_is_written_in_a_case_is_a_matter_of_that_case() {
    let session = r#"[{Version: "2012-10-17", Statement: [{Sid: In, Effect: Allow, Action: "kms:*", Resource: "*"}, {Sid: Not, Effect: Deny, Action: "kms:Sign", Resource: "*"}]}]"#;
    let case = format!(
        "  - {{principal: role/Web, session: {{policies: {session}}}, action: kms:Decrypt, expect: allowed}}\n"
    );
    let statements = [statement("Account", "Allow", "arn:aws:iam::123456789012:role/Web", "kms:*")];
    let found = coverage(&folder(&statements, &case), "--suggest");
    let none = &found["suggestions"]["none"];
    let reasons: Vec<&str> =
        none.as_array().unwrap().iter().map(|it| it["reason"].as_str().unwrap()).collect();
    assert!(reasons.iter().any(|it| it.contains("ask there for kms:Sign too")), "{none}");
}

#[test]
fn coverage_is_in_every_report() {
    let statements = [web("Allow", "kms:Decrypt"), web("Deny", "kms:Sign")];
    let folder = folder(&statements, DECRYPTS);
    folder.run("test s.yaml --coverage --format github").exits(0).says(&[
        "::notice file=key.json,line=1,",
        "title=not covered::statement 2 \"DenyWeb\" (Deny)",
    ]);
    folder.run("test s.yaml --coverage --format markdown").exits(0).says(&[
        "### Coverage: 50 % (1 of 2 statements)",
        "| Deny DenyWeb | key.json:1 | key-policy |",
    ]);
}

#[test]
fn a_case_that_expects_the_message_notices_which_permission_is_refused_first() {
    let identity = json!({"Version": "2012-10-17", "Statement": {"Sid": "Primary", "Effect": "Allow", "Action": "kms:UpdatePrimaryRegion", "Resource": "arn:aws:kms:us-east-1:123456789012:key/*"}});
    let replica = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab";
    let scenario = |expect: Value| {
        json!({
            "account": "123456789012",
            "principals": {"role/Web": {"identity_policies": ["identity.json"]}},
            "keys": {
                "primary": {"arn": replica.replace("eu-west-1", "us-east-1"), "multi_region": "primary"},
                "replica": {"arn": replica, "multi_region": "replica"},
            },
            "cases": [{"principal": "role/Web", "session": {"name": "x"}, "action": "kms:UpdatePrimaryRegion", "key": "primary", "parameters": {"PrimaryRegion": "eu-west-1"}, "expect": expect}],
        })
        .to_string()
    };
    let error = format!(
        "User: arn:aws:sts::123456789012:assumed-role/Web/x is not authorized to perform: kms:UpdatePrimaryRegion on resource: {replica} because no identity-based policy allows the kms:UpdatePrimaryRegion action"
    );
    for (expect, noticed) in [(json!({"error": error}), "case"), (json!("implicitDeny"), "no")] {
        let folder = Folder::new().with("identity.json", identity.to_string());
        folder.write("s.yaml", scenario(expect));
        folder.run("test s.yaml").exits(0);
        assert_eq!(coverage(&folder, "")["rows"][0]["noticed"], noticed);
    }
}
