use super::*;
use crate::arn::Partition;

fn environment(statements: &str) -> Environment {
    let text = format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#);
    let policy = Policy::from_json("key.json", &text, Kind::Key).unwrap();
    let account = Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() };
    let mut environment = Environment::new(Some(account), "us-east-1");
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let key = Key::new(account, "us-east-1", id, Attached::Policy(policy.into())).unwrap();
    environment.add_key(key).unwrap();
    environment
}

fn told(old: &str, new: &str) -> Vec<String> {
    let changes = access_changes(&environment(old), &environment(new));
    let told = changes.iter().map(|it| {
        let principal = it.principal.rsplit(':').next().unwrap();
        let statements: Vec<&str> =
            it.cause.statements.iter().map(|it| it.split(" (").next().unwrap()).collect();
        format!(
            "{principal} {:?}>{:?} {} {:?} {} {}",
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
    assert_eq!(told, [lost("root"), lost("any other role of account 123456789012")]);
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
        "any role of any other account Denied>Allowed 1 NowAllows key-policy statement \"Open\"";
    assert_eq!(told, [gained]);
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
    let lost = "role/Admin, if IAM policies let it Allowed>Denied 1 NowDenies key-policy statement \"Others\"";
    assert_eq!(told(&but_admin, &deny("")), [lost]);
}

#[test]
fn a_key_that_is_new_or_gone_is_compared_with_no_access() {
    let account = Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() };
    let empty = Environment::new(Some(account), "us-east-1");
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
