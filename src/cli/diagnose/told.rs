//! A diagnosis as a person reads it: what happened, why, what could come next, what to do.

use std::fmt::Write as _;

use kms_sim::analysis::Fix;
use kms_sim::diagnose::{Comparison, Counts, Diagnosis, Fetch, Proof};
use kms_sim::text::Printable;

use crate::cli::{fix, text};

const BOLD: &str = "\u{1b}[1m";
const GREEN: &str = "\u{1b}[1;32m";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const DIM: &str = "\u{1b}[2m";
const RESET: &str = "\u{1b}[0m";

/// What fits on a line of a usual terminal.
const WIDTH: usize = 98;

/// What happened, and the cause.
pub(crate) fn brief(diagnosis: &Diagnosis) -> String {
    let (color, word) = match diagnosis.said {
        "denied" => (RED, "DENIED BY AWS"),
        "failed" => (YELLOW, "FAILED"),
        _ => (GREEN, "ALLOWED BY AWS"),
    };
    let action = diagnosis.call.action.as_deref().unwrap_or("an operation of KMS");
    let named = match (&diagnosis.named, &diagnosis.error) {
        (Some(named), _) => {
            let sides = [named.side];
            match named.decision {
                "denied" => format!(" ({})", named.side),
                decision => text::sides(decision, &sides, None),
            }
        }
        (None, Some(error)) => format!(" ({})", Printable(error)),
        (None, None) => String::new(),
    };
    let times = match diagnosis.times {
        1 => String::new(),
        times => format!(", {times} times"),
    };
    let mut told =
        format!("{color}{word}{RESET}  {BOLD}{}{RESET}{named}{times}\n", Printable(action));
    told.push_str(&wrapped(&diagnosis.summary, "  "));
    told.push_str(&wrapped(&diagnosis.cause, "  "));
    if let Some(simulation) = &diagnosis.simulation {
        told.push_str(&wrapped(&simulation.sentence, "  "));
    }
    told
}

/// The whole diagnosis.
pub(crate) fn whole(diagnosis: &Diagnosis, fixes: &[Fix]) -> String {
    let mut told = brief(diagnosis);
    told.push('\n');
    told.push_str(&call(diagnosis));
    match &diagnosis.simulation {
        Some(simulation) => told.push_str(&simulated(simulation)),
        None => told.push_str(&proof(&diagnosis.proof)),
    }
    if let Some(reason) = &diagnosis.not_simulated {
        told.push_str(&listed("simulation", &format!("none: {reason}")));
    }
    for note in &diagnosis.notes {
        told.push_str(&listed("note", note));
    }
    if let Some(simulation) = &diagnosis.simulation {
        told.push_str(&explanations(simulation));
    }
    told.push_str(&match (&diagnosis.simulation, fixes) {
        (None, _) | (_, []) => change(diagnosis),
        (Some(simulation), fixes) => fix::short(&simulation.answer, fixes),
    });
    told.push_str(&fetches(diagnosis));
    told
}

/// The change on the named side, unless a simulation has it already.
fn change(diagnosis: &Diagnosis) -> String {
    let is_there = |it: &Comparison| it.agreement == "disagrees";
    let Some(change) = &diagnosis.change else { return String::new() };
    if diagnosis.simulation.as_ref().is_some_and(is_there) {
        return String::new();
    }
    let Some(statement) = &change.statement else {
        return format!("\n{}", wrapped(&change.what, "  "));
    };
    let is_near = diagnosis.simulation.as_ref().is_some_and(|it| !it.answer.near_misses.is_empty());
    let what = if is_near {
        format!("Mend that statement, or {}", lower(&change.what))
    } else {
        change.what.clone()
    };
    format!(
        "\n{}    {}\n",
        wrapped(&format!("{what}:"), "  "),
        text::safe_json(&statement.to_string())
    )
}

/// Who, what and how, as far as it is told.
fn call(diagnosis: &Diagnosis) -> String {
    let call = &diagnosis.call;
    let mut told = String::new();
    let context = call.encryption_context.as_ref().filter(|pairs| !pairs.is_empty());
    let context = context.map(|pairs| {
        let pair = |(name, value): (&String, &serde_json::Value)| {
            format!("{name}={}", value.as_str().unwrap_or_default())
        };
        pairs.iter().map(pair).collect::<Vec<_>>().join(", ")
    });
    let rows = [
        ("principal", &call.principal),
        ("resource", &call.resource),
        ("to key", &call.destination_key),
        ("alias", &call.alias),
        ("context", &context),
        ("endpoint", &call.vpc_endpoint),
        ("policy", &diagnosis.named.as_ref().and_then(|named| named.policy.clone())),
        ("at", &call.at),
    ];
    for (label, value) in rows {
        if let Some(value) = value {
            let _ = writeln!(told, "  {label:<11}{}", Printable(value));
        }
    }
    told
}

