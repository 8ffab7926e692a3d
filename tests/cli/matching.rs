//! Patterns, ARNs and principals: the answers where a matcher of another kind would differ.

use std::time::Instant;

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

/// Whether the pattern of a `StringLike` in a key policy admits a value of the request.
fn like(operator: &str, pattern: &str, value: &str) -> bool {
    let condition = serde_json::json!({operator: {"x:Value": pattern}});
    let policy = NAMING.replace(
        "\"Resource\": \"*\"",
        &format!("\"Resource\": \"*\", \"Condition\": {condition}"),
    );
    let folder = Folder::new().with("key.json", policy);
    let value = format!("x:Value={value}");
    let run = folder.run_each([
        "--principal",
        "role/Web",
        "--action",
        "decrypt",
        "--key-policy",
        "key.json",
        "--format",
        "json",
        "--context",
        &value,
    ]);
    run.decision() == "allowed"
}

#[test]
fn only_star_and_question_mark_are_wildcards() {
    let table = [
        ("*", "", true),
        ("", "", true),
        ("", "a", false),
        ("?", "a", true),
        ("?", "", false),
        ("?", "\u{e9}", true),
        ("??", "\u{e9}", false),
        ("**", "", true),
        ("*?*", "", false),
        ("*?*", "a", true),
        ("a*", "ab/c:d", true),
        ("*b", "a\nb", true),
        ("a?b", "a\nb", true),
        ("[ab]", "a", false),
        ("[ab]", "[ab]", true),
        ("{a,b}", "a", false),
        ("{a,b}", "{a,b}", true),
        ("!a", "b", false),
        ("\\*", "*", false),
        ("\\*", "\\x", true),
        ("a.c", "abc", false),
        ("a+", "aa", false),
        ("(a|b)", "a", false),
        ("^a$", "a", false),
        ("^a$", "^a$", true),
        ("a*c", "abcd", false),
        ("*a*b*", "xxaxxbxx", true),
        ("A", "a", false),
    ];
    for (pattern, value, expected) in table {
        assert_eq!(like("StringLike", pattern, value), expected, "{pattern:?} {value:?}");
    }
}

#[test]
fn a_star_under_string_equals_is_a_star() {
    assert!(!like("StringEquals", "*", "anything"));
    assert!(!like("StringEquals", "a*", "ab"));
    assert!(like("StringEquals", "a*", "a*"));
}

#[test]
fn ignoring_case_is_for_ascii_letters_alone() {
    let table = [
        ("ABC", "abc", true),
        ("\u{df}", "ss", false),
        ("\u{e9}", "\u{c9}", false),
        ("k", "\u{212a}", false),
        ("i", "\u{131}", false),
        ("\u{e9}", "e\u{301}", false),
    ];
    for (pattern, value, expected) in table {
        assert_eq!(
            like("StringEqualsIgnoreCase", pattern, value),
            expected,
            "{pattern:?} {value:?}"
        );
    }
}

