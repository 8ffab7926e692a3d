//! Environments and questions over small alphabets, so that what is generated matches often.

mod conditions;

use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use kms_sim::arn::Partition;
use kms_sim::environment::{
    Attached, Environment, Key, Moment, MultiRegion, Principal, Question, Request, Session,
};
use kms_sim::evaluate::{Outcome, decide};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, Entry, PrincipalName, Rules};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

pub(crate) use self::conditions::{any_key, entry, keys_read};

pub(crate) const OWN: &str = "111122223333";
const KEY: &str = "arn:aws:kms:us-east-1:111122223333:key/web";
const FOREIGN_KEY: &str = "arn:aws:kms:us-east-1:444455556666:key/other";

/// A question and all that its answer follows from.
#[derive(Clone)]
pub(crate) struct Scene {
    /// Of every key.
    pub(crate) key_policy: Value,
    /// Of every user and role; the user has the last one from its group.
    pub(crate) identity_policies: Vec<Value>,
    pub(crate) has_foreign_key: bool,
    pub(crate) question: Question,
}

impl fmt::Debug for Scene {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "key policy {}\nidentity policies {}\n{:?}",
            self.key_policy,
            Value::from(self.identity_policies.clone()),
            self.question
        )
    }
}

/// Name, unique id and tags of the users and roles.
type Known = (&'static str, Option<&'static str>, &'static [(&'static str, &'static str)]);

const PRINCIPALS: &[Known] = &[
    ("role/Web", Some("AROAEXAMPLEEXAMPLE01"), &[("team", "web"), ("star", "*")]),
    ("role/app/Admin", None, &[("team", "ops")]),
    ("user/deploy", Some("AIDAEXAMPLEEXAMPLE01"), &[("team", "web")]),
    ("arn:aws:iam::444455556666:role/Web", None, &[("team", "WEB")]),
    ("arn:aws:iam::444455556666:user/other", None, &[]),
];

impl Scene {
    /// The environment as a file.
    pub(crate) fn file(&self) -> Value {
        let policies = &self.identity_policies;
        let (own, of_group) = policies.split_at(policies.len().saturating_sub(1));
        let mut file = json!({
            "account": OWN,
            "groups": {"devs": {"identity_policies": of_group}},
            "principals": {},
            "keys": {"app": {"id": "web", "policy": self.key_policy, "aliases": ["alias/app"], "tags": {"team": "web"}}},
        });
        for (name, id, tags) in PRINCIPALS {
            let tags: Value = tags.iter().copied().collect();
            file["principals"][name] = if name.starts_with("user/") {
                json!({"id": id, "tags": tags, "groups": ["devs"], "identity_policies": own})
            } else {
                json!({"id": id, "tags": tags, "identity_policies": policies})
            };
        }
        if self.has_foreign_key {
            file["keys"]["other"] = json!({"arn": FOREIGN_KEY, "policy": self.key_policy, "aliases": ["alias/app"], "multi_region": "primary"});
        }
        file
    }

    /// The environment, with each policy read once.
    pub(crate) fn environment(&self) -> Environment {
        let account = Account { partition: Partition::Aws, id: OWN.parse().unwrap() };
        let mut environment = Environment::new(Some(account), "us-east-1");
        let policies = &self.identity_policies;
        let identity_policies: Vec<Attached> =
            policies.iter().map(|policy| read(policy, Kind::Identity)).collect();
        for (name, id, tags) in PRINCIPALS {
            let principal = Principal {
                id: id.map(str::to_owned),
                identity_policies: identity_policies.clone(),
                tags: owned(tags),
                ..Principal::default()
            };
            let name = PrincipalName::parse(name, Some(account)).unwrap();
            environment.add_principal(name, principal);
        }
        let policy = read(&self.key_policy, Kind::Key);
        for (name, arn) in [("app", KEY), ("other", FOREIGN_KEY)] {
            let (account, region, id) = Key::parse_arn(arn).unwrap();
            let mut key = Key::new(account, &region, &id, policy.clone()).unwrap();
            name.clone_into(&mut key.name);
            key.aliases = vec!["alias/app".to_owned()];
            if name == "app" {
                key.tags = owned(&[("team", "web")]);
            } else {
                key.multi_region = Some(MultiRegion::Primary);
            }
            if name == "app" || self.has_foreign_key {
                environment.add_key(key).unwrap();
            }
        }
        environment
    }

    pub(crate) fn outcome(&self) -> Outcome {
        self.ask(decide)
    }

    pub(crate) fn ask<T>(&self, answer: impl FnOnce(&Request<'_>) -> T) -> T {
        answer(&request(&self.environment(), &self.question))
    }
}

fn read(policy: &Value, kind: Kind) -> Attached {
    if let Some(reason) = policy.get("unknown") {
        return Attached::Unknown(reason.to_string());
    }
    let text = policy.to_string();
    // Of one name are those of one text, which are edited together.
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    let name = format!("{} {:x}", kind.as_str(), hasher.finish());
    let policy = Policy::from_json(&name, &text, kind);
    Attached::Policy(policy.unwrap_or_else(|error| panic!("{error}")).into())
}

pub(crate) fn request<'e>(environment: &'e Environment, question: &'e Question) -> Request<'e> {
    environment.request(question).unwrap_or_else(|error| panic!("{}", error.message))
}

prop_compose! {
    /// Anything, parts that are not known included.
    pub(crate) fn scene()(
        key_policy in attached(Kind::Key),
        identity_policies in vec(attached(Kind::Identity), 0..=2),
        has_foreign_key in any::<bool>(),
        which_key in any::<prop::sample::Index>(),
        mut question in question(),
    ) -> Scene {
        let names = ["app", KEY, "arn:aws:kms:us-east-1:111122223333:alias/app", "other", "arn:aws:kms:us-east-1:444455556666:alias/app"];
        let there = if has_foreign_key { 5 } else { 3 };
        question.key = Some(names[which_key.index(there)].to_owned());
        Scene { key_policy, identity_policies, has_foreign_key, question }
    }
}

/// A policy of the kind, or one that is not known.
fn attached(kind: Kind) -> impl Strategy<Value = Value> {
    prop_oneof![19 => policy(kind), 1 => Just(json!({"unknown": "not exported"}))]
}

pub(crate) fn policy(kind: Kind) -> impl Strategy<Value = Value> {
    let version =
        prop_oneof![4 => Just(Some("2012-10-17")), 1 => Just(Some("2008-10-17")), 1 => Just(None)];
    (version, vec(statement(kind), 1..=4)).prop_map(|(version, statements)| match version {
        Some(version) => json!({"Version": version, "Statement": statements}),
        None => json!({"Statement": statements}),
    })
}

pub(crate) fn statement(kind: Kind) -> impl Strategy<Value = Value> {
    prop_oneof![3 => statement_with(kind, "Allow"), 1 => statement_with(kind, "Deny")]
}

pub(crate) fn statement_with(kind: Kind, effect: &'static str) -> BoxedStrategy<Value> {
    let rest = (actions(), resources(), option::weighted(0.5, conditions::conditions(kind)));
    let element = (principal(effect), rest);
    element
        .prop_map(move |((principal, principals), (actions, resources, conditions))| {
            let mut statement = json!({"Effect": effect});
            if kind == Kind::Key {
                statement[principal] = principals;
            }
            statement[actions.0] = json!(actions.1);
            statement[resources.0] = json!(resources.1);
            if let Some(conditions) = conditions {
                statement["Condition"] = conditions;
            }
            statement
        })
        .boxed()
}

fn principal(effect: &str) -> BoxedStrategy<(&'static str, Value)> {
    const NAMES: &[&str] = &[
        "arn:aws:iam::111122223333:root",
        "111122223333",
        "arn:aws:iam::111122223333:role/Web",
        "arn:aws:iam::111122223333:role/app/Admin",
        "arn:aws:iam::111122223333:user/deploy",
        "arn:aws:sts::111122223333:assumed-role/Web/s1",
        "arn:aws:sts::111122223333:federated-user/bob",
        "AROAEXAMPLEEXAMPLE01",
        "AIDAEXAMPLEEXAMPLE01",
        "arn:aws:iam::444455556666:root",
        "arn:aws:iam::444455556666:role/Web",
        "arn:aws:iam::444455556666:user/other",
        "*",
    ];
    let service = json!({"Service": ["logs.us-east-1.amazonaws.com"], "AWS": OWN});
    let listed = prop_oneof![
        3 => Just(json!("*")),
        3 => Just(json!({"AWS": "arn:aws:iam::111122223333:root"})),
        1 => Just(service),
        1 => Just(json!({"Federated": "cognito-identity.amazonaws.com"})),
        9 => vec(select(NAMES), 1..=4).prop_map(|names| json!({"AWS": names})),
    ];
    if effect == "Allow" {
        return listed.prop_map(|listed| ("Principal", listed)).boxed();
    }
    let exempt =
        vec(select(NAMES), 1..=6).prop_map(|names| ("NotPrincipal", json!({"AWS": names})));
    prop_oneof![5 => listed.prop_map(|listed| ("Principal", listed)), 1 => exempt].boxed()
}

fn actions() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    const PATTERNS: &[&str] = &[
        "*",
        "kms:*",
        "kms:*crypt",
        "kms:De?rypt",
        "KMS:decrypt",
        "kms:Encrypt",
        "kms:Create*",
        "kms:GenerateDataKey*",
        "kms:List*",
        "kms:RetireGrant",
        "s3:*",
    ];
    let name = prop_oneof![5 => Just("Action"), 1 => Just("NotAction")];
    (name, vec(select(PATTERNS), 1..=3))
}

fn resources() -> impl Strategy<Value = (&'static str, Vec<&'static str>)> {
    const PATTERNS: &[&str] = &[
        KEY,
        FOREIGN_KEY,
        "arn:aws:kms:*:111122223333:key/*",
        "arn:aws:kms:us-east-1:*",
        "arn:aws:kms:*:*:key/w??",
        "arn:aws:kms:*:*:key/${aws:PrincipalTag/team}",
        "arn:aws:kms:*:*:key/${aws:PrincipalTag/none, 'web'}",
        "arn:aws:kms:*:*:key/${example:text}*",
        "arn:aws:s3:::bucket/${example:text}",
    ];
    prop_oneof![
        4 => Just(("Resource", vec!["*"])),
        3 => vec(select(PATTERNS), 1..=3).prop_map(|patterns| ("Resource", patterns)),
        2 => vec(select(PATTERNS), 1..=2).prop_map(|patterns| ("NotResource", patterns)),
    ]
}

prop_compose! {
    fn question()(
        (principal, session) in caller(),
        action in action(),
        via in option::weighted(0.2, select(&["ssm", "s3.us-east-1.amazonaws.com"][..])),
        encryption_context in option::of(vec((select(&["app", "APP", "tier"][..]), select(&["web", "ops"][..])), 0..=2)),
        context in vec(conditions::given(), 0..=2),
        at in option::of(select(&["2026-01-01T00:00:00Z", "1700000000"][..])),
        is_clock in any::<bool>(),
        rules in option::of(select(&[Rules::Aws, Rules::DualPermission][..])),
    ) -> Question {
        let mut question = Question::new(principal, action);
        question.session = session;
        question.via = via.filter(|_| !principal.ends_with("amazonaws.com")).map(str::to_owned);
        question.encryption_context = encryption_context.map(|pairs| owned(&pairs));
        for (key, entry) in context {
            give(&mut question, &key, entry);
        }
        question.at = match at {
            Some(at) if is_clock => Moment::Clock(at.to_owned()),
            Some(at) => Moment::Given(at.to_owned()),
            None => Moment::Unsaid,
        };
        question.rules = rules;
        question
    }
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn action() -> impl Strategy<Value = &'static Action> {
    const USUAL: &[&str] = &["kms:Decrypt", "kms:Encrypt", "kms:CreateGrant"];
    const ODD: &[&str] = &["kms:CreateKey", "kms:ListKeys", "kms:RetireGrant", "kms:PutKeyPolicy"];
    prop_oneof![
        5 => select(USUAL).prop_map(|name| Action::parse(name).unwrap()),
        1 => select(ODD).prop_map(|name| Action::parse(name).unwrap()),
        2 => any::<prop::sample::Index>().prop_map(|index| index.get(Action::all())),
    ]
}

fn caller() -> impl Strategy<Value = (&'static str, Session)> {
    const PLAIN: &[&str] = &[
        "root",
        "user/deploy",
        "user/deploy",
        "logs.us-east-1.amazonaws.com",
        "arn:aws:iam::444455556666:user/other",
        "arn:aws:iam::444455556666:root",
        "arn:aws:iam::111122223333:user/unlisted",
    ];
    const SESSIONS: &[&str] = &[
        "role/Web",
        "role/app/Admin",
        "arn:aws:sts::111122223333:assumed-role/Web/s1",
        "arn:aws:iam::444455556666:role/Web",
        "arn:aws:iam::111122223333:role/Unlisted",
    ];
    let tags = vec((select(&["team", "TEAM", "none"][..]), select(&["web", "ops"][..])), 0..=1);
    let session =
        (option::of(Just("s1".to_owned())), tags.prop_map(|tags| owned(&tags)), any::<bool>());
    let session = session.prop_map(|(name, tags, mfa)| Session {
        policies: None,
        name,
        issued_by: None,
        tags,
        mfa: Some(mfa),
    });
    let federated = (option::of(Just("user/deploy".to_owned())), any::<bool>())
        .prop_map(|(issued_by, mfa)| Session { issued_by, mfa: Some(mfa), ..Session::default() });
    prop_oneof![
        8 => (select(SESSIONS), session),
        6 => (select(PLAIN), Just(Session::default())),
        1 => (Just("arn:aws:sts::111122223333:federated-user/bob"), federated),
    ]
}

/// Gives a context key, in place of what was given under it before.
pub(crate) fn give(question: &mut Question, key: &str, entry: Entry) {
    question.context.retain(|(given, _)| !given.eq_ignore_ascii_case(key));
    question.context.push((key.to_owned(), entry));
}
