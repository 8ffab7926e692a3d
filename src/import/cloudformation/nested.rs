//! Stacks that a template nests: each is its own template, with the parameters that it is given.
//!
//! Source: [AWS::CloudFormation::Stack](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stack.html),
//! [AWS::Serverless::Application](https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-application.html)

use std::collections::BTreeMap;

use super::Template;
use super::conditions;
use super::declared::{Declared, Existence, known};
use super::scope::{Scope, StackScope};
use super::template::{Resource, Sections};
use super::value::{Reason, Shape, Stop};
use crate::document::{At, InputError, Object};
use crate::text::Quoted;

/// So many stacks are made of the templates at most.
const MOST: usize = 1_000;

/// Where a stack is nested.
#[derive(Clone, Copy, Debug)]
pub(super) struct Nested<'a> {
    /// The stack around it, by its index.
    parent: usize,
    /// The resource there that it is.
    resource: Resource<'a>,
}

/// Which template a resource is a stack of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    /// One that is read, by its index.
    Read(usize),
    /// Another.
    Elsewhere,
    /// Any, as far as the resource says.
    Open,
}

/// The templates that are read together, and which nests which.
pub(super) struct Templates<'t, 'a> {
    all: &'a [Template<'a>],
    /// The paths, without detours.
    paths: Vec<String>,
    sections: &'t BTreeMap<usize, Sections<'a>>,
}

impl<'t, 'a> Templates<'t, 'a> {
    pub(super) fn new(
        all: &'a [Template<'a>],
        sections: &'t BTreeMap<usize, Sections<'a>>,
    ) -> Self {
        let paths = all.iter().map(|it| tidy("", &it.document.source().name)).collect();
        Self { all, paths, sections }
    }

    /// The templates that are stacks by themselves: those that no other nests, and those that are
    /// known to be deployed so. Each with why its parameters may have other values than the
    /// defaults.
    pub(super) fn roots(&self) -> Vec<(usize, Option<Reason>)> {
        let links: Vec<(usize, Resource<'a>, Target)> = self
            .sections
            .iter()
            .flat_map(|(index, sections)| {
                let stacks = sections.resources.values().filter(|it| property(it.kind).is_some());
                stacks.map(move |it| (*index, *it, self.target(*index, *it)))
            })
            .collect();
        let is_nested = |index: usize| {
            links.iter().any(|(_, resource, target)| {
                is_nesting(resource.kind) && *target == Target::Read(index)
            })
        };
        let is_deployed =
            |index: usize| self.all.get(index).is_some_and(|it| it.stack.name.is_some());
        let all = || self.sections.keys().copied();
        let mut roots: Vec<usize> =
            all().filter(|it| is_deployed(*it) || !is_nested(*it)).collect();
        if roots.is_empty() {
            roots = all().collect();
        }
        let doubt = |index: usize| {
            let may_be_it = |(of, _, target): &&(usize, Resource<'a>, Target)| {
                *of != index && [Target::Read(index), Target::Open].contains(target)
            };
            let (_, resource, _) = links.iter().find(may_be_it)?;
            let place = resource.at.place();
            let name = Quoted(resource.name());
            let why = format!(
                "the stack {name} may be deployed of this template with others than the defaults ({place})"
            );
            (!is_deployed(index)).then(|| why.into())
        };
        roots.into_iter().map(|index| (index, doubt(index))).collect()
    }

    fn target(&self, index: usize, resource: Resource<'a>) -> Target {
        let file = self.all.get(index).map_or("", |it| it.document.source().name.as_str());
        let folder = file.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
        let written = property(resource.kind).and_then(|name| resource.properties?.get(name));
        let path = asset(resource).or(written.and_then(At::as_str));
        match path {
            Some(path) if !is_address(path) => match self.at(&tidy(folder, path)) {
                Some(target) => Target::Read(target),
                None => Target::Elsewhere,
            },
            Some(address) => match self.named(&[address]) {
                Some(target) => Target::Read(target),
                None if is_made_up(last(address)) => Target::Open,
                None => Target::Elsewhere,
            },
            None => {
                let mut texts = Vec::new();
                if let Some(at) = written {
                    every_text(at, &mut texts);
                }
                self.named(&texts).map_or(Target::Open, Target::Read)
            }
        }
    }

    fn at(&self, path: &str) -> Option<usize> {
        self.paths.iter().position(|it| it == path)
    }

    /// The only one whose file has the name that an address ends in.
    fn named(&self, addresses: &[&str]) -> Option<usize> {
        let is_it = |path: &&String| addresses.iter().any(|it| last(it) == last(path));
        let mut found = self.paths.iter().filter(is_it);
        let first = found.next()?;
        if found.next().is_some() { None } else { self.at(first) }
    }

    /// Adds the stacks that a stack nests, and those in them.
    pub(super) fn nest(
        &self,
        of: (usize, usize),
        stacks: &mut Vec<StackScope<'a>>,
    ) -> Result<(), InputError> {
        let mut open = vec![(of.0, of.1, vec![of.0])];
        while let Some((template, parent, above)) = open.pop() {
            let nesting: Vec<Resource<'a>> = match stacks.get(parent) {
                Some(stack) => stack.sections.resources.values().copied().collect(),
                None => Vec::new(),
            };
            for resource in nesting.into_iter().filter(|it| is_nesting(it.kind)) {
                let Target::Read(child) = self.target(template, resource) else { continue };
                if above.contains(&child) {
                    let message = "expected a stack that does not hold itself";
                    return Err(resource.at.error(message));
                }
                if stacks.len() >= MOST {
                    let message = format!("expected at most {MOST} stacks, found more");
                    return Err(resource.at.error(message));
                }
                let (Some(around), Some(template)) = (stacks.get(parent), self.all.get(child))
                else {
                    continue;
                };
                stacks.push(StackScope {
                    sections: Sections::read(template.document)?,
                    account: around.account,
                    region: around.region,
                    is_region_assumed: around.is_region_assumed,
                    name: None,
                    label: format!("{}-{}", around.label, resource.id),
                    alike: around.alike,
                    parameters: &[],
                    nested: Some(Nested { parent, resource }),
                    no_defaults: None,
                });
                let above = above.iter().copied().chain([child]).collect();
                open.push((child, stacks.len() - 1, above));
            }
        }
        Ok(())
    }
}

