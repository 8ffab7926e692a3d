//! The resources of a plan or state, as they stand before and after it.

use std::collections::{HashMap, HashSet};

use super::address::{block_of, key_of, steps};
use super::configuration::Configuration;
use super::slot::{Setting, Slot, Stage, setting};
use crate::document::{At, InputError, Object};
use crate::text::Quoted;

/// A resource or data source of the provider for AWS.
#[derive(Clone, Debug)]
pub(super) struct Resource<'a> {
    /// `module.m["a"].aws_kms_key.app[0]`.
    pub(super) address: String,
    /// The same without keys.
    pub(super) block: String,
    /// `module.m["a"]`, or nothing for the root.
    pub(super) module: String,
    /// `aws_kms_key`; a data source has `data.` before it.
    pub(super) kind: String,
    pub(super) at: At<'a>,
    pub(super) values: Option<Object<'a>>,
    pub(super) unknown: Option<At<'a>>,
    pub(super) sensitive: Option<At<'a>>,
    pub(super) stage: Stage,
    /// Its block, if the document has a configuration.
    pub(super) block_at: Option<Object<'a>>,
    /// The keys of the providers that it may be of: `aws.prod`; none if nothing says it.
    pub(super) providers: Vec<String>,
    /// Whether the plan does something to it.
    pub(super) is_changed: bool,
}

impl<'a> Resource<'a> {
    /// Its key, `["a"]` or `[0]`.
    pub(super) fn key(&self) -> Option<&str> {
        steps(&self.address).last().copied().and_then(key_of)
    }

    /// Its address without its own key.
    fn place(&self) -> String {
        let key = self.key().map_or(0, str::len);
        let end = self.address.len().saturating_sub(key);
        self.address.get(..end).unwrap_or_default().to_owned()
    }

    pub(super) fn slot(&self, attribute: &str) -> Slot<'a> {
        let member = |at: Option<At<'a>>| at?.as_object()?.get(attribute);
        let setting = match self.block_at.map(|block| block.optional("expressions")) {
            Some(None) => Setting::Unset,
            Some(Some(at)) if at.as_object().is_some() => setting(at.as_object(), attribute),
            Some(Some(_)) | None => Setting::Unsaid,
        };
        Slot {
            value: self.values.and_then(|values| values.get(attribute)),
            unknown: member(self.unknown),
            sensitive: member(self.sensitive),
            setting,
            stage: self.stage,
        }
    }

    /// An error at the resource, or at the value that is wrong, by the address of both.
    pub(super) fn wrong(&self, at: At<'_>, attribute: &str, expected: &str) -> InputError {
        at.expected(&format!("{expected} as {attribute} of {}", Quoted(&self.address)))
    }
}

/// Whether a provider is the one for AWS, whichever registry it is from.
///
/// Terraform before 0.13 wrote its name alone.
fn is_of_aws(provider: &str) -> bool {
    let name = provider.rsplit('/').next().unwrap_or_default();
    matches!(name, "aws" | "awscc" | "provider.aws")
}

/// Reads the resources of documents.
pub(super) struct Reader<'a, 'c> {
    pub(super) configuration: &'c Configuration<'a>,
    pub(super) notes: Vec<String>,
}

