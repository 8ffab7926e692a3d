//! Who holds identity policies: roles, users and groups, as they come together.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::{EstatePolicy, EstatePrincipal};
use crate::request::Account;

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

/// What a holder is known by: its name without its path is its alone in an account.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) kind: Kind,
    pub(super) account: Option<Account>,
    /// Without its path.
    pub(super) bare: String,
}

impl Name {
    /// As the environment names it: short in the account of the document, else by its ARN.
    pub(super) fn listed(&self, path: &str, home: Option<Account>) -> String {
        let Self { kind, account, bare } = self;
        let word = kind.word();
        match account.filter(|account| Some(*account) != home) {
            _ if *kind == Kind::Group => bare.clone(),
            Some(account) => {
                format!("arn:{}:iam::{}:{word}{path}{bare}", account.partition, account.id)
            }
            None => format!("{word}{path}{bare}"),
        }
    }
}

/// The holders by their names.
#[derive(Debug, Default)]
pub(super) struct Holders {
    pub(super) all: BTreeMap<Name, Holder>,
    /// The names, by the addresses of the resources.
    pub(super) addresses: BTreeMap<String, Name>,
}

impl Holders {
    /// A holder by its name. One that the document does not manage has policies that nobody
    /// sees here.
    pub(super) fn named(&mut self, name: Name, home: Option<Account>) -> &mut Holder {
        let listed = name.listed("/", home);
        self.all.entry(name).or_insert_with(|| {
            let doubt = format!(
                "`{}` is not managed in the document, which has only a part of its policies",
                crate::text::Printable(&listed)
            );
            Holder { name: listed, doubts: BTreeSet::from([doubt]), ..Holder::default() }
        })
    }

    /// The holders that some resources are.
    pub(super) fn at<'s>(
        &'s mut self,
        addresses: &'s [String],
    ) -> impl Iterator<Item = &'s mut Holder> {
        let names: BTreeSet<Name> =
            addresses.iter().filter_map(|address| self.addresses.get(address)).cloned().collect();
        self.all.iter_mut().filter(move |(name, _)| names.contains(name)).map(|(_, holder)| holder)
    }
}
