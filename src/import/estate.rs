use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::Value;

use super::grant::{EstateGrant, Origins};
use crate::arn::{AccountId, Partition};
use crate::document::{Document, Format, InputError, Origin, Place, Source, Values};
use crate::environment::{Environment, Files, Loaded, Part, ReadError};

/// What an environment file says, gathered from elsewhere.
///
/// It becomes an [`Environment`] on the way that an environment file takes, so that everything
/// is checked in one place, and it can be written down as such a file.
#[derive(Clone, Debug, Default)]
pub struct Estate {
    /// Where all of it comes from, for messages.
    pub name: String,
    /// Where it begins in a file, for what is wrong with it as a whole.
    pub from: Option<Place>,
    /// The account of short names.
    pub account: Option<AccountId>,
    /// The Region of keys that do not say theirs.
    pub region: Option<String>,
    /// The partition of `account`.
    pub partition: Option<Partition>,
    /// Users and roles, by short name or ARN.
    pub principals: BTreeMap<String, EstatePrincipal>,
    /// The policies of groups, by name.
    pub groups: BTreeMap<String, Vec<EstatePolicy>>,
    /// Keys, by the name that people give them.
    pub keys: BTreeMap<String, EstateKey>,
    /// The organization, if anything is said of one.
    pub organization: Option<EstateOrganization>,
    /// VPC endpoints for KMS, by id.
    pub vpc_endpoints: BTreeMap<String, EstateVpcEndpoint>,
    /// What was left out or assumed, in sentences that say where.
    pub notes: Vec<String>,
}

/// A policy: its document, a name for one that every reader knows, or why it is not known.
#[derive(Clone, Debug)]
pub enum EstatePolicy {
    /// The JSON text of the policy alone. The source's name says where it stands, as in
    /// ``plan.json: policy of `aws_kms_key.app` ``; lines and columns count within the text.
    Document(Arc<Source>),
    /// `FullAWSAccess`, `RCPFullAWSAccess` or `default-key-policy`.
    BuiltIn(&'static str),
    /// There is a policy, and why its content is not known.
    Unknown(String),
}

/// A user or role.
#[derive(Clone, Debug, Default)]
pub struct EstatePrincipal {
    /// The unique id.
    pub id: Option<String>,
    /// Inline and managed policies.
    pub identity_policies: Vec<EstatePolicy>,
    /// The permissions boundary.
    pub permissions_boundary: Option<EstatePolicy>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The groups of a user.
    pub groups: Vec<String>,
    /// What is not known.
    pub unknown: BTreeSet<Part>,
    /// Where it comes from, for a comment.
    pub from: Option<String>,
}

/// A KMS key; what is left out is as `CreateKey` gives it.
#[derive(Clone, Debug, Default)]
pub struct EstateKey {
    /// The ARN, else `id`.
    pub arn: Option<String>,
    /// The key id, in the account and Region of the estate.
    pub id: Option<String>,
    /// The key policy; left out: the default one.
    pub policy: Option<EstatePolicy>,
    /// Aliases, as `alias/NAME`.
    pub aliases: Vec<String>,
    /// `KeySpec`.
    pub spec: Option<String>,
    /// `KeyUsage`.
    pub usage: Option<String>,
    /// `Origin`.
    pub origin: Option<String>,
    /// `KeyManager`.
    pub manager: Option<String>,
    /// `KeyState`.
    pub state: Option<String>,
    /// `primary` or `replica`.
    pub multi_region: Option<&'static str>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// The grants.
    pub grants: Vec<EstateGrant>,
    /// What is not known besides.
    pub unknown: BTreeSet<Part>,
    /// Whether nothing said the Region in `arn`, so that the key may be in another.
    pub is_region_assumed: bool,
    /// Where it comes from, for a comment.
    pub from: Option<String>,
}

/// An organization.
#[derive(Clone, Debug, Default)]
pub struct EstateOrganization {
    /// The id.
    pub id: Option<String>,
    /// The management account.
    pub management_account: Option<AccountId>,
    /// The accounts in it.
    pub accounts: BTreeMap<String, EstateMember>,
}

/// An account of an organization.
#[derive(Clone, Debug, Default)]
pub struct EstateMember {
    /// From the root down, for `aws:PrincipalOrgPaths`.
    pub ou_path: Vec<String>,
    /// Service control policies, a list for each level.
    pub service_control_policies: Vec<Vec<EstatePolicy>>,
    /// Resource control policies, a list for each level.
    pub resource_control_policies: Vec<Vec<EstatePolicy>>,
}

/// A VPC endpoint for KMS.
#[derive(Clone, Debug, Default)]
pub struct EstateVpcEndpoint {
    /// The VPC.
    pub vpc: Option<String>,
    /// The endpoint policy; left out: full access.
    pub policy: Option<EstatePolicy>,
}

impl Estate {
    /// The environment.
    ///
    /// # Errors
    ///
    /// If something in it is not what an environment file may hold. What is wrong in a policy
    /// has its place there.
    pub fn load(&self) -> Result<Loaded, InputError> {
        let kept = Kept::default();
        let value = self.to_value(&|source| kept.keep(source));
        let text = format!("{value:#}");
        let source = match &self.from {
            Some(place) => {
                Source::made(&*self.name, text, Origin::Values(Values::new(place.clone())))
            }
            None => Source::new(&*self.name, text),
        };
        let document = Document::parse(source, Format::Json)?;
        let origins = Origins { rendered: document.source(), keys: &self.keys };
        let loaded = Environment::load(&document, &kept, None);
        let mut loaded = origins.loaded(loaded.map_err(|error| origins.error(error))?);
        for key in loaded.environment.keys_mut() {
            key.is_region_assumed |=
                self.keys.get(&key.name).is_some_and(|it| it.is_region_assumed);
        }
        Ok(loaded)
    }

