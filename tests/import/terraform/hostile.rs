//! Documents that nobody should write.

use serde_json::{Value, json};

use super::*;

const PLAN: &str = include_str!("app.plan.json");

/// The pointers of all values.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    let step = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointers(item, &step(&index.to_string()), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                pointers(member, &step(name), found);
            }
        }
        _ => {}
    }
}

#[test]
fn nothing_in_a_plan_that_is_replaced_makes_it_panic() {
    let plan: Value = serde_json::from_str(PLAN).unwrap();
    let mut found = Vec::new();
    pointers(&plan, "", &mut found);
    let others =
        [json!(null), json!(7), json!(true), json!("x"), json!([]), json!({}), json!([null, {}])];
    let mut refused = 0;
    for (pointer, other) in found.iter().zip(others.iter().cycle()) {
        let mut changed = plan.clone();
        *changed.pointer_mut(pointer).unwrap() = other.clone();
        match read(&changed, &assuming(&[])) {
            Err(error) => {
                refused += 1;
                assert!(!error.message().is_empty());
            }
            // What it makes of the rest may be refused, too.
            Ok(imported) => drop(imported.after.load()),
        }
    }
    assert!(found.len() > 150 && refused > 100, "{} values, {refused} refused", found.len());
}

#[test]
fn references_that_go_in_circles_or_grow_come_to_an_end() {
    let name = "module.m.".repeat(40) + "aws_kms_key.app";
    let mut document = plan(&[key_with(&name, refers(&["var.x"]))]);
    // The key's own configuration is at the innermost call.
    let mut inner = &mut document["configuration"]["root_module"];
    for _ in 0..40 {
        inner["module_calls"]["m"]["expressions"] =
            json!({"x": {"references": ["var.x", "var.x"]}});
        inner = &mut inner["module_calls"]["m"]["module"];
    }
    assert!(after(&document).keys[&name].policy.is_some());
    let mut document =
        plan(&[key_with("aws_kms_key.app", json!({"references": ["module.a.x", "module.a"]}))]);
    let output = json!({"expression": {"references": ["module.b.x", "module.b"]}});
    document["configuration"]["root_module"]["module_calls"] =
        json!({"a": {"module": {"outputs": {"x": output}}}, "b": {"module": {}}});
    assert!(after(&document).keys["aws_kms_key.app"].policy.is_some());
}

#[test]
fn text_of_a_plan_is_printed_without_what_a_terminal_acts_on() {
    let mut document = plan(&[key_with("aws_kms_key.app", refers(&["local.\u{1b}[2Jx"]))]);
    document["resource_changes"][0]["address"] = json!("aws_kms_key.app\u{1b}[2J");
    let estate = after(&document);
    let key = estate.keys.values().next().unwrap();
    assert!(key.policy.is_none() || !reason(key.policy.as_ref()).contains('\u{1b}'));
}
