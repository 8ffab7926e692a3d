use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use crate::kms::{Action, ConditionKey};

/// The name of a condition key. Case does not count, neither in the fixed part nor in a
/// tag key or the name of a pair of the encryption context.
///
/// Source: [Condition](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html)
#[derive(Clone, Debug)]
pub struct ContextKey {
    name: Arc<str>,
    folded: Arc<str>,
    /// Of the folded name; the same in every run.
    hash: u64,
    documented: Option<&'static ConditionKey>,
}

impl ContextKey {
    /// The key of that name, in AWS's spelling where AWS knows it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        static KNOWN: LazyLock<HashMap<&'static str, ContextKey>> = LazyLock::new(|| {
            let names = ConditionKey::all().iter().map(|key| key.name);
            names.map(|name| (name, ContextKey::read(name))).collect()
        });
        KNOWN.get(text).cloned().unwrap_or_else(|| Self::read(text))
    }

    fn read(text: &str) -> Self {
        let documented = ConditionKey::find(text);
        let name = match documented {
            None => text.to_owned(),
            Some(key) => match key.prefix() {
                None => key.name.to_owned(),
                Some(prefix) => format!("{prefix}{}", text.get(prefix.len()..).unwrap_or_default()),
            },
        };
        let folded = text.to_ascii_lowercase();
        let mut hasher = DefaultHasher::new();
        folded.hash(&mut hasher);
        Self { documented, hash: hasher.finish(), folded: folded.into(), name: name.into() }
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.name
    }

    /// What AWS documents of the key, if it does.
    #[must_use]
    pub fn documented(&self) -> Option<&'static ConditionKey> {
        self.documented
    }

    /// Whether no request for the action carries it: KMS sends it with others only, or it is in
    /// the namespace of KMS and KMS does not know it.
    fn is_never_sent_with(&self, action: Option<&Action>) -> bool {
        match self.documented {
            Some(key) => action.is_some_and(|action| !key.is_sent_with(action)),
            None => self.folded.starts_with("kms:"),
        }
    }

    /// Whether it carries a pair of the encryption context.
    pub(crate) fn is_of_encryption_context(&self) -> bool {
        self.starts_with("kms:EncryptionContext:")
    }

    /// An order that is quick to compare by, and not that of the names.
    fn quick_order(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| self.folded.cmp(&other.folded))
    }

    /// Whether the key begins with a fixed part such as `aws:PrincipalTag/`.
    fn starts_with(&self, prefix: &str) -> bool {
        self.name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    }
}

impl fmt::Display for ContextKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::text::Printable(&self.name).fmt(f)
    }
}

impl PartialEq for ContextKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.folded == other.folded
    }
}

impl Eq for ContextKey {}

impl Ord for ContextKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.folded.cmp(&other.folded)
    }
}

impl PartialOrd for ContextKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// What a request carries under a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The request does not carry the key.
    Absent,
    /// Left open: any value, or none.
    Unknown,
    /// One value, or several for a multivalued key.
    Values(Vec<String>),
}

impl Entry {
    /// A single value.
    #[must_use]
    pub fn value(text: impl Into<String>) -> Self {
        Self::Values(vec![text.into()])
    }

    /// The values that are there.
    #[must_use]
    pub fn values(&self) -> &[String] {
        match self {
            Self::Absent | Self::Unknown => &[],
            Self::Values(values) => values,
        }
    }
}

/// The context of one request: every condition key with what it carries.
#[derive(Clone, Debug)]
pub struct Context {
    /// In the keys' quick order.
    entries: Vec<(ContextKey, Entry)>,
    /// Keys whose entry is only what a request carries if nothing is said about them.
    assumed: Vec<ContextKey>,
    /// Prefixes of which every key is settled: what is not in `entries` is absent.
    settled: Vec<&'static str>,
    /// Prefixes of which every key is left open that is not in `entries`.
    open: Vec<&'static str>,
    /// The action that is requested, if it is known: the keys of others are absent.
    action: Option<&'static Action>,
    others: Entry,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            assumed: Vec::new(),
            settled: Vec::new(),
            open: Vec::new(),
            action: None,
            others: Entry::Absent,
        }
    }
}

impl Context {
    /// A context of requests for an action, with nothing in it.
    pub(crate) fn of(action: &'static Action) -> Self {
        Self { action: Some(action), ..Self::default() }
    }

