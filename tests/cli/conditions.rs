//! Conditions and policy variables: the answers where a careless evaluation allows too much.

use serde_json::json;

use crate::support::{Folder, NAMING, Run};

fn with_condition(effect: &str, condition: &str) -> String {
    format!(
        r#"{{"Effect": "{effect}", "Principal": {{"AWS": "arn:aws:iam::123456789012:role/Web"}}, "Action": "kms:*", "Resource": "*", "Condition": {condition}}}"#
    )
}

fn ask(statements: &[String], options: &str) -> Run {
    let policy =
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "));
    let folder = Folder::new().with("key.json", policy);
    let options = options.split(' ').filter(|option| !option.is_empty());
    folder.run_each(
        [
            "--principal",
            "role/Web",
            "--action",
            "decrypt",
            "--key-policy",
            "key.json",
            "--format",
            "json",
        ]
        .into_iter()
        .chain(options),
    )
}

/// Whether an `Allow` under the condition allows.
fn allows(condition: &str, options: &str) -> bool {
    ask(&[with_condition("Allow", condition)], options).decision() == "allowed"
}

/// Whether a `Deny` under the condition denies what is allowed besides.
fn denies(condition: &str, options: &str) -> bool {
    let statements = [with_condition("Allow", "{}"), with_condition("Deny", condition)];
    ask(&statements, options).decision() == "explicitDeny"
}

