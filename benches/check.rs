//! How long it takes to check many policies: a folder of 1,000 is to take about a second.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use kms_sim::document::Source;
use kms_sim::lint::{Selection, Sorted, Subject, check};
use kms_sim::policy::Policy;

/// Key policies as consoles and modules write them: the account, administrators, users with a
/// condition, and one statement that something is wrong with.
fn policies(count: usize) -> Vec<String> {
    let policy = |number: usize| {
        let mut text = String::from(
            r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Enable IAM policies", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"},
  {"Sid": "Administrators", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/KeyAdmin"}, "Action": ["kms:Create*", "kms:Describe*", "kms:Enable*", "kms:List*", "kms:Put*", "kms:Update*", "kms:Revoke*", "kms:Disable*", "kms:Get*", "kms:Delete*", "kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"], "Resource": "*"}"#,
        );
        for role in 0..4 {
            let _ = write!(
                text,
                r#",
  {{"Sid": "Use{role}", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::123456789012:role/App{number}x{role}"}}, "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*", "Condition": {{"StringEquals": {{"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}}}}"#
            );
        }
        text + "\n]}"
    };
    (0..count).map(policy).collect()
}

fn found(texts: &[String], selection: &Selection) -> usize {
    let of = |text: &String| {
        let Ok(Sorted::Policy { document, kind, .. }) =
            Sorted::read(Source::new("key.json", text.as_str()))
        else {
            return 0;
        };
        let subject = Policy::from_document(&document, kind)
            .and_then(|policy| Subject::of_policy(policy, None));
        subject.map_or(0, |subject| check(&subject, selection).len())
    };
    texts.iter().map(of).sum()
}

fn thousand(criterion: &mut Criterion) {
    let texts = policies(1_000);
    let selection = Selection::default();
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    group.bench_function("1,000 key policies", |bencher| {
        bencher.iter(|| found(black_box(&texts), &selection));
    });
    group.finish();
}

criterion_group!(benches, thousand);
criterion_main!(benches);
