//! `kms-sim check NEW --against OLD`

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::support::{DELEGATING, Folder, NAMING};

/// The changes alone, as text.
fn changes(folder: &Folder, arguments: &str) -> String {
    let run = folder.run(&format!("check {arguments} --quiet --ignore KMS"));
    let (_, changes) = run.stdout.split_once("\n\n").unwrap();
    changes.to_owned()
}

#[test]
fn who_gains_and_who_loses_is_told_with_the_statement() {
    let both = DELEGATING.replace(
        "\n]",
        ",\n  {\"Sid\": \"Web\", \"Effect\": \"Allow\", \"Principal\": {\"AWS\": \"arn:aws:iam::123456789012:role/Web\"}, \"Action\": [\"kms:Decrypt\", \"kms:Encrypt\"], \"Resource\": \"*\"}\n]",
    );
    let folder = Folder::new().with("new.json", both).with("old.json", DELEGATING);
    let run = folder.run("check new.json --against old.json --quiet").exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
nothing found in 1 file

what changes: 1 gain

+ arn:aws:iam::123456789012:role/Web can now call kms:Decrypt, kms:Encrypt
  the key policy allows it now, by statement "Web" (new.json:3:3)

"#]]
    );
    let run = folder.run("check old.json --against new.json --quiet").exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
nothing found in 1 file

what changes: 1 loss

- arn:aws:iam::123456789012:role/Web can no longer call kms:Decrypt, kms:Encrypt
  the key policy allows it no longer, by statement "Web" (new.json:3:3)

"#]]
    );
    let run = folder.run("check old.json --against old.json --quiet").exits(0);
    assert_eq!(run.stdout, "nothing found in 1 file\n\nnobody gains or loses anything\n");
}

#[test]
fn the_account_of_a_policy_is_that_of_its_older_version() {
    let folder = Folder::new().with("new.json", NAMING).with("old.json", DELEGATING);
    let run = folder.run("check new.json --against old.json --format json --quiet");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let lost = |principal: &str| {
        let changes = json["changes"].as_array().unwrap();
        changes.iter().any(|it| {
            it["principal"] == *principal
                && it["after"] == "denied"
                && it["cause"]["reason"] == "no-longer-allows"
        })
    };
    assert!(lost("any other role of account 123456789012"), "{json:#}");
    assert!(lost("arn:aws:iam::123456789012:root"), "{json:#}");
}

#[test]
fn folders_are_compared_file_by_file() {
    let folder = Folder::new()
        .with("new/app.json", NAMING)
        .with("new/more/other.json", DELEGATING)
        .with("old/more/other.json", DELEGATING);
    let run = folder.run("check new --against old --format json --fail-on error").exits(0);
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let [change] = json["changes"].as_array().unwrap().as_slice() else { panic!("{json:#}") };
    assert_eq!(change["principal"], "arn:aws:iam::123456789012:role/Web");
    assert_eq!((&change["before"], &change["after"]), (&json!("denied"), &json!("allowed")));
    run.tells(&["new/app.json is new"]);
    let run = folder.run("check old --against new --fail-on error").exits(0);
    let lost = "- arn:aws:iam::123456789012:role/Web can no longer call kms:*\n";
    assert!(run.stdout.contains(lost), "{}", run.stdout);
    run.tells(&["new/app.json is gone"]);
    folder.run("check new --against old/more/other.json").exits(2);
}

#[test]
fn an_identity_policy_of_an_environment_changes_what_its_role_may() {
    let environment = |policies: &str| {
        format!(
            "account: '123456789012'\nprincipals:\n  role/Web: {{identity_policies: [{policies}]}}\nkeys:\n  app: {{id: 1234abcd-12ab-34cd-56ef-1234567890ab}}\n"
        )
    };
    let allow = "{Statement: {Sid: UseKeys, Effect: Allow, Action: 'kms:Decrypt', Resource: '*'}}";
    let folder =
        Folder::new().with("old.yaml", environment("")).with("new.yaml", environment(allow));
    let run = folder.run("check new.yaml --against old.yaml --format json --quiet");
    let json: Value = serde_json::from_str(&run.stdout).unwrap();
    let change = &json["changes"][0];
    assert_eq!(change["principal"], "arn:aws:iam::123456789012:role/Web");
    assert_eq!(change["actions"], json!(["kms:Decrypt"]));
    assert_eq!(change["cause"]["side"], "identity-policy");
}

