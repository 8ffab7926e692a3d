//! Fixes as changes of the text of a file.

use kms_sim::lint::Fix;
use serde_json::{Value, json};

use super::{Located, paths};
use crate::cli::apply;

/// The fix in the file itself; none where a function of a template or a string stands between.
pub(super) fn changes(located: &Located, fix: &Fix) -> Option<Value> {
    let pointer = located.finding.place.pointer_in_file()?;
    let whole = policy_of(&pointer)?;
    let source = &located.place.source;
    let is_made = located.policy().is_some();
    // What a test asks for is what stands there.
    let is_test = |it: &&Value| it.get("op").and_then(Value::as_str) == Some("test");
    let patch: Vec<Value> = fix.patch.iter().filter(|it| !is_test(it)).cloned().collect();
    // What else a template says may not be what the policy says.
    if is_made && !patch.iter().all(|it| is_removal_at(it, &pointer, whole)) {
        return None;
    }
    let new = apply::patched(&source.name, &source.text, whole, &patch)?;
    let (start, end, inserted) = difference(&source.text, &new)?;
    let (start_line, start_column) = source.line_and_column(start);
    let (end_line, end_column) = source.line_and_column(end);
    Some(json!([{
        "description": {"text": fix.title},
        "artifactChanges": [{
            "artifactLocation": {"uri": paths::uri(located.file())},
            "replacements": [{
                "deletedRegion": {
                    "startLine": start_line, "startColumn": start_column,
                    "endLine": end_line, "endColumn": end_column,
                },
                "insertedContent": {"text": inserted},
            }],
        }],
    }]))
}

/// The pointer to the policy that a pointer leads into.
fn policy_of(pointer: &str) -> Option<&str> {
    pointer.match_indices("/Statement").map(|(end, _)| pointer.get(..end)).last().flatten()
}

/// Whether an operation removes what the finding is about, and nothing else.
fn is_removal_at(operation: &Value, pointer: &str, whole: &str) -> bool {
    let text = |name: &str| operation.get(name).and_then(Value::as_str);
    text("op") == Some("remove") && text("path") == pointer.strip_prefix(whole)
}

/// Where a text begins and ends to differ, and what stands there in the other.
fn difference<'n>(old: &str, new: &'n str) -> Option<(usize, usize, &'n str)> {
    let same = |(a, b): &(char, char)| a == b;
    let length = |pairs: &mut dyn Iterator<Item = (char, char)>| -> usize {
        pairs.take_while(same).map(|(c, _)| c.len_utf8()).sum()
    };
    let start = length(&mut old.chars().zip(new.chars()));
    let (old_rest, new_rest) = (old.get(start..)?, new.get(start..)?);
    let end = length(&mut old_rest.chars().rev().zip(new_rest.chars().rev()));
    Some((start, old.len() - end, new.get(start..new.len() - end)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_difference_is_as_short_as_can_be() {
        for (old, new, expected) in [
            ("abc", "axc", (1, 2, "x")),
            ("aa", "aaa", (2, 2, "a")),
            ("[é, ü, é]", "[é, é]", (5, 9, "")),
            ("same", "same", (4, 4, "")),
        ] {
            assert_eq!(difference(old, new), Some(expected));
        }
    }
}
