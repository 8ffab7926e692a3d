//! Patterns, against definitions that are too slow but plain.

use kms_sim::arn::Partition;
use kms_sim::environment::{Attached, Environment, Key, Question};
use kms_sim::evaluate::{Decision, decide};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, Entry};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::cases;
use super::generate::OWN;

/// `*` is nothing, or any character and `*` again; `?` is any character.
fn fits(pattern: &str, text: &str) -> bool {
    let (mut p, mut t) = (pattern.chars(), text.chars());
    match (p.next(), t.next()) {
        (None, first) => first.is_none(),
        (Some('*'), None) => fits(p.as_str(), text),
        (Some('*'), Some(_)) => fits(p.as_str(), text) || fits(pattern, t.as_str()),
        (Some('?'), Some(_)) => fits(p.as_str(), t.as_str()),
        (Some(p_first), Some(t_first)) => p_first == t_first && fits(p.as_str(), t.as_str()),
        (Some(_), None) => false,
    }
}

/// As [`fits`], but a wildcard takes no colon, except that a `*` before a colon or at the end
/// may. For texts that have no colon after their fifth.
fn covers(pattern: &str, text: &str) -> bool {
    let (mut p, mut t) = (pattern.chars(), text.chars());
    match (p.next(), t.next()) {
        (None, first) => first.is_none(),
        (Some('*'), None) => covers(p.as_str(), text),
        (Some('*'), Some(t_first)) => {
            let may_go_on = p.as_str().is_empty() || p.as_str().starts_with(':');
            covers(p.as_str(), text)
                || ((t_first != ':' || may_go_on) && covers(pattern, t.as_str()))
        }
        (Some('?'), Some(t_first)) => t_first != ':' && covers(p.as_str(), t.as_str()),
        (Some(p_first), Some(t_first)) => p_first == t_first && covers(p.as_str(), t.as_str()),
        (Some(_), None) => false,
    }
}

/// Six parts, the last with all further colons, each of which fits.
fn is_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), arn.splitn(6, ':').collect());
    patterns.len() == 6
        && parts.len() == 6
        && patterns.iter().zip(&parts).all(|(pattern, part)| fits(pattern, part))
}

/// A change that makes a text a pattern which it may still fit.
#[derive(Clone, Debug)]
enum Edit {
    Insert(char),
    Remove(usize),
    Replace(usize, char),
}

fn edits() -> impl Strategy<Value = Vec<(Index, Edit)>> {
    let character = || select(&['*', '*', '?', ':', 'a', '/'][..]);
    let edit = prop_oneof![
        character().prop_map(Edit::Insert),
        (0_usize..3).prop_map(Edit::Remove),
        (1_usize..12, character()).prop_map(|(length, c)| Edit::Replace(length, c)),
    ];
    vec((any::<Index>(), edit), 0..=5)
}

