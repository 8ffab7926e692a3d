//! A rescue as a person reads it at night: the verdict, who can, and what to do next.

use std::fmt::Write as _;

use kms_sim::analysis::{
    Administration, Administrator, Can, Lockout, LockoutCheck, Prediction, Rescue, SinglePoint,
    Way, WayKind,
};
use kms_sim::text::Printable;

use crate::cli::text::{BOLD, DIM, GREEN, RED, RESET, YELLOW, safe_json, sides, statement_line};

/// The verdict on one line.
pub(super) fn verdict(rescue: &Rescue) -> String {
    let (color, word) = standing(rescue.verdict);
    format!("{color}{word}{RESET}  {BOLD}{}{RESET}\n", Printable(&rescue.summary))
}

fn standing(lockout: Lockout) -> (&'static str, &'static str) {
    match lockout {
        Lockout::NotLockedOut => (GREEN, "NOT LOCKED OUT"),
        Lockout::OneStepFromLockout => (YELLOW, "ONE STEP FROM LOCKOUT"),
        Lockout::Undetermined => (YELLOW, "UNDETERMINED"),
        Lockout::LockedOut => (RED, "LOCKED OUT"),
    }
}

/// The whole.
pub(super) fn rescue(rescue: &Rescue) -> String {
    let mut text = verdict(rescue);
    let _ = writeln!(text, "  {}\n", Printable(&rescue.reason));
    let _ = writeln!(text, "  key    {}", Printable(&rescue.key));
    let _ = writeln!(text, "  rules  {}", rescue.rules);
    text.push_str(&able(rescue));
    text.push_str(&in_part(rescue));
    text.push_str(&dangers(rescue));
    text.push_str(&ways(rescue));
    text.push_str(&next(rescue));
    if let Some(otherwise) = &rescue.otherwise {
        let (_, word) = standing(otherwise.verdict);
        let summary = Printable(&otherwise.summary);
        let _ = writeln!(
            text,
            "\n  Under the rules {} it would be: {}, {summary}.",
            otherwise.rules,
            word.to_lowercase()
        );
    }
    text.push_str(&warnings(&rescue.warnings));
    text
}

fn warnings(warnings: &[String]) -> String {
    warnings.iter().fold(String::new(), |mut text, warning| {
        let _ = writeln!(text, "  {YELLOW}warning{RESET}: {}", Printable(warning));
        text
    })
}

/// The most principals that anybody reads.
const SHOWN: usize = 6;

/// Who can change the key policy, or could, through what, and what else they can do.
fn able(rescue: &Rescue) -> String {
    let who: Vec<&Administrator> =
        rescue.principals.iter().filter(|it| it.can != Can::No).collect();
    if who.is_empty() {
        return String::new();
    }
    let might = if rescue.locked_out.is_none() { "might" } else { "can" };
    let mut text = format!("\n  {BOLD}Who {might} change the key policy{RESET}\n");
    for administrator in who.iter().take(SHOWN) {
        let note = match administrator.can {
            Can::Depends => format!(": it depends on {}", administrator.depends_on.join(", ")),
            Can::Undetermined => ": not known".to_owned(),
            Can::No | Can::Yes => String::new(),
        };
        let _ = writeln!(text, "  {}{}", Printable(&administrator.name), Printable(&note));
        for row in &administrator.statements {
            let _ = writeln!(text, "      through {}", statement_line(row));
        }
        if administrator.can == Can::Yes {
            let _ = writeln!(
                text,
                "      {DIM}{}{RESET}",
                rest(&administrator.administration, "besides")
            );
        }
    }
    text.push_str(&and_more(who.len()));
    text
}

fn and_more(count: usize) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("  and {more} more, which --format json lists\n"),
    }
}

/// The most actions that go on a line.
const ACTIONS: usize = 4;

/// The rest of key administration, by the shorter of the two lists; `only` stands before what
/// there is of it.
fn rest(administration: &[Administration], only: &str) -> String {
    let (can, cannot): (Vec<_>, Vec<_>) =
        administration.iter().partition(|it| it.decision == "allowed");
    let list = |actions: &[&Administration]| {
        let names: Vec<&str> = actions.iter().take(ACTIONS).map(|it| it.action).collect();
        match actions.len().saturating_sub(ACTIONS) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    };
    match (can.as_slice(), cannot.as_slice()) {
        (_, []) => "all other key administration".to_owned(),
        ([], _) => "no other key administration".to_owned(),
        (can, cannot) if cannot.len() < can.len() => {
            format!("other key administration, but not {}", list(cannot))
        }
        (can, _) => format!("{only} {}", list(can)),
    }
}

/// Who cannot change the key policy and can do something else of key administration.
fn in_part(rescue: &Rescue) -> String {
    let is_partly =
        |it: &&Administrator| it.administration.iter().any(|it| it.decision == "allowed");
    let others: Vec<&Administrator> =
        rescue.principals.iter().filter(|it| it.can == Can::No).filter(is_partly).collect();
    if others.is_empty() {
        return String::new();
    }
    let mut text = format!("\n  {BOLD}Who cannot, and administers it in part{RESET}\n");
    for administrator in others.iter().take(SHOWN) {
        let rest = rest(&administrator.administration, "only");
        let _ = writeln!(text, "  {}: {rest}", Printable(&administrator.name));
    }
    text.push_str(&and_more(others.len()));
    text
}

