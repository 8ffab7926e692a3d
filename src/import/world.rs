use super::cloudformation::{self, Manifest, Stack, Template};
use super::sniff::{Family, Found, Kind};
use super::{Assumptions, Estate, aws, terraform};
use crate::document::{At, InputError, Place};
use crate::text::Quoted;

/// What was made of documents.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The world before a plan, if there is a plan.
    pub before: Option<Estate>,
    /// The world as the documents have it; after the plan, if there is one.
    pub after: Estate,
}

/// Makes an estate of documents that belong together: one account, one plan, or the templates of
/// one app.
///
/// # Errors
///
/// If they are of different sorts, or of one that is no estate, or something in them is not what
/// it should be, with the place.
pub fn import(found: &[Found], assumptions: &Assumptions) -> Result<Imported, InputError> {
    let mut imported = of_one_family(found, assumptions)?;
    for estate in imported.before.iter_mut().chain([&mut imported.after]) {
        estate.from = found.first().map(|it| Place::start(it.source().clone()));
    }
    Ok(imported)
}

fn of_one_family(found: &[Found], assumptions: &Assumptions) -> Result<Imported, InputError> {
    let of = |family: Family| found.iter().find(|it| it.kind.family() == family);
    if let Some(trail) = of(Family::Trail) {
        return Err(trail.unexpected("`kms-sim diagnose` reads it"));
    }
    if let Some(environment) = of(Family::Environment) {
        return Err(environment.unexpected("it needs no import: give it with `--env`"));
    }
    if let (Some(first), true) = (found.first(), found.iter().all(is_loose)) {
        return Err(first.unexpected(
            "nothing says whose policy it is: give it with an option such as `--key-policy` or `--identity-policy`",
        ));
    }
    match (of(Family::Terraform), of(Family::CloudFormation), of(Family::Aws)) {
        (Some(one), Some(other), _) | (Some(one), _, Some(other)) | (_, Some(one), Some(other)) => {
            Err(other.unexpected(&format!(
                "{} is {}: import one sort at a time",
                one.source().name,
                one.kind.described()
            )))
        }
        (Some(plan), None, None) => of_terraform(plan, found, assumptions),
        (None, Some(_), None) => {
            Ok(Imported { before: None, after: of_templates(found, assumptions)? })
        }
        (None, None, _) => Ok(Imported { before: None, after: aws::import(found, assumptions)? }),
    }
}

/// One plan or state; others are of other worlds.
fn of_terraform(
    plan: &Found,
    found: &[Found],
    assumptions: &Assumptions,
) -> Result<Imported, InputError> {
    if let Some(second) = found.iter().filter(|it| it.kind.family() == Family::Terraform).nth(1) {
        return Err(second.unexpected(&format!(
            "{} is {}: import one at a time",
            plan.source().name,
            plan.kind.described()
        )));
    }
    let Some(document) = plan.whole() else {
        return Err(plan.unexpected("take it out of the document that it is in"));
    };
    let terraform::Imported { before, after } = terraform::import(document, assumptions)?;
    Ok(Imported { before, after })
}

/// The templates that manifests name, with what they say of the stacks; without a manifest all.
fn of_templates(found: &[Found], assumptions: &Assumptions) -> Result<Estate, InputError> {
    let documents = |kind: Kind| {
        let of_kind = found.iter().filter(move |it| it.kind == kind);
        of_kind.filter_map(Found::whole)
    };
    let mut templates = Vec::new();
    let mut missing = Vec::new();
    let mut has_manifest = false;
    for manifest in documents(Kind::CdkManifest) {
        has_manifest = true;
        let file = &manifest.source().name;
        let folder = file.rsplit_once(['/', '\\']).map(|(folder, _)| format!("{folder}/"));
        let folder = folder.unwrap_or_default();
        for listed in Manifest::read(manifest)?.stacks {
            let name = format!("{folder}{}", listed.template);
            let mut all = documents(Kind::CloudFormationTemplate);
            match all.find(|document| document.source().name == name) {
                Some(document) => templates.push(Template { document, stack: listed.stack }),
                None => missing.push(format!(
                    "{file} names the template {name}, which is not there or declares nothing"
                )),
            }
        }
    }
    if let (Some(manifest), true, true) = (found.first(), has_manifest, templates.is_empty()) {
        return Err(without_templates(manifest, &missing));
    }
    // Of an assembly, those that its manifests do not list are nested in others.
    let others = documents(Kind::CloudFormationTemplate).filter(|document| {
        !templates.iter().any(|it: &Template<'_>| std::ptr::eq(it.document, &raw const ***document))
    });
    let stack = Stack { is_part: has_manifest, ..Stack::default() };
    let others: Vec<_> =
        others.map(|document| Template { document, stack: stack.clone() }).collect();
    templates.extend(others);
    let mut estate = cloudformation::import(&templates, assumptions)?;
    estate.notes.extend(missing);
    Ok(estate)
}

fn without_templates(manifest: &Found, missing: &[String]) -> InputError {
    let file = &manifest.source().name;
    let folder = file.rsplit_once(['/', '\\']).map_or(".", |(folder, _)| folder);
    let found = match missing.first() {
        Some(missing) => missing.clone(),
        None => "a manifest that names none".to_owned(),
    };
    let message = format!("expected the templates of an app of CDK, found none: {found}");
    let help = format!("name the folder that holds them, {}", Quoted(folder));
    manifest.at().error(message).with_help(Some(help))
}

/// A policy that belongs to nothing; a key policy makes a key.
fn is_loose(found: &Found) -> bool {
    let Some(policy) = found.at().as_object() else { return false };
    let statements = policy.get("Statement").map(At::one_or_many).unwrap_or_default();
    let has =
        |name| statements.iter().any(|at| at.as_object().is_some_and(|it| it.get(name).is_some()));
    found.kind == Kind::Policy && !has("Principal") && !has("NotPrincipal")
}
