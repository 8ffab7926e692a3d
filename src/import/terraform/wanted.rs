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
    /// A value of a condition on `aws:PrincipalArn`.
    PrincipalArn,
    /// A value of another condition.
    ConditionValue,
    /// The text of a policy.
    Document,
    /// The name of an inline policy, of this kind of resource.
    PolicyName(&'static str),
    /// The id of what is referred to.
    Id,
    /// The ARN of what is referred to.
    Arn,
    /// Something that references only go into: a name, a path, an action.
    Text,
}

impl Wanted {
    /// The attribute that is meant where a reference to a resource of that kind names none, as one
    /// with `[each.key]`, `[*]` or `for` does. Nothing where it may be one of several.
    pub(super) fn attribute(self, kind: &str) -> Option<&'static str> {
        match self {
            Self::Holder(_) | Self::PolicyName(_) => Some("name"),
            Self::Key => Some("key_id"),
            // It may be the ARN of the alias, and that of its key.
            Self::Resource if kind == "aws_kms_alias" => None,
            Self::PolicyArn
            | Self::Principal
            | Self::Grantee
            | Self::Resource
            | Self::PrincipalArn
            | Self::Arn => Some("arn"),
            Self::Document => Some("json"),
            Self::Id => Some("id"),
            Self::ConditionValue | Self::Text => None,
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
            Self::PrincipalArn | Self::ConditionValue => {
                is_principal
                    || (is_key && attribute == "arn")
                    || (kind == "aws_vpc_endpoint" && attribute == "id")
            }
            Self::Document => kind == "data.aws_iam_policy_document",
            Self::PolicyName(wanted) => kind == wanted && attribute == "name",
            Self::Id => attribute == "id",
            Self::Arn => attribute == "arn",
            Self::Text => false,
        }
    }

    /// Whether people build such texts from values and more text.
    pub(super) fn may_be_a_part(self) -> bool {
        matches!(self, Self::Principal | Self::Resource | Self::PrincipalArn | Self::ConditionValue)
    }

    /// Whether the whole of it is a text that people work out from others.
    pub(super) fn is_text(self) -> bool {
        self.may_be_a_part() || self == Self::Document
    }
}
