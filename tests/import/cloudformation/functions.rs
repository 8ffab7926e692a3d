//! Each function, in its short and its long form.

use super::{assumptions, error, estate_with};

/// What a value is worked out to, or the note that says why not.
fn value(written: &str, values: &[(&str, &str)]) -> Result<String, String> {
    let text = format!(
        "Transform: AWS::LanguageExtensions
Parameters:
  Env: {{Type: String, Default: prod}}
  Open: {{Type: String}}
  Names: {{Type: CommaDelimitedList, Default: 'a, b,c'}}
  Zones: {{Type: 'List<AWS::EC2::AvailabilityZone::Name>', Default: 'x,y'}}
  Count: {{Type: Number, Default: 010}}
  Stored: {{Type: 'AWS::SSM::Parameter::Value<String>', Default: /app/key}}
Mappings:
  Accounts:
    prod: {{id: 012345678901, names: [p, q]}}
    eu-west-1: {{id: '2'}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  IsOpen: !Equals [!Ref Open, x]
Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      Tags:
        - Key: v
          Value: {written}
  Bucket: {{Type: AWS::S3::Bucket, Properties: {{BucketName: data}}}}
  Role: {{Type: AWS::IAM::Role, Properties: {{Path: /app/, RoleName: !Sub '${{Env}}-web'}}}}
  Other: {{Type: AWS::Unheard::Of}}
"
    );
    let estate = estate_with(&text, &assumptions(values)).map_err(|error| error.to_string())?;
    match estate.keys.get("Key").and_then(|key| key.tags.get("v")) {
        Some(value) => Ok(value.clone()),
        None => Err(estate.notes.join("\n")),
    }
}

#[test]
fn both_forms_of_a_function_give_its_value() {
    let table = [
        ("!Ref Env", "{Ref: Env}", "prod"),
        ("!Ref Count", "{Ref: Count}", "010"),
        ("!Ref AWS::AccountId", "{Ref: 'AWS::AccountId'}", "123456789012"),
        ("!Ref AWS::Region", "{Ref: 'AWS::Region'}", "eu-west-1"),
        ("!Ref AWS::Partition", "{Ref: 'AWS::Partition'}", "aws"),
        ("!Ref AWS::URLSuffix", "{Ref: 'AWS::URLSuffix'}", "amazonaws.com"),
        ("!Ref AWS::StackName", "{Ref: 'AWS::StackName'}", "App"),
        ("!Ref Bucket", "{Ref: Bucket}", "data"),
        ("!GetAtt Bucket.Arn", "{'Fn::GetAtt': [Bucket, Arn]}", "arn:aws:s3:::data"),
        (
            "!GetAtt [Role, Arn]",
            "{'Fn::GetAtt': Role.Arn}",
            "arn:aws:iam::123456789012:role/app/prod-web",
        ),
        (
            "!Sub 'x-${Env}-${!aws:username}'",
            "{'Fn::Sub': 'x-${Env}-${!aws:username}'}",
            "x-prod-${aws:username}",
        ),
        (
            "!Sub ['${A}/${Bucket.Arn}/${AWS::Region}', {A: !Ref Env}]",
            "{'Fn::Sub': ['${A}/${Bucket.Arn}/${AWS::Region}', {A: {Ref: Env}}]}",
            "prod/arn:aws:s3:::data/eu-west-1",
        ),
        ("!Sub '$ {} ${'", "{'Fn::Sub': '$ {} ${'}", "$ {} ${"),
        ("!Join ['-', [a, !Ref Env, 1]]", "{'Fn::Join': ['-', [a, {Ref: Env}, 1]]}", "a-prod-1"),
        ("!Join ['|', !Ref Names]", "{'Fn::Join': ['|', {Ref: Names}]}", "a|b|c"),
        ("!Join ['|', !Ref Zones]", "{'Fn::Join': ['|', {Ref: Zones}]}", "x|y"),
        (
            "!Join [':', [a, !Ref AWS::NoValue, b]]",
            "{'Fn::Join': [':', [a, {Ref: 'AWS::NoValue'}, b]]}",
            "a:b",
        ),
        ("!Select [1, !Ref Names]", "{'Fn::Select': ['1', {Ref: Names}]}", "b"),
        ("!Select [0, [a, !Ref Open]]", "{'Fn::Select': [0, [a, {Ref: Open}]]}", "a"),
        (
            "!Select [4, !Split [':', !GetAtt Role.Arn]]",
            "{'Fn::Select': [4, {'Fn::Split': [':', {'Fn::GetAtt': [Role, Arn]}]}]}",
            "123456789012",
        ),
        ("!If [IsProd, yes-it-is, no]", "{'Fn::If': [IsProd, yes-it-is, 'no']}", "yes-it-is"),
        ("!If [IsOpen, same, same]", "{'Fn::If': [IsOpen, same, same]}", "same"),
        (
            "!FindInMap [Accounts, !Ref Env, id]",
            "{'Fn::FindInMap': [Accounts, {Ref: Env}, id]}",
            "012345678901",
        ),
        (
            "!Join ['', !FindInMap [Accounts, prod, names]]",
            "{'Fn::Join': ['', {'Fn::FindInMap': [Accounts, prod, names]}]}",
            "pq",
        ),
        (
            "!FindInMap [Accounts, none, id, {DefaultValue: d}]",
            "{'Fn::FindInMap': [Accounts, none, id, {DefaultValue: d}]}",
            "d",
        ),
        ("!Base64 abc", "{'Fn::Base64': abc}", "YWJj"),
        (
            "!Select [1, !Cidr [10.0.0.0/16, 4, 8]]",
            "{'Fn::Select': [1, {'Fn::Cidr': [10.0.0.0/16, 4, 8]}]}",
            "10.0.1.0/24",
        ),
        ("!ToJsonString {a: [1, b]}", "{'Fn::ToJsonString': {a: [1, b]}}", r#"{"a":["1","b"]}"#),
        ("!Length [a, b]", "{'Fn::Length': [a, b]}", "2"),
    ];
    for (short, long, expected) in table {
        assert_eq!(value(short, &[]).as_deref(), Ok(expected), "{short}");
        assert_eq!(value(long, &[]).as_deref(), Ok(expected), "{long}");
    }
}

#[test]
fn what_nobody_says_is_unknown_with_its_place() {
    let table = [
        ("!Ref Open", "the parameter `Open` is not given (template.yaml:4:9)"),
        ("!Sub 'a-${Open}'", "the parameter `Open` is not given"),
        ("!Join ['', [a, !Ref Open]]", "the parameter `Open` is not given"),
        ("!If [IsOpen, a, b]", "the parameter `Open` is not given"),
        ("!Ref Stored", "the parameter of Systems Manager `/app/key` is not given"),
        ("!ImportValue shared", "the export `shared` of another stack is not given"),
        ("!GetAtt Other.Arn", "`Other.Arn` of `AWS::Unheard::Of` is known only when"),
        ("!Ref Other", "`Other` of `AWS::Unheard::Of` is known only when"),
        ("'{{resolve:ssm:/app/role}}'", "`{{resolve:ssm:/app/role}}` is not given"),
        ("!Sub '{{resolve:ssm:/${Env}}}'", "`{{resolve:ssm:/prod}}` is not given"),
        ("!Join ['', ['{{resolve:', 'ssm:/a}}']]", "`{{resolve:ssm:/a}}` is not given"),
        ("!Select [0, !GetAZs '']", "which zones the account has is not given"),
        ("!Transform {Name: Mine}", "what a macro makes of this is not known"),
        ("{'Fn::ForEach::X': [I, !GetAZs '', {}]}", "what a loop makes of this is not worked out"),
        ("!Select [0, !Ref AWS::NotificationARNs]", "`AWS::NotificationARNs` is not given"),
        ("!Ref Implied", "`Implied` is not in the template, and what its macros"),
    ];
    for (written, expected) in table {
        let note = value(written, &[]).unwrap_err();
        assert!(note.contains(expected), "{written}: {note}");
        assert!(note.contains("has a tag that is not known, and left out"), "{written}: {note}");
    }
}

#[test]
fn what_the_user_says_is_known() {
    let table = [
        ("!Ref Open", "Open", "x"),
        ("!Ref Env", "Env", "dev"),
        ("!If [IsOpen, x, 'no']", "Open", "x"),
        ("!ImportValue shared", "shared", "s"),
        ("!GetAtt Other.Arn", "Other.Arn", "arn:aws:x"),
        ("!Ref Other", "Other", "o"),
        ("!Ref Stored", "/app/key", "k"),
        ("'{{resolve:ssm:/app/role}}'", "{{resolve:ssm:/app/role}}", "r"),
        ("'{{resolve:ssm:/app/role}}'", "ssm:/app/role", "r"),
        ("!GetAtt Bucket.Arn", "Bucket.Arn", "arn:aws:s3:::real"),
    ];
    for (written, name, given) in table {
        assert_eq!(value(written, &[(name, given)]).as_deref(), Ok(given), "{written}");
    }
}

#[test]
fn what_cloudformation_refuses_is_refused_with_its_place() {
    let table = [
        (
            "!Ref Evn",
            "template.yaml:22:18: expected a parameter or resource of the template, found `Evn`",
        ),
        ("!GetAtt Rolee.Arn", "found `Rolee`"),
        ("!GetAtt Role", "expected `Resource.Attribute`, or a list of both"),
        ("!Ref AWS::AcountId", "did you mean `AWS::AccountId`?"),
        ("!Sub '${aws/x}'", "write `${!aws/x}` for the variable of a policy"),
        ("!Sub '${Missing}'", "found `Missing`"),
        ("!Join [a]", "expected a list of a delimiter and a list, found 1 values"),
        ("!Join ['', a]", "expected a list, found `a`"),
        ("!Join ['', [[a]]]", "expected a text, found a list"),
        ("!Select [5, [a, b]]", "expected an index below 2, found 5"),
        ("!Select [x, [a, b]]", "expected an index that counts from 0"),
        ("!Split ['', ab]", "expected a delimiter"),
        ("!If [Nope, a, b]", "expected a condition of the template, found `Nope`"),
        ("!FindInMap [Accounts, nope, id]", "expected a key of the mapping, found `nope`"),
        ("!FindInMap [Acounts, prod, id]", "did you mean `Accounts`?"),
        ("!Cidr [10.0.0.0/30, 4, 8]", "expected 1 to 256 blocks"),
        ("{'Fn::Jion': ['', []]}", "did you mean `Fn::Join`?"),
        ("{'Fn::Sub': a, b: c}", "expected a function alone"),
        ("~", "CloudFormation takes no null"),
        ("!Nope x", "expected the tag of a function of CloudFormation, found `!Nope`"),
    ];
    for (written, expected) in table {
        // Without a macro, what is not there is wrong.
        let text = format!(
            "Parameters:
  Env: {{Type: String, Default: prod}}
Mappings:
  Accounts:
    prod: {{id: '1'}}
Conditions:
  IsProd: !Equals [!Ref Env, prod]








Resources:
  Role: {{Type: AWS::IAM::Role}}
  Key:
    Type: AWS::KMS::Key
    Properties:
      Tags: [{{Key: v,
          Value: {written}}}]
"
        );
        let found = error(&text);
        assert!(found.contains(expected), "{written}: {found}");
        assert!(found.starts_with("template.yaml:22:"), "{written}: {found}");
    }
}

#[test]
fn a_value_of_a_parameter_must_be_one_of_those_allowed() {
    let text = "
Parameters:
  Env: {Type: String, AllowedValues: [prod, dev]}
Resources:
  Key: {Type: AWS::KMS::Key, Properties: {Tags: [{Key: env, Value: !Ref Env}]}}
";
    let found = estate_with(text, &assumptions(&[("Env", "prud")])).unwrap_err().to_string();
    assert!(
        found.contains("expected one of `prod`, `dev` for the parameter, found `prud`"),
        "{found}"
    );
    assert!(estate_with(text, &assumptions(&[("Env", "dev")])).is_ok());
    for kind in ["CommaDelimitedList", "List<String>"] {
        let text = text.replace("{Type: String,", &format!("{{Type: {kind},"));
        let text = text.replace("!Ref Env", "!Select [0, !Ref Env]");
        assert!(estate_with(&text, &assumptions(&[("Env", "dev, prod")])).is_ok());
        let found = estate_with(&text, &assumptions(&[("Env", "dev,prud")])).unwrap_err();
        assert!(found.to_string().contains("for the parameter, found `prud`"), "{found}");
    }
}

#[test]
fn what_is_given_and_not_asked_for_is_noted() {
    let text = "Resources: {Key: {Type: AWS::KMS::Key}}";
    let estate = estate_with(text, &assumptions(&[("Evn", "prod")])).unwrap();
    assert_eq!(estate.notes, ["no template asks for `Evn`, which was given"]);
}
