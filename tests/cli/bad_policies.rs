//! Documents that are no policy: what AWS refuses is refused, and what AWS stores without
//! effect is loaded with a warning.

use crate::support::{Folder, IDENTITY, NAMING, Run};

const KEY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}
]}"#;

fn key_policy(text: &str) -> Run {
    Folder::new().with("p.json", text).run(
        "--principal role/Web --action decrypt --account 123456789012 --key-policy p.json --format json",
    )
}

fn identity_policy(text: &str) -> Run {
    Folder::new().with("p.json", text).run(
        "--principal role/Web --action decrypt --account 123456789012 --identity-policy p.json --format json",
    )
}

/// Each is a policy with one member in place of another: the place and pointer, and what is
/// said of it.
#[test]
fn what_aws_refuses_in_any_policy_is_refused_with_its_place() {
    let table = [
        ("\"Version\"", "\"version\"", "1:2", "/version", "did you mean `Version`?"),
        ("\"Statement\"", "\"statement\"", "1:27", "/statement", "`Statement`"),
        ("2012-10-17", "2012-10-18", "1:13", "/Version", "`2012-10-18`"),
        ("\"2012-10-17\"", "20121017", "1:13", "/Version", "number"),
        ("\"Effect\"", "\"effect\"", "2:", "/Statement/0", "`Effect`"),
        ("\"Allow\"", "\"allow\"", "2:", "/Statement/0/Effect", "did you mean `Allow`?"),
        ("\"Allow\"", "\" Allow\"", "2:", "/Statement/0/Effect", "` Allow`"),
        ("\"Allow\"", "true", "2:", "/Statement/0/Effect", "boolean"),
        ("\"Action\"", "\"Actions\"", "2:", "/Statement/0/Actions", "did you mean `Action`?"),
        (
            "\"Resource\"",
            "\"Resources\"",
            "2:",
            "/Statement/0/Resources",
            "did you mean `Resource`?",
        ),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"Conditions\": {}",
            "2:",
            "/Statement/0/Conditions",
            "did you mean `Condition`?",
        ),
        ("\"kms:*\"", "5", "2:", "/Statement/0/Action", "number"),
        ("\"kms:*\"", "null", "2:", "/Statement/0/Action", "null"),
        ("\"kms:*\"", "{}", "2:", "/Statement/0/Action", "object"),
        ("\"kms:*\"", "[[\"kms:*\"]]", "2:", "/Statement/0/Action/0", "list"),
        ("\"kms:*\"", "[\"kms:Decrypt\", 1]", "2:", "/Statement/0/Action/1", "number"),
        ("\"kms:*\"", "\"Decrypt\"", "2:", "/Statement/0/Action", "`kms:Decrypt`"),
        ("\"kms:*\"", "\"kms:Decrypt:x\"", "2:", "/Statement/0/Action", "one colon"),
        ("\"kms:*\"", "\"k*s:Decrypt\"", "2:", "/Statement/0/Action", "service prefix"),
        ("\"kms:*\"", "\"a a:Decrypt\"", "2:", "/Statement/0/Action", "service prefix"),
        ("\"kms:*\"", "\"\"", "2:", "/Statement/0/Action", "action"),
        (
            "\"kms:*\"",
            "\"kms:*\", \"NotAction\": \"kms:*\"",
            "2:",
            "/Statement/0/NotAction",
            "both",
        ),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"NotResource\": \"*\"",
            "2:",
            "/Statement/0/NotResource",
            "both",
        ),
        ("\"Resource\": \"*\"", "\"Resource\": 5", "2:", "/Statement/0/Resource", "number"),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": [\"*\", null]",
            "2:",
            "/Statement/0/Resource/1",
            "null",
        ),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"Sid\": 5",
            "2:",
            "/Statement/0/Sid",
            "number",
        ),
        ("\"Statement\": [", "\"Id\": 5, \"Statement\": [", "1:", "/Id", "number"),
    ];
    for (from, to, place, pointer, what) in table {
        let parts = [&format!("p.json:{place}"), pointer, what];
        let parts = parts.map(|part: &str| part);
        assert_ne!(KEY.replacen(from, to, 1), KEY, "{from}");
        key_policy(&KEY.replacen(from, to, 1)).refuses(&parts);
        identity_policy(&IDENTITY.replacen("\"Sid\": \"UseKeys\", ", "", 1).replacen(from, to, 1))
            .refuses(&parts);
    }
}