#[test]
fn the_same_change_of_several_principals_is_one_line() {
    let statement = |principal: &str, actions: &str| {
        format!(
            ",\n  {{\"Sid\": \"App\", \"Effect\": \"Allow\", \"Principal\": {principal}, \"Action\": {actions}, \"Resource\": \"*\"}}\n]"
        )
    };
    let roles =
        r#"{"AWS": ["arn:aws:iam::123456789012:role/A", "arn:aws:iam::123456789012:role/B"]}"#;
    let many = r#"["kms:Describe*", "kms:Get*", "kms:List*", "kms:Generate*", "kms:ReEncrypt*"]"#;
    let folder = Folder::new()
        .with("old.json", DELEGATING)
        .with("some.json", DELEGATING.replace("\n]", &statement(roles, many)))
        .with("all.json", DELEGATING.replace("\n]", &statement(roles, "\"kms:*\"")));
    assert_data_eq!(
        changes(&folder, "some.json --against old.json"),
        str![[r#"
what changes: 1 gain

+ arn:aws:iam::123456789012:role/A, arn:aws:iam::123456789012:role/B can now call kms:DescribeKey, kms:GenerateDataKey, kms:GenerateDataKeyPair, kms:GenerateDataKeyPairWithoutPlaintext, [..] and [..] more
  the key policy allows it now, by statement "App" (some.json:3:3)

"#]]
    );
    let run = folder.run("check all.json --against some.json --format markdown --quiet");
    assert!(run.stdout.contains(" more | the key policy allows it now"), "{}", run.stdout);
    let gone = changes(&folder, "old.json --against all.json");
    assert!(gone.contains("role/B can no longer call kms:*\n"), "{gone}");
}

#[test]
fn what_holds_by_delegation_alone_says_so() {
    let folder = Folder::new().with("new.json", DELEGATING).with("old.json", NAMING);
    let told = changes(&folder, "new.json --against old.json");
    let others = "+ any other role of account 123456789012 can now, if an IAM policy allows it, call kms:*\n";
    assert!(told.contains(others), "{told}");
}

#[test]
fn an_identity_policy_is_compared_on_the_keys_that_it_names() {
    let policy = |actions: &str, key: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {actions}, "Resource": "arn:aws:kms:eu-west-1:123456789012:key/{key}"}}]}}"#
        )
    };
    let id = "0987dcba-09fe-87dc-65ba-ab0987654321";
    let folder = Folder::new()
        .with("old.json", policy("\"kms:Decrypt\"", id))
        .with("new.json", policy("[\"kms:Decrypt\", \"kms:Encrypt\"]", id))
        .with("any.json", policy("\"kms:Decrypt\"", "*"));
    let told = changes(&folder, "new.json --against old.json");
    let gained = format!(
        "+ whoever has this policy can now call kms:Encrypt with arn:aws:kms:eu-west-1:123456789012:key/{id}\n"
    );
    assert!(told.contains(&gained), "{told}");
    let told = changes(&folder, "any.json --against old.json");
    let gained = "kms:Decrypt with arn:aws:kms:eu-west-1:123456789012:key/*\n";
    assert!(told.contains(gained), "{told}");
}

#[test]
fn nothing_is_lost_by_another_region_where_none_is_said() {
    let deny = r#",
  {"Sid": "Elsewhere", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}
]"#;
    let folder = Folder::new()
        .with("old.json", DELEGATING)
        .with("new.json", DELEGATING.replace("\n]", deny));
    let told = changes(&folder, "new.json --against old.json");
    assert!(told.contains("root can only under conditions call kms:*"), "{told}");
    assert!(!told.contains("can no longer"), "{told}");
}

