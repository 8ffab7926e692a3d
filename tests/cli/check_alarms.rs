//! What `kms-sim check` must not say, and what it says instead.

use serde_json::{Value, json};

use super::support::Folder;

fn account() -> Value {
    statement("Allow", json!({"AWS": "arn:aws:iam::123456789012:root"}), json!("kms:*"))
}

fn statement(effect: &str, principal: impl Into<Value>, action: impl Into<Value>) -> Value {
    let (principal, action) = (principal.into(), action.into());
    json!({"Effect": effect, "Principal": principal, "Action": action, "Resource": "*"})
}

fn policy(statements: &[Value]) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn check(policy: &Value, arguments: &str) -> Vec<Value> {
    let folder = Folder::new().with("key.json", policy.to_string());
    let run = folder.run(&format!("check key.json --quiet --format json {arguments}"));
    run.json()["findings"].as_array().unwrap().clone()
}

fn of<'a>(code: &str, findings: &'a [Value]) -> Vec<&'a Value> {
    findings.iter().filter(|it| it["code"] == code).collect()
}

fn applied(policy: &Value, patch: &Value) -> Result<Value, String> {
    let mut policy = policy.clone();
    let patch: json_patch::Patch = serde_json::from_value(patch.clone()).unwrap();
    json_patch::patch(&mut policy, &patch).map_err(|error| error.to_string())?;
    Ok(policy)
}

#[test]
fn the_account_that_is_said_is_of_the_partition_that_the_policy_names() {
    for partition in ["aws", "aws-cn", "aws-us-gov"] {
        let arn = |name: &str| json!({"AWS": format!("arn:{partition}:iam::123456789012:{name}")});
        let key = policy(&[
            statement("Allow", arn("root"), json!("kms:*")),
            statement("Allow", arn("role/App"), json!("kms:Decrypt")),
        ]);
        assert_eq!(check(&key, "--account 123456789012"), [] as [Value; 0], "{partition}");
        let template = json!({"Resources": {"Key": {
            "Type": "AWS::KMS::Key",
            "Properties": {"KeyPolicy": key},
        }}});
        assert_eq!(check(&template, "--account 123456789012"), [] as [Value; 0], "{partition}");
    }
}

#[test]
fn the_region_is_open_until_it_is_said() {
    let mut deny = statement("Deny", json!("*"), json!("kms:*"));
    deny["Condition"] = json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}});
    let key = policy(&[account(), deny]);
    let found = |arguments: &str| of("KMS201", &check(&key, arguments)).len();
    assert_eq!(["", "--region eu-west-1", "--region us-east-1"].map(found), [0, 0, 1]);
}

