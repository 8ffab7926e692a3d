//! `kms-sim check` on plans, templates and texts within texts.

use serde_json::{Value, json};

use super::support::{DELEGATING, Folder, NAMING};

const OPEN: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

const TEMPLATE: &str = "\
AWSTemplateFormatVersion: 2010-09-09
Outputs:
  Id: {Value: !Ref AppKey}
Resources:
  AppKey:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: 2012-10-17
        Statement:
        - {Effect: Allow, Principal: {AWS: !Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:root'}, Action: 'kms:*', Resource: '*'}
        - {Effect: Allow, Principal: {AWS: 'arn:aws:iam::111122223333:root'}, Action: 'kms:Decrypt', Resource: '*'}
        - {Effect: Allow, Principal: '*', Action: 'kms:Encrypt', Resource: '*'}
";

fn codes(json: &Value) -> Vec<&str> {
    let findings = json["findings"].as_array().unwrap();
    findings.iter().map(|it| it["code"].as_str().unwrap()).collect()
}

fn check(folder: &Folder, arguments: &str) -> Value {
    let run = folder.run(&format!("check --format json --quiet {arguments}"));
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_template_of_no_account_is_checked_but_for_what_depends_on_it() {
    let folder = Folder::new().with("app.yaml", TEMPLATE);
    let run = folder.run("check app.yaml").exits(1);
    run.tells(&["nothing says the account of app.yaml", "say it with --account"]);
    assert_eq!(codes(&check(&folder, "app.yaml")), ["KMS301"]);
    assert_eq!(codes(&check(&folder, "app.yaml --account 123456789012")), ["KMS304", "KMS301"]);
}

#[test]
fn a_key_that_nobody_can_administer_is_found_whatever_the_account() {
    let lost = TEMPLATE.replace("'kms:*'", "'kms:Decrypt'");
    let folder = Folder::new().with("app.yaml", lost);
    assert!(codes(&check(&folder, "app.yaml")).contains(&"KMS201"));
}

#[test]
fn a_policy_in_a_template_that_aws_refuses_is_a_finding() {
    let refused = TEMPLATE.replace("Principal: '*'", "Principal: {CanonicalUser: abc}");
    let folder = Folder::new().with("app.yaml", refused);
    let json = check(&folder, "app.yaml --account 123456789012");
    assert_eq!(codes(&json), ["KMS101"], "{json:#}");
    assert_eq!(json["errors"], json!([]));
}

/// Line and column of the first result.
fn region(folder: &Folder, file: &str) -> Value {
    let run = folder.run(&format!("check {file} --select KMS301 --format sarif --quiet"));
    let sarif: Value = serde_json::from_str(&run.stdout).unwrap();
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    json!([region["startLine"], region["startColumn"]])
}

#[test]
fn a_finding_within_another_text_has_the_line_of_the_file() {
    let string = serde_json::to_string(OPEN).unwrap();
    let folder = Folder::new()
        .with("app.yaml", TEMPLATE)
        .with(
            "printed.json",
            format!("{{\n \"PolicyName\": \"default\",\n \"Policy\": {string}\n}}"),
        )
        .with("string.json", format!("\n{string}\n"))
        .with("plan.json", plan(Some(DELEGATING), Some(OPEN)));
    assert_eq!(region(&folder, "app.yaml"), json!([13, 38]));
    assert_eq!(region(&folder, "printed.json"), json!([3, 12]));
    assert_eq!(region(&folder, "string.json"), json!([2, 1]));
    assert_eq!(region(&folder, "plan.json")[0], 5);
    let run = folder.run("check app.yaml --select KMS301 --format github --quiet").exits(1);
    assert!(run.stdout.starts_with("::warning file=app.yaml,line=13,"), "{}", run.stdout);
}

/// A plan for a key policy.
fn plan(before: Option<&str>, after: Option<&str>) -> String {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let values = |policy: &str| json!({"arn": format!("arn:aws:kms:us-east-1:123456789012:key/{id}"), "key_id": id, "id": id, "policy": policy});
    let actions = match (before, after) {
        (None, _) => json!(["create"]),
        (_, None) => json!(["delete"]),
        _ => json!(["update"]),
    };
    let change = json!({
        "actions": actions, "before": before.map(values), "after": after.map(values),
        "after_unknown": {}, "before_sensitive": {}, "after_sensitive": {},
    });
    format!(
        "{{\"format_version\": \"1.2\", \"terraform_version\": \"1.9.0\",\n\"planned_values\": {{\"root_module\": {{}}}},\n\"resource_changes\": [\n{{\"address\": \"aws_kms_key.app\", \"mode\": \"managed\", \"type\": \"aws_kms_key\", \"name\": \"app\", \"provider_name\": \"registry.terraform.io/hashicorp/aws\",\n\"change\": {change}}}]}}\n"
    )
}

#[test]
fn a_plan_is_compared_with_what_was_before_it() {
    let folder = Folder::new().with("plan.json", plan(Some(DELEGATING), Some(NAMING)));
    let json = check(&folder, "plan.json");
    let of = |principal: &str| {
        let changes = json["changes"].as_array().unwrap();
        changes.iter().find(|it| it["principal"] == *principal).unwrap_or(&Value::Null)
    };
    let others = of("any other role of account 123456789012");
    assert_eq!(others["after"], "denied", "{json:#}");
    assert_eq!(others["cause"]["reason"], "no-longer-allows");
    assert_eq!(others["cause"]["side"], "key-policy");
    let run = folder.run("check plan.json --quiet");
    assert!(run.stdout.contains("what changes: "), "{}", run.stdout);
    assert!(run.stdout.contains("- any other role of account 123456789012"), "{}", run.stdout);
}

#[test]
fn who_gains_on_a_new_key_and_loses_on_a_deleted_one_is_told() {
    let principal = "any role of any other account";
    for (plan, before, after) in [
        (plan(None, Some(OPEN)), "denied", "allowed"),
        (plan(Some(OPEN), None), "allowed", "denied"),
    ] {
        let folder = Folder::new().with("plan.json", plan);
        let json = check(&folder, "plan.json --account 123456789012");
        let changes = json["changes"].as_array().unwrap();
        let change = changes.iter().find(|it| it["principal"] == principal);
        let change = change.unwrap_or_else(|| panic!("{json:#}"));
        assert_eq!(change["actions"], json!(["kms:Decrypt"]));
        assert_eq!((&change["before"], &change["after"]), (&json!(before), &json!(after)));
    }
}

#[test]
fn changes_of_several_keys_say_which() {
    let environment = |policies: [&str; 2]| {
        let [one, two] = policies;
        format!(
            "account: '123456789012'\nkeys:\n  one: {{id: 1234abcd-12ab-34cd-56ef-1234567890ab, policy: {one}}}\n  two: {{id: 0987dcba-09fe-87dc-65ba-ab0987654321, policy: {two}}}\n"
        )
    };
    let folder = Folder::new()
        .with("account.json", DELEGATING)
        .with("open.json", OPEN)
        .with("old.yaml", environment(["account.json", "open.json"]))
        .with("new.yaml", environment(["open.json", "account.json"]));
    let run = folder.run("check new.yaml --against old.yaml --quiet --fail-on error").exits(0);
    let gains = "can now, if its own account allows it, call kms:Decrypt with one";
    let loses = "can no longer call kms:Decrypt with two";
    for part in ["+ any role of any other account", "- any role of any other account", gains, loses]
    {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
}

#[test]
fn broken_documents_of_others_in_a_folder_are_passed_over_and_broken_policies_are_not() {
    let folder = Folder::new()
        .with("f/key.json", DELEGATING)
        .with("f/tsconfig.json", "{\n  // a comment\n  \"strict\": true,\n}");
    let run = folder.run("check f").exits(0);
    run.tells(&["f/tsconfig.json is nothing that can be checked"]);
    folder.run("check f/tsconfig.json").exits(2);
    folder.write("f/broken.json", "{\"Statement\": [");
    let run = folder.run("check f").exits(2);
    assert_eq!(run.stdout, "nothing found in 1 file (1 file could not be read)\n");
}

/// What the AWS CLI prints of an account with a role that may use a key.
fn collected(folder: Folder, policy: &str) -> Folder {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{id}");
    let key = format!("a/kms/us-east-1/{id}");
    let use_key = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn},
    ]});
    folder
        .with("a/caller.json", json!({"UserId": "AIDA", "Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/u"}).to_string())
        .with("a/iam/authorization-details.json", json!({"RoleDetailList": [{
            "RoleName": "Web", "RoleId": "AROA", "Path": "/", "Arn": "arn:aws:iam::123456789012:role/Web",
            "RolePolicyList": [{"PolicyName": "use", "PolicyDocument": use_key}],
        }]}).to_string())
        .with(&format!("{key}/describe-key.json"), json!({"KeyMetadata": {"Arn": arn, "KeyId": id, "AWSAccountId": "123456789012"}}).to_string())
        .with(&format!("{key}/get-key-policy.json"), json!({"Policy": policy, "PolicyName": "default"}).to_string())
        .with(&format!("{key}/list-grants.json"), json!({"Grants": []}).to_string())
}