impl<'a> Reader<'a, '_> {
    fn resource(&self, at: At<'a>, stage: Stage) -> Result<Option<Resource<'a>>, InputError> {
        let object = at.object()?;
        let kind = object.required("type")?.string()?;
        let address = object.required("address")?.string()?;
        let provider = object.optional("provider_name").map(At::string).transpose()?;
        let is_ours = provider.map_or(kind.starts_with("aws"), is_of_aws);
        if !is_ours || object.optional("deposed_key").is_some() {
            return Ok(None);
        }
        let is_data = object.optional("mode").and_then(At::as_str) == Some("data");
        Ok(Some(self.named(address.to_owned(), kind, is_data, at, stage)))
    }

    fn named(
        &self,
        address: String,
        kind: &str,
        is_data: bool,
        at: At<'a>,
        stage: Stage,
    ) -> Resource<'a> {
        let block = block_of(&address);
        let parts = steps(&address);
        let own = if is_data { 3 } else { 2 };
        let module = parts.get(..parts.len().saturating_sub(own)).unwrap_or_default().join(".");
        let mode = if is_data { "data." } else { "" };
        let block_at = self.configuration.resource(&block);
        Resource {
            block_at,
            providers: block_at.map(provider_keys).unwrap_or_default(),
            is_changed: false,
            address,
            block,
            module,
            kind: format!("{mode}{kind}"),
            at,
            values: None,
            unknown: None,
            sensitive: None,
            stage,
        }
    }

    /// The resources in `values` or `planned_values`, with those of modules in it.
    ///
    /// Source: [values representation](https://developer.hashicorp.com/terraform/internals/json-format#values-representation)
    pub(super) fn values(&self, at: At<'a>, stage: Stage) -> Result<Vec<Resource<'a>>, InputError> {
        let mut found = Vec::new();
        let mut modules = vec![at.object()?.optional("root_module")];
        while let Some(module) = modules.pop() {
            let Some(module) = module.map(At::object).transpose()? else { continue };
            let listed = module.optional("resources").map(At::list).transpose()?;
            for at in listed.into_iter().flatten() {
                let Some(resource) = self.resource(at, stage)? else { continue };
                let object = at.object()?;
                found.push(Resource {
                    values: object.optional("values").map(At::object).transpose()?,
                    sensitive: object.optional("sensitive_values"),
                    ..resource
                });
            }
            let inner = module.optional("child_modules").map(At::list).transpose()?;
            modules.extend(inner.into_iter().flatten().map(Some));
        }
        Ok(found)
    }

    /// The resources of a plan, before and after it.
    pub(super) fn plan(&mut self, plan: Object<'a>) -> Result<Worlds<'a>, InputError> {
        let prior = plan.optional("prior_state").and_then(|at| at.as_object()?.optional("values"));
        let prior = prior.map(|at| self.values(at, Stage::Settled)).transpose()?;
        let mut before = prior.unwrap_or_default();
        let mut after = Vec::new();
        let mut changed: HashSet<String> = HashSet::new();
        let listed = plan.optional("resource_changes").map(At::list).transpose()?;
        for at in listed.into_iter().flatten() {
            let Some(change) = self.change(at)? else { continue };
            changed.extend(change.earlier_address.map(str::to_owned));
            let addresses =
                [&change.before, &change.after].map(|it| it.as_ref().map(|it| &it.address));
            changed.extend(addresses.into_iter().flatten().cloned());
            changed.insert(change.address);
            before.extend(change.before);
            after.extend(change.after);
        }
        if let Some(at) = plan.optional("planned_values") {
            let planned = self.values(at, Stage::PlannedUntold)?;
            after.extend(planned.into_iter().filter(|it| !changed.contains(&it.address)));
        }
        // What the plan leaves alone is not in it: data that was read, and, with `-target`,
        // what nobody asked for.
        let known: HashSet<String> =
            after.iter().map(|it: &Resource<'_>| it.address.clone()).collect();
        let is_left =
            |it: &&Resource<'_>| !changed.contains(&it.address) && !known.contains(&it.address);
        let left: Vec<Resource<'a>> = before.iter().filter(is_left).cloned().collect();
        after.extend(left);
        Ok(Worlds { before: Some(World::of(before)), after: World::of(after) })
    }

    /// Source: [change representation](https://developer.hashicorp.com/terraform/internals/json-format#change-representation)
    fn change(&mut self, at: At<'a>) -> Result<Option<Change<'a>>, InputError> {
        let object = at.object()?;
        let address = object.required("address")?.string()?;
        if object.optional("deposed").is_some() {
            return Ok(None);
        }
        let change = object.required("change")?.object()?;
        let actions = change.required("actions")?.list()?;
        let actions = actions.map(At::string).collect::<Result<Vec<_>, _>>()?;
        let Some(mut resource) = self.resource(at, Stage::Settled)? else { return Ok(None) };
        let values = |name| change.optional(name).map(At::object).transpose();
        resource.values = values("before")?;
        resource.sensitive = change.optional("before_sensitive");
        let before = resource.values.is_some().then(|| resource.clone());
        let planned = values("after")?;
        let after = if planned.is_some() {
            Some(Resource {
                values: planned,
                unknown: change.optional("after_unknown"),
                sensitive: change.optional("after_sensitive"),
                stage: Stage::Planned,
                is_changed: actions.iter().any(|action| !matches!(*action, "no-op" | "read")),
                ..resource
            })
        } else if actions.contains(&"forget") {
            self.notes.push(format!(
                "{} is no longer managed after the plan, but stays as it is",
                Quoted(address)
            ));
            before.clone()
        } else {
            None
        };
        let earlier_address = object.optional("previous_address").map(At::string).transpose()?;
        Ok(Some(Change { address: address.to_owned(), earlier_address, before, after }))
    }

    /// The resources of a state as Terraform stores it.
    pub(super) fn stored(&mut self, state: Object<'a>) -> Result<World<'a>, InputError> {
        let mut found = Vec::new();
        for at in state.required("resources")?.list()? {
            let object = at.object()?;
            let kind = object.required("type")?.string()?;
            let name = object.required("name")?.string()?;
            let provider = object.optional("provider").map(At::string).transpose()?;
            if !provider.map_or(kind.starts_with("aws"), is_stored_of_aws) {
                continue;
            }
            let is_data = object.optional("mode").and_then(At::as_str) == Some("data");
            let module = object.optional("module").map(At::string).transpose()?;
            let module = module.map(|it| format!("{it}.")).unwrap_or_default();
            let mode = if is_data { "data." } else { "" };
            let instances = object.optional("instances").map(At::list).transpose()?;
            for at in instances.into_iter().flatten() {
                let instance = at.object()?;
                if instance.optional("deposed").is_some() {
                    continue;
                }
                let key = instance.optional("index_key").map(index_key).transpose()?;
                let key = key.unwrap_or_default();
                let address = format!("{module}{mode}{kind}.{name}{key}");
                if let Some(flat) = instance.optional("attributes_flat") {
                    let what = "`attributes`, as Terraform 0.12 and later write them,";
                    return Err(flat
                        .expected(&format!("{what} of {}", Quoted(&address)))
                        .with_help(Some("apply or refresh once with a newer Terraform")));
                }
                let values = instance.optional("attributes").map(At::object).transpose()?;
                let resource = self.named(address, kind, is_data, at, Stage::Settled);
                let own = instance.optional("provider").map(At::string).transpose()?;
                let providers = own.or(provider).map(stored_key).into_iter().collect();
                found.push(Resource { values, providers, ..resource });
            }
        }
        Ok(World::of(found))
    }
}

struct Change<'a> {
    address: String,
    earlier_address: Option<&'a str>,
    before: Option<Resource<'a>>,
    after: Option<Resource<'a>>,
}

/// `provider["registry.terraform.io/hashicorp/aws"].west`, or of old `provider.aws`; in a module
/// with its address before.
fn is_stored_of_aws(provider: &str) -> bool {
    let parts = steps(provider);
    let mut parts = parts.iter().skip_while(|part| !part.starts_with("provider"));
    match (parts.next(), parts.next()) {
        (Some(part), _) if part.contains('[') => {
            is_of_aws(key_of(part).unwrap_or_default().trim_matches(['[', ']', '"']))
        }
        (Some(_), Some(name)) => is_of_aws(name),
        _ => false,
    }
}

/// `aws.west` of such a provider, as plans call it; in a module `module.m:aws.west`.
fn stored_key(provider: &str) -> String {
    let parts = steps(provider);
    let at = parts.iter().position(|part| part.starts_with("provider")).unwrap_or_default();
    let (module, own) = parts.split_at(at);
    let own = match own {
        [bracketed, rest @ ..] if bracketed.contains('[') => {
            let name = key_of(bracketed).unwrap_or_default().trim_matches(['[', ']', '"']);
            [&[name.rsplit('/').next().unwrap_or_default()], rest].concat().join(".")
        }
        [_, rest @ ..] => rest.join("."),
        [] => String::new(),
    };
    if module.is_empty() { own } else { format!("{}:{own}", module.join(".")) }
}

/// The providers of a block. `OpenTofu` has several for the instances of one, and does not say
/// which has which.
fn provider_keys(block: Object<'_>) -> Vec<String> {
    if let Some(key) = block.optional("provider_config_key").and_then(At::as_str) {
        return vec![key.to_owned()];
    }
    let Some(at) = block.optional("provider_config_keys") else { return Vec::new() };
    let members = at.as_object().map(Object::members).into_iter().flatten().map(|(_, at)| at);
    let keys = at.as_list().into_iter().flatten().chain(members);
    keys.filter_map(At::as_str).map(str::to_owned).collect()
}

fn index_key(at: At<'_>) -> Result<String, InputError> {
    match (at.as_str(), at.as_scalar()) {
        (Some(text), _) => Ok(format!("[{}]", serde_json::Value::from(text))),
        (None, Some(number)) => Ok(format!("[{number}]")),
        (None, None) => Err(at.expected("a string or a number")),
    }
}

/// What there is before and after a plan; a state is after.
pub(super) struct Worlds<'a> {
    pub(super) before: Option<World<'a>>,
    pub(super) after: World<'a>,
}

/// The resources at one time.
#[derive(Debug, Default)]
pub(super) struct World<'a> {
    pub(super) resources: Vec<Resource<'a>>,
    by_address: HashMap<String, usize>,
    by_kind: HashMap<String, Vec<usize>>,
    /// By the address without any key, and by that without the last.
    by_block: HashMap<String, Vec<usize>>,
    by_place: HashMap<String, Vec<usize>>,
}

impl<'a> World<'a> {
    /// Each address once; the first counts.
    pub(super) fn of(listed: Vec<Resource<'a>>) -> Self {
        let mut world = Self::default();
        for resource in listed {
            if world.by_address.contains_key(&resource.address) {
                continue;
            }
            let index = world.resources.len();
            world.by_address.insert(resource.address.clone(), index);
            let kind = resource.kind.clone();
            let place = resource.place();
            world.by_kind.entry(kind).or_default().push(index);
            world.by_place.entry(place).or_default().push(index);
            world.by_block.entry(resource.block.clone()).or_default().push(index);
            world.resources.push(resource);
        }
        world
    }

    /// The instances of a block, by its address without keys.
    pub(super) fn instances(&self, block: &str) -> impl Iterator<Item = &Resource<'a>> {
        let indices = self.by_block.get(block).into_iter().flatten();
        indices.filter_map(|index| self.resources.get(*index))
    }

    /// The instances of a block in one instance of its module.
    pub(super) fn instances_at(&self, place: &str) -> impl Iterator<Item = &Resource<'a>> {
        let indices = self.by_place.get(place).into_iter().flatten();
        indices.filter_map(|index| self.resources.get(*index))
    }

    /// The resources of these kinds, in the order of the document.
    pub(super) fn of_kinds(&self, kinds: &[&str]) -> impl Iterator<Item = &Resource<'a>> {
        let indices = kinds.iter().filter_map(|kind| self.by_kind.get(*kind)).flatten();
        let mut indices: Vec<usize> = indices.copied().collect();
        indices.sort_unstable();
        indices.into_iter().filter_map(|index| self.resources.get(index))
    }

    pub(super) fn at(&self, address: &str) -> Option<&Resource<'a>> {
        self.resources.get(*self.by_address.get(address)?)
    }
}
