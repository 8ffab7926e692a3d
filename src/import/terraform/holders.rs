//! Who holds identity policies: roles, users and groups, as they come together.

use std::collections::{BTreeMap, BTreeSet};

use super::whose::Unclear;
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

    /// `aws_iam_role_policy`.
    pub(super) fn inline(self) -> &'static str {
        match self {
            Self::Group => "aws_iam_group_policy",
            Self::Role => "aws_iam_role_policy",
            Self::User => "aws_iam_user_policy",
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
    /// The policies that it has without being configured so: something attached them once.
    pub(super) shown: BTreeSet<String>,
}

impl Holder {
    /// Takes an inline policy that a resource of its own puts there.
    pub(super) fn put(&mut self, name: &str, policy: EstatePolicy) {
        self.shown.remove(name);
        self.inline.insert(name.to_owned(), policy);
    }

    /// Takes a managed policy that a resource of its own attaches.
    pub(super) fn attach(&mut self, arn: &str, policy: EstatePolicy) {
        self.shown.remove(arn);
        self.managed.insert(arn.to_owned(), policy);
    }

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
    /// Without its path.
    pub(super) bare: String,
    pub(super) account: Option<Account>,
}

impl Name {
    /// As the environment names it: short in the account of the document, else by its ARN.
    pub(super) fn listed(&self, path: &str, home: Option<Account>) -> String {
        let Self { kind, account, bare } = self;
        let word = kind.word();
        match account.filter(|account| Some(*account) != home) {
            // A group's path is no part of what its name is compared by.
            Some(Account { partition, id }) if *kind == Kind::Group => {
                format!("arn:{partition}:iam::{id}:group/{bare}")
            }
            None if *kind == Kind::Group => bare.clone(),
            Some(Account { partition, id }) => {
                format!("arn:{partition}:iam::{id}:{word}{path}{bare}")
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
    /// What is given to some of them, known after apply to whom.
    pub(super) unclear: Unclear,
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

    /// Puts in doubt who may be given something, and says why.
    pub(super) fn settle(&mut self) {
        for open in std::mem::take(&mut self.unclear).into_all() {
            let names = open.candidates.iter().filter_map(|it| self.addresses.get(it));
            let names: Vec<Name> = names.cloned().collect();
            self.doubt(&names, &open.reason(""));
        }
    }

    /// The holders of a name, in whichever account.
    pub(super) fn named_alike(&self, kind: Kind, bare: &str) -> Vec<Name> {
        let first = Name { kind, account: None, bare: bare.to_owned() };
        let alike = self.all.range(first..).map(|(name, _)| name);
        alike.take_while(|name| name.kind == kind && name.bare == bare).cloned().collect()
    }

    /// Puts holders in doubt.
    pub(super) fn doubt<'n>(&mut self, names: impl IntoIterator<Item = &'n Name>, doubt: &str) {
        for name in names {
            if let Some(holder) = self.all.get_mut(name)
                && !holder.doubts.contains(doubt)
            {
                holder.doubts.insert(doubt.to_owned());
            }
        }
    }
}
