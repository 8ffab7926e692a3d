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
        Self { kind, pairs: pairs.into_iter().map(pair).collect() }
    }

    /// The pairs.
    pub fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|pair| (pair.name.as_str(), pair.value.as_str()))
    }

    /// The condition keys that carry its pairs, with the value that it asks for.
    pub(crate) fn keys(&self) -> impl Iterator<Item = (&ContextKey, &str)> {
        self.pairs.iter().map(|pair| (&pair.key, pair.value.as_str()))
    }

    pub(super) fn holds(&self, facts: &GrantFacts, context: &Context) -> Truth {
        let each = Truth::all(self.pairs.iter().map(|pair| pair.is_in(facts, context)));
        match self.kind {
            ConstraintKind::Subset => each,
            ConstraintKind::Equals => each & self.has_no_others(facts, context),
        }
    }

    fn has_no_others(&self, facts: &GrantFacts, context: &Context) -> Truth {
        if let Some(pairs) = &facts.pairs {
            return (pairs.len() == self.pairs.len()).into();
        }
        let is_known = |key: &ContextKey| self.pairs.iter().any(|pair| pair.key == *key);
        let others = context
            .entries()
            .filter(|(key, _)| key.is_of_encryption_context() && !is_known(key))
            .map(|(_, entry)| match entry {
                Entry::Absent => Truth::False,
                Entry::Unknown => Truth::Unknown,
                Entry::Values(_) => Truth::True,
            });
        !Truth::any(others)
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
        match (context.get(&self.key), &facts.pairs) {
            (Entry::Unknown, _) => Truth::Unknown,
            (_, Some(pairs)) => {
                pairs.iter().any(|(name, value)| *name == self.name && *value == self.value).into()
            }
            (Entry::Values(values), None) => values.contains(&self.value).into(),
            (Entry::Absent, None) => Truth::False,
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
