//! The keys of the article, by who can still repair them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kms_sim::analysis::{Can, Lockout, LockoutCheck, Operation, Prediction, Rescue, WayKind};
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Attached, Environment, Files, Question, ReadError};
use kms_sim::kms::Action;
use kms_sim::request::Rules;

struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = Path::new(&from.name).parent().unwrap().join(path);
        let bytes = fs::read(&path).map_err(|error| ReadError::Unreadable(error.to_string()))?;
        Ok(Source::from_bytes(path.display().to_string(), bytes)?)
    }
}

fn environment(scenario: &str) -> Environment {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/article");
    let path = folder.join(format!("{scenario}.yaml"));
    let source = Source::from_bytes(path.display().to_string(), fs::read(path).unwrap()).unwrap();
    let document = Document::parse(source, Format::Yaml).unwrap();
    Environment::load(&document, &Disk, None).unwrap().environment
}

fn question(principal: &str, key: &str, rules: Rules) -> Question {
    let mut question = Question::new(principal, Action::parse("kms:PutKeyPolicy").unwrap());
    question.key = Some(key.to_owned());
    question.rules = Some(rules);
    question
}

const ADMINISTRATOR: WayKind = WayKind::Administrator;
const ACCOUNT: WayKind = WayKind::AccountAndIam;
const ROOT: WayKind = WayKind::RootUser;
const SUPPORT: WayKind = WayKind::AwsSupport;

#[test]
fn the_keys_of_the_article_stand_as_it_tells() {
    use Lockout::{LockedOut, NotLockedOut, OneStepFromLockout};
    use Rules::{Aws, DualPermission};
    let table: &[(&str, &str, Rules, Lockout, &[WayKind])] = &[
        ("the-night", "app-secrets", Aws, LockedOut, &[SUPPORT]),
        ("the-night", "app-secrets", DualPermission, NotLockedOut, &[ROOT]),
        ("the-night", "app-secrets-repaired", Aws, NotLockedOut, &[ADMINISTRATOR, ACCOUNT, ROOT]),
        ("faq-minimal-policy", "minimal", Aws, LockedOut, &[SUPPORT]),
        ("faq-minimal-policy", "minimal", DualPermission, NotLockedOut, &[ROOT]),
        ("faq-minimal-policy", "with-administrators", Aws, OneStepFromLockout, &[ADMINISTRATOR]),
        (
            "faq-minimal-policy",
            "with-account-root",
            Aws,
            NotLockedOut,
            &[ADMINISTRATOR, ACCOUNT, ROOT],
        ),
        (
            "root-rescue",
            "with-account-statement",
            Aws,
            NotLockedOut,
            &[ADMINISTRATOR, ACCOUNT, ROOT],
        ),
        ("root-rescue", "without-account-statement", Aws, LockedOut, &[SUPPORT]),
        ("root-rescue", "account-denied", Aws, LockedOut, &[SUPPORT]),
        ("root-rescue", "account-denied", DualPermission, LockedOut, &[SUPPORT]),
        ("root-rescue", "everyone-denied", DualPermission, LockedOut, &[SUPPORT]),
        ("root-rescue", "rescued-by-naming-the-admin", Aws, OneStepFromLockout, &[ADMINISTRATOR]),
        ("role-separation", "app-secrets", Aws, NotLockedOut, &[ADMINISTRATOR, ACCOUNT, ROOT]),
        ("role-separation", "app-secrets", DualPermission, NotLockedOut, &[ACCOUNT, ROOT]),
    ];
    for (scenario, key, rules, verdict, open) in table {
        let place = format!("{scenario} {key} {rules}");
        let rescue = Rescue::of(&environment(scenario), &question("root", key, *rules));
        let rescue = rescue.unwrap_or_else(|error| panic!("{place}: {error}"));
        assert_eq!(rescue.verdict, *verdict, "{place}");
        let is_open = |way: Can| way == Can::Yes;
        let ways = rescue.ways_back.iter().filter(|way| match rules {
            Rules::Aws => is_open(way.aws),
            Rules::DualPermission => is_open(way.dual_permission),
        });
        assert_eq!(ways.map(|way| way.way).collect::<Vec<_>>(), *open, "{place}");
    }
}

/// What the article gives as its ways out are policies that AWS takes from who goes them.
#[test]
fn what_the_rescue_restores_passes_the_safety_check() {
    let environment = environment("the-night");
    let policy = |key: &str| {
        let key = environment.keys().iter().find(|it| it.name == key).unwrap();
        match &key.policy {
            Attached::Policy(policy) => policy.clone(),
            Attached::Unknown(reason) => panic!("{reason}"),
        }
    };
    let check = |principal: &str, key: &str, new: &str| {
        let question = question(principal, key, Rules::Aws);
        LockoutCheck::of(&environment, &question, Operation::PutKeyPolicy, &policy(new)).unwrap()
    };
    let admin = "role/DevOpsAdminRole";
    let minimal = check(admin, "app-secrets-repaired", "app-secrets");
    assert_eq!(minimal.prediction, Prediction::Rejected, "the night need not have happened");
    assert_eq!(minimal.afterwards, Lockout::LockedOut);
    let repaired = check(admin, "app-secrets-repaired", "app-secrets-repaired");
    assert_eq!(repaired.prediction, Prediction::Passes);
    let too_late = check(admin, "app-secrets", "app-secrets-repaired");
    assert_eq!(too_late.prediction, Prediction::Denied);
}
