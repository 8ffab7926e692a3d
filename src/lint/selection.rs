use super::{Rule, rules};
use crate::text::{Quoted, did_you_mean};

/// Which rules are held against a subject: all, unless some are named.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    selected: Vec<String>,
    ignored: Vec<String>,
}

/// No rule has this code or name, or a code that begins so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected the code or name of a rule, found {}", Quoted(.0))]
pub struct UnknownRule(String);

impl UnknownRule {
    /// What may have been meant.
    #[must_use]
    pub fn help(&self) -> Option<String> {
        did_you_mean(&self.0, rules().iter().flat_map(|rule| [rule.name, rule.code]))
    }
}

impl Rule {
    /// The rule of a code or name.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn find(text: &str) -> Result<&'static Self, UnknownRule> {
        let is_it = |rule: &&Self| rule.code.eq_ignore_ascii_case(text) || rule.name == text;
        rules().iter().find(is_it).ok_or_else(|| UnknownRule(text.to_owned()))
    }

    /// Whether a text is its code or name, or the beginning of its code: `KMS3` for all rules
    /// about access.
    fn is_named_by(&self, text: &str) -> bool {
        let begins = self.code.get(..text.len()).is_some_and(|it| it.eq_ignore_ascii_case(text));
        self.name == text || (text.len() >= 3 && begins)
    }
}

impl Selection {
    /// Only some rules, and not others.
    ///
    /// # Errors
    ///
    /// If a text names no rule.
    pub fn new(selected: &[String], ignored: &[String]) -> Result<Self, UnknownRule> {
        let is_known = |text: &&String| rules().iter().any(|rule| rule.is_named_by(text));
        match selected.iter().chain(ignored).find(|text| !is_known(text)) {
            Some(unknown) => Err(UnknownRule(unknown.clone())),
            None => Ok(Self { selected: selected.to_vec(), ignored: ignored.to_vec() }),
        }
    }

    /// Whether a rule is held against the subject.
    #[must_use]
    pub fn has(&self, rule: &Rule) -> bool {
        let names = |texts: &[String]| texts.iter().any(|text| rule.is_named_by(text));
        (self.selected.is_empty() || names(&self.selected)) && !names(&self.ignored)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_selected_by_code_by_name_and_by_the_beginning_of_a_code() {
        let rule = Rule::find("alias-in-resource").unwrap();
        let has = |selected: &[&str], ignored: &[&str]| {
            let owned =
                |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
            Selection::new(&owned(selected), &owned(ignored)).unwrap().has(rule)
        };
        assert!(has(&[], &[]));
        assert!(has(&[rule.code], &[]));
        assert!(has(&["KMS4"], &[]));
        assert!(has(&["kms"], &[]));
        assert!(!has(&["KMS1"], &[]));
        assert!(!has(&["KMS4"], &["alias-in-resource"]));
        let error = Selection::new(&["alias-in-ressource".to_owned()], &[]).unwrap_err();
        assert_eq!(error.help().unwrap(), "did you mean `alias-in-resource`?");
    }
}
