//! Terraform and `OpenTofu`: plans as `show -json` prints them, and states.
//!
//! A plan does not know everything before it is applied. What it does not know stays unknown: a
//! policy that the configuration sets and the plan does not know is never taken for the default
//! one, and where it is not known to whom something is attached, everyone that it may be attached
//! to is in doubt.
//!
//! Source: [JSON output format](https://developer.hashicorp.com/terraform/internals/json-format),
//! [OpenTofu](https://opentofu.org/docs/internals/json-format/)

mod address;
mod aliases;
mod assumed;
mod attachments;
mod candidates;
mod configuration;
mod endpoints;
mod exclusive;
mod grants;
mod holders;
mod invented;
mod keys;
mod made;
mod memberships;
mod merge;
mod organization;
mod place;
mod policy;
mod policy_document;
mod principals;
mod providers;
mod references;
mod resource;
mod scene;
mod slot;
mod tags;
mod unmatched;
mod wanted;
mod whose;

use self::assumed::Assumed;
use self::attachments::Attached;
use self::configuration::Configuration;
use self::place::Home;
use self::resource::{Reader, World, Worlds};
use self::scene::Scene;
use self::slot::Stage;
use super::{Assumptions, Estate};
use crate::document::{At, Document, InputError, Object};
use crate::text::Quoted;

/// What a document says.
#[derive(Clone, Debug)]
pub struct Imported {
    /// Before the plan; a state has none.
    pub before: Option<Estate>,
    /// After the plan, or by the state.
    pub after: Estate,
}

/// Reads a plan or state.
///
/// # Errors
///
/// If it is neither, or something in it is not what Terraform writes, or the account is said
/// nowhere and it is needed, or an assumption is for nothing in it.
pub fn import(document: &Document, assumptions: &Assumptions) -> Result<Imported, InputError> {
    import_at(document.root(), assumptions)
}

/// As `import`, for a document within another.
pub(crate) fn import_at(root: At<'_>, assumptions: &Assumptions) -> Result<Imported, InputError> {
    let object = root.object().map_err(|_| root.expected("a plan or state of Terraform"))?;
    let configuration = Configuration::read(object)?;
    let assumed = Assumed::read(assumptions)?;
    let mut reader = Reader { configuration: &configuration, notes: Vec::new() };
    let worlds = read(object, &mut reader)?;
    let mut all = vec![&worlds.after];
    all.extend(&worlds.before);
    let importer = Importer {
        name: root.place().source.name.clone(),
        home: Home::of(&all, &configuration, assumptions, &assumed)?,
        configuration: &configuration,
        assumed: &assumed,
    };
    let before = worlds.before.as_ref();
    let (before, earlier) = match before.map(|world| importer.estate(world, &Attached::default())) {
        Some(read) => read.map(|(estate, attached)| (Some(estate), attached))?,
        None => (None, Attached::default()),
    };
    let (mut after, _) = importer.estate(&worlds.after, &earlier)?;
    after.notes.splice(0..0, reader.notes);
    unmatched::check(&assumed, &all, root)?;
    Ok(Imported { before, after })
}

/// Tells plans from states.
fn read<'a>(root: Object<'a>, reader: &mut Reader<'a, '_>) -> Result<Worlds<'a>, InputError> {
    if let Some(at) = root.optional("format_version") {
        let version = at.string()?;
        if !matches!(version.split('.').next(), Some("0" | "1")) {
            reader.notes.push(format!(
                "the format version {} is newer than what is known here, 1; it is read as that",
                Quoted(version)
            ));
        }
        if root.get("planned_values").is_some() || root.get("resource_changes").is_some() {
            unfinished(root, reader)?;
            return reader.plan(root);
        }
        let values = root.optional("values");
        let listed = values.map(|at| reader.values(at, Stage::Settled)).transpose()?;
        return Ok(Worlds { before: None, after: World::of(listed.unwrap_or_default()) });
    }
    match root.get("version").and_then(At::as_scalar) {
        Some("4") => Ok(Worlds { before: None, after: reader.stored(root)? }),
        Some(_) if root.get("modules").is_some() || root.get("lineage").is_some() => {
            let at = root.required("version")?;
            Err(at.expected("version 4 of a state").with_help(Some(
                "convert it: `terraform show -json` with Terraform 0.12 or later prints what can be read here",
            )))
        }
        _ if root.get("encrypted_data").is_some() => {
            Err(root.at().error("expected a plan or state, found one that is encrypted").with_help(
                Some("let `tofu show -json` print it"),
            ))
        }
        _ => Err(root.at().error(
            "expected a plan or state of Terraform (`terraform show -json`, or a `.tfstate`), found another object",
        )),
    }
}

