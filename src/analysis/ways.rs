//! The ways back into a key, in the order in which to try them.

use serde::Serialize;
use serde_json::{Value, json};

use super::AnalysisError;
use super::candidates::{Candidate, Candidates, Origin, shown};
use super::proof::Unproven;
use super::repair::Repair;
use super::rescue::{Can, Position};
use crate::request::{PrincipalName, Rules};
use crate::text::shell_word;

/// A way to change the key policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Way {
    /// Which.
    pub way: WayKind,
    /// Whether it is open by AWS's rules.
    pub aws: Can,
    /// Whether it is open by the stricter practice.
    pub dual_permission: Can,
    /// Who takes it.
    pub principals: Vec<String>,
    /// Why it is open or not by the rules that were asked for, in one sentence.
    pub reason: String,
    /// What to do: lines for a shell, of which those with `#` are for the reader.
    pub commands: Vec<String>,
}

/// The ways, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WayKind {
    /// A user or role that still has the permission.
    Administrator,
    /// The key policy leaves itself to the account, and an IAM policy gives the permission.
    AccountAndIam,
    /// The root user of the account.
    RootUser,
    /// The management account of the organization, where its policies deny everybody.
    ManagementAccount,
    /// AWS Support, where nobody else is left.
    AwsSupport,
}

impl WayKind {
    /// The way of a principal. Who is told from others by its ARN needs no IAM policy where
    /// the key policy allows everyone of such an ARN.
    fn of(position: &Position) -> Self {
        let by_key_policy = position.reply(Rules::Aws).answer.allowed_by == Some("key-policy");
        match position.candidate.origin {
            Origin::Listed | Origin::Named => Self::Administrator,
            Origin::Like if by_key_policy => Self::Administrator,
            Origin::Like | Origin::GivenIamPolicy | Origin::AnyOther => Self::AccountAndIam,
            Origin::RootUser => Self::RootUser,
        }
    }
}

/// The four ways; the first three each decided by the evaluator.
pub(super) fn of(
    candidates: &Candidates,
    positions: &[Position],
    unproven: &Unproven,
    rules: Rules,
    repair: Option<&Repair>,
) -> Result<Vec<Way>, AnalysisError> {
    let steps = Steps { candidates, repair };
    let mut ways = Vec::new();
    for kind in [WayKind::Administrator, WayKind::AccountAndIam, WayKind::RootUser] {
        let takers: Vec<&Position> =
            positions.iter().filter(|it| WayKind::of(it) == kind).collect();
        let best = |rules| {
            takers.iter().map(|it| it.can(rules)).fold(least(kind, unproven, rules), Can::max)
        };
        let able = takers.iter().copied().filter(|it| it.can(rules) != Can::No);
        let able: Vec<&Position> = able.collect();
        let commands = match able.first() {
            None => Vec::new(),
            Some(first) => steps.of(kind, &first.candidate, positions, rules)?,
        };
        let commands = commands.iter().map(|line| on_one_line(line)).collect();
        ways.push(Way {
            way: kind,
            aws: best(Rules::Aws),
            dual_permission: best(Rules::DualPermission),
            principals: able.iter().map(|it| it.name(rules)).collect(),
            reason: takers
                .iter()
                .filter(|it| !it.is_moot(rules))
                .max_by_key(|it| it.can(rules))
                .map_or_else(|| "Nobody else is named.".to_owned(), |it| reason(it, rules)),
            commands,
        });
    }
    ways.extend(management_account(&ways, positions, rules));
    let support = support(&ways, &steps);
    ways.push(support);
    Ok(ways)
}

/// Who might meet a condition that nobody did is not known.
fn least(kind: WayKind, unproven: &Unproven, rules: Rules) -> Can {
    let is_open = kind == WayKind::AccountAndIam && !unproven.by(rules).is_empty();
    if is_open { Can::Undetermined } else { Can::No }
}

fn reason(position: &Position, rules: Rules) -> String {
    let answer = &position.reply(rules).answer;
    match position.can(rules) {
        Can::Depends => {
            format!("{} It depends on {}.", answer.reason, answer.depends_on.join(", "))
        }
        Can::No | Can::Undetermined | Can::Yes => answer.reason.clone(),
    }
}

