//! What `Ref` and `Fn::GetAtt` give for resources: names that the template says, and stand-ins
//! of the same shape for those that AWS makes up, always the same for the same template.
//!
//! Source: [Resource types](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html),
//! each page under "Return values"

use super::pseudo::suffix;
use super::scope::Scope;
use super::template::Resource;
use super::value::{Shape, Stop};
use crate::document::At;
use crate::request::Account;
use crate::text::Quoted;

/// What `Ref` gives.
#[derive(Clone, Copy)]
enum Reference {
    Name,
    Arn,
    Text(&'static str),
}

/// How resources of a type are named. In the texts stand `{p}` for the partition, `{r}` for the
/// Region, `{a}` for the account, `{n}` for the name, `{path}` for the path, `{u}` for the suffix.
struct Naming {
    kind: &'static str,
    /// The property that gives the name.
    name: &'static str,
    reference: Reference,
    /// The attribute that gives the ARN, and the ARN.
    arn: (&'static str, &'static str),
}

const fn naming(
    kind: &'static str,
    name: &'static str,
    reference: Reference,
    arn: (&'static str, &'static str),
) -> Naming {
    Naming { kind, name, reference, arn }
}

use Reference::{Arn, Name, Text};

#[rustfmt::skip]
const NAMINGS: &[Naming] = &[
    naming("AWS::CloudTrail::Trail", "TrailName", Name, ("Arn", "arn:{p}:cloudtrail:{r}:{a}:trail/{n}")),
    naming("AWS::CodeBuild::Project", "Name", Name, ("Arn", "arn:{p}:codebuild:{r}:{a}:project/{n}")),
    naming("AWS::DynamoDB::Table", "TableName", Name, ("Arn", "arn:{p}:dynamodb:{r}:{a}:table/{n}")),
    naming("AWS::ECR::Repository", "RepositoryName", Name, ("Arn", "arn:{p}:ecr:{r}:{a}:repository/{n}")),
    naming("AWS::IAM::Group", "GroupName", Name, ("Arn", "arn:{p}:iam::{a}:group{path}{n}")),
    naming("AWS::IAM::InstanceProfile", "InstanceProfileName", Name, ("Arn", "arn:{p}:iam::{a}:instance-profile{path}{n}")),
    naming("AWS::IAM::ManagedPolicy", "ManagedPolicyName", Arn, ("PolicyArn", "arn:{p}:iam::{a}:policy{path}{n}")),
    naming("AWS::IAM::Role", "RoleName", Name, ("Arn", "arn:{p}:iam::{a}:role{path}{n}")),
    naming("AWS::IAM::User", "UserName", Name, ("Arn", "arn:{p}:iam::{a}:user{path}{n}")),
    naming("AWS::Kinesis::Stream", "Name", Name, ("Arn", "arn:{p}:kinesis:{r}:{a}:stream/{n}")),
    naming("AWS::KinesisFirehose::DeliveryStream", "DeliveryStreamName", Name, ("Arn", "arn:{p}:firehose:{r}:{a}:deliverystream/{n}")),
    naming("AWS::Lambda::Function", "FunctionName", Name, ("Arn", "arn:{p}:lambda:{r}:{a}:function:{n}")),
    naming("AWS::Logs::LogGroup", "LogGroupName", Name, ("Arn", "arn:{p}:logs:{r}:{a}:log-group:{n}:*")),
    naming("AWS::S3::Bucket", "BucketName", Name, ("Arn", "arn:{p}:s3:::{n}")),
    naming("AWS::SNS::Topic", "TopicName", Arn, ("TopicArn", "arn:{p}:sns:{r}:{a}:{n}")),
    naming("AWS::SQS::Queue", "QueueName", Text("https://sqs.{r}.{u}/{a}/{n}"), ("Arn", "arn:{p}:sqs:{r}:{a}:{n}")),
    naming("AWS::Serverless::Function", "FunctionName", Name, ("Arn", "arn:{p}:lambda:{r}:{a}:function:{n}")),
    naming("AWS::StepFunctions::StateMachine", "StateMachineName", Arn, ("Arn", "arn:{p}:states:{r}:{a}:stateMachine:{n}")),
];

/// The longest name of a role.
const MAX_NAME: usize = 64;

/// What `Ref` gives for a resource.
pub(super) fn reference<'a>(
    scope: Scope<'_, 'a>,
    at: At<'a>,
    resource: Resource<'a>,
) -> Result<String, Stop> {
    match resource.kind {
        "AWS::KMS::Key" | "AWS::KMS::ReplicaKey" => key_id(scope, resource),
        "AWS::KMS::Alias" => property(scope, resource, "AliasName")?
            .ok_or_else(|| resource.at.error("expected a property `AliasName`, found none").into()),
        "AWS::EC2::VPC" => Ok(format!("vpc-{}", hexadecimal(scope, resource.id, 17))),
        "AWS::EC2::VPCEndpoint" => Ok(format!("vpce-{}", hexadecimal(scope, resource.id, 17))),
        "AWS::SSM::Parameter" => name(scope, resource, "Name"),
        kind => match NAMINGS.iter().find(|row| row.kind == kind) {
            Some(Naming { reference: Name, name: property, .. }) => name(scope, resource, property),
            Some(row @ Naming { reference: Arn, arn: (_, text), .. }) => {
                fill(scope, resource, row, text)
            }
            Some(row @ Naming { reference: Text(text), .. }) => fill(scope, resource, row, text),
            None => Err(not_known(at, resource, None)),
        },
    }
}