#[test]
fn a_condition_in_another_shape_is_refused_with_its_place() {
    let table = [
        ("[]", "/Condition", "expected an object"),
        ("\"x\"", "/Condition", "expected an object"),
        ("{\"Bool\": true}", "/Condition/Bool", "expected an object"),
        ("{\"Bool\": []}", "/Condition/Bool", "expected an object"),
        ("{\"Bool\": {\"a:b\": {}}}", "/Condition/Bool/a:b", "string, number or boolean"),
        ("{\"Bool\": {\"a:b\": null}}", "/Condition/Bool/a:b", "null"),
        ("{\"Bool\": {\"a:b\": [[true]]}}", "/Condition/Bool/a:b/0", "string, number or boolean"),
        (
            "{\"StringEqual\": {\"a:b\": \"x\"}}",
            "/Condition/StringEqual",
            "did you mean `StringEquals`",
        ),
        ("{\"ForAnyValue::StringEquals\": {\"a:b\": \"x\"}}", "/Condition", "condition operator"),
        ("{\"ForSomeValues:StringEquals\": {\"a:b\": \"x\"}}", "/Condition", "condition operator"),
        ("{\"NullIfExists\": {\"a:b\": \"true\"}}", "/Condition/NullIfExists", "`IfExists`"),
        (
            "{\"Bool\": {\"aws:MultiFactorAuthPresent\": true, \"AWS:multifactorauthpresent\": false}}",
            "/Condition/Bool",
            "in another case",
        ),
    ];
    for (condition, pointer, what) in table {
        let add = |policy: &str| {
            policy.replace(
                "\"Resource\": \"*\"",
                &format!("\"Resource\": \"*\",\n \"Condition\": {condition}"),
            )
        };
        let pointer = format!("/Statement/0{pointer}");
        key_policy(&add(KEY)).refuses(&["p.json:3:", &pointer, what]);
        identity_policy(&add(IDENTITY)).refuses(&["p.json:3:", &pointer, what]);
    }
}

#[test]
fn statements_in_another_shape_are_refused() {
    let table = [
        ("{\"Version\": \"2012-10-17\"}", "1:1", "`Statement`"),
        ("{\"Statement\": []}", "1:15", "at least one statement"),
        ("{\"Statement\": null}", "1:15", "statement"),
        ("{\"Statement\": \"x\"}", "1:15", "a statement"),
        ("{\"Statement\": [\"x\"]}", "1:16", "a statement"),
        ("{\"Statement\": [[]]}", "1:16", "a statement"),
        ("{\"Statement\": [{}]}", "1:16", "`Effect`"),
        (
            "{\"Statement\": {\"Action\": \"kms:*\", \"Resource\": \"*\", \"Principal\": \"*\"}}",
            "1:15",
            "`Effect`",
        ),
    ];
    for (text, place, what) in table {
        key_policy(text).refuses(&[&format!("p.json:{place}"), what]);
    }
}

#[test]
fn a_principal_that_names_nobody_is_refused_in_a_key_policy() {
    let table = [
        (
            "\"arn:aws:iam::123456789012:root\"",
            "/Principal",
            "write `{\"AWS\": \"arn:aws:iam::123456789012:root\"}`",
        ),
        ("[\"*\"]", "/Principal", "found a list"),
        ("{\"AWS\": 123456789012}", "/Principal/AWS", "expected a string"),
        ("{\"AWS\": \"arn:aws:iam::123456789012:role/*\"}", "/Principal/AWS", "without wildcards"),
        ("{\"AWS\": \"arn:aws:iam::*:root\"}", "/Principal/AWS", "`arn:aws:iam::*:root`"),
        ("{\"AWS\": [\"*\", \"role/Web\"]}", "/Principal/AWS/1", "`role/Web`"),
        ("{\"AWS\": \"12345678901\"}", "/Principal/AWS", "`12345678901`"),
        ("{\"AWS\": \"arn:aws:iam::123456789012:group/x\"}", "/Principal/AWS", "group"),
        ("{\"AWS\": \"logs.amazonaws.com\"}", "/Principal/AWS", "`logs.amazonaws.com`"),
        ("{\"Service\": \"*\"}", "/Principal/Service", "service principal"),
        ("{\"Service\": \"logs\"}", "/Principal/Service", "service principal"),
        ("{\"aws\": \"*\"}", "/Principal/aws", "did you mean `AWS`?"),
        ("{\"CanonicalUser\": \"79a5\"}", "/Principal/CanonicalUser", "canonical user"),
    ];
    for (principal, pointer, what) in table {
        let text = KEY.replace("\"Principal\": \"*\"", &format!("\"Principal\": {principal}"));
        key_policy(&text).refuses(&["p.json:2:", &format!("/Statement/0{pointer}"), what]);
    }
}

