//! The fields of an environment file: what the reader takes, and so what its schema lists.

/// The file itself; `cases` are read by whoever runs them.
pub(crate) const FILE: &[&str] = &[
    "$schema",
    "title",
    "source",
    "extends",
    "account",
    "region",
    "partition",
    "rules",
    "principals",
    "groups",
    "keys",
    "organization",
    "vpc_endpoints",
    "cases",
];

/// A user or role.
pub(crate) const PRINCIPAL: &[&str] =
    &["id", "identity_policies", "permissions_boundary", "tags", "groups", "unknown"];

/// A group of users.
pub(crate) const GROUP: &[&str] = &["identity_policies"];

/// A key.
pub(crate) const KEY: &[&str] = &[
    "id",
    "arn",
    "policy",
    "aliases",
    "spec",
    "usage",
    "origin",
    "manager",
    "state",
    "multi_region",
    "tags",
    "grants",
    "unknown",
];

/// Source: [KeyState](https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html)
pub(crate) const KEY_STATES: &[&str] = &[
    "Creating",
    "Disabled",
    "Enabled",
    "PendingDeletion",
    "PendingImport",
    "PendingReplicaDeletion",
    "Unavailable",
    "Updating",
];

/// Who manages a key.
pub(crate) const KEY_MANAGERS: &[&str] = &["AWS", "CUSTOMER"];

/// What a multi-Region key is among its relatives.
pub(crate) const MULTI_REGION: &[&str] = &["primary", "replica"];

/// A grant as a person describes it.
pub(crate) const GRANT: &[&str] = &[
    "grantee",
    "operations",
    "retiring_principal",
    "constraints",
    "name",
    "id",
    "issuing_account",
    "fresh",
    "token",
];

/// The constraints of a grant, for equality, subset and source.
pub(crate) const CONSTRAINTS: [&str; 3] =
    ["encryption_context_equals", "encryption_context_subset", "source_arn"];

/// What `aws kms list-grants` prints of a grant.
///
/// Source: [GrantListEntry](https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantListEntry.html)
pub(crate) const PRINTED_GRANT: &[&str] = &[
    "KeyId",
    "GrantId",
    "Name",
    "CreationDate",
    "GranteePrincipal",
    "GranteeServicePrincipal",
    "RetiringPrincipal",
    "RetiringServicePrincipal",
    "IssuingAccount",
    "Operations",
    "Constraints",
];

/// The constraints of a printed grant, for equality, subset and source.
pub(crate) const PRINTED_CONSTRAINTS: [&str; 3] =
    ["EncryptionContextEquals", "EncryptionContextSubset", "SourceArn"];

/// What `aws kms list-grants` prints around the grants.
pub(crate) const PRINTED_GRANTS: &[&str] = &["Grants", "Truncated", "NextMarker", "NextToken"];

/// An organization.
pub(crate) const ORGANIZATION: &[&str] = &["id", "management_account", "accounts"];

/// An account of an organization.
pub(crate) const MEMBER: &[&str] =
    &["ou_path", "service_control_policies", "resource_control_policies"];

/// A VPC endpoint.
pub(crate) const VPC_ENDPOINT: &[&str] = &["vpc", "policy"];
