//! Addresses and references: `module.m["a"].aws_kms_key.app[0].arn`.
//!
//! Source: [resource addressing](https://developer.hashicorp.com/terraform/cli/state/resource-addressing)

/// The steps between the dots that are not within a key.
pub(super) fn steps(text: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut start = 0;
    let mut depth = 0_usize;
    let mut is_text = false;
    let mut is_escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_text => is_escaped = true,
            '"' => is_text = !is_text,
            '[' if !is_text => depth += 1,
            ']' if !is_text => depth = depth.saturating_sub(1),
            '.' if !is_text && depth == 0 => {
                steps.push(text.get(start..at).unwrap_or_default());
                start = at + 1;
            }
            _ => {}
        }
    }
    steps.push(text.get(start..).unwrap_or_default());
    steps
}

/// `app` of `app["a"]`.
pub(super) fn without_key(step: &str) -> &str {
    step.split_once('[').map_or(step, |(name, _)| name)
}

/// `["a"]` of `app["a"]`.
pub(super) fn key_of(step: &str) -> Option<&str> {
    step.find('[').and_then(|at| step.get(at..))
}

/// An address without the keys of `count` and `for_each`: where the block stands.
pub(super) fn block_of(address: &str) -> String {
    steps(address).into_iter().map(without_key).collect::<Vec<_>>().join(".")
}

/// The module and the rest of a provider's key: `m` and `aws.prod` of `m:aws.prod`.
pub(super) fn provider_parts(key: &str) -> (&str, &str) {
    // The key of an instance may hold any character: `aws.by["a:b"]`.
    let end = key.find('[').unwrap_or(key.len());
    match key.get(..end).and_then(|start| start.rfind(':')) {
        Some(at) => {
            let (module, own) = key.split_at(at);
            (module, own.trim_start_matches(':'))
        }
        None => ("", key),
    }
}

/// What an expression refers to, seen from the module that it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reference<'a> {
    /// `var.NAME`, and whether a part of it.
    Variable(&'a str, Extent),
    /// `module.NAME.OUTPUT`; the name may have a key.
    Output(&'a str, &'a str, Extent),
    /// An attribute of a resource or data source.
    Resource {
        /// `aws_iam_role.app` or `data.aws_iam_policy_document.key`, without a key.
        block: String,
        /// `[0]` or `["a"]`.
        key: Option<&'a str>,
        /// Nothing where the reference ends before it.
        attribute: Option<&'a str>,
    },
    /// `each.key` or `count.index`: the key of the resource itself.
    OwnKey,
    /// `local.…`, `each.value`, `self.…`: what a plan does not tell.
    Opaque,
}

/// Whether a reference stands for the whole of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// An attribute or element.
    Part,
}

impl Extent {
    fn of(rest: &[&str], last: &str) -> Self {
        if rest.is_empty() && key_of(last).is_none() { Self::Whole } else { Self::Part }
    }
}

impl<'a> Reference<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        match steps(text).as_slice() {
            ["var", name, rest @ ..] => Self::Variable(without_key(name), Extent::of(rest, name)),
            ["module", call, output, rest @ ..] => {
                Self::Output(call, without_key(output), Extent::of(rest, output))
            }
            ["each", "key"] | ["count", "index"] => Self::OwnKey,
            ["local" | "each" | "count" | "self" | "path" | "terraform" | "module", ..] => {
                Self::Opaque
            }
            ["data", kind, name, rest @ ..] => {
                Self::resource(format!("data.{kind}.{}", without_key(name)), name, rest)
            }
            [kind, name, rest @ ..] => {
                Self::resource(format!("{kind}.{}", without_key(name)), name, rest)
            }
            _ => Self::Opaque,
        }
    }

    fn resource(block: String, name: &'a str, rest: &[&'a str]) -> Self {
        match rest {
            [] => Self::Resource { block, key: key_of(name), attribute: None },
            [attribute] if key_of(attribute).is_none() => {
                Self::Resource { block, key: key_of(name), attribute: Some(attribute) }
            }
            _ => Self::Opaque,
        }
    }
}

/// The references of an expression as they were written. Terraform lists each with all its
/// beginnings after it: `aws_iam_role.app.arn`, `aws_iam_role.app`.
///
/// Source: [expression representation](https://developer.hashicorp.com/terraform/internals/json-format#expression-representation)
pub(super) fn written<'a>(listed: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let mut written: Vec<&str> = Vec::new();
    let mut before = "";
    for text in listed {
        let is_beginning = before
            .strip_prefix(text)
            .is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['));
        if !is_beginning {
            written.push(text);
        }
        before = text;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_brackets_within_a_key_belong_to_it() {
        assert_eq!(
            steps(r#"module.m["a.b]"].aws_kms_key.k["x\"].y"].arn"#),
            ["module", r#"m["a.b]"]"#, "aws_kms_key", r#"k["x\"].y"]"#, "arn"]
        );
        assert_eq!(block_of(r#"module.m["a.b"].aws_kms_key.k[0]"#), "module.m.aws_kms_key.k");
    }

    #[test]
    fn references_are_told_from_their_beginnings() {
        let listed =
            ["aws_kms_key.k[0].arn", "aws_kms_key.k[0]", "aws_kms_key.k", "aws_kms_key.k", "var.a"];
        assert_eq!(written(listed), ["aws_kms_key.k[0].arn", "aws_kms_key.k", "var.a"]);
    }

    #[test]
    fn a_part_of_a_value_is_not_the_value() {
        let table = [
            ("var.policy", Reference::Variable("policy", Extent::Whole)),
            ("var.policy.text", Reference::Variable("policy", Extent::Part)),
            ("module.m[0].arn", Reference::Output("m[0]", "arn", Extent::Whole)),
            ("each.key", Reference::OwnKey),
            ("each.value.policy", Reference::Opaque),
            ("aws_iam_role.a.inline_policy[0].name", Reference::Opaque),
        ];
        for (text, expected) in table {
            assert_eq!(Reference::parse(text), expected, "{text}");
        }
    }
}