#[test]
fn what_was_collected_of_an_account_is_looked_at_together() {
    let folder = collected(Folder::new(), DELEGATING);
    let run = folder.run("check a").exits(0);
    let run = run.tells(&["nothing says whether the account is in an organization"]);
    assert_eq!(run.stderr.matches("note: ").count(), 1, "{}", run.stderr);
    assert_eq!(run.stdout, "nothing found in 5 files\n");
    // The role's access to the key that its policy names is one that the account's key gives.
    let old = collected(Folder::new(), &NAMING.replace("role/Web", "role/Other"));
    let before = old.path("a").display().to_string();
    let json = check(&folder, &format!("a --against {before}"));
    let gains = json["changes"].as_array().unwrap();
    let web = gains.iter().find(|it| it["principal"] == "arn:aws:iam::123456789012:role/Web");
    assert_eq!(web.unwrap()["actions"], json!(["kms:Decrypt"]), "{json:#}");
}

#[test]
fn a_policy_that_aws_refuses_does_not_hide_the_others_of_its_account() {
    let folder = collected(Folder::new(), OPEN).with(
        "a/iam/get-role-policy.json",
        json!({"RoleName": "Web", "PolicyName": "wrong", "PolicyDocument": {"Statement": [
            {"Effect": "Permit", "Action": "kms:Decrypt", "Resource": "*"},
        ]}})
        .to_string(),
    );
    let json = check(&folder, "a");
    assert!(codes(&json).contains(&"KMS101"), "{json:#}");
    assert!(codes(&json).contains(&"KMS301"), "{json:#}");
}

