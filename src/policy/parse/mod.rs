//! From a located document to a [`Policy`]: everything fallible happens here.

mod conditions;
mod control;
mod elements;
pub(crate) mod fields;
mod wrapper;

use std::collections::HashSet;

use self::wrapper::Unwrapped;
use super::index::PrincipalIndex;
use super::statement::{Actions, Scope};
use super::template::Variables;
use super::{Effect, Kind, Policy, Statement};
use crate::document::{At, Document, InputError, Notice, Object};
use crate::text::{Quoted, did_you_mean};

/// Whether a document is a policy, or what the CLI prints around one.
pub(super) fn is_policy(at: At<'_>) -> bool {
    wrapper::is_policy(at)
}

pub(super) fn from_document(document: &Document, kind: Kind) -> Result<Policy, InputError> {
    from_value(document.root(), kind)
}

/// Reads the policy that stands at a place in a document.
pub(super) fn from_value(at: At<'_>, kind: Kind) -> Result<Policy, InputError> {
    let policy = match wrapper::unwrap(at)? {
        Unwrapped::Here(at) => policy(at, kind),
        Unwrapped::Inside(document) => policy(document.root(), kind),
    };
    policy.map_err(|error| error.with_notice(Notice::Refused))
}

fn policy(at: At<'_>, kind: Kind) -> Result<Policy, InputError> {
    check_characters(at)?;
    let object = at.object().map_err(|_| at.expected("a policy, which is an object"))?;
    let object = object.only(fields::POLICY)?;
    object.get("Id").map(At::string).transpose()?;
    let place = at.place();
    if kind == Kind::ResourceControl {
        control::check(object)?;
    }
    let mut reader = Reader { kind, variables: version(object)?, warnings: Vec::new(), untold: 0 };
    reader.check_size(object);
    let statements = reader.statements(object.required("Statement")?)?;
    Ok(Policy {
        index: PrincipalIndex::new(&statements),
        kind,
        source: place.source,
        pointer: place.pointer,
        statements,
        warnings: reader.told(at),
    })
}

/// Source: [Version](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html)
fn version(policy: Object<'_>) -> Result<Variables, InputError> {
    let Some(version) = policy.get("Version") else {
        return Ok(Variables::Literal);
    };
    match version.as_str() {
        Some("2012-10-17") => Ok(Variables::Active),
        Some("2008-10-17") => Ok(Variables::Literal),
        _ => Err(version.expected("`\"2012-10-17\"` or `\"2008-10-17\"`")),
    }
}

/// The characters that AWS takes in a policy: tab, line feed, carriage return, and U+0020
/// to U+00FF. Those written as escapes are held to the same rule; AWS does not say.
///
/// Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html)
fn check_characters(at: At<'_>) -> Result<(), InputError> {
    let is_refused = |c: &char| match c {
        '\t' | '\n' | '\r' => false,
        c => *c < ' ' || *c > '\u{ff}',
    };
    let refuse = |c: char| {
        format!(
            "expected characters up to U+00FF and no control characters, found U+{:04X} {}",
            u32::from(c),
            Quoted(c.encode_utf8(&mut [0; 4]))
        )
    };
    if let Some(c) = at.as_str().and_then(|text| text.chars().find(is_refused)) {
        return Err(at.error(refuse(c)));
    }
    for item in at.as_list().into_iter().flatten() {
        check_characters(item)?;
    }
    if let Some(object) = at.as_object() {
        for (name, value) in object.members() {
            if let Some(c) = name.chars().find(is_refused) {
                return Err(object.error_at_name(name, refuse(c)));
            }
            check_characters(value)?;
        }
    }
    Ok(())
}

/// What the parts of a policy are read with.
struct Reader {
    kind: Kind,
    variables: Variables,
    warnings: Vec<InputError>,
    untold: usize,
}

const MAX_WARNINGS: usize = 100;

impl Reader {
    fn warn(&mut self, at: At<'_>, notice: Notice, message: impl Into<String>) {
        self.warn_with_help(at, notice, message, || None);
    }

    /// Beyond some, warnings are only counted: nobody reads a hundred thousand.
    fn warn_with_help(
        &mut self,
        at: At<'_>,
        notice: Notice,
        message: impl Into<String>,
        help: impl FnOnce() -> Option<String>,
    ) {
        if self.warnings.len() < MAX_WARNINGS {
            self.warnings.push(at.error(message).with_notice(notice).with_help(help()));
        } else {
            self.untold += 1;
        }
    }

    fn told(self, policy: At<'_>) -> Vec<InputError> {
        let rest = (self.untold > 0)
            .then(|| policy.error(format!("{} more warnings like these", self.untold)))
            .map(|rest| rest.with_notice(Notice::MoreWarnings));
        self.warnings.into_iter().chain(rest).collect()
    }

    fn check_size(&mut self, policy: Object<'_>) {
        let place = policy.at().place();
        let size = self.kind.size(place.source.text.get(place.span).unwrap_or_default());
        if size > self.kind.quota() {
            let notice = match self.kind {
                Kind::Identity | Kind::PermissionsBoundary => Notice::OverCustomerQuota,
                Kind::Key
                | Kind::ResourceControl
                | Kind::ServiceControl
                | Kind::Session
                | Kind::VpcEndpoint => Notice::OverQuota,
            };
            self.warn(
                policy.at(),
                notice,
                format!(
                    "the {} has {size} bytes; AWS takes no new one over {}",
                    self.kind.as_str(),
                    self.kind.quota()
                ),
            );
        }
    }