    /// As an environment file holds it, with every policy in its place.
    ///
    /// # Errors
    ///
    /// If a policy is no JSON.
    pub fn to_document(&self) -> Result<Value, InputError> {
        let wrong = RefCell::new(None);
        let value = self.to_value(&|source| {
            let document = Document::parse(source.clone(), Format::Json);
            match document {
                Ok(document) => document.root().to_json(),
                Err(error) => {
                    wrong.borrow_mut().get_or_insert(error);
                    Value::Null
                }
            }
        });
        wrong.into_inner().map_or(Ok(value), Err)
    }

    /// Takes the policies of a text for unknown, for that reason; says whether there were any.
    pub fn withhold(&mut self, text: &Arc<Source>, reason: &str) -> bool {
        let mut is_there = false;
        for policy in self.policies_mut() {
            if matches!(policy, EstatePolicy::Document(source) if Arc::ptr_eq(source, text)) {
                *policy = EstatePolicy::Unknown(reason.to_owned());
                is_there = true;
            }
        }
        is_there
    }

    /// The policies whose content is not known: whose they are, and why.
    pub fn unknown_policies(&self) -> impl Iterator<Item = (String, &str)> {
        self.policies().filter_map(|(whose, policy)| match policy {
            EstatePolicy::Unknown(reason) => Some((whose, reason.as_str())),
            EstatePolicy::Document(_) | EstatePolicy::BuiltIn(_) => None,
        })
    }

    /// All policies, each with whose it is in words.
    fn policies(&self) -> impl Iterator<Item = (String, &EstatePolicy)> {
        let of_keys = self.keys.iter().filter_map(|(name, key)| {
            Some((format!("the key policy of {name}"), key.policy.as_ref()?))
        });
        let of_principals = self.principals.iter().flat_map(|(name, principal)| {
            let identity = principal.identity_policies.iter();
            let boundary = principal.permissions_boundary.iter();
            let identity = identity.map(move |it| (format!("an identity policy of {name}"), it));
            identity.chain(boundary.map(move |it| (format!("the boundary of {name}"), it)))
        });
        let of_groups = self.groups.iter().flat_map(|(name, policies)| {
            policies.iter().map(move |it| (format!("a policy of the group {name}"), it))
        });
        let members = self.organization.iter().flat_map(|it| &it.accounts);
        let of_accounts = members.flat_map(|(account, member)| {
            let service = member.service_control_policies.iter();
            let levels = service.chain(&member.resource_control_policies);
            levels.flatten().map(move |it| (format!("a control policy of {account}"), it))
        });
        let of_endpoints = self.vpc_endpoints.iter().filter_map(|(name, endpoint)| {
            Some((format!("the endpoint policy of {name}"), endpoint.policy.as_ref()?))
        });
        of_keys.chain(of_principals).chain(of_groups).chain(of_accounts).chain(of_endpoints)
    }

