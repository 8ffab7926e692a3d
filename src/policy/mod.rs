//! Policy documents, parsed once into a form in which only valid policies exist.

pub(crate) mod condition;
mod index;
mod json;
mod kind;
mod parse;
mod principal;
mod resource;
mod statement;
mod template;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use self::condition::Condition;
use self::index::PrincipalIndex;
pub use self::kind::Kind;
pub(crate) use self::parse::fields;
pub use self::principal::Naming;
pub(crate) use self::principal::{Namings, Principal as StatementPrincipal};
pub use self::statement::{Effect, Element, GrantElement, Outcome, Statement};
use crate::arn::is_region;
use crate::document::{Document, InputError, Place, Source};
use crate::request::{Account, Caller, PrincipalName};

/// A policy, ready to be evaluated.
///
/// Source: [Grammar](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html)
#[derive(Debug)]
pub struct Policy {
    kind: Kind,
    source: Arc<Source>,
    pointer: String,
    statements: Vec<Statement>,
    index: Option<PrincipalIndex>,
    warnings: Vec<InputError>,
}

impl Policy {
    /// Reads a document that is one policy, or what the AWS CLI prints around one
    /// (`get-key-policy`, `get-role-policy`, `get-policy-version`, …).
    ///
    /// # Errors
    ///
    /// If it is not a policy of this kind that AWS would accept, with the place. What AWS
    /// once stored and refuses today, or only warns of, is read, with a [warning](Self::warnings).
    pub fn from_document(document: &Document, kind: Kind) -> Result<Self, InputError> {
        parse::from_document(document, kind)
    }

    /// Whether a document is a policy, or what the AWS CLI prints around one.
    #[must_use]
    pub fn is_in(document: &Document) -> bool {
        parse::is_policy(document.root())
    }

    /// Reads the policy that stands at a place in a document.
    pub(crate) fn from_value(at: crate::document::At<'_>, kind: Kind) -> Result<Self, InputError> {
        parse::from_value(at, kind)
    }

    /// Reads the text of a policy in JSON.
    ///
    /// # Errors
    ///
    /// As [`from_document`](Self::from_document), and if the text is not JSON.
    pub fn from_json(name: &str, text: &str, kind: Kind) -> Result<Self, InputError> {
        let source = Source::from_bytes(name, text.as_bytes().to_vec())?;
        Self::from_document(&Document::parse(source, crate::document::Format::Json)?, kind)
    }

    /// What the policy is attached to, and so which elements it may have.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The name of the file that the policy was read from, with a JSON pointer if it is only
    /// a part of it.
    #[must_use]
    pub fn name(&self) -> String {
        match self.pointer.as_str() {
            "" => self.source.name.clone(),
            pointer => format!("{}#{pointer}", self.source.name),
        }
    }

    /// The policy as plain JSON, to be edited; the numbers of its conditions as texts.
    ///
    /// # Errors
    ///
    /// None in practice: the text was read before.
    pub fn to_json(&self) -> Result<serde_json::Value, InputError> {
        json::read(&self.source, &self.pointer)
    }

    /// The statements, in order.
    #[must_use]
    pub fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The statements that may concern a caller: all but some that do not name it.
    pub(crate) fn statements_for(&self, caller: &Caller) -> impl Iterator<Item = &Statement> {
        let all = if self.index.is_none() { &self.statements[..] } else { &[] };
        let candidates = self.index.iter().flat_map(|index| index.candidates(caller));
        all.iter().chain(candidates.filter_map(|index| self.statements.get(index)))
    }

    /// The users, roles, sessions and account roots that the statements name.
    pub fn principals(&self) -> impl Iterator<Item = PrincipalName> {
        self.statements.iter().flat_map(Statement::principals)
    }

    /// The accounts that the statements' principals name or belong to.
    #[must_use]
    pub fn accounts(&self) -> BTreeSet<Account> {
        self.principals().filter_map(|principal| principal.account()).collect()
    }

    /// The ARNs of keys that the statements spell out in `Resource`.
    #[must_use]
    pub fn keys(&self) -> BTreeSet<String> {
        let resources = self.statements.iter().flat_map(Statement::resources);
        resources.filter(|arn| arn.contains(":key/") && !arn.contains(['*', '?', '$'])).collect()
    }

    /// The Regions that the statements speak of: in the ARNs of resources, and in conditions on
    /// `aws:RequestedRegion` and `kms:ViaService`.
    #[must_use]
    pub fn regions(&self) -> BTreeSet<String> {
        let in_arns = self.statements.iter().flat_map(Statement::resources);
        let in_arns = in_arns.filter_map(|arn| Some(arn.split(':').nth(3)?.to_owned()));
        let conditions = self.statements.iter().flat_map(Statement::conditions);
        let in_conditions = conditions.flat_map(|condition| {
            let is = |name: &str| condition.key().to_string().eq_ignore_ascii_case(name);
            let (is_region, is_service) = (is("aws:RequestedRegion"), is("kms:ViaService"));
            condition.values().filter_map(move |value| match () {
                () if is_region => Some(value.to_owned()),
                () if is_service => Some(value.split('.').nth(1)?.to_owned()),
                () => None,
            })
        });
        in_arns.chain(in_conditions).filter(|it| is_region(it)).collect()
    }

    /// What AWS accepts or once accepted, but is likely not meant.
    #[must_use]
    pub fn warnings(&self) -> &[InputError] {
        &self.warnings
    }

    /// The text that the policy was read from.
    #[must_use]
    pub fn source(&self) -> &Arc<Source> {
        &self.source
    }

    /// The JSON pointer to the policy in its text; empty if it is the whole of it.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where a statement of this policy stands.
    #[must_use]
    pub fn place(&self, statement: &Statement) -> Place {
        Place {
            source: self.source.clone(),
            span: statement.span.clone(),
            pointer: format!("{}{}", self.pointer, statement.pointer),
        }
    }
}