    /// At least one, as a list or alone.
    ///
    /// Source: [Statement](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html)
    fn statements(&mut self, at: At<'_>) -> Result<Vec<Statement>, InputError> {
        let listed = at.one_or_many();
        if listed.is_empty() {
            return Err(at.expected("at least one statement"));
        }
        let alone = at.as_list().is_none();
        let mut sids = HashSet::new();
        let statements = listed.into_iter().enumerate().map(|(index, at)| {
            let statement = self.statement(at, index)?;
            let pointer = if alone { "/Statement".into() } else { format!("/Statement/{index}") };
            let sid = statement.sid.clone().filter(|sid| !sid.is_empty());
            if let Some(repeated) = sid.and_then(|sid| sids.replace(sid)) {
                self.repeated_sid(at, &repeated)?;
            }
            Ok(Statement { pointer, ..statement })
        });
        statements.collect()
    }

    /// IAM refuses a repeated `Sid`; for KMS AWS only recommends against it.
    ///
    /// Source: [Sid](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html)
    fn repeated_sid(&mut self, at: At<'_>, sid: &str) -> Result<(), InputError> {
        let place = at.as_object().and_then(|object| object.get("Sid")).unwrap_or(at);
        if self.kind.is_of_iam() {
            return Err(place.error(format!("expected each Sid once, found {} again", Quoted(sid))));
        }
        self.warn(
            place,
            Notice::RepeatedSid,
            format!("the Sid {} names more than one statement", Quoted(sid)),
        );
        Ok(())
    }

    fn statement(&mut self, at: At<'_>, index: usize) -> Result<Statement, InputError> {
        let object = at.object().map_err(|_| at.expected("a statement, which is an object"))?;
        self.check_members(object)?;
        let effect = effect(object.required("Effect")?)?;
        let principal =
            if self.kind.has_principal() { Some(self.principal(object, effect)?) } else { None };
        let written = self.actions(object)?;
        let covered = elements::covered(&written);
        let told = self.warnings.len();
        let resource = self.resource(object)?;
        if elements::needs_alias(covered, &resource) {
            let of_resource = self.warnings.split_off(told);
            let rest = |it: &InputError| it.notice() != Some(Notice::AliasInResource);
            self.warnings.extend(of_resource.into_iter().filter(rest));
        }
        Ok(Statement {
            sid: self.sid(object)?,
            index,
            effect,
            principal,
            actions: Actions { written, covered },
            resource,
            conditions: self.conditions(object)?,
            span: at.span(),
            pointer: String::new(),
        })
    }

    fn check_members(&self, statement: Object<'_>) -> Result<(), InputError> {
        let has_principal = self.kind.has_principal();
        if let Some(name) = ["Principal", "NotPrincipal"]
            .into_iter()
            .find(|name| !has_principal && statement.get(name).is_some())
        {
            return Err(statement
                .error_at_name(
                    name,
                    format!("expected no `{name}` in a policy of this kind, found one"),
                )
                .with_help(Some(format!(
                    "the {} concerns whom it is attached to",
                    self.kind.as_str()
                ))));
        }
        statement.only(fields::STATEMENT).map(drop)
    }

    /// Letters and digits in IAM; a key policy may have spaces in it.
    ///
    /// Source: [Sid](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html),
    /// [Key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html)
    fn sid(&self, statement: Object<'_>) -> Result<Option<Box<str>>, InputError> {
        let Some(at) = statement.get("Sid") else {
            return Ok(None);
        };
        let sid = at.string()?;
        let is_plain = sid.chars().all(|c| c.is_ascii_alphanumeric());
        if self.kind.is_of_iam() && !is_plain {
            return Err(at.expected("a Sid of letters and digits only"));
        }
        Ok(Some(sid.into()))
    }
}

/// Source: [Effect](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_effect.html)
fn effect(at: At<'_>) -> Result<Effect, InputError> {
    match at.as_str() {
        Some("Allow") => Ok(Effect::Allow),
        Some("Deny") => Ok(Effect::Deny),
        other => Err(at
            .expected("`Allow` or `Deny`, in exactly this case")
            .with_help(other.and_then(|text| did_you_mean(text, ["Allow", "Deny"])))),
    }
}

/// An element, or its `Not…` form, but not both.
fn one_of<'a>(
    statement: Object<'a>,
    name: &str,
    not_name: &str,
) -> Result<Option<Scope<At<'a>>>, InputError> {
    match (statement.get(name), statement.get(not_name)) {
        (Some(_), Some(_)) => Err(statement
            .error_at_name(not_name, format!("expected `{name}` or `{not_name}`, found both"))),
        (Some(at), None) => Ok(Some(Scope::Only(at.one_or_many()))),
        (None, Some(at)) => Ok(Some(Scope::AllExcept(at.one_or_many()))),
        (None, None) => Ok(None),
    }
}

#[cfg(test)]
mod tests;
