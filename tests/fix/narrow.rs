//! A fix holds no more than it needs, and tells what else could come of it.

use kms_sim::analysis::{Change, Fix};
use kms_sim::environment::{Manager, Member, Organization, Principal};
use kms_sim::kms::{Action, Asked};
use kms_sim::policy::Kind;
use kms_sim::request::{Entry, PrincipalName};
use serde_json::json;

use super::case::{Case, KEY, account, case, delegating, of_web, policy};

const PARTNER: &str = "arn:aws:iam::111122223333:role/Partner";

#[test]
fn the_other_leg_of_a_fix_is_no_wider_statement_that_is_there() {
    let mut statements = delegating();
    let deny = json!({"Sid": "Guard", "Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"});
    statements.as_array_mut().unwrap().push(deny);
    let mut denied = case(&statements, Some(&of_web("kms:Decrypt", "*")));
    denied.question.action = Action::parse("Encrypt").unwrap();
    let fixes = denied.fixes();
    for fix in fixes.iter().filter(|fix| fix.edits.len() == 2) {
        let summary = fix.summary();
        assert!(!summary.contains("Add kms:Encrypt to statement 1"), "{summary}");
    }
    let own = "Allow kms:Encrypt on the key in the identity policy of role/Web.";
    assert!(fixes.iter().any(|fix| fix.summary().ends_with(own)), "{fixes:?}");
}

#[test]
fn an_edit_without_which_the_others_do_is_not_offered() {
    // The call could send what the first statement asks for, which is not enough; then the
    // account statement makes that needless.
    let statements = json!([
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Other"}, "Action": "kms:Decrypt", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:Decrypt", "Resource": "*",
         "Condition": {"StringEquals": {"kms:EncryptionContext:app": "web"}}},
    ]);
    let denied = case(&statements, None);
    for fix in denied.fixes() {
        denied.needs_every_edit_of(&fix);
    }
    let summaries = denied.summaries();
    let needless = |it: &&String| it.starts_with("Send") && it.contains("in the key policy");
    assert_eq!(summaries.iter().find(needless), None);
}

#[test]
fn what_the_iam_of_another_account_could_then_allow_is_told() {
    // Statement 1 covers more than Decrypt, and so far Partner may do only that by its own IAM.
    let statements = json!([{"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::123456789012:role/Admin"]}, "Action": ["kms:Decrypt", "kms:Encrypt"], "Resource": "*"}]);
    let mut abroad = case(&statements, None);
    abroad.question.principal = PARTNER.to_owned();
    abroad.question.key = Some(KEY.to_owned());
    let name = PrincipalName::parse(PARTNER, None).unwrap();
    let identity = policy("partner.json", &of_web("kms:Decrypt", KEY), Kind::Identity);
    let partner = Principal { identity_policies: vec![identity], ..Principal::default() };
    abroad.environment.add_principal(name, partner);
    let fixes = abroad.fixes();
    let joined = fixes.iter().find(|fix| fix.summary().contains("to the principals")).unwrap();
    let also: Vec<_> = joined
        .also_allows
        .iter()
        .map(|it| (it.principal.as_str(), it.action, it.once_iam_allows))
        .collect();
    assert_eq!(also, [(PARTNER, "kms:Encrypt", true)]);
    // The account as a whole: whoever its administrators let.
    let by_account = fixes.iter().find(|fix| fix.summary().contains("leave kms:Decrypt")).unwrap();
    let other = "arn:aws:iam::111122223333:role/AnyOtherRole";
    assert!(by_account.also_allows.iter().any(|it| it.principal == other && it.once_iam_allows));
}

fn grant_of(fixes: &[Fix]) -> Option<String> {
    fixes.iter().find_map(|fix| match &fix.edits[0].change {
        Change::Grant { command } => Some(command.clone()),
        Change::Policy(_) | Change::Call { .. } => None,
    })
}

#[test]
fn a_grant_is_for_the_encryption_context_of_the_call() {
    let mut sent = case(&delegating(), None);
    sent.question.encryption_context = Some(vec![("app".to_owned(), "it's".to_owned())]);
    let command = grant_of(&sent.fixes()).unwrap();
    let constraint = r#" --constraints '{"EncryptionContextEquals":{"app":"it'\''s"}}'"#;
    assert!(command.ends_with(constraint), "{command}");
}

