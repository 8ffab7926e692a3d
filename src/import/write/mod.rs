//! An estate as an environment file that a person would keep.

mod names;
mod yaml;

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::Value;

use self::names::Names;
use self::yaml::Notes;
use super::Estate;
use crate::document::{Document, Format, InputError, Place, Source};
use crate::text::Printable;

/// An environment file, and the files of the policies that it names.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Written {
    /// The text of the environment file.
    pub text: String,
    /// The policies by their file names, if they are in files of their own.
    pub policies: BTreeMap<String, String>,
}

/// Where the policies go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement<'a> {
    /// Into the environment file.
    Inline,
    /// Each once into a file of its own in this folder, whose path is relative to the
    /// environment file.
    Folder(&'a str),
}

/// Aliases in YAML may repeat this many bytes of policies in all; past it they would make a
/// small file into a huge environment, which is refused when it is read.
const MOST_REPEATED: usize = 1 << 20;

impl Estate {
    /// The estate as an environment file.
    ///
    /// # Errors
    ///
    /// If a policy is no JSON, or if so many have the same policies that they have to go into
    /// files of their own.
    pub fn write(&self, format: Format, placement: Placement<'_>) -> Result<Written, InputError> {
        match (placement, format) {
            (Placement::Folder(folder), _) => self.with_files(format, folder),
            (Placement::Inline, Format::Json) => {
                let text = format!("{:#}\n", self.to_document()?);
                Ok(Written { text, ..Written::default() })
            }
            (Placement::Inline, Format::Yaml | Format::CloudFormation) => self.inline(),
        }
    }

    fn with_files(&self, format: Format, folder: &str) -> Result<Written, InputError> {
        let kept = Kept::default();
        let value = self.to_value(&|source| {
            let name = kept.keep(source);
            format!("{folder}/{name}.json").into()
        });
        let kept = kept.done()?;
        let text = match format {
            Format::Json => format!("{value:#}\n"),
            Format::Yaml | Format::CloudFormation => {
                let notes = Notes { comments: self.comments(), ..Notes::default() };
                self.heading() + &yaml::write(&value, &notes)
            }
        };
        let files = kept.into_iter().map(|it| (format!("{}.json", it.name), it.text() + "\n"));
        Ok(Written { text, policies: files.collect() })
    }

    /// What several have stands where the first of them has it, and the others refer to it.
    fn inline(&self) -> Result<Written, InputError> {
        let kept = Kept::default();
        let stand_in = |name: &str| format!("\u{0}{name}");
        let value = self.to_value(&|source| stand_in(&kept.keep(source)).into());
        let kept = kept.done()?;
        let repeated: usize =
            kept.iter().map(|it| it.source.text.len() * (it.uses.saturating_sub(1))).sum();
        if repeated > MOST_REPEATED {
            let place = Place::start(Source::new(&*self.name, ""));
            let message = "expected to write the policies into files of their own: the same ones are attached very often";
            let help = "name a folder for them: `--policies policies`";
            return Err(InputError::new(message, place).with_help(Some(help)));
        }
        let shared = kept.into_iter().map(|it| {
            let anchor = (it.uses > 1).then(|| it.name.clone());
            (stand_in(&it.name), (it.value, anchor))
        });
        let notes = Notes { comments: self.comments(), shared: shared.collect() };
        let text = self.heading() + &yaml::write(&value, &notes);
        Ok(Written { text, ..Written::default() })
    }

    /// Where it comes from, and what is not known.
    fn heading(&self) -> String {
        let mut text = format!("# Imported from {}.\n", Printable(&self.name));
        for note in &self.notes {
            let _ = writeln!(text, "# {}", Printable(note));
        }
        text
    }

    /// Where each principal and key comes from, by the pointer to it.
    fn comments(&self) -> BTreeMap<String, String> {
        let principals = self.principals.iter().map(|(name, it)| ("principals", name, &it.from));
        let keys = self.keys.iter().map(|(name, it)| ("keys", name, &it.from));
        let comment = |(field, name, from): (&str, &String, &Option<String>)| {
            let name = name.replace('~', "~0").replace('/', "~1");
            Some((format!("/{field}/{name}"), from.clone()?))
        };
        principals.chain(keys).filter_map(comment).collect()
    }
}

/// A policy of an estate.
struct Policy {
    source: Arc<Source>,
    value: Value,
    name: String,
    /// How often it is attached.
    uses: usize,
}

impl Policy {
    fn text(&self) -> String {
        format!("{:#}", self.value)
    }
}

/// The policies that were met, each once.
#[derive(Default)]
struct Kept {
    policies: RefCell<Vec<Policy>>,
    indices: RefCell<HashMap<*const Source, usize>>,
    names: RefCell<Names>,
    wrong: RefCell<Option<InputError>>,
}

impl Kept {
    /// The name of a policy, which it gets when it is met first.
    fn keep(&self, source: &Arc<Source>) -> String {
        let mut policies = self.policies.borrow_mut();
        let mut indices = self.indices.borrow_mut();
        if let Some(known) = indices.get(&Arc::as_ptr(source)).and_then(|it| policies.get_mut(*it))
        {
            known.uses += 1;
            return known.name.clone();
        }
        let value = match Document::parse(source.clone(), Format::Json) {
            Ok(document) => document.root().to_json(),
            Err(error) => {
                self.wrong.borrow_mut().get_or_insert(error);
                Value::Null
            }
        };
        let name = self.names.borrow_mut().of(source);
        // Another with the same name has the same text.
        if let Some(known) = policies.iter_mut().find(|it| it.name == name) {
            known.uses += 1;
            return name;
        }
        indices.insert(Arc::as_ptr(source), policies.len());
        policies.push(Policy { source: source.clone(), value, name: name.clone(), uses: 1 });
        name
    }

    fn done(self) -> Result<Vec<Policy>, InputError> {
        self.wrong.into_inner().map_or(Ok(self.policies.into_inner()), Err)
    }
}
