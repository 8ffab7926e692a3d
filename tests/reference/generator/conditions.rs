//! Random conditions: every operator in every form, over keys that requests carry and over
//! keys that they do not.

use serde_json::{Map, Value, json};

use super::policy::{Place, one_or_list};
use super::random::Random;

/// A key with the type of its values and what policies compare it with.
type Row = (&'static str, &'static [&'static str]);

const ARNS: &[&str] = &[
    "arn:aws:iam::111122223333:role/Worker",
    "arn:aws:iam::111122223333:role/*",
    "arn:aws:iam::111122223333:user/*",
    "arn:aws:iam::*:*",
    "arn:aws:iam::111122223333:root",
    "arn:aws:iam::444455556666:role/Partn?r",
    "arn:aws:sts::111122223333:federated-user/*",
    "arn:aws:iam::${aws:PrincipalAccount}:role/*",
    "${aws:PrincipalTag/arn}",
    "arn:aws:*:role/Worker",
    "Worker",
];

const TEXTS: &[Row] = &[
    ("aws:PrincipalArn", ARNS),
    ("aws:PrincipalAccount", &["111122223333", "444455556666", "4444*", "${aws:ResourceAccount}"]),
    (
        "aws:PrincipalType",
        &["AssumedRole", "User", "Account", "FederatedUser", "a*", "assumedrole"],
    ),
    ("aws:username", &["alice", "ALICE", "bob", "b?b", "${aws:username}"]),
    ("aws:userid", &["AROAWORKEREXAMPLE:night", "AROA*", "AIDA*", "*:*", "111122223333*"]),
    ("aws:PrincipalTag/team", &["web", "WEB", "w*", "${aws:ResourceAccount}", "ops"]),
    ("AWS:principaltag/Team", &["web", "ops", "${aws:PrincipalTag/none, 'web'}"]),
    ("aws:PrincipalOrgID", &["o-exampleorgid", "o-*", "o-other"]),
    ("kms:CallerAccount", &["111122223333", "444455556666", "${aws:PrincipalAccount}"]),
    ("kms:ViaService", &["ssm.us-east-1.amazonaws.com", "s3.*.amazonaws.com", "*"]),
    ("kms:EncryptionContext:app", &["web", "Web", "w*b", "${aws:PrincipalTag/team}", "w${*}"]),
    ("kms:encryptioncontext:Stage", &["prod", "p???", "test", "${aws:username}"]),
    ("kms:KeySpec", &["SYMMETRIC_DEFAULT", "RSA_*", "symmetric_default"]),
    ("kms:CustomerMasterKeySpec", &["SYMMETRIC_DEFAULT", "HMAC_256"]),
    ("kms:KeyUsage", &["ENCRYPT_DECRYPT", "SIGN_VERIFY", "*VERIFY*"]),
    ("kms:CustomerMasterKeyUsage", &["ENCRYPT_DECRYPT"]),
    ("kms:KeyOrigin", &["AWS_KMS", "EXTERNAL"]),
    ("kms:MultiRegionKeyType", &["PRIMARY", "REPLICA"]),
    ("kms:RequestAlias", &["alias/app", "alias/*", "alias/APP"]),
    ("kms:EncryptionAlgorithm", &["SYMMETRIC_DEFAULT", "RSAES_OAEP_SHA_256"]),
    ("kms:SigningAlgorithm", &["ECDSA_SHA_256", "RSASSA_PSS_SHA_256"]),
    ("kms:MacAlgorithm", &["HMAC_SHA_256"]),
    ("kms:MessageType", &["RAW", "DIGEST"]),
    ("kms:DataKeyPairSpec", &["RSA_2048", "ECC_*"]),
    ("kms:PolicyName", &["default"]),
    ("kms:ReplicaRegion", &["ap-south-1", "us-west-2"]),
    ("kms:PrimaryRegion", &["eu-west-1", "us-west-2"]),
    ("kms:WrappingAlgorithm", &["RSAES_OAEP_SHA_256"]),
    ("kms:WrappingKeySpec", &["RSA_2048"]),
    ("kms:ExpirationModel", &["KEY_MATERIAL_EXPIRES"]),
    ("kms:GranteePrincipal", ARNS),
    ("kms:RetiringPrincipal", ARNS),
    ("kms:GranteeServicePrincipal", &["sns.amazonaws.com", "*"]),
    ("kms:GrantConstraintType", &["EncryptionContextSubset", "EncryptionContextEquals"]),
    ("aws:RequestedRegion", &["us-east-1", "eu-*", "us-west-2"]),
    ("aws:ResourceAccount", &["111122223333", "${aws:PrincipalAccount}"]),
    ("aws:ResourceOrgID", &["o-exampleorgid", "${aws:PrincipalOrgID}"]),
    ("aws:SourceVpce", &["vpce-0abc", "vpce-*"]),
    ("aws:SourceVpc", &["vpc-0123", "vpc-9*"]),
    ("aws:SourceAccount", &["111122223333", "444455556666"]),
    ("aws:PrincipalServiceName", &["sns.amazonaws.com", "logs.*"]),
    ("aws:RequestTag/team", &["web", "ops"]),
    ("aws:UserAgent", &["cli", "c?i", "CLI"]),
    ("custom:note", &["x", "a${*}b", "a${?}b", "${$}x", "*"]),
    ("custom:absent", &["x", "*"]),
];

const SETS: &[Row] = &[
    ("kms:EncryptionContextKeys", &["app", "Stage", "arn", "a*", "APP"]),
    ("kms:GrantOperations", &["Decrypt", "Encrypt", "DescribeKey", "Gen*"]),
    ("aws:TagKeys", &["team", "cost", "t*"]),
    ("aws:PrincipalOrgPaths", &["o-exampleorgid/r-root/ou-prod/", "o-exampleorgid/*"]),
    (
        "aws:ResourceOrgPaths",
        &["o-exampleorgid/r-root/ou-prod/*", "o-exampleorgid/r-root/ou-test/"],
    ),
    ("aws:CalledVia", &["athena.amazonaws.com", "dynamodb.*"]),
    ("custom:list", &["a", "b", "B", "?"]),
];

/// Only outside key policies.
const OF_RESOURCE: &[Row] = &[
    ("aws:ResourceTag/team", &["web", "ops", "${aws:PrincipalTag/team}"]),
    ("kms:ResourceAliases", &["alias/app", "alias/*", "alias/aws/ssm"]),
];

const NUMBERS: &[Row] = &[
    ("kms:RotationPeriodInDays", &["90", "365", "100.5"]),
    ("kms:ScheduleKeyDeletionPendingWindowInDays", &["7", "7.0", "30"]),
    ("aws:EpochTime", &["1796083200", "1795399200", "1800000000"]),
    ("aws:MultiFactorAuthAge", &["300", "3600", "-1"]),
    ("kms:TrailingDaysWithoutKeyUsage", &["30", "90"]),
    ("custom:number", &["1", "1.5", "2"]),
    ("aws:EpochTime", &["1796083200.0", "1767225600", "1800000000"]),
];

const DATES: &[Row] = &[
    ("aws:CurrentTime", &["2026-11-23T02:00:00Z", "2026", "2026-12", "2026-11-23", "1796083200"]),
    ("aws:EpochTime", &["2026-11-23T02:00Z", "1796083200", "2026-12-01T02:00:00+02:00"]),
    ("aws:TokenIssueTime", &["2026-11-23T01:00:00Z"]),
    ("kms:ValidTo", &["2027-01-01T00:00:00Z", "1796083200"]),
];

const BOOLS: &[Row] = &[
    ("aws:MultiFactorAuthPresent", &["true", "false"]),
    ("aws:ViaAWSService", &["true", "false"]),
    ("aws:SecureTransport", &["true", "false"]),
    ("aws:PrincipalIsAWSService", &["true", "FALSE"]),
    ("kms:MultiRegion", &["true", "false"]),
    ("kms:ReEncryptOnSameKey", &["true", "false"]),
    ("kms:GrantIsForAWSResource", &["True", "false"]),
    ("kms:BypassPolicyLockoutSafetyCheck", &["true", "false"]),
    ("custom:flag", &["true", "false"]),
];

const ADDRESSES: &[Row] = &[
    (
        "aws:SourceIp",
        &["203.0.113.0/24", "203.0.113.7", "240.0.0.0/4", "2001:db8::/32", "0.0.0.0/0"],
    ),
    ("aws:VpcSourceIp", &["10.0.0.0/8", "10.1.0.0/16"]),
];

const ARN_KEYS: &[Row] = &[
    ("aws:PrincipalArn", ARNS),
    ("aws:SourceArn", &["arn:aws:sns:us-east-1:111122223333:topic", "arn:aws:s*:*:*:*"]),
    ("aws:PrincipalArn", &["arn:aws:iam::111122223333:*", "arn:aws:*::*:*"]),
    ("kms:GrantConstraintSourceArn", &["arn:aws:sns:us-east-1:111122223333:*"]),
    (
        "kms:EncryptionContext:arn",
        &["arn:aws:logs:*:111122223333:log-group:*", "arn:aws:logs:*:web"],
    ),
    ("custom:note", ARNS),
];

const BLOBS: &[Row] = &[("custom:blob", &["eA==", "YWJj"])];

/// Families of operators, with the keys they are for.
const FAMILIES: &[(&[&str], &[Row])] = &[
    (&["StringEquals", "StringLike", "StringEqualsIgnoreCase"], TEXTS),
    (&["StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase"], TEXTS),
    (&["StringEquals", "StringLike", "StringEqualsIgnoreCase"], SETS),
    (&["StringNotEquals", "StringNotLike", "StringNotEqualsIgnoreCase"], SETS),
    (&["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"], NUMBERS),
    (&["NumericGreaterThan", "NumericGreaterThanEquals", "NumericEquals"], NUMBERS),
    (&["DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals"], DATES),
    (&["DateGreaterThan", "DateGreaterThanEquals"], DATES),
    (&["Bool"], BOOLS),
    (&["IpAddress", "NotIpAddress"], ADDRESSES),
    (&["ArnEquals", "ArnLike"], ARN_KEYS),
    (&["ArnNotEquals", "ArnNotLike"], ARN_KEYS),
    (&["BinaryEquals"], BLOBS),
];

/// Every operator without prefix and suffix.
pub(crate) fn operators() -> Vec<&'static str> {
    let mut all: Vec<&str> =
        FAMILIES.iter().flat_map(|(operators, _)| *operators).copied().collect();
    all.push("Null");
    all.sort_unstable();
    all.dedup();
    all
}

/// One or two operators, each with one or two keys.
pub(crate) fn condition(random: &mut Random, place: Place) -> Value {
    let mut operators = Map::new();
    for _ in 0..=random.below(10) / 7 {
        let (family, rows) = *random.pick(FAMILIES);
        if random.chance(8) {
            let (key, _) = pick_row(random, rows, place);
            operators.insert("Null".to_owned(), json!({key: random.text(&["true", "false"])}));
            continue;
        }
        let mut keys = Map::new();
        for _ in 0..=random.below(10) / 8 {
            // Now and then a key of another type than the operator's.
            let other = if random.chance(4) { random.pick(FAMILIES).1 } else { rows };
            let (key, own) = pick_row(random, other, place);
            let operands = if std::ptr::eq(other, rows) { own } else { random.pick(rows).1 };
            let chosen = one_or_list(random.some(operands, 1, 2));
            // A key may be listed once, whatever its case.
            if !keys.keys().any(|other| other.eq_ignore_ascii_case(key)) {
                keys.insert(key.to_owned(), chosen);
            }
        }
        let spelling = spelling(random, family, refuses_all_values(&keys));
        if !operators.keys().any(|other| other.eq_ignore_ascii_case(&spelling)) {
            operators.insert(spelling, Value::Object(keys));
        }
    }
    Value::Object(operators)
}

fn pick_row(random: &mut Random, rows: &'static [Row], place: Place) -> Row {
    let texts = rows.iter().any(|row| row.0 == "aws:username" || row.0 == "aws:TagKeys");
    if texts && place != Place::Key && random.chance(8) {
        return *random.pick(OF_RESOURCE);
    }
    *random.pick(rows)
}

/// Whether KMS refuses `ForAllValues` on one of the keys.
fn refuses_all_values(keys: &Map<String, Value>) -> bool {
    let prefixes = ["kms:encryptioncontext:", "aws:requesttag/", "aws:resourcetag/"];
    keys.keys().any(|key| prefixes.iter().any(|prefix| key.to_lowercase().starts_with(prefix)))
}

fn spelling(random: &mut Random, family: &[&str], refuses_all_values: bool) -> String {
    let quantifiers = ["", "", "ForAnyValue:", "ForAnyValue:", "ForAllValues:"];
    let quantifier = random.text(&quantifiers[..if refuses_all_values { 4 } else { 5 }]);
    let suffix = random.text(&["", "", "IfExists"]);
    let operator = random.text(family);
    let operator = if random.chance(2) { operator.to_lowercase() } else { operator };
    format!("{quantifier}{operator}{suffix}")
}
