use super::answers::Answers;
use super::edit::Edit;
use super::{put, text_of};
use crate::document::{At, Format, Object, Source};
use crate::evaluate::Decision;
use crate::scenario::case::actions;

/// One of the two lists of an expectation, as it is and as it is to be.
struct List<'a> {
    name: &'static str,
    at: Option<At<'a>>,
    /// The entries as texts of the format.
    entries: Vec<String>,
    is_changed: bool,
}

/// Moves what is decided otherwise from one list to the other. An entry that holds stays as it
/// is; of a pattern that does not hold any more, the actions of which it still does.
pub(super) fn edits(
    map: Object<'_>,
    answers: &Answers<'_>,
    source: &Source,
    format: Format,
) -> Result<Vec<Edit>, String> {
    let mut lists = ["allowed", "denied"].map(|name| List {
        name,
        at: map.get(name),
        entries: Vec::new(),
        is_changed: false,
    });
    let mut moved: Vec<(&str, String)> = Vec::new();
    for list in &mut lists {
        let entries = list.at.map(At::one_or_many).unwrap_or_default();
        for entry in entries {
            let (kept, others) = sort(entry, list.name, answers)?;
            if others.is_empty() {
                list.entries.push(source.text.get(entry.span()).unwrap_or_default().to_owned());
                continue;
            }
            list.is_changed = true;
            list.entries.extend(kept.iter().map(|name| text_of(name, format)));
            let other = if list.name == "allowed" { "denied" } else { "allowed" };
            moved.extend(others.into_iter().map(|name| (other, text_of(&name, format))));
        }
    }
    for list in &mut lists {
        for (_, name) in moved.iter().filter(|(to, _)| *to == list.name) {
            list.is_changed = true;
            if !list.entries.contains(name) {
                list.entries.push(name.clone());
            }
        }
    }
    let changed = lists.iter().filter(|list| list.is_changed);
    let value = |list: &List<'_>| format!("[{}]", list.entries.join(", "));
    Ok(changed.map(|list| put(map, list.name, &value(list), source, format)).collect())
}

/// The actions of an entry that are decided as the list says, and the others.
fn sort(
    entry: At<'_>,
    list: &str,
    answers: &Answers<'_>,
) -> Result<(Vec<String>, Vec<String>), String> {
    let (mut kept, mut others) = (Vec::new(), Vec::new());
    for asked in actions(entry).map_err(|error| error.message().to_owned())? {
        let name = asked.name();
        let belongs = match answers.of_action(&name)? {
            Decision::Allowed => "allowed",
            Decision::ExplicitDeny | Decision::ImplicitDeny => "denied",
            Decision::Undetermined => return Err(format!("{name} is undetermined")),
        };
        if belongs == list { kept.push(name) } else { others.push(name) }
    }
    Ok((kept, others))
}
