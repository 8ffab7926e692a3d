//! Templates that are made to do harm.

use std::fmt::Write as _;

use super::{assumptions, document, error, estate_with};

const TEMPLATE: &str = "Parameters:
  Env: {Type: String, Default: prod}
  Open: {Type: CommaDelimitedList}
Mappings: {M: {prod: {a: web, b: [x, 'y']}}}
Conditions:
  Prod: !Equals [!Ref Env, prod]
  Both: !And [!Condition Prod, !Not [!Equals [!Select [0, !Ref Open], '']]]
Resources:
  Key:
    Type: AWS::KMS::Key
    Condition: Prod
    Properties:
      MultiRegion: !If [Prod, true, !Ref AWS::NoValue]
      KeyPolicy:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {AWS: !Sub ['arn:aws:iam::${A}:root', {A: !Ref AWS::AccountId}]}
            Action: !Split [',', 'kms:Decrypt,kms:Encrypt']
            Resource: '*'
            Condition: {StringEquals: {'kms:ViaService': !Join ['.', [s3, !Ref AWS::Region, !Ref AWS::URLSuffix]]}}
  Replica: {Type: AWS::KMS::ReplicaKey, Condition: Both, Properties: {PrimaryKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab', KeyPolicy: '{\"Statement\": {\"Effect\": \"Allow\", \"Principal\": \"*\", \"Action\": \"kms:*\", \"Resource\": \"*\"}}'}}
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/a, TargetKeyId: !GetAtt Key.Arn}}
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: !FindInMap [M, !Ref Env, a], ManagedPolicyArns: [!Ref Managed]}}
  Managed: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: {Effect: Deny, Action: 'kms:*', Resource: !ImportValue x}}, Users: !Ref Open}}
Outputs: {O: {Value: !GetAtt Key.Arn, Export: {Name: x}}, P: {Value: !Select [1, !Cidr [10.0.0.0/8, 2]]}}
";

/// Not cryptographic, and the same every time.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn no_mutation_of_a_template_panics() {
    estate_with(TEMPLATE, &assumptions(&[])).unwrap().load().unwrap();
    let tokens: Vec<&str> =
        TEMPLATE.split_inclusive([' ', '\n', ',', '{', '[', '!', ':']).collect();
    let odd = [
        "!Ref ", "!GetAtt ", "!Sub ", "~", "[]", "{}", "'", "${", "!If ", "Key", "é", "\u{0}", "0",
    ];
    let mut state = 1;
    let mut read = 0;
    for _ in 0..1_000 {
        let mut mutated: Vec<&str> = tokens.clone();
        for _ in 0..=next(&mut state) % 3 {
            let at = next(&mut state) % mutated.len();
            match next(&mut state) % 4 {
                0 => drop(mutated.remove(at)),
                1 => mutated[at] = odd[next(&mut state) % odd.len()],
                2 => mutated.insert(at, tokens[next(&mut state) % tokens.len()]),
                _ => mutated[at] = tokens[next(&mut state) % tokens.len()],
            }
        }
        if let Ok(estate) = estate_with(&mutated.concat(), &assumptions(&[])) {
            read += 1;
            drop(estate.load());
        }
    }
    assert!(read > 50, "{read}");
}

#[test]
fn a_long_chain_ends_in_an_error() {
    let mut text = "Conditions:\n  C0: !Equals [a, a]\n".to_owned();
    for index in 1..5_000 {
        writeln!(text, "  C{index}: !Not [!Condition C{}]", index - 1).unwrap();
    }
    text.push_str("Resources: {Key: {Type: AWS::KMS::Key, Condition: C4999}}\n");
    assert!(error(&text).contains("expected at most 128 steps to a value"));
    let mut text = "Resources:\n  R0: {Type: AWS::IAM::Role}\n".to_owned();
    for index in 1..5_000 {
        let before = index - 1;
        writeln!(
            text,
            "  R{index}: {{Type: AWS::IAM::Role, Properties: {{RoleName: !Ref R{before}}}}}"
        )
        .unwrap();
    }
    assert!(estate_with(&text, &assumptions(&[])).is_err());
    let circle = "Resources:\n  A: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref B}}\n  B: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref A}}\n";
    assert!(error(circle).contains("expected a value that does not rest on itself"));
}

#[test]
fn references_do_not_multiply() {
    let mut text = "Conditions:\n  C0: !Equals [a, a]\nResources:\n  B0: {Type: AWS::S3::Bucket, Properties: {BucketName: xxxxxxxxxxxxxxxx}}\n".to_owned();
    for index in 1..40 {
        let before = index - 1;
        writeln!(text, "  B{index}: {{Type: AWS::S3::Bucket, Properties: {{BucketName: !Sub '${{B{before}}}${{B{before}}}'}}}}").unwrap();
    }
    text.push_str(
        "  Key: {Type: AWS::KMS::Key, Properties: {Tags: [{Key: v, Value: !Ref B39}]}}\n",
    );
    assert!(error(&text).contains("expected a text of at most"));
    let mut text = "Resources: {Key: {Type: AWS::KMS::Key, Condition: C39}}\nConditions:\n  C0: !Equals [a, a]\n".to_owned();
    for index in 1..40 {
        let before = index - 1;
        writeln!(text, "  C{index}: !And [!Condition C{before}, !Condition C{before}]").unwrap();
    }
    assert_eq!(estate_with(&text, &assumptions(&[])).unwrap().keys.len(), 1);
}

#[test]
fn deep_nesting_is_refused() {
    let nested = |open: &str, close: &str, levels: usize| {
        format!(
            "Resources: {{Key: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {}x{}}}}}}}",
            open.repeat(levels),
            close.repeat(levels)
        )
    };
    for levels in [60, 120, 5_000] {
        assert!(estate_with(&nested("!Join ['', [", "]]", levels), &assumptions(&[])).is_err());
        assert!(estate_with(&nested("{a: ", "}", levels), &assumptions(&[])).is_err());
    }
    assert!(document(&"!Ref ".repeat(1_000)).is_err());
}
