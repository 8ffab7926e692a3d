use std::sync::Arc;

use super::*;
use crate::arn::Partition;
use crate::environment::{Attached, ConstraintKind, ContextConstraint, Grant, Grantee, Principal};
use crate::kms::Action;
use crate::policy::Policy;
use crate::request::PrincipalName;

fn account() -> Account {
    Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() }
}

fn policy(statements: &str, kind: Kind) -> Arc<Policy> {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    Policy::from_json("policy.json", &text, kind).unwrap().into()
}

fn environment(statements: &str) -> Environment {
    let policy = policy(statements, Kind::Key);
    let account = account();
    let mut environment = Environment::new(Some(account), "us-east-1");
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let key = Key::new(account, "us-east-1", id, Attached::Policy(policy)).unwrap();
    environment.add_key(key).unwrap();
    environment
}

fn told(old: &str, new: &str) -> Vec<String> {
    lines(&access_changes(&environment(old), &environment(new)))
}

fn lines(changes: &[AccessChange]) -> Vec<String> {
    let told = changes.iter().map(|it| {
        let principal = it.principal.rsplit(':').next().unwrap();
        let statements: Vec<&str> =
            it.cause.statements.iter().map(|it| it.split(" (").next().unwrap()).collect();
        let provided = it.provided.map(|it| format!(" {it}")).unwrap_or_default();
        format!(
            "{principal}{provided} {:?}>{:?} {} {:?} {} {}",
            it.before,
            it.after,
            it.actions.len(),
            it.cause.reason,
            it.cause.side,
            statements.join(",")
        )
    });
    told.collect()
}

const ACCOUNT: &str = r#"{"Sid": "Account", "Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "kms:*", "Resource": "*"}"#;

fn web(action: &str, condition: &str) -> String {
    format!(
        r#"{{"Sid": "Web", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::123456789012:role/Web"}}, "Action": "{action}", "Resource": "*"{condition}}}"#
    )
}

#[test]
fn nothing_changes_between_the_same_and_between_spellings() {
    let one = web("kms:Decrypt", "");
    assert_eq!(told(&one, &one), [""; 0]);
    assert_eq!(told(&one, &one.replace(": ", ":")), [""; 0]);
    let both = format!("{ACCOUNT},{one}");
    assert_eq!(told(&both, &format!("{one},{ACCOUNT}")), [""; 0]);
}

#[test]
fn a_statement_that_is_new_gives_and_one_that_is_gone_takes() {
    let both = format!("{ACCOUNT},{}", web("kms:GenerateDataKey*", ""));
    let gained = "role/Web Denied>Allowed 4 NowAllows key-policy statement \"Web\"";
    assert_eq!(told(ACCOUNT, &both), [gained]);
    let lost = "role/Web Allowed>Denied 4 NoLongerAllows key-policy statement \"Web\"";
    assert_eq!(told(&both, ACCOUNT), [lost]);
}

#[test]
fn a_deny_takes_from_everybody_whom_it_names() {
    let deny = r#"{"Sid": "Never", "Effect": "Deny", "Principal": "*", "Action": "kms:ScheduleKeyDeletion", "Resource": "*"}"#;
    let told = told(ACCOUNT, &format!("{ACCOUNT},{deny}"));
    let lost =
        |who: &str| format!("{who} Allowed>Denied 1 NowDenies key-policy statement \"Never\"");
    let others = "any other role of account 123456789012 even if an IAM policy allows it";
    assert_eq!(told, [lost("root"), lost(others)]);
}

#[test]
fn a_condition_that_is_added_or_changed_is_told() {
    let via = |service: &str| {
        web(
            "kms:Decrypt",
            &format!(
                r#", "Condition": {{"StringEquals": {{"kms:ViaService": "{service}.us-east-1.amazonaws.com"}}}}"#
            ),
        )
    };
    let limited = "role/Web Allowed>Depends 1 NoLongerAllows key-policy statement \"Web\"";
    assert_eq!(told(&web("kms:Decrypt", ""), &via("s3")), [limited]);
    let other = "role/Web Depends>Depends 1 OtherConditions key-policy statement \"Web\"";
    assert_eq!(told(&via("s3"), &via("ec2")), [other]);
}

#[test]
fn access_for_everybody_is_told_of_accounts_that_nobody_named() {
    let open = r#"{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}"#;
    let told = told(ACCOUNT, &format!("{ACCOUNT},{open}"));
    let gained =
        |who: &str| format!("{who} Denied>Allowed 1 NowAllows key-policy statement \"Open\"");
    let own = "any other role of account 123456789012 even without an IAM policy";
    let others = "any role of any other account if its own account allows it";
    assert_eq!(told, [gained(own), gained(others)]);
}