#[test]
fn a_missing_key_fails_what_affirms_and_satisfies_what_negates() {
    let table = [
        (r#"{"StringEquals": {"x:K": "a"}}"#, false),
        (r#"{"StringLike": {"x:K": "*"}}"#, false),
        (r#"{"NumericLessThan": {"x:K": "5"}}"#, false),
        (r#"{"Bool": {"x:K": "false"}}"#, false),
        (r#"{"IpAddress": {"x:K": "0.0.0.0/0"}}"#, false),
        (r#"{"ArnLike": {"x:K": "arn:*:*:*:*:*"}}"#, false),
        (r#"{"DateLessThan": {"x:K": "2030-01-01T00:00:00Z"}}"#, false),
        (r#"{"StringNotEquals": {"x:K": "a"}}"#, true),
        (r#"{"StringNotLike": {"x:K": "*"}}"#, true),
        (r#"{"NumericNotEquals": {"x:K": "5"}}"#, true),
        (r#"{"NotIpAddress": {"x:K": "0.0.0.0/0"}}"#, true),
        (r#"{"ArnNotLike": {"x:K": "arn:*:*:*:*:*"}}"#, true),
        (r#"{"StringEqualsIfExists": {"x:K": "a"}}"#, true),
        (r#"{"BoolIfExists": {"x:K": "true"}}"#, true),
        (r#"{"ForAllValues:StringEquals": {"x:K": "a"}}"#, true),
        (r#"{"ForAnyValue:StringEquals": {"x:K": "a"}}"#, false),
        (r#"{"ForAnyValue:StringNotEquals": {"x:K": "a"}}"#, false),
        (r#"{"Null": {"x:K": "true"}}"#, true),
        (r#"{"Null": {"x:K": "false"}}"#, false),
        (r#"{"StringEquals": {"x:K": []}}"#, false),
    ];
    for (condition, expected) in table {
        assert_eq!(allows(condition, ""), expected, "{condition}");
        assert_eq!(denies(condition, ""), expected, "{condition}");
    }
}

#[test]
fn values_are_alternatives_and_under_a_negation_none_may_match() {
    let ab = r#"["a", "b"]"#;
    let table = [
        ("StringEquals", "b", true),
        ("StringEquals", "c", false),
        ("StringNotEquals", "b", false),
        ("StringNotEquals", "c", true),
        ("StringNotLike", "a", false),
        ("StringNotEqualsIgnoreCase", "B", false),
    ];
    for (operator, value, expected) in table {
        let condition = format!(r#"{{"{operator}": {{"x:K": {ab}}}}}"#);
        assert_eq!(
            allows(&condition, &format!("--context x:K={value}")),
            expected,
            "{operator} {value}"
        );
    }
}

#[test]
fn every_operator_and_every_key_must_hold() {
    let condition = r#"{"StringEquals": {"x:A": "1", "x:B": "2"}, "Bool": {"x:C": true}}"#;
    assert!(allows(condition, "--context x:A=1 --context x:B=2 --context x:C=true"));
    assert!(!allows(condition, "--context x:A=1 --context x:B=2 --context x:C=false"));
    assert!(!allows(condition, "--context x:A=1 --context x:C=true"));
}

#[test]
fn values_are_compared_as_what_they_are() {
    let table = [
        ("NumericLessThan", "3600", "900", true),
        ("NumericLessThan", "3600", "4000", false),
        ("NumericEquals", "10", "10.0", true),
        ("NumericEquals", "1e3", "1000", true),
        ("NumericEquals", "-0", "0", true),
        ("NumericEquals", "9007199254740993", "9007199254740992", false),
        ("NumericEquals", "0.3", "0.30000000000000004", false),
        ("NumericLessThan", "1e400", "5", true),
        ("NumericGreaterThan", "1e400", "5", false),
        ("Bool", "true", "TRUE", true),
        ("Bool", "true", "1", false),
        ("Bool", "true", "yes", false),
        ("DateLessThan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", true),
        ("DateLessThan", "2026-01-01T00:00:00+01:00", "2025-12-31T23:30:00Z", false),
        ("DateEquals", "2026-01-01", "2026-01-01T00:00:00Z", true),
        ("DateEquals", "1767225600", "2026-01-01T00:00:00Z", true),
        ("DateGreaterThan", "2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.6Z", true),
        ("IpAddress", "203.0.113.0/24", "203.0.113.200", true),
        ("IpAddress", "203.0.113.77/24", "203.0.113.200", true),
        ("IpAddress", "203.0.113.0/24", "203.0.114.1", false),
        ("IpAddress", "203.0.113.5", "203.0.113.5", true),
        ("IpAddress", "0.0.0.0/0", "203.0.113.5", true),
        ("IpAddress", "0.0.0.0/0", "::1", false),
        ("IpAddress", "::/0", "203.0.113.5", false),
        ("IpAddress", "2001:db8::/32", "2001:db8:1::5", true),
        ("IpAddress", "10.0.0.0/8", "010.1.1.1", false),
        ("NotIpAddress", "203.0.113.0/24", "198.51.100.1", true),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5", true),
        ("BinaryEquals", "QmluYXJ5", "qmluYXJ5", false),
    ];
    for (operator, operand, value, expected) in table {
        let condition = json!({operator: {"x:K": operand}}).to_string();
        let found = allows(&condition, &format!("--context x:K={value}"));
        assert_eq!(found, expected, "{operator} {operand} {value}");
    }
}

#[test]
fn an_operand_of_another_type_matches_nothing_and_a_warning_says_so() {
    let table = [
        ("NumericLessThan", "abc"),
        ("NumericLessThan", ""),
        ("NumericLessThan", " 5"),
        ("NumericEquals", "NaN"),
        ("NumericLessThan", "inf"),
        ("IpAddress", "203.0.113.0/33"),
        ("IpAddress", "010.1.1.1"),
        ("IpAddress", "not an address"),
        ("Bool", "yes"),
        ("Bool", ""),
        ("DateLessThan", "soon"),
        ("DateLessThan", "9223372036854775808"),
        ("DateLessThan", "2026-02-30T00:00:00Z"),
        ("BinaryEquals", "***"),
        ("Null", "yes"),
        ("Null", "1"),
    ];
    for (operator, operand) in table {
        let condition = json!({operator: {"x:K": operand}}).to_string();
        let run = ask(&[with_condition("Allow", &condition)], "--context x:K=0");
        assert_eq!(run.decision(), "implicitDeny", "{operator} {operand:?}");
        let warnings = run.warnings().join("\n");
        assert!(warnings.contains("never matches"), "{operator} {operand:?}: {warnings}");
    }
}

#[test]
fn a_network_with_leading_zeros_is_no_network() {
    for network in ["010.1.1.0/24", "10.01.1.0/24"] {
        let condition = json!({"IpAddress": {"x:K": network}}).to_string();
        assert!(!allows(&condition, "--context x:K=10.1.1.1"), "{network}");
        assert!(!allows(&condition, "--context x:K=8.1.1.1"), "{network}");
    }
}

#[test]
fn a_value_of_the_request_of_another_type_does_not_panic_or_allow() {
    let table = [
        ("NumericLessThan", "5", "abc"),
        ("NumericLessThan", "5", ""),
        ("IpAddress", "0.0.0.0/0", "10.0.0.1/8"),
        ("IpAddress", "0.0.0.0/0", "x"),
        ("DateLessThan", "2030-01-01T00:00:00Z", "yesterday"),
        ("DateLessThan", "2030-01-01T00:00:00Z", "99999999999999999999"),
        ("Bool", "true", ""),
        ("ArnLike", "arn:aws:s3:::b", "arn"),
    ];
    for (operator, operand, value) in table {
        let condition = json!({operator: {"x:K": operand}}).to_string();
        assert!(!allows(&condition, &format!("--context x:K={value}")), "{operator} {value:?}");
    }
}

#[test]
fn quantifiers_range_over_the_values_of_the_request() {
    let two = "--context x:K=a --context x:K=z";
    let table = [
        (r#"{"ForAllValues:StringEquals": {"x:K": ["a", "b"]}}"#, two, false),
        (r#"{"ForAllValues:StringEquals": {"x:K": ["a", "z", "q"]}}"#, two, true),
        (r#"{"ForAnyValue:StringEquals": {"x:K": ["a", "b"]}}"#, two, true),
        (r#"{"ForAnyValue:StringNotEquals": {"x:K": ["a", "b"]}}"#, two, true),
        (r#"{"ForAllValues:StringNotEquals": {"x:K": ["a", "b"]}}"#, two, false),
        (r#"{"ForAllValues:StringNotEquals": {"x:K": ["c"]}}"#, two, true),
    ];
    for (condition, options, expected) in table {
        assert_eq!(allows(condition, options), expected, "{condition}");
    }
}

#[test]
fn the_case_of_a_condition_key_does_not_count_and_that_of_a_value_does() {
    assert!(allows(
        r#"{"StringEquals": {"AWS:sourcevpce": "vpce-1"}}"#,
        "--context aws:SourceVpce=vpce-1"
    ));
    assert!(!allows(
        r#"{"StringEquals": {"aws:SourceVpce": "VPCE-1"}}"#,
        "--context aws:SourceVpce=vpce-1"
    ));
    assert!(denies(
        r#"{"StringNotEquals": {"AWS:SOURCEVPCE": "vpce-1"}}"#,
        "--context aws:SourceVpce=vpce-2"
    ));
}

#[test]
fn numbers_and_booleans_in_a_policy_count_as_their_text() {
    assert!(allows(r#"{"Bool": {"x:K": true}}"#, "--context x:K=true"));
    assert!(allows(r#"{"NumericEquals": {"x:K": 5}}"#, "--context x:K=5"));
    assert!(allows(r#"{"StringEquals": {"x:K": 1.50}}"#, "--context x:K=1.50"));
    assert!(!allows(r#"{"StringEquals": {"x:K": 1.50}}"#, "--context x:K=1.5"));
    assert!(!allows(r#"{"NumericEquals": {"x:K": 1e999}}"#, "--context x:K=5"));
}

#[test]
fn a_variable_is_replaced_by_the_requests_value_once_and_literally() {
    let table = [
        (r#"{"StringEquals": {"x:A": "${x:B}"}}"#, "--context x:A=v --context x:B=v", true),
        (r#"{"StringLike": {"x:A": "${x:B}"}}"#, "--context x:A=anything --context x:B=*", false),
        (r#"{"StringLike": {"x:A": "${x:B}"}}"#, "--context x:A=* --context x:B=*", true),
        (r#"{"StringLike": {"x:A": "p/${x:B}/*"}}"#, "--context x:A=p/q/r --context x:B=?", false),
        (
            r#"{"StringEquals": {"x:A": "${x:B}"}}"#,
            "--context x:A=v --context x:B=${x:C} --context x:C=v",
            false,
        ),
        (
            r#"{"StringEquals": {"x:A": "${x:B}"}}"#,
            "--context x:A=${x:C} --context x:B=${x:C} --context x:C=v",
            true,
        ),
        (r#"{"StringEquals": {"x:A": "${x:B}"}}"#, "--context x:A=", false),
        (r#"{"StringNotEquals": {"x:A": "${x:B}"}}"#, "--context x:A=v", true),
        (r#"{"StringEquals": {"x:A": "${x:B, 'd'}"}}"#, "--context x:A=d", true),
        (r#"{"StringEquals": {"x:A": "${x:B, 'd'}"}}"#, "--context x:A=d --context x:B=e", false),
        (
            r#"{"StringEquals": {"x:A": "${aws:PrincipalAccount}"}}"#,
            "--context x:A=123456789012",
            true,
        ),
        (
            r#"{"StringEquals": {"x:A": "${x:B}"}}"#,
            "--context x:A=v --context x:B=v --context x:B=w",
            false,
        ),
        (r#"{"StringLike": {"x:A": "a${*}b"}}"#, "--context x:A=axb", false),
        (r#"{"StringLike": {"x:A": "a${*}b"}}"#, "--context x:A=a*b", true),
        (r#"{"StringLike": {"x:A": "${?}"}}"#, "--context x:A=x", false),
        (r#"{"StringLike": {"x:A": "${?}"}}"#, "--context x:A=?", true),
        (r#"{"StringEquals": {"x:A": "${$}"}}"#, "--context x:A=$", true),
    ];
    for (condition, options, expected) in table {
        assert_eq!(allows(condition, options), expected, "{condition} {options}");
    }
}

#[test]
fn a_malformed_variable_is_literal_text_with_a_warning() {
    for operand in ["${", "${x:B", "a${}", "${${x:B}}", "${x:B, 'd}", "${x:B, d}", "$${"] {
        let condition = json!({"StringEquals": {"x:A": operand}}).to_string();
        let run = ask(&[with_condition("Allow", &condition)], "--context x:A=v --context x:B=v");
        assert_eq!(run.decision(), "implicitDeny", "{operand}");
        assert!(run.warnings().join("\n").contains("literally"), "{operand}: {:?}", run.warnings());
    }
}

#[test]
fn a_variable_is_literal_text_without_the_version_of_2012() {
    let statement = with_condition("Allow", r#"{"StringEquals": {"x:A": "${x:B}"}}"#);
    for version in ["", r#""Version": "2008-10-17", "#] {
        let folder =
            Folder::new().with("key.json", format!("{{{version}\"Statement\": [{statement}]}}"));
        let ask = |value: &str| {
            folder.run_each([
                "--principal",
                "role/Web",
                "--action",
                "decrypt",
                "--key-policy",
                "key.json",
                "--format",
                "json",
                "--context",
                value,
                "--context",
                "x:B=v",
            ])
        };
        let run = ask("x:A=v");
        assert_eq!(run.decision(), "implicitDeny", "{version}");
        assert!(run.warnings().join("\n").contains("2012-10-17"), "{version}");
        assert_eq!(ask("x:A=${x:B}").decision(), "allowed", "{version}");
    }
}

#[test]
fn an_unresolved_variable_in_a_resource_matches_nothing() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "kms:*", "Resource": "arn:aws:kms:*:*:key/${aws:PrincipalTag/team}"}
    ]}"#;
    let folder = Folder::new().with("p.json", policy);
    let ask = |options: &str| {
        folder
            .run(&format!("--principal role/Web --account 123456789012 --identity-policy p.json --action decrypt --key web --format json {options}"))
            .decision()
    };
    assert_eq!(ask(""), "allowed");
    assert_eq!(ask("--context aws:PrincipalTag/team=web"), "explicitDeny");
    assert_eq!(ask("--context aws:PrincipalTag/team=*"), "allowed");
}

#[test]
fn what_is_likely_not_meant_is_told() {
    let table = [
        (r#"{"StringEquals": {"x:K": "a*"}}"#, "no wildcard"),
        (r#"{"StringEquals": {"kms:ViaServices": "x"}}"#, "did you mean `kms:ViaService`?"),
        (r#"{"StringEquals": {"aws:TagKeys": "x"}}"#, "several values"),
        (r#"{"ForAllValues:StringEquals": {"kms:ViaService": "x"}}"#, "without the key"),
        (r#"{"StringEquals": {"x:K": ["a", 1]}}"#, "different JSON types"),
        (r#"{"StringEquals": {}}"#, "tests nothing"),
        (r#"{"NoSuchOperator": {}}"#, "tests nothing"),
        (r#"{"StringEquals": {"x:K": []}}"#, "no values"),
        ("{}", "always applies"),
        (r#"{"NumericEquals": {"x:K": "${x:B}"}}"#, "${"),
    ];
    for (condition, told) in table {
        let warnings = ask(&[with_condition("Allow", condition)], "").warnings().join("\n");
        assert!(warnings.contains(told), "{condition}: {warnings}");
    }
}

#[test]
fn the_empty_tag_value_and_no_tag_are_two_things() {
    let text = "
account: '123456789012'
principals:
  role/Empty: {tags: {team: ''}}
  role/None: {}
keys: {app: {policy: key.json}}
";
    let policy = NAMING
        .replace("{\"AWS\": \"arn:aws:iam::123456789012:role/Web\"}", "\"*\"")
        .replace("\"Resource\": \"*\"", "\"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"aws:PrincipalTag/team\": \"\"}}");
    let folder = Folder::new().with("kms-sim.yaml", text).with("key.json", policy);
    folder.run("--principal role/Empty --action decrypt").exits(0);
    folder.run("--principal role/None --action decrypt").exits(1);
}