#[test]
fn many_wildcards_against_a_long_text_take_no_time() {
    let pattern = "a*".repeat(30) + "b";
    let started = Instant::now();
    assert!(!like("StringLike", &pattern, &"a".repeat(4_000)));
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[test]
fn arn_like_compares_part_by_part() {
    let table = [
        ("ArnLike", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket/a/b", true),
        ("ArnLike", "arn:aws:*:*", "arn:aws:s3:::bucket", false),
        ("StringLike", "arn:aws:*:*", "arn:aws:s3:::bucket", true),
        (
            "ArnLike",
            "arn:aws:sns:*:123456789012:*",
            "arn:aws:sns:us-east-1:x:123456789012:t",
            false,
        ),
        (
            "StringLike",
            "arn:aws:sns:*:123456789012:*",
            "arn:aws:sns:us-east-1:x:123456789012:t",
            true,
        ),
        (
            "ArnLike",
            "arn:aws:logs:*:*:log-group:*",
            "arn:aws:logs:us-east-1:123456789012:log-group:a:b",
            true,
        ),
        ("ArnEquals", "arn:aws:s3:::*", "arn:aws:s3:::bucket", true),
        ("ArnLike", "*", "arn:aws:s3:::bucket", false),
        ("ArnLike", "arn:*", "arn:aws:s3:::bucket", false),
        ("ArnLike", "arn:aws:s3:::bucket", "no arn", false),
        ("ArnLike", "arn:aws:s3:::bucket", "", false),
        ("ArnLike", "no arn", "no arn", false),
        ("ArnNotLike", "arn:aws:s3:::bucket", "no arn", true),
    ];
    for (operator, pattern, value, expected) in table {
        assert_eq!(like(operator, pattern, value), expected, "{operator} {pattern} {value}");
    }
}

fn ask_identity(policy: &str, options: &str) -> Run {
    Folder::new().with("p.json", policy).run(&format!(
        "--principal role/Web --account 123456789012 --identity-policy p.json --format json {options}"
    ))
}

#[test]
fn a_resource_pattern_matches_part_by_part_and_across_slashes() {
    let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let table = [
        ("*", "allowed"),
        (key, "allowed"),
        ("arn:aws:kms:us-east-1:123456789012:key/*", "allowed"),
        ("arn:aws:kms:*:*:key/*", "allowed"),
        ("arn:*:kms:us-east-1:123456789012:key/1234????-*", "allowed"),
        ("arn:aws:kms:us-east-1:123456789012:*", "allowed"),
        ("arn:aws:kms:eu-west-1:123456789012:key/*", "implicitDeny"),
        ("arn:aws:kms:us-east-1:111122223333:key/*", "implicitDeny"),
        ("arn:aws:kms:us-east-1:123456789012:alias/*", "implicitDeny"),
        ("arn:aws-cn:kms:us-east-1:123456789012:key/*", "implicitDeny"),
        ("arn:aws:kms:us-east-1:123456789012:KEY/*", "implicitDeny"),
        ("arn:aws:s3:::bucket/*", "implicitDeny"),
    ];
    for (resource, decision) in table {
        let policy =
            IDENTITY.replace("\"Resource\": \"*\"", &format!("\"Resource\": \"{resource}\""));
        assert_eq!(ask_identity(&policy, "--action decrypt").decision(), decision, "{resource}");
    }
}

#[test]
fn an_alias_arn_in_a_policy_gives_no_use_of_the_key() {
    let policy = IDENTITY.replace("\"*\"", "\"arn:aws:kms:us-east-1:123456789012:alias/app\"");
    let run = ask_identity(&policy, "--action decrypt --key alias/app");
    assert_eq!(run.decision(), "implicitDeny");
    assert!(run.warnings().join("\n").contains("alias"), "{:?}", run.warnings());
}

#[test]
fn a_short_arn_pattern_has_an_answer_or_a_reason() {
    for resource in [
        "arn:*",
        "arn:aws:kms:*",
        "arn:aws:*:*",
        "arn:aws:kms:::",
        "arn:aws:kms:us-east-1:123456789012:key/a:b:c:d",
    ] {
        let policy =
            IDENTITY.replace("\"Resource\": \"*\"", &format!("\"Resource\": \"{resource}\""));
        let run = ask_identity(&policy, "--action decrypt");
        assert!(matches!(run.status(), Some(0..=2)), "{resource}: {run:?}");
    }
}

#[test]
fn action_patterns_cover_whole_names_whatever_their_case() {
    let table = [
        ("kms:Decrypt", "Decrypt", "allowed"),
        ("KMS:decrypt", "Decrypt", "allowed"),
        ("kms:De*", "Decrypt", "allowed"),
        ("kms:D?crypt", "Decrypt", "allowed"),
        ("kms:*Data*", "GenerateDataKey", "allowed"),
        ("kms:Delete*", "ScheduleKeyDeletion", "implicitDeny"),
        ("kms:GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "implicitDeny"),
        ("kms:GenerateDataKey*", "GenerateDataKeyWithoutPlaintext", "allowed"),
        ("kms:Crypt", "Decrypt", "implicitDeny"),
        ("s3:*", "Decrypt", "implicitDeny"),
        ("*:*", "Decrypt", "allowed"),
        ("*", "Decrypt", "allowed"),
        ("kms:", "Decrypt", "implicitDeny"),
    ];
    for (pattern, action, decision) in table {
        let policy = IDENTITY.replace("kms:*", pattern);
        let run = ask_identity(&policy, &format!("--action {action}"));
        assert_eq!(run.decision(), decision, "{pattern} {action}");
    }
}

#[test]
fn a_deny_in_another_case_still_denies() {
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "KMS:dECRYPT", "Resource": "*"}
    ]}"#;
    assert_eq!(ask_identity(policy, "--action decrypt").decision(), "explicitDeny");
    assert_eq!(ask_identity(policy, "--action encrypt").decision(), "allowed");
}

#[test]
fn the_order_of_statements_and_policies_never_matters() {
    let allow = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    let deny = r#"{"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}"#;
    let policy = |statements: &[&str]| {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, statements.join(", "))
    };
    let folder = Folder::new().with("a.json", policy(&[allow])).with("d.json", policy(&[deny]));
    folder.write("ad.json", policy(&[allow, deny]));
    folder.write("da.json", policy(&[deny, allow]));
    for files in [&["ad.json"][..], &["da.json"], &["a.json", "d.json"], &["d.json", "a.json"]] {
        let options: Vec<String> =
            files.iter().map(|file| format!("--identity-policy {file}")).collect();
        let run = folder.run(&format!(
            "--principal role/Web --account 123456789012 --action decrypt --format json {}",
            options.join(" ")
        ));
        assert_eq!(run.decision(), "explicitDeny", "{files:?}");
    }
}