#[test]
fn a_key_policy_needs_principals_and_an_identity_policy_may_not_have_any() {
    key_policy(&KEY.replace("\"Principal\": \"*\", ", "")).refuses(&[
        "p.json:2:3",
        "`Principal`",
        "none",
    ]);
    key_policy(
        &KEY.replace("\"Principal\": \"*\"", "\"Principal\": \"*\", \"NotPrincipal\": \"*\""),
    )
    .refuses(&["p.json:2:", "both"]);
    key_policy(&KEY.replace("\"Principal\"", "\"NotPrincipal\"")).refuses(&["p.json:2:", "`Deny`"]);
    identity_policy(KEY).refuses(&["p.json:2:", "/Statement/0/Principal", "identity policy"]);
    identity_policy(&KEY.replace("\"Principal\"", "\"NotPrincipal\""))
        .refuses(&["p.json:2:", "/Statement/0/NotPrincipal"]);
}

#[test]
fn what_iam_alone_refuses_is_refused_in_identity_policies_alone() {
    let table = [
        ("\"Sid\": \"UseKeys\"", "\"Sid\": \"Use keys\"", "/Sid", "letters and digits"),
        ("\"Sid\": \"UseKeys\"", "\"Sid\": \"Use-keys\"", "/Sid", "letters and digits"),
        ("\"Action\": \"kms:*\", ", "", "", "`Action`"),
        (", \"Resource\": \"*\"", "", "", "`Resource`"),
        ("\"Action\": \"kms:*\"", "\"Action\": []", "", "`Action`"),
        ("\"Resource\": \"*\"", "\"Resource\": []", "", "`Resource`"),
        ("\"Resource\": \"*\"", "\"Resource\": \"key/x\"", "/Resource", "`*` or an ARN"),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"arn:other:kms:us-east-1:123456789012:key/x\"",
            "/Resource",
            "`other`",
        ),
        ("\"Resource\": \"*\"", "\"Resource\": \"arn:aws\"", "/Resource", "ARN"),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"Condition\": {\"DateLessThan\": {\"aws:CurrentTime\": \"soon\"}}",
            "/Condition/DateLessThan/aws:CurrentTime",
            "a date",
        ),
    ];
    for (from, to, pointer, what) in table {
        let pointer = format!("/Statement/0{pointer}");
        identity_policy(&IDENTITY.replace(from, to)).refuses(&["p.json:2:", &pointer, what]);
    }
    let twice = r#"{"Version": "2012-10-17", "Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": "kms:*", "Resource": "*"},
        {"Sid": "A", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    ]}"#;
    identity_policy(twice).refuses(&["p.json:3:17", "`A`"]);
    identity_policy(&twice.replace("\"A\"", "\"\"")).exits(0);
}

/// What only a stored key policy can hold, and the decision with it.
#[test]
fn what_aws_takes_no_more_in_a_key_policy_loads_with_a_warning() {
    let table = [
        ("\"Action\": \"kms:*\", ", "", "implicitDeny", "`Action`"),
        (", \"Resource\": \"*\"", "", "implicitDeny", "`Resource`"),
        ("\"Action\": \"kms:*\"", "\"Action\": []", "implicitDeny", "`Action`"),
        ("\"Resource\": \"*\"", "\"Resource\": []", "implicitDeny", "`Resource`"),
        ("\"Resource\": \"*\"", "\"Resource\": \"arn:aws:kms:*:*:key/*\"", "allowed", "is not `*`"),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"arn:aws:kms:*:*:key/other\"",
            "implicitDeny",
            "is not `*`",
        ),
        (
            "arn:aws:iam::123456789012:role/Web",
            "AROAEXAMPLEEXAMPLE01",
            "implicitDeny",
            "AROAEXAMPLEEXAMPLE01",
        ),
        ("kms:*", "kms:Decript", "implicitDeny", "did you mean `kms:Decrypt`"),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"Condition\": {\"StringEquals\": {\"kms:ViaServices\": \"x\"}}",
            "implicitDeny",
            "did you mean `kms:ViaService`?",
        ),
        (
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"Condition\": {\"stringequals\": {\"kms:CallerAccount\": \"123456789012\"}}",
            "allowed",
            "`StringEquals`",
        ),
    ];
    for (from, to, decision, what) in table {
        assert!(NAMING.contains(from), "{from}");
        let run = key_policy(&NAMING.replace(from, to));
        assert_eq!(run.decision(), decision, "{to}");
        let warnings = run.warnings().join("\n");
        assert!(warnings.contains(what), "{to}: {warnings:?}");
    }
}

