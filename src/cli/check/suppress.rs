//! Findings that somebody has looked at: by a comment in YAML, or in `kms-sim.toml`.

use std::collections::BTreeSet;
use std::sync::Arc;

use kms_sim::document::{Format, Place, Source};
use kms_sim::lint::{Finding, Rule, Selection};
use kms_sim::text::Quoted;

use super::config::{Config, Suppress};
use super::read::Readings;
use super::units::Unit;
use super::{Located, Report, Suppressed, located};
use crate::cli::CliError;

/// A suppression, wherever it stands.
#[derive(Debug)]
struct Suppression {
    codes: Vec<String>,
    reason: Option<String>,
    place: Place,
    scope: Scope,
    met: Met,
    used: BTreeSet<String>,
}

/// What is suppressed.
#[derive(Debug)]
enum Scope {
    /// Lines of a file, both included.
    Lines { file: String, first: usize, last: usize },
    /// Files, or what an entry of the configuration names in them.
    Part { files: BTreeSet<String>, part: Suppress },
}

/// What became of the files that a suppression is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Met {
    Checked,
    /// They are there, and nobody asked for them.
    NotAsked,
    NotThere,
}

/// Whether there may be a suppression for what was found in a unit.
pub(super) fn is_any(config: &Config, unit: &Unit, readings: &Readings) -> bool {
    let policies = readings.subjects.iter().flat_map(kms_sim::lint::Subject::sources);
    let mut texts = policies.chain(unit.opened().iter().map(|it| &it.source));
    !config.check.suppress.is_empty() || texts.any(|text| text.text.contains(MARK))
}

/// Takes suppressed findings out, and adds those that are about the suppressions.
pub(super) fn apply(
    report: &mut Report,
    sources: &[Arc<Source>],
    config: &Config,
    selection: &Selection,
) -> Result<(), CliError> {
    let mut all = of_config(config, sources)?;
    all.extend(sources.iter().flat_map(of_comments));
    let mut kept = Vec::new();
    for located in std::mem::take(&mut report.findings) {
        match all.iter_mut().find_map(|it| it.silences(&located)) {
            Some(suppressed) => report.suppressed.push(suppressed),
            None => kept.push(located),
        }
    }
    kept.extend(all.iter().flat_map(Suppression::findings));
    kept.retain(|it| selection.has(it.finding.rule));
    report.suppressed.retain(|it| selection.has(it.located.finding.rule));
    report.findings = kept;
    Ok(())
}

impl Suppression {
    fn silences(&mut self, located: &Located) -> Option<Suppressed> {
        let rule = located.finding.rule;
        let code = self.codes.iter().find(|it| Rule::find(it).is_ok_and(|it| it == rule))?.clone();
        if !self.scope.has(located) {
            return None;
        }
        self.used.insert(code);
        Some(Suppressed {
            located: located.clone(),
            reason: self.reason.clone(),
            is_in_source: matches!(self.scope, Scope::Lines { .. }),
        })
    }

    /// What is wrong with the suppression itself.
    fn findings(&self) -> Vec<Located> {
        let unused = self.codes.iter().filter(|it| !self.used.contains(*it));
        let mut all: Vec<Located> = unused.filter_map(|code| self.unmatched(code)).collect();
        if self.reason.is_none() {
            let codes: Vec<String> = self.codes.iter().map(|it| Quoted(it).to_string()).collect();
            all.extend(self.finding(
                "suppression-without-reason",
                format!("{} is suppressed without a reason", codes.join(", ")),
                "say why after the code",
            ));
        }
        all
    }

    /// That a code silences nothing.
    fn unmatched(&self, code: &str) -> Option<Located> {
        let rule = Rule::find(code);
        let (message, help) = match (&rule, self.met, &self.scope) {
            (_, Met::NotAsked, _) => return None,
            (Err(error), ..) => (error.to_string(), "`kms-sim check --list` lists the rules"),
            (Ok(rule), Met::NotThere, Scope::Part { part, .. }) => (
                format!(
                    "{} is suppressed in {}, which is not there",
                    rule.code,
                    Quoted(&part.file)
                ),
                "remove the suppression, or name the file as it is called now",
            ),
            (Ok(rule), ..) => (
                format!("nothing is found of {} here, which is suppressed", rule.code),
                "remove the suppression",
            ),
        };
        self.finding("suppression-unmatched", message, help)
    }

    fn finding(&self, name: &str, message: String, help: &str) -> Option<Located> {
        let finding = Finding::new(Rule::find(name).ok()?, self.place.clone(), message);
        Some(Located { finding: finding.with_help(help), place: self.place.clone() })
    }
}

impl Scope {
    fn has(&self, located: &Located) -> bool {
        match self {
            Self::Lines { file, first, last } => {
                located.file() == file && (*first..=*last).contains(&located.place.line())
            }
            Self::Part { files, part } => {
                let is_in = |whole: &str, pointer: &str| {
                    let rest = pointer.strip_prefix(whole);
                    rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
                };
                let Suppress { sid, resource, pointer, .. } = part;
                let place = &located.finding.place;
                files.contains(located.file())
                    && resource.as_ref().is_none_or(|resource| located.is_of(resource))
                    && pointer.as_ref().is_none_or(|whole| {
                        is_in(whole, &place.pointer) || is_in(whole, &located.place.pointer)
                    })
                    && sid.as_ref().is_none_or(|sid| sid_at(place).as_ref() == Some(sid))
            }
        }
    }
}

