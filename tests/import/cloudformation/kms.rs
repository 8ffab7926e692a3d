//! Keys, replicas and aliases.

use kms_sim::evaluate::Decision;
use kms_sim::import::EstatePolicy;

use super::{assumptions, decision, error, estate, estate_with};

#[test]
fn a_key_has_its_properties_and_a_stand_in_for_its_id() {
    let text = "
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Enabled: no
      KeySpec: RSA_2048
      KeyUsage: SIGN_VERIFY
      MultiRegion: 'true'
      Origin: EXTERNAL
      Tags: [{Key: team, Value: web}]
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub 'alias/${AWS::StackName}', TargetKeyId: !GetAtt Key.Arn}}
  Foreign: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/x, TargetKeyId: 1234abcd-12ab-34cd-56ef-1234567890ab}}
";
    let (once, again) = (estate(text), estate(text));
    let key = &once.keys["Key"];
    assert_eq!(key.arn, again.keys["Key"].arn);
    assert!(key.arn.as_ref().unwrap().starts_with("arn:aws:kms:eu-west-1:123456789012:key/mrk-"));
    let found = [&key.spec, &key.usage, &key.origin, &key.state].map(|it| it.as_deref().unwrap());
    assert_eq!(found, ["RSA_2048", "SIGN_VERIFY", "EXTERNAL", "Disabled"]);
    assert_eq!((key.multi_region, &key.aliases[0][..]), (Some("primary"), "alias/App"));
    assert_eq!(key.tags["team"], "web");
    assert!(
        once.notes
            .join("\n")
            .contains("the key `1234abcd-12ab-34cd-56ef-1234567890ab` is not in the templates")
    );
    assert!(once.load().unwrap().warnings.is_empty());
}

#[test]
fn what_a_template_leaves_open_of_a_key_is_unknown() {
    let estate = estate(
        "
Parameters: {P: {Type: String}}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {KeySpec: !Ref P, Tags: [{Key: v, Value: !Ref P}]}}
  Plain: {Type: AWS::KMS::Key}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: !Sub 'alias/${P}', TargetKeyId: !Ref Key}}
",
    );
    let names = |key: &str| -> Vec<&str> {
        estate.keys[key].unknown.iter().map(|part| part.as_str()).collect()
    };
    assert_eq!(names("Key"), ["aliases", "spec", "tags"]);
    assert_eq!(names("Plain"), [""; 0]);
}

#[test]
fn a_key_policy_is_an_object_a_text_or_the_default_one() {
    let role = "  Role: {Type: AWS::IAM::Role, Properties: {RoleName: web, Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]}}]}}\n";
    let table = [
        ("{}", Decision::Allowed),
        (
            "{KeyPolicy: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Role.Arn}, Action: kms:Decrypt, Resource: '*'}]}}",
            Decision::Allowed,
        ),
        (
            "{KeyPolicy: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {AWS: 012345678901}, Action: kms:Decrypt, Resource: '*'}]}}",
            Decision::ImplicitDeny,
        ),
        (
            r#"{KeyPolicy: !Sub '{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalArn": "${Role.Arn}"}}}}'}"#,
            Decision::ExplicitDeny,
        ),
        (
            "{KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: !ImportValue admin}, Action: kms:*, Resource: '*'}]}}",
            Decision::Undetermined,
        ),
    ];
    for (properties, expected) in table {
        let text =
            format!("Resources:\n{role}  Key: {{Type: AWS::KMS::Key, Properties: {properties}}}\n");
        let estate = estate(&text);
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{properties}");
    }
}

#[test]
fn a_policy_is_named_for_its_resource_and_an_unknown_one_says_why() {
    let text = r#"{"Parameters": {"Admin": {"Type": "String"}}, "Resources": {
 "Key961B": {"Type": "AWS::KMS::Key", "Metadata": {"aws:cdk:path": "Stack/Data/Key/Resource"}},
 "A": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:*", "Resource": "*"}]}}},
 "B": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": {"Statement": [{"Effect": "Allow", "Principal": {"AWS": {"Ref": "Admin"}}, "Action": "kms:*", "Resource": "*"}]}}}}}"#;
    let estate = estate(text);
    assert_eq!(estate.keys.keys().collect::<Vec<_>>(), ["A", "B", "Stack/Data/Key"]);
    let Some(EstatePolicy::Document(source)) = &estate.keys["A"].policy else { panic!() };
    assert_eq!(source.name, "template.yaml: KeyPolicy of `A`");
    let Some(EstatePolicy::Unknown(reason)) = &estate.keys["B"].policy else { panic!() };
    assert_eq!(reason, "the parameter `Admin` is not given (template.yaml:1:26)");
}