#[test]
fn the_region_of_a_plan_is_open_until_it_is_said() {
    let mut deny = statement("Deny", json!("*"), json!("kms:*"));
    deny["Condition"] = json!({"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}});
    let plan = json!({
        "format_version": "1.2",
        "terraform_version": "1.9.0",
        "planned_values": {"root_module": {}},
        "resource_changes": [{
            "address": "aws_kms_key.app",
            "mode": "managed",
            "type": "aws_kms_key",
            "name": "app",
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["create"],
                "before": null,
                "after": {"policy": policy(&[account(), deny]).to_string()},
                "after_unknown": {"arn": true, "id": true, "key_id": true},
                "before_sensitive": false,
                "after_sensitive": {},
            },
        }],
    });
    let found = |arguments: &str| {
        of("KMS201", &check(&plan, &format!("--account 123456789012 {arguments}"))).len()
    };
    assert_eq!(["", "--region eu-west-1", "--region us-east-1"].map(found), [0, 0, 1]);
}

#[test]
fn what_keeps_everybody_out_is_named() {
    let everyone = || json!("*");
    let denied = policy(&[account(), statement("Deny", everyone(), json!("kms:PutKeyPolicy"))]);
    let wholly = policy(&[account(), statement("Deny", everyone(), json!("kms:*"))]);
    let missing = policy(&[statement(
        "Allow",
        json!({"AWS": "arn:aws:iam::123456789012:role/App"}),
        json!("kms:Decrypt"),
    )]);
    for (policy, arguments, code, expected) in [
        (&denied, "", "KMS201", "statement 2 denies it"),
        (&wholly, "", "KMS203", "statement 2 denies it"),
        (&missing, "", "KMS201", "let the account, or a role of it"),
        (&missing, "", "KMS203", "add the statement of the default key policy"),
        (
            &policy(&[account()]),
            "--account 111122223333",
            "KMS201",
            "lets the account 123456789012 administer the key, not 111122223333",
        ),
    ] {
        let findings = check(policy, arguments);
        let help = of(code, &findings)[0]["help"].as_str().unwrap().to_owned();
        assert!(help.contains(expected), "{code}: {help}");
    }
}

#[test]
fn a_service_is_exempted_by_a_key_that_services_have() {
    let mut deny = statement("Deny", json!("*"), json!("kms:Decrypt"));
    deny["Condition"] = json!({"StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}});
    let service = json!({"Service": "s3.amazonaws.com"});
    let mut allow = statement("Allow", service, json!("kms:Decrypt"));
    allow["Condition"] = json!({"StringEquals": {"aws:SourceAccount": "123456789012"}});
    let findings = check(&policy(&[account(), allow, deny]), "");
    let help = of("KMS411", &findings)[0]["help"].as_str().unwrap();
    assert!(help.contains("aws:PrincipalIsAWSService false"), "{help}");
}

#[test]
fn actions_of_a_statement_are_one_finding_with_one_fix() {
    let partner = json!({"AWS": "arn:aws:iam::111122223333:role/Partner"});
    let actions = json!([
        "kms:GetKeyPolicy",
        "kms:Decrypt",
        "kms:PutKeyPolicy",
        "kms:EnableKey",
        "kms:TagResource"
    ]);
    let key = policy(&[account(), statement("Allow", partner, actions)]);
    let findings = check(&key, "--account 123456789012");
    let [one] = of("KMS413", &findings)[..] else { panic!("{findings:#?}") };
    let message = one["message"].as_str().unwrap();
    assert!(
        message.contains("`kms:GetKeyPolicy`, `kms:PutKeyPolicy`, `kms:EnableKey` and 1 more"),
        "{message}"
    );
    let patch = one["fix"]["patch"].as_array().unwrap();
    let paths = patch.iter().map(|it| format!("{} {}", it["op"], it["path"]).replace('"', ""));
    assert_eq!(
        paths.collect::<Vec<_>>(),
        [4, 3, 2, 0]
            .map(|it| ["test", "remove"].map(|op| format!("{op} /Statement/1/Action/{it}")))
            .concat()
    );
    let fixed = applied(&key, &one["fix"]["patch"]).unwrap();
    assert_eq!(fixed["Statement"][1]["Action"], json!(["kms:Decrypt"]));
}

#[test]
fn actions_that_never_carry_a_key_get_one_statement_of_their_own() {
    let role = json!({"AWS": "arn:aws:iam::123456789012:role/App"});
    let actions = json!(["kms:DescribeKey", "kms:Decrypt", "kms:GetKeyPolicy"]);
    let mut limited = statement("Allow", role.clone(), actions);
    limited["Condition"] = json!({"StringEquals": {"kms:EncryptionContext:app": "web"}});
    let key = policy(&[account(), limited]);
    let findings = check(&key, "");
    let [one] = of("KMS511", &findings)[..] else { panic!("{findings:#?}") };
    let fixed = applied(&key, &one["fix"]["patch"]).unwrap();
    assert_eq!(fixed["Statement"][1]["Action"], json!(["kms:Decrypt"]));
    let own = statement("Allow", role, json!(["kms:DescribeKey", "kms:GetKeyPolicy"]));
    assert_eq!(fixed["Statement"][2], own);
    assert_eq!(check(&fixed, ""), [] as [Value; 0]);
}

#[test]
fn a_fix_that_is_made_after_another_touches_nothing_else() {
    let narrow = |name: &str| {
        let mut narrow = statement(
            "Allow",
            json!({"AWS": "arn:aws:iam::123456789012:root"}),
            json!("kms:Decrypt"),
        );
        narrow["Sid"] = json!(name);
        narrow
    };
    let other = statement("Deny", json!("*"), json!("kms:ScheduleKeyDeletion"));
    let key = policy(&[account(), narrow("A"), narrow("B"), other.clone()]);
    let findings = check(&key, "");
    let fixes: Vec<&Value> = of("KMS410", &findings).iter().map(|it| &it["fix"]["patch"]).collect();
    assert_eq!(fixes.len(), 2, "{findings:#?}");
    let once = applied(&key, fixes[0]).unwrap();
    assert!(applied(&once, fixes[1]).is_err());
    let backwards = applied(&applied(&key, fixes[1]).unwrap(), fixes[0]).unwrap();
    assert_eq!(backwards, policy(&[account(), other]));
}

#[test]
fn the_first_actions_that_everybody_has_are_named() {
    let findings = check(&policy(&[account(), statement("Allow", json!("*"), json!("kms:*"))]), "");
    let message = of("KMS301", &findings)[0]["message"].as_str().unwrap();
    let names = message.split(" call ").nth(1).unwrap();
    assert!(names.matches("kms:").count() == 3 && names.contains(" more"), "{message}");
}

#[test]
fn findings_carry_the_codes_and_severities_of_access_analyzer() {
    let role = || json!({"AWS": "arn:aws:iam::123456789012:role/App"});
    let with = |condition: Value| {
        let mut limited = statement("Allow", role(), json!("kms:Decrypt"));
        limited["Condition"] = condition;
        limited
    };
    let service = || {
        let logs = json!({"Service": "logs.us-east-1.amazonaws.com"});
        let mut limited = statement("Allow", logs, json!("kms:Decrypt"));
        limited["Condition"] =
            json!({"StringEquals": {"kms:ViaService": "logs.us-east-1.amazonaws.com"}});
        limited
    };
    let tested = |operator: &str, key: &str, value: &str| with(json!({operator: {key: value}}));
    for (statement, code, severity) in [
        (statement("Allow", role(), json!("kms:Decript")), "INVALID_ACTION", "ERROR"),
        (tested("StringEquals", "kms:ViaServices", "x"), "INVALID_SERVICE_CONDITION_KEY", "ERROR"),
        (tested("StringEquals", "aws:PrincipalTag", "x"), "MISSING_TAG_KEY_IN_CONDITION", "ERROR"),
        (tested("StringEquals", "aws:PrincipalOrg", "x"), "INVALID_GLOBAL_CONDITION_KEY", "ERROR"),
        (tested("StringEquals", "kms:GrantOperations", "Decrypt"), "MISSING_QUALIFIER", "WARNING"),
        (tested("StringEquals", "aws:SourceVpce", "vpc-1"), "INVALID_VPCE_FORMAT", "WARNING"),
        (tested("StringEquals", "aws:SourceVpc", "x"), "INVALID_VPC_FORMAT", "WARNING"),
        (tested("IpAddress", "aws:SourceIp", "10.0.0.0/8"), "PRIVATE_IP_ADDRESS", "WARNING"),
        (
            statement("Allow", json!({"Federated": "example.com"}), json!("kms:Decrypt")),
            "FEDERATED_PRINCIPAL_NOT_SUPPORTED",
            "WARNING",
        ),
        (service(), "UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL", "WARNING"),
    ] {
        let text = policy(&[account(), statement]).to_string();
        let folder = Folder::new().with("key.json", &text);
        let run = folder.run("check key.json --quiet --format access-analyzer");
        let json = run.json();
        let rows = json["findings"].as_array().unwrap();
        let row = rows.iter().find(|it| it["issueCode"] == code);
        assert_eq!(row.map(|it| &it["findingType"]), Some(&json!(severity)), "{text}: {json:#}");
    }
}

#[test]
fn arns_that_cover_nothing_have_the_code_of_what_is_wrong_with_them() {
    for (resource, code) in [
        ("arn:aws:kms::123456789012:key/x", "MISSING_ARN_REGION"),
        ("arn:aws:kms:us-east-1:1234:key/x", "INVALID_ARN_ACCOUNT"),
        ("arn:aws:kms:us-east-1:123456789012:x", "INVALID_ARN_RESOURCE"),
    ] {
        let policy =
            policy(&[json!({"Effect": "Allow", "Action": "kms:Decrypt", "Resource": resource})]);
        let folder = Folder::new().with("role.json", policy.to_string());
        let json = folder.run("check role.json --quiet --format access-analyzer").json();
        let row = &json["findings"][0];
        assert_eq!((&row["issueCode"], &row["findingType"]), (&json!(code), &json!("ERROR")));
    }
}

#[test]
fn the_name_of_a_file_says_what_sort_of_policy_it_holds() {
    let deny = policy(&[json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*"})]);
    let folder = Folder::new().with("deny_scp.json", deny.to_string());
    let run = folder.run("check deny_scp.json").exits(0);
    run.tells(&["taken to be of kind service control policy"]);
}
