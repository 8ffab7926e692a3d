//! What the AWS CLI prints.

#![expect(clippy::indexing_slicing, reason = "a test that cannot go on has failed")]

use std::sync::Arc;

use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Environment, Files, Key, Question, ReadError};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::import::{Assumptions, Estate, Placement, Written};
use kms_sim::kms::Action;
use serde_json::{Value, json};

use crate::support::{decision, imported};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const ROLE: &str = "arn:aws:iam::123456789012:role/";

fn policy(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn allows(action: &str) -> Value {
    policy(&json!([{"Effect": "Allow", "Action": action, "Resource": "*"}]))
}

/// What leaves all to the IAM policies of the account.
fn delegates() -> Value {
    policy(&json!([{
        "Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*", "Resource": "*",
    }]))
}

fn key_policy() -> (String, String) {
    let printed = json!({"Policy": delegates().to_string(), "PolicyName": "default"});
    (format!("c/kms/us-east-1/{ID}/get-key-policy.json"), printed.to_string())
}

fn role(name: &str, members: &Value) -> Value {
    let own = json!({
        "RoleName": name, "RoleId": "AROAEXAMPLEID", "Path": "/", "Arn": format!("{ROLE}{name}"),
        "RolePolicyList": [], "AttachedManagedPolicies": [],
    });
    let members = [own, members.clone()].into_iter().filter_map(|it| it.as_object().cloned());
    Value::Object(members.flatten().collect())
}

/// What was collected of a key without grants.
fn estate(files: &[(String, String)]) -> Estate {
    let grants = (format!("c/kms/us-east-1/{ID}/list-grants.json"), r#"{"Grants": []}"#.to_owned());
    estate_of(&[files, &[grants]].concat())
}

fn estate_of(files: &[(String, String)]) -> Estate {
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    imported(&files, &Assumptions::default()).unwrap().after
}

fn details(roles: &Value, policies: &Value) -> (String, String) {
    let details = json!({"RoleDetailList": roles, "Policies": policies, "IsTruncated": false});
    ("c/iam/details.json".to_owned(), details.to_string())
}

fn asked(estate: &Estate, principal: &str, action: &str) -> Decision {
    decision(&estate.load().unwrap().environment, principal, action, ID)
}

fn encoded(text: &str) -> String {
    let hex = |text: String, byte: u8| text + &format!("%{byte:02X}");
    text.bytes().fold(String::new(), hex)
}

#[test]
fn a_policy_document_may_be_an_object_a_string_or_url_encoded() {
    let document = allows("kms:Decrypt");
    let forms =
        [document.clone(), document.to_string().into(), encoded(&document.to_string()).into()];
    for form in forms {
        let inline = json!({"RolePolicyList": [{"PolicyName": "p", "PolicyDocument": form}]});
        let estate = estate(&[key_policy(), details(&json!([role("Web", &inline)]), &json!([]))]);
        assert_eq!(asked(&estate, "role/Web", "Decrypt"), Decision::Allowed, "{form}");
        assert_eq!(asked(&estate, "role/Web", "Encrypt"), Decision::ImplicitDeny);
    }
}

#[test]
fn of_a_managed_policy_the_default_version_alone_decides() {
    let arn = "arn:aws:iam::123456789012:policy/Keys";
    let attached = json!({"AttachedManagedPolicies": [{"PolicyName": "Keys", "PolicyArn": arn}]});
    let version = |id: &str, action: &str| json!({"VersionId": id, "IsDefaultVersion": id == "v2", "Document": allows(action)});
    let keys = json!([{
        "Arn": arn, "PolicyName": "Keys", "DefaultVersionId": "v2",
        "PolicyVersionList": [version("v1", "kms:Decrypt"), version("v2", "kms:Encrypt")],
    }]);
    let estate = estate(&[key_policy(), details(&json!([role("Web", &attached)]), &keys)]);
    assert_eq!(asked(&estate, "role/Web", "Encrypt"), Decision::Allowed);
    assert_eq!(asked(&estate, "role/Web", "Decrypt"), Decision::ImplicitDeny);
}

#[test]
fn what_was_not_collected_is_unknown_and_never_taken_for_nothing() {
    let arn = "arn:aws:iam::aws:policy/service-role/Keys";
    let attached = json!([{"PolicyName": "Keys", "PolicyArn": arn}]);
    let boundary = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
    let inline = json!([{"PolicyName": "p", "PolicyDocument": allows("kms:*")}]);
    let roles = json!([
        role("Attached", &json!({"AttachedManagedPolicies": attached})),
        role("Bounded", &json!({"RolePolicyList": inline, "PermissionsBoundary": boundary})),
    ]);
    let without = estate(&[key_policy(), details(&roles, &json!([]))]);
    assert_eq!(asked(&without, "role/Attached", "Decrypt"), Decision::Undetermined);
    assert_eq!(asked(&without, "role/Bounded", "Decrypt"), Decision::Undetermined);
    // The documents of AWS's own policies may come as files.
    let file = ("c/policies/Keys.json".to_owned(), allows("kms:Decrypt").to_string());
    let with = estate(&[key_policy(), details(&roles, &json!([])), file]);
    assert_eq!(asked(&with, "role/Attached", "Decrypt"), Decision::Allowed);
    assert_eq!(asked(&with, "role/Bounded", "Decrypt"), Decision::Allowed);
    assert_eq!(asked(&with, "role/Bounded", "Encrypt"), Decision::ImplicitDeny);
    let no_policy = json!({"Aliases": [{
        "AliasName": "alias/app", "TargetKeyId": ID,
        "AliasArn": "arn:aws:kms:us-east-1:123456789012:alias/app",
    }]});
    let roles = json!([role("Web", &json!({"RolePolicyList": inline}))]);
    let estate = estate_of(&[
        ("c/kms/us-east-1/aliases.json".to_owned(), no_policy.to_string()),
        details(&roles, &json!([])),
    ]);
    assert_eq!(asked(&estate, "role/Web", "Decrypt"), Decision::Undetermined);
    assert!(estate.keys.contains_key("app"));
    assert!(estate.notes.iter().any(|note| note.contains("grants are not known")));
}

#[test]
fn what_nobody_told_of_a_key_leaves_conditions_on_it_open() {
    let deny = |operator: &str, name: &str, value: &str| {
        json!({"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*",
            "Condition": {operator: {name: value}}})
    };
    let allow = json!({"Effect": "Allow", "Action": "kms:*", "Resource": "*"});
    let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{ID}");
    let file =
        |name: &str, value: &Value| (format!("c/kms/us-east-1/{ID}/{name}"), value.to_string());
    let metadata = file("describe-key.json", &json!({"KeyMetadata": {"Arn": arn, "KeyId": ID}}));
    let tags = file("tags.json", &json!({"Tags": [], "Truncated": false}));
    let some_tags = file("tags.json", &json!({"Tags": [], "Truncated": true}));
    let aliases = file("aliases.json", &json!({"Aliases": []}));
    let tag = deny("StringEquals", "aws:ResourceTag/locked", "true");
    let alias = deny("ForAnyValue:StringLike", "kms:ResourceAliases", "alias/prod*");
    let spec = deny("StringEquals", "kms:KeySpec", "RSA_2048");
    for (denied, told, expected) in [
        (&tag, None, Decision::Undetermined),
        (&tag, Some(&some_tags), Decision::Undetermined),
        (&tag, Some(&tags), Decision::Allowed),
        (&alias, None, Decision::Undetermined),
        (&alias, Some(&aliases), Decision::Allowed),
        (&spec, None, Decision::Undetermined),
        (&spec, Some(&metadata), Decision::Allowed),
    ] {
        let document = policy(&json!([allow, denied]));
        let own = json!({"RolePolicyList": [{"PolicyName": "own", "PolicyDocument": document}]});
        let mut files = vec![key_policy(), details(&json!([role("Web", &own)]), &json!([]))];
        files.extend(told.cloned());
        let estate = estate(&files);
        assert_eq!(asked(&estate, "role/Web", "Decrypt"), expected, "{denied} {told:?}");
        // A file that was written says the same.
        let written = estate.to_document().unwrap().to_string();
        let document = Document::parse(Source::new("e.json", written), Format::Json).unwrap();
        let read = Environment::load(&document, &kms_sim::environment::NoFiles, None).unwrap();
        assert_eq!(decision(&read.environment, "role/Web", "Decrypt", ID), expected, "{denied}");
    }
}

#[test]
fn grants_that_were_not_collected_may_allow_what_grants_can() {
    let files = [key_policy(), details(&json!([role("Web", &json!({}))]), &json!([]))];
    let without = estate_of(&files);
    assert_eq!(asked(&without, "role/Web", "Decrypt"), Decision::Undetermined);
    assert_eq!(asked(&without, "role/Web", "PutKeyPolicy"), Decision::ImplicitDeny);
    let list = |truncated: bool| {
        let printed = json!({"Grants": [], "Truncated": truncated});
        (format!("c/kms/us-east-1/{ID}/list-grants.json"), printed.to_string())
    };
    let [first, role] = files;
    let cut = estate_of(&[first.clone(), role.clone(), list(true)]);
    assert_eq!(asked(&cut, "role/Web", "Decrypt"), Decision::Undetermined);
    let whole = estate_of(&[first, role, list(false)]);
    assert_eq!(asked(&whole, "role/Web", "Decrypt"), Decision::ImplicitDeny);
}

#[test]
fn a_list_whose_next_page_is_missing_is_not_whole() {
    let file = |name: &str, value: &Value| (format!("c/roles/Web/{name}.json"), value.to_string());
    let own = json!({"RoleName": "Web", "PolicyName": "own", "PolicyDocument": allows("kms:*")});
    for (is_cut, expected) in [(true, Decision::Undetermined), (false, Decision::Allowed)] {
        let files = [
            key_policy(),
            file("get-role", &json!({"Role": {"RoleName": "Web", "Arn": format!("{ROLE}Web")}})),
            file("list-role-policies", &json!({"PolicyNames": ["own"]})),
            file("get-role-policy", &own),
            file("attached", &json!({"AttachedPolicies": [], "IsTruncated": is_cut})),
        ];
        assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), expected);
    }
}

