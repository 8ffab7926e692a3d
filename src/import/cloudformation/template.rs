use std::collections::BTreeMap;

use super::value::Stop;
use crate::document::{At, Document, InputError, Object};

/// The sections of a template.
///
/// Source: [Sections](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html)
#[derive(Clone, Debug)]
pub(super) struct Sections<'a> {
    pub(super) root: At<'a>,
    pub(super) parameters: BTreeMap<&'a str, At<'a>>,
    pub(super) mappings: BTreeMap<&'a str, At<'a>>,
    pub(super) conditions: BTreeMap<&'a str, At<'a>>,
    pub(super) resources: BTreeMap<&'a str, Resource<'a>>,
    pub(super) outputs: BTreeMap<&'a str, At<'a>>,
    /// The loops in `Resources`.
    pub(super) loops: Vec<(&'a str, At<'a>)>,
    /// The macros that are run on the template as a whole.
    pub(super) macros: Vec<(&'a str, At<'a>)>,
}

/// A resource that the template declares.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resource<'a> {
    pub(super) id: &'a str,
    pub(super) at: At<'a>,
    pub(super) kind: &'a str,
    pub(super) properties: Option<Object<'a>>,
    pub(super) condition: Option<At<'a>>,
    /// A macro or loop that may add properties.
    pub(super) expansion: Option<At<'a>>,
    /// The path of the construct that CDK made it of.
    pub(super) path: Option<&'a str>,
}

impl<'a> Resource<'a> {
    fn read(id: &'a str, at: At<'a>) -> Result<Self, InputError> {
        let object = at.object().map_err(|_| at.expected("a resource, which is an object"))?;
        let metadata = object.get("Metadata").and_then(At::as_object);
        let path = metadata.and_then(|it| it.get("aws:cdk:path")).and_then(At::as_str);
        // In YAML, `Properties:` with nothing below is none.
        let properties = object.optional("Properties").map(At::object).transpose()?;
        let mut members = object.members().chain(properties.into_iter().flat_map(Object::members));
        Ok(Self {
            id,
            at,
            expansion: members.find(|(name, _)| name.starts_with("Fn::")).map(|(_, at)| at),
            kind: object.required("Type")?.string()?,
            properties,
            condition: object.optional("Condition"),
            path,
        })
    }

    /// Fails if what is not written may yet be there.
    pub(super) fn check_expanded(&self) -> Result<(), Stop> {
        match self.expansion {
            Some(at) => Err(Stop::unknown(at, "what a macro or loop adds is not known")),
            None => Ok(()),
        }
    }

    /// What people call it: the path of its construct, else its logical id.
    pub(super) fn name(&self) -> &'a str {
        let path = self.path.map(|path| path.strip_suffix("/Resource").unwrap_or(path));
        path.unwrap_or(self.id)
    }
}

impl<'a> Sections<'a> {
    pub(super) fn read(document: &'a Document) -> Result<Self, InputError> {
        let root = document.root();
        let object = root.object().map_err(|_| root.expected("a template, which is an object"))?;
        let mut resources = BTreeMap::new();
        let mut loops = Vec::new();
        for (id, at) in object.required("Resources")?.object()?.members() {
            match id.strip_prefix("Fn::") {
                Some(_) => loops.push((id, at)),
                None => {
                    resources.insert(id, Resource::read(id, at)?);
                }
            }
        }
        Ok(Self {
            root,
            parameters: section(object, "Parameters")?,
            mappings: section(object, "Mappings")?,
            conditions: section(object, "Conditions")?,
            resources,
            outputs: section(object, "Outputs")?,
            loops,
            macros: macros(object),
        })
    }

    /// Whether something may add resources that the template does not show.
    pub(super) fn is_expanded(&self) -> bool {
        !self.loops.is_empty() || !self.macros.is_empty()
    }

    /// A macro that may change everything: one that is not AWS's, or what is in another file.
    ///
    /// Source: [AWS::Include](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html)
    pub(super) fn foreign_macro(&self) -> Option<(&'a str, At<'a>)> {
        let is_foreign = |name: &str| !name.starts_with("AWS::") || name == "AWS::Include";
        self.macros.iter().find(|(name, _)| is_foreign(name)).copied()
    }
}

fn section<'a>(root: Object<'a>, name: &str) -> Result<BTreeMap<&'a str, At<'a>>, InputError> {
    let section = root.optional(name).map(At::object).transpose()?;
    Ok(section.into_iter().flat_map(Object::members).collect())
}

/// The macros of `Transform`: a name, an object with `Name`, or a list of those; and what
/// `Fn::Transform` beside the sections runs.
///
/// Source: [Transform](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-section-structure.html)
fn macros(root: Object<'_>) -> Vec<(&str, At<'_>)> {
    let listed = ["Transform", "Fn::Transform"].into_iter().filter_map(|name| root.get(name));
    let names = listed.flat_map(At::one_or_many).filter_map(name_of_macro);
    names.filter_map(|at| Some((at.as_str()?, at))).collect()
}

fn name_of_macro(at: At<'_>) -> Option<At<'_>> {
    match at.as_str() {
        Some(_) => Some(at),
        None => at.as_object()?.get("Name"),
    }
}
