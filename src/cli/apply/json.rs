//! Edits of JSON that leave the rest of the text as it is.

use jsonc_parser::ParseOptions;
use jsonc_parser::cst::{CstInputValue, CstNode, CstRootNode};
use serde_json::Value;

use super::expected;

/// The text after a patch of what stands at a pointer; none if it would not say the same as
/// the patch.
pub(super) fn patched(text: &str, pointer: &str, patch: &[Value]) -> Option<String> {
    let root = CstRootNode::parse(text, &ParseOptions::default()).ok()?;
    for operation in patch {
        let place = format!("{pointer}{}", operation.get("path")?.as_str()?);
        make(&root, operation, &place)?;
    }
    let new = root.to_string();
    let expected = expected(serde_json::from_str(text).ok()?, pointer, patch)?;
    let found: Value = serde_json::from_str(&new).ok()?;
    (found == expected).then_some(new)
}

fn make(root: &CstRootNode, operation: &Value, path: &str) -> Option<()> {
    let (parent, last) = path.rsplit_once('/')?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = at(root, parent)?;
    let value = || operation.get("value").map(input);
    match (operation.get("op")?.as_str()?, parent.as_object(), parent.as_array()) {
        ("add", Some(object), _) => {
            object.append(&last, value()?);
        }
        ("add", _, Some(array)) if last == "-" => {
            array.append(value()?);
        }
        ("replace", Some(object), _) => object.get(&last)?.set_value(value()?),
        ("remove", _, Some(array)) => {
            array.elements().into_iter().nth(last.parse().ok()?)?.remove();
        }
        _ => return None,
    }
    Some(())
}

fn at(root: &CstRootNode, pointer: &str) -> Option<CstNode> {
    let mut node = root.value()?;
    for step in pointer.split('/').skip(1) {
        let step = step.replace("~1", "/").replace("~0", "~");
        node = match (node.as_object(), node.as_array()) {
            (Some(object), _) => object.get(&step)?.value()?,
            (None, Some(array)) => array.elements().into_iter().nth(step.parse().ok()?)?,
            (None, None) => return None,
        };
    }
    Some(node)
}

fn input(value: &Value) -> CstInputValue {
    match value {
        Value::Null => CstInputValue::Null,
        Value::Bool(it) => CstInputValue::Bool(*it),
        Value::Number(it) => CstInputValue::Number(it.to_string()),
        Value::String(it) => CstInputValue::String(it.clone()),
        Value::Array(items) => CstInputValue::Array(items.iter().map(input).collect()),
        Value::Object(members) => CstInputValue::Object(
            members.iter().map(|(name, value)| (name.clone(), input(value))).collect(),
        ),
    }
}