#[test]
fn a_role_of_the_details_may_be_described_again() {
    let own = json!({"RolePolicyList": [{"PolicyName": "own", "PolicyDocument": allows("kms:*")}]});
    let again = json!({"Role": {"RoleName": "Web", "Arn": format!("{ROLE}Web")}});
    let again = ("c/a/get-role.json".to_owned(), again.to_string());
    let files = [again, key_policy(), details(&json!([role("Web", &own)]), &json!([]))];
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Allowed);
}

#[test]
fn of_two_files_with_the_name_of_a_managed_policy_none_is_taken() {
    let attached = json!({"AttachedManagedPolicies": [
        {"PolicyName": "Use", "PolicyArn": "arn:aws:iam::123456789012:policy/Use"},
    ]});
    let use_keys =
        |folder: &str, action| (format!("c/{folder}/Use.json"), allows(action).to_string());
    let mut files = vec![key_policy(), details(&json!([role("Web", &attached)]), &json!([]))];
    files.push(use_keys("a", "kms:*"));
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Allowed);
    files.push(use_keys("b", "s3:*"));
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Undetermined);
}

#[test]
fn a_control_policy_that_nothing_attaches_may_limit_the_account() {
    let own = json!({"RolePolicyList": [{"PolicyName": "own", "PolicyDocument": allows("kms:*")}]});
    let control = json!({"Policy": {
        "PolicySummary": {"Id": "p-12abcdef", "Type": "SERVICE_CONTROL_POLICY"},
        "Content": allows("s3:*").to_string(),
    }});
    let files = [
        key_policy(),
        details(&json!([role("Web", &own)]), &json!([])),
        ("c/organizations/p-12abcdef.json".to_owned(), control.to_string()),
    ];
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Undetermined);
}

