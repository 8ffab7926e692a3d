use super::{Files, ReadError, fields};
use crate::document::{At, Document, Format, InputError, Object};
use crate::policy::Policy;
use crate::text::Quoted;

/// More files than this that extend each other are not meant.
const MAX_LAYERS: usize = 16;

/// A file and those that it extends, itself first. What a nearer one says stands.
#[derive(Clone, Debug)]
pub(super) struct Layers<'a>(Vec<Object<'a>>);

/// The files that a file extends, directly and through others, the nearest first.
pub(super) fn bases(root: Object<'_>, files: &dyn Files) -> Result<Vec<Document>, InputError> {
    let mut bases: Vec<Document> = Vec::new();
    let mut names = vec![root.at().source().name.clone()];
    loop {
        let nearest = bases.last().map(|document| document.root().object()).transpose()?;
        let Some(at) = nearest.unwrap_or(root).optional("extends") else {
            return Ok(bases);
        };
        let base = base(at, files)?;
        let name = &base.source().name;
        if names.contains(name) || names.len() >= MAX_LAYERS {
            return Err(at.error(format!(
                "expected a file that does not extend itself, found {}, by way of {}",
                Quoted(name),
                names.iter().map(|name| Quoted(name).to_string()).collect::<Vec<_>>().join(", ")
            )));
        }
        names.push(name.clone());
        bases.push(base);
    }
}

fn base(at: At<'_>, files: &dyn Files) -> Result<Document, InputError> {
    let path = at.string()?;
    let source = files.read(at.source(), path).map_err(|error| match error {
        ReadError::Unreadable(reason) => at.error(format!(
            "expected the path of an environment file, found {}: {reason}",
            Quoted(path)
        )),
        ReadError::Input(error) => error,
    })?;
    let document = Document::parse(source, Format::of(path))?;
    if Policy::is_in(&document) {
        return Err(at.error(format!(
            "expected the path of an environment file, found {}, which is a policy",
            Quoted(path)
        )));
    }
    Ok(document)
}

impl<'a> Layers<'a> {
    /// A file on the files that it extends, all of whose fields are known.
    pub(super) fn new(root: Object<'a>, bases: &'a [Document]) -> Result<Self, InputError> {
        let bases = bases.iter().map(|document| {
            let at = document.root();
            at.object().map_err(|_| at.expected("an environment, which is an object"))
        });
        let mut layers = vec![root];
        for base in bases {
            layers.push(base?);
        }
        for layer in &layers {
            layer.only(fields::FILE)?;
            for field in ["$schema", "title", "source"] {
                layer.optional(field).map(At::string).transpose()?;
            }
        }
        Ok(Self(layers))
    }

    /// Several objects of the same sort, the nearest first.
    pub(super) fn of(objects: Vec<Object<'a>>) -> Self {
        Self(objects)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Object<'a>> {
        self.0.iter().copied()
    }

    /// The file itself.
    pub(super) fn nearest(&self) -> Option<Object<'a>> {
        self.0.first().copied()
    }

    /// What the nearest layer that has the field says.
    pub(super) fn optional(&self, field: &str) -> Option<At<'a>> {
        self.iter().find_map(|layer| layer.optional(field))
    }

    /// The objects in a field, of all layers that have it.
    pub(super) fn objects(&self, field: &str) -> Result<Vec<Object<'a>>, InputError> {
        self.iter().filter_map(|layer| layer.optional(field)).map(At::object).collect()
    }

    /// The members of the objects in a field, each name once: the nearest layer's. With the
    /// object that they are in, for errors.
    pub(super) fn members(
        &self,
        field: &str,
    ) -> Result<Vec<(Object<'a>, &'a str, At<'a>)>, InputError> {
        let objects = self.objects(field)?;
        let mut members: Vec<(Object<'a>, &'a str, At<'a>)> = Vec::new();
        for (index, object) in objects.iter().enumerate() {
            let nearer = objects.get(..index).unwrap_or_default();
            let is_new = |name: &str| nearer.iter().all(|nearer| nearer.get(name).is_none());
            let new = object.members().filter(|(name, _)| is_new(name));
            members.extend(new.map(|(name, at)| (*object, name, at)));
        }
        Ok(members)
    }
}
