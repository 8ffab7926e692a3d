//! What a grant asks of the call, besides its operation.

use super::GrantFacts;
use crate::policy::GrantElement;
use crate::request::{Context, ContextKey, Entry};
use crate::truth::Truth;

/// What a grant asks of the encryption context. Letter case counts, as it does not in the
/// names of condition keys.
///
/// Source: [Using grant constraints](https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-constraints)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextConstraint {
    /// Whether further pairs are allowed.
    pub kind: ConstraintKind,
    pairs: Vec<Pair>,
    /// The condition key that carries the names of all pairs.
    names: ContextKey,
}

/// The kinds of constraint on the encryption context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConstraintKind {
    /// `EncryptionContextEquals`: these pairs and no others.
    Equals,
    /// `EncryptionContextSubset`: these pairs, and any others.
    Subset,
}

/// The resource on behalf of which a service must call, to use a grant.
#[derive(Clone, Debug)]
pub struct SourceArn {
    pub(super) arn: String,
    pub(super) key: ContextKey,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pair {
    name: String,
    value: String,
    key: ContextKey,
}

impl SourceArn {
    /// The constraint that a service calls on behalf of this resource.
    #[must_use]
    pub fn new(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), key: ContextKey::new("aws:SourceArn") }
    }

    /// The ARN of the resource.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    pub(super) fn holds(&self, context: &Context) -> Truth {
        match context.get(&self.key) {
            Entry::Absent => Truth::False,
            Entry::Unknown => Truth::Unknown,
            Entry::Values(values) => values.contains(&self.arn).into(),
        }
    }
}

impl ConstraintKind {
    /// As KMS spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Equals => "EncryptionContextEquals",
            Self::Subset => "EncryptionContextSubset",
        }
    }
}

impl ContextConstraint {
    /// A constraint of these pairs.
    #[must_use]
    pub fn new(kind: ConstraintKind, pairs: Vec<(String, String)>) -> Self {
        let pair = |(name, value): (String, String)| {
            let key = ContextKey::new(&format!("kms:EncryptionContext:{name}"));
            Pair { name, value, key }
        };
        let names = ContextKey::new("kms:EncryptionContextKeys");
        Self { kind, pairs: pairs.into_iter().map(pair).collect(), names }
    }

    /// The pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str()))
    }

    /// The condition keys that carry its pairs, with the value that it asks for; and that of
    /// their names, if there may be no others.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&ContextKey, &str)> {
        let is_closed = self.kind == ConstraintKind::Equals;
        let names = self.pairs.iter().map(|pair| (&self.names, pair.name.as_str()));
        self.pairs
            .iter()
            .map(|pair| (&pair.key, pair.value.as_str()))
            .chain(names.filter(move |_| is_closed))
    }

    pub(super) fn holds(&self, facts: &GrantFacts, context: &Context) -> Truth {
        let each = Truth::all(self.pairs.iter().map(|pair| pair.is_in(facts, context)));
        match self.kind {
            ConstraintKind::Subset => each,
            ConstraintKind::Equals => each & self.has_no_others(facts, context),
        }
    }

    /// Whether the encryption context has no further pair, by the pairs and by what is said of
    /// its names.
    fn has_no_others(&self, facts: &GrantFacts, context: &Context) -> Truth {
        let is_asked = |name: &str| self.pairs.iter().any(|pair| pair.name == name);
        let is_sent =
            |name: &str| facts.pairs.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name));
        let by_pairs = facts.pairs.iter().any(|(name, _)| !is_asked(name));
        let by_names = match context.get(&self.names) {
            Entry::Absent => Truth::False,
            Entry::Unknown => Truth::Unknown,
            Entry::Values(names) => names.iter().any(|name| !is_sent(name)).into(),
        };
        let is_open = |key: &ContextKey| {
            key.is_of_encryption_context() && !self.pairs.iter().any(|pair| pair.key == *key)
        };
        let by_open =
            context.entries().any(|(key, entry)| *entry == Entry::Unknown && is_open(key));
        let open = if by_open { Truth::Unknown } else { Truth::False };
        !(Truth::from(by_pairs) | by_names | open)
    }

    /// Whether a grant with this constraint may create one with `child`: one as strict, or
    /// stricter.
    ///
    /// Source: [Granting CreateGrant permission](https://docs.aws.amazon.com/kms/latest/developerguide/create-grant-overview.html#grant-creategrant)
    pub(super) fn lets_pass(&self, child: Option<&Self>) -> bool {
        let Some(child) = child else { return false };
        let keeps_all = self.pairs.iter().all(|pair| child.pairs.contains(pair));
        match (self.kind, child.kind) {
            (ConstraintKind::Subset, _) => keeps_all,
            (ConstraintKind::Equals, ConstraintKind::Equals) => {
                keeps_all && self.pairs.len() == child.pairs.len()
            }
            (ConstraintKind::Equals, ConstraintKind::Subset) => false,
        }
    }
}

impl Pair {
    fn is_in(&self, facts: &GrantFacts, context: &Context) -> Truth {
        match context.get(&self.key) {
            Entry::Unknown => Truth::Unknown,
            Entry::Absent | Entry::Values(_) => facts
                .pairs
                .iter()
                .any(|(name, value)| *name == self.name && *value == self.value)
                .into(),
        }
    }
}

impl ConstraintKind {
    pub(super) fn element(self) -> GrantElement {
        match self {
            Self::Equals => GrantElement::EncryptionContextEquals,
            Self::Subset => GrantElement::EncryptionContextSubset,
        }
    }
}
