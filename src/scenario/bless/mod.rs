//! Taking over what the policies decide now as what is expected; all else in the file stays.

mod answers;
mod edit;
mod lists;

use std::ops::Range;
use std::sync::Arc;

use self::answers::Answers;
use self::edit::{Edit, apply, insert, replace};
use super::{Scenario, Single, Sorted, Status};
use crate::document::{At, Document, Format, InputError, Object, Place, Source};
use crate::environment::Files;
use crate::text::{Quoted, yaml_scalar};

/// A scenario file with expectations filled in or brought up to date.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Blessing {
    /// The text of the file as it is to be.
    pub text: String,
    /// The cases whose expectation changes, in order.
    pub changes: Vec<Change>,
    /// How many cases were looked at: the others are not meant.
    pub cases: usize,
    /// The cases that cannot be asked, or have no expectation that fits all that they ask.
    pub refused: Vec<InputError>,
}

/// A case whose expectation changes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Change {
    /// The case.
    pub name: String,
    /// Where it stands.
    pub place: Place,
    /// Whether it had no expectation.
    pub is_new: bool,
    /// Each decision that is another than was expected, in a sentence.
    pub decisions: Vec<String>,
}

/// What stands for an expectation until there is one.
const PLACEHOLDER: &str = "undetermined";

impl Scenario {
    /// Fills in the expectations that are missing, and brings those up to date that do not hold,
    /// in cases of which `is_meant` holds for some action. None for a document without cases.
    ///
    /// # Errors
    ///
    /// As [`Scenario::read`], but for cases without an expectation; and if the text cannot be
    /// changed without changing more.
    pub fn bless(
        document: &Document,
        files: &dyn Files,
        is_meant: impl Fn(&Single<'_>) -> bool,
    ) -> Result<Option<Blessing>, InputError> {
        let held = filled(document)?;
        let scenario = match Scenario::read(&held, files) {
            Ok(Sorted::Scenario(scenario)) => scenario,
            Ok(_) => return Ok(None),
            Err(error) => return Err(relocated(error, &held, document)),
        };
        let source = document.source().clone();
        let mut run = Run {
            format: Format::of(&source.name),
            source,
            cases: 0,
            changes: Vec::new(),
            refused: Vec::new(),
            edits: Vec::new(),
        };
        for (case, held) in cases(document).into_iter().zip(cases(&held)) {
            let singles: Vec<Single<'_>> =
                scenario.singles().filter(|it| it.place().span == held.span()).collect();
            if is_empty(case) || singles.iter().any(&is_meant) {
                run.case(case, &singles);
            }
        }
        let text = apply(&run.source.text, std::mem::take(&mut run.edits));
        verify(document, &text, files, &run.changes)?;
        let Run { cases, changes, refused, .. } = run;
        Ok(Some(Blessing { text, changes, cases, refused }))
    }
}

/// Whether a case has no expectation.
fn is_empty(case: At<'_>) -> bool {
    case.as_object().is_some_and(|case| case.optional("expect").is_none())
}

/// The document with something in the place of each expectation that is missing, so that its
/// cases can be asked.
fn filled(document: &Document) -> Result<Document, InputError> {
    let source = document.source();
    let format = Format::of(&source.name);
    let value = text_of(PLACEHOLDER, format);
    let missing = cases(document).into_iter().filter(|case| is_empty(*case));
    let edits = missing
        .filter_map(|case| Some(put(case.as_object()?, "expect", &value, source, format)))
        .collect();
    Document::parse(Source::new(source.name.as_str(), apply(&source.text, edits)), format)
}

fn cases(document: &Document) -> Vec<At<'_>> {
    let cases = document.root().as_object().and_then(|root| root.optional("cases"));
    cases.and_then(At::as_list).into_iter().flatten().collect()
}

/// Sets a member, whether or not it is there.
fn put(object: Object<'_>, name: &str, value: &str, source: &Source, format: Format) -> Edit {
    match object.get(name) {
        Some(_) => replace(object, name, value, source, format),
        None => insert(object, name, value, source, format),
    }
}

fn text_of(text: &str, format: Format) -> String {
    match format {
        Format::Json => serde_json::Value::from(text).to_string(),
        Format::Yaml | Format::CloudFormation => yaml_scalar(text),
    }
}

/// The run over the cases of a file.
struct Run {
    source: Arc<Source>,
    format: Format,
    cases: usize,
    changes: Vec<Change>,
    refused: Vec<InputError>,
    edits: Vec<Edit>,
}

