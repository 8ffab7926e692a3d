//! VPC endpoints, the organization, macros and loops.

use kms_sim::evaluate::Decision::{Allowed, ExplicitDeny, Undetermined};
use kms_sim::import::EstatePolicy;

use super::{decision, error, estate};

const ROLE: &str = "  Key: {Type: AWS::KMS::Key}\n  R: {Type: AWS::IAM::Role, Properties: {RoleName: web, Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]}}]}}\n";

#[test]
fn only_endpoints_of_kms_are_read() {
    let text = "Resources:
  Vpc: {Type: AWS::EC2::VPC}
  Kms: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.kms', PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}]}}}
  S3: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.s3}}
";
    let estate = estate(text);
    let (id, endpoint) = estate.vpc_endpoints.first_key_value().unwrap();
    assert!(estate.vpc_endpoints.len() == 1 && id.starts_with("vpce-"));
    assert!(endpoint.vpc.as_ref().unwrap().starts_with("vpc-"));
    assert!(matches!(endpoint.policy, Some(EstatePolicy::Document(_))));
    estate.load().unwrap();
}

#[test]
fn a_control_policy_limits_its_accounts() {
    let policy = |target: &str| {
        format!(
            "Resources:\n{ROLE}  Scp: {{Type: AWS::Organizations::Policy, Properties: {{Name: n, Type: SERVICE_CONTROL_POLICY, TargetIds: {target}, Content: {{Version: 2012-10-17, Statement: [{{Effect: Deny, Action: kms:Decrypt, Resource: '*'}}]}}}}}}\n"
        )
    };
    let table = [
        ("['123456789012']", ExplicitDeny),
        ("['111122223333']", Allowed),
        ("[r-root]", Undetermined),
        ("!Ref AWS::NoValue", Allowed),
    ];
    for (target, expected) in table {
        let estate = estate(&policy(target));
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{target}");
    }
    let estate = estate(&policy("['123456789012']"));
    assert_eq!(decision(&estate, "role/web", "Encrypt", "Key"), Allowed);
}

#[test]
fn a_macro_of_ones_own_may_change_every_policy() {
    let text = |transform: &str| format!("Transform: {transform}\nResources:\n{ROLE}");
    let table = [
        ("Mine", Undetermined),
        ("[AWS::LanguageExtensions, {Name: Mine}]", Undetermined),
        ("{Name: AWS::Include, Parameters: {Location: 's3://b/k'}}", Undetermined),
        ("AWS::Serverless-2016-10-31", Allowed),
    ];
    for (transform, expected) in table {
        let estate = estate(&text(transform));
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{transform}");
    }
}

#[test]
fn what_is_not_expanded_is_noted() {
    let text = "Transform: AWS::Serverless-2016-10-31
Resources:
  Fn: {Type: AWS::Serverless::Function, Properties: {Policies: [AWSLambdaExecute]}}
  Updater: {Type: Custom::KeyPolicyUpdater}
  Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: inner.yaml}}
  Fn::ForEach::Topics: [T, !GetAZs '', {'Topic${T}': {Type: AWS::SNS::Topic}}]
";
    let notes = estate(text).notes.join("\n");
    for expected in [
        "the macro `AWS::Serverless-2016-10-31` is not run",
        "template.yaml:3:7: `Fn` of `AWS::Serverless::Function` is not expanded",
        "`Inner` is a stack of its own",
        "`Updater` of `Custom::KeyPolicyUpdater` is a custom resource: what it changes is not known",
        "`Fn::ForEach::Topics` is not worked out",
    ] {
        assert!(notes.contains(expected), "{notes}");
    }
}

#[test]
fn what_is_no_template_is_refused() {
    let table = [
        ("[]", "expected a template, which is an object"),
        ("a: 1", "expected a member `Resources`"),
        ("Resources: []", "expected an object"),
        ("Resources: {A: {}}", "expected a member `Type`"),
        ("Resources: {A: {Type: 1}}", "expected a string"),
        ("Resources: {A: x}", "expected a resource, which is an object"),
        ("Resources: {A: {Type: AWS::KMS::Alias}}", "expected a property `AliasName` of `A`"),
        ("Resources: {}\nResources: {}", "found `Resources` again"),
    ];
    for (text, expected) in table {
        let found = error(text);
        assert!(found.contains(expected) && found.starts_with("template.yaml:"), "{found}");
    }
}

#[test]
fn what_a_macro_or_loop_may_add_to_a_resource_is_not_known() {
    let text = |key: &str| ["Resources:\n", ROLE, "  Open: ", key, "\n"].concat();
    let table = [
        ("{Type: AWS::KMS::Key}", Allowed),
        ("{Type: AWS::KMS::Key, Properties: {'Fn::Transform': {Name: Mine}}}", Undetermined),
        (
            "{Type: AWS::KMS::Key, Properties: {'Fn::ForEach::P': [P, !GetAZs '', {}]}}",
            Undetermined,
        ),
        ("{Type: AWS::KMS::Key, 'Fn::Transform': {Name: AWS::Include}}", Undetermined),
    ];
    for (key, expected) in table {
        let estate = estate(&text(key));
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Open"), expected, "{key}");
    }
}