/// Where service or resource control policies alone keep everybody out, no change of the key
/// policy helps, and AWS Support is not asked: the management account changes them.
///
/// Source: [SCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html),
/// [RCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html)
fn management_account(ways: &[Way], positions: &[Position], rules: Rules) -> Option<Way> {
    let by = |rules| {
        let is_closed = ways.iter().all(|way| state(way, rules) == Can::No);
        positions.iter().find(|it| is_closed && it.is_kept_out_by_organization(rules))
    };
    let can = |rules| if by(rules).is_some() { Can::Yes } else { Can::No };
    let (aws, dual_permission) = (can(Rules::Aws), can(Rules::DualPermission));
    let kept_out = by(rules).or_else(|| by(Rules::Aws)).or_else(|| by(Rules::DualPermission))?;
    let name = |side: &str| match side {
        "service-control-policy" => "service control policy",
        _ => "resource control policy",
    };
    let answer = &kept_out.reply(rules).answer;
    let sides: Vec<&str> = answer.denied_by.iter().copied().map(name).collect();
    let sides = sides.join(" and the ");
    let rows = answer.decisive().into_iter().filter(|row| row.effect == "Deny");
    let rows = rows.map(|row| {
        let file = row.file.as_deref().unwrap_or(&row.policy);
        on_one_line(&format!("# it is statement {} of {file}", row.index + 1))
    });
    let change = format!(
        "# in the management account of the organization, change the {sides} that denies kms:PutKeyPolicy:"
    );
    Some(Way {
        way: WayKind::ManagementAccount,
        aws,
        dual_permission,
        principals: Vec::new(),
        reason: format!(
            "It is the {sides} that keeps everybody out, not the key policy: only the management account can change it."
        ),
        commands: std::iter::once(change).chain(rows).collect(),
    })
}

fn state(way: &Way, rules: Rules) -> Can {
    match rules {
        Rules::Aws => way.aws,
        Rules::DualPermission => way.dual_permission,
    }
}

/// AWS Support is for keys that nobody can manage any more.
///
/// Source: [Default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-root-enable-iam)
fn support(ways: &[Way], steps: &Steps<'_>) -> Way {
    // Where no other way is open this one is, and the reverse.
    let needed = |state: fn(&Way) -> Can| match ways.iter().map(state).max() {
        Some(Can::Yes) => Can::No,
        Some(Can::Depends | Can::Undetermined) => Can::Undetermined,
        Some(Can::No) | None => Can::Yes,
    };
    let (aws, dual_permission) = (needed(|way| way.aws), needed(|way| way.dual_permission));
    let is_needed = aws != Can::No || dual_permission != Can::No;
    Way {
        way: WayKind::AwsSupport,
        aws,
        dual_permission,
        principals: Vec::new(),
        reason: if is_needed {
            "AWS documents that a key which nobody can manage is regained through AWS Support only."
        } else {
            "AWS Support is for keys that nobody can manage any more."
        }
        .to_owned(),
        commands: if is_needed {
            steps.support().iter().map(|line| on_one_line(line)).collect()
        } else {
            Vec::new()
        },
    }
}

/// Longest key policy that goes into a command, in characters.
const INLINE: usize = 1_500;

/// What to do on each way.
struct Steps<'a> {
    candidates: &'a Candidates,
    repair: Option<&'a Repair>,
}