    /// What the request carries under `key`.
    #[must_use]
    pub fn get(&self, key: &ContextKey) -> &Entry {
        match self.entries.binary_search_by(|(known, _)| known.quick_order(key)) {
            Ok(index) => self.entries.get(index).map_or(&self.others, |(_, entry)| entry),
            Err(_) if self.is_absent(key) => &Entry::Absent,
            Err(_) if self.open.iter().any(|prefix| key.starts_with(prefix)) => &Entry::Unknown,
            Err(_) => &self.others,
        }
    }

    /// Sets what the request carries under `key`, in place of what it carried before.
    pub fn set(&mut self, key: ContextKey, entry: Entry) {
        self.assumed.retain(|assumed| *assumed != key);
        self.insert(key, entry);
    }

    /// Sets what the request carries under `key` as long as nothing is said about it.
    pub(crate) fn assume(&mut self, key: ContextKey, entry: Entry) {
        self.assumed.push(key.clone());
        self.insert(key, entry);
    }

    fn insert(&mut self, key: ContextKey, entry: Entry) {
        match self.entries.binary_search_by(|(known, _)| known.quick_order(&key)) {
            Ok(index) => {
                if let Some(slot) = self.entries.get_mut(index) {
                    slot.1 = entry;
                }
            }
            Err(index) => self.entries.insert(index, (key, entry)),
        }
    }

    /// Whether it is known what the request carries under `key`, be it nothing.
    #[must_use]
    pub fn is_settled(&self, key: &ContextKey) -> bool {
        if self.assumed.contains(key) {
            return false;
        }
        match self.entries.binary_search_by(|(known, _)| known.quick_order(key)) {
            Ok(index) => self.entries.get(index).is_some_and(|(_, entry)| *entry != Entry::Unknown),
            Err(_) => self.is_absent(key),
        }
    }

    /// Whether a key without an entry is known to be absent.
    fn is_absent(&self, key: &ContextKey) -> bool {
        key.is_never_sent_with(self.action)
            || self.settled.iter().any(|prefix| key.starts_with(prefix))
    }

    /// Declares that all keys with this prefix are known: the others are absent.
    pub(crate) fn settle(&mut self, prefix: &'static str) {
        self.settled.push(prefix);
    }

    /// Leaves every key with this prefix open that nothing is said about.
    pub(crate) fn leave_open(&mut self, prefix: &'static str) {
        self.open.push(prefix);
    }

    /// The same context with every key that is not settled left open.
    #[must_use]
    pub fn opened(&self) -> Self {
        let mut opened = Self { others: Entry::Unknown, ..self.clone() };
        for key in opened.assumed.clone() {
            opened.insert(key, Entry::Unknown);
        }
        opened
    }

    /// The keys that are settled or assumed, in no order that means anything.
    pub fn entries(&self) -> impl Iterator<Item = (&ContextKey, &Entry)> {
        self.entries.iter().map(|(key, entry)| (key, entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_equal_in_any_case_and_shown_as_aws_spells_them() {
        let key = ContextKey::new("KMS:encryptioncontext:App");
        assert_eq!(key, ContextKey::new("kms:EncryptionContext:APP"));
        assert_eq!(key.as_str(), "kms:EncryptionContext:App");
        assert_eq!(ContextKey::new("aws:SOURCEIP").as_str(), "aws:SourceIp");
    }

    #[test]
    fn what_is_not_settled_is_absent_until_it_is_opened() {
        let mut context = Context::default();
        context.settle("aws:PrincipalTag/");
        context.set(ContextKey::new("aws:PrincipalTag/team"), Entry::value("web"));
        let tag = ContextKey::new("AWS:principaltag/other");
        let ip = ContextKey::new("aws:SourceIp");
        assert_eq!((context.get(&tag), context.get(&ip)), (&Entry::Absent, &Entry::Absent));
        let open = context.opened();
        assert_eq!((open.get(&tag), open.get(&ip)), (&Entry::Absent, &Entry::Unknown));
        assert_eq!(open.get(&ContextKey::new("aws:PrincipalTag/TEAM")), &Entry::value("web"));
    }

    #[test]
    fn what_nobody_knows_is_open_and_not_settled() {
        let mut context = Context::default();
        context.leave_open("aws:ResourceTag/");
        context.set(ContextKey::new("aws:ResourceTag/app"), Entry::value("web"));
        let [known, other] = ["aws:ResourceTag/app", "aws:resourcetag/locked"].map(ContextKey::new);
        assert_eq!(
            (context.get(&known), context.get(&other)),
            (&Entry::value("web"), &Entry::Unknown)
        );
        assert_eq!((context.is_settled(&known), context.is_settled(&other)), (true, false));
    }
}