fn edited(text: &str, edits: &[(Index, Edit)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (at, edit) in edits {
        let at = at.index(characters.len() + 1);
        let longest = characters.len();
        let end = |length: &usize| (at + length).min(longest);
        match edit {
            Edit::Insert(c) => characters.insert(at, *c),
            Edit::Remove(length) => drop(characters.drain(at..end(length))),
            Edit::Replace(length, c) => drop(characters.splice(at..end(length), [*c])),
        }
    }
    characters.into_iter().collect()
}

fn text() -> impl Strategy<Value = String> {
    "[abAé:*]{0,6}"
}

/// Whether a key policy with one statement, for everyone and with this element, allows a call
/// with the key of a Region and id.
fn allows(element: (&str, Value), key: (&str, &str), context: Vec<(String, Entry)>) -> bool {
    let (name, value) = element;
    let mut statement =
        json!({"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"});
    let members = statement.as_object_mut().unwrap();
    members.remove(name.strip_prefix("Not").unwrap_or(name));
    members.insert(name.to_owned(), value);
    let text = json!({"Version": "2012-10-17", "Statement": statement}).to_string();
    let policy = Policy::from_json("key.json", &text, Kind::Key).unwrap();
    let account = Account { partition: Partition::Aws, id: OWN.parse().unwrap() };
    let mut environment = Environment::new(Some(account), key.0);
    let policy = Attached::Policy(policy.into());
    environment.add_key(Key::new(account, key.0, key.1, policy).unwrap()).unwrap();
    let mut question = Question::new(
        "arn:aws:iam::111122223333:user/deploy",
        Action::parse("kms:Decrypt").unwrap(),
    );
    question.context = context;
    decide(&environment.request(&question).unwrap()).decision == Decision::Allowed
}

fn condition_holds(operator: &str, value: &str, text: &str) -> bool {
    let condition = json!({operator: {"example:text": value}});
    let given = vec![("example:text".to_owned(), Entry::value(text))];
    allows(("Condition", condition), ("eu", "id"), given)
}

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn string_like_is_its_plain_definition(text in text(), edits in edits()) {
        let pattern = edited(&text, &edits);
        prop_assert_eq!(
            condition_holds("StringLike", &pattern, &text), fits(&pattern, &text), "{}", pattern
        );
    }

    #[test]
    fn string_not_like_is_the_opposite(text in text(), edits in edits()) {
        let pattern = edited(&text, &edits);
        prop_assert_ne!(
            condition_holds("StringLike", &pattern, &text),
            condition_holds("StringNotLike", &pattern, &text)
        );
    }

    #[test]
    fn string_equals_has_no_wildcards(text in text(), edits in edits()) {
        let value = edited(&text, &edits);
        prop_assert_eq!(condition_holds("StringEquals", &value, &text), value == text);
        prop_assert_eq!(
            condition_holds("StringEqualsIgnoreCase", &value, &text),
            value.eq_ignore_ascii_case(&text)
        );
    }

    #[test]
    fn arn_like_is_matched_in_six_parts(
        arn in "([ab]{0,2}:){4,6}[ab:]{0,4}", edits in edits(),
    ) {
        let pattern = edited(&arn, &edits);
        for operator in ["ArnLike", "ArnEquals"] {
            prop_assert_eq!(
                condition_holds(operator, &pattern, &arn), is_like(&pattern, &arn), "{}", pattern
            );
        }
    }

    #[test]
    fn a_resource_pattern_is_its_plain_definition(
        region in "[ab-]{1,3}", id in "[ab-]{1,3}", edits in edits(),
    ) {
        let arn = format!("arn:aws:kms:{region}:{OWN}:key/{id}");
        let pattern = edited(&arn, &edits);
        let expected = pattern == "*" || covers(&pattern, &arn);
        for (element, expected) in [("Resource", expected), ("NotResource", !expected)] {
            let allowed = allows((element, json!(pattern)), (&region, &id), Vec::new());
            prop_assert_eq!(allowed, expected, "{} {}", element, pattern);
        }
    }

    #[test]
    fn an_action_pattern_is_its_plain_definition(
        action in any::<Index>(), edits in edits(), lower in any::<bool>(),
    ) {
        let name = action.get(Action::all()).name;
        let pattern = edited(name.strip_prefix("kms:").unwrap(), &edits).replace(':', "");
        let pattern = if lower { pattern.to_ascii_lowercase() } else { pattern };
        let pattern = format!("kms:{pattern}");
        let fitting: Vec<&str> = Action::all()
            .iter()
            .map(|action| action.name)
            .filter(|name| fits(&pattern.to_ascii_lowercase(), &name.to_ascii_lowercase()))
            .collect();
        let matching: Vec<&str> =
            Action::matching(&pattern).into_iter().map(|action| action.name).collect();
        prop_assert_eq!(&matching, &fitting, "{}", pattern);
        let allowed = allows(("Action", json!(pattern)), ("eu", "id"), Vec::new());
        prop_assert_eq!(allowed, fitting.contains(&"kms:Decrypt"), "{}", pattern);
    }
}
