//! Templates of CloudFormation, also those that CDK writes.
//!
//! The functions of a template are worked out as far as it and the
//! [`Assumptions`] say. What they do not say is *unknown*, with its place: a policy that rests on
//! it is [`EstatePolicy::Unknown`](super::EstatePolicy::Unknown), never left out and never the
//! default one, and a condition that rests on it leaves open what it decides. Names and ids that
//! AWS makes up only when a stack is there have stand-ins, the same ones every time.
//!
//! Source: [Template reference](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/introduction.html)

mod account;
mod attach;
mod build;
mod conditions;
mod declared;
mod functions;
mod iam;
mod kms;
mod loops;
mod manifest;
mod names;
mod nested;
mod others;
mod parameters;
mod policy;
mod pseudo;
mod scope;
mod template;
mod text;
mod value;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use self::build::Builder;
use self::loops::Parameters;
pub use self::manifest::{Manifest, ManifestStack};
use self::nested::Templates;
use self::scope::{StackScope, World};
use self::template::Sections;
use super::{Assumptions, Estate};
use crate::arn::AccountId;
use crate::document::{Document, Format, InputError, Source};

/// A template, and the stack that it is deployed as.
#[derive(Clone, Debug)]
pub struct Template<'a> {
    /// The template, as [`parse`] reads it.
    pub document: &'a Document,
    /// What is known of its stack.
    pub stack: Stack,
}

/// What is known of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: Option<String>,
    /// Its account.
    pub account: Option<AccountId>,
    /// Its Region.
    pub region: Option<String>,
    /// The values that it is deployed with, by parameter.
    pub parameters: Vec<(String, String)>,
    /// Whether it is there only where another template nests it.
    pub is_part: bool,
}

/// Parses a template: JSON if it begins with a brace, else YAML with the tags of CloudFormation.
///
/// # Errors
///
/// If it is neither, with the place.
pub fn parse(source: Arc<Source>) -> Result<Document, InputError> {
    let is_json = source.text.trim_start().starts_with('{');
    Document::parse(source, if is_json { Format::Json } else { Format::CloudFormation })
}

/// Gathers what templates declare; what one exports, others import.
///
/// # Errors
///
/// If a template is not one that CloudFormation would take, as far as it concerns keys, principals
/// and policies; or if nothing says which account it is for. The error has the place.
pub fn import(templates: &[Template<'_>], assumptions: &Assumptions) -> Result<Estate, InputError> {
    let mut estate = Estate::default();
    let unrolled = unrolled(templates, assumptions)?;
    let whole = templates.iter().zip(&unrolled).map(|(template, unrolled)| Template {
        document: unrolled.as_ref().unwrap_or(template.document),
        stack: template.stack.clone(),
    });
    let whole: Vec<Template<'_>> = whole.collect();
    let stacks = stacks(&whole, assumptions, &mut estate.notes)?;
    let own = templates.iter().filter(|it| !it.stack.is_part);
    let names: Vec<&str> = own.map(|it| it.document.source().name.as_str()).collect();
    estate.name = names.join(", ");
    let Some(first) = stacks.first() else { return Ok(estate) };
    let account = first.account;
    estate.account = Some(account.id);
    estate.partition = Some(account.partition);
    estate.region = Some(first.region.to_owned());
    let world = World::new(stacks, assumptions);
    let builder = Builder {
        world: &world,
        estate,
        account,
        managed: BTreeMap::new(),
        keys: BTreeMap::new(),
        aliases: BTreeSet::new(),
        entities: BTreeMap::new(),
        presumed: BTreeMap::new(),
    };
    builder.build()
}

/// The templates with loops, with what these declare.
fn unrolled(
    templates: &[Template<'_>],
    assumptions: &Assumptions,
) -> Result<Vec<Option<Document>>, InputError> {
    let sections = sections(templates)?;
    let roots = Templates::new(templates, &sections).roots();
    let from = |index: usize| match roots.iter().find(|(root, _)| *root == index) {
        Some((_, None)) => Parameters::OwnOrDefault,
        Some((_, Some(_))) => Parameters::Own,
        None => Parameters::Passed,
    };
    let templates = templates.iter().enumerate();
    templates.map(|(index, template)| loops::unrolled(template, assumptions, from(index))).collect()
}

/// The sections of those that may be stacks by themselves, by their indices.
fn sections<'a>(templates: &[Template<'a>]) -> Result<BTreeMap<usize, Sections<'a>>, InputError> {
    let own = templates.iter().enumerate().filter(|(_, it)| !it.stack.is_part);
    own.map(|(index, template)| Ok((index, Sections::read(template.document)?))).collect()
}

/// The stacks of all templates, and those that they nest.
fn stacks<'a>(
    templates: &'a [Template<'a>],
    assumptions: &'a Assumptions,
    notes: &mut Vec<String>,
) -> Result<Vec<StackScope<'a>>, InputError> {
    let sections = sections(templates)?;
    let nesting = Templates::new(templates, &sections);
    let mut stacks: Vec<StackScope<'a>> = Vec::new();
    for (index, no_defaults) in nesting.roots() {
        let Some(template) = templates.get(index) else { continue };
        let read = Sections::read(template.document)?;
        let mut stack = stack(template, read, assumptions, notes)?;
        let place = |it: &StackScope<'_>| (it.account, it.region.to_owned(), it.label.clone());
        let is_alike = |it: &&StackScope<'_>| it.nested.is_none() && place(it) == place(&stack);
        stack.alike = stacks.iter().filter(is_alike).count();
        stack.no_defaults = no_defaults;
        stacks.push(stack);
        nesting.nest((index, stacks.len() - 1), &mut stacks)?;
    }
    Ok(stacks)
}

fn stack<'a>(
    template: &'a Template<'_>,
    sections: Sections<'a>,
    assumptions: &'a Assumptions,
    notes: &mut Vec<String>,
) -> Result<StackScope<'a>, InputError> {
    let region = account::region(template, &sections, assumptions, notes)?;
    let account = account::account(&template.stack, &sections, region, assumptions, notes)?;
    let given = |name: &str| assumptions.values.get(name).map(String::as_str);
    let name = template.stack.name.as_deref().or(given("AWS::StackName"));
    let is_region_said = account::is_region_said(&template.stack, assumptions);
    Ok(StackScope {
        account,
        region,
        is_region_assumed: !is_region_said,
        name,
        label: name.unwrap_or_else(|| stem(&template.document.source().name)).to_owned(),
        alike: 0,
        parameters: &template.stack.parameters,
        nested: None,
        no_defaults: None,
        sections,
    })
}

/// The name of a file up to its first dot, as far as it can be part of a name.
fn stem(file: &str) -> &str {
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(name.len());
    match name.get(..end) {
        None | Some("") => "stack",
        Some(stem) => stem,
    }
}
