//! Errors and warnings as a person reads them: with the line of the source that they are about.

use annotate_snippets::{
    Annotation, AnnotationKind, Group, Level, Message, Origin, Renderer, Snippet, Title,
};
use kms_sim::document::{InputError, Place};
use kms_sim::text::{Printable, Quoted};

use super::{CliError, Streams};

pub(crate) fn print(error: &CliError, streams: &mut Streams) {
    match error {
        CliError::Input(error) => streams.note(&excerpt(error)),
        CliError::Usage { message, help } => {
            streams.note(&format!("\u{1b}[1;31merror\u{1b}[0m: {}", Printable(message)));
            if let Some(help) = help {
                streams.note(&format!("  \u{1b}[1mhelp\u{1b}[0m: {}", Printable(help)));
            }
        }
        CliError::Closed => {}
    }
}

/// The error with an excerpt of its source.
pub(crate) fn excerpt(error: &InputError) -> String {
    let title = Level::ERROR.primary_title(Printable(error.message()).to_string());
    let mut notes = Vec::new();
    let place = error.place().shown();
    if !place.pointer.is_empty() {
        notes.push(Level::NOTE.message(format!("at {}", Quoted(&place.pointer))));
    }
    if let Some(help) = error.help() {
        notes.push(Level::HELP.message(Printable(help).to_string()));
    }
    told(title, &place, notes)
}

/// A title with an excerpt of the source that it is about, and what there is to say besides.
/// Lines that a terminal could act on, or that are very long, are left out; the place is named
/// in any case.
pub(crate) fn told<'a>(title: Title<'a>, place: &Place, notes: Vec<Message<'a>>) -> String {
    let place = place.shown();
    let name = Printable(&place.source.name).to_string();
    let (line, column) = place.source.line_and_column(place.span.start);
    let is_fit =
        |text: &str| text.len() <= 400 && Printable(&text.replace('\t', " ")).is_verbatim();
    let text = place.source.text.lines().nth(line - 1).unwrap_or_default();
    let start = text.char_indices().nth(column - 1).map_or(text.len(), |(offset, _)| offset);
    let left = text.len().saturating_sub(start).max(1);
    // Of a line that is cut, what is underlined has to fit into the cut.
    let most = if text.len() > CUT { UNDERLINED.min(left) } else { left };
    let length = place.span.len().clamp(1, most);
    let mut group = Group::with_title(title);
    if is_fit(text) && !text.is_empty() {
        let end = (start + length).min(text.len());
        let end = (end..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(text.len());
        let snippet = Snippet::source(text)
            .line_start(line)
            .path(name.clone())
            .annotation(AnnotationKind::Primary.span(start..end.max(start)));
        group = group.element(snippet);
    } else {
        group = group.element(Origin::path(name.clone()).line(line).char_column(column));
    }
    for note in notes {
        group = group.element(note);
    }
    Renderer::styled().render(&[group])
}

/// Lines may be cut that are longer.
const CUT: usize = 100;
/// The most that is underlined of such a line.
const UNDERLINED: usize = 60;

/// Longer statements are cut.
const LINES: usize = 12;

/// What stands at a place, line by line under a title; none if a terminal could act on it or a
/// line is very long.
pub(crate) fn quotation(title: &str, place: &Place) -> Option<String> {
    let place = place.shown();
    let (line, _) = place.source.line_and_column(place.span.start);
    let (last, _) = place.source.line_and_column(place.span.end.saturating_sub(1));
    let count = (last + 1).saturating_sub(line).clamp(1, LINES);
    let lines: Vec<&str> = place.source.text.lines().skip(line - 1).take(count).collect();
    let is_fit =
        |text: &&str| text.len() <= 400 && Printable(&text.replace('\t', " ")).is_verbatim();
    if !lines.iter().all(is_fit) {
        return None;
    }
    let text = lines.join("\n");
    let snippet = Snippet::<'_, Annotation<'_>>::source(text)
        .line_start(line)
        .path(Printable(&place.source.name).to_string())
        .fold(false);
    let group = Group::with_title(Level::NOTE.primary_title(title)).element(snippet);
    Some(Renderer::styled().render(&[group]))
}
