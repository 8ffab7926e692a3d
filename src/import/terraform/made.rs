//! Values that AWS or the provider makes from others, foreseen.

use std::collections::HashMap;

use super::invented;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::{Knowledge, Setting};
use super::wanted::Wanted;
use crate::document::At;

impl<'a> Scene<'a> {
    /// A value that is not known before apply, if it follows from others, or if it makes no
    /// difference which it is as long as it is the same everywhere.
    pub(super) fn made(
        &self,
        it: &Resource<'a>,
        attribute: &str,
    ) -> Result<Option<String>, Lacking> {
        match (it.kind.as_str(), attribute) {
            ("aws_iam_role", "arn") => self.iam_arn(it, "role"),
            ("aws_iam_user", "arn") => self.iam_arn(it, "user"),
            ("aws_iam_group", "arn") => self.iam_arn(it, "group"),
            ("aws_iam_policy", "arn" | "id") => self.iam_arn(it, "policy"),
            (
                "aws_iam_role"
                | "aws_iam_user"
                | "aws_iam_group"
                | "aws_iam_policy"
                | "aws_iam_role_policy"
                | "aws_iam_user_policy"
                | "aws_iam_group_policy",
                "name" | "id",
            ) => self.name_of(it),
            (
                "aws_kms_key"
                | "aws_kms_external_key"
                | "aws_kms_replica_key"
                | "aws_kms_replica_external_key"
                | "awscc_kms_key",
                "arn" | "id" | "key_id",
            ) => Ok(self.key_text(it, attribute)),
            ("aws_kms_alias", "arn" | "id" | "name" | "target_key_id" | "target_key_arn") => {
                self.alias_text(it, attribute)
            }
            ("aws_vpc_endpoint", "id") => Ok(Some(invented::endpoint_id(&it.address))),
            ("data.aws_caller_identity", "account_id" | "id") => {
                Ok(self.home.account(it).map(|account| account.id.to_string()))
            }
            ("data.aws_iam_policy_document", "json" | "minified_json") => {
                self.rendered(it).map(|text| Some(text.to_string()))
            }
            _ => Ok(None),
        }
    }

    /// `arn:aws:iam::123456789012:role/path/name`.
    ///
    /// Source: [IAM ARNs](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns)
    fn iam_arn(&self, it: &Resource<'a>, kind: &str) -> Result<Option<String>, Lacking> {
        let Some(account) = self.home.account(it) else { return Ok(None) };
        let Some(name) = self.name_of(it)? else { return Ok(None) };
        let path = self.path_of(it)?;
        Ok(Some(format!("arn:{}:iam::{}:{kind}{path}{name}", account.partition, account.id)))
    }

    /// `/`, or `/a/b/`.
    pub(super) fn path_of(&self, it: &Resource<'a>) -> Result<String, Lacking> {
        let path = self.text(it, "path", Wanted::Text)?;
        Ok(path.filter(|path| !path.is_empty()).unwrap_or_else(|| "/".into()))
    }

    /// The name, which Terraform makes up where the configuration has none.
    pub(super) fn name_of(&self, it: &Resource<'a>) -> Result<Option<String>, Lacking> {
        let slot = self.slot(it, "name");
        match (slot.knowledge(), slot.setting) {
            (Knowledge::Known(at), _) => {
                let name = at.as_str().ok_or_else(|| it.wrong(at, "name", "a string"))?;
                Ok(Some(name.to_owned()))
            }
            (Knowledge::Absent | Knowledge::Unknown, Setting::Unset) => {
                let prefix = self.slot(it, "name_prefix");
                let prefix = match (prefix.knowledge(), prefix.setting) {
                    (Knowledge::Known(at), _) => at.as_str().map(str::to_owned),
                    (Knowledge::Absent | Knowledge::Unknown, Setting::Unset) => {
                        Some("terraform-".into())
                    }
                    (Knowledge::Absent | Knowledge::Unknown, _) => None,
                };
                Ok(prefix.map(|prefix| invented::name(&prefix, &it.address)))
            }
            (Knowledge::Absent | Knowledge::Unknown, Setting::Unsaid) => Ok(None),
            (Knowledge::Absent | Knowledge::Unknown, Setting::Set(_)) => {
                // Only one of the two can be set: the other is `null`.
                let prefix = self.scalar(it, "name_prefix").filter(|prefix| !prefix.is_empty());
                match prefix {
                    Some(prefix) => Ok(Some(invented::name(prefix, &it.address))),
                    None => self.text(it, "name", Wanted::Text),
                }
            }
        }
    }