/// What the message alone says of the sides.
fn proof(proof: &Proof) -> String {
    let names = |standing: &str, documented: bool| {
        let sides =
            proof.sides.iter().filter(|it| it.standing == standing && it.documented == documented);
        sides.map(|it| it.side).collect::<Vec<_>>().join(", ")
    };
    let no_deny = proof.no_deny_matched.then(|| "any Deny".to_owned());
    let ruled_out: Vec<String> =
        no_deny.into_iter().chain([names("ruled-out", true)]).filter(|it| !it.is_empty()).collect();
    let by_order = names("ruled-out", false);
    let mut told = String::new();
    if !ruled_out.is_empty() {
        let by_order = match by_order.as_str() {
            "" => String::new(),
            sides => format!("; likely {sides}"),
        };
        told.push_str(&listed("ruled out", &(ruled_out.join(", ") + &by_order)));
    }
    let next = names("could-deny", true);
    if !next.is_empty() {
        told.push_str(&listed("could deny", &next));
    }
    told
}

/// What a simulation says, and what could explain that it differs.
fn simulated(simulation: &Comparison) -> String {
    let mut told = String::new();
    let answer = &simulation.answer;
    if simulation.agreement != "agrees" {
        told.push_str(&listed("simulation", &answer.reason));
    }
    for line in text::evidence(answer).lines() {
        let _ = writeln!(told, "  {line}");
    }
    told.push_str(&sides(simulation));
    // Where both agree it is no doubt.
    let is_of_path = |warning: &str| {
        simulation.agreement == "agrees" && warning.starts_with("the ARN of a session does not")
    };
    for warning in answer.warnings.iter().filter(|warning| !is_of_path(warning)) {
        told.push_str(&listed("warning", warning));
    }
    told
}

/// What every side says, those included that would deny next.
fn sides(simulation: &Comparison) -> String {
    let sides = simulation.answer.sides.iter().filter(|side| side.verdict != "not-applicable");
    let sides = sides.map(|side| match side.delegates {
        Some(true) => format!("{} delegates", side.side),
        _ => format!("{} {}", side.side, side.verdict),
    });
    listed("sides", &sides.collect::<Vec<_>>().join(", "))
}

/// What could explain that a simulation differs.
fn explanations(simulation: &Comparison) -> String {
    let facts = simulation.missing.iter().enumerate();
    let facts = facts.map(|(index, it)| hanging(&format!("  {}. ", index + 1), &it.fact));
    match simulation.missing.as_slice() {
        [] => String::new(),
        _ => format!(
            "\n  What could explain it, the likeliest first:\n{}",
            facts.collect::<String>()
        ),
    }
}

/// The commands, ready to paste.
fn fetches(diagnosis: &Diagnosis) -> String {
    if diagnosis.fetch.is_empty() {
        return String::new();
    }
    let takes_some = diagnosis.fetch.iter().any(|fetch| fetch.option.is_some());
    let mut told = if takes_some {
        format!("  {BOLD}Fetch{RESET}, and ask again with the option that is named behind each:\n")
    } else {
        format!("  {BOLD}Look{RESET}:\n")
    };
    for Fetch { command, option, what, .. } in &diagnosis.fetch {
        let use_of_it = option.unwrap_or(what);
        let _ = writeln!(told, "  {}  {DIM}# {use_of_it}{RESET}", Printable(command));
    }
    let also: Vec<&str> = diagnosis.also.iter().map(|fetch| fetch.what).collect();
    if !also.is_empty() {
        let also = also.join(", ");
        let _ = writeln!(told, "  {DIM}# --format json also has: {also}{RESET}");
    }
    told
}

/// How many events there were that are not diagnosed.
pub(crate) fn counts(counts: &Counts, diagnosed: usize) -> String {
    let rows = [
        (counts.denied, "denied by KMS"),
        (counts.failed, "failed otherwise"),
        (counts.succeeded, "succeeded"),
        (counts.internal, "of KMS itself"),
        (counts.other_services, "of other services"),
        (counts.unreadable, "not evaluated, because they break off or cannot be read"),
    ];
    if counts.read == 1 && diagnosed == 1 {
        return String::new();
    }
    let told: Vec<String> = rows
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    let left_out = match counts.left_out {
        0 => String::new(),
        more => format!("; {more} denials more are not told"),
    };
    let line = if diagnosed > 0 { "\n" } else { "" };
    let events = if counts.read == 1 { "event" } else { "events" };
    format!("{line}{} {events}: {}{left_out}\n", counts.read, told.join(", "))
}

/// Within a sentence.
fn lower(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_lowercase().to_string() + chars.as_str())
}

fn listed(label: &str, text: &str) -> String {
    hanging(&format!("  {label:<11}"), text)
}

/// The text behind its label, further lines below it.
fn hanging(label: &str, text: &str) -> String {
    let indent = " ".repeat(label.chars().count());
    let mut lines = String::new();
    let mut line = label.to_owned();
    let mut is_empty = true;
    for word in Printable(text).to_string().split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push_str(line.trim_end());
            lines.push('\n');
            line.clone_from(&indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    lines + line.trim_end() + "\n"
}

fn wrapped(text: &str, indent: &str) -> String {
    hanging(indent, text)
}
