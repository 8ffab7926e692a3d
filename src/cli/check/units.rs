//! What is looked at together: a file, what the AWS CLI printed of an account, or the templates
//! of an app of CDK.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::document::{Format, InputError, Source};
use kms_sim::import::{Family, Found, Kind, sniff, written_as};
use kms_sim::lint::Sorted;
use rayon::prelude::*;

use super::files::{self, File};
use crate::cli::input;

/// Files whose findings come of one environment.
#[derive(Debug)]
pub(super) enum Unit {
    /// One that has everything that there is to it.
    Alone(Opened),
    /// Those of an account or app, which are in this folder.
    Together { folder: PathBuf, files: Vec<Opened> },
}

/// A file that was read, and what it is.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) source: Arc<Source>,
    pub(super) sorted: Result<Sorted, InputError>,
    /// What importers know in it.
    pub(super) found: Vec<Found>,
}

impl Unit {
    /// The file, or the folder of several.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::Alone(opened) => &opened.file.path,
            Self::Together { folder, .. } => folder,
        }
    }

    /// The files of it.
    pub(super) fn opened(&self) -> &[Opened] {
        match self {
            Self::Alone(opened) => std::slice::from_ref(opened),
            Self::Together { files, .. } => files,
        }
    }

    /// Whether a text is that of a file of it.
    pub(super) fn has(&self, text: &Source) -> bool {
        self.opened().iter().any(|it| it.source.name == text.name)
    }
}

/// What paths stand for. What cannot be read is an error, and the rest is looked at.
pub(super) fn find(paths: &[String], errors: &mut Vec<InputError>) -> Vec<Unit> {
    let files = files::find(paths, errors);
    let opened: Vec<Result<Opened, InputError>> = files.into_par_iter().map(Opened::read).collect();
    let mut all = Vec::new();
    for opened in opened {
        match opened {
            Ok(opened) => all.push(opened),
            Err(error) => errors.push(error),
        }
    }
    grouped(all)
}

impl Opened {
    fn read(file: File) -> Result<Self, InputError> {
        let source = input::file_or_standard(&file.path)?;
        let mut sorted = Sorted::read(source.clone());
        let is_importers = match &sorted {
            Ok(Sorted::Policy { is_certain, .. }) => *is_certain,
            Ok(Sorted::Environment(_) | Sorted::Foreign) => false,
            // What is no plain JSON or YAML may be several documents, or a template with tags.
            Ok(Sorted::Other(_)) | Err(_) => true,
        };
        let found = match is_importers.then(|| sniff(&source)) {
            Some(Ok(found)) => found,
            Some(Err(error)) => {
                // The tags of a template are none of the errors in it.
                if sorted.is_err() && written_as(&source) == Format::CloudFormation {
                    sorted = Err(error);
                }
                Vec::new()
            }
            None => Vec::new(),
        };
        Ok(Self { file, source, sorted, found })
    }

    /// Of which world it is a part, if it may be one; what is named is looked at by itself.
    fn family(&self) -> Option<Family> {
        let family = self.found.first()?.kind.family();
        let is_part = matches!(family, Family::Aws | Family::CloudFormation);
        (is_part && !self.file.is_named).then_some(family)
    }

    /// The folder that holds the rest of what it is a part of, if it says that there is one.
    fn root(&self) -> Option<&Path> {
        let folder = self.file.path.parent()?;
        self.found.iter().find_map(|found| match found.kind {
            // The collector of `import aws` has a folder for each service.
            Kind::AuthorizationDetails if folder.ends_with("iam") => folder.parent(),
            Kind::AuthorizationDetails
            | Kind::CallerIdentity
            | Kind::CdkManifest
            | Kind::KeyMetadata
            | Kind::Keys => Some(folder),
            _ => None,
        })
    }
}

/// What belongs together: below the topmost folder that has a part that tells of others, since
/// an account has a folder for each of its keys.
fn grouped(all: Vec<Opened>) -> Vec<Unit> {
    let root = |it: &Opened| Some((it.family()?, it.root()?.to_owned()));
    let roots: BTreeSet<(Family, PathBuf)> = all.iter().filter_map(root).collect();
    let mut together: BTreeMap<(Family, PathBuf), Vec<Opened>> = BTreeMap::new();
    let mut units = Vec::new();
    for opened in all {
        let root = opened.family().and_then(|family| {
            let above = opened.file.path.ancestors().skip(1);
            above.map(|it| (family, it.to_owned())).filter(|it| roots.contains(it)).last()
        });
        match root {
            Some(root) => together.entry(root).or_default().push(opened),
            None => units.push(Unit::Alone(opened)),
        }
    }
    units.extend(together.into_iter().flat_map(|((_, folder), files)| {
        if files.len() > 1 {
            vec![Unit::Together { folder, files }]
        } else {
            files.into_iter().map(Unit::Alone).collect()
        }
    }));
    units.sort_by(|a, b| a.path().cmp(b.path()));
    units
}
