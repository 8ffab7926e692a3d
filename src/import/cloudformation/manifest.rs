//! `cdk.out/manifest.json`: which templates CDK wrote, and where their stacks go.
//!
//! Source: [Cloud assemblies](https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.cloud_assembly_schema-readme.html)

use super::Stack;
use crate::document::{At, Document, InputError, Object};

/// A cloud assembly, as its manifest describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// The stacks.
    pub stacks: Vec<ManifestStack>,
    /// The folders of assemblies in this one, each with a manifest; relative to the manifest.
    pub nested: Vec<String>,
}

/// A stack of a cloud assembly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestStack {
    /// The path of its template, relative to the manifest.
    pub template: String,
    /// Where it goes.
    pub stack: Stack,
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    ///
    /// If it is not one, with the place.
    pub fn read(document: &Document) -> Result<Self, InputError> {
        let root = document.root();
        let object = root.object().map_err(|_| root.expected("a manifest, which is an object"))?;
        let mut manifest = Self::default();
        let Some(artifacts) = object.optional("artifacts") else { return Ok(manifest) };
        for (id, at) in artifacts.object()?.members() {
            let artifact = at.object()?;
            let properties = artifact.optional("properties").map(At::object).transpose()?;
            match artifact.required("type")?.string()? {
                "aws:cloudformation:stack" => {
                    manifest.stacks.push(stack(id, artifact, properties)?);
                }
                "cdk:cloud-assembly" => {
                    let folder = properties.and_then(|it| it.get("directoryName"));
                    let folder = folder.ok_or_else(|| {
                        at.error("expected `directoryName` of a nested assembly, found none")
                    })?;
                    manifest.nested.push(path(folder)?);
                }
                _ => {}
            }
        }
        Ok(manifest)
    }
}

fn stack(
    id: &str,
    artifact: Object<'_>,
    properties: Option<Object<'_>>,
) -> Result<ManifestStack, InputError> {
    let template = properties
        .and_then(|it| it.get("templateFile"))
        .ok_or_else(|| artifact.at().error("expected `templateFile` of a stack, found none"))?;
    let name = properties.and_then(|it| it.optional("stackName")).map(At::string).transpose()?;
    let mut stack = Stack { name: Some(name.unwrap_or(id).to_owned()), ..Stack::default() };
    if let Some(at) = artifact.optional("environment") {
        let environment = at.string()?.strip_prefix("aws://").and_then(|it| it.split_once('/'));
        let wrong = || at.expected("an environment `aws://ACCOUNT/REGION`");
        let (account, region) = environment.ok_or_else(wrong)?;
        if account != "unknown-account" {
            stack.account = Some(account.parse().map_err(|_| wrong())?);
        }
        if region != "unknown-region" {
            stack.region = Some(region.to_owned());
        }
    }
    let parameters = properties.and_then(|it| it.optional("parameters")).map(At::object);
    for (name, value) in parameters.transpose()?.into_iter().flat_map(Object::members) {
        stack.parameters.push((name.to_owned(), value.string()?.to_owned()));
    }
    Ok(ManifestStack { template: path(template)?, stack })
}

/// A path below the manifest: an assembly holds all of its files.
fn path(at: At<'_>) -> Result<String, InputError> {
    let text = at.string()?;
    let leaves = text.split(['/', '\\']).any(|part| part == ".." || part.ends_with(':'));
    if text.is_empty() || text.starts_with(['/', '\\']) || leaves {
        return Err(at.expected("a path below the manifest"));
    }
    Ok(text.to_owned())
}