/// What `Fn::GetAtt` gives for a resource.
pub(super) fn attribute<'a>(
    scope: Scope<'_, 'a>,
    at: At<'a>,
    resource: Resource<'a>,
    attribute: &str,
) -> Result<String, Stop> {
    match (resource.kind, attribute) {
        ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey", "Arn") => {
            let id = scope.reference_text(at, resource.id)?;
            let stack = scope.stack;
            let account = stack.account;
            Ok(format!("arn:{}:kms:{}:{}:key/{id}", account.partition, stack.region, account.id))
        }
        ("AWS::IAM::Role", "RoleId") => Ok(format!("AROA{}", letters(scope, resource.id, 17))),
        ("AWS::KMS::Key" | "AWS::KMS::ReplicaKey", "KeyId")
        | ("AWS::EC2::VPC", "VpcId")
        | ("AWS::EC2::VPCEndpoint", "Id") => scope.reference_text(at, resource.id),
        (kind, attribute) => match NAMINGS.iter().find(|row| row.kind == kind) {
            Some(row) if row.arn.0 == attribute => fill(scope, resource, row, row.arn.1),
            Some(row) if row.name == attribute => name(scope, resource, row.name),
            _ => Err(not_known(at, resource, Some(attribute))),
        },
    }
}

fn not_known(at: At<'_>, resource: Resource<'_>, attribute: Option<&str>) -> Stop {
    let what = match attribute {
        Some(attribute) => format!("{}.{attribute}", resource.id),
        None => resource.id.to_owned(),
    };
    let why = format!(
        "{} of {} is known only when the stack is there",
        Quoted(&what),
        Quoted(resource.kind)
    );
    Stop::unknown(at, &why)
}

/// A replica has the id of its primary key.
///
/// Source: [AWS::KMS::ReplicaKey](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-replicakey.html)
fn key_id<'a>(scope: Scope<'_, 'a>, resource: Resource<'a>) -> Result<String, Stop> {
    if resource.kind == "AWS::KMS::ReplicaKey" {
        let at = resource.properties.and_then(|it| it.get("PrimaryKeyArn"));
        let primary = property(scope, resource, "PrimaryKeyArn")?.unwrap_or_default();
        let id = primary.rsplit_once(":key/").map(|(_, id)| id).filter(|id| id.starts_with("mrk-"));
        return id.map(str::to_owned).ok_or_else(|| {
            let found = Quoted(&primary);
            let message = format!("expected the ARN of a multi-Region key (`…:key/mrk-…`) in `PrimaryKeyArn`, found {found}");
            at.unwrap_or(resource.at).error(message).into()
        });
    }
    resource.check_expanded()?;
    let multi_region = resource.properties.and_then(|it| it.get("MultiRegion"));
    let multi_region = multi_region.map(|at| scope.resolve(at)).transpose()?;
    let is_multi_region = match &multi_region {
        Some(value) if value.shape != Shape::Absent => value.boolean()?,
        _ => false,
    };
    Ok(if is_multi_region {
        format!("mrk-{}", hexadecimal(scope, resource.id, 32))
    } else {
        uuid(scope, resource.id)
    })
}

