//! Where in a file a policy stands whose text is not a part of the file as it is: one in a JSON
//! string, or one that an importer put together.

use std::sync::Arc;

use kms_sim::document::{Document, Format, Place, Source};

/// The string, or the name of the resource, in the file; none if it is not found.
///
/// `name` is that of the policy's text: `FILE#POINTER`, or ``FILE: … of `RESOURCE` ``.
pub(super) fn of(file: &Arc<Source>, name: &str) -> Option<Place> {
    let rest = name.strip_prefix(file.name.as_str())?;
    if let Some(pointer) = rest.strip_prefix('#') {
        let document = Document::parse(file.clone(), Format::of(&file.name)).ok()?;
        return Some(document.place_at(pointer));
    }
    let resource = rest.strip_prefix(": ")?.split('`').nth(1).filter(|it| !it.is_empty())?;
    let found = file.text.match_indices(resource).map(|(start, _)| start);
    let start = found.into_iter().find(|start| is_declared(&file.text, *start, resource.len()))?;
    let span = start..start + resource.len();
    Some(Place { source: file.clone(), span, pointer: String::new() })
}

/// Whether a name is that of a member, as in a template, or an address, as in a plan; and not a
/// reference.
fn is_declared(text: &str, start: usize, length: usize) -> bool {
    let (Some(before), Some(after)) = (text.get(..start), text.get(start + length..)) else {
        return false;
    };
    let quoted = before.strip_suffix('"').zip(after.strip_prefix('"'));
    let (before, after) = quoted.unwrap_or((before, after));
    let is_alone = quoted.is_some() || before.ends_with(char::is_whitespace);
    let is_member = is_alone && after.trim_start_matches([' ', '\t']).starts_with(':');
    let is_address = before
        .trim_end()
        .strip_suffix(':')
        .is_some_and(|it| quoted.is_some() && it.trim_end().ends_with("\"address\""));
    is_member || is_address
}
