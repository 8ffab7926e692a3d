//! Answers as a person reads them: the verdict first, then why, then where.

use std::fmt::Write as _;

use kms_sim::report::evidence::{both_values, failed_element, near_misses, values};
pub(crate) use kms_sim::report::evidence::{evidence, statement_line};
use kms_sim::report::{Answer, TraceRow};
use kms_sim::text::{Printable, shell_word};

pub(crate) const BOLD: &str = "\u{1b}[1m";
pub(crate) const GREEN: &str = "\u{1b}[1;32m";
pub(crate) const RED: &str = "\u{1b}[1;31m";
pub(crate) const YELLOW: &str = "\u{1b}[1;33m";
pub(crate) const DIM: &str = "\u{1b}[2m";
pub(crate) const RESET: &str = "\u{1b}[0m";

/// The verdict on one line.
pub(crate) fn verdict(answer: &Answer) -> String {
    let word = word(answer.decision);
    let color = match answer.allowed {
        Some(true) => GREEN,
        Some(false) => RED,
        None => YELLOW,
    };
    let sides = sides(answer.decision, &answer.denied_by, answer.allowed_by);
    let fails = failure(answer)
        .map(|error| format!("{YELLOW}, but the call fails: {error}{RESET}"))
        .unwrap_or_default();
    format!("{color}{word}{RESET}  {BOLD}{}{RESET}{sides}{fails}\n", answer.request.action)
}

/// The name of the error by which the key's state or usage fails an authorized call.
fn failure(answer: &Answer) -> Option<String> {
    let error = answer.key_state.as_ref().filter(|_| answer.allowed == Some(true))?;
    let name = error.error.as_deref()?.split(':').next()?;
    let or = error.or.map(|or| format!(" or {or}")).unwrap_or_default();
    Some(format!("{}{or}", Printable(name)))
}

/// The verdict in a word.
pub(crate) fn word(decision: &str) -> &'static str {
    match decision {
        "allowed" => "ALLOWED",
        "undetermined" => "UNDETERMINED",
        "not-applicable" => "NOT APPLICABLE",
        _ => "DENIED",
    }
}

/// The sides that decide, in parentheses.
pub(crate) fn sides(decision: &str, denied_by: &[&str], allowed_by: Option<&str>) -> String {
    match (decision, allowed_by) {
        ("allowed", Some(side)) => format!(" (by {side})"),
        ("explicitDeny", _) => format!(" (explicit deny: {})", denied_by.join(", ")),
        ("implicitDeny", _) => format!(" (implicit deny: {})", denied_by.join(", ")),
        _ => String::new(),
    }
}