impl Case {
    fn of_service(source: Option<&str>) -> Self {
        let mut case = case(&delegating(), None);
        case.question.principal = "logs.us-east-1.amazonaws.com".into();
        case.question.key = Some(KEY.to_owned());
        let source = source.map(|arn| ("aws:SourceArn".to_owned(), Entry::value(arn)));
        case.question.context.extend(source);
        case
    }

    fn needs_every_edit_of(&self, fix: &Fix) {
        let asked = Asked::Permission(self.question.action);
        for dropped in 0..fix.edits.len() {
            let mut less = fix.clone();
            less.edits.remove(dropped);
            let after =
                super::by_hand::decision_after(&less, asked, &self.environment, &self.question);
            assert_ne!(after, "allowed", "{} without edit {dropped}", fix.summary());
        }
    }
}

#[test]
fn a_service_gets_a_grant_on_behalf_of_one_resource_only() {
    let source = "arn:aws:logs:us-east-1:123456789012:log-group:app";
    let command = grant_of(&Case::of_service(Some(source)).fixes()).unwrap();
    let expected = format!(
        "aws kms create-grant --region us-east-1 --key-id {KEY} --grantee-service-principal logs.us-east-1.amazonaws.com --retiring-principal arn:aws:iam::123456789012:root --operations Decrypt --constraints '{{\"SourceArn\":\"{source}\"}}'"
    );
    assert_eq!(command, expected);
    assert_eq!(grant_of(&Case::of_service(None).fixes()), None);
}

#[test]
fn no_grant_is_offered_of_what_the_key_cannot_do() {
    let mut signing = case(&delegating(), None);
    signing.question.action = Action::parse("Sign").unwrap();
    assert_eq!(grant_of(&signing.fixes()), None);
    signing.question.action = Action::parse("GetPublicKey").unwrap();
    assert_eq!(grant_of(&signing.fixes()), None);
}

#[test]
fn the_policy_of_an_aws_managed_key_is_not_to_be_edited() {
    let of_sqs = json!([{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "kms:Decrypt", "Resource": "*",
        "Condition": {"StringEquals": {"kms:CallerAccount": "123456789012", "kms:ViaService": "sqs.us-east-1.amazonaws.com"}}}]);
    let mut managed = case(&of_sqs, None);
    managed.environment.keys_mut()[0].manager = Manager::Aws;
    let fixes = managed.fixes();
    assert!(fixes.iter().all(Fix::is_of_call), "{fixes:?}");
    assert_eq!(fixes[0].summary(), "Let sqs make the call.");
    let asked = Asked::Permission(managed.question.action);
    let warnings = Fix::warnings(&managed.environment, asked, &managed.question).unwrap();
    assert!(warnings[0].contains("AWS managed key, which only AWS changes"), "{warnings:?}");
}

#[test]
fn of_a_resource_control_policy_only_a_deny_is_edited() {
    let deny = json!({"Sid": "Own", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"});
    let mut limited = case(&delegating(), Some(&of_web("kms:Decrypt", KEY)));
    let rcp = policy("rcp.json", &deny, Kind::ResourceControl);
    let member = Member { resource_control_policies: vec![vec![rcp]], ..Member::default() };
    let accounts = [(account().id, member)].into();
    limited.environment.organization = Some(Organization { accounts, ..Organization::default() });
    let fixes = limited.fixes();
    assert!(!fixes.is_empty());
    assert!(fixes.iter().all(Fix::weakens_deny), "{fixes:?}");
}

#[test]
fn a_survey_of_fewer_than_all_says_so() {
    let mut large = case(&delegating(), None);
    let none = |asked: &Case| {
        let action = Asked::Permission(asked.question.action);
        Fix::warnings(&asked.environment, action, &asked.question).unwrap()
    };
    assert_eq!(none(&large), Vec::<String>::new());
    for number in 0..600 {
        let name = PrincipalName::parse(&format!("role/R{number}"), Some(account())).unwrap();
        large.environment.add_principal(name, Principal::default());
    }
    let warnings = none(&large);
    assert!(warnings[0].contains("was not tried for"), "{warnings:?}");
}