#[test]
fn a_level_of_control_policies_that_was_refused_is_unknown() {
    let own = json!({"RolePolicyList": [{"PolicyName": "own", "PolicyDocument": allows("kms:*")}]});
    for (level, expected) in [
        ("- [{unknown: list-policies-for-target was refused}]", Decision::Undetermined),
        ("- [p-FullAWSAccess]", Decision::Allowed),
        ("", Decision::Allowed),
    ] {
        let tree = format!(
            "id: o-exampleorgid\naccounts:\n  \"123456789012\":\n    service_control_policies:\n      {level}\n    resource_control_policies:\n"
        );
        let files = [
            key_policy(),
            details(&json!([role("Web", &own)]), &json!([])),
            ("c/organizations/organization.yaml".to_owned(), tree),
        ];
        assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), expected, "{level}");
    }
}

#[test]
fn commands_for_single_roles_are_joined_by_name_and_folder() {
    let web = json!({"Role": {"RoleName": "Web", "RoleId": "AROAX", "Path": "/", "Arn": format!("{ROLE}Web")}});
    let inline =
        json!({"RoleName": "Web", "PolicyName": "p", "PolicyDocument": allows("kms:Decrypt")});
    let folder = |name: &str| format!("c/iam/roles/Web/{name}.json");
    let mut files = vec![key_policy(), (folder("get-role"), web.to_string())];
    // Of a role alone nothing is known of its policies.
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Undetermined);
    files.push((folder("list-role-policies"), json!({"PolicyNames": ["p"]}).to_string()));
    files.push((folder("list-attached"), json!({"AttachedPolicies": []}).to_string()));
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Undetermined);
    files.push((folder("p"), inline.to_string()));
    assert_eq!(asked(&estate(&files), "role/Web", "Decrypt"), Decision::Allowed);
    assert_eq!(asked(&estate(&files), "role/Web", "Encrypt"), Decision::ImplicitDeny);
}

