//! The configuration within a plan: who sets what, by which expression.

use std::collections::HashMap;

use super::address::{Extent, Reference, provider_parts, without_key, written};
use super::resource::Resource;
use super::slot::constant;
use crate::document::{At, InputError, Object};

/// How many steps of references are followed for one expression.
const MOST_STEPS: usize = 2_000;

/// The blocks of a configuration, by where they stand.
#[derive(Debug, Default)]
pub(super) struct Configuration<'a> {
    /// `module.m.aws_kms_key.app` and its block.
    resources: HashMap<String, Object<'a>>,
    /// `module.m`, and the block that calls it; not for the root.
    calls: HashMap<String, Object<'a>>,
    /// `module.m` or nothing, and what is in it.
    modules: HashMap<String, Object<'a>>,
    providers: Option<Object<'a>>,
    /// The values of the root's variables.
    variables: Option<Object<'a>>,
}

/// Where a value comes from.
#[derive(Clone, Debug)]
pub(super) enum Origin<'a> {
    /// An attribute of resources, and how it was written.
    Resource(Refers<'a>),
    /// A value that is known; nothing for `null`.
    Value(Option<At<'a>>),
    /// The key of the resource itself.
    OwnKey,
    /// What cannot be followed, as it was written.
    Opaque(String),
}

/// A reference to resources.
#[derive(Clone, Debug)]
pub(super) struct Refers<'a> {
    /// The module that it is seen from, with the keys that are known.
    pub(super) module: String,
    pub(super) block: String,
    pub(super) key: Option<&'a str>,
    pub(super) attribute: Option<&'a str>,
}

impl Refers<'_> {
    /// As a person would write it in the root.
    pub(super) fn text(&self) -> String {
        let attribute = self.attribute.map(|it| format!(".{it}")).unwrap_or_default();
        let key = self.key.unwrap_or_default();
        format!("{}{key}{attribute}", joined(&self.module, &self.block))
    }
}

impl Refers<'_> {
    /// Whether a resource is among those that it is to.
    pub(super) fn is_to(&self, target: &Resource<'_>) -> bool {
        let block = joined(&super::address::block_of(&self.module), &self.block);
        block == target.block
            && is_within(&self.module, &target.module)
            && self.key.is_none_or(|key| target.key() == Some(key))
    }
}

/// `module.m` and `aws_kms_key.app`.
pub(super) fn joined(module: &str, block: &str) -> String {
    if module.is_empty() { block.to_owned() } else { format!("{module}.{block}") }
}

impl<'a> Configuration<'a> {
    pub(super) fn read(plan: Object<'a>) -> Result<Self, InputError> {
        let mut read = Self {
            variables: plan.optional("variables").and_then(At::as_object),
            ..Self::default()
        };
        let Some(configuration) = plan.optional("configuration").map(At::object).transpose()?
        else {
            return Ok(read);
        };
        read.providers = configuration.optional("provider_config").map(At::object).transpose()?;
        if let Some(root) = configuration.optional("root_module") {
            read.module(root.object()?, String::new())?;
        }
        Ok(read)
    }

    fn module(&mut self, module: Object<'a>, path: String) -> Result<(), InputError> {
        for at in module.optional("resources").map(At::list).transpose()?.into_iter().flatten() {
            let resource = at.object()?;
            let (kind, name) = (resource.required("type")?.string()?, resource.required("name")?);
            let is_data = resource.optional("mode").and_then(At::as_str) == Some("data");
            let mode = if is_data { "data." } else { "" };
            let block = joined(&path, &format!("{mode}{kind}.{}", name.string()?));
            self.resources.insert(block, resource);
        }
        if let Some(calls) = module.optional("module_calls").map(At::object).transpose()? {
            for (name, at) in calls.members() {
                let call = at.object()?;
                let inner = joined(&path, &format!("module.{name}"));
                if let Some(called) = call.optional("module") {
                    self.module(called.object()?, inner.clone())?;
                }
                self.calls.insert(inner, call);
            }
        }
        self.modules.insert(path, module);
        Ok(())
    }