#[test]
fn not_action_and_not_resource_cover_all_but_what_they_list() {
    let policy =
        IDENTITY.replace("\"Action\": \"kms:*\"", "\"NotAction\": [\"kms:Decrypt\", \"kms:Put*\"]");
    assert_eq!(ask_identity(&policy, "--action decrypt").decision(), "implicitDeny");
    assert_eq!(ask_identity(&policy, "--action PutKeyPolicy").decision(), "implicitDeny");
    assert_eq!(ask_identity(&policy, "--action encrypt").decision(), "allowed");
    let policy =
        IDENTITY.replace("\"Resource\": \"*\"", "\"NotResource\": \"arn:aws:kms:*:*:key/secret\"");
    assert_eq!(ask_identity(&policy, "--action decrypt --key secret").decision(), "implicitDeny");
    assert_eq!(ask_identity(&policy, "--action decrypt --key other").decision(), "allowed");
}

#[test]
fn re_encrypt_asked_as_one_action_names_the_two_that_it_needs() {
    Folder::new()
        .run("--principal role/WebAppInstanceRole --action ReEncrypt")
        .refuses(&["kms:ReEncryptFrom", "kms:ReEncryptTo"]);
    Folder::new()
        .run("--principal role/WebAppInstanceRole --action ReEncryptFrom --action ReEncryptTo")
        .exits(0);
}

/// A key policy for one principal, asked by another.
fn named(principal: &str, caller: &str) -> String {
    let policy = DELEGATING.replace("{\"AWS\": \"arn:aws:iam::123456789012:root\"}", principal);
    Folder::new()
        .with("key.json", policy)
        .run(&format!(
            "--account 123456789012 --key-policy key.json --action decrypt --format json --principal {caller}"
        ))
        .decision()
}

#[test]
fn a_statement_names_exactly_whom_it_names() {
    let role = r#"{"AWS": "arn:aws:iam::123456789012:role/team/Web"}"#;
    let root = r#"{"AWS": "arn:aws:iam::123456789012:root"}"#;
    let logs = r#"{"Service": "logs.us-east-1.amazonaws.com"}"#;
    let table = [
        (role, "role/team/Web", "allowed"),
        (role, "role/Web", "implicitDeny"),
        (role, "role/team/web", "implicitDeny"),
        (role, "role/other/Web", "implicitDeny"),
        (role, "user/team/Web", "implicitDeny"),
        (role, "arn:aws:sts::123456789012:assumed-role/Other/team", "implicitDeny"),
        // The account in a statement is its IAM policies and its root user, and not every role.
        (root, "root", "allowed"),
        (root, "role/Web", "implicitDeny"),
        (root, "arn:aws:iam::111122223333:root", "implicitDeny"),
        (r#"{"AWS": "123456789012"}"#, "root", "allowed"),
        (r#"{"AWS": "AROAEXAMPLEEXAMPLE01"}"#, "role/Web", "implicitDeny"),
        (logs, "logs.us-east-1.amazonaws.com", "allowed"),
        (logs, "logs.eu-west-1.amazonaws.com", "implicitDeny"),
        (logs, "logs.amazonaws.com", "implicitDeny"),
        (logs, "logs.us-east-1.amazonaws.com.cn", "implicitDeny"),
        (r#"{"Federated": "cognito-identity.amazonaws.com"}"#, "role/Web", "implicitDeny"),
        ("\"*\"", "role/Web", "allowed"),
        ("\"*\"", "logs.us-east-1.amazonaws.com", "allowed"),
        ("{}", "role/Web", "implicitDeny"),
        (r#"{"AWS": []}"#, "role/Web", "implicitDeny"),
    ];
    for (principal, caller, decision) in table {
        assert_eq!(named(principal, caller), decision, "{principal} {caller}");
    }
}

#[test]
fn roles_under_the_paths_of_aws_keep_their_own_name() {
    for path in [
        "service-role/Web",
        "aws-reserved/sso.amazonaws.com/eu-west-1/Web",
        "aws-service-role/x.amazonaws.com/Web",
    ] {
        let principal = format!(r#"{{"AWS": "arn:aws:iam::123456789012:role/{path}"}}"#);
        assert_eq!(named(&principal, &format!("role/{path}")), "allowed", "{path}");
        assert_eq!(named(&principal, "role/Web"), "implicitDeny", "{path}");
    }
}
