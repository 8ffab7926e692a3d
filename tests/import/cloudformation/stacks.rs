//! Several stacks together.

use kms_sim::evaluate::Decision::{Allowed, ImplicitDeny, Undetermined};
use kms_sim::import::cloudformation::{Stack, Template, import};
use kms_sim::import::{Assumptions, Estate};

use super::{decision, document};

fn stack(name: &str, account: &str, region: &str) -> Stack {
    Stack {
        name: Some(name.to_owned()),
        account: account.parse().ok(),
        region: Some(region.to_owned()),
        parameters: Vec::new(),
        is_part: false,
    }
}

fn imported(stacks: &[(&str, Stack)]) -> Estate {
    let documents: Vec<_> = stacks.iter().map(|(text, _)| document(text).unwrap()).collect();
    let templates: Vec<Template<'_>> = documents
        .iter()
        .zip(stacks)
        .map(|(document, (_, stack))| Template { document, stack: stack.clone() })
        .collect();
    import(&templates, &Assumptions::default()).unwrap()
}

const KEYS: &str = "Resources:
  Key:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: ['arn:aws:iam::111122223333:root', !Sub 'arn:aws:iam::${AWS::AccountId}:root']}, Action: 'kms:*', Resource: '*'}]}
Outputs:
  Arn: {Value: !GetAtt Key.Arn, Export: {Name: !Sub '${AWS::StackName}-arn'}}
";
const ROLES: &str = "Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: web, Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: kms:Decrypt, Resource: !ImportValue Keys-arn}]}}]}}
";

#[test]
fn what_one_stack_exports_others_of_its_account_and_region_import() {
    let keys = || stack("Keys", "123456789012", "eu-west-1");
    let together =
        imported(&[(ROLES, stack("Roles", "123456789012", "eu-west-1")), (KEYS, keys())]);
    assert_eq!(decision(&together, "role/web", "Decrypt", "Key"), Allowed);
    let apart = imported(&[(ROLES, stack("Roles", "123456789012", "us-east-1")), (KEYS, keys())]);
    assert_eq!(decision(&apart, "role/web", "Decrypt", "Key"), Undetermined);
}

#[test]
fn stacks_of_other_accounts_and_regions_keep_theirs() {
    let caller = "Resources:
  Role: {Type: AWS::IAM::Role, Properties: {RoleName: app, Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: kms:Decrypt, Resource: '*'}]}}]}}
  Key: {Type: AWS::KMS::Key}
";
    let estate = imported(&[
        (KEYS, stack("Keys", "123456789012", "eu-west-1")),
        (caller, stack("App", "111122223333", "us-east-1")),
    ]);
    assert_eq!(estate.account.unwrap().as_str(), "123456789012");
    assert_eq!(estate.keys.keys().collect::<Vec<_>>(), ["App/Key", "Key"]);
    let role = "arn:aws:iam::111122223333:role/app";
    assert_eq!(decision(&estate, role, "Decrypt", "Key"), Allowed);
    assert_eq!(decision(&estate, role, "Encrypt", "Key"), ImplicitDeny);
}

#[test]
fn a_stack_has_its_parameters_and_the_user_the_last_word() {
    let text = "Parameters: {Name: {Type: String, Default: a}}\nResources: {Role: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Name}}}";
    let document = document(text).unwrap();
    let mut own = stack("App", "123456789012", "eu-west-1");
    own.parameters.push(("Name".to_owned(), "b".to_owned()));
    let templates = [Template { document: &document, stack: own }];
    let mut assumptions = Assumptions::default();
    let role = |assumptions: &Assumptions| import(&templates, assumptions).unwrap().principals;
    assert!(role(&assumptions).contains_key("role/b"));
    assumptions.values.insert("Name".to_owned(), "c".to_owned());
    assert!(role(&assumptions).contains_key("role/c"));
}

#[test]
fn templates_of_one_name_are_stacks_apart() {
    let text = "Resources: {Key: {Type: AWS::KMS::Key}, Role: {Type: AWS::IAM::Role}}";
    let unnamed = || Stack { name: None, ..stack("", "123456789012", "eu-west-1") };
    let estate = imported(&[(text, unnamed()), (text, unnamed())]);
    assert_eq!(estate.keys.keys().collect::<Vec<_>>(), ["Key", "template/Key"]);
    assert_eq!(estate.principals.len(), 2);
}
