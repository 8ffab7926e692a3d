//! The members of policy documents: what the reader takes, and so what their schema lists.

/// Source: [Grammar](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)
pub(crate) const POLICY: &[&str] = &["Version", "Id", "Statement"];

/// Source: [Grammar](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)
pub(crate) const STATEMENT: &[&str] = &[
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

/// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
pub(crate) const PRINCIPAL: &[&str] = &["AWS", "Service", "Federated", "CanonicalUser"];

/// What the CLI prints: the member that holds the policy, and all that may stand beside it.
pub(crate) struct Printed {
    pub(crate) holder: &'static str,
    pub(crate) members: &'static [&'static str],
}

/// What the CLI prints around a policy.
pub(crate) const PRINTED: &[Printed] = &[
    Printed { holder: "Policy", members: &["Policy", "PolicyName", "ResponseMetadata"] },
    Printed { holder: "PolicyVersion", members: &["PolicyVersion", "ResponseMetadata"] },
    Printed {
        holder: "PolicyDocument",
        members: &[
            "RoleName",
            "UserName",
            "GroupName",
            "PolicyName",
            "PolicyDocument",
            "ResponseMetadata",
        ],
    },
];

/// What `aws iam get-policy-version` prints of the version.
pub(crate) const POLICY_VERSION: &[&str] =
    &["Document", "VersionId", "IsDefaultVersion", "CreateDate"];

/// What `aws organizations describe-policy` prints of the policy.
pub(crate) const DESCRIBED: &[&str] = &["PolicySummary", "Content"];