#[test]
fn whom_only_a_condition_names_may_lose() {
    let deny = |rest: &str| {
        format!(
            r#"{ACCOUNT}, {{"Sid": "Others", "Effect": "Deny", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"{rest}}}"#
        )
    };
    let but_admin = deny(
        r#", "Condition": {"ArnNotEquals": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/Admin"}}"#,
    );
    let lost = "role/Admin even if an IAM policy allows it Allowed>Denied 1 NowDenies key-policy statement \"Others\"";
    assert_eq!(told(&but_admin, &deny("")), [lost]);
}

#[test]
fn a_key_that_is_new_or_gone_is_compared_with_no_access() {
    let empty = Environment::new(Some(account()), "us-east-1");
    let with_key = environment(&web("kms:Decrypt", ""));
    let gained = access_changes(&empty, &with_key);
    let lost = access_changes(&with_key, &empty);
    for (changes, before, after, reason) in [
        (gained, Access::Denied, Access::Allowed, Reason::NowAllows),
        (lost, Access::Allowed, Access::Denied, Reason::NoLongerAllows),
    ] {
        let [change] = changes.as_slice() else { panic!("{changes:?}") };
        assert_eq!(change.principal, "arn:aws:iam::123456789012:role/Web");
        assert_eq!(change.actions, ["kms:Decrypt"]);
        assert_eq!((change.before, change.after), (before, after));
        assert_eq!(change.cause.reason, reason);
    }
}

/// An Allow of kms:Decrypt.
fn decrypt(principal: &str, condition: &str) -> String {
    format!(
        r#"{{"Sid": "P", "Effect": "Allow", "Principal": {principal}, "Action": "kms:Decrypt", "Resource": "*", "Condition": {{{condition}}}}}"#
    )
}

