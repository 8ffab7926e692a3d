//! Collections of several callers, in pages, and with files that say little of themselves.

use kms_sim::document::Source;
use kms_sim::evaluate::Decision::{self, Allowed, ExplicitDeny, ImplicitDeny, Undetermined};
use kms_sim::import::{Assumptions, Estate, Found, import, sniff};
use serde_json::{Value, json};

use crate::support::{decision, imported};

const ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";
const OWN: &str = "123456789012";
const OTHER: &str = "111122223333";

type File = (String, Value);

fn policy(effect: &str, principal: Option<&str>) -> Value {
    let mut statement = json!({"Effect": effect, "Action": "kms:*", "Resource": "*"});
    if let (Some(principal), Some(members)) = (principal, statement.as_object_mut()) {
        members.insert("Principal".into(), json!({"AWS": principal}));
    }
    json!({"Version": "2012-10-17", "Statement": [statement]})
}

/// A key of an account that leaves all to its IAM policies.
fn key(folder: &str, account: &str) -> Vec<File> {
    let arn = format!("arn:aws:kms:us-east-1:{account}:key/{ID}");
    let root = format!("arn:aws:iam::{account}:root");
    let policy = policy("Allow", Some(&root)).to_string();
    vec![
        (format!("{folder}/{ID}/describe-key.json"), json!({"KeyMetadata": {"Arn": arn}})),
        (format!("{folder}/{ID}/get-key-policy.json"), json!({"Policy": policy})),
        (format!("{folder}/{ID}/list-grants.json"), json!({"Grants": []})),
    ]
}

fn caller(folder: &str, account: &str) -> File {
    let arn = format!("arn:aws:iam::{account}:user/admin");
    (format!("{folder}/caller.json"), json!({"UserId": "A", "Account": account, "Arn": arn}))
}

/// A role `app`, and its inline policies by name.
fn role(folder: &str, account: &str, policies: &[(&str, Value)]) -> Vec<File> {
    let arn = format!("arn:aws:iam::{account}:role/app");
    let names: Vec<&str> = policies.iter().map(|(name, _)| *name).collect();
    let file = |name: &str| format!("{folder}/roles/app/{name}.json");
    let mut files = vec![
        (file("get-role"), json!({"Role": {"RoleName": "app", "Arn": arn}})),
        (file("list-role-policies"), json!({"PolicyNames": names})),
        (file("list-attached-role-policies"), json!({"AttachedPolicies": []})),
    ];
    files.extend(policies.iter().map(|(name, document)| {
        let printed = json!({"RoleName": "app", "PolicyName": name, "PolicyDocument": document});
        (file(name), printed)
    }));
    files
}

fn estate(files: &[File]) -> Result<Estate, String> {
    let files: Vec<(&str, String)> =
        files.iter().map(|(name, value)| (name.as_str(), value.to_string())).collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let imported = imported(&files, &Assumptions::default()).map_err(|error| error.to_string());
    imported.map(|it| it.after)
}

/// As of a folder, where what nothing says more of is left out.
fn folder(files: &[File]) -> Estate {
    let found = files
        .iter()
        .flat_map(|(name, value)| sniff(&Source::new(name.as_str(), value.to_string())).unwrap());
    let found: Vec<Found> = found.map(Found::among_others).collect();
    import(&found, &Assumptions::default()).unwrap().after
}

fn asked(estate: &Estate, principal: &str) -> Decision {
    decision(&estate.load().unwrap().environment, principal, "Decrypt", ID)
}

#[test]
fn what_only_names_a_role_is_of_the_caller_of_its_folder() {
    let allows = [("use", policy("Allow", None))];
    let foreign = [role("b", OTHER, &allows), vec![caller("b", OTHER)]].concat();
    let own = [key("a", OWN), role("a", OWN, &[]), vec![caller("a", OWN)]].concat();
    for files in [[own.clone(), foreign.clone()].concat(), [foreign, own].concat()] {
        let estate = estate(&files).unwrap();
        assert_eq!(asked(&estate, &format!("arn:aws:iam::{OWN}:role/app")), ImplicitDeny);
        let role = estate.principals.iter().find(|(name, _)| name.contains(OTHER)).unwrap().1;
        assert_eq!(role.identity_policies.len(), 1);
    }
}

