//! The table of documents that people have, and the members that each is known by.

use crate::document::{At, Object};

/// What a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `terraform show -json PLAN`.
    TerraformPlan,
    /// `terraform show -json` of a state.
    TerraformState,
    /// A state file as Terraform writes it, since 0.12.
    TerraformStateFile,
    /// A state file as Terraform wrote it before 0.12.
    OldTerraformStateFile,
    /// A CloudFormation template, also one that CDK wrote.
    CloudFormationTemplate,
    /// `manifest.json` in `cdk.out`.
    CdkManifest,
    /// Events of CloudTrail, in whatever comes with them.
    CloudTrail,
    /// `aws iam get-account-authorization-details`.
    AuthorizationDetails,
    /// `aws iam get-policy-version`.
    PolicyVersion,
    /// `aws iam get-policy`.
    ManagedPolicy,
    /// `aws iam get-role-policy`.
    RolePolicy,
    /// `aws iam get-user-policy`.
    UserPolicy,
    /// `aws iam get-group-policy`.
    GroupPolicy,
    /// `aws iam get-role`.
    Role,
    /// `aws iam get-user`.
    User,
    /// `aws iam get-group`.
    Group,
    /// `aws iam list-attached-role-policies`, or that of a user or group.
    AttachedPolicies,
    /// `aws iam list-role-policies`, or that of a user or group.
    PolicyNames,
    /// `aws iam list-groups-for-user`.
    GroupsForUser,
    /// `aws kms get-key-policy`.
    KeyPolicy,
    /// `aws organizations describe-policy`.
    OrganizationsPolicy,
    /// `aws organizations describe-organization`.
    Organization,
    /// The tree of an organization, in the form of its own that is described with `import`.
    OrganizationTree,
    /// `aws kms list-grants`.
    Grants,
    /// `aws kms describe-key`, and what creates a key.
    KeyMetadata,
    /// `aws kms list-aliases`.
    Aliases,
    /// `aws kms list-keys`.
    Keys,
    /// `aws kms list-resource-tags`.
    ResourceTags,
    /// `aws ec2 describe-vpc-endpoints`.
    VpcEndpoints,
    /// `aws sts get-caller-identity`.
    CallerIdentity,
    /// An error that AWS returned.
    ErrorResponse,
    /// What AWS returns where there is nothing to say of policies.
    OtherResponse,
    /// A policy document alone.
    Policy,
    /// An environment or scenario file.
    Environment,
}

/// Who reads a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// What AWS prints of an account.
    Aws,
    /// Terraform and `OpenTofu`.
    Terraform,
    /// CloudFormation and CDK.
    CloudFormation,
    /// `diagnose`.
    Trail,
    /// The options for single policies.
    Policy,
    /// Environment files.
    Environment,
}

impl Kind {
    /// Who reads it.
    #[must_use]
    pub fn family(self) -> Family {
        match self {
            Self::TerraformPlan
            | Self::TerraformState
            | Self::TerraformStateFile
            | Self::OldTerraformStateFile => Family::Terraform,
            Self::CloudFormationTemplate | Self::CdkManifest => Family::CloudFormation,
            Self::CloudTrail => Family::Trail,
            Self::Policy => Family::Policy,
            Self::Environment => Family::Environment,
            Self::AuthorizationDetails
            | Self::PolicyVersion
            | Self::ManagedPolicy
            | Self::RolePolicy
            | Self::UserPolicy
            | Self::GroupPolicy
            | Self::Role
            | Self::User
            | Self::Group
            | Self::AttachedPolicies
            | Self::PolicyNames
            | Self::GroupsForUser
            | Self::KeyPolicy
            | Self::OrganizationsPolicy
            | Self::Organization
            | Self::OrganizationTree
            | Self::Grants
            | Self::KeyMetadata
            | Self::Aliases
            | Self::Keys
            | Self::ResourceTags
            | Self::VpcEndpoints
            | Self::CallerIdentity
            | Self::ErrorResponse
            | Self::OtherResponse => Family::Aws,
        }
    }

    /// What it is, as in "this is …".
    #[must_use]
    pub fn described(self) -> &'static str {
        SHAPES.iter().find(|shape| shape.kind == self).map_or("a document", |shape| shape.what)
    }
}

/// What a kind of document looks like.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) kind: Kind,
    /// In words, with an article.
    pub(super) what: &'static str,
    /// All of these hold.
    pub(super) signs: &'static [Sign],
}

