//! Changes of access for people: those of several principals on one line where they are the same.

use std::cmp::Ordering;
use std::fmt::Write as _;

use kms_sim::analysis::{Access, AccessChange, Reason};
use kms_sim::kms::Action;
use kms_sim::text::Printable;

use super::Report;
use crate::cli::text::{BOLD, RED, RESET, YELLOW};

/// Names that a line lists.
const ACTIONS: usize = 8;
const PRINCIPALS: usize = 4;

/// The same change for several principals.
#[derive(Debug)]
pub(super) struct Group<'r> {
    first: &'r AccessChange,
    principals: Vec<&'r str>,
}

/// Changes that differ in who it is alone, together.
pub(super) fn grouped(changes: &[AccessChange]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for change in changes {
        let is_same = |group: &&mut Group<'_>| {
            let first = group.first;
            let own = (&first.key, first.provided, first.before, first.after);
            let others = (&change.key, change.provided, change.before, change.after);
            own == others
                && (&first.actions, &first.cause, &first.unknown)
                    == (&change.actions, &change.cause, &change.unknown)
        };
        match groups.iter_mut().find(is_same) {
            Some(group) => group.principals.push(&change.principal),
            None => groups.push(Group { first: change, principals: vec![&change.principal] }),
        }
    }
    groups
}

/// The changes, as a person reads them.
pub(super) fn told(report: &Report) -> String {
    if !report.is_compared {
        return String::new();
    }
    let groups = grouped(&report.changes);
    if groups.is_empty() {
        return format!("\n{BOLD}nobody gains or loses anything{RESET}\n");
    }
    let mut text = format!("\n{BOLD}what changes: {}{RESET}\n", counts(&groups));
    let keys = || groups.iter().map(|it| &it.first.key).filter(|key| *key != "*");
    let is_of_many = keys().zip(keys().skip(1)).any(|(a, b)| a != b);
    for group in &groups {
        let color = match group.mark() {
            "+" => RED,
            // Who loses access may be down; it is no better news than a gain.
            "-" | "?" => YELLOW,
            _ => RESET,
        };
        let sentence = group.sentence(is_of_many);
        let _ = write!(text, "\n{color}{}{RESET} {sentence}\n", group.mark());
        let _ = writeln!(text, "  {}", group.cause());
    }
    text
}