fn dangers(rescue: &Rescue) -> String {
    if rescue.locked_out != Some(false) {
        return String::new();
    }
    let mut text = format!("\n  {BOLD}What would lock it out{RESET}\n");
    for point in &rescue.single_points_of_failure {
        let _ = writeln!(text, "  deleting {}", danger(point));
    }
    if rescue.single_points_of_failure.is_empty() {
        text.push_str("  no single deletion\n");
    }
    text
}

fn danger(point: &SinglePoint) -> String {
    match (&point.principal, &point.statement) {
        // What becomes of a session when it ends is not said: another can take its name.
        (Some(principal), _) if principal.contains(":assumed-role/") => {
            format!("the role behind the session {}", Printable(principal))
        }
        (Some(principal), _) => {
            format!("{}; a new one of the same name would not help", Printable(principal))
        }
        (None, Some(row)) => format!("the statement {}", statement_line(row)),
        (None, None) => String::new(),
    }
}

fn ways(rescue: &Rescue) -> String {
    let width = rescue.ways_back.iter().map(|way| name(way).len()).max().unwrap_or_default();
    let mut text = format!(
        "\n  {BOLD}{:width$}{RESET}  aws           dual-permission\n",
        "Ways back in, in this order",
        width = width + 3
    );
    for (number, way) in rescue.ways_back.iter().enumerate() {
        let _ = writeln!(
            text,
            "  {} {:width$}  {:12}  {}",
            number + 1,
            name(way),
            state(way.way, way.aws),
            state(way.way, way.dual_permission),
            width = width + 1
        );
    }
    text
}

fn name(way: &Way) -> &'static str {
    match way.way {
        WayKind::Administrator => "a user or role that still may",
        WayKind::AccountAndIam => "the account, through an IAM policy",
        WayKind::RootUser => "the root user of the account",
        WayKind::ManagementAccount => "the management account",
        WayKind::AwsSupport => "AWS Support",
    }
}

fn state(way: WayKind, can: Can) -> &'static str {
    match (way, can) {
        (_, Can::Yes) => "open",
        (WayKind::AwsSupport, Can::No) => "not needed",
        (_, Can::No) => "closed",
        (_, Can::Depends) => "depends",
        (_, Can::Undetermined) => "not known",
    }
}

/// What to do on the first way that is open.
fn next(rescue: &Rescue) -> String {
    let by_rules = |way: &Way| match rescue.rules {
        "dual-permission" => way.dual_permission,
        _ => way.aws,
    };
    let open = rescue.ways_back.iter().find(|way| by_rules(way) == Can::Yes);
    let perhaps = || rescue.ways_back.iter().find(|way| by_rules(way) == Can::Depends);
    let Some(way) = open.or_else(perhaps).filter(|way| !way.commands.is_empty()) else {
        return String::new();
    };
    let mut text = match rescue.verdict {
        Lockout::NotLockedOut if rescue.repair.is_none() => {
            format!("\n  {BOLD}To change it{RESET}\n")
        }
        Lockout::NotLockedOut | Lockout::OneStepFromLockout => {
            format!("\n  {BOLD}To be safe from lockout{RESET}\n")
        }
        Lockout::Undetermined | Lockout::LockedOut => format!("\n  {BOLD}To get back in{RESET}\n"),
    };
    for line in &way.commands {
        let _ = writeln!(text, "  {}", safe_json(line));
    }
    text
}

/// The prediction on one line.
pub(super) fn prediction(check: &LockoutCheck) -> String {
    let (color, word) = match check.prediction {
        Prediction::Passes => (GREEN, "PASSES"),
        Prediction::Rejected => (RED, "REJECTED"),
        Prediction::Denied => (RED, "DENIED"),
        Prediction::Undetermined => (YELLOW, "UNDETERMINED"),
    };
    let error = check.error.as_deref().map(|error| format!("  {}", Printable(error)));
    let operation = check.operation.as_str();
    format!("{color}{word}{RESET}  {BOLD}{operation}{RESET}{}\n", error.unwrap_or_default())
}

/// The whole prediction.
pub(super) fn check(check: &LockoutCheck) -> String {
    let mut text = prediction(check);
    let _ = writeln!(text, "  {}\n", Printable(&check.reason));
    let _ = writeln!(text, "  principal   {}", Printable(&check.principal));
    let _ = writeln!(text, "  key         {}", Printable(&check.key));
    for row in &check.statements {
        let _ = writeln!(text, "  decided by  {}", statement_line(row));
    }
    let bypass = "skipped, by BypassPolicyLockoutSafetyCheck";
    if check.bypassed {
        let _ = writeln!(text, "  the check   {bypass}");
    }
    let _ = writeln!(text, "  the call    {}", call(check));
    let (_, word) = standing(check.afterwards);
    let _ = writeln!(
        text,
        "  afterwards  {}: {}",
        word.to_lowercase(),
        Printable(&check.afterwards_summary)
    );
    if let Some(patch) = &check.fix {
        let patch = serde_json::Value::from(patch.clone()).to_string();
        let _ = writeln!(text, "\n  It passes with this JSON patch:\n  {}", safe_json(&patch));
    }
    text.push_str(&warnings(&check.warnings));
    text
}

fn call(check: &LockoutCheck) -> String {
    match &check.call {
        None => "not asked: nothing is known of the principal's IAM policies".to_owned(),
        Some(call) => format!(
            "{}{} by the policies of today",
            match call.decision {
                "allowed" => "allowed",
                "undetermined" => "not known",
                _ => "denied",
            },
            sides(call.decision, &call.denied_by, call.allowed_by)
        ),
    }
}