#[test]
fn a_policy_over_its_quota_loads_with_a_warning_and_one_at_it_without() {
    let padded = |policy: &str, size: usize| {
        let empty =
            policy.replace("\"Sid\": \"Name\"", "\"Sid\": \"\"").replace("\"UseKeys\"", "\"\"");
        let sid = "a".repeat(size - empty.len());
        empty.replacen("\"Sid\": \"\"", &format!("\"Sid\": \"{sid}\""), 1)
    };
    for (size, warned) in [(32_768, false), (32_769, true)] {
        let run = key_policy(&padded(NAMING, size));
        assert_eq!(run.decision(), "allowed");
        let warnings = run.warnings().join("\n");
        assert_eq!(warnings.contains("32768"), warned, "{size}: {warnings}");
    }
    // White space does not count towards the quota of an identity policy.
    let spaced = IDENTITY.replace("\"Effect\"", &format!("{}\"Effect\"", " ".repeat(20_000)));
    assert!(!identity_policy(&spaced).warnings().join("\n").contains("10240"));
    let long = padded(IDENTITY, 11_000);
    assert!(identity_policy(&long).warnings().join("\n").contains("10240"));
}

#[test]
fn what_aws_takes_is_taken_without_a_word() {
    let key_policies = [
        NAMING.replace("\"Version\": \"2012-10-17\", ", ""),
        NAMING.replace("2012-10-17", "2008-10-17"),
        NAMING.replace("\"Version\"", "\"Id\": \"key-default-1\", \"Version\""),
        NAMING.replace("Statement\": [", "Statement\": ").replace("]}", "}"),
        NAMING.replace("\"kms:*\"", "[\"kms:*\"]"),
        NAMING.replace("kms:*", "KMS:decrypt"),
        NAMING.replace("kms:*", "*"),
        NAMING.replace("\"Name\"", "\"Allow use of the key\""),
        NAMING.replace(
            "\"arn:aws:iam::123456789012:role/Web\"",
            "[\"arn:aws:iam::123456789012:role/Web\"]",
        ),
        NAMING.replace(
            "\"Resource\": \"*\"",
            "\"Resource\": \"*\", \"Condition\": {\"Bool\": {\"aws:SecureTransport\": true}}",
        ),
        NAMING.replace("kms:*", "s3:GetObject\", \"kms:*").replace(
            "\"Action\": \"s3:GetObject\", \"kms:*\"",
            "\"Action\": [\"s3:GetObject\", \"kms:*\"]",
        ),
    ];
    for text in key_policies {
        let run = key_policy(&text);
        assert_eq!(run.decision(), "allowed", "{text}");
        assert_eq!(run.warnings(), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn a_for_all_values_over_the_encryption_context_is_refused_in_a_key_policy() {
    for key in ["kms:EncryptionContext:app", "aws:RequestTag/team"] {
        let condition =
            format!("\"Condition\": {{\"ForAllValues:StringEquals\": {{\"{key}\": \"x\"}}}}");
        let add = |policy: &str| {
            policy.replace("\"Resource\": \"*\"", &format!("\"Resource\": \"*\", {condition}"))
        };
        key_policy(&add(NAMING)).refuses(&[
            "p.json:2:",
            "`ForAllValues`",
            "OverlyPermissiveCondition",
        ]);
        identity_policy(&add(IDENTITY)).exits(0);
    }
}

#[test]
fn condition_keys_that_a_key_policy_may_not_use_are_refused_there() {
    for key in ["aws:ResourceTag/team", "kms:ResourceTag/team", "kms:ResourceAliases"] {
        let condition = format!("\"Condition\": {{\"StringEquals\": {{\"{key}\": \"x\"}}}}");
        let text =
            NAMING.replace("\"Resource\": \"*\"", &format!("\"Resource\": \"*\", {condition}"));
        key_policy(&text).refuses(&["p.json:2:", key, "key policy"]);
    }
}