#[test]
fn a_replica_shares_the_id_of_its_primary_key() {
    let replica = |arn: &str| {
        format!(
            "Resources: {{R: {{Type: AWS::KMS::ReplicaKey, Properties: {{PrimaryKeyArn: '{arn}', KeyPolicy: {{Statement: [{{Effect: Allow, Principal: {{AWS: '*'}}, Action: 'kms:*', Resource: '*'}}]}}}}}}}}"
        )
    };
    let id = "mrk-1234abcd12ab34cd56ef1234567890ab";
    let replicated = estate(&replica(&format!("arn:aws:kms:us-east-1:123456789012:key/{id}")));
    let key = &replicated.keys["R"];
    assert_eq!(key.arn.as_deref().unwrap(), format!("arn:aws:kms:eu-west-1:123456789012:key/{id}"));
    assert_eq!(key.multi_region, Some("replica"));
    let same = error(&replica(&format!("arn:aws:kms:eu-west-1:123456789012:key/{id}")));
    assert!(same.contains("in another Region than `eu-west-1`"), "{same}");
    let single = error(&replica("arn:aws:kms:us-east-1:123456789012:key/1234"));
    assert!(single.contains("expected the ARN of a multi-Region key"), "{single}");
}

#[test]
fn what_kms_refuses_is_refused_at_its_place_in_the_template() {
    let policy = |statement: &str| format!("KeyPolicy: {{Statement: [{statement}]}}");
    let table = [
        ("KeySpec: RSA_2084".to_owned(), "did you mean `RSA_2048`?", "/KeySpec"),
        ("Enabled: maybe".to_owned(), "expected `true` or `false`", "/Enabled"),
        (
            policy("{Effect: Permit, Principal: '*', Action: 'kms:*', Resource: '*'}"),
            "expected `Allow` or `Deny`",
            "/KeyPolicy/Statement/0/Effect",
        ),
        (policy("!Sub x"), "expected a statement", "/KeyPolicy/Statement/0"),
        ("KeyPolicy: '{'".to_owned(), "expected JSON", "/KeyPolicy"),
        ("KeyPolicy: []".to_owned(), "expected a policy", "/KeyPolicy"),
    ];
    for (property, expected, pointer) in table {
        let text = format!(
            "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      {property}\n"
        );
        let found = error(&text);
        assert!(found.starts_with("template.yaml:5:") && found.contains(expected), "{found}");
        assert!(found.contains(&format!("/Properties{pointer}`")), "{found}");
    }
    let alias = "Resources: {Key: {Type: AWS::KMS::Key}, A: {Type: AWS::KMS::Alias, Properties: {AliasName: app, TargetKeyId: !Ref Key}}}";
    assert!(error(alias).contains("expected an alias name"));
}

#[test]
fn without_an_account_the_one_that_key_policies_name_is_taken() {
    let text = |principal: &str| {
        format!(
            "Resources: {{Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: [{{Effect: Allow, Principal: {{AWS: {principal}}}, Action: 'kms:*', Resource: '*'}}]}}}}}}}}"
        )
    };
    let mut nothing = assumptions(&[]);
    nothing.account = None;
    let named = estate_with(&text("'arn:aws:iam::111122223333:root'"), &nothing).unwrap();
    assert_eq!(named.account.unwrap().as_str(), "111122223333");
    assert!(named.notes[0].contains("the account of the stack is taken to be 111122223333"));
    let asked = text("['arn:aws:iam::111122223333:root', !Ref 'AWS::AccountId']");
    let error = estate_with(&asked, &nothing).unwrap_err().to_string();
    assert!(error.ends_with("say it with `--account`"), "{error}");
}