/// The property that names the template, for types that are stacks.
fn property(kind: &str) -> Option<&'static str> {
    match kind {
        "AWS::CloudFormation::Stack" | "AWS::CloudFormation::StackSet" => Some("TemplateURL"),
        "AWS::Serverless::Application" => Some("Location"),
        _ => None,
    }
}

/// Whether a resource of this type is one stack, in the account and Region of the one around it.
pub(super) fn is_nesting(kind: &str) -> bool {
    kind != "AWS::CloudFormation::StackSet" && property(kind).is_some()
}

/// The template that CDK wrote beside the one around it.
///
/// Source: [Asset metadata](https://docs.aws.amazon.com/cdk/v2/guide/assets.html#assets-cfn)
fn asset(resource: Resource<'_>) -> Option<&str> {
    let metadata = resource.at.as_object()?.get("Metadata").and_then(At::as_object)?;
    let is_template = |it: Object<'_>| {
        it.get("aws:asset:property").is_none_or(|at| at.as_str() == Some("TemplateURL"))
    };
    metadata.get("aws:asset:path").filter(|_| is_template(metadata))?.as_str()
}

fn is_address(text: &str) -> bool {
    ["https://", "http://", "s3://", "arn:", "{{"].iter().any(|it| text.starts_with(it))
}

/// Whether `aws cloudformation package` made up a file's name, of what is in it.
fn is_made_up(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name);
    stem.len() >= 32 && stem.bytes().all(|it| it.is_ascii_hexdigit())
}

fn last(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A path below a folder, without `.` and `..`.
fn tidy(folder: &str, path: &str) -> String {
    let is_absolute = path.starts_with(['/', '\\']);
    let folder = if is_absolute { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split(['/', '\\']).chain(path.split(['/', '\\'])) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|it| *it != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn every_text<'a>(at: At<'a>, texts: &mut Vec<&'a str>) {
    texts.extend(at.as_str());
    let members = at.as_object().into_iter().flat_map(Object::members).map(|(_, at)| at);
    for at in at.as_list().into_iter().flatten().chain(members) {
        every_text(at, texts);
    }
}

impl<'w, 'a> Scope<'w, 'a> {
    /// The stack around this one, and the resource there that it is.
    fn around(self) -> Option<Declared<'w, 'a>> {
        let Nested { parent, resource } = self.stack.nested?;
        let stack = self.world.stacks.get(parent)?;
        let scope = Scope { world: self.world, index: parent, stack };
        Some(Declared { scope, resource })
    }

    /// Whether the stack is there.
    pub(super) fn existence(self) -> Result<Existence, InputError> {
        self.around().map_or(Ok(Existence::Exists), Declared::existence)
    }

    /// What the stack around this one passes for a parameter.
    pub(super) fn passed(self, name: &str) -> Result<Option<Shape<'a>>, InputError> {
        let Some(around) = self.around() else { return Ok(None) };
        let Some(parameters) = around.get("Parameters")? else { return Ok(None) };
        if let Shape::Unknown(_) = parameters.shape {
            return Ok(Some(parameters.shape));
        }
        Ok(parameters.get(name).map(|it| it.shape.clone()))
    }

    /// The stack that a resource of this one is, if its template is read.
    pub(super) fn inner(self, id: &str) -> Option<Self> {
        let is_it = |stack: &StackScope<'a>| {
            stack.nested.is_some_and(|it| it.parent == self.index && it.resource.id == id)
        };
        let index = self.world.stacks.iter().position(is_it)?;
        let stack = self.world.stacks.get(index)?;
        Some(Scope { world: self.world, index, stack })
    }

    /// What `Fn::GetAtt` gives for `Outputs.NAME` of a nested stack; none if its template is not
    /// read.
    pub(super) fn output(
        self,
        at: At<'a>,
        id: &str,
        attribute: &str,
    ) -> Option<Result<Shape<'a>, Stop>> {
        let name = attribute.strip_prefix("Outputs.")?;
        let inner = self.inner(id)?;
        let output = inner.stack.sections.outputs.get(name).and_then(|at| at.as_object());
        Some(match output {
            Some(output) => inner.output_value(output),
            None => {
                Err(Stop::unknown(at, &format!("the nested stack has no output {}", Quoted(name))))
            }
        })
    }

    fn output_value(self, output: Object<'a>) -> Result<Shape<'a>, Stop> {
        if let Some(condition) = output.optional("Condition") {
            match known(conditions::named(self, condition))? {
                Ok(Shape::Bool(true)) => {}
                Ok(Shape::Unknown(reason)) | Err(reason) => return Err(Stop::Unknown(reason)),
                Ok(_) => return Err(Stop::unknown(condition, "the output is not there")),
            }
        }
        Ok(self.resolve(output.required("Value")?)?.shape)
    }
}
