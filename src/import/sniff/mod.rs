//! What a text is: which document of which tool, and what it is wrapped in.

mod bare;
mod shapes;

use std::sync::Arc;

use self::bare::Bare;
pub use self::shapes::{Family, Kind};
use self::shapes::{SHAPES, Shape};
use crate::document::{At, Document, Format, InputError, Object, Origin, Place, Source};
use crate::text::{Quoted, did_you_mean};

/// A document that is recognised.
#[derive(Clone, Debug)]
pub struct Found {
    /// What it is.
    pub kind: Kind,
    document: Arc<Document>,
    /// The way to it, if it is only a part of the text.
    path: Vec<String>,
    is_among: bool,
}

impl Found {
    /// The same as one of many that lie in a folder: if nothing says what it is about, the others
    /// are read without it.
    #[must_use]
    pub fn among_others(self) -> Self {
        Self { is_among: true, ..self }
    }

    /// Whether it is one of many in a folder.
    #[must_use]
    pub fn is_among(&self) -> bool {
        self.is_among
    }

    /// The whole document that it is, or is a part of.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The document, if it is all of it.
    #[must_use]
    pub fn whole(&self) -> Option<&Arc<Document>> {
        self.path.is_empty().then_some(&self.document)
    }

    /// The error that it is not what was expected, and what to do with it.
    #[must_use]
    pub fn unexpected(&self, help: &str) -> InputError {
        let message = format!("expected something else, found {}", self.kind.described());
        self.at().error(message).with_help(Some(help))
    }

    /// The text.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        self.document.source()
    }

    /// Where it begins.
    #[must_use]
    pub fn place(&self) -> Place {
        self.at().place()
    }

    pub(crate) fn at(&self) -> At<'_> {
        let root = self.document.root();
        self.path.iter().fold(root, |at, step| at.child(step).unwrap_or(at))
    }
}

/// The most that is wrapped into each other.
const LAYERS: usize = 4;

/// The documents in a text: one as a rule, several in pages or where commands printed one after
/// the other.
///
/// # Errors
///
/// If the text is neither JSON nor YAML, or something in it is none of the documents that are
/// known, with what it is likely to be.
pub fn sniff(source: &Arc<Source>) -> Result<Vec<Found>, InputError> {
    unwrapped(source, LAYERS)
}

fn unwrapped(source: &Arc<Source>, layers: usize) -> Result<Vec<Found>, InputError> {
    let mut found = Vec::new();
    for document in parsed(source)? {
        let document = Arc::new(document);
        sort(&document, Vec::new(), layers, &mut found)?;
    }
    if found.is_empty() {
        let place = Place::start(source.clone());
        return Err(InputError::new("expected a document, found none", place));
    }
    Ok(found)
}

/// JSON or YAML by what the text looks like, and by the name where that does not tell.
fn parsed(source: &Arc<Source>) -> Result<Vec<Document>, InputError> {
    let text = source.text.trim_start();
    if let Some(decoded) = url_decoded(text) {
        let name = format!("{} (decoded)", source.name);
        let origin = Origin::String(Place::start(source.clone()));
        return Document::parse_all(&Source::made(name, decoded?, origin));
    }
    if text.starts_with('{') && text.trim_end().ends_with("}\tdefault") {
        // What `aws kms get-key-policy --output text` prints: the policy, and its name.
        let policy = source.text.trim_end().trim_end_matches("default");
        return Document::parse_all(&Source::new(&*source.name, policy));
    }
    match written_as(source) {
        Format::Json => Document::parse_all(source),
        format => Document::parse(source.clone(), format).map(|document| vec![document]),
    }
}

/// How a text is written, by what it looks like, and by its name where that does not tell.
#[must_use]
pub fn written_as(source: &Source) -> Format {
    let text = source.text.trim_start();
    let extension = source.name.rsplit_once('.').map(|(_, extension)| extension);
    let is_named = |name: &str| extension.is_some_and(|it| it.eq_ignore_ascii_case(name));
    let is_yaml = Format::of(&source.name) == Format::Yaml;
    if is_named("json") || (!is_yaml && text.starts_with(['{', '[', '"'])) {
        return Format::Json;
    }
    // Functions stand as tags in the YAML of templates, and in no other.
    let is_template = source.text.lines().any(|line| line.starts_with("Resources:"));
    if is_template { Format::CloudFormation } else { Format::Yaml }
}

/// The text of a URL-encoded document, if it is one.
fn url_decoded(text: &str) -> Option<Result<String, InputError>> {
    let start = text.get(..3)?;
    ["%7B", "%7b", "%5B", "%5b"].contains(&start).then(|| {
        percent_decoded(text.trim_end()).ok_or_else(|| {
            let place = Place::start(Source::new("text", text));
            InputError::new("expected URL-encoded UTF-8, found a broken escape", place)
        })
    })
}