/// What a member is known by.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sign {
    /// There is one, whatever it holds.
    Has(&'static str),
    /// At least one of several.
    Any(&'static [&'static str]),
    Text(&'static str),
    List(&'static str),
    Object(&'static str),
    /// A number.
    Is(&'static str, &'static str),
    /// An object in the member has this member.
    Within(&'static str, &'static str),
    /// An item of the list, or a member of the object, has this member.
    Each(&'static str, &'static str),
    /// There is nothing besides these.
    Only(&'static [&'static str]),
}

use Sign::{Any, Each, Has, Is, List, Only, Text, Within};

const fn shape(kind: Kind, what: &'static str, signs: &'static [Sign]) -> Shape {
    Shape { kind, what, signs }
}

/// In the order in which they are tried.
///
/// Source: [Terraform JSON](https://developer.hashicorp.com/terraform/internals/json-format),
/// [template anatomy](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html),
/// [AWS CLI](https://docs.aws.amazon.com/cli/latest/reference/)
pub(super) const SHAPES: &[Shape] = &[
    shape(
        Kind::TerraformPlan,
        "a plan of Terraform",
        &[Has("format_version"), Any(&["planned_values", "resource_changes"])],
    ),
    shape(
        Kind::TerraformState,
        "a state that `terraform show -json` prints",
        &[Has("format_version"), Sign::Object("values")],
    ),
    shape(
        Kind::TerraformStateFile,
        "a state file of Terraform",
        &[Is("version", "4"), List("resources"), Any(&["lineage", "serial", "terraform_version"])],
    ),
    shape(
        Kind::OldTerraformStateFile,
        "a state file of Terraform before 0.12",
        &[Is("version", "3"), List("modules")],
    ),
    shape(Kind::CloudFormationTemplate, "a CloudFormation template", &[Each("Resources", "Type")]),
    shape(
        Kind::CloudFormationTemplate,
        "a CloudFormation template",
        &[Has("AWSTemplateFormatVersion"), Sign::Object("Resources")],
    ),
    shape(Kind::CdkManifest, "a manifest of CDK", &[Text("version"), Sign::Object("artifacts")]),
    shape(Kind::CloudTrail, "a file of CloudTrail", &[Each("Records", "eventSource")]),
    shape(Kind::CloudTrail, "an event of CloudTrail", &[Text("eventSource"), Text("eventName")]),
    shape(Kind::CloudTrail, "events of CloudTrail", &[Each("Events", "CloudTrailEvent")]),
    shape(Kind::CloudTrail, "an event of EventBridge", &[Within("detail", "eventSource")]),
    shape(Kind::CloudTrail, "results of CloudTrail Lake", &[List("QueryResultRows")]),
    shape(
        Kind::AuthorizationDetails,
        "what `aws iam get-account-authorization-details` prints",
        &[Any(&["UserDetailList", "RoleDetailList", "GroupDetailList"])],
    ),
    shape(
        Kind::AuthorizationDetails,
        "what `aws iam get-account-authorization-details` prints",
        &[Each("Policies", "PolicyVersionList")],
    ),
    shape(
        Kind::PolicyVersion,
        "what `aws iam get-policy-version` prints",
        &[Within("PolicyVersion", "Document")],
    ),
    shape(
        Kind::ManagedPolicy,
        "what `aws iam get-policy` prints",
        &[Within("Policy", "DefaultVersionId")],
    ),
    shape(
        Kind::RolePolicy,
        "what `aws iam get-role-policy` prints",
        &[Text("RoleName"), Has("PolicyDocument")],
    ),
    shape(
        Kind::UserPolicy,
        "what `aws iam get-user-policy` prints",
        &[Text("UserName"), Has("PolicyDocument")],
    ),
    shape(
        Kind::GroupPolicy,
        "what `aws iam get-group-policy` prints",
        &[Text("GroupName"), Has("PolicyDocument")],
    ),
    shape(Kind::Role, "what `aws iam get-role` prints", &[Within("Role", "RoleName")]),
    shape(Kind::User, "what `aws iam get-user` prints", &[Within("User", "UserName")]),
    shape(Kind::Group, "what `aws iam get-group` prints", &[Within("Group", "GroupName")]),
    shape(
        Kind::AttachedPolicies,
        "what `aws iam list-attached-role-policies` prints",
        &[List("AttachedPolicies")],
    ),
    shape(Kind::PolicyNames, "what `aws iam list-role-policies` prints", &[List("PolicyNames")]),
    shape(
        Kind::GroupsForUser,
        "what `aws iam list-groups-for-user` prints",
        &[List("Groups"), Only(&["Groups", "IsTruncated", "Marker"])],
    ),
    shape(
        Kind::OrganizationsPolicy,
        "what `aws organizations describe-policy` prints",
        &[Within("Policy", "Content"), Within("Policy", "PolicySummary")],
    ),
    shape(
        Kind::Organization,
        "what `aws organizations describe-organization` prints",
        &[Within("Organization", "Id")],
    ),
    shape(Kind::KeyPolicy, "what `aws kms get-key-policy` prints", &[Text("Policy")]),
    shape(Kind::Grants, "what `aws kms list-grants` prints", &[List("Grants")]),
    shape(Kind::KeyMetadata, "what `aws kms describe-key` prints", &[Sign::Object("KeyMetadata")]),
    shape(Kind::Aliases, "what `aws kms list-aliases` prints", &[List("Aliases")]),
    shape(Kind::Keys, "what `aws kms list-keys` prints", &[List("Keys")]),
    shape(
        Kind::ResourceTags,
        "what `aws kms list-resource-tags` prints",
        &[List("Tags"), Only(&["Tags", "Truncated", "NextMarker", "NextToken"])],
    ),
    shape(
        Kind::VpcEndpoints,
        "what `aws ec2 describe-vpc-endpoints` prints",
        &[List("VpcEndpoints")],
    ),
    shape(
        Kind::CallerIdentity,
        "what `aws sts get-caller-identity` prints",
        &[Text("Account"), Text("Arn"), Text("UserId")],
    ),
    shape(Kind::ErrorResponse, "an error of AWS", &[Within("Error", "Code")]),
    shape(Kind::Policy, "a policy document", &[Has("Statement")]),
    shape(Kind::Environment, "an environment file", &[Has("keys")]),
    shape(Kind::Environment, "an environment file", &[Text("extends")]),
    shape(Kind::Environment, "an environment file", &[Sign::Object("principals")]),
    shape(Kind::Environment, "a scenario file", &[List("cases")]),
    shape(
        Kind::OrganizationTree,
        "the tree of an organization",
        &[Sign::Object("accounts"), Only(&["id", "management_account", "accounts"])],
    ),
    shape(
        Kind::OtherResponse,
        "an answer of AWS that says nothing of policies",
        &[Text("KeyId"), Only(&["KeyId", "DeletionDate", "KeyState", "PendingWindowInDays"])],
    ),
    shape(
        Kind::OtherResponse,
        "an answer of AWS that says nothing of policies",
        &[Sign::Object("ResponseMetadata"), Only(&[])],
    ),
    // It lacks what it should have, or that is misspelt, which its reader tells.
    shape(Kind::Environment, "an environment file", &[Has("account")]),
];

impl Shape {
    pub(super) fn matches(&self, object: Object<'_>) -> bool {
        self.signs.iter().all(|sign| sign.holds(object))
    }
}

impl Sign {
    pub(super) fn holds(self, object: Object<'_>) -> bool {
        let within = |at: At<'_>, name| at.as_object().is_some_and(|it| it.get(name).is_some());
        match self {
            Has(name) => object.get(name).is_some(),
            Any(names) => names.iter().any(|name| object.get(name).is_some()),
            Text(name) => object.get(name).and_then(At::as_str).is_some(),
            List(name) => object.get(name).and_then(At::as_list).is_some(),
            Self::Object(name) => object.get(name).and_then(At::as_object).is_some(),
            Is(name, number) => object.get(name).and_then(At::as_scalar) == Some(number),
            Within(name, member) => object.get(name).is_some_and(|at| within(at, member)),
            Each(name, member) => object.get(name).is_some_and(|at| {
                let items = at.as_list().into_iter().flatten();
                let members = at.as_object().into_iter().flat_map(Object::members);
                items.chain(members.map(|(_, at)| at)).any(|at| within(at, member))
            }),
            // Programs record with an answer when and how it came.
            Only(names) => object
                .members()
                .all(|(name, _)| names.contains(&name) || name == "ResponseMetadata"),
        }
    }

    /// What is looked for, as in "has …".
    pub(super) fn words(self) -> String {
        let quoted = |names: &[&str]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
        };
        match self {
            Has(name) => format!("`{name}`"),
            Any(names) => quoted(names),
            Text(name) => format!("`{name}` with a text"),
            List(name) => format!("`{name}` with a list"),
            Self::Object(name) => format!("`{name}` with an object"),
            Is(name, number) => format!("`{name}` with the number {number}"),
            Within(name, member) => format!("`{member}` in `{name}`"),
            Each(name, member) => format!("a member of `{name}` with `{member}`"),
            Only(names) => format!("nothing besides {}", quoted(names)),
        }
    }

    /// The members that are looked at, even if they are not as they should be.
    pub(super) fn names(self) -> Vec<&'static str> {
        match self {
            Has(name)
            | Text(name)
            | List(name)
            | Self::Object(name)
            | Is(name, _)
            | Within(name, _)
            | Each(name, _) => vec![name],
            Any(names) => names.to_vec(),
            Only(_) => Vec::new(),
        }
    }
}
