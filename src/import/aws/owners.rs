//! Whose account a document is of that only names a role or a key.

use std::collections::BTreeMap;

use super::path;
use crate::document::InputError;
use crate::import::sniff::Found;
use crate::request::Account;

/// The accounts by the folders that `aws sts get-caller-identity` was kept in: what a caller
/// collects by names is of its own account.
#[derive(Default)]
pub(super) struct Owners {
    by_folder: BTreeMap<String, Option<Account>>,
}

/// The account of what a document only names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// A caller of this account collected it.
    Is(Account),
    /// Nothing in reach says it, and this is the account of the rest.
    Likely(Account),
    /// Several accounts come into question, or none.
    Open,
}

/// Why a document was not read.
#[derive(Debug)]
pub(super) enum Stop {
    /// Nothing says whose it is.
    Unowned(InputError),
    /// It is not what it should be.
    Wrong(InputError),
}

impl From<InputError> for Stop {
    fn from(error: InputError) -> Self {
        Self::Wrong(error)
    }
}

impl Owner {
    pub(super) fn account(self) -> Option<Account> {
        match self {
            Self::Is(account) | Self::Likely(account) => Some(account),
            Self::Open => None,
        }
    }
}

impl Owners {
    pub(super) fn add(&mut self, found: &Found, account: Account) {
        let folder = path::folder(&found.source().name).to_owned();
        let known = self.by_folder.entry(folder).or_insert(Some(account));
        if *known != Some(account) {
            *known = None;
        }
    }

    /// The account of all callers, if it is one.
    pub(super) fn only(&self) -> Option<Account> {
        let mut accounts = self.by_folder.values();
        let first = *accounts.next()?;
        if accounts.all(|it| *it == first) { first } else { None }
    }

    /// The accounts of the callers.
    pub(super) fn accounts(&self) -> impl Iterator<Item = Account> {
        self.by_folder.values().filter_map(|it| *it)
    }

    /// Whose a file is: of the caller that is nearest above it. Where none is, it is of the
    /// account of the rest, unless callers of several accounts collected that.
    pub(super) fn of(&self, file: &str, rest: Option<Account>) -> Owner {
        let mut folder = file;
        while !folder.is_empty() {
            folder = path::folder(folder);
            if let Some(account) = self.by_folder.get(folder) {
                return account.map_or(Owner::Open, Owner::Is);
            }
        }
        match rest {
            Some(account) if self.by_folder.is_empty() || self.only().is_some() => {
                Owner::Likely(account)
            }
            _ => Owner::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Source;
    use crate::import::sniff::sniff;

    fn account(id: &str) -> Account {
        Account { partition: crate::arn::Partition::Aws, id: id.parse().unwrap() }
    }

    #[test]
    fn the_nearest_caller_says_whose_a_file_is() {
        let (first, second) = (account("123456789012"), account("111122223333"));
        let mut owners = Owners::default();
        let found = |file: &str| sniff(&Source::new(file, r#"{"Grants": []}"#)).unwrap().remove(0);
        assert_eq!(owners.of("a/roles/x.json", Some(second)), Owner::Likely(second));
        owners.add(&found("a/caller.json"), first);
        assert_eq!(owners.of("b/x.json", Some(second)), Owner::Likely(second));
        owners.add(&found("b/caller.json"), second);
        let table = [
            ("a/roles/x.json", Owner::Is(first)),
            ("b/x.json", Owner::Is(second)),
            ("c/x.json", Owner::Open),
            ("x.json", Owner::Open),
        ];
        for (file, owner) in table {
            assert_eq!(owners.of(file, Some(second)), owner, "{file}");
        }
        owners.add(&found("b/again.json"), first);
        assert_eq!(owners.of("b/x.json", Some(second)), Owner::Open);
    }
}
