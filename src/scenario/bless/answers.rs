use super::text_of;
use crate::document::Format;
use crate::evaluate::Decision;
use crate::report::Answer;
use crate::scenario::{CaseResult, Single};
use crate::text::{Printable, Quoted};

/// What came of all that a case asks.
pub(super) struct Answers<'a> {
    of: Vec<(Single<'a>, Decision, &'a Answer)>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(singles: &[Single<'a>], results: &'a [CaseResult]) -> Self {
        let of = singles.iter().zip(results).filter_map(|(single, result)| {
            let answer = result.actual.as_deref()?;
            Some((*single, decision(answer), answer))
        });
        Self { of: of.collect() }
    }

    /// Whether a part that some action is held against does not hold.
    pub(super) fn fail(&self, part: &str) -> bool {
        self.of
            .iter()
            .any(|(single, decision, answer)| single.check.expect.fails(part, *decision, answer))
    }

    /// What an action was answered, the same for every principal and key.
    pub(super) fn of_action(&self, name: &str) -> Result<Decision, String> {
        let of = self.of.iter().filter(|(single, ..)| single.asked().name() == name);
        same(of.map(|(_, decision, _)| *decision))
            .ok_or_else(|| format!("{name} is answered differently for its principals or keys"))
    }

    /// The decision on everything, in the word that fits.
    pub(super) fn decision(&self) -> Result<&'static str, String> {
        let decisions = || self.of.iter().map(|(_, decision, _)| *decision);
        let is_denial =
            |it: Decision| matches!(it, Decision::ExplicitDeny | Decision::ImplicitDeny);
        match same(decisions()) {
            Some(_) => Ok(self.of.first().map_or("", |(.., answer)| answer.decision)),
            None if decisions().all(is_denial) => Ok("denied"),
            None => Err(format!(
                "its {} questions are answered differently: split it, so that each has its own",
                self.of.len()
            )),
        }
    }

    /// An expectation that says the decision and what it rests on.
    pub(super) fn fresh(&self, format: Format) -> Result<String, String> {
        let decision = self.decision()?;
        let mut parts = vec![("decision", text_of(decision, format))];
        let names: &[&str] = match decision {
            "allowed" => &["by"],
            "explicitDeny" => &["denied_by", "statement"],
            "implicitDeny" | "denied" => &["denied_by"],
            _ => &[],
        };
        for name in names {
            if let Ok(Some(value)) = self.part(name, format) {
                parts.push((name, value));
            }
        }
        if parts.len() == 1 {
            return Ok(text_of(decision, format));
        }
        let parts = parts.iter().map(|(name, value)| match format {
            Format::Json => format!("\"{name}\": {value}"),
            Format::Yaml | Format::CloudFormation => format!("{name}: {value}"),
        });
        Ok(format!("{{{}}}", parts.collect::<Vec<_>>().join(", ")))
    }

    /// The value of a part; none if it has none with this decision.
    pub(super) fn part(&self, name: &str, format: Format) -> Result<Option<String>, String> {
        let answers = || self.of.iter().map(|(.., answer)| *answer);
        let differs = || format!("`{name}` differs between its questions");
        let list = |texts: &[String]| {
            let texts: Vec<String> = texts.iter().map(|text| text_of(text, format)).collect();
            format!("[{}]", texts.join(", "))
        };
        let text = |text: Option<&str>| text.map(|text| text_of(text, format));
        match name {
            "decision" => self.decision().map(|it| Some(text_of(it, format))),
            "denied_by" => {
                let sides = same(answers().map(|answer| &answer.denied_by)).ok_or_else(differs)?;
                let sides: Vec<String> = sides.iter().map(|side| (*side).to_owned()).collect();
                Ok((!sides.is_empty()).then(|| list(&sides)))
            }
            "by" => Ok(text(same(answers().map(|it| it.allowed_by)).ok_or_else(differs)?)),
            "statement" => Ok(text(self.statement())),
            "depends_on" => {
                let keys = same(answers().map(|answer| &answer.depends_on)).ok_or_else(differs)?;
                Ok(Some(list(keys)))
            }
            "error" => {
                let errors = answers().map(|answer| answer.error.as_deref());
                Ok(text(same(errors).ok_or_else(differs)?))
            }
            _ => Ok(None),
        }
    }

    /// The first `Sid` of a statement that decides every answer.
    fn statement(&self) -> Option<&'a str> {
        let sids = |answer: &'a Answer| {
            let rows = answer.sides.iter().flat_map(|side| &side.statements);
            rows.filter(|row| row.decisive).filter_map(|row| row.sid.as_deref())
        };
        let (_, _, first) = self.of.first()?;
        let decides = |sid: &&str| {
            self.of.iter().all(|(.., answer)| sids(answer).any(|decisive| decisive == *sid))
        };
        sids(first).find(decides)
    }

    /// The answers with another decision than was expected.
    pub(super) fn changed_decisions(&self) -> Vec<String> {
        let changed = self.of.iter().filter_map(|(single, decision, answer)| {
            let expected = single.check.expect.expected_decision()?;
            single.check.expect.fails("decision", *decision, answer).then(|| {
                let principal = Printable(&single.question().principal).to_string();
                let key = single.question().key.as_deref();
                let key = key.map(|key| format!(" on {}", Quoted(key))).unwrap_or_default();
                format!(
                    "{principal} {}{key}: expected {expected}, now {}",
                    single.asked().name(),
                    answer.decision
                )
            })
        });
        changed.collect()
    }
}

fn decision(answer: &Answer) -> Decision {
    match answer.decision {
        "allowed" => Decision::Allowed,
        "explicitDeny" => Decision::ExplicitDeny,
        "implicitDeny" => Decision::ImplicitDeny,
        _ => Decision::Undetermined,
    }
}

/// The value that all are, if they are the same.
fn same<T: PartialEq>(mut values: impl Iterator<Item = T>) -> Option<T> {
    let first = values.next()?;
    values.all(|value| value == first).then_some(first)
}