    fn policies_mut(&mut self) -> impl Iterator<Item = &mut EstatePolicy> {
        let principals = self.principals.values_mut().flat_map(|principal| {
            principal.identity_policies.iter_mut().chain(&mut principal.permissions_boundary)
        });
        let groups = self.groups.values_mut().flatten();
        let keys = self.keys.values_mut().filter_map(|key| key.policy.as_mut());
        let members = self.organization.iter_mut().flat_map(|it| it.accounts.values_mut());
        let controls = members.flat_map(|member| {
            let levels = member.service_control_policies.iter_mut();
            levels.chain(&mut member.resource_control_policies).flatten()
        });
        let endpoints = self.vpc_endpoints.values_mut().filter_map(|it| it.policy.as_mut());
        principals.chain(groups).chain(keys).chain(controls).chain(endpoints)
    }
}

/// The documents of an estate, as the files that its environment refers to. One that many
/// principals have is one file.
#[derive(Default)]
struct Kept {
    sources: RefCell<Vec<Arc<Source>>>,
    indices: RefCell<HashMap<*const Source, usize>>,
}

impl Kept {
    fn keep(&self, source: &Arc<Source>) -> Value {
        let mut sources = self.sources.borrow_mut();
        let mut indices = self.indices.borrow_mut();
        let index = *indices.entry(Arc::as_ptr(source)).or_insert(sources.len());
        if index == sources.len() {
            sources.push(source.clone());
        }
        format!("policy:{index}").into()
    }
}

impl Files for Kept {
    fn read(&self, _from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let index = path.strip_prefix("policy:").and_then(|index| index.parse::<usize>().ok());
        let sources = self.sources.borrow();
        index.and_then(|index| sources.get(index).cloned()).ok_or_else(|| {
            ReadError::Unreadable("expected a policy that was imported with the rest".into())
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn estate() -> Estate {
        let text =
            json!({"Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}});
        let use_keys =
            EstatePolicy::Document(Source::new("a.json: policy `Use`", text.to_string()));
        let web = EstatePrincipal {
            identity_policies: vec![use_keys.clone(), EstatePolicy::Unknown("not said".into())],
            ..EstatePrincipal::default()
        };
        let app = EstateKey {
            id: Some("1234abcd-12ab-34cd-56ef-1234567890ab".into()),
            aliases: vec!["alias/app".into()],
            ..EstateKey::default()
        };
        Estate {
            name: "a.json".into(),
            account: "123456789012".parse().ok(),
            principals: BTreeMap::from([
                ("role/Web".into(), web.clone()),
                ("role/Worker".into(), web),
            ]),
            keys: BTreeMap::from([("app".into(), app)]),
            ..Estate::default()
        }
    }

    #[test]
    fn an_estate_becomes_the_environment_that_its_file_would() {
        let loaded = estate().load().unwrap().environment;
        let written = Source::new("a.json", estate().to_document().unwrap().to_string());
        let document = Document::parse(written, Format::Json).unwrap();
        let read = Environment::load(&document, &crate::environment::NoFiles, None).unwrap();
        let described = |environment: &Environment| -> Vec<String> {
            let policies =
                environment.principals().map(|(name, it)| (name, it.identity_policies.len()));
            let keys = environment.keys().iter().map(|key| (key.arn(), &key.aliases));
            policies.map(|it| format!("{it:?}")).chain(keys.map(|it| format!("{it:?}"))).collect()
        };
        assert_eq!(described(&loaded), described(&read.environment));
        assert_eq!(described(&loaded).len(), 3);
    }

    #[test]
    fn what_is_wrong_in_a_policy_has_its_place_there() {
        let mut estate = estate();
        let text = "{\"Statement\":\n {\"Effect\": \"Permit\"}}";
        let policy = EstatePolicy::Document(Source::new("a.json: policy of `app`", text));
        estate.keys.get_mut("app").unwrap().policy = Some(policy);
        let error = estate.load().unwrap_err().to_string();
        assert!(error.starts_with("a.json: policy of `app`:2:"), "{error}");
    }

    #[test]
    fn a_policy_that_is_withheld_is_unknown_wherever_it_is_attached() {
        let mut estate = estate();
        let EstatePolicy::Document(text) = &estate.principals["role/Web"].identity_policies[0]
        else {
            unreachable!()
        };
        let text = text.clone();
        assert!(estate.withhold(&text, "AWS refuses it"));
        assert!(!estate.withhold(&text, "AWS refuses it"));
        for principal in estate.principals.values() {
            assert!(matches!(&principal.identity_policies[0], EstatePolicy::Unknown(_)));
        }
    }
}