/// How many gain, lose, and are under other conditions.
fn counts(groups: &[Group<'_>]) -> String {
    let of = |sign: &str, one: &str, many: &str| {
        let number = groups.iter().filter(|it| it.mark() == sign).count();
        (number > 0).then(|| format!("{number} {}", if number == 1 { one } else { many }))
    };
    let counts = [
        of("+", "gain", "gains"),
        of("-", "loss", "losses"),
        of("~", "other condition", "other conditions"),
        of("?", "not known", "not known"),
    ];
    counts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

impl Group<'_> {
    pub(super) fn mark(&self) -> &'static str {
        if !self.first.is_known() {
            return "?";
        }
        match self.first.after.cmp(&self.first.before) {
            Ordering::Greater => "+",
            Ordering::Less => "-",
            Ordering::Equal => "~",
        }
    }

    /// What people call the key.
    pub(super) fn key(&self) -> String {
        let first = self.first;
        match first.key_name.as_str() {
            "" => "none".to_owned(),
            "*" => "any key".to_owned(),
            name => Printable(name).to_string(),
        }
    }

    pub(super) fn principals(&self) -> String {
        let (shown, rest) =
            self.principals.split_at_checked(PRINCIPALS).unwrap_or((&self.principals, &[]));
        let shown = Printable(&shown.join(", ")).to_string();
        if rest.is_empty() { shown } else { format!("{shown} and {} more", rest.len()) }
    }

    fn sentence(&self, names_key: bool) -> String {
        // An identity policy names its keys itself.
        let is_named = names_key
            || self.first.key == self.first.key_name && self.first.key.starts_with("arn:");
        let has_key = !self.first.key_name.is_empty();
        let is_any = self.first.key_name == "*";
        let is_named = has_key && (is_named || is_any);
        let key = if is_named { format!(" with {}", self.key()) } else { String::new() };
        let (principals, actions) = (self.principals(), actions(&self.first.actions));
        match self.unsure() {
            Some((verb, rest)) => {
                format!("whether {BOLD}{principals}{RESET} {verb} {actions}{key} {rest}")
            }
            None => format!("{BOLD}{principals}{RESET} {} {actions}{key}", self.verb()),
        }
    }

    /// What is not known, and what of it is.
    fn unsure(&self) -> Option<(&'static str, &'static str)> {
        match (self.first.before, self.first.after) {
            (Access::NotKnown, Access::Denied) => {
                Some(("could call", "before is not known; now it cannot"))
            }
            (Access::NotKnown, _) => Some(("could call", "before is not known; now it can")),
            (Access::Denied, Access::NotKnown) => Some(("can now call", "is not known")),
            (_, Access::NotKnown) => Some(("can still call", "is not known")),
            _ => None,
        }
    }

    /// What the principals can do now, or can no more.
    pub(super) fn verb(&self) -> String {
        if let Some((verb, rest)) = self.unsure() {
            return format!("{verb} ({rest})");
        }
        let can = match (self.first.before, self.first.after) {
            (Access::Allowed, Access::Allowed) | (Access::Depends, Access::Depends) => {
                "can under other conditions"
            }
            (Access::Allowed, Access::Depends) => "can only under conditions",
            (_, Access::Depends) => "can now, under conditions,",
            (_, Access::Denied) => "can no longer",
            (_, _) => "can now",
        };
        match self.first.provided {
            Some(provided) => format!("{}, {provided}, call", can.trim_end_matches(',')),
            None => format!("{can} call"),
        }
    }

    pub(super) fn actions(&self) -> String {
        actions(&self.first.actions)
    }

    pub(super) fn cause(&self) -> String {
        let cause = &self.first.cause;
        let side = cause.side.replace('-', " ");
        let named = cause.statements.join(", ");
        let named =
            if named.is_empty() { String::new() } else { format!(", by {}", Printable(&named)) };
        let unknown = self.first.unknown.join("; ");
        let unknown = Printable(&unknown);
        let sentence = match cause.reason {
            Reason::NowAllows => format!("the {side} allows it now{named}"),
            Reason::NoLongerAllows => format!("the {side} allows it no longer{named}"),
            Reason::NowDenies => format!("the {side} denies it now{named}"),
            Reason::NoLongerDenies => format!("the {side} denies it no longer{named}"),
            Reason::OtherConditions => format!("the {side} has other conditions{named}"),
            Reason::NotKnown => return format!("the {side} is not known: {unknown}"),
            _ => format!("the {side} is another one{named}"),
        };
        if self.first.unknown.is_empty() {
            return sentence;
        }
        format!("{sentence}\n  as far as is known: {unknown}")
    }
}

/// The actions: all of them by a pattern, else the first few, and how many more there are.
fn actions(names: &[&str]) -> String {
    // A key policy has no say on RetireGrant.
    let is_of_key = |it: &&Action| it.needs_key() && it.short_name() != "RetireGrant";
    let all: Vec<&str> = Action::all().iter().filter(is_of_key).map(|it| it.name).collect();
    let lacking: Vec<&str> = all.iter().filter(|it| !names.contains(it)).copied().collect();
    let across = Action::all().iter().filter(is_of_key).filter(|it| it.across_accounts);
    let is_across = across.clone().all(|it| names.contains(&it.name));
    let number = across.count();
    let mut keyless = Action::all().iter().filter(|it| !it.needs_key());
    if keyless.clone().count() == names.len() && keyless.all(|it| names.contains(&it.name)) {
        return "every action of KMS that has no key".to_owned();
    }
    match (lacking.len(), names.len()) {
        (0, _) => "kms:*".to_owned(),
        (1..=4, _) => format!("all of kms:* but {}", lacking.join(", ")),
        (_, len) if is_across && (number..=number + 1).contains(&len) => {
            "all of kms:* that can be called across accounts".to_owned()
        }
        (_, len) if len > ACTIONS + 1 => {
            let shown = names.get(..ACTIONS).unwrap_or(names);
            format!("{} and {} more", shown.join(", "), len - shown.len())
        }
        _ => names.join(", "),
    }
}
