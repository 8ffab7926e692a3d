//! What holds for whatever description.

use std::collections::BTreeSet;

use kms_sim::arn::Partition;
use kms_sim::generate::{AccountStatement, KeyPolicy, Practice, Roles, ServiceUser, Terraform};
use kms_sim::policy::Policy;
use kms_sim::request::PrincipalName;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngSeed};

use crate::forms::inline;
use crate::support::{
    ROOT, account, allowed, cryptographic, environment, from_template, key_types, name, parsed,
    use_of,
};

/// Names with whatever IAM takes in a path, quotation marks and the beginnings of templates
/// included. The prefix keeps the lists apart.
fn names(prefix: &'static str, least: usize) -> impl Strategy<Value = Vec<PrincipalName>> {
    let path = prop_oneof![
        3 => Just(String::new()),
        1 => "[!-)+->@-~]{1,12}/",
        1 => select(vec!["${x}/", "$${x}/", "%{if}/", "\"'\\/", "#: - /", "{[,]}/"])
            .prop_map(|path| path.replace(' ', "_")),
    ];
    let one = (select(vec!["role", "user"]), path, "[A-Za-z0-9_+=,.@-]{1,12}");
    let one = one.prop_filter_map("a path begins with no slash", move |(kind, path, rest)| {
        PrincipalName::parse(&format!("{kind}/{path}{prefix}{rest}"), Some(account())).ok()
    });
    prop::collection::vec(one, least..4)
}

fn services() -> impl Strategy<Value = Vec<ServiceUser>> {
    let known =
        ["cloudtrail", "cloudwatch", "events", "logs", "s3", "ses", "sns", "x.amazonaws.com"];
    let parse = |text| ServiceUser::parse(text, Some("eu-west-1"), Partition::Aws).unwrap();
    prop::collection::vec(select(known.to_vec()).prop_map(parse), 0..3)
}

fn descriptions() -> impl Strategy<Value = Roles> {
    let kept = select(vec![AccountStatement::Kept, AccountStatement::Refused]);
    let practice = select(vec![Practice::RoleSeparation, Practice::Console]);
    let lists = (names("Admin", 1), names("User", 0), names("Grant", 0), services());
    (lists, select(key_types()), practice, kept).prop_map(
        |((admins, users, grant_users, services), key_type, practice, account_statement)| {
            let is_symmetric = key_type.spec().is_symmetric_encryption();
            Roles {
                account: account(),
                key_type,
                practice,
                admins,
                users,
                grant_users,
                services: if is_symmetric { services } else { vec![] },
                account_statement,
            }
        },
    )
}

/// Everybody has what the description gives, and no more.
fn holds(policy: Policy, roles: &Roles) -> Result<(), TestCaseError> {
    let lists = [&roles.admins, &roles.users, &roles.grant_users];
    let everybody: Vec<PrincipalName> = lists.into_iter().flatten().cloned().collect();
    let environment = environment(policy, roles.key_type, &everybody);
    let allowed = |name: &PrincipalName, via| allowed(&environment, &name.to_string(), via);
    for admin in &roles.admins {
        let allowed = allowed(admin, None);
        prop_assert!(allowed.contains("kms:PutKeyPolicy"));
        prop_assert!(allowed.is_disjoint(&cryptographic()));
    }
    for user in &roles.users {
        prop_assert_eq!(allowed(user, None), use_of(&environment));
    }
    for user in &roles.grant_users {
        prop_assert_eq!(allowed(user, None), BTreeSet::new());
        prop_assert!(allowed(user, Some("rds")).contains("kms:CreateGrant"));
    }
    let repairs = allowed(&name(ROOT), None).contains("kms:PutKeyPolicy");
    prop_assert_eq!(repairs, roles.account_statement == AccountStatement::Kept);
    Ok(())
}

fn config() -> Config {
    let config = Config { failure_persistence: None, ..Config::default() };
    let rng_seed = match config.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    Config { rng_seed, ..config }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn whatever_is_written_does_what_is_described(roles in descriptions()) {
        let policy = KeyPolicy::for_roles(&roles).unwrap();
        holds(parsed(&policy), &roles)?;
        if !roles.key_type.origin().is_custom_key_store() {
            prop_assert_eq!(inline(&policy.to_terraform(Terraform::Inline).unwrap()), policy.document());
            holds(from_template(&policy.to_cloudformation().unwrap()), &roles)?;
        }
    }

    #[test]
    fn who_manages_and_uses_the_key_is_refused(mut roles in descriptions()) {
        roles.practice = Practice::RoleSeparation;
        roles.users.push(roles.admins[0].clone());
        prop_assert!(KeyPolicy::for_roles(&roles).is_err());
    }

    #[test]
    fn a_lockout_is_refused(mut roles in descriptions()) {
        roles.admins.clear();
        roles.account_statement = AccountStatement::Refused;
        prop_assert!(KeyPolicy::for_roles(&roles).is_err());
    }
}
