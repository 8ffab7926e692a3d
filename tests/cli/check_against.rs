//! `kms-sim check NEW --against OLD`

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};

use super::support::{DELEGATING, Folder, NAMING};

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
    assert_eq!(json["changes"], json!([]));
    run.tells(&["new/app.json is new"]);
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
