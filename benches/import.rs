//! Importing an account of 5,000 roles and 1,000 keys.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on has failed")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use kms_sim::document::{Format, Source};
use kms_sim::import::{Assumptions, Estate, Placement, import, sniff};
use serde_json::{Value, json};

const ROLES: usize = 5_000;
const KEYS: usize = 1_000;
const MANAGED: usize = 200;

fn policy(number: usize) -> Value {
    json!({"Version": "2012-10-17", "Statement": [
        {"Sid": format!("Use{number}"), "Effect": "Allow",
         "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "s3:GetObject", "s3:PutObject"],
         "Resource": format!("arn:aws:kms:us-east-1:123456789012:key/*{number}")},
        {"Effect": "Deny", "Action": "kms:ScheduleKeyDeletion", "Resource": "*",
         "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "keys"}}},
    ]})
}

fn managed(number: usize) -> String {
    format!("arn:aws:iam::123456789012:policy/Managed{number}")
}

/// What the script of `import aws --print-collector` would have written.
fn collected() -> Vec<Arc<Source>> {
    let roles = (0..ROLES).map(|number| json!({
        "RoleName": format!("Role{number}"), "RoleId": format!("AROA{number}"), "Path": "/",
        "Arn": format!("arn:aws:iam::123456789012:role/Role{number}"),
        "AssumeRolePolicyDocument": policy(number),
        "RolePolicyList": [{"PolicyName": "inline", "PolicyDocument": policy(number)}],
        "AttachedManagedPolicies": [
            {"PolicyArn": managed(number % MANAGED)}, {"PolicyArn": managed(number * 7 % MANAGED)},
        ],
        "Tags": [{"Key": "team", "Value": "web"}],
    }));
    let policies = (0..MANAGED).map(|number| {
        json!({
            "Arn": managed(number), "PolicyVersionList": [
                {"VersionId": "v1", "IsDefaultVersion": true, "Document": policy(number)},
            ],
        })
    });
    let details = json!({
        "RoleDetailList": roles.collect::<Value>(), "Policies": policies.collect::<Value>(),
    });
    let details = Source::new("iam/authorization-details.json", format!("{details:#}"));
    let key_policy = json!({"Statement": [{
        "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
        "Action": "kms:*", "Resource": "*",
    }]});
    let keys = (0..KEYS).flat_map(|number| {
        let id = format!("{number:08}-12ab-34cd-56ef-1234567890ab");
        let arn = format!("arn:aws:kms:us-east-1:123456789012:key/{id}");
        let policy = json!({"Policy": format!("{key_policy:#}"), "PolicyName": "default"});
        let metadata = json!({"KeyMetadata": {"Arn": arn, "KeyId": id, "KeyState": "Enabled"}});
        let grants = json!({"Grants": [{
            "KeyId": arn, "GrantId": format!("{number}"), "Operations": ["Decrypt"],
            "GranteePrincipal": format!("arn:aws:iam::123456789012:role/Role{number}"),
        }]});
        [("get-key-policy", policy), ("describe-key", metadata), ("list-grants", grants)].map(
            |(name, value)| {
                Source::new(format!("kms/us-east-1/{id}/{name}.json"), value.to_string())
            },
        )
    });
    std::iter::once(details).chain(keys).collect()
}

fn estate(sources: &[Arc<Source>]) -> Estate {
    let found: Vec<_> = sources.iter().flat_map(|source| sniff(source).unwrap()).collect();
    import(&found, &Assumptions::default()).unwrap().after
}

fn benches(criterion: &mut Criterion) {
    let sources = collected();
    let mut group = criterion.benchmark_group("import");
    group.sample_size(10);
    group.bench_function("an account of 5,000 roles and 1,000 keys", |bencher| {
        bencher.iter(|| estate(black_box(&sources)));
    });
    let imported = estate(&sources);
    group.bench_function("its environment", |bencher| {
        bencher.iter(|| black_box(&imported).load().unwrap());
    });
    group.bench_function("its file and those of its policies", |bencher| {
        let placement = Placement::Folder("policies");
        bencher.iter(|| black_box(&imported).write(Format::Yaml, placement).unwrap());
    });
    group.finish();
}

criterion_group!(all, benches);
criterion_main!(all);
