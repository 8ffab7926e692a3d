use std::fmt;
use std::str::FromStr;

use super::{Found, Seat};
use crate::document::Notice;

/// How much a finding matters, in the words of IAM Access Analyzer.
///
/// Source: [ValidatePolicyFinding](https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ValidatePolicyFinding.html)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// It could be said better.
    Suggestion,
    /// It likely does not do what it is meant to.
    Warning,
    /// It allows more than is safe.
    SecurityWarning,
    /// AWS refuses it, or the key cannot be used or managed.
    Error,
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 4] =
        [Self::Suggestion, Self::Warning, Self::SecurityWarning, Self::Error];

    /// As Access Analyzer spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Suggestion => "SUGGESTION",
            Self::Warning => "WARNING",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Error => "ERROR",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = String;

    /// In any case, and with a hyphen as well.
    fn from_str(text: &str) -> Result<Self, String> {
        let plain = text.to_ascii_uppercase().replace('-', "_");
        Self::ALL.into_iter().find(|severity| severity.as_str() == plain).ok_or_else(|| {
            format!(
                "expected ERROR, SECURITY_WARNING, WARNING or SUGGESTION, found {}",
                crate::text::Quoted(text)
            )
        })
    }
}

/// A rule: what it is called, how much it matters, and its page.
#[derive(Debug)]
#[non_exhaustive]
pub struct Rule {
    /// `KMS` and three digits, the first of which says what it is about: 0 the check itself,
    /// 1 what AWS refuses, 2 lockout, 3 access that is too wide, 4 what has no effect,
    /// 5 conditions, 6 style. Never given to another rule.
    pub code: &'static str,
    /// In words: `alias-in-resource`.
    pub name: &'static str,
    /// How much a finding matters, unless the finding says otherwise.
    pub severity: Severity,
    /// Access Analyzer's code of the same check, where it has one.
    ///
    /// Source: [Policy checks](https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html)
    pub issue_code: Option<&'static str>,
    /// The text of the rule's file, whose doc comment is its page.
    pub(super) file: &'static str,
    pub(super) check: Check,
}

/// How a rule finds.
#[derive(Debug)]
pub(super) enum Check {
    /// Looks at each policy where it is attached.
    Policy(fn(&Seat<'_>, &mut Found)),
    /// Is found by who reads the input.
    Reading(&'static [Notice]),
    /// Is found by who runs the rules: it is about the run, or needs what rules may not use.
    Run,
}

impl PartialEq for Rule {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Rule {}

impl Rule {
    /// Its page, in Markdown: what it finds, why that matters, an example, what to write instead.
    #[must_use]
    pub fn page(&self) -> String {
        let lines = self.file.lines().map_while(|line| line.strip_prefix("//!"));
        lines.fold(String::new(), |page, line| page + line.strip_prefix(' ').unwrap_or(line) + "\n")
    }

    /// The first paragraph of its page, as one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let page = self.page();
        let first: Vec<&str> = page.lines().take_while(|line| !line.is_empty()).collect();
        first.join(" ").trim_end_matches('.').to_owned()
    }
}
