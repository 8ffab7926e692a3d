//! The parameters that every stack has.
//!
//! Source: [Pseudo parameters](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html)

use super::names;
use super::scope::Scope;
use super::value::{Shape, Stop};
use crate::arn::Partition;
use crate::document::At;
use crate::text::{Quoted, did_you_mean};

const NAMES: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

pub(super) fn value<'a>(scope: Scope<'_, 'a>, at: At<'a>, name: &str) -> Result<Shape<'a>, Stop> {
    let stack = scope.stack;
    let stack_name = || {
        stack
            .name
            .ok_or_else(|| Stop::Unknown(Scope::not_given(at, "the name of the stack,", name)))
    };
    let text = match name {
        "AWS::AccountId" => stack.account.id.to_string(),
        "AWS::NoValue" => return Ok(Shape::Absent),
        "AWS::NotificationARNs" => {
            return Err(Stop::Unknown(Scope::not_given(at, "the value of", name)));
        }
        "AWS::Partition" => stack.account.partition.to_string(),
        "AWS::Region" => stack.region.to_owned(),
        "AWS::StackId" => format!(
            "arn:{}:cloudformation:{}:{}:stack/{}/{}",
            stack.account.partition,
            stack.region,
            stack.account.id,
            stack_name()?,
            names::uuid(scope, "AWS::StackId")
        ),
        "AWS::StackName" => stack_name()?.to_owned(),
        "AWS::URLSuffix" => suffix(stack.account.partition).to_owned(),
        _ => {
            let message = format!("expected a pseudo parameter, found {}", Quoted(name));
            let help = did_you_mean(name, NAMES.iter().copied());
            return Err(at.error(message).with_help(help).into());
        }
    };
    Ok(Shape::Text(text))
}

/// The end of the names of a partition's hosts.
pub(super) fn suffix(partition: Partition) -> &'static str {
    match partition {
        Partition::Aws | Partition::AwsUsGov => "amazonaws.com",
        Partition::AwsCn => "amazonaws.com.cn",
        Partition::AwsEusc => "amazonaws.eu",
        Partition::AwsIso => "c2s.ic.gov",
        Partition::AwsIsoB => "sc2s.sgov.gov",
        Partition::AwsIsoE => "cloud.adc-e.uk",
        Partition::AwsIsoF => "csp.hci.ic.gov",
    }
}