    /// The block of a resource, by its address without keys.
    pub(super) fn resource(&self, block: &str) -> Option<Object<'a>> {
        self.resources.get(block).copied()
    }

    /// The configuration of a provider, by the key that resources have for it. In a module it
    /// may be inherited, which plans write in two ways.
    pub(super) fn provider(&self, key: &str) -> Option<Object<'a>> {
        let (_, own) = provider_parts(key);
        let providers = self.providers?;
        let found = [key, own, without_key(own)].into_iter().find_map(|key| providers.get(key));
        found?.as_object()
    }

    /// The providers that are configured, by their keys. One that a module only declares is
    /// another, which it is passed.
    pub(super) fn providers(&self) -> impl Iterator<Item = (&'a str, Object<'a>)> {
        let members = self.providers.map(Object::members).into_iter().flatten();
        let objects = members.filter_map(|(key, at)| Some((key, at.as_object()?)));
        objects.filter(|(_, it)| {
            it.optional("module_address").is_none() || it.optional("expressions").is_some()
        })
    }

    /// Whether the document has a configuration.
    pub(super) fn has_modules(&self) -> bool {
        !self.modules.is_empty()
    }

    /// Whether the provider of a resource adds tags of its own.
    pub(super) fn has_default_tags(&self, it: &Resource<'_>) -> bool {
        it.providers.iter().any(|key| {
            let expressions = self.provider(key).and_then(|it| it.optional("expressions"));
            expressions.and_then(|it| it.as_object()?.optional("default_tags")).is_some()
        })
    }

    /// A text that a provider is configured with, if it is one that is known.
    pub(super) fn provider_text(&self, provider: Object<'a>, name: &str) -> Option<&'a str> {
        let module = provider.optional("module_address").and_then(At::as_str).unwrap_or_default();
        self.known_text(provider.optional("expressions")?.as_object()?.get(name)?, module)
    }

    /// The value of an expression that is a constant or a variable alone.
    pub(super) fn known_text(&self, expression: At<'a>, module: &str) -> Option<&'a str> {
        if let Some(constant) = constant(expression) {
            return constant.as_str();
        }
        match self.origins(expression, module).as_slice() {
            [Origin::Value(Some(value))] => value.as_str(),
            _ => None,
        }
    }

    /// What an expression refers to, in the order in which it is written.
    pub(super) fn origins(&self, expression: At<'a>, module: &str) -> Vec<Origin<'a>> {
        let mut found = Vec::new();
        let mut steps = MOST_STEPS;
        self.follow(expression, module, &mut steps, &mut found);
        found
    }

    fn follow(
        &self,
        expression: At<'a>,
        module: &str,
        steps: &mut usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        let listed = expression.as_object().and_then(|it| it.optional("references")?.as_list());
        let listed = listed.into_iter().flatten().filter_map(At::as_str);
        for text in written(listed) {
            if *steps == 0 {
                found.push(Origin::Opaque(text.to_owned()));
                return;
            }
            *steps -= 1;
            match Reference::parse(text) {
                Reference::OwnKey => found.push(Origin::OwnKey),
                Reference::Opaque => found.push(Origin::Opaque(joined(module, text))),
                Reference::Resource { block, key, attribute } => {
                    let module = module.to_owned();
                    found.push(Origin::Resource(Refers { module, block, key, attribute }));
                }
                Reference::Variable(name, extent) => {
                    self.variable((name, extent), module, steps, found);
                }
                Reference::Output(call, output, extent) => {
                    let inner = joined(module, &format!("module.{call}"));
                    match (self.output(&inner, output), extent) {
                        (Some(expression), Extent::Whole) => {
                            self.of(expression, &inner, steps, found);
                        }
                        _ => found.push(Origin::Opaque(joined(module, text))),
                    }
                }
            }
        }
    }

    /// What an expression is that stands alone for a value.
    fn of(&self, expression: At<'a>, module: &str, steps: &mut usize, found: &mut Vec<Origin<'a>>) {
        if let Some(value) = constant(expression) {
            found.push(Origin::Value(Some(value).filter(|it| !it.is_null())));
            return;
        }
        let before = found.len();
        self.follow(expression, module, steps, found);
        // A call of functions on nothing: known, but not told.
        if found.len() == before {
            found.push(Origin::Opaque(format!("an expression in {module}")));
        }
    }

    fn output(&self, module: &str, name: &str) -> Option<At<'a>> {
        let module = self.modules.get(&super::address::block_of(module))?;
        let outputs = module.optional("outputs")?.as_object()?;
        outputs.optional(name)?.as_object()?.optional("expression")
    }

    fn variable(
        &self,
        (name, extent): (&'a str, Extent),
        module: &str,
        steps: &mut usize,
        found: &mut Vec<Origin<'a>>,
    ) {
        let opaque = || Origin::Opaque(joined(module, &format!("var.{name}")));
        let block = super::address::block_of(module);
        let given = if module.is_empty() {
            self.variables.and_then(|all| all.get(name)?.as_object()?.get("value"))
        } else {
            let call = self.calls.get(&block).and_then(|call| call.optional("expressions"));
            let given = call.and_then(|it| it.as_object()?.get(name));
            if let Some(expression) = given {
                match (extent, constant(expression)) {
                    (Extent::Part, None) => found.push(opaque()),
                    (Extent::Part, Some(value)) => found.push(Origin::Value(Some(value))),
                    (Extent::Whole, _) => self.of(expression, parent(module), steps, found),
                }
                return;
            }
            None
        };
        let value = given.or_else(|| {
            let declared = self.modules.get(&block)?.optional("variables")?.as_object()?;
            declared.get(name)?.as_object()?.get("default")
        });
        found.push(match value {
            Some(value) => Origin::Value(Some(value).filter(|value| !value.is_null())),
            None => opaque(),
        });
    }
}

/// The module that calls this one.
fn parent(module: &str) -> &str {
    let steps = super::address::steps(module);
    let last: usize = steps.iter().rev().take(2).map(|step| step.len() + 1).sum();
    module.len().checked_sub(last).and_then(|end| module.get(..end)).unwrap_or_default()
}

/// Whether a module that a reference is seen from is the one that a resource stands in. A step
/// without a key stands for every instance.
pub(super) fn is_within(seen_from: &str, module: &str) -> bool {
    let (seen_from, module) = (super::address::steps(seen_from), super::address::steps(module));
    seen_from.len() == module.len()
        && seen_from.iter().zip(&module).all(|(seen, own)| seen == own || *seen == without_key(own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parent_of_a_module_keeps_the_keys_of_its_own() {
        assert_eq!(parent("module.a"), "");
        assert_eq!(parent(r#"module.a["x.y"].module.b[0]"#), r#"module.a["x.y"]"#);
    }
}
