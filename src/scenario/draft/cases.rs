use std::fmt::Write as _;

use super::Person;
use crate::environment::{Attached, Environment, Moment, Question};
use crate::evaluate::Decision;
use crate::kms::{Action, Asked, Service};
use crate::report::{Detail, Reply, ask};
use crate::text::{Printable, yaml_scalar};

/// What a key is used for.
const USE: &[&str] = &[
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:DescribeKey",
];

/// What passes its use on.
const GRANTS: &[&str] = &["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"];

/// What changes the key, or who may do so.
const ADMINISTRATION: &[&str] =
    &["kms:PutKeyPolicy", "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:TagResource"];

/// A time for policies that read the date.
const AT: &str = "2026-01-01T00:00:00Z";

/// How the key is asked for.
#[derive(Clone, Copy, Debug, Default)]
struct Way {
    /// The service in between.
    via: Option<&'static str>,
    at: Option<&'static str>,
}

/// What a principal can do with the key.
struct Row<'p> {
    person: &'p Person,
    way: Way,
    allowed: Vec<&'static str>,
    denied: Vec<&'static str>,
    depends_on: Vec<String>,
}

/// The cases of everybody, in groups.
pub(super) fn cases(environment: &Environment, people: &[Person]) -> String {
    let services = services(environment);
    let mut rows: Vec<(Group, Row<'_>)> = Vec::new();
    for person in people {
        let plain = Row::of(environment, person, None, &ALL);
        let through =
            services.iter().map(|it| Row::of(environment, person, Some(it), &[USE, GRANTS]));
        let gains = |row: &Row<'_>| row.allowed.iter().any(|name| !plain.allowed.contains(name));
        let through: Vec<Row<'_>> = through.filter(gains).collect();
        let group = plain.group(!through.is_empty());
        rows.push((group, plain));
        rows.extend(through.into_iter().map(|row| (group, row)));
    }
    let mut text = String::new();
    for (group, title) in GROUPS {
        let mut rows = rows.iter().filter(|(of, _)| *of == group).peekable();
        if rows.peek().is_none() {
            continue;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{gap}  # {title}");
        text.extend(rows.map(|(_, row)| row.write()));
    }
    text
}

/// The services through which a condition of some policy lets the key be used.
fn services(environment: &Environment) -> Vec<&'static str> {
    let keys = environment.keys().iter().filter_map(|key| key.policy.known());
    let principals = environment.principals().flat_map(|(_, it)| &it.identity_policies);
    let policies = keys.chain(principals.filter_map(Attached::known));
    let texts: Vec<String> =
        policies.filter_map(|it| it.to_json().ok()).map(|it| it.to_string()).collect();
    let is_named = |service: &&Service| {
        let value = format!("\"{}.", service.prefix);
        texts.iter().any(|text| text.contains("ViaService") && text.contains(&value))
    };
    Service::all().iter().filter(is_named).map(|service| service.prefix).collect()
}

const ALL: [&[&str]; 3] = [USE, GRANTS, ADMINISTRATION];

const GROUPS: [(Group, &str); 4] = [
    (Group::Administrators, "Administrators: they can change the key, and who may do so."),
    (Group::Users, "Users of the key."),
    (Group::Others, "Named by a policy, or with one of their own, and allowed none of this."),
    (Group::Strangers, "Nobody else."),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Group {
    Administrators,
    Users,
    Others,
    Strangers,
}

impl<'p> Row<'p> {
    fn of(
        environment: &Environment,
        person: &'p Person,
        via: Option<&'static str>,
        actions: &[&[&'static str]],
    ) -> Self {
        let ask = |at| Self::asked(environment, person, Way { via, at }, actions);
        match ask(None) {
            (_, true) => ask(Some(AT)).0,
            (row, false) => row,
        }
    }

    /// What is allowed, and whether a policy reads the date.
    fn asked(
        environment: &Environment,
        person: &'p Person,
        way: Way,
        actions: &[&[&'static str]],
    ) -> (Self, bool) {
        let mut row =
            Self { person, allowed: Vec::new(), denied: Vec::new(), depends_on: Vec::new(), way };
        let mut reads_date = false;
        for name in actions.iter().copied().flatten().copied() {
            let Some(reply) = reply(environment, person, name, &way) else { continue };
            reads_date |= reply.reads_date;
            match reply.decision {
                Decision::Allowed => row.allowed.push(name),
                Decision::ExplicitDeny | Decision::ImplicitDeny => row.denied.push(name),
                // All policies are known.
                Decision::Undetermined => {}
            }
            row.depends_on.extend(reply.answer.depends_on);
        }
        row.depends_on.sort_unstable();
        row.depends_on.dedup();
        (row, reads_date)
    }

    fn allows_any(&self, names: &[&str]) -> bool {
        self.allowed.iter().any(|name| names.contains(name))
    }

    fn group(&self, is_user: bool) -> Group {
        if self.person.is_stranger {
            Group::Strangers
        } else if self.allows_any(ADMINISTRATION) {
            Group::Administrators
        } else if is_user || !self.allowed.is_empty() {
            Group::Users
        } else {
            Group::Others
        }
    }

    fn name(&self) -> String {
        let who = &self.person.spelling;
        if let Some(service) = self.way.via {
            return format!("{who} uses the key through {service}");
        }
        let is_use = |name: &&str| USE.contains(name) && *name != "kms:DescribeKey";
        let is_user = self.allowed.iter().any(is_use);
        let what = match (self.allows_any(ADMINISTRATION), is_user) {
            (true, true) => "administers the key and uses it",
            (true, false) => "administers the key and does not use it",
            (false, true) => "uses the key and does not administer it",
            (false, false) if self.allowed.is_empty() && self.depends_on.is_empty() => {
                "can do nothing with the key"
            }
            (false, false) if self.allowed.is_empty() => {
                "can do nothing with the key without more context"
            }
            (false, false) => "neither uses the key nor administers it",
        };
        format!("{who} {what}")
    }

    fn write(&self) -> String {
        let mut text = String::new();
        if self.person.is_stranger && !self.allowed.is_empty() {
            text.push_str("  # Allowed, though no policy names it: is that meant?\n");
        }
        let _ = writeln!(text, "  - name: {}", yaml_scalar(&self.name()));
        if !self.depends_on.is_empty() {
            let keys = self.depends_on.iter().map(|key| Printable(key).to_string());
            let keys = keys.collect::<Vec<_>>().join(", ");
            let _ = writeln!(text, "    # As asked here; it may be otherwise with {keys}.");
        }
        let _ = writeln!(text, "    principal: {}", yaml_scalar(&self.person.spelling));
        if let Some(service) = self.way.via {
            let _ = writeln!(text, "    via: {service}");
        }
        if let Some(at) = self.way.at {
            let _ = writeln!(text, "    at: {at} # a policy reads the date");
        }
        text.push_str("    expect:\n");
        for (decision, names) in [("allowed", &self.allowed), ("denied", &self.denied)] {
            if !names.is_empty() {
                text.push_str(&wrapped(decision, names));
            }
        }
        text
    }
}

/// A list of actions over as many lines as it takes.
fn wrapped(decision: &str, names: &[&str]) -> String {
    let mut lines = vec![format!("      {decision}: [")];
    let last = names.len().saturating_sub(1);
    for (index, name) in names.iter().enumerate() {
        let word = format!("{name}{}", if index == last { "]" } else { "," });
        match lines.last_mut() {
            Some(line) if line.len() + word.len() < 99 => {
                if !line.ends_with('[') {
                    line.push(' ');
                }
                line.push_str(&word);
            }
            _ => lines.push(format!("        {word}")),
        }
    }
    lines.join("\n") + "\n"
}

fn reply(environment: &Environment, person: &Person, name: &str, way: &Way) -> Option<Reply> {
    let action = Action::parse(name).ok()?;
    let mut question = Question::new(person.spelling.clone(), action);
    question.session.mfa = Some(false);
    question.via = way.via.map(str::to_owned);
    question.at = way.at.map_or(Moment::Unsaid, |at| Moment::Given(at.to_owned()));
    ask(environment, Asked::Permission(action), &question, Detail::Reasons).ok()
}
