use super::*;
use crate::document::{Format, Source};

fn read(text: &str, kind: Kind) -> Result<Policy, InputError> {
    let source = Source::from_bytes("p.json", text.as_bytes().to_vec())?;
    from_document(&Document::parse(source, Format::Json)?, kind)
}

/// A key policy of one statement, with these members added to, or put in place of, good ones.
fn key_statement(members: &str) -> Result<Policy, InputError> {
    let mut good = vec![
        ("Effect", r#""Effect": "Allow""#),
        ("Principal", r#""Principal": "*""#),
        ("Action", r#""Action": "kms:*""#),
        ("Resource", r#""Resource": "*""#),
    ];
    good.retain(|(name, _)| {
        !members.contains(&format!("\"{name}\"")) && !members.contains(&format!("\"Not{name}\""))
    });
    let good: Vec<&str> = good.into_iter().map(|(_, member)| member).collect();
    let all = [members, &good.join(", ")].join(if members.is_empty() { "" } else { ", " });
    read(&format!(r#"{{"Version": "2012-10-17", "Statement": [{{{all}}}]}}"#), Kind::Key)
}

fn identity_statement(members: &str) -> Result<Policy, InputError> {
    read(
        &format!(r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", {members}}}]}}"#),
        Kind::Identity,
    )
}

#[test]
fn what_aws_refuses_is_refused_with_its_pointer() {
    let table = [
        (r#""effect": "Allow""#, "`effect`", "/Statement/0/effect"),
        (r#""Conditions": {}"#, "did you mean `Condition`?", "/Statement/0/Conditions"),
        (r#""Effect": "allow""#, "found `allow`", "/Statement/0/Effect"),
        (r#""Effect": " Allow""#, "found ` Allow`", "/Statement/0/Effect"),
        (r#""Action": "kms:*", "NotAction": "kms:*""#, "found both", "/Statement/0/NotAction"),
        (r#""Resource": "*", "NotResource": "*""#, "found both", "/Statement/0/NotResource"),
        (r#""Principal": "*", "NotPrincipal": "*""#, "found both", "/Statement/0/NotPrincipal"),
        (r#""NotPrincipal": {"AWS": "*"}"#, "only with `Deny`", "/Statement/0/NotPrincipal"),
        (
            r#""Principal": "arn:aws:iam::123456789012:root""#,
            "{\"AWS\": ",
            "/Statement/0/Principal",
        ),
        (r#""Principal": ["*"]"#, "found a list", "/Statement/0/Principal"),
        (r#""Principal": {"aws": "*"}"#, "did you mean `AWS`?", "/Statement/0/Principal/aws"),
        (r#""Principal": {"AWS": 123456789012}"#, "quotation marks", "/Statement/0/Principal/AWS"),
        (
            r#""Principal": {"AWS": ["*", "arn:aws:iam::123456789012:role/*"]}"#,
            "without wildcards",
            "/Statement/0/Principal/AWS/1",
        ),
        (
            r#""Principal": {"AWS": "arn:aws:iam::123456789012:group/x"}"#,
            "a group is not a principal",
            "/Statement/0/Principal/AWS",
        ),
        (
            r#""Principal": {"CanonicalUser": "x"}"#,
            "Amazon S3",
            "/Statement/0/Principal/CanonicalUser",
        ),
        (
            r#""Principal": {"Service": "*"}"#,
            "a service principal",
            "/Statement/0/Principal/Service",
        ),
        (r#""Action": "kms=Decrypt""#, "one colon", "/Statement/0/Action"),
        (r#""Action": ["kms:Decrypt", "Decrypt"]"#, "one colon", "/Statement/0/Action/1"),
        (r#""Action": "kms:a:b""#, "one colon", "/Statement/0/Action"),
        (r#""Action": "k*:Decrypt""#, "no wildcard", "/Statement/0/Action"),
        (r#""Action": 7"#, "the number `7`", "/Statement/0/Action"),
        (r#""Action": [["kms:*"]]"#, "found a list", "/Statement/0/Action/0"),
        (r#""Sid": 1"#, "expected a string", "/Statement/0/Sid"),
        (r#""Condition": []"#, "expected an object", "/Statement/0/Condition"),
        (
            r#""Condition": {"StringEqual": {"aws:x": "y"}}"#,
            "`StringEquals`",
            "/Statement/0/Condition/StringEqual",
        ),
        (
            r#""Condition": {"NullIfExists": {"aws:x": "true"}}"#,
            "no form with `IfExists`",
            "/Statement/0/Condition/NullIfExists",
        ),
        (
            r#""Condition": {"StringEquals": "x"}"#,
            "expected an object",
            "/Statement/0/Condition/StringEquals",
        ),
        (
            r#""Condition": {"StringEquals": {"aws:x": {}}}"#,
            "string, number or boolean",
            "/Statement/0/Condition/StringEquals/aws:x",
        ),
        (
            r#""Condition": {"StringEquals": {"aws:x": [["a"]]}}"#,
            "string, number or boolean",
            "/Statement/0/Condition/StringEquals/aws:x/0",
        ),
        (
            r#""Condition": {"StringEquals": {"aws:x": "a", "AWS:X": "b"}}"#,
            "in another case",
            "/Statement/0/Condition/StringEquals/AWS:X",
        ),
        (
            r#""Condition": {"StringEquals": {"aws:ResourceTag/a": "b"}}"#,
            "not permitted in a key policy",
            "/Statement/0/Condition/StringEquals/aws:ResourceTag~1a",
        ),
        (
            r#""Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/a"}}"#,
            "not permitted",
            "/Statement/0/Condition/ForAnyValue:StringEquals/kms:ResourceAliases",
        ),
        (
            r#""Condition": {"ForAllValues:StringEquals": {"kms:EncryptionContext:a": "b"}}"#,
            "OverlyPermissiveCondition",
            "/Statement/0/Condition/ForAllValues:StringEquals/kms:EncryptionContext:a",
        ),
        ("\"Sid\": \"\\u0000\"", "U+0000", "/Statement/0/Sid"),
        (r#""Sid": "＊""#, "U+FF0A", "/Statement/0/Sid"),
    ];
    for (members, message, pointer) in table {
        let error = key_statement(members).map(|_| members).unwrap_err();
        assert!(error.to_string().contains(message), "{members}: {error}");
        assert_eq!(error.place().pointer, pointer, "{members}: {error}");
    }
}

#[test]
fn documents_that_are_no_policy_are_refused() {
    let table = [
        ("{}", "expected a member `Statement`"),
        (r#"{"statement": []}"#, "did you mean `Statement`?"),
        (r#"{"Statement": []}"#, "at least one statement"),
        (r#"{"Statement": "x"}"#, "a statement, which is an object"),
        (r#"{"Statement": ["x"]}"#, "a statement, which is an object"),
        (r#"{"Version": "2012-10-18", "Statement": []}"#, "`\"2012-10-17\"`"),
        (r#"{"version": "2012-10-17", "Statement": []}"#, "did you mean `Version`?"),
        (r#""{\"Statement\": []}""#, "inside a JSON string"),
        (r#""%7B%22Statement%22""#, "URL-encoded"),
        ("[]", "a policy, which is an object"),
        (
            r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}"#,
            "expected `Principal`",
        ),
    ];
    for (text, message) in table {
        let error = read(text, Kind::Key).unwrap_err().to_string();
        assert!(error.contains(message), "{text}: {error}");
    }
}

#[test]
fn identity_policies_are_held_to_the_rules_of_iam() {
    let table = [
        (r#""Principal": "*", "Action": "kms:*", "Resource": "*""#, "no `Principal`"),
        (r#""Action": [], "Resource": "*""#, "at least one value"),
        (r#""Resource": "*""#, "at least one value"),
        (r#""Action": "kms:*""#, "at least one value"),
        (r#""Action": "kms:*", "Resource": "alias/app""#, "expected `*` or an ARN"),
        (r#""Action": "kms:*", "Resource": "arn:*""#, "names its service"),
        (r#""Action": "kms:*", "Resource": "arn:a*:kms:*:*:*""#, "expected a partition"),
        (r#""Action": "kms:*", "Resource": ["*", null]"#, "expected a string, found null"),
        (r#""Sid": "a b", "Action": "kms:*", "Resource": "*""#, "letters and digits"),
        (
            r#""Action": "kms:*", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "soon"}}"#,
            "expected a date",
        ),
    ];
    for (members, message) in table {
        let error = identity_statement(members).unwrap_err().to_string();
        assert!(error.contains(message), "{members}: {error}");
    }
    let twice = r#"{"Statement": [
        {"Sid": "A", "Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Sid": "A", "Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    assert!(read(twice, Kind::Identity).unwrap_err().to_string().contains("`A` again"));
    assert!(identity_statement(r#""Action": "kms:*", "Resource": "arn:*:kms:*:*:key/*""#).is_ok());
}

#[test]
fn what_aws_once_stored_or_only_warns_of_is_read_with_a_warning() {
    let table = [
        (r#""Action": []"#, "no effect"),
        (r#""Resource": []"#, "no effect"),
        (r#""Resource": "arn:aws:dynamodb:us-east-1:123456789012:table/x""#, "is not `*`"),
        (r#""Action": "kms:Decript""#, "did you mean `kms:Decrypt`"),
        (r#""Principal": {"AWS": []}"#, "no principal is named"),
        (r#""Principal": {"Federated": "accounts.example"}"#, "matches nobody"),
        (r#""Principal": {"AWS": "AROAEXAMPLEID"}"#, "was deleted"),
        (r#""Condition": {}"#, "always applies"),
        (r#""Condition": {"Nonsense": {}}"#, "tests nothing"),
        (r#""Condition": {"stringequals": {"aws:username": "x"}}"#, "spelled `StringEquals`"),
        (r#""Condition": {"StringEquals": {"aws:username": []}}"#, "no values"),
        (r#""Condition": {"StringEquals": {"aws:username": ["a", 1]}}"#, "different JSON types"),
        (r#""Condition": {"StringEquals": {"aws:username": "a*"}}"#, "no wildcard here"),
        (
            r#""Condition": {"StringEquals": {"kms:ViaServices": "x"}}"#,
            "did you mean `kms:ViaService`",
        ),
        (r#""Condition": {"NumericLessThan": {"kms:RotationPeriodInDays": "x"}}"#, "never matches"),
        (r#""Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/33"}}"#, "never matches"),
        (
            r#""Condition": {"Bool": {"aws:SecureTransport": "${aws:username}"}}"#,
            "no policy variables",
        ),
        (r#""Condition": {"StringEquals": {"aws:username": "${"}}"#, "taken literally"),
        (r#""Condition": {"StringEquals": {"kms:EncryptionContextKeys": "a"}}"#, "several values"),
        (r#""Condition": {"ForAllValues:StringEquals": {"aws:username": "a"}}"#, "without the key"),
        (r#""Condition": {"ArnLike": {"aws:PrincipalArn": "*"}}"#, "six parts"),
    ];
    for (members, message) in table {
        let policy = key_statement(members).unwrap_or_else(|error| panic!("{members}: {error}"));
        let warnings: Vec<String> = policy.warnings().iter().map(ToString::to_string).collect();
        assert!(
            warnings.iter().any(|warning| warning.contains(message)),
            "{members}: {warnings:?}"
        );
    }
}

#[test]
fn a_policy_of_any_usual_form_is_read_without_a_warning() {
    for members in [
        "",
        r#""Sid": "Allow use of the key""#,
        r#""Principal": {"AWS": ["123456789012", "arn:aws:iam::123456789012:role/A"], "Service": "logs.us-east-1.amazonaws.com"}"#,
        r#""Action": ["KMS:decrypt", "*", "*:*", "s3:GetObject", "kms:Re*"]"#,
        r#""Condition": {"Bool": {"kms:GrantIsForAWSResource": true}, "NumericLessThan": {"kms:RotationPeriodInDays": 90}}"#,
        "\"Sid\": \"Cl\u{e9}\",\r\n\"Condition\": {\"StringLike\": {\"kms:EncryptionContext:aws:s3:arn\": \"arn:aws:s3:::b\\/*\"}}",
    ] {
        let policy = key_statement(members).unwrap_or_else(|error| panic!("{members}: {error}"));
        assert!(policy.warnings().is_empty(), "{members}: {:?}", policy.warnings());
    }
}

#[test]
fn what_the_cli_prints_around_a_policy_is_unwrapped() {
    let statement = r#"{"Effect": "Allow", "Action": "kms:*", "Resource": "*"}"#;
    for (text, place) in [
        (
            format!(
                r#"{{"PolicyVersion": {{"Document": {{"Statement": [{statement}]}}, "VersionId": "v1"}}}}"#
            ),
            "/PolicyVersion/Document/Statement/0",
        ),
        (
            format!(
                r#"{{"RoleName": "r", "PolicyName": "p", "PolicyDocument": {{"Statement": {statement}}}}}"#
            ),
            "/PolicyDocument/Statement",
        ),
    ] {
        let policy = read(&text, Kind::Identity).unwrap();
        assert_eq!(policy.place(&policy.statements()[0]).pointer, place);
    }
    let key = r#"{"Policy": "{\n  \"Statement\" : [ {\n \"Effect\": \"allow\"} ]}", "PolicyName": "default"}"#;
    let error = read(key, Kind::Key).unwrap_err().to_string();
    assert!(error.starts_with("p.json#/Policy:3:12: "), "{error}");
}

#[test]
fn a_resource_control_policy_only_denies_everybody_by_action() {
    let table = [
        (r#""Effect": "Deny", "Principal": "*", "Action": "kms:*""#, None),
        (r#""Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": ["kms:*"]"#, None),
        (r#""Effect": "Allow", "Principal": "*", "Action": "*""#, None),
        (r#""Effect": "Allow", "Principal": "*", "Action": "kms:*""#, Some("only deny")),
        (
            r#""Effect": "Deny", "Principal": {"AWS": "123456789012"}, "Action": "kms:*""#,
            Some("only principal"),
        ),
        (r#""Effect": "Deny", "NotPrincipal": "*", "Action": "kms:*""#, Some("no `NotPrincipal`")),
        (r#""Effect": "Deny", "Principal": "*", "NotAction": "kms:*""#, Some("no `NotAction`")),
        (r#""Effect": "Deny", "Action": "kms:*""#, Some("`Principal`")),
    ];
    for (members, expected) in table {
        let text = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{{members}, "Resource": "*"}}]}}"#
        );
        let found = read(&text, Kind::ResourceControl).err().map(|error| error.to_string());
        match (&found, expected) {
            (None, None) => {}
            (Some(error), Some(part)) if error.contains(part) => {}
            _ => panic!("{members}: expected {expected:?}, found {found:?}"),
        }
    }
    let old = r#"{"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*"}]}"#;
    assert!(read(old, Kind::ResourceControl).unwrap_err().to_string().contains("`Version`"));
}

#[test]
fn only_policies_of_resources_have_principals_and_only_key_policies_may_lack_elements() {
    let with = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;
    let without = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}"#;
    for kind in [Kind::Key, Kind::ResourceControl, Kind::VpcEndpoint] {
        assert!(read(with, kind).is_ok() && read(without, kind).is_err(), "{kind:?}");
    }
    for kind in [Kind::Identity, Kind::PermissionsBoundary, Kind::ServiceControl, Kind::Session] {
        assert!(read(with, kind).is_err() && read(without, kind).is_ok(), "{kind:?}");
        let no_action = r#"{"Statement": [{"Effect": "Deny", "Resource": "*"}]}"#;
        assert!(read(no_action, kind).is_err(), "{kind:?}");
    }
}

#[test]
fn what_organizations_prints_around_a_policy_is_unwrapped() {
    let text = r#"{"Policy": {"PolicySummary": {"Id": "p-1"},
        "Content": "{\"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Deny\", \"Action\": \"kms:*\", \"Resource\": \"*\"}}"}}"#;
    assert_eq!(read(text, Kind::ServiceControl).unwrap().statements().len(), 1);
}