#[test]
fn whoever_is_named_or_hinted_at_is_asked() {
    const DIRECT: &str = "Denied>Allowed 1 NowAllows key-policy statement \"P\"";
    let own = "if its own account allows it";
    let no_iam = "even without an IAM policy";
    let table = [
        (
            r#"{"AWS": "arn:aws:iam::444455556666:role/x"}"#,
            "",
            vec![format!("role/x {own} {DIRECT}")],
        ),
        (
            r#"{"AWS": "arn:aws:iam::444455556666:user/x"}"#,
            "",
            vec![format!("user/x {own} {DIRECT}")],
        ),
        (r#"{"AWS": "arn:aws:iam::123456789012:user/x"}"#, "", vec![format!("user/x {DIRECT}")]),
        (
            r#"{"AWS": "444455556666"}"#,
            "",
            vec![format!("any role of account 444455556666 {own} {DIRECT}")],
        ),
        (
            r#""*""#,
            r#""StringEquals": {"kms:CallerAccount": "444455556666"}"#,
            vec![format!("any role of account 444455556666 {own} {DIRECT}")],
        ),
        (
            r#""*""#,
            r#""StringEquals": {"aws:PrincipalAccount": "444455556666"}"#,
            vec![format!("any role of account 444455556666 {own} {DIRECT}")],
        ),
        (
            r#""*""#,
            r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::444455556666:role/app-*"}"#,
            vec![format!("role/app-* {own} {DIRECT}")],
        ),
        (
            r#""*""#,
            r#""ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/app-*"}"#,
            vec![format!("role/app-* {no_iam} {DIRECT}")],
        ),
        (
            r#""*""#,
            r#""StringEquals": {"aws:PrincipalOrgID": "o-exampleorgid"}"#,
            ["any other role of account 123456789012", "any role of any other account"]
                .iter()
                .zip([no_iam, own])
                .map(|(who, provided)| {
                    format!(
                        "{who} {provided} Denied>Depends 1 NowAllows key-policy statement \"P\""
                    )
                })
                .collect(),
        ),
    ];
    for (principal, condition, expected) in table {
        let new = format!("{ACCOUNT},{}", decrypt(principal, condition));
        assert_eq!(told(ACCOUNT, &new), expected, "{principal} {condition}");
    }
}

#[test]
fn what_is_opened_to_everybody_needs_no_iam_policy() {
    let open = r#"{"Sid": "Open", "Effect": "Allow", "Principal": "*", "Action": "kms:PutKeyPolicy", "Resource": "*"}"#;
    let gained = "any other role of account 123456789012 even without an IAM policy Denied>Allowed 1 NowAllows key-policy statement \"Open\"";
    assert_eq!(told(ACCOUNT, &format!("{ACCOUNT},{open}")), [gained]);
}

#[test]
fn another_order_and_split_statements_say_the_same() {
    let via = |services: &str| {
        let condition =
            format!(r#", "Condition": {{"StringEquals": {{"kms:ViaService": {services}}}}}"#);
        web("kms:Decrypt", &condition)
    };
    let [s3, ec2] = ["s3.us-east-1.amazonaws.com", "ec2.us-east-1.amazonaws.com"];
    let both = via(&format!(r#"["{s3}", "{ec2}"]"#));
    let turned = via(&format!(r#"["{ec2}", "{s3}"]"#));
    let split = format!("{}, {}", via(&format!(r#""{ec2}""#)), via(&format!(r#"["{s3}"]"#)));
    let there = both
        .replace("\"Condition\": {", "\"Condition\": {\"Null\": {\"kms:viaservice\": \"false\"}, ");
    for same in [&turned, &split, &there, &both.replace("StringEquals", "StringLike")] {
        assert_eq!(told(&both, same), [""; 0], "{same}");
        assert_eq!(told(same, &both), [""; 0], "{same}");
    }
    let other = "role/Web Depends>Depends 1 OtherConditions key-policy statement \"Web\"";
    assert_eq!(told(&both, &via(&format!(r#""{s3}""#))), [other]);
}

#[test]
fn a_variable_that_was_none_is_another_condition() {
    let condition = r#", "Condition": {"StringEquals": {"kms:EncryptionContext:of": "${aws:PrincipalAccount}"}}"#;
    let new = environment(&web("kms:Decrypt", condition));
    let mut old = new.clone();
    let text =
        format!(r#"{{"Version": "2008-10-17", "Statement": [{}]}}"#, web("kms:Decrypt", condition));
    let policy = Policy::from_json("key.json", &text, Kind::Key).unwrap();
    old.keys_mut()[0].policy = Attached::Policy(policy.into());
    let other = "role/Web Depends>Depends 1 OtherConditions key-policy statement \"Web\"";
    assert_eq!(lines(&access_changes(&old, &new)), [other]);
}

#[test]
fn the_cause_is_what_lets_the_principal_and_not_what_leaves_it_to_iam() {
    let gained = "role/Web Denied>Allowed 1 NowAllows key-policy statement \"Web\"";
    let told = told(&web("kms:Encrypt", ""), &format!("{ACCOUNT},{}", web("kms:Decrypt", "")));
    assert!(told.iter().any(|it| it == gained), "{told:#?}");
}

#[test]
fn a_region_that_nothing_says_decides_nothing() {
    let deny = r#"{"Sid": "Elsewhere", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*", "Condition": {"StringNotEquals": {"aws:RequestedRegion": "eu-west-1"}}}"#;
    let (old, new) = (
        environment(&web("kms:Decrypt", "")),
        environment(&format!("{},{deny}", web("kms:Decrypt", ""))),
    );
    let said = lines(&access_changes(&old, &new));
    assert_eq!(said, ["role/Web Allowed>Denied 1 NowDenies key-policy statement \"Elsewhere\""]);
    let (mut old, mut new) = (old, new);
    for environment in [&mut old, &mut new] {
        environment.keys_mut()[0].is_region_assumed = true;
    }
    let unsaid = access_changes(&old, &new);
    let limited = "role/Web Allowed>Depends 1 NowDenies key-policy statement \"Elsewhere\"";
    assert_eq!(lines(&unsaid), [limited]);
}

/// A role with a policy that is not known.
fn with_unknown_role(statements: &str) -> Environment {
    let mut environment = environment(statements);
    let unknown = Attached::Unknown("ReadOnlyAccess is not known".to_owned());
    let principal = Principal { identity_policies: vec![unknown], ..Principal::default() };
    environment.add_principal(PrincipalName::Role(account(), "Web".to_owned()), principal);
    environment
}

#[test]
fn what_is_known_is_seen_through_a_policy_that_is_not() {
    let old = with_unknown_role(&format!("{ACCOUNT},{}", web("kms:Decrypt", "")));
    let new = with_unknown_role(&format!("{ACCOUNT},{}", web("kms:ReEncrypt*", "")));
    let changes = access_changes(&old, &new);
    assert_eq!(
        lines(&changes),
        [
            "role/Web Allowed>Denied 1 NoLongerAllows key-policy statement \"Web\"",
            "role/Web Denied>Allowed 2 NowAllows key-policy statement \"Web\"",
        ]
    );
    assert!(changes.iter().all(|it| it.unknown == ["ReadOnlyAccess is not known"]));
    assert_eq!(lines(&access_changes(&old, &old)), [""; 0]);
}

#[test]
fn what_is_not_known_is_no_access() {
    let old = environment(&format!("{ACCOUNT},{}", web("kms:Decrypt", "")));
    let mut new = old.clone();
    new.keys_mut()[0].policy = Attached::Unknown("known after apply".to_owned());
    let changes = access_changes(&old, &new);
    assert!(!changes.is_empty() && changes.iter().all(|it| it.after == Access::NotKnown));
    let web = changes
        .iter()
        .find(|it| it.principal.ends_with("role/Web") && it.before == Access::Allowed);
    let web = web.unwrap();
    assert_eq!(
        (web.actions.as_slice(), web.cause.reason),
        (&["kms:Decrypt"][..], Reason::NotKnown)
    );
    assert_eq!(web.unknown, ["known after apply"]);
    let with_role = with_unknown_role(ACCOUNT);
    let told = access_changes(&environment(ACCOUNT), &with_role);
    assert!(
        told.iter().all(|it| it.after == Access::NotKnown && it.principal.ends_with("role/Web"))
    );
}

#[test]
fn an_identity_policy_is_asked_of_the_keys_that_it_names() {
    let allow = |actions: &str, resource: &str| {
        let statement =
            format!(r#"{{"Effect": "Allow", "Action": {actions}, "Resource": "{resource}"}}"#);
        policy(&statement, Kind::Identity)
    };
    let mut environment = Environment::new(Some(account()), "us-east-1");
    let key = environment_key();
    environment.add_key(key).unwrap();
    let pattern = "arn:aws:kms:eu-west-1:123456789012:key/*";
    let [old, new] =
        [r#""kms:Decrypt""#, r#"["kms:Decrypt", "kms:Encrypt"]"#].map(|it| allow(it, pattern));
    let around = |policy: &Arc<Policy>| {
        let mut around = environment.clone();
        let identity_policies = vec![Attached::Policy(policy.clone())];
        let principal = Principal { identity_policies, ..Principal::default() };
        around.add_principal(PrincipalName::Role(account(), "TheRole".to_owned()), principal);
        around
    };
    let environments = [around(&old), around(&new)];
    let changes = access_changes_between(
        &Version::of(&environments[0]).of_policy(&old),
        &Version::of(&environments[1]).of_policy(&new),
    );
    let gained = "whoever has this policy Denied>Allowed 1 NowAllows identity-policy statement 1";
    assert_eq!(lines(&changes), [gained]);
    assert_eq!((changes[0].key.as_str(), changes[0].actions[0]), (pattern, "kms:Encrypt"));
}

fn environment_key() -> Key {
    environment(ACCOUNT).keys()[0].clone()
}

#[test]
fn a_grant_that_is_limited_is_the_cause() {
    let with_grant = |constraint| {
        let mut environment = environment(ACCOUNT);
        let grantee = Grantee::parse("arn:aws:iam::123456789012:role/Web", None).unwrap();
        let mut grant =
            Grant::new(grantee, account()).with_operation(Action::parse("kms:Decrypt").unwrap());
        grant.constraint = constraint;
        environment.keys_mut()[0].grants.push(grant);
        environment
    };
    let pairs = vec![("app".to_owned(), "web".to_owned())];
    let constraint = ContextConstraint::new(ConstraintKind::Equals, pairs);
    let told = lines(&access_changes(&with_grant(None), &with_grant(Some(constraint))));
    assert_eq!(told, ["role/Web Allowed>Depends 1 NoLongerAllows grant grant 1"]);
}

#[test]
fn another_key_is_another_one_even_if_each_has_one() {
    let old = environment(&web("kms:Decrypt", ""));
    let mut new = Environment::new(Some(account()), "us-east-1");
    let policy = Attached::Policy(policy(&web("kms:Decrypt", ""), Kind::Key));
    let id = "9934abcd-12ab-34cd-56ef-1234567890ab";
    new.add_key(Key::new(account(), "us-east-1", id, policy).unwrap()).unwrap();
    let told = lines(&access_changes(&old, &new));
    assert_eq!(told.len(), 2, "{told:?}");
}
