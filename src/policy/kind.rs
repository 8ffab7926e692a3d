/// What a policy is attached to, and so which elements it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a KMS key.
    Key,
    /// Attached to a user or role, as the most that its identity policies can allow.
    PermissionsBoundary,
    /// Attached to an organization, unit or account, and limiting its resources.
    ResourceControl,
    /// Attached to an organization, unit or account, and limiting its principals.
    ServiceControl,
    /// Passed when a session is opened.
    Session,
    /// Attached to a VPC endpoint.
    VpcEndpoint,
}

impl Kind {
    /// AWS's name of the kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Key => "key policy",
            Self::PermissionsBoundary => "permissions boundary",
            Self::ResourceControl => "resource control policy",
            Self::ServiceControl => "service control policy",
            Self::Session => "session policy",
            Self::VpcEndpoint => "VPC endpoint policy",
        }
    }

    /// Whether its statements say whom they concern.
    ///
    /// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html),
    /// [RCP syntax](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html)
    pub(super) fn has_principal(self) -> bool {
        match self {
            Self::Key | Self::ResourceControl | Self::VpcEndpoint => true,
            Self::Identity | Self::PermissionsBoundary | Self::ServiceControl | Self::Session => {
                false
            }
        }
    }

    /// Whether IAM stores or checks it, and so refuses what IAM's grammar does not have:
    /// a `Sid` with other characters than letters and digits, or one that comes twice.
    pub(super) fn is_of_iam(self) -> bool {
        match self {
            Self::Identity | Self::PermissionsBoundary | Self::Session => true,
            Self::Key | Self::ResourceControl | Self::ServiceControl | Self::VpcEndpoint => false,
        }
    }

    /// The largest size in bytes, beyond which AWS takes no new policy of the kind.
    ///
    /// Source: [IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html),
    /// [KMS resource quotas](https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html),
    /// [Organizations quotas](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html),
    /// [PrivateLink quotas](https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-limits-endpoints.html)
    pub(super) fn quota(self) -> usize {
        match self {
            // The largest of several: 10,240 for the inline policies of a role.
            Self::Identity => 10_240,
            Self::Key => 32_768,
            Self::PermissionsBoundary => 6_144,
            Self::ResourceControl | Self::ServiceControl => 5_120,
            Self::Session => 2_048,
            Self::VpcEndpoint => 20_480,
        }
    }

    pub(super) fn size(self, text: &str) -> usize {
        match self {
            Self::Key | Self::VpcEndpoint => text.len(),
            // White space counts in the last three, but people take it out to make room.
            Self::Identity
            | Self::PermissionsBoundary
            | Self::ResourceControl
            | Self::ServiceControl
            | Self::Session => {
                text.chars().filter(|c| !c.is_whitespace()).map(char::len_utf8).sum()
            }
        }
    }
}
