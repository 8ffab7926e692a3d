//! What the AWS CLI prints.

use kms_sim::evaluate::Decision;
use kms_sim::import::{Assumptions, Estate};
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

fn estate(files: &[(String, String)]) -> Estate {
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
    let estate = estate(&[
        ("c/kms/us-east-1/aliases.json".to_owned(), no_policy.to_string()),
        details(&roles, &json!([])),
    ]);
    assert_eq!(asked(&estate, "role/Web", "Decrypt"), Decision::Undetermined);
    assert!(estate.keys.contains_key("app"));
    assert!(estate.notes.iter().any(|note| note.contains("grants are not known")));
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