/// The `Sid` of the statement that a place is in.
fn sid_at(place: &Place) -> Option<String> {
    let document = located::value(&place.source)?;
    let mut pointer = place.pointer.as_str();
    loop {
        let here = document.pointer(pointer)?;
        if let Some(sid) = here.get("Sid").filter(|_| here.get("Effect").is_some()) {
            return sid.as_str().map(str::to_owned);
        }
        pointer = pointer.rsplit_once('/')?.0;
    }
}

fn of_config(config: &Config, sources: &[Arc<Source>]) -> Result<Vec<Suppression>, CliError> {
    let mut all = Vec::new();
    for entry in &config.check.suppress {
        let Some(place) = config.place(entry) else { continue };
        let part = entry.get_ref().clone();
        let mut files = BTreeSet::new();
        for file in sources {
            if config.is_for(&part.file, &file.name)? {
                files.insert(file.name.clone());
            }
        }
        all.push(Suppression {
            codes: vec![part.code.clone()],
            reason: part.reason.clone().filter(|reason| !reason.trim().is_empty()),
            place,
            met: match files.first() {
                Some(_) => Met::Checked,
                None if config.is_there(&part.file) => Met::NotAsked,
                None => Met::NotThere,
            },
            scope: Scope::Part { files, part },
            used: BTreeSet::new(),
        });
    }
    Ok(all)
}

const MARK: &str = "kms-sim: ignore";

/// `# kms-sim: ignore CODE[,CODE] REASON`: at the end of a line for that line, alone on one for
/// what begins on the next.
fn of_comments(source: &Arc<Source>) -> Vec<Suppression> {
    // A template in YAML may have any name; JSON has no comments.
    let is_json = source.text.trim_start().starts_with(['{', '[', '"']);
    if is_json && Format::of(&source.name) != Format::Yaml {
        return Vec::new();
    }
    let lines: Vec<&str> = source.text.lines().collect();
    let mut offset = 0;
    let mut all = Vec::new();
    for (number, whole) in source.text.split_inclusive('\n').enumerate() {
        let line = whole.trim_end_matches(['\n', '\r']);
        all.extend(comment(line).map(|(start, text)| {
            let words = text.trim_start();
            let (codes, reason) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
            let is_alone = line.trim_start().starts_with('#');
            let (first, last) =
                if is_alone { block(&lines, number + 1) } else { (number + 1, number + 1) };
            let span = offset + start..offset + line.len();
            Suppression {
                codes: codes.split(',').map(str::to_owned).collect(),
                reason: Some(reason.trim().to_owned()).filter(|it| !it.is_empty()),
                place: Place { source: source.clone(), span, pointer: String::new() },
                scope: Scope::Lines { file: source.name.clone(), first, last },
                met: Met::Checked,
                used: BTreeSet::new(),
            }
        }));
        offset += whole.len();
    }
    all
}

/// Where the comment begins, and what follows the mark.
fn comment(line: &str) -> Option<(usize, &str)> {
    let (before, after) = line.split_once(MARK)?;
    let hash = before.trim_end().strip_suffix('#')?;
    let begins = hash.is_empty() || hash.ends_with([' ', '\t']);
    (begins && after.starts_with([' ', '\t'])).then_some((hash.len(), after))
}

/// The lines, from 1, of what begins on the first line from `start` that is no comment: that
/// line, and those that are deeper.
fn block(lines: &[&str], start: usize) -> (usize, usize) {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let is_text = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let rest = || lines.iter().enumerate().skip(start).filter(|(_, line)| is_text(line));
    let Some((first, head)) = rest().next() else { return (start + 1, start + 1) };
    let deeper = rest().skip(1).take_while(|(_, line)| depth(line) > depth(head));
    let last = deeper.last().map_or(first, |(number, _)| number);
    (first + 1, last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comment_is_for_its_line_or_for_what_begins_on_the_next() {
        let text = "Statement:\n  # kms-sim: ignore KMS301,KMS302 a public example\n  - Sid: A\n    Principal: '*'\n\n  - Sid: B\n    Action: kms:X  # kms-sim: ignore KMS401 to come\n# kms-sim: ignore KMS101\n";
        let all = of_comments(&Source::new("a.yaml", text));
        let told: Vec<_> = all
            .iter()
            .map(|it| {
                let Scope::Lines { first, last, .. } = it.scope else { unreachable!() };
                (it.codes.join("+"), it.reason.as_deref(), it.place.line(), first, last)
            })
            .collect();
        assert_eq!(
            told,
            [
                ("KMS301+KMS302".to_owned(), Some("a public example"), 2, 3, 4),
                ("KMS401".to_owned(), Some("to come"), 7, 7, 7),
                ("KMS101".to_owned(), None, 8, 9, 9),
            ]
        );
        assert!(of_comments(&Source::new("a.json", format!("{{\n{text}}}"))).is_empty());
    }
}