#[test]
fn what_nothing_tells_apart_is_refused_alone_and_left_out_of_a_folder() {
    let allows = [("use", policy("Allow", None))];
    let files = [key("a", OWN), role("a", OWN, &[]), role("b", OTHER, &allows)].concat();
    let error = estate(&files).unwrap_err();
    assert!(error.contains("expected to know the account of `app`, found `arn:aws"), "{error}");
    let estate = folder(&files);
    assert_eq!(asked(&estate, &format!("arn:aws:iam::{OWN}:role/app")), Undetermined);
    assert!(estate.notes.iter().any(|it| it.contains("not read: b/roles/app/")));
}

#[test]
fn a_list_of_nobody_does_not_stop_the_others() {
    let attached = ("attached.json".to_owned(), json!({"AttachedPolicies": []}));
    let names = ("names.json".to_owned(), json!({"PolicyNames": ["default"], "Truncated": false}));
    let allows = [("use", policy("Allow", None))];
    let files = [key("a", OWN), role("a", OWN, &allows), vec![names]].concat();
    assert_eq!(asked(&estate(&files).unwrap(), "role/app"), Allowed);
    let files = [files, vec![attached]].concat();
    assert!(estate(&files).unwrap_err().starts_with("attached.json:1:1: expected to know whose"));
    let estate = folder(&files);
    assert_eq!(asked(&estate, "role/app"), Allowed);
    assert!(estate.notes.iter().any(|it| it.starts_with("not read: attached.json:1:1")));
}

#[test]
fn the_pages_of_a_list_come_in_any_order() {
    let grant = |role: &str| {
        json!({
            "KeyId": format!("arn:aws:kms:us-east-1:{OWN}:key/{ID}"), "GrantId": role,
            "GranteePrincipal": format!("arn:aws:iam::{OWN}:role/{role}"), "Operations": ["Decrypt"],
        })
    };
    let page = |file: &str, role: &str, is_cut: bool| {
        let printed = json!({"Grants": [grant(role)], "Truncated": is_cut});
        (format!("a/{ID}/list-grants-{file}.json"), printed)
    };
    let mut files = key("a", OWN);
    files.pop();
    files.extend(role("a", OWN, &[]));
    for [first, second] in [[true, false], [false, true]] {
        let pages = vec![page("1", "one", first), page("2", "two", second)];
        let estate = estate(&[files.clone(), pages].concat()).unwrap();
        for (role, expected) in [("one", Allowed), ("two", Allowed), ("app", ImplicitDeny)] {
            let arn = format!("arn:aws:iam::{OWN}:role/{role}");
            assert_eq!(asked(&estate, &arn), expected, "{role}, {first}");
        }
        assert!(!estate.notes.iter().any(|it| it.contains("not whole")), "{:?}", estate.notes);
    }
    let detail = |file: &str, list: &str, is_cut: bool| {
        (format!("a/details-{file}.json"), json!({list: [], "IsTruncated": is_cut}))
    };
    for [first, second] in [[true, false], [false, true]] {
        let pages =
            vec![detail("1", "RoleDetailList", first), detail("2", "UserDetailList", second)];
        let estate = estate(&[files.clone(), pages].concat()).unwrap();
        assert!(!estate.notes.iter().any(|it| it.contains("another page")), "{:?}", estate.notes);
    }
}

