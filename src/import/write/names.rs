use std::collections::HashMap;

use crate::document::Source;

/// Names for policies, made of what the importer says that each is.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// The text that has each name, which counts without its letter case: so do some file
    /// systems.
    taken: HashMap<String, String>,
}

impl Names {
    /// A name for a file, an anchor or both; the same one for the same policy under the same name.
    pub(super) fn of(&mut self, source: &Source) -> String {
        self.free(&slug(&source.name), &source.text)
    }

    fn free(&mut self, name: &str, text: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}-{number}"));
        let mut candidates = std::iter::once(name.to_owned()).chain(numbered);
        let free = candidates.find(|candidate| {
            let taken = self.taken.get(&candidate.to_ascii_lowercase());
            taken.is_none_or(|known| known == text)
        });
        let name = free.unwrap_or_else(|| name.to_owned());
        self.taken.insert(name.to_ascii_lowercase(), text.to_owned());
        name
    }
}

/// Of ``details.json: inline policy `p` of `role/Web` `` the words in backticks, the last first:
/// `Web-p`; of an ARN its last part.
fn slug(name: &str) -> String {
    let what = name.rsplit_once(": ").map_or(name, |(_, what)| what);
    let mut words: Vec<&str> = what.split('`').skip(1).step_by(2).collect();
    if words.is_empty() {
        words.push(what.rsplit('/').next().unwrap_or(what).trim_end_matches(".json"));
    }
    words.reverse();
    let last = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let joined = words.iter().map(|word| last(word)).collect::<Vec<_>>().join("-");
    let kept = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let slug: String = joined.chars().map(kept).take(100).collect();
    let slug = slug.trim_matches(['-', '.']);
    if slug.is_empty() { "policy".into() } else { slug.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_for_what_it_is() {
        let table = [
            ("d.json: inline policy `p` of `role/team/Web`", "Web-p"),
            ("d.json: managed policy `arn:aws:iam::aws:policy/job-function/Keys`", "Keys"),
            ("plan.json: policy of `aws_kms_key.app[\"a\"]`", "aws_kms_key.app--a"),
            ("policies/Keys.json", "Keys"),
            ("d.json: inline policy `../..` of `role/..`", "policy"),
        ];
        for (name, expected) in table {
            assert_eq!(slug(name), expected);
        }
        let mut names = Names::default();
        assert_eq!(names.of(&Source::new("Keys.json", "a")), "Keys");
        assert_eq!(names.of(&Source::new("Keys.json", "a")), "Keys");
        assert_eq!(names.of(&Source::new("keys.json", "b")), "keys-2");
    }
}