/// A plan may say that it is not all.
fn unfinished(root: Object<'_>, reader: &mut Reader<'_, '_>) -> Result<(), InputError> {
    let flag = |name| root.optional(name).map(At::bool).transpose();
    if flag("errored")? == Some(true) {
        reader.notes.push("the plan ended with an error: it does not hold all changes".into());
    }
    let deferred = root.optional("deferred_changes").map(At::list).transpose()?;
    if flag("complete")? == Some(false) || deferred.is_some_and(|it| it.len() > 0) {
        reader.notes.push("the plan is not complete: further changes follow after it".into());
    }
    Ok(())
}

fn without_account(it: &resource::Resource<'_>) -> InputError {
    let address = Quoted(&it.address);
    it.at
        .error(format!("expected the account of {address} in the document, found none, or several"))
        .with_help(Some("name it with --account"))
}

struct Importer<'a> {
    name: String,
    home: Home,
    configuration: &'a Configuration<'a>,
    assumed: &'a Assumed,
}

impl Importer<'_> {
    fn estate<'s>(
        &'s self,
        world: &'s World<'s>,
        earlier: &Attached,
    ) -> Result<(Estate, Attached), InputError> {
        let (configuration, assumed) = (self.configuration, self.assumed);
        let scene = Scene::new(world, configuration, assumed, &self.home, &self.name);
        self.check_account(&scene)?;
        let mut estate = Estate {
            name: self.name.clone(),
            account: self.home.account.map(|account| account.id),
            region: self.home.region.clone(),
            partition: self.home.account.map(|account| account.partition),
            ..Estate::default()
        };
        estate.keys = scene.keys(earlier)?;
        scene.principals(earlier, &mut estate)?;
        scene.vpc_endpoints(earlier, &mut estate)?;
        scene.organization(&mut estate)?;
        if estate.keys.is_empty() {
            scene.note("no KMS key is in the document".into());
        }
        self.check_names(&scene, &estate)?;
        let attached = scene.attached();
        scene.tell_alone();
        estate.notes = scene.notes.into_inner();
        Ok((estate, attached))
    }

    /// The account is needed as soon as there is a key or a principal that does not say its own.
    fn check_account(&self, scene: &Scene<'_>) -> Result<(), InputError> {
        let kinds = keys::KINDS.iter().chain(&["aws_iam_role", "aws_iam_user", "aws_iam_group"]);
        let kinds: Vec<&str> = kinds.copied().collect();
        let mut needing = scene.world.of_kinds(&kinds);
        let is_without = |it: &&resource::Resource<'_>| {
            self.home.account.is_none() && self.home.account(it).is_none()
        };
        needing.find(is_without).map_or(Ok(()), |it| Err(without_account(it)))
    }

    /// So it is for principals that are only named.
    fn check_names(&self, scene: &Scene<'_>, estate: &Estate) -> Result<(), InputError> {
        let is_short = |name: &String| !name.starts_with("arn:");
        if self.home.account.is_some() || !estate.principals.keys().any(is_short) {
            return Ok(());
        }
        let mut resources = scene.world.resources.iter();
        let named = resources.find(|it| it.kind.starts_with("aws_iam_"));
        named.map_or(Ok(()), |it| Err(without_account(it)))
    }
}