/// A text with its `%xx` taken for bytes; none if that is no text.
///
/// Source: [RFC 3986](https://www.rfc-editor.org/rfc/rfc3986#section-2.1)
pub(crate) fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
        match byte {
            b'%' => bytes.push(hex(rest.next()?)? << 4 | hex(rest.next()?)?),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// Takes off what is around a document, and says what it is.
fn sort(
    document: &Arc<Document>,
    path: Vec<String>,
    layers: usize,
    found: &mut Vec<Found>,
) -> Result<(), InputError> {
    let here =
        Found { kind: Kind::OtherResponse, document: document.clone(), path, is_among: false };
    let at = here.at();
    let Some(layers) = layers.checked_sub(1) else {
        return Err(at.error("expected a document, found one wrapped into too many others"));
    };
    let deeper = |step: String| [here.path.clone(), vec![step]].concat();
    // A list of texts, or of numbers, is what a query leaves.
    let is_part = !here.path.is_empty();
    let help = is_part.then_some("of what a command of AWS prints leave out `--query`");
    if let Some(text) = at.as_str() {
        let inner = inner(at, text).map_err(|error| error.with_help(help))?;
        found.extend(unwrapped(&inner, layers)?);
        return Ok(());
    }
    if let Some(Bare { kind, member, is_whole }) = bare::of(at) {
        let document = Arc::new(Document::enclosed(at, member, is_whole));
        found.push(Found { kind, document, path: Vec::new(), ..here });
        return Ok(());
    }
    if let Some(pages) = at.as_list() {
        if pages.len() == 0 {
            return Err(at.expected("a document"));
        }
        let mut steps = 0..pages.len();
        return steps
            .try_for_each(|index| sort(document, deeper(index.to_string()), layers, found));
    }
    let object = at
        .as_object()
        .ok_or_else(|| at.expected("a document, which is an object").with_help(help))?;
    if let Some(body) = object.get("TemplateBody") {
        // What `aws cloudformation get-template` prints; a template is read as a document.
        let text = body.as_str().map_or_else(|| format!("{:#}", body.to_json()), str::to_owned);
        let name = format!("{}#/TemplateBody", document.source().name);
        let source = Source::made(name, text, Origin::String(body.place()));
        found.extend(unwrapped(&source, layers)?);
        return Ok(());
    }
    // Recordings of calls have the answer in `data`.
    if object.get("status_code").is_some() && object.get("data").is_some() {
        return sort(document, deeper("data".to_owned()), layers, found);
    }
    let kind = kind(object)?;
    found.push(Found { kind, ..here });
    Ok(())
}

/// The text of a document inside a string, if it may be one.
fn inner(at: At<'_>, text: &str) -> Result<Arc<Source>, InputError> {
    if text.trim_start().starts_with(['{', '[', '"', '%']) {
        let place = at.place();
        let within =
            if place.pointer.is_empty() { String::new() } else { format!("#{}", place.pointer) };
        let name = format!("{}{within}", place.source.name);
        return Ok(Source::made(name, text, Origin::String(place)));
    }
    Err(at.expected("a document"))
}

fn kind(object: Object<'_>) -> Result<Kind, InputError> {
    let shape = SHAPES.iter().find(|shape| shape.matches(object));
    shape.map(|shape| shape.kind).ok_or_else(|| unknown(object))
}

/// What it has of a shape, and what it lacks.
fn unknown(object: Object<'_>) -> InputError {
    let error =
        object.at().error(format!("expected a document that is known, found {}", listed(object)));
    if let Some(hint) = bare::hint(object) {
        return error.with_help(Some(hint));
    }
    let has = |shape: &&Shape| {
        let held = shape.signs.iter().filter(|sign| !sign.names().is_empty());
        held.filter(|sign| sign.names().iter().any(|name| object.get(name).is_some())).count()
    };
    let nearest = SHAPES.iter().rev().filter(|shape| has(shape) > 0).max_by_key(has);
    let known = SHAPES.iter().flat_map(|shape| shape.signs).flat_map(|sign| sign.names());
    let known: Vec<&str> = known.collect();
    let mut names = object.members().map(|(name, _)| name);
    let Some(shape) = nearest else {
        return error.with_help(names.find_map(|name| {
            Some(format!("of {}: {}", Quoted(name), did_you_mean(name, known.iter().copied())?))
        }));
    };
    let lacking = shape.signs.iter().find(|sign| !sign.holds(object));
    let lacking = lacking.map(|sign| sign.words()).unwrap_or_default();
    error.with_help(Some(format!("the nearest is {}, which has {lacking}", shape.what)))
}

/// The first members, in words.
fn listed(object: Object<'_>) -> String {
    let mut names: Vec<String> =
        object.members().take(4).map(|(name, _)| Quoted(name).to_string()).collect();
    if names.is_empty() {
        return "an empty object".into();
    }
    if object.len() > names.len() {
        names.push("…".into());
    }
    format!("an object with {}", names.join(", "))
}

#[cfg(test)]
mod tests;
