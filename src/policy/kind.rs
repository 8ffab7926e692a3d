/// What a policy is attached to, and so which elements it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Attached to a user, group or role.
    Identity,
    /// Attached to a KMS key.
    Key,
}

impl Kind {
    /// AWS's name of the kind.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity policy",
            Self::Key => "key policy",
        }
    }

    /// Whether its statements say whom they concern.
    ///
    /// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
    pub(super) fn has_principal(self) -> bool {
        match self {
            Self::Identity => false,
            Self::Key => true,
        }
    }

    /// The largest size in bytes, beyond which AWS takes no new policy of the kind; white
    /// space does not count in identity policies.
    ///
    /// Source: [IAM quotas](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html),
    /// [KMS resource quotas](https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html)
    pub(super) fn quota(self) -> usize {
        match self {
            // The largest of several: 10,240 for the inline policies of a role.
            Self::Identity => 10_240,
            Self::Key => 32_768,
        }
    }

    pub(super) fn size(self, text: &str) -> usize {
        match self {
            Self::Identity => text.chars().filter(|c| !c.is_whitespace()).map(char::len_utf8).sum(),
            Self::Key => text.len(),
        }
    }
}