fn fill<'a>(
    scope: Scope<'_, 'a>,
    resource: Resource<'a>,
    row: &Naming,
    text: &str,
) -> Result<String, Stop> {
    let account = scope.stack.account;
    let path = property(scope, resource, "Path")?.filter(|_| text.contains("{path}"));
    let path = path.unwrap_or_else(|| "/".into());
    let name = match scope.world.given(resource.id) {
        Some(given) if matches!(row.reference, Name) => given.to_owned(),
        _ => name(scope, resource, row.name)?,
    };
    Ok(text
        .replace("{p}", account.partition.as_str())
        .replace("{r}", scope.stack.region)
        .replace("{a}", account.id.as_str())
        .replace("{u}", suffix(account.partition))
        .replace("{path}", &path)
        .replace("{n}", &name))
}

/// A property that is a text, if there is one.
fn property<'a>(
    scope: Scope<'_, 'a>,
    resource: Resource<'a>,
    name: &str,
) -> Result<Option<String>, Stop> {
    resource.check_expanded()?;
    let Some(at) = resource.properties.and_then(|it| it.get(name)) else { return Ok(None) };
    let value = scope.resolve(at)?;
    if value.shape == Shape::Absent { Ok(None) } else { value.scalar().map(Some) }
}

/// The name that a property gives; else `Stack-Resource-SUFFIX`, as AWS makes one up.
///
/// Source: [Name](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html)
fn name<'a>(
    scope: Scope<'_, 'a>,
    resource: Resource<'a>,
    name_property: &str,
) -> Result<String, Stop> {
    if let Some(name) = property(scope, resource, name_property)? {
        return Ok(name);
    }
    let suffix = letters(scope, resource.id, 12);
    let room = MAX_NAME - suffix.len() - 2;
    let id: String = resource.id.chars().take(room / 2 + 6).collect();
    let label: String = scope.stack.label.chars().take(room - id.len().min(room)).collect();
    let name = format!("{label}-{id}-{suffix}");
    Ok(if resource.kind == "AWS::S3::Bucket" { name.to_ascii_lowercase() } else { name })
}

/// A UUID for a part of a stack.
pub(super) fn uuid(scope: Scope<'_, '_>, id: &str) -> String {
    let hex = hexadecimal(scope, id, 32);
    let part = |range: std::ops::Range<usize>| hex.get(range).unwrap_or_default();
    [part(0..8), part(8..12), part(12..16), part(16..20), part(20..32)].join("-")
}

fn hexadecimal(scope: Scope<'_, '_>, id: &str, length: usize) -> String {
    digits(scope, id, b"0123456789abcdef", length)
}

fn letters(scope: Scope<'_, '_>, id: &str, length: usize) -> String {
    digits(scope, id, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", length)
}

/// Digits that follow from the stack and the id: both hashed by
/// [FNV-1a](http://www.isthe.com/chongo/tech/comp/fnv/), and drawn from there by
/// [SplitMix](https://prng.di.unimi.it/splitmix64.c).
fn digits(scope: Scope<'_, '_>, id: &str, alphabet: &[u8], length: usize) -> String {
    let stack = scope.stack;
    let Account { id: account, .. } = stack.account;
    let seed = format!("{account}/{}/{}/{}/{id}", stack.region, stack.label, stack.alike);
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let mut digit = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let count = u64::try_from(alphabet.len()).unwrap_or(1).max(1);
        let index = usize::try_from((mixed ^ (mixed >> 31)) % count).unwrap_or(0);
        char::from(alphabet.get(index).copied().unwrap_or(b'0'))
    };
    (0..length).map(|_| digit()).collect()
}