    /// The ARN or id of a key. A replica has the id of its primary key.
    ///
    /// Source: [multi-Region keys](https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-keys-overview.html)
    fn key_text(&self, it: &Resource<'a>, attribute: &str) -> Option<String> {
        let id = self.key_id(it);
        if attribute != "arn" {
            return Some(id);
        }
        let account = self.home.account(it)?;
        let region = self.home.region(it, self.configuration).unwrap_or("us-east-1");
        Some(format!("arn:{}:kms:{region}:{}:key/{id}", account.partition, account.id))
    }

    pub(super) fn key_id(&self, it: &Resource<'a>) -> String {
        for attribute in ["key_id", "id", "arn"] {
            if let Knowledge::Known(at) = self.slot(it, attribute).knowledge()
                && let Some(text) = at.as_str()
            {
                return text.rsplit('/').next().unwrap_or_default().to_owned();
            }
        }
        if it.kind.contains("replica") {
            let primary = self.text(it, "primary_key_arn", Wanted::Arn);
            if let Ok(Some(arn)) = primary
                && let Some((_, id)) = arn.rsplit_once('/')
            {
                return id.to_owned();
            }
        }
        let is_multi_region = it.kind.contains("replica") || self.is_true(it, "multi_region");
        invented::key_id(&it.address, is_multi_region)
    }

    pub(super) fn is_true(&self, it: &Resource<'a>, attribute: &str) -> bool {
        match self.slot(it, attribute).knowledge() {
            Knowledge::Known(at) => at.as_bool() == Some(true),
            Knowledge::Absent | Knowledge::Unknown => false,
        }
    }

    fn alias_text(&self, it: &Resource<'a>, attribute: &str) -> Result<Option<String>, Lacking> {
        match attribute {
            "name" | "id" => self.alias_name(it),
            "arn" => {
                let Some(account) = self.home.account(it) else {
                    return Ok(None);
                };
                let region = self.home.region(it, self.configuration).unwrap_or("us-east-1");
                let name = self.alias_name(it)?;
                let (partition, id) = (account.partition, account.id);
                Ok(name.map(|name| format!("arn:{partition}:kms:{region}:{id}:{name}")))
            }
            _ => {
                let key = self.text(it, "target_key_id", Wanted::Key)?;
                let key = key.and_then(|key| self.key_by(&key, it));
                key.map_or(Ok(None), |key| {
                    let attribute = if attribute == "target_key_arn" { "arn" } else { "key_id" };
                    self.foresee(key, attribute)
                })
            }
        }
    }

    /// The name of an alias, with `alias/`.
    pub(super) fn alias_name(&self, it: &Resource<'a>) -> Result<Option<String>, Lacking> {
        let name = self.name_of(it)?;
        Ok(name.map(|name| match name.strip_prefix("terraform-") {
            // The provider's own prefix for aliases.
            Some(rest) => format!("alias/{rest}"),
            None => name,
        }))
    }

    /// The key of an id or ARN; an id is looked for in the Region of what names it.
    pub(super) fn key_by(&self, text: &str, from: &Resource<'a>) -> Option<&'a Resource<'a>> {
        let keys = self.keys.get_or_init(|| {
            let mut keys: HashMap<String, Vec<&'a Resource<'a>>> = HashMap::new();
            for key in self.world.of_kinds(super::keys::KINDS) {
                for attribute in ["arn", "key_id"] {
                    if let Ok(Some(text)) = self.foresee(key, attribute) {
                        keys.entry(text).or_default().push(key);
                    }
                }
            }
            keys
        });
        let region = |it| self.home.region(it, self.configuration);
        match keys.get(text).map_or(&[][..], Vec::as_slice) {
            [only] => Some(only),
            several => several.iter().find(|key| region(key) == region(from)).copied(),
        }
    }

    /// A flag, a number or a text as a text.
    pub(super) fn scalar(&self, it: &Resource<'a>, attribute: &str) -> Option<&'a str> {
        match self.slot(it, attribute).knowledge() {
            Knowledge::Known(at) => At::as_scalar(at),
            Knowledge::Absent | Knowledge::Unknown => None,
        }
    }
}
