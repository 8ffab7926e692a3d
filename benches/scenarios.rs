//! The time of a run over ten thousand cases, and of what makes it up.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark that cannot go on has failed")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::NoFiles;
use kms_sim::scenario::{Coverage, Scenario, Sorted};

const CASES: usize = 10_000;
const ROLES: usize = 20;

/// An application on each of twenty roles, one key, and a case for each call.
fn text(cases: usize) -> String {
    let mut text = "account: '123456789012'\nprincipals:\n".to_owned();
    for role in 0..ROLES {
        let _ = writeln!(
            text,
            "  role/App{role}: {{identity_policies: [{{Version: '2012-10-17', Statement: [{{Sid: Use, Effect: Allow, Action: 'kms:*', Resource: '*'}}]}}]}}"
        );
    }
    text.push_str("keys:\n  app:\n    policy:\n      Version: '2012-10-17'\n      Statement:\n");
    text.push_str("        - {Sid: Account, Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'kms:*', Resource: '*'}\n");
    text.push_str("        - {Sid: Keep, Effect: Deny, Principal: '*', Action: 'kms:ScheduleKeyDeletion', Resource: '*'}\n");
    for role in 0..ROLES / 2 {
        let _ = writeln!(
            text,
            "        - {{Sid: App{role}, Effect: Allow, Principal: {{AWS: 'arn:aws:iam::123456789012:role/App{role}'}}, Action: ['kms:Encrypt', 'kms:Decrypt'], Resource: '*', Condition: {{IpAddress: {{'aws:SourceIp': '10.0.0.0/8'}}}}}}"
        );
    }
    text.push_str("cases:\n");
    let actions = ["Decrypt", "Encrypt", "GenerateDataKey", "ScheduleKeyDeletion", "DescribeKey"];
    for (case, action) in (0..cases).zip(actions.iter().cycle()) {
        let expect = if *action == "ScheduleKeyDeletion" { "explicitDeny" } else { "allowed" };
        let _ = writeln!(
            text,
            "  - {{name: case {case}, principal: role/App{}, action: kms:{action}, context: {{'aws:SourceIp': 10.0.0.{}}}, expect: {expect}}}",
            case % ROLES,
            case % 250
        );
    }
    text
}

fn read(text: &Arc<Source>) -> Scenario {
    let document = Document::parse(text.clone(), Format::Yaml).unwrap();
    match Scenario::read(&document, &NoFiles).unwrap() {
        Sorted::Scenario(scenario) => *scenario,
        Sorted::Environment | Sorted::Policy | Sorted::Schema => panic!("it has cases"),
    }
}

/// On one core.
fn library(criterion: &mut Criterion) {
    let source = Source::new("bench.yaml", text(CASES));
    let scenario = read(&source);
    let mut group = criterion.benchmark_group("10,000 cases");
    group.sample_size(10).throughput(Throughput::Elements(CASES as u64));
    group.bench_function("read", |b| b.iter(|| read(black_box(&source))));
    group.bench_function("run", |b| b.iter(|| scenario.run().count()));
    group.bench_function("coverage", |b| {
        b.iter(|| {
            let mut coverage = Coverage::of(&scenario);
            for single in scenario.singles() {
                coverage.count(single.exercises().unwrap());
            }
            coverage.report().noticed
        });
    });
    group.finish();
}

/// As a team runs them, on all cores.
fn program(criterion: &mut Criterion) {
    let folder = std::env::temp_dir().join(format!("kms-sim-bench-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("one.yaml"), text(CASES)).unwrap();
    let mut group = criterion.benchmark_group("kms-sim test, 10,000 cases");
    group.sample_size(10).throughput(Throughput::Elements(CASES as u64));
    for arguments in [&["test", "one.yaml"][..], &["test", "one.yaml", "--coverage"]] {
        group.bench_function(arguments.join(" "), |b| {
            b.iter(|| {
                let mut command = Command::new(env!("CARGO_BIN_EXE_kms-sim"));
                command.args(arguments).current_dir(&folder);
                let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
                assert!(status.success());
            });
        });
    }
    group.finish();
    std::fs::remove_dir_all(&folder).unwrap();
}

criterion_group!(benches, library, program);
criterion_main!(benches);