impl Steps<'_> {
    fn of(
        &self,
        kind: WayKind,
        first: &Candidate,
        positions: &[Position],
        rules: Rules,
    ) -> Result<Vec<String>, AnalysisError> {
        let account = self.candidates.account.id;
        Ok(match kind {
            WayKind::Administrator => self.put(&first.shown),
            WayKind::AccountAndIam => {
                let role = self.role_for_iam(positions, rules)?;
                let (give, who) = match role {
                    Some(candidate) => (self.give(&candidate.name), candidate.shown),
                    // A pattern is no name.
                    None if first.origin == Origin::Like => {
                        let is_name = first.shown == shown(&first.name, self.candidates.account);
                        let placeholder = || self.give_to("role", "ROLE");
                        let give = if is_name { self.give(&first.name) } else { placeholder() };
                        (give, first.shown.clone())
                    }
                    None => (self.give_to("role", "ROLE"), "that role".to_owned()),
                };
                std::iter::once(format!("# as somebody who may change IAM in account {account}:"))
                    .chain([give])
                    .chain(self.put(&who))
                    .collect()
            }
            WayKind::RootUser => {
                let verify = "# sign out, verify as your normal user, and find out how it happened";
                let root = format!("the root user of account {account}");
                self.put(&root).into_iter().chain([verify.to_owned()]).collect()
            }
            WayKind::ManagementAccount => Vec::new(),
            WayKind::AwsSupport => self.support(),
        })
    }

    /// A user or role that is known, cannot change the key policy, and could with an IAM policy.
    /// Not one that uses the key: who reads the data is not to administer its key.
    fn role_for_iam(
        &self,
        positions: &[Position],
        rules: Rules,
    ) -> Result<Option<Candidate>, AnalysisError> {
        for position in positions {
            let candidate = &position.candidate;
            let is_one = matches!(candidate.name, PrincipalName::User(of, _) | PrincipalName::Role(of, _) if of == self.candidates.account);
            let is_user = self.candidates.uses_key(&candidate.name);
            if !is_one || is_user || candidate.origin.is_made_up() {
                continue;
            }
            let given = Candidate { origin: Origin::GivenIamPolicy, ..candidate.clone() };
            if Can::of(&self.candidates.ask(&given, rules)?) == Can::Yes {
                return Ok(Some(candidate.clone()));
            }
        }
        Ok(None)
    }

    fn give(&self, name: &PrincipalName) -> String {
        let last = |path: &str| shell_word(path.rsplit('/').next().unwrap_or(path));
        match name {
            PrincipalName::User(_, path) => self.give_to("user", &last(path)),
            PrincipalName::Role(_, path) => self.give_to("role", &last(path)),
            _ => self.give_to("role", "ROLE"),
        }
    }

    fn give_to(&self, kind: &str, name: &str) -> String {
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["kms:GetKeyPolicy", "kms:PutKeyPolicy"],
                "Resource": self.candidates.arn,
            }],
        });
        format!(
            "aws iam put-{kind}-policy --{kind}-name {name} --policy-name ChangeKeyPolicy --policy-document {}",
            shell(&policy)
        )
    }

    fn put(&self, who: &str) -> Vec<String> {
        let Candidates { arn, region, .. } = self.candidates;
        let (key, region) = (shell_word(arn), shell_word(region));
        let put = |policy: &str| {
            format!(
                "aws kms put-key-policy --region {region} --key-id {key} --policy-name default --policy {policy}"
            )
        };
        let get = format!(
            "aws kms get-key-policy --region {region} --key-id {key} --policy-name default --query Policy --output text > key-policy.json"
        );
        match self.repair {
            None => vec![
                format!("# as {who}; edit key-policy.json in between:"),
                get,
                put("file://key-policy.json"),
            ],
            Some(repair) => {
                let policy = shell(&repair.policy);
                let what = format!("# as {who}: {}", repair.summary);
                if policy.len() <= INLINE {
                    return vec![what, put(&policy)];
                }
                let statement = repair.statement.as_ref();
                let statement = statement.map(|it| format!("# the statement: {it}"));
                let put = put("file://key-policy.json");
                [what, get].into_iter().chain(statement).chain([put]).collect()
            }
        }
    }

    fn support(&self) -> Vec<String> {
        let Candidates { arn: key, account, .. } = self.candidates;
        let mut lines = vec![
            format!("# open a case with AWS Support, signed in to account {}:", account.id),
            format!(
                "# \"The key policy of {key} lets no principal of our account call kms:PutKeyPolicy, not even the root user. Please help us to regain access.\""
            ),
        ];
        lines.extend(self.repair.map(|repair| match &repair.statement {
            Some(statement) => format!("# then: {}: {statement}", repair.summary),
            None => format!("# then: {}", repair.summary),
        }));
        lines
    }
}

/// JSON as one word for a shell.
fn shell(json: &Value) -> String {
    format!("'{}'", json.to_string().replace('\'', "\\u0027"))
}

/// A line that stays one when it is pasted. What JSON holds of control characters is written
/// as JSON escapes them.
fn on_one_line(line: &str) -> String {
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let escaped = |c: char| {
        if is_break(c) { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }
    };
    line.chars().map(escaped).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_a_shell_stays_one() {
        assert_eq!(
            on_one_line("# a\nb\u{85}c\u{2028}d\u{7f}"),
            "# a\\u000ab\\u0085c\\u2028d\\u007f"
        );
    }
}