/// Each permission of a call that needs several, on a line.
fn permissions(answer: &Answer) -> String {
    let is_on_one = answer.permissions.iter().all(|it| it.resource == answer.request.resource);
    let mut text = String::new();
    for permission in &answer.permissions {
        let (color, word) = match permission.decision {
            "allowed" => (GREEN, "allowed"),
            "undetermined" => (YELLOW, "undetermined"),
            _ => (RED, "denied"),
        };
        let sides = sides(permission.decision, &permission.denied_by, permission.allowed_by);
        let by = if permission.principal == answer.request.principal {
            String::new()
        } else {
            format!(" by {}", Printable(&permission.principal))
        };
        let on = if is_on_one {
            String::new()
        } else {
            format!(" on {}", Printable(&permission.resource))
        };
        let _ = writeln!(text, "  {color}{word}{RESET}  {}{by}{on}{sides}", permission.action);
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

/// What the state or usage of the key does to the call, which no policy tells.
fn key_state(answer: &Answer) -> String {
    let Some(key) = &answer.key_state else { return String::new() };
    let (state, usage) = (&key.state, &key.usage);
    let Some(error) = &key.error else {
        return format!("  key state  {state}; the call works in this state\n");
    };
    let or = key.or.map(|or| format!(" (or {or})")).unwrap_or_default();
    let error = Printable(error);
    match answer.allowed {
        Some(false) => {
            format!("  key state  {state} ({usage}); an authorized caller would get {error}{or}\n")
        }
        _ => format!(
            "  {YELLOW}key state{RESET}  {state} ({usage}); authorized, but the call fails: {error}{or}\n"
        ),
    }
}

/// How the command line sets context keys: an option for each, as far as they fit on a line.
fn options_of(keys: &[String]) -> String {
    let mut options: Vec<String> = Vec::new();
    for key in keys {
        let option = match key.to_ascii_lowercase().as_str() {
            "kms:viaservice" | "kms:grantisforawsresource" | "aws:viaawsservice" => {
                "--via SERVICE".to_owned()
            }
            "aws:currenttime" | "aws:epochtime" => "--at TIME".to_owned(),
            "kms:encryptioncontextkeys" => "--encryption-context NAME=VALUE".to_owned(),
            _ => match key.split_once("EncryptionContext:") {
                Some((_, name)) => format!("--encryption-context {}", worded(name)),
                None => format!("--context {}", worded(key)),
            },
        };
        if !options.contains(&option) {
            options.push(option);
        }
    }
    let more = if options.len() > OPTIONS { ", and so on" } else { "" };
    options.truncate(OPTIONS);
    options.join(", ") + more
}

/// A name with a value to be filled in, as one word of a command.
fn worded(name: &str) -> String {
    Printable(&shell_word(&format!("{name}=VALUE"))).to_string()
}

/// As many options as are shown.
const OPTIONS: usize = 3;

/// The whole answer, with the fixes that were found.
pub(crate) fn answer(answer: &Answer, fixes: &str) -> String {
    let mut text = verdict(answer);
    let _ = writeln!(text, "  {}\n", Printable(&answer.reason));
    text.push_str(&permissions(answer));
    let _ = writeln!(text, "  principal  {}", Printable(&answer.request.principal));
    let _ = writeln!(text, "  resource   {}", Printable(&answer.request.resource));
    let _ = writeln!(text, "  rules      {}", answer.rules);
    for statement in answer.decisive() {
        let _ = writeln!(text, "  decided by {}", statement_line(statement));
        for condition in statement.conditions.iter().filter(|_| answer.decision == "explicitDeny") {
            text.push_str(&both_values(
                &condition.element,
                "policy",
                (&condition.policy_values, &condition.request_values),
                "             ",
            ));
        }
    }
    text.push_str(&near_misses(answer, "  near miss  ", "             "));
    text.push_str(&key_state(answer));
    if let Some(error) = &answer.error {
        let _ = writeln!(text, "  AWS says   {}", Printable(error));
    }
    text.push_str(fixes);
    if !answer.depends_on.is_empty() {
        let keys: Vec<String> =
            answer.depends_on.iter().map(|key| Printable(key).to_string()).collect();
        let what = if answer.could_flip {
            "The decision could change with"
        } else {
            "It stays denied; whether explicitly could change with"
        };
        // Nobody gave them, and of some the request shows what is then taken to be so.
        let is_shown = |key: &String| answer.request.context.contains_key(key.as_str());
        let given = if answer.depends_on.iter().any(is_shown) {
            "not given, and assumed where the context has it"
        } else {
            "not given"
        };
        let _ = writeln!(
            text,
            "\n  {what}: {}\n  {DIM}({given}; set with {}){RESET}",
            keys.join(", "),
            options_of(&answer.depends_on)
        );
    }
    if let Some(otherwise) = &answer.otherwise {
        let _ = writeln!(
            text,
            "\n  Under the rules {} it would be {}.",
            otherwise.rules, otherwise.decision
        );
    }
    for warning in &answer.warnings {
        let _ = writeln!(text, "  {YELLOW}warning{RESET}: {}", Printable(warning));
    }
    if let Some(trace) = &answer.trace {
        text.push_str(&explained(answer, trace));
    }
    text
}

/// JSON in which nothing is left that a terminal acts on. Outside strings JSON is plain
/// ASCII, so what has to be escaped stands inside one.
pub(crate) fn safe_json(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    for c in json.chars() {
        let is_harmless =
            c == '\n' || (c != '\u{7f}' && Printable(c.encode_utf8(&mut [0; 4])).is_verbatim());
        if is_harmless {
            safe.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(safe, "\\u{unit:04x}");
            }
        }
    }
    safe
}

/// Every side, and every statement that was considered with the first element that failed.
fn explained(answer: &Answer, trace: &[TraceRow]) -> String {
    let mut text = String::from("\n  Every statement considered:\n");
    for side in &answer.sides {
        let rows: Vec<&TraceRow> = trace.iter().filter(|row| row.side == side.side).collect();
        if rows.is_empty() && side.verdict == "not-applicable" {
            continue;
        }
        let delegates = if side.delegates == Some(true) {
            ", delegates to the account's IAM policies"
        } else {
            ""
        };
        let _ = writeln!(text, "  {BOLD}{}{RESET}: {}{delegates}", side.side, side.verdict);
        for row in rows {
            let mark = match row.outcome {
                "match" => format!("{GREEN}matches{RESET}"),
                "unknown" => format!("{YELLOW}depends{RESET}"),
                _ => format!("{DIM}no match{RESET}"),
            };
            let _ = writeln!(text, "    {mark}  {}", statement_line(&row.statement));
            text.push_str(&failed_element(row, "      "));
        }
    }
    let _ = writeln!(text, "  {BOLD}context of the request{RESET}:");
    for (key, listed) in &answer.request.context {
        let _ = writeln!(text, "    {} = {}", Printable(key), values(listed));
    }
    text
}