#[test]
fn a_user_has_the_policies_of_its_groups() {
    let user = json!({
        "UserName": "Reader", "UserId": "AIDAX", "Path": "/",
        "Arn": "arn:aws:iam::123456789012:user/Reader", "GroupList": ["Readers"],
    });
    let group = json!({
        "GroupName": "Readers", "GroupId": "AGPAX", "Path": "/team/",
        "Arn": "arn:aws:iam::123456789012:group/team/Readers",
        "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": allows("kms:Decrypt")}],
    });
    let both = json!({"UserDetailList": [user], "GroupDetailList": [group]});
    let with = estate(&[key_policy(), ("c/d.json".to_owned(), both.to_string())]);
    assert_eq!(asked(&with, "user/Reader", "Decrypt"), Decision::Allowed);
    assert_eq!(asked(&with, "user/Reader", "Encrypt"), Decision::ImplicitDeny);
    let user = json!({"UserDetailList": [user]});
    let without = estate(&[key_policy(), ("c/d.json".to_owned(), user.to_string())]);
    assert_eq!(asked(&without, "user/Reader", "Decrypt"), Decision::Undetermined);
}

#[test]
fn pages_are_merged_and_a_last_one_that_is_missing_is_told() {
    let page = |name: &str, is_cut: bool| {
        json!({"RoleDetailList": [role(name, &json!({}))], "IsTruncated": is_cut, "Marker": "m"})
            .to_string()
    };
    let whole = format!("{}\n{}", page("A", true), page("B", false));
    let merged = estate(&[("d.json".to_owned(), whole)]);
    assert_eq!(merged.principals.keys().collect::<Vec<_>>(), ["role/A", "role/B"]);
    assert!(!merged.notes.iter().any(|note| note.contains("another page")));
    let cut = estate(&[("d.json".to_owned(), format!("[{}]", page("A", true)))]);
    assert!(cut.notes.iter().any(|note| note.starts_with("d.json:1:2: another page")));
}

/// An environment, as far as all actions of all principals on all keys tell.
fn matrix(environment: &Environment) -> Vec<String> {
    let principals: Vec<String> =
        environment.principals().map(|(name, _)| name.to_string()).collect();
    let keys: Vec<String> = environment.keys().iter().map(Key::arn).collect();
    let mut rows = Vec::new();
    for principal in &principals {
        for key in &keys {
            let told = Action::all().iter().map(|action| {
                let mut question = Question::new(principal.as_str(), action);
                question.key = Some(key.clone());
                format!("{:?}", environment.request(&question).map(|it| decide(&it).decision))
            });
            rows.push(format!("{principal} {key}: {}", told.collect::<Vec<_>>().join(" ")));
        }
    }
    rows
}

/// The files that go with an environment file.
struct Beside(Written);

impl Files for Beside {
    fn read(&self, _from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let name = path.strip_prefix("policies/").unwrap();
        Ok(Source::new(path, self.0.policies[name].clone()))
    }
}

