use std::ops::Range;

use crate::document::{At, Format, Object, Source};

/// Text in place of some bytes.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) span: Range<usize>,
    pub(super) text: String,
}

/// The text after the edits, none of which overlap.
pub(super) fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start);
    let mut new = String::with_capacity(text.len());
    let mut done = 0;
    for Edit { span, text: inserted } in edits {
        new.push_str(text.get(done..span.start).unwrap_or_default());
        new.push_str(&inserted);
        done = span.end.max(done);
    }
    new.push_str(text.get(done..).unwrap_or_default());
    new
}

/// Another value for a member, on one line.
pub(super) fn replace(
    object: Object<'_>,
    name: &str,
    value: &str,
    source: &Source,
    format: Format,
) -> Edit {
    let span = object.get(name).map_or(0..0, At::span);
    let begins = source.text.get(span.clone()).unwrap_or_default();
    let is_collection =
        object.get(name).is_some_and(|at| at.as_object().is_some() || at.as_list().is_some());
    let is_block = is_collection && !begins.starts_with(['{', '[']);
    let is_absent = format == Format::Yaml && (begins.is_empty() || is_null(object, name));
    let name_end = object.name_spans().find(|(known, _)| *known == name).map(|(_, it)| it.end);
    match name_end {
        Some(start) if is_block || is_absent => Edit {
            span: start..object.get(name).map_or(start, |at| end(at, source)).max(start),
            text: format!(": {value}"),
        },
        _ => Edit { span, text: value.to_owned() },
    }
    .past_colon(source)
}

fn is_null(object: Object<'_>, name: &str) -> bool {
    object.get(name).is_some_and(At::is_null)
}

impl Edit {
    /// Of a name without a value, the colon is replaced, too.
    fn past_colon(self, source: &Source) -> Self {
        let rest = source.text.get(self.span.end..).unwrap_or_default();
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        if self.text.starts_with(": ") && rest.trim_start_matches(' ').starts_with(':') {
            let end = self.span.end + blank + 1;
            return Self { span: self.span.start..end, ..self };
        }
        self
    }
}

/// One more member, after the last.
pub(super) fn insert(
    object: Object<'_>,
    name: &str,
    value: &str,
    source: &Source,
    format: Format,
) -> Edit {
    let text = &source.text;
    let span = object.at().span();
    let name = match format {
        Format::Json => serde_json::Value::from(name).to_string(),
        Format::Yaml | Format::CloudFormation => name.to_owned(),
    };
    let is_flow = text.get(span.clone()).is_some_and(|it| it.starts_with('{'));
    let Some((_, last)) = object.members().last() else {
        let start = span.start + 1;
        return Edit { span: start..start, text: format!("{name}: {value}") };
    };
    let end = end(last, source);
    let indent = object.name_spans().next().map_or(0, |(_, name)| column(text, name.start));
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line = format!("{newline}{}{name}: {value}", " ".repeat(indent));
    let is_spread = text.get(end..span.end).is_some_and(|rest| rest.contains('\n'));
    let (at, text) = match (is_flow, is_spread) {
        (true, true) => (end, format!(",{line}")),
        (true, false) => (end, format!(", {name}: {value}")),
        (false, _) => {
            let rest = text.get(end..).unwrap_or_default();
            let last = rest.lines().next().unwrap_or_default();
            (end + last.len(), line)
        }
    };
    Edit { span: at..at, text }
}

/// Where a value ends, without the comments after it that a block reaches over.
fn end(at: At<'_>, source: &Source) -> usize {
    let span = at.span();
    let is_flow =
        source.text.get(span.clone()).is_some_and(|text| text.starts_with(['{', '[', '"', '\'']));
    let last = match at.as_object() {
        _ if is_flow => None,
        Some(object) => object.members().last().map(|(_, at)| at),
        None => at.as_list().and_then(Iterator::last),
    };
    last.map_or_else(|| trimmed_end(&source.text, span.end), |last| end(last, source))
}

/// Where the text before an offset ends, without white space.
fn trimmed_end(text: &str, offset: usize) -> usize {
    text.get(..offset).unwrap_or_default().trim_end().len()
}

/// How many characters stand before an offset on its line.
fn column(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rsplit('\n').next().unwrap_or_default().chars().count()
}
