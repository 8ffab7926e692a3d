//! Who holds identity policies: roles, users and groups, as they come together.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::{EstatePolicy, EstatePrincipal};

/// What holds identity policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Group,
    Role,
    User,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Group, Self::Role, Self::User];

    /// `role`, as attributes name it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Role => "role",
            Self::User => "user",
        }
    }

    /// `aws_iam_role`.
    pub(super) fn resource(self) -> &'static str {
        match self {
            Self::Group => "aws_iam_group",
            Self::Role => "aws_iam_role",
            Self::User => "aws_iam_user",
        }
    }
}

/// A role, user or group. Policies are by name or ARN, so that each counts once.
#[derive(Clone, Debug, Default)]
pub(super) struct Holder {
    /// As the environment names it.
    pub(super) name: String,
    pub(super) principal: EstatePrincipal,
    /// Inline policies by name.
    pub(super) inline: BTreeMap<String, EstatePolicy>,
    /// Managed policies by ARN.
    pub(super) managed: BTreeMap<String, EstatePolicy>,
    /// Why there may be more, or others.
    pub(super) doubts: BTreeSet<String>,
}

impl Holder {
    /// All its policies.
    fn policies(self) -> Vec<EstatePolicy> {
        let doubts = self.doubts.into_iter().map(EstatePolicy::Unknown);
        self.inline.into_values().chain(self.managed.into_values()).chain(doubts).collect()
    }

    pub(super) fn into_principal(self) -> (String, EstatePrincipal) {
        let (name, principal) = (self.name.clone(), self.principal.clone());
        (name, EstatePrincipal { identity_policies: self.policies(), ..principal })
    }

    pub(super) fn into_group(self) -> (String, Vec<EstatePolicy>) {
        (self.name.clone(), self.policies())
    }
}

/// The holders, by kind and by the name without its path, which is theirs alone in an account.
#[derive(Debug, Default)]
pub(super) struct Holders {
    pub(super) all: BTreeMap<(Kind, String), Holder>,
    /// The names, by the addresses of the resources.
    pub(super) addresses: BTreeMap<String, (Kind, String)>,
}

impl Holders {
    /// A holder by its name. One that the document does not manage has policies that nobody
    /// sees here.
    pub(super) fn named(&mut self, kind: Kind, name: &str) -> &mut Holder {
        self.all.entry((kind, name.to_owned())).or_insert_with(|| {
            let name = match kind {
                Kind::Group => name.to_owned(),
                Kind::Role | Kind::User => format!("{}/{name}", kind.word()),
            };
            let doubt = format!(
                "`{}` is not managed in the document, which has only a part of its policies",
                crate::text::Printable(&name)
            );
            Holder { name, doubts: BTreeSet::from([doubt]), ..Holder::default() }
        })
    }

    /// The holders that some resources are.
    pub(super) fn at<'s>(
        &'s mut self,
        addresses: &'s [String],
    ) -> impl Iterator<Item = &'s mut Holder> {
        let names: BTreeSet<(Kind, String)> =
            addresses.iter().filter_map(|address| self.addresses.get(address)).cloned().collect();
        self.all.iter_mut().filter(move |(name, _)| names.contains(name)).map(|(_, holder)| holder)
    }
}
