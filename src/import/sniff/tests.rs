use super::*;

fn kinds(name: &str, text: &str) -> Result<Vec<Kind>, String> {
    let found = sniff(&Source::new(name, text)).map_err(|error| error.to_string())?;
    Ok(found.into_iter().map(|found| found.kind).collect())
}

#[test]
fn each_document_is_known_by_its_members() {
    let table = [
        (Kind::TerraformPlan, r#"{"format_version": "1.2", "planned_values": {}}"#),
        (Kind::TerraformPlan, r#"{"format_version": "0.1", "resource_changes": []}"#),
        (Kind::TerraformState, r#"{"format_version": "1.0", "values": {}}"#),
        (Kind::TerraformStateFile, r#"{"version": 4, "lineage": "x", "resources": []}"#),
        (Kind::OldTerraformStateFile, r#"{"version": 3, "modules": []}"#),
        (Kind::CloudFormationTemplate, r#"{"Resources": {"K": {"Type": "AWS::KMS::Key"}}}"#),
        (
            Kind::CloudFormationTemplate,
            r#"{"TemplateBody": "{\"Resources\": {\"K\": {\"Type\": \"AWS::KMS::Key\"}}}"}"#,
        ),
        (Kind::CdkManifest, r#"{"version": "36.0.0", "artifacts": {}}"#),
        (Kind::CloudTrail, r#"{"Records": [{"eventSource": "kms.amazonaws.com"}]}"#),
        (Kind::CloudTrail, r#"{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt"}"#),
        (Kind::CloudTrail, r#"{"Events": [{"CloudTrailEvent": "{}"}]}"#),
        (Kind::CloudTrail, r#"{"detail": {"eventSource": "kms.amazonaws.com"}}"#),
        (Kind::CloudTrail, r#"{"QueryResultRows": []}"#),
        (Kind::AuthorizationDetails, r#"{"RoleDetailList": []}"#),
        (Kind::AuthorizationDetails, r#"{"Policies": [{"PolicyVersionList": []}]}"#),
        (Kind::PolicyVersion, r#"{"PolicyVersion": {"Document": {}}}"#),
        (Kind::ManagedPolicy, r#"{"Policy": {"DefaultVersionId": "v1"}}"#),
        (Kind::RolePolicy, r#"{"RoleName": "A", "PolicyName": "p", "PolicyDocument": {}}"#),
        (Kind::UserPolicy, r#"{"UserName": "A", "PolicyName": "p", "PolicyDocument": {}}"#),
        (Kind::GroupPolicy, r#"{"GroupName": "A", "PolicyName": "p", "PolicyDocument": {}}"#),
        (Kind::Role, r#"{"Role": {"RoleName": "A"}}"#),
        (Kind::User, r#"{"User": {"UserName": "A"}}"#),
        (Kind::Group, r#"{"Group": {"GroupName": "A"}, "Users": []}"#),
        (Kind::AttachedPolicies, r#"{"AttachedPolicies": []}"#),
        (Kind::PolicyNames, r#"{"PolicyNames": []}"#),
        (Kind::GroupsForUser, r#"{"Groups": []}"#),
        (Kind::KeyPolicy, r#"{"Policy": "{}", "PolicyName": "default"}"#),
        (Kind::OrganizationsPolicy, r#"{"Policy": {"Content": "{}", "PolicySummary": {}}}"#),
        (Kind::Organization, r#"{"Organization": {"Id": "o-exampleorgid"}}"#),
        (Kind::OrganizationTree, r#"{"id": "o-exampleorgid", "accounts": {}}"#),
        (Kind::Grants, r#"{"Grants": [], "Truncated": false}"#),
        (Kind::KeyMetadata, r#"{"KeyMetadata": {}}"#),
        (Kind::Aliases, r#"{"Aliases": []}"#),
        (Kind::Keys, r#"{"Keys": []}"#),
        (Kind::ResourceTags, r#"{"Tags": [], "Truncated": false}"#),
        (Kind::VpcEndpoints, r#"{"VpcEndpoints": []}"#),
        (Kind::CallerIdentity, r#"{"UserId": "A", "Account": "123456789012", "Arn": "arn:…"}"#),
        (Kind::ErrorResponse, r#"{"Error": {"Code": "NotFoundException"}}"#),
        (Kind::Policy, r#"{"Version": "2012-10-17", "Statement": []}"#),
        (Kind::Environment, r#"{"keys": {}}"#),
        (Kind::Environment, r#"{"cases": []}"#),
        (Kind::OtherResponse, r#"{"KeyId": "arn:…", "DeletionDate": 1}"#),
        (Kind::OtherResponse, r#"{"ResponseMetadata": {}}"#),
    ];
    for (kind, text) in table {
        assert_eq!(kinds("x.json", text), Ok(vec![kind]), "{text}");
    }
    let listed: Vec<Kind> = SHAPES.iter().map(|shape| shape.kind).collect();
    for kind in listed {
        assert!(table.iter().any(|(known, _)| *known == kind), "{kind:?} is not in the table");
    }
}

#[test]
fn what_a_query_leaves_is_known_where_it_can_be_nothing_else() {
    let table = [
        (
            r#"{"KeyId": "k", "Arn": "a", "KeyUsage": "ENCRYPT_DECRYPT", "KeyState": "Enabled"}"#,
            Ok(vec![Kind::KeyMetadata]),
        ),
        (r#"[{"KeyId": "k", "KeyArn": "a"}, {"KeyId": "l", "KeyArn": "b"}]"#, Ok(vec![Kind::Keys])),
        (r#"[{"AliasName": "alias/a", "AliasArn": "a"}]"#, Ok(vec![Kind::Aliases])),
        (r#"[{"GrantId": "g", "Operations": [], "KeyId": "k"}]"#, Ok(vec![Kind::Grants])),
        (
            r#"[{"RoleName": "Web", "Arn": "a"}]"#,
            Err("a part of what `aws iam get-role` prints: leave out `--query`"),
        ),
        (r#"{"Roles": []}"#, Err("`aws iam get-account-authorization-details` has them all")),
        (r#"["default"]"#, Err("of what a command of AWS prints leave out `--query`")),
    ];
    for (text, expected) in table {
        match (kinds("x.json", text), expected) {
            (Err(error), Err(expected)) => assert!(error.contains(expected), "{text}: {error}"),
            (found, expected) => assert_eq!(found, expected.map_err(str::to_owned), "{text}"),
        }
    }
}

#[test]
fn what_is_around_a_document_is_taken_off() {
    let policy = r#"{"Statement": []}"#;
    let in_string = serde_json::Value::from(policy).to_string();
    let table = [
        ("x.json", in_string.clone(), vec![Kind::Policy]),
        ("x.json", serde_json::Value::from(in_string.as_str()).to_string(), vec![Kind::Policy]),
        ("-", "%7B%22Statement%22%3A%5B%5D%7D\n".to_owned(), vec![Kind::Policy]),
        ("x.json", "\"%7B%22Statement%22%3A%5B%5D%7D\"".to_owned(), vec![Kind::Policy]),
        ("x.txt", format!("{policy}\tdefault\n"), vec![Kind::Policy]),
        (
            "x.json",
            r#"{"status_code": 200, "data": {"Grants": [], "ResponseMetadata": {}}}"#.to_owned(),
            vec![Kind::Grants],
        ),
        (
            "x.json",
            r#"{"Tags": [], "ResponseMetadata": {"HTTPStatusCode": 200}}"#.to_owned(),
            vec![Kind::ResourceTags],
        ),
        (
            "x.json",
            r#"{"Grants": []} {"Aliases": []}"#.to_owned(),
            vec![Kind::Grants, Kind::Aliases],
        ),
        (
            "x.json",
            r#"[{"Grants": []}, {"Aliases": []}]"#.to_owned(),
            vec![Kind::Grants, Kind::Aliases],
        ),
        ("x.yaml", "Grants:\n- GrantId: a\n".to_owned(), vec![Kind::Grants]),
        ("<stdin>", "Policy: '{}'\nPolicyName: default\n".to_owned(), vec![Kind::KeyPolicy]),
        ("<stdin>", "account: '123456789012'\nkeys: {}\n".to_owned(), vec![Kind::Environment]),
    ];
    for (name, text, expected) in table {
        assert_eq!(kinds(name, &text), Ok(expected), "{text}");
    }
}

#[test]
fn what_is_not_known_is_named_with_the_nearest() {
    let table = [
        (
            r#"{"Resources": {"K": {"Kind": "key"}}}"#,
            "x.json:1:1: expected a document that is known, found an object with `Resources`; the nearest is a CloudFormation template, which has a member of `Resources` with `Type`",
        ),
        (
            r#"{"format_version": "1.0"}"#,
            "the nearest is a plan of Terraform, which has `planned_values` or `resource_changes`",
        ),
        (
            r#"{"Statements": []}"#,
            "found an object with `Statements`; of `Statements`: did you mean `Statement`?",
        ),
        ("{}", "found an empty object"),
        ("[]", "expected a document, found an empty list"),
        ("[1]", "expected a document, which is an object, found the number `1`"),
        ("\"hello\"", "expected a document, found `hello`"),
        ("", "expected a document, found none"),
        (r#"{"Grants": []} x"#, "x.json:1:16: expected JSON, found `x`"),
        (r#"{"Grants": [], "Grants": []}"#, "expected each member once, found `Grants` again"),
        ("[[[[[[{}]]]]]]", "wrapped into too many others"),
    ];
    for (text, expected) in table {
        let error = kinds("x.json", text).unwrap_err();
        assert!(error.contains(expected), "{text}: {error}");
    }
    assert!(kinds("-", "%7B%zz").unwrap_err().contains("a broken escape"));
}

#[test]
fn a_place_inside_a_string_counts_from_its_own_beginning() {
    let text = serde_json::Value::from("{\n\"Statement\": 1,\n\"Statement\": 2}").to_string();
    let error = kinds("x.json", &text).unwrap_err();
    assert!(error.starts_with("x.json:3:1: expected each member once"), "{error}");
}
