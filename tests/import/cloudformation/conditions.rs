//! Conditions, and what rests on them.

use kms_sim::evaluate::Decision;

use super::{assumptions, decision, error, estate_with};

const CONDITIONS: &str = "
Parameters:
  Env: {Type: String, Default: prod}
  Open: {Type: String}
Conditions:
  Sure: !Equals [!Ref Env, prod]
  Never: {'Fn::Equals': [{Ref: Env}, dev]}
  Maybe: !Equals [!Ref Open, x]
  NotNo: !Not [!Condition Never]
  NotMaybe: !Not [!Condition Maybe]
  NoAndMaybe: !And [!Condition Maybe, !Condition Never]
  YesAndMaybe: !And [!Condition Sure, !Condition Maybe]
  YesOrMaybe: !Or [!Condition Maybe, !Condition Sure]
  NoOrMaybe: {'Fn::Or': [{Condition: Never}, {Condition: Maybe}]}
  Nested: !And [!Not [!Equals [a, b]], !Or [!Condition Never, {'Fn::Equals': [1, '1']}]]
";

/// What a condition decides.
fn holds(condition: &str) -> Option<bool> {
    let text = format!(
        "{CONDITIONS}
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties: {{Tags: [{{Key: v, Value: !If [{condition}, 'true', 'false']}}]}}
"
    );
    let estate = estate_with(&text, &assumptions(&[])).unwrap();
    estate.keys.get("Key").and_then(|key| key.tags.get("v")).map(|text| text == "true")
}

#[test]
fn conditions_follow_kleenes_logic() {
    let table = [
        ("Sure", Some(true)),
        ("Never", Some(false)),
        ("Maybe", None),
        ("NotNo", Some(true)),
        ("NotMaybe", None),
        ("NoAndMaybe", Some(false)),
        ("YesAndMaybe", None),
        ("YesOrMaybe", Some(true)),
        ("NoOrMaybe", None),
        ("Nested", Some(true)),
    ];
    for (condition, expected) in table {
        assert_eq!(holds(condition), expected, "{condition}");
    }
}

/// A role with a policy that is there under a condition.
fn with_policy(condition: &str) -> String {
    format!(
        "{CONDITIONS}
Resources:
  Key: {{Type: AWS::KMS::Key}}
  Role: {{Type: AWS::IAM::Role, Properties: {{RoleName: web}}}}
  Use:
    Type: AWS::IAM::Policy
    Condition: {condition}
    Properties:
      PolicyName: use
      Roles: [!Ref Role]
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{{Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn}}]
"
    )
}

#[test]
fn a_policy_that_may_not_be_there_does_not_allow() {
    let table = [
        ("Sure", Decision::Allowed),
        ("Never", Decision::ImplicitDeny),
        ("Maybe", Decision::Undetermined),
    ];
    for (condition, expected) in table {
        let estate = estate_with(&with_policy(condition), &assumptions(&[])).unwrap();
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{condition}");
    }
    let given = assumptions(&[("Open", "x")]);
    let estate = estate_with(&with_policy("Maybe"), &given).unwrap();
    assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), Decision::Allowed);
}

#[test]
fn a_key_policy_that_may_be_the_default_one_is_not_known() {
    let text = |condition: &str| {
        format!(
            "{CONDITIONS}
Resources:
  Role: {{Type: AWS::IAM::Role, Properties: {{RoleName: web, Policies: [{{PolicyName: a, PolicyDocument: {{Statement: [{{Effect: Allow, Action: 'kms:*', Resource: '*'}}]}}}}]}}}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: !If
        - {condition}
        - {{Statement: [{{Effect: Allow, Principal: {{AWS: !Sub 'arn:aws:iam::${{AWS::AccountId}}:role/admin'}}, Action: 'kms:*', Resource: '*'}}]}}
        - !Ref AWS::NoValue
"
        )
    };
    let table = [
        ("Sure", Decision::ImplicitDeny),
        ("Never", Decision::Allowed),
        ("Maybe", Decision::Undetermined),
    ];
    for (condition, expected) in table {
        let estate = estate_with(&text(condition), &assumptions(&[])).unwrap();
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{condition}");
    }
}

#[test]
fn a_key_or_role_that_may_not_be_there_is_taken_to_be() {
    let text = format!(
        "{CONDITIONS}
Resources:
  Key: {{Type: AWS::KMS::Key, Condition: Maybe}}
  Gone: {{Type: AWS::KMS::Key, Condition: Never}}
  Alias: {{Type: AWS::KMS::Alias, Condition: Maybe, Properties: {{AliasName: alias/a, TargetKeyId: !Ref Key}}}}
"
    );
    let estate = estate_with(&text, &assumptions(&[])).unwrap();
    assert_eq!(estate.keys.keys().collect::<Vec<_>>(), ["Key"]);
    assert!(estate.keys["Key"].aliases.is_empty());
    let notes = estate.notes.join("\n");
    assert!(notes.contains("`Key` is taken to be there; whether `Key` is created is not known: the parameter `Open`"), "{notes}");
    assert!(notes.contains("`Alias` is left out"), "{notes}");
}

#[test]
fn what_is_wrong_in_a_condition_has_its_place() {
    let table = [
        ("!Equals [a]", "expected a list of two values"),
        ("!And []", "expected at least one condition"),
        ("!Not [a]", "expected one of `Fn::And`"),
        ("!Sub x", "expected one of `Fn::And`"),
        ("!Condition B", "expected a condition of the template, found `B`"),
        ("!Not [!Condition A]", "expected a value that does not rest on itself"),
    ];
    for (written, expected) in table {
        let text = format!(
            "Conditions:\n  A: {written}\nResources:\n  Key: {{Type: AWS::KMS::Key, Condition: A}}\n"
        );
        let found = error(&text);
        assert!(
            found.contains(expected) && found.starts_with("template.yaml:2:"),
            "{written}: {found}"
        );
    }
    let text = "Resources:\n  A: {Type: AWS::KMS::Key, Condition: B}\nConditions: {B: !Equals [a, b]}\nOutputs: {}\n";
    assert!(estate_with(text, &assumptions(&[])).unwrap().keys.is_empty());
    let text = "Conditions: {B: !Equals [a, b]}\nResources:\n  A: {Type: AWS::KMS::Key, Condition: B}\n  C: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/c, TargetKeyId: !Ref A}}\n";
    assert!(
        error(text)
            .contains("expected a resource that is created, found `A`, whose condition is false")
    );
}