#[test]
fn a_file_that_cannot_be_joined_does_not_hide_the_others_of_its_account() {
    let folder = collected(Folder::new(), OPEN)
        .with("a/tags.json", json!({"Tags": [{"TagKey": "a", "TagValue": "b"}]}).to_string());
    let run = folder.run("check a --format json --quiet").exits(2);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(json["errors"].as_array().unwrap().len(), 1, "{json:#}");
    assert_eq!(codes(&json), ["KMS301"]);
}

#[test]
fn templates_of_an_app_are_of_the_account_that_its_manifest_says() {
    let manifest = json!({"version": "39.0.0", "artifacts": {"App": {
        "type": "aws:cloudformation:stack", "environment": "aws://123456789012/eu-west-1",
        "properties": {"templateFile": "App.template.json", "stackName": "App"},
    }}});
    let policy: Value = serde_json::from_str(OPEN).unwrap();
    let template = json!({"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": policy}}}});
    let folder = Folder::new()
        .with("cdk.out/manifest.json", manifest.to_string())
        .with("cdk.out/App.template.json", template.to_string());
    let run = folder.run("check cdk.out").exits(1);
    assert!(!run.stderr.contains("note: "), "{}", run.stderr);
    assert_eq!(codes(&check(&folder, "cdk.out")), ["KMS301"]);
}

#[test]
fn a_policy_that_is_not_known_is_said_not_to_be_looked_at() {
    let open =
        TEMPLATE.replace("Resources:\n", "Parameters:\n  Partner: {Type: String}\nResources:\n");
    let open = open.replace("arn:aws:iam::111122223333:root'", "arn:aws:iam::${Partner}:root'");
    let open =
        open.replace("{AWS: 'arn:aws:iam::${Partner}", "{AWS: !Sub 'arn:aws:iam::${Partner}");
    let folder = Folder::new().with("app.yaml", open);
    let run = folder.run("check app.yaml --account 123456789012").exits(0);
    assert_eq!(run.stdout, "nothing found in 1 file (1 policy is not known)\n");
    run.tells(&["the key policy of AppKey is not looked at: ", "Partner"]);
    let given = "check app.yaml --account 123456789012 --parameters Partner=111122223333";
    let run = folder.run(given).exits(1);
    assert!(run.stdout.contains("KMS301"), "{}", run.stdout);
}
