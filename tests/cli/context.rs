//! What the request carries: given, derived, or left open.

use serde_json::json;

use crate::support::{Folder, NAMING, Run};

/// A key policy that allows `Web` under a condition.
fn when(condition: &str) -> String {
    NAMING
        .replace("\"Resource\": \"*\"", &format!("\"Resource\": \"*\", \"Condition\": {condition}"))
}

fn ask(condition: &str, options: &str) -> Run {
    Folder::new().with("key.json", when(condition)).run(&format!(
        "--principal role/Web --action decrypt --key-policy key.json --format json {options}"
    ))
}

#[test]
fn a_repeated_key_is_multi_valued() {
    let options = "--context x:Tags=a --context x:Tags=b";
    let run = ask(r#"{"ForAllValues:StringEquals": {"x:Tags": ["a", "b"]}}"#, options).exits(0);
    assert_eq!(run.json()["request"]["context"]["x:Tags"], json!(["a", "b"]));
    ask(r#"{"ForAllValues:StringEquals": {"x:Tags": ["a"]}}"#, options).exits(1);
    ask(r#"{"ForAnyValue:StringEquals": {"x:Tags": ["b"]}}"#, options).exits(0);
}

#[test]
fn a_repeated_key_may_differ_in_case() {
    let run = ask(
        r#"{"ForAnyValue:StringEquals": {"x:tags": ["b"]}}"#,
        "--context x:Tags=a --context X:TAGS=b",
    );
    assert_eq!(run.exits(0).decision(), "allowed");
}

#[test]
fn a_key_without_a_value_is_the_empty_string_and_not_absent() {
    ask(r#"{"StringEquals": {"x:Tag": ""}}"#, "--context x:Tag=").exits(0);
    ask(r#"{"StringEquals": {"x:Tag": ""}}"#, "").exits(1);
    ask(r#"{"Null": {"x:Tag": "false"}}"#, "--context x:Tag=").exits(0);
}

#[test]
fn only_the_first_equals_sign_separates() {
    let run = ask(r#"{"StringEquals": {"x:Tag": "a=b=c"}}"#, "--context x:Tag=a=b=c");
    assert_eq!(run.decision(), "allowed");
}

#[test]
fn a_given_value_wins_over_a_derived_one_with_a_warning() {
    let condition = r#"{"StringEquals": {"kms:CallerAccount": "111122223333"}}"#;
    let run = ask(condition, "--context kms:CallerAccount=111122223333").exits(0);
    let warnings = run.warnings().join("\n");
    assert!(
        warnings.contains("kms:CallerAccount") && warnings.contains("`123456789012`"),
        "{warnings}"
    );
    assert_eq!(run.json()["request"]["context"]["kms:CallerAccount"], json!(["111122223333"]));
}

#[test]
fn a_given_value_that_is_the_derived_one_needs_no_warning() {
    let condition = r#"{"StringEquals": {"kms:CallerAccount": "123456789012"}}"#;
    let run = ask(condition, "--context kms:CallerAccount=123456789012").exits(0);
    assert_eq!(run.warnings(), Vec::<String>::new());
}

#[test]
fn a_key_that_no_request_carries_is_used_with_a_warning() {
    let condition = r#"{"StringEquals": {"kms:GranteePrincipal": "x"}}"#;
    let run = ask(condition, "--context kms:GranteePrincipal=x").exits(0);
    assert!(run.warnings().join("\n").contains("kms:GranteePrincipal"));
    let run =
        ask(r#"{"StringEquals": {"kms:Nonsense": "x"}}"#, "--context kms:Nonsense=x").exits(0);
    assert!(run.warnings().join("\n").contains("`kms:Nonsense`"));
}

#[test]
fn a_key_that_is_left_open_leaves_open_what_rests_on_it() {
    let condition = r#"{"StringEquals": {"kms:CallerAccount": "123456789012"}}"#;
    ask(condition, "").exits(0);
    ask(condition, "--unknown kms:CallerAccount").exits(3);
    ask("{}", "--unknown kms:CallerAccount").exits(0);
}

#[test]
fn an_open_key_that_would_change_the_decision_is_what_it_depends_on() {
    let condition = r#"{"StringEquals": {"kms:CallerAccount": "123456789012"}}"#;
    let run = ask(condition, "--unknown kms:CallerAccount");
    assert_eq!(run.json()["depends_on"], json!(["kms:CallerAccount"]));
}

#[test]
fn a_key_that_was_neither_given_nor_derived_is_what_it_depends_on() {
    let condition = r#"{"StringEquals": {"aws:SourceVpce": "vpce-0abc", "kms:ViaService": "ssm.us-east-1.amazonaws.com"}}"#;
    let run = ask(condition, "").exits(1);
    assert_eq!(run.json()["depends_on"], json!(["aws:SourceVpce", "kms:ViaService"]));
    let run = ask(condition, "--context aws:SourceVpce=vpce-0abc").exits(1);
    assert_eq!(run.json()["depends_on"], json!(["kms:ViaService"]));
    let run = ask(condition, "--context aws:SourceVpce=vpce-1").exits(1);
    assert_eq!(run.json()["depends_on"], json!([]));
}

#[test]
fn what_is_derived_is_never_depended_on() {
    let condition = r#"{"StringEquals": {"kms:CallerAccount": "111122223333", "aws:PrincipalArn": "x", "aws:RequestedRegion": "x"}}"#;
    assert_eq!(ask(condition, "").exits(1).json()["depends_on"], json!([]));
}

#[test]
fn via_names_the_service_in_the_keys_region() {
    let condition = r#"{"StringEquals": {"kms:ViaService": "ssm.us-east-1.amazonaws.com"}}"#;
    ask(condition, "--via ssm").exits(0);
    ask(condition, "--via ssm.us-east-1.amazonaws.com").exits(0);
    ask(condition, "--via s3").exits(1);
    ask(condition, "").exits(1);
    assert_eq!(ask(condition, "--via s3").json()["depends_on"], json!([]));
}

#[test]
fn a_service_in_between_that_kms_does_not_list_is_a_warning() {
    let warnings = ask("{}", "--via ss").exits(0).warnings().join("\n");
    assert!(warnings.contains("`ss`") && warnings.contains("`ssm`"), "{warnings}");
}

#[test]
fn a_service_that_calls_by_itself_calls_through_none() {
    Folder::new()
        .with("key.json", NAMING)
        .run("--principal logs.us-east-1.amazonaws.com --action decrypt --key-policy key.json --via ssm")
        .refuses(&["`ssm`"]);
}

#[test]
fn the_encryption_context_is_known_by_each_pair_and_by_its_keys() {
    let options = "--encryption-context app=web --encryption-context stage=a=b";
    ask(r#"{"StringEquals": {"kms:EncryptionContext:app": "web"}}"#, options).exits(0);
    ask(r#"{"StringEquals": {"kms:EncryptionContext:APP": "web"}}"#, options).exits(0);
    ask(r#"{"StringEquals": {"kms:EncryptionContext:app": "Web"}}"#, options).exits(1);
    ask(r#"{"StringEquals": {"kms:EncryptionContext:stage": "a=b"}}"#, options).exits(0);
    let keys = r#"{"ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["app", "stage"]}}"#;
    ask(keys, options).exits(0);
    ask(keys, "--encryption-context other=1").exits(1);
}

#[test]
fn the_key_of_an_encryption_context_may_hold_any_character() {
    for name in ["aws:s3:arn", "a/b", "a.b", "PARAMETER_ARN"] {
        let condition = format!(r#"{{"StringEquals": {{"kms:EncryptionContext:{name}": "v"}}}}"#);
        ask(&condition, &format!("--encryption-context {name}=v")).exits(0);
    }
}

const SINCE_2020: &str = r#"{"DateGreaterThan": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#;

#[test]
fn the_time_is_iso_8601_or_seconds_in_any_offset() {
    let table = [
        ("2019-12-31T23:59:59Z", 1),
        ("2020-01-01T00:00:00Z", 1),
        ("2020-01-01T00:00:01Z", 0),
        ("2020-01-01T01:00:00+02:00", 1),
        ("2019-12-31T23:30:00-01:00", 0),
        ("1577836800", 1),
        ("1577836801", 0),
        ("2020-01-02", 0),
    ];
    for (at, status) in table {
        ask(SINCE_2020, &format!("--at {at}")).exits(status);
    }
}

#[test]
fn what_is_no_time_is_refused() {
    for at in [
        "yesterday",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "9223372036854775807",
        "99999999999999999999",
        "12:00",
    ] {
        ask(SINCE_2020, &format!("--at {at}")).refuses(&[&format!("`{at}`")]);
    }
}

#[test]
fn the_clock_is_used_with_a_warning_where_a_date_is_read_and_only_there() {
    let run = ask(SINCE_2020, "").exits(0);
    assert_eq!(run.json()["depends_on"], json!(["aws:CurrentTime"]));
    assert!(run.warnings().join("\n").contains("--at"), "{:?}", run.warnings());
    let run = ask("{}", "").exits(0);
    assert_eq!(run.json()["depends_on"], json!([]));
    assert_eq!(run.warnings().len(), 1, "the empty condition alone: {:?}", run.warnings());
}

#[test]
fn a_time_that_was_given_is_neither_warned_of_nor_depended_on() {
    for options in ["--at 2026-01-01T00:00:00Z", "--context aws:CurrentTime=2026-01-01T00:00:00Z"] {
        let run = ask(SINCE_2020, options).exits(0);
        assert_eq!(run.json()["depends_on"], json!([]), "{options}");
        assert_eq!(run.warnings(), Vec::<String>::new(), "{options}");
    }
}

#[test]
fn the_time_zone_of_the_machine_changes_nothing() {
    let condition = r#"{"DateEquals": {"aws:CurrentTime": "2020-01-01T00:00:00Z"}}"#;
    let folder = Folder::new().with("key.json", when(condition));
    for zone in ["UTC", "Pacific/Kiritimati", "America/Los_Angeles"] {
        let status = crate::support::program(&folder.path(""))
            .args(["--principal", "role/Web", "--action", "decrypt", "--key-policy", "key.json"])
            .args(["--at", "2020-01-01"])
            .env("TZ", zone)
            .output()
            .unwrap()
            .status;
        assert_eq!(status.code(), Some(0), "{zone}");
    }
}

#[test]
fn the_rules_are_those_of_the_option_else_of_the_file() {
    let folder = Folder::new().with("key.json", NAMING).with(
        "strict.yaml",
        "account: '123456789012'\nrules: dual-permission\nprincipals: {role/Web: {}}\nkeys: {app: {policy: key.json}}\n",
    );
    let ask = |options: &str| {
        let run =
            folder.run(&format!("--principal role/Web --action decrypt --format json {options}"));
        let answer = run.json();
        (answer["rules"].as_str().unwrap().to_owned(), run.decision())
    };
    let pair = |rules: &str, decision: &str| (rules.to_owned(), decision.to_owned());
    assert_eq!(ask("--key-policy key.json"), pair("aws", "allowed"));
    assert_eq!(
        ask("--key-policy key.json --rules dual-permission"),
        pair("dual-permission", "implicitDeny")
    );
    assert_eq!(ask("--env strict.yaml"), pair("dual-permission", "implicitDeny"));
    assert_eq!(ask("--env strict.yaml --rules aws"), pair("aws", "allowed"));
}

#[test]
fn where_the_rules_disagree_the_text_says_so() {
    let folder = Folder::new().with("key.json", NAMING);
    let line = "--principal role/Web --action decrypt --key-policy key.json";
    folder
        .run(line)
        .exits(0)
        .says(&["rules      aws", "Under the rules dual-permission it would be implicitDeny."]);
    let strict = folder.run(&format!("{line} --rules dual-permission")).exits(1);
    assert!(strict.stdout.contains("rules      dual-permission"), "{}", strict.stdout);
}

#[test]
fn the_hint_for_a_key_with_a_space_is_one_word() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:EncryptionContext:the app": "b"}}}]}"#;
    let run = Folder::new()
        .with("key.json", crate::support::DELEGATING)
        .with("web.json", policy)
        .run("--key-policy key.json --identity-policy web.json --principal role/Web --action Decrypt")
        .exits(1);
    let word = "--encryption-context 'the app=VALUE'";
    assert!(run.stdout.contains(word), "{}", run.stdout);
}

#[test]
fn thousands_of_context_keys_are_answered_in_time() {
    let time = |count: usize| {
        let keys: Vec<String> =
            (0..count).map(|n| format!("\"kms:EncryptionContext:k{n}\": v")).collect();
        let file = format!(
            "account: '123456789012'\nkeys: {{k: {{}}}}\nprincipals: {{role/Web: {{}}}}\ncases: [{{principal: role/Web, action: kms:Decrypt, context: {{{}}}, expect: denied}}]\n",
            keys.join(", ")
        );
        let folder = Folder::new().with("case.yaml", file);
        let start = std::time::Instant::now();
        folder.run("test case.yaml").exits(0);
        start.elapsed()
    };
    let (small, large) = (time(1_500), time(12_000));
    assert!(large < small * 24, "{small:?} for 1,500, {large:?} for 12,000");
}