impl Run {
    fn case(&mut self, case: At<'_>, singles: &[Single<'_>]) {
        self.cases += 1;
        let place = case.place();
        let is_new = is_empty(case);
        let results: Vec<_> = singles.iter().map(Single::run).collect();
        if let Some(error) = results.iter().find_map(|result| result.error.as_ref()) {
            let error = InputError::new(error.message(), place).with_help(error.help());
            self.refused.push(error);
            return;
        }
        if results.iter().all(|result| result.status == Status::Passed) && !is_new {
            return;
        }
        let (Some(object), Some(first)) = (case.as_object(), singles.first()) else { return };
        let answers = Answers::new(singles, &results);
        match self.edits_of(object, &answers, is_new) {
            Ok(edits) => {
                self.edits.extend(edits);
                self.changes.push(Change {
                    name: first.name().to_owned(),
                    place,
                    is_new,
                    decisions: if is_new { Vec::new() } else { answers.changed_decisions() },
                });
            }
            Err(reason) => self.refused.push(InputError::new(
                format!("the expectation of {} cannot be written: {reason}", Quoted(first.name())),
                place,
            )),
        }
    }

    fn edits_of(
        &self,
        case: Object<'_>,
        answers: &Answers<'_>,
        is_new: bool,
    ) -> Result<Vec<Edit>, String> {
        let (source, format) = (&self.source, self.format);
        let whole = |answers: &Answers<'_>| {
            let value = answers.fresh(format)?;
            Ok(vec![put(case, "expect", &value, source, format)])
        };
        let map = case.get("expect").and_then(At::as_object).filter(|_| !is_new);
        let Some(map) = map else {
            if is_new {
                return whole(answers);
            }
            let decision = text_of(answers.decision()?, format);
            return Ok(vec![put(case, "expect", &decision, source, format)]);
        };
        if map.get("allowed").is_some() || map.get("denied").is_some() {
            return lists::edits(map, answers, source, format);
        }
        let mut edits = Vec::new();
        for (part, _) in map.members().filter(|(part, _)| answers.fail(part)) {
            match answers.part(part, format)? {
                Some(value) => edits.push(put(map, part, &value, source, format)),
                // What it names has no meaning with the new decision.
                None => return whole(answers),
            }
        }
        Ok(edits)
    }
}

/// An error of the text with placeholders, as one of the text without.
fn relocated(error: InputError, held: &Document, original: &Document) -> InputError {
    let place = error.place();
    if !Arc::ptr_eq(&place.source, held.source()) {
        return error;
    }
    let mut at = original.root();
    for step in place.pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        let next = match at.as_object() {
            Some(object) => object.get(&name),
            None => at.as_list().and_then(|mut items| items.nth(name.parse().ok()?)),
        };
        let Some(next) = next else { break };
        at = next;
    }
    InputError::new(error.message(), at.place()).with_help(error.help())
}

/// The text reads as before but for the expectations, and what was changed passes.
fn verify(
    document: &Document,
    text: &str,
    files: &dyn Files,
    changes: &[Change],
) -> Result<(), InputError> {
    let name = document.source().name.as_str();
    let place = || changes.first().map_or_else(|| document.root().place(), |it| it.place.clone());
    let refuse = || {
        let message = "expected expectations that can be changed on their own, found one that cannot, such as an alias";
        InputError::new(message, place()).with_help(Some("change it by hand"))
    };
    let new = Document::parse(Source::new(name, text), Format::of(name)).map_err(|_| refuse())?;
    let without = |document: &Document| {
        let mut value = document.to_json();
        let cases = value.get_mut("cases").and_then(serde_json::Value::as_array_mut);
        for case in cases.into_iter().flatten().filter_map(serde_json::Value::as_object_mut) {
            case.remove("expect");
        }
        value
    };
    let held = filled(&new).map_err(|_| refuse())?;
    let Sorted::Scenario(scenario) = Scenario::read(&held, files).map_err(|_| refuse())? else {
        return Err(refuse());
    };
    let among: Vec<bool> = cases(document)
        .iter()
        .map(|case| changes.iter().any(|change| change.place.span == case.span()))
        .collect();
    let of_changed: Vec<Range<usize>> = cases(&held)
        .iter()
        .zip(among)
        .filter(|(_, is_among)| *is_among)
        .map(|(case, _)| case.span())
        .collect();
    let is_changed = |single: &Single<'_>| of_changed.contains(&single.place().span);
    let passes = |single: Single<'_>| single.run().status == Status::Passed;
    if without(document) == without(&new) && scenario.singles().filter(is_changed).all(passes) {
        Ok(())
    } else {
        Err(refuse())
    }
}
