//! What can stand where a value is not known.

use super::keys::KINDS;

/// What a value is wanted for, which says what can stand in its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The name of a role, user or group.
    Holder(&'static str),
    /// A key's id or ARN.
    Key,
    /// The ARN of a managed policy.
    PolicyArn,
    /// A principal of a policy.
    Principal,
    /// A principal of a grant.
    Grantee,
    /// A resource of a policy.
    Resource,
    /// A value of a condition.
    ConditionValue,
    /// The text of a policy.
    Document,
    /// Something else, by this attribute.
    Other(&'static str),
}

impl Wanted {
    /// The attribute that is meant where a reference names none.
    pub(super) fn attribute(self) -> &'static str {
        match self {
            Self::Holder(_) => "name",
            Self::Key => "key_id",
            Self::PolicyArn
            | Self::Principal
            | Self::Grantee
            | Self::Resource
            | Self::ConditionValue => "arn",
            Self::Document => "json",
            Self::Other(attribute) => attribute,
        }
    }

    /// Whether an attribute of a resource can be what is wanted.
    pub(super) fn fits(self, kind: &str, attribute: &str) -> bool {
        let is_key = KINDS.contains(&kind);
        let is_principal = matches!(kind, "aws_iam_role" | "aws_iam_user") && attribute == "arn";
        match self {
            Self::Holder(wanted) => kind == wanted && matches!(attribute, "name" | "id"),
            Self::Key => is_key || kind == "aws_kms_alias",
            Self::PolicyArn => kind == "aws_iam_policy" && matches!(attribute, "arn" | "id"),
            // An account number mostly stands within the ARN of something else.
            Self::Principal | Self::Grantee => is_principal,
            Self::Resource => (is_key || kind == "aws_kms_alias") && attribute.ends_with("arn"),
            Self::ConditionValue => {
                is_principal
                    || (is_key && attribute == "arn")
                    || (kind == "aws_vpc_endpoint" && attribute == "id")
            }
            Self::Document => kind == "data.aws_iam_policy_document",
            Self::Other(wanted) => attribute == wanted,
        }
    }

    /// Whether people build such texts from values and more text.
    pub(super) fn may_be_a_part(self) -> bool {
        matches!(self, Self::Principal | Self::Resource | Self::ConditionValue)
    }
}