/// A template with a key and a role that may use it.
fn template(actions: &str, policies: &str) -> String {
    format!(
        r"
Parameters:
  Extra: {{Type: String}}
Resources:
  AppRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      {policies}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: '2012-10-17'
        Statement:
          - {{Sid: Root, Effect: Allow, Principal: {{AWS: !Sub 'arn:aws:iam::${{AWS::AccountId}}:root'}}, Action: 'kms:*', Resource: '*'}}
          - {{Sid: App, Effect: Allow, Principal: {{AWS: !GetAtt AppRole.Arn}}, Action: {actions}, Resource: '*'}}
"
    )
}

#[test]
fn a_role_of_a_template_is_the_same_in_a_file_of_another_name() {
    let folder = Folder::new()
        .with("one.yaml", template("'kms:Decrypt'", ""))
        .with("two.yaml", template("['kms:Decrypt', 'kms:Encrypt']", ""));
    let told = changes(&folder, "two.yaml --against one.yaml");
    assert_data_eq!(
        told,
        str![[r#"
what changes: 1 gain

+ role/two-AppRole-[..] can now call kms:Encrypt
  the key policy allows it now, by statement "App" (two.yaml[..])

"#]]
    );
}

#[test]
fn what_is_known_is_told_through_a_policy_that_is_not_and_what_is_not_known_is_no_access() {
    let unknown = "ManagedPolicyArns: ['arn:aws:iam::aws:policy/job-function/Unheard']";
    let folder = Folder::new()
        .with("old.yaml", template("'kms:Decrypt'", unknown))
        .with("new.yaml", template("['kms:Decrypt', 'kms:Encrypt']", unknown))
        .with("lost.yaml", template("!Ref Extra", unknown));
    let told = changes(&folder, "new.yaml --against old.yaml --account 123456789012");
    let gained = "role/new-AppRole-";
    assert!(told.starts_with("what changes: 1 gain\n") && told.contains(gained), "{told}");
    assert!(told.contains("can now call kms:Encrypt\n"), "{told}");
    assert!(told.contains("as far as is known: ") && told.contains("Unheard"), "{told}");
    let told = changes(&folder, "lost.yaml --against old.yaml");
    assert!(told.contains("? whether the root user can still call kms:* is not known"), "{told}");
    assert!(told.contains("the key policy is not known: the parameter `Extra`"), "{told}");
    assert!(!told.contains("\n+ ") && !told.contains("\n- "), "{told}");
}

#[test]
fn policies_that_limit_are_compared_by_what_they_leave() {
    let policy = |principal: &str, actions: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "Few", "Effect": "Allow", {principal}"Action": {actions}, "Resource": "*"}}]}}"#
        )
    };
    let (few, many) = (r#"["kms:Decrypt"]"#, r#"["kms:Decrypt", "kms:Encrypt"]"#);
    let everybody = r#""Principal": "*", "#;
    let table = [
        ("vpc-endpoint-policy", everybody, "any other role of the key's account"),
        ("session-policy", "", "a session with this policy and a role that may"),
        ("permissions-boundary", "", "whoever has this boundary and an IAM policy that allows it"),
        ("scp", "", "any other role of the key's account"),
    ];
    for (kind, principal, who) in table {
        let folder = Folder::new()
            .with("new.json", policy(principal, few))
            .with("old.json", policy(principal, many));
        let told = changes(&folder, &format!("new.json --against old.json --kind {kind}"));
        let lost = told.lines().find(|it| it.starts_with("- ") && it.contains(who));
        assert!(
            lost.is_some_and(|it| it.ends_with("call kms:Encrypt with any key")),
            "{kind}\n{told}"
        );
        assert!(!told.contains("\n+ "), "{kind}\n{told}");
    }
}

#[test]
fn actions_without_a_key_are_compared_too() {
    let policy = |actions: &str| {
        format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Action": {actions}, "Resource": "*"}}]}}"#
        )
    };
    let folder = Folder::new()
        .with("new.json", policy(r#"["kms:ListKeys", "kms:CreateKey"]"#))
        .with("old.json", policy(r#"["kms:ListKeys"]"#));
    let told = changes(&folder, "new.json --against old.json");
    assert!(told.contains("+ whoever has this policy can now call kms:CreateKey\n"), "{told}");
}
