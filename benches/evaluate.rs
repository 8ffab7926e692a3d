//! The time of a decision, and of what comes before it.
//!
//! `floor` is the same string comparisons on structures that were built by hand: what a
//! decision costs at least. Compare ratios within one run; machines differ and are noisy.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot go on has failed"
)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use kms_sim::arn::Partition;
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{
    Attached, Environment, Files, Key, Principal, Question, ReadError, example,
};
use kms_sim::evaluate::{Decision, decide, explain};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::report::{Matrix, Why, principals_of};
use kms_sim::request::{Account, PrincipalName};
use serde_json::{Value, json};

const ROLE: &str = "arn:aws:iam::123456789012:role/WebAppInstanceRole";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROOT: &str = "arn:aws:iam::123456789012:root";
const USE: [&str; 5] =
    ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"];
const SIZES: [usize; 4] = [3, 30, 300, 3_000];

/// A key policy of `size` statements: the account, others, and the role at the end.
fn many_principals(size: usize) -> Value {
    let mut statements = vec![statement(ROOT, &["kms:*"])];
    for other in 2..size {
        statements.push(statement(&format!("arn:aws:iam::123456789012:role/Other{other}"), &USE));
    }
    statements.push(statement(ROLE, &USE));
    json!({"Version": "2012-10-17", "Statement": statements})
}

/// A key policy of `size` statements for the same role, of which the last one's conditions hold.
fn many_conditions(size: usize) -> Value {
    let conditioned = |index: usize| {
        let mut it = statement(ROLE, &USE);
        it["Condition"] = json!({"StringEquals": {
            "kms:ViaService": if index + 1 == size { "ssm.us-east-1.amazonaws.com".to_owned() } else { format!("s{index}.us-east-1.amazonaws.com") },
            "kms:EncryptionContext:app": "web",
        }});
        it
    };
    json!({"Version": "2012-10-17", "Statement": (0..size).map(conditioned).collect::<Vec<_>>()})
}

