//! Whom the conditions of policies tell from other users and roles.

use std::collections::BTreeMap;

use super::candidates::shown;
use crate::environment::{Attached, Request};
use crate::policy::{Condition, Policy, Statement};
use crate::request::{Account, ContextKey, PrincipalName};

/// A user or role that a condition is about.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) name: PrincipalName,
    /// As the condition has it, where that is no name.
    pattern: Option<String>,
}

impl Told {
    /// As a person speaks of it. What is no pattern of ARNs is not repeated.
    pub(super) fn shown(&self, account: Account) -> String {
        match self.pattern.as_deref() {
            Some(pattern) if is_plain(pattern) => format!("a principal like {pattern}"),
            Some(_) | None => shown(&self.name, account),
        }
    }
}

/// Users and roles of the account that fit what the conditions of every policy that applies
/// say of `aws:PrincipalArn` and `aws:username`, whether they allow or deny.
pub(super) fn told_from_others(request: &Request<'_>, account: Account) -> Vec<Told> {
    let policies = request.stack.policies().filter_map(|(_, policy)| Attached::known(policy));
    told_by(policies, account)
}

/// The same of the conditions of some policies.
pub(super) fn told_by<'p>(
    policies: impl Iterator<Item = &'p Policy>,
    account: Account,
) -> Vec<Told> {
    let conditions: Vec<&Condition> =
        policies.flat_map(Policy::statements).flat_map(Statement::conditions).collect();
    let values = |key: &str| {
        let key = ContextKey::new(key);
        let of_key = conditions.iter().copied().filter(move |it| *it.key() == key);
        of_key.flat_map(Condition::values)
    };
    let mut told = BTreeMap::new();
    for pattern in values("aws:PrincipalArn") {
        if let Some(name) = fitting(pattern, account) {
            let is_pattern = pattern.contains(['*', '?', '$']);
            told.insert(
                pattern.to_owned(),
                Told { name, pattern: is_pattern.then(|| pattern.to_owned()) },
            );
        }
    }
    for pattern in values("aws:username") {
        let user = format!("user/{pattern}");
        if let Some(name) = fitting(&user, account) {
            told.insert(user, Told { name, pattern: None });
        }
    }
    told.into_values().collect()
}

/// A role or user of the account whose ARN fits a pattern, if its end says which.
fn fitting(pattern: &str, account: Account) -> Option<PrincipalName> {
    let pattern = pattern.replace("${aws:PrincipalAccount}", &account.id.to_string());
    let starts = ["role/", "user/"].map(|kind| pattern.find(kind));
    let end = starts.into_iter().flatten().min().map(|start| pattern.split_at(start).1);
    let anybody = || crate::arn::split(&pattern).filter(|it| it.last() == Some(&"*"));
    let resource = match end {
        Some(end) => end.replace(['*', '?'], "X"),
        None => anybody().map(|_| "role/X".to_owned())?,
    };
    let text = format!("arn:{}:iam::{}:{resource}", account.partition, account.id);
    let name = PrincipalName::parse(&text, None).ok().filter(|_| !pattern.contains("${"))?;
    let is_one = matches!(name, PrincipalName::Role(..) | PrincipalName::User(..));
    is_one.then_some(name)
}

/// Whether a text has only what ARNs and patterns of them are made of.
fn is_plain(pattern: &str) -> bool {
    pattern.chars().all(|c| c.is_ascii_alphanumeric() || "+=,.@_/:*?-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arn::Partition;

    #[test]
    fn a_pattern_of_arns_stands_for_a_role_or_user_of_the_account() {
        let account = Account { partition: Partition::Aws, id: "123456789012".parse().unwrap() };
        let table = [
            ("arn:aws:iam::123456789012:role/Admin", Some("role/Admin")),
            ("arn:aws:iam::*:role/Admin*", Some("role/AdminX")),
            ("arn:aws:iam::*role/Admin", Some("role/Admin")),
            ("*:role/Admin", Some("role/Admin")),
            ("arn:aws:iam::${aws:PrincipalAccount}:role/Admin", Some("role/Admin")),
            ("arn:aws:iam::123456789012:user/ops/?", Some("user/ops/X")),
            ("arn:aws:iam::123456789012:*", Some("role/X")),
            ("arn:aws:iam::123456789012:root", None),
            ("arn:aws:iam::123456789012:role/${aws:username}", None),
            ("*", None),
        ];
        for (pattern, expected) in table {
            let found = fitting(pattern, account).map(|name| shown(&name, account));
            assert_eq!(found.as_deref(), expected, "{pattern}");
        }
    }
}
