//! Which key a document is about that does not say it.

use super::super::owners::{Owner, Stop};
use super::super::path;
use super::{Collected, Keys};
use crate::arn::{Arn, Partition};
use crate::environment::Key;
use crate::import::sniff::{Found, Kind};
use crate::request::Account;
use crate::text::Quoted;

/// The key of a policy that nothing says more of.
const PLAIN_KEY_ID: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

impl Keys {
    /// The key that a document is about: the one that its path names, or that is described in the
    /// same file or folder; a policy alone has a key of its own.
    pub(super) fn about(
        &mut self,
        found: &Found,
        owner: Owner,
        region: Option<&str>,
    ) -> Result<&mut Collected, Stop> {
        let file = &found.source().name;
        let named = path::key_id(file).map(|id| self.on_path(id, owner, region, found));
        let arn = match named.transpose()? {
            Some(arn) => arn,
            None => match self.beside(file) {
                Some(arn) => arn,
                None => self.of_its_own(found, owner, region)?,
            },
        };
        let is_said = region.is_some() || path::region(file).is_some();
        let is_known = self.by_arn.contains_key(&arn);
        let key = self.named(&arn, &found.place().to_string());
        key.key.is_region_assumed |= !is_said && !is_known;
        Ok(key)
    }

    /// Whether only what lies in the same folder says which key a document is about, and it has
    /// no name that says that it belongs there.
    pub(super) fn is_guessed(&self, file: &str) -> bool {
        const USUAL: [&str; 3] = ["get-key-policy", "key-policy", "policy"];
        let stem = path::names(file).next_back().unwrap_or_default();
        path::key_id(file).is_none()
            && !self.described_in.contains_key(file)
            && self.beside(file).is_some()
            && !USUAL.contains(&stem)
    }

    fn on_path(
        &self,
        id: &str,
        owner: Owner,
        region: Option<&str>,
        found: &Found,
    ) -> Result<String, Stop> {
        let in_region = path::region(&found.source().name);
        let is_it = |arn: &&String| {
            in_region.is_none_or(|it| Key::parse_arn(arn).is_ok_and(|(_, region, _)| it == region))
        };
        let same_id = self.by_id.get(&id.to_ascii_lowercase());
        let known: Vec<&String> = same_id.into_iter().flatten().filter(is_it).collect();
        let is_own = |arn: &&&String| {
            Key::parse_arn(arn).is_ok_and(|(account, ..)| Some(account) == owner.account())
        };
        let own: Vec<&String> = known.iter().filter(is_own).copied().collect();
        match (known.as_slice(), own.as_slice()) {
            ([arn], _) | (_, [arn]) => return Ok((*arn).clone()),
            ([_, _, ..], _) => {
                let message = format!(
                    "expected to know the Region of the key {}, which several have, found none in the path",
                    Quoted(id)
                );
                return Err(Stop::Unowned(found.at().error(message).with_help(Some(
                    "name a folder by the Region, as in us-east-1/KEY-ID/get-key-policy.json",
                ))));
            }
            ([], _) => {}
        }
        let account =
            owner.account().or_else(|| policy_account(found)).ok_or_else(|| no_account(found))?;
        let region = in_region.or(region).unwrap_or("us-east-1");
        Ok(arn_of(account, region, id))
    }

    /// The only key that is described in the same file, else in the same folder.
    fn beside(&self, file: &str) -> Option<String> {
        [file.to_owned(), format!("{}/", path::folder(file))].iter().find_map(|place| {
            match self.described_in.get(place)?.iter().collect::<Vec<_>>().as_slice() {
                [only] => Some((*only).clone()),
                _ => None,
            }
        })
    }

    /// A key for a policy of which nothing says whose it is.
    fn of_its_own(
        &mut self,
        found: &Found,
        owner: Owner,
        region: Option<&str>,
    ) -> Result<String, Stop> {
        if !self.by_arn.is_empty() || !matches!(found.kind, Kind::KeyPolicy | Kind::Policy) {
            return Err(Stop::Unowned(found
                .at()
                .error("expected to know which key this is about, found nothing that says it")
                .with_help(Some("put the key id into the name of the file or of its folder, as in KEY-ID/get-key-policy.json, or what `aws kms describe-key` prints beside it"))));
        }
        let account =
            owner.account().or_else(|| policy_account(found)).ok_or_else(|| no_account(found))?;
        let region = path::region(&found.source().name).or(region).unwrap_or("us-east-1");
        self.notes.push(format!(
            "{}: nothing says which key has this policy: it is taken to be the key {PLAIN_KEY_ID} of the account {} in {region}",
            found.place(),
            account.id
        ));
        Ok(arn_of(account, region, PLAIN_KEY_ID))
    }
}

fn arn_of(account: Account, region: &str, id: &str) -> String {
    let partition = match account.partition {
        Partition::Aws => Partition::of_region(region),
        other => other,
    };
    format!("arn:{partition}:kms:{region}:{}:key/{id}", account.id)
}

fn no_account(found: &Found) -> Stop {
    let message = "expected to know the account of the key, found nothing that says it";
    let help = Some("say which with `--account 123456789012`");
    Stop::Unowned(found.at().error(message).with_help(help))
}

/// The one account that a key policy names.
fn policy_account(found: &Found) -> Option<Account> {
    let text = match found.kind {
        Kind::KeyPolicy => found.at().as_object()?.get("Policy")?.as_str()?,
        _ => found.source().text.as_str(),
    };
    let arns = text.split('"').filter(|part| part.starts_with("arn:"));
    let mut accounts: Vec<Account> = arns
        .filter_map(|text| {
            let arn = Arn::parse(text).ok().filter(|arn| ["iam", "sts"].contains(&arn.service))?;
            Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
        })
        .collect();
    accounts.sort_unstable();
    accounts.dedup();
    match accounts.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}
