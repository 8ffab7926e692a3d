//! Who may do what under the policies, for every kind of key.

use std::collections::BTreeSet;
use std::path::Path;

use kms_sim::environment::{Attached, Environment, Principal};
use kms_sim::generate::{AccountStatement, KeyPolicy, KeyType, Practice, Regions, Roles};
use kms_sim::kms::{Action, Origin};
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::PrincipalName;
use serde_json::Value;

use crate::support::{
    ADMIN, GRANT_USER, ROOT, USER, account, allowed, cryptographic, environment, key_types, name,
    parsed, roles, use_of,
};

const FOREIGN: &str = "arn:aws:iam::111122223333:role/Partner";

fn under(roles: &Roles) -> Environment {
    let policy = parsed(&KeyPolicy::for_roles(roles).unwrap());
    let principals: Vec<PrincipalName> = [ADMIN, USER, GRANT_USER, "role/Other"].map(name).to_vec();
    environment(policy, roles.key_type, &principals)
}

fn every_case() -> impl Iterator<Item = Roles> {
    let practices = [Practice::RoleSeparation, Practice::Console];
    let statements = [AccountStatement::Kept, AccountStatement::Refused];
    key_types().into_iter().flat_map(move |key_type| {
        practices.into_iter().flat_map(move |practice| {
            statements.into_iter().map(move |account_statement| Roles {
                account_statement,
                ..roles(key_type, practice)
            })
        })
    })
}

/// What managing the key is, by practice and kind.
fn administration(roles: &Roles) -> BTreeSet<&'static str> {
    let key_type = roles.key_type;
    let is_rotated =
        key_type.spec().is_symmetric_encryption() && !key_type.origin().is_custom_key_store();
    let is_external = key_type.origin() == Origin::External;
    let is_multi_region = key_type.regions() == Regions::Multi;
    let is_console = roles.practice == Practice::Console;
    let is_managed = |action: &&Action| match action.short_name() {
        "RetireGrant" | "SynchronizeMultiRegionKey" => false,
        "PutKeyPolicy" | "CreateGrant" | "ScheduleKeyDeletion" | "DescribeKey" => true,
        "ImportKeyMaterial" => is_external,
        "DeleteImportedKeyMaterial" => is_external || is_console,
        "ReplicateKey" => is_multi_region,
        "UpdatePrimaryRegion" => is_multi_region || is_console,
        "RotateKeyOnDemand" => is_rotated && is_console,
        name if name.starts_with("Get") || name.starts_with("List") => true,
        _ => is_console && !action.cryptographic,
    };
    let actions = Action::all().iter().filter(|action| action.needs_key());
    actions.filter(is_managed).map(|action| action.name).collect()
}

#[test]
fn administrators_manage_the_key_and_do_not_use_it() {
    for roles in every_case() {
        let environment = under(&roles);
        let allowed = allowed(&environment, ADMIN, None);
        assert!(allowed.contains("kms:PutKeyPolicy"), "{roles:?}");
        assert!(allowed.is_disjoint(&cryptographic()), "{roles:?}");
        assert_eq!(allowed, administration(&roles), "{roles:?}");
    }
}

#[test]
fn users_have_the_operations_of_the_kind_of_key_and_manage_nothing() {
    for roles in every_case() {
        let environment = under(&roles);
        assert_eq!(allowed(&environment, USER, None), use_of(&environment), "{roles:?}");
    }
}

#[test]
fn grants_are_created_through_a_service_only() {
    let grants = BTreeSet::from(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]);
    for roles in every_case() {
        let environment = under(&roles);
        assert!(allowed(&environment, GRANT_USER, None).is_empty(), "{roles:?}");
        assert_eq!(allowed(&environment, GRANT_USER, Some("ec2")), grants, "{roles:?}");
        let used = allowed(&environment, USER, Some("ec2"));
        assert_eq!(used.contains("kms:CreateGrant"), roles.practice == Practice::Console);
    }
}

#[test]
fn the_root_user_can_repair_the_policy_exactly_with_the_safety_net() {
    for roles in every_case() {
        let allowed = allowed(&under(&roles), ROOT, None);
        match roles.account_statement {
            AccountStatement::Kept => assert!(allowed.contains("kms:PutKeyPolicy")),
            // Key policies have no say in retiring grants.
            AccountStatement::Refused => {
                assert_eq!(allowed, BTreeSet::from(["kms:RetireGrant"]), "{roles:?}");
            }
        }
    }
}

#[test]
fn nobody_else_has_anything() {
    for roles in every_case() {
        assert!(allowed(&under(&roles), "role/Other", None).is_empty(), "{roles:?}");
    }
}

#[test]
fn the_default_leaves_everything_to_iam_and_the_root_user() {
    for key_type in key_types() {
        let policy = parsed(&KeyPolicy::for_account(account(), key_type).unwrap());
        let mut environment = environment(policy, key_type, &[name(USER)]);
        assert!(allowed(&environment, USER, None).is_empty());
        assert!(allowed(&environment, ROOT, None).contains("kms:PutKeyPolicy"));
        let everything = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}"#;
        let everything = Policy::from_json("all.json", everything, Kind::Identity).unwrap();
        let identity_policies = vec![Attached::Policy(everything.into())];
        environment
            .add_principal(name(USER), Principal { identity_policies, ..Principal::default() });
        assert!(allowed(&environment, USER, None).contains("kms:PutKeyPolicy"));
    }
}

#[test]
fn users_of_other_accounts_need_an_iam_policy_too_and_a_note_says_so() {
    let users = vec![name(USER), name(FOREIGN)];
    let roles = Roles { users, ..roles(KeyType::default(), Practice::RoleSeparation) };
    let policy = KeyPolicy::for_roles(&roles).unwrap();
    assert_eq!(policy.notes().len(), 1);
    assert!(policy.notes()[0].starts_with(FOREIGN), "{:?}", policy.notes());
    let mut environment = environment(parsed(&policy), roles.key_type, &[name(FOREIGN)]);
    assert!(allowed(&environment, FOREIGN, None).is_empty());
    let everything = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}"#;
    let everything = Policy::from_json("all.json", everything, Kind::Identity).unwrap();
    let identity_policies = vec![Attached::Policy(everything.into())];
    environment
        .add_principal(name(FOREIGN), Principal { identity_policies, ..Principal::default() });
    assert_eq!(allowed(&environment, FOREIGN, None), use_of(&environment));
}

#[test]
fn the_article_s_policies_are_what_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/policies");
    let file = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let default = KeyPolicy::for_account(account(), KeyType::default()).unwrap();
    assert_eq!(default.document(), file("default-key-policy.json"));
    let without_grants =
        Roles { grant_users: vec![], ..roles(KeyType::default(), Practice::RoleSeparation) };
    let separated = KeyPolicy::for_roles(&without_grants).unwrap();
    assert_eq!(separated.document(), file("role-separation-key-policy.json"));
    assert!(separated.notes().is_empty() && separated.warnings().is_empty());
}