fn statement(principal: &str, actions: &[&str]) -> Value {
    json!({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": actions, "Resource": "*"})
}

fn environment(key_policy: &Value) -> Environment {
    let account = Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() };
    let mut environment = Environment::new(Some(account), "us-east-1");
    let policy = Policy::from_json("key.json", &key_policy.to_string(), Kind::Key).unwrap();
    let (owner, region, id) = Key::parse_arn(KEY).unwrap();
    let key = Key::new(owner, &region, &id, Attached::Policy(Arc::new(policy))).unwrap();
    environment.add_key(key).unwrap();
    let identity = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": USE, "Resource": "arn:aws:kms:us-east-1:123456789012:key/*"},
    ]});
    let identity = Policy::from_json("web.json", &identity.to_string(), Kind::Identity).unwrap();
    let principal = Principal {
        identity_policies: vec![Attached::Policy(Arc::new(identity))],
        ..Principal::default()
    };
    environment.add_principal(PrincipalName::parse(ROLE, None).unwrap(), principal);
    environment
}

fn question() -> Question {
    let mut question = Question::new(ROLE, Action::parse("kms:Decrypt").unwrap());
    question.via = Some("ssm".into());
    question.encryption_context = Some(vec![("app".into(), "web".into())]);
    question
}

/// What a decision costs at least.
mod floor {
    use serde_json::Value;

    pub(crate) struct Statement {
        deny: bool,
        principal: Option<String>,
        account: bool,
        actions: Vec<Pattern>,
        resource: Pattern,
        conditions: Vec<(String, String)>,
    }

    enum Pattern {
        Exact(String),
        Prefix(String),
    }

    impl Pattern {
        fn new(text: &str) -> Self {
            match text.strip_suffix('*') {
                Some(prefix) => Self::Prefix(prefix.to_owned()),
                None => Self::Exact(text.to_owned()),
            }
        }

        fn matches(&self, text: &str) -> bool {
            match self {
                Self::Exact(exact) => exact == text,
                Self::Prefix(prefix) => text.starts_with(prefix),
            }
        }
    }

    pub(crate) struct Request<'a> {
        pub(crate) principal: &'a str,
        pub(crate) root: &'a str,
        pub(crate) action: &'a str,
        pub(crate) resource: &'a str,
        pub(crate) context: &'a [(&'a str, &'a str)],
    }

    fn strings(value: &Value) -> Vec<&str> {
        let alone = value.as_str().into_iter();
        alone.chain(value.as_array().into_iter().flatten().filter_map(Value::as_str)).collect()
    }

    pub(crate) fn statements(policy: &Value, root: &str) -> Vec<Statement> {
        let read = |it: &Value| {
            let principal = it["Principal"]["AWS"].as_str().map(str::to_owned);
            let conditions = it["Condition"]["StringEquals"].as_object().into_iter().flatten();
            Statement {
                deny: it["Effect"] == "Deny",
                account: principal.as_deref() == Some(root),
                principal,
                actions: strings(&it["Action"]).into_iter().map(Pattern::new).collect(),
                resource: Pattern::new(it["Resource"].as_str().unwrap()),
                conditions: conditions
                    .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
                    .collect(),
            }
        };
        policy["Statement"].as_array().unwrap().iter().map(read).collect()
    }

    pub(crate) fn decide(key: &[Statement], identity: &[Statement], request: &Request<'_>) -> bool {
        let matches = |it: &Statement| {
            it.principal
                .as_deref()
                .is_none_or(|arn| arn == request.principal || arn == request.root)
                && it.actions.iter().any(|pattern| pattern.matches(request.action))
                && it.resource.matches(request.resource)
                && it.conditions.iter().all(|(key, value)| {
                    request.context.iter().any(|(known, given)| known == key && given == value)
                })
        };
        let (mut denied, mut named, mut delegated, mut allowed) = (false, false, false, false);
        for it in key.iter().filter(|it| matches(it)) {
            match (it.deny, it.account) {
                (true, _) => denied = true,
                (false, true) => delegated = true,
                (false, false) => named = true,
            }
        }
        for it in identity.iter().filter(|it| matches(it)) {
            if it.deny { denied = true } else { allowed = true }
        }
        !denied && (named || (delegated && allowed))
    }
}

fn floor_of(key_policy: &Value) -> (Vec<floor::Statement>, Vec<floor::Statement>) {
    let identity = json!({"Statement": [
        {"Effect": "Allow", "Action": USE, "Resource": "arn:aws:kms:us-east-1:123456789012:key/*"},
    ]});
    (floor::statements(key_policy, ROOT), floor::statements(&identity, ROOT))
}

const FLOOR: floor::Request<'static> = floor::Request {
    principal: ROLE,
    root: ROOT,
    action: "kms:Decrypt",
    resource: KEY,
    context: &[
        ("kms:EncryptionContext:app", "web"),
        ("kms:ViaService", "ssm.us-east-1.amazonaws.com"),
    ],
};

fn article(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("article");
    let loaded = example::environment().unwrap();
    let question = Question::new("role/WebAppInstanceRole", Action::parse("kms:Decrypt").unwrap());
    let request = loaded.environment.request(&question).unwrap();
    let policy: Value =
        serde_json::from_str(include_str!("../src/environment/example/key-policy.json")).unwrap();
    let (key, identity) = floor_of(&policy);
    group.bench_function("floor", |b| {
        b.iter(|| floor::decide(black_box(&key), black_box(&identity), black_box(&FLOOR)));
    });
    group.bench_function("decide", |b| b.iter(|| decide(black_box(&request))));
    group.bench_function("request and decide", |b| {
        b.iter(|| decide(&loaded.environment.request(black_box(&question)).unwrap()));
    });
    group.bench_function("explain", |b| b.iter(|| explain(black_box(&request))));
    group.finish();
}

fn scaling(criterion: &mut Criterion, name: &str, policy: fn(usize) -> Value) {
    let mut group = criterion.benchmark_group(name);
    for size in SIZES {
        let policy = policy(size);
        let environment = environment(&policy);
        let question = question();
        let request = environment.request(&question).unwrap();
        let (key, identity) = floor_of(&policy);
        group.bench_with_input(BenchmarkId::new("floor", size), &size, |b, _| {
            b.iter(|| floor::decide(black_box(&key), black_box(&identity), black_box(&FLOOR)));
        });
        group.bench_with_input(BenchmarkId::new("decide", size), &size, |b, _| {
            b.iter(|| decide(black_box(&request)));
        });
    }
    group.finish();
}

fn statements(criterion: &mut Criterion) {
    scaling(criterion, "statements", many_principals);
}

fn conditions(criterion: &mut Criterion) {
    scaling(criterion, "conditions", many_conditions);
}

struct Policies;

impl Files for Policies {
    fn read(&self, _from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        Err(ReadError::Unreadable(path.to_owned()))
    }
}

fn loading(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("loading");
    for size in SIZES {
        let text = serde_json::to_string_pretty(&many_principals(size)).unwrap();
        group.bench_with_input(BenchmarkId::new("key policy", size), &text, |b, text| {
            b.iter(|| Policy::from_json("key.json", black_box(text), Kind::Key).unwrap());
        });
    }
    let file = json!({"account": "123456789012", "keys": {"app": {"policy": many_principals(30)}},
        "principals": {"role/WebAppInstanceRole": {"identity_policies": ["FullAWSAccess"]}}});
    let file = serde_json::to_string_pretty(&file).unwrap();
    for format in [Format::Json, Format::Yaml] {
        group.bench_function(format!("environment of 30 statements, {format:?}"), |b| {
            b.iter(|| {
                let source = Source::from_bytes("kms-sim", file.clone().into_bytes()).unwrap();
                let document = Document::parse(source, format).unwrap();
                Environment::load(&document, &Policies, None).unwrap()
            });
        });
    }
    group.finish();
}

/// Every ceiling, a boundary, a session policy and a thousand grants, of which the last counts.
fn ceilings(criterion: &mut Criterion) {
    let all = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
    ]});
    let outside = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*",
        "Condition": {"StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-exampleorgid"}},
    }]});
    let everyone = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"},
    ]});
    let grant = |number: usize| {
        json!({
            "grantee": if number == 999 { "role/WebAppInstanceRole".to_owned() } else { format!("role/Worker{number}") },
            "operations": ["Decrypt"], "constraints": {"encryption_context_subset": {"app": "web"}},
        })
    };
    let environment = |grants: usize| {
        let file = json!({
            "account": "123456789012",
            "organization": {"id": "o-exampleorgid", "accounts": {"123456789012": {
                "service_control_policies": [["FullAWSAccess"], ["FullAWSAccess", all]],
                "resource_control_policies": [[outside]],
            }}},
            "vpc_endpoints": {"vpce-0abc": {"vpc": "vpc-0123", "policy": everyone}},
            "principals": {"role/WebAppInstanceRole": {"permissions_boundary": all}},
            "keys": {"app": {"grants": (1000 - grants..1000).map(grant).collect::<Vec<_>>()}},
        });
        let source = Source::from_bytes("env.json", file.to_string().into_bytes()).unwrap();
        let document = Document::parse(source, Format::Json).unwrap();
        Environment::load(&document, &Policies, None).unwrap().environment
    };
    let session = Policy::from_json("session.json", &all.to_string(), Kind::Session).unwrap();
    let mut question = Question::new("role/WebAppInstanceRole", Action::parse("Decrypt").unwrap());
    question.vpc_endpoint = Some("vpce-0abc".into());
    question.encryption_context = Some(vec![("app".into(), "web".into())]);
    question.session.policies = Some(vec![Attached::Policy(Arc::new(session))]);
    let mut group = criterion.benchmark_group("every side");
    for grants in [1, 1_000] {
        let environment = environment(grants);
        let request = environment.request(&question).unwrap();
        assert_eq!(decide(&request).decision, Decision::Allowed);
        group.bench_with_input(BenchmarkId::new("decide, grants", grants), &grants, |b, _| {
            b.iter(|| decide(black_box(&request)));
        });
    }
    group.finish();
}

/// All actions for a thousand roles that a key policy names.
fn matrix(criterion: &mut Criterion) {
    let mut environment = environment(&many_principals(1_000));
    let account = environment.account;
    for other in 2..1_000 {
        let name = PrincipalName::parse(&format!("role/Other{other}"), account).unwrap();
        environment.add_principal(name, Principal::default());
    }
    let key = environment.keys().first().unwrap();
    let principals = principals_of(&environment, key);
    let actions: Vec<&Action> = Action::all().iter().collect();
    let question = Question::new("root", actions[0]);
    let mut group = criterion.benchmark_group("matrix");
    group.sample_size(10);
    group.bench_function(format!("{} principals, all actions", principals.len()), |b| {
        b.iter(|| Matrix::of(&environment, &principals, &actions, &question, Why::Unsaid).unwrap());
    });
    group.finish();
}

criterion_group!(benches, article, statements, conditions, ceilings, matrix, loading);
criterion_main!(benches);