#[test]
fn a_policy_that_names_no_key_gives_way_to_one_that_does() {
    let root = format!("arn:aws:iam::{OWN}:root");
    let beside = |file: &str| {
        let policy = policy("Deny", Some(&root)).to_string();
        (format!("a/{ID}/{file}.json").replace(&format!("{ID}/"), "k/"), json!({"Policy": policy}))
    };
    let described = |files: Vec<File>| -> Vec<File> {
        let moved = files.into_iter().map(|(name, value)| {
            let is_description = name.contains("describe-key");
            (if is_description { "a/k/describe-key.json".into() } else { name }, value)
        });
        moved.collect()
    };
    let allows = [("use", policy("Allow", None))];
    let all = [described(key("a", OWN)), role("a", OWN, &allows)].concat();
    let without: Vec<File> =
        all.iter().filter(|(name, _)| !name.contains("get-key-policy")).cloned().collect();
    let alone = estate(&[without, vec![beside("other")]].concat()).unwrap();
    assert_eq!(asked(&alone, "role/app"), ExplicitDeny);
    let note = "a/k/other.json:1:1: nothing in it or its path says which key has this policy";
    assert!(alone.notes.iter().any(|it| it.starts_with(note)), "{:?}", alone.notes);
    let both = [vec![beside("other")], all].concat();
    assert!(estate(&both).unwrap_err().starts_with("a/k/other.json:1:1: expected one policy"));
    assert_eq!(asked(&folder(&both), "role/app"), Allowed);
}

#[test]
fn what_is_wrong_in_a_grant_is_told_in_its_own_file() {
    let grants = |operation: &str| {
        let grant = json!({
            "GrantId": "g", "GranteePrincipal": format!("arn:aws:iam::{OWN}:role/one"),
            "KeyId": ID, "Operations": ["Decrypt", operation],
        });
        (format!("a/{ID}/list-grants.json"), json!([{"Grants": []}, {"Grants": [grant]}]))
    };
    let mut files = key("a", OWN);
    files.pop();
    let loaded = |operation: &str| {
        estate(&[files.clone(), vec![grants(operation)]].concat()).unwrap().load()
    };
    let error = loaded("Future").unwrap_err().to_string();
    assert!(error.starts_with(&format!("a/{ID}/list-grants.json:1:")), "{error}");
    assert!(error.contains("at `/1/Grants/0/Operations/1`"), "{error}");
    let loaded = loaded("Encrypt").unwrap();
    let place = loaded.environment.keys().first().unwrap().grants.first().unwrap().place.clone();
    assert_eq!(place.unwrap().pointer, "/1/Grants/0");
}

#[test]
fn an_organization_may_limit_its_members() {
    let organization = |management: &str, features: &str| {
        let described = json!({
            "Id": "o-exampleorgid", "MasterAccountId": management, "FeatureSet": features,
        });
        ("a/organizations/organization.json".to_owned(), json!({"Organization": described}))
    };
    let allows = [("use", policy("Allow", None))];
    let files = [key("a", OWN), role("a", OWN, &allows), vec![caller("a", OWN)]].concat();
    let table = [
        (None, Allowed, "nothing says whether the account is in an organization"),
        (Some(organization(OTHER, "ALL")), Undetermined, ""),
        (Some(organization(OTHER, "CONSOLIDATED_BILLING")), Allowed, ""),
        (Some(organization(OWN, "ALL")), Allowed, ""),
    ];
    for (organization, expected, note) in table {
        let files = files.iter().cloned().chain(organization.clone()).collect::<Vec<_>>();
        let estate = estate(&files).unwrap();
        assert_eq!(asked(&estate, "role/app"), expected, "{organization:?}");
        let notes = estate.notes.join("\n");
        assert_eq!(!note.is_empty(), notes.contains("in an organization"), "{notes}");
    }
}

#[test]
fn what_a_query_leaves_of_a_list_may_not_be_all() {
    let allows = [("use", policy("Allow", None))];
    let mut files = [key("a", OWN), role("a", OWN, &allows)].concat();
    let grants = files.iter_mut().find(|(name, _)| name.contains("list-grants")).unwrap();
    grants.1 = json!([{
        "GrantId": "g", "GranteePrincipal": format!("arn:aws:iam::{OWN}:role/one"),
        "KeyId": format!("arn:aws:kms:us-east-1:{OWN}:key/{ID}"), "Operations": ["Decrypt"],
    }]);
    let estate = estate(&files).unwrap();
    assert_eq!(asked(&estate, &format!("arn:aws:iam::{OWN}:role/one")), Allowed);
    assert_eq!(asked(&estate, &format!("arn:aws:iam::{OWN}:role/two")), Undetermined);
    assert!(estate.notes.iter().any(|it| it.contains("is not whole")), "{:?}", estate.notes);
}
