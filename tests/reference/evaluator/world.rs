//! The environment and the case, and what names in them stand for.

use serde_json::Value;

use super::seen::Seen;
use super::text;

/// An environment with one of its cases, as JSON.
#[derive(Clone, Copy, Debug)]
pub(crate) struct World<'a> {
    /// The environment.
    pub(crate) environment: &'a Value,
    /// The case.
    pub(crate) case: &'a Value,
    /// Where to note what comes up.
    pub(crate) seen: &'a Seen,
}

/// A key of the environment.
#[derive(Clone, Debug)]
pub(crate) struct Key<'a> {
    /// Its row in the environment.
    pub(crate) row: &'a Value,
    /// Its full ARN.
    pub(crate) arn: String,
    /// The account that owns it.
    pub(crate) account: String,
    /// Its Region.
    pub(crate) region: String,
    /// The part of the ARN behind `key/`.
    pub(crate) id: String,
}

impl<'a> World<'a> {
    /// A text field of the environment, or what it is by default.
    fn setting(self, name: &str, default: &str) -> String {
        self.environment[name].as_str().unwrap_or(default).to_owned()
    }

    /// The account of short names.
    pub(crate) fn account(self) -> String {
        self.setting("account", "")
    }

    /// The Region of short names.
    pub(crate) fn region(self) -> String {
        self.setting("region", "us-east-1")
    }

    /// The partition of every ARN.
    pub(crate) fn partition(self) -> String {
        self.setting("partition", "aws")
    }

    /// Whether the stricter rules are asked for.
    pub(crate) fn dual(self) -> bool {
        let rules = self.case["rules"].as_str().or(self.environment["rules"].as_str());
        rules == Some("dual-permission")
    }

    /// The full form of a principal's name.
    pub(crate) fn principal_arn(self, name: &str) -> String {
        let short = name == "root" || name.starts_with("role/") || name.starts_with("user/");
        if short {
            format!("arn:{}:iam::{}:{name}", self.partition(), self.account())
        } else {
            name.to_owned()
        }
    }

    /// Every key.
    pub(crate) fn keys(self) -> Vec<(String, Key<'a>)> {
        let Value::Object(rows) = &self.environment["keys"] else { return Vec::new() };
        rows.iter().map(|(name, row)| (name.clone(), self.key(row))).collect()
    }

    fn key(self, row: &'a Value) -> Key<'a> {
        let arn = match row["arn"].as_str() {
            Some(arn) => arn.to_owned(),
            None => format!(
                "arn:{}:kms:{}:{}:key/{}",
                self.partition(),
                self.region(),
                self.account(),
                row["id"].as_str().unwrap_or_default()
            ),
        };
        let parts: Vec<&str> = arn.split(':').collect();
        let (region, account) = (parts[3].to_owned(), parts[4].to_owned());
        let id = parts[5].trim_start_matches("key/").to_owned();
        Key { row, arn, account, region, id }
    }

    /// The key that a case means, with the alias if it is named by one.
    pub(crate) fn find_key(
        self,
        spelled: &Value,
        caller: &str,
    ) -> Option<(Key<'a>, Option<String>)> {
        let keys = self.keys();
        let Some(spelled) = spelled.as_str() else {
            return keys.into_iter().next().map(|(_, key)| (key, None));
        };
        let account = if caller.is_empty() { self.account() } else { caller.to_owned() };
        let alias = spelled.find("alias/").map(|at| spelled[at..].to_owned());
        let found = keys.into_iter().find(|(name, key)| {
            let aliases = text::list(&key.row["aliases"]);
            let is_here = key.account == account && key.region == self.region();
            let named_by_alias = aliases.iter().any(|alias| {
                let here = alias == spelled && is_here;
                here || spelled == alias_arn(&key.arn, alias)
            });
            *name == spelled || key.arn == spelled || key.id == spelled && is_here || named_by_alias
        });
        found.map(|(_, key)| (key, alias))
    }
}

/// The ARN of an alias beside a key.
pub(crate) fn alias_arn(key_arn: &str, alias: &str) -> String {
    let (place, _) = key_arn.rsplit_once(':').unwrap_or_default();
    format!("{place}:{alias}")
}

impl Key<'_> {
    /// One of the key's properties, or what it is by default.
    pub(crate) fn property(&self, name: &str, default: &str) -> String {
        self.row[name].as_str().unwrap_or(default).to_owned()
    }

    /// Whether AWS manages the key.
    pub(crate) fn is_aws_managed(&self) -> bool {
        self.row["manager"] == "AWS"
    }
}