fn account() -> Vec<(String, String)> {
    let arn = "arn:aws:iam::aws:policy/Keys";
    let attached = json!([{"PolicyName": "Keys", "PolicyArn": arn}]);
    let boundary = json!({"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn});
    let inline = json!([{"PolicyName": "p", "PolicyDocument": allows("kms:*")}]);
    let tags = json!([{"Key": "team", "Value": "web: #1"}]);
    let roles = json!([
        role("Web", &json!({"AttachedManagedPolicies": attached, "Tags": tags})),
        role("Worker", &json!({"AttachedManagedPolicies": attached, "RolePolicyList": inline})),
        role("Bounded", &json!({"RolePolicyList": inline, "PermissionsBoundary": boundary})),
        role(
            "Lost",
            &json!({"AttachedManagedPolicies": [{"PolicyArn": "arn:aws:iam::aws:policy/Lost"}]})
        ),
    ]);
    let managed = json!([{
        "Arn": arn, "PolicyVersionList": [
            {"VersionId": "v1", "IsDefaultVersion": true, "Document": allows("kms:Decrypt")},
        ],
    }]);
    let replica = "mrk-1234abcd12ab34cd56ef1234567890ab";
    let metadata = json!({"KeyMetadata": {
        "Arn": format!("arn:aws:kms:eu-west-1:123456789012:key/{replica}"), "KeyId": replica,
        "KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER", "KeyState": "Disabled", "Enabled": false,
        "CreationDate": 1.498_859_072e9, "MultiRegion": true,
        "MultiRegionConfiguration": {"MultiRegionKeyType": "REPLICA"},
    }});
    let grants = json!({"Grants": [{
        "KeyId": format!("arn:aws:kms:us-east-1:123456789012:key/{ID}"), "GrantId": "g",
        "GranteePrincipal": format!("{ROLE}Lost"), "Operations": ["Encrypt"], "Name": "",
        "IssuingAccount": "arn:aws:iam::123456789012:root", "CreationDate": "2022-08-07 12:55:43+00:00",
    }, {
        "KeyId": format!("arn:aws:kms:us-east-1:123456789012:key/{ID}"), "GrantId": "h",
        "GranteePrincipal": "AROAEXAMPLEDELETED", "Operations": ["Encrypt"],
    }], "Truncated": false});
    let scp = json!({"Policy": {"Content": policy(&json!([
        {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"},
    ])).to_string(), "PolicySummary": {"Id": "p-12abcdef"}}});
    let tree = "id: o-exampleorgid\nmanagement_account: \"999999999999\"\naccounts:\n  \"123456789012\":\n    ou_path: [r-root]\n    service_control_policies: [[p-FullAWSAccess], [p-FullAWSAccess, p-12abcdef]]\n    resource_control_policies: [[rcp.json]]\n";
    let rcp = policy(&json!([
        {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*",
         "Condition": {"StringEquals": {"aws:PrincipalTag/team": "web: #1"}}},
    ]));
    let endpoints = json!({"VpcEndpoints": [
        {"VpcEndpointId": "vpce-0abc", "VpcId": "vpc-0123", "State": "available",
         "ServiceName": "com.amazonaws.us-east-1.kms", "PolicyDocument": delegates().to_string()},
        {"VpcEndpointId": "vpce-0s3", "ServiceName": "com.amazonaws.us-east-1.s3"},
    ]});
    let key = |name: &str| format!("c/kms/us-east-1/{ID}/{name}.json");
    let of_replica = |name: &str| format!("c/kms/eu-west-1/{replica}/{name}.json");
    let aliases = json!({"Aliases": [{
        "AliasName": "alias/app/secrets", "TargetKeyId": ID,
        "AliasArn": "arn:aws:kms:us-east-1:123456789012:alias/app/secrets",
    }, {"AliasName": "alias/aws/kafka", "AliasArn": "arn:aws:kms:us-east-1:123456789012:alias/aws/kafka"}]});
    let tags = json!({"Tags": [{"TagKey": "stage", "TagValue": "prod"}], "Truncated": false});
    vec![
        key_policy(),
        details(&roles, &managed),
        (key("list-grants"), grants.to_string()),
        (key("list-resource-tags"), tags.to_string()),
        ("c/kms/us-east-1/aliases.json".into(), aliases.to_string()),
        (of_replica("describe-key"), metadata.to_string()),
        (of_replica("get-key-policy"), json!({"Policy": delegates().to_string()}).to_string()),
        (of_replica("list-grants"), json!({"Grants": []}).to_string()),
        ("c/organizations/p-12abcdef.json".into(), scp.to_string()),
        ("c/organizations/organization.yaml".into(), tree.into()),
        ("c/organizations/rcp.json".into(), rcp.to_string()),
        ("c/ec2/us-east-1/vpc-endpoints.json".into(), endpoints.to_string()),
    ]
}

#[test]
fn what_is_written_is_the_environment_that_was_imported() {
    let estate = estate_of(&account());
    let direct = estate.load().unwrap().environment;
    assert_eq!(matrix(&direct).len(), 8);
    for format in [Format::Yaml, Format::Json] {
        for placement in [Placement::Inline, Placement::Folder("policies")] {
            let written = estate.write(format, placement).unwrap();
            let source = Source::new("kms-sim.yaml", written.text.clone());
            let document = Document::parse(source, format).unwrap();
            let read = Environment::load(&document, &Beside(written), None).unwrap().environment;
            assert_eq!(matrix(&read), matrix(&direct), "{format:?} {placement:?}");
            assert_eq!(read.organization.unwrap().accounts.len(), 1);
            assert_eq!(read.vpc_endpoints["vpce-0abc"].vpc.as_deref(), Some("vpc-0123"));
        }
    }
}

#[test]
fn all_that_was_collected_has_its_effect() {
    let estate = estate_of(&account());
    assert_eq!(estate.notes, Vec::<String>::new());
    let environment = estate.load().unwrap().environment;
    let asked = |principal: &str, action: &str| decision(&environment, principal, action, ID);
    assert_eq!(asked("role/Web", "Decrypt"), Decision::Allowed);
    assert_eq!(asked("role/Web", "Encrypt"), Decision::ExplicitDeny);
    assert_eq!(asked("role/Worker", "Encrypt"), Decision::Allowed);
    assert_eq!(asked("role/Worker", "ScheduleKeyDeletion"), Decision::ExplicitDeny);
    assert_eq!(asked("role/Bounded", "Encrypt"), Decision::ImplicitDeny);
    // A policy that is not known may deny what a grant allows.
    assert_eq!(asked("role/Lost", "Encrypt"), Decision::Undetermined);
    let key = &environment.keys()[0];
    assert_eq!((key.grants.len(), environment.vpc_endpoints.len()), (2, 1));
    let keys: Vec<&String> = estate.keys.keys().collect();
    assert_eq!(keys, ["app/secrets", "mrk-1234abcd12ab34cd56ef1234567890ab"]);
    let replica = &estate.keys["mrk-1234abcd12ab34cd56ef1234567890ab"];
    assert_eq!(
        (replica.multi_region, replica.state.as_deref()),
        (Some("replica"), Some("Disabled"))
    );
    assert_eq!(estate.keys["app/secrets"].tags["stage"], "prod");
}

#[test]
fn a_file_that_a_person_would_keep() {
    let written = estate_of(&account()).write(Format::Yaml, Placement::Folder("policies")).unwrap();
    let expected = include_str!("account.yaml");
    assert_eq!(written.text, expected);
    let names: Vec<&String> = written.policies.keys().collect();
    assert_eq!(names.len(), 8, "{names:?}");
}

#[test]
fn what_cannot_be_joined_is_refused_with_its_place() {
    let table = [
        (
            vec![("a/tags.json", r#"{"Tags": []}"#)],
            "a/tags.json:1:1: expected to know which key this is about",
        ),
        (
            vec![("names.json", r#"{"PolicyNames": ["p"]}"#)],
            "names.json:1:1: expected to know whose policies are listed",
        ),
        (
            vec![("p.json", r#"{"RoleName": "A", "PolicyName": "p", "PolicyDocument": {}}"#)],
            "p.json:1:1: expected to know the account of `A`",
        ),
        (
            vec![("d.json", r#"{"RoleDetailList": [{"RoleName": "A"}]}"#)],
            "d.json:1:21: expected a member `Arn`, found none, at `/RoleDetailList/0`",
        ),
        (vec![("k.json", r#"{"KeyMetadata": {"Arn": "x"}}"#)], "k.json:1:25: expected an ARN"),
        (
            vec![("p.json", r#"{"Statement": []}"#)],
            "p.json:1:1: expected something else, found a policy document",
        ),
        (
            vec![("t.json", r#"{"Records": [{"eventSource": "kms.amazonaws.com"}]}"#)],
            "`kms-sim diagnose` reads it",
        ),
        (
            vec![(
                "organization.yaml",
                "accounts: {\"123456789012\": {service_control_policies: [[scp.json]]}}",
            )],
            "organization.yaml:1:",
        ),
    ];
    for (files, expected) in table {
        let error = imported(&files, &Assumptions::default()).map(|_| expected).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
    }
}
