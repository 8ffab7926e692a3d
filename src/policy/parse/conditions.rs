use std::collections::HashSet;

use super::Reader;
use crate::document::{At, InputError, Notice, Object};
use crate::kms::ConditionKey;
use crate::policy::Kind;
use crate::policy::condition::{Comparison, Condition, Operator};
use crate::policy::template::Variables;
use crate::text::{Quoted, did_you_mean};

/// What `ForAllValues` does with a key that has one value; nothing where `Null` asks for the key, as
/// every request then has it.
///
/// Source: [Null](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Null)
fn trap(statement: Object<'_>, block: Object<'_>, key: &str) -> Option<&'static str> {
    let asks = block.get("Null").and_then(At::as_object).is_some_and(|it| {
        let mut own = it.members().filter(|(name, _)| name.eq_ignore_ascii_case(key));
        own.any(|(_, at)| at.as_scalar() == Some("false") || at.as_bool() == Some(false))
    });
    let is_deny = statement.get("Effect").and_then(At::as_str) == Some("Deny");
    (!asks).then_some(if is_deny {
        "`ForAllValues` with a single-valued key also denies requests without the key"
    } else {
        "`ForAllValues` with a single-valued key also matches requests without the key"
    })
}

impl Reader {
    /// Source: [Condition](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html)
    pub(super) fn conditions(
        &mut self,
        statement: Object<'_>,
    ) -> Result<Vec<Condition>, InputError> {
        let Some(at) = statement.get("Condition") else {
            return Ok(Vec::new());
        };
        let block = at.object()?;
        if block.len() == 0 {
            self.warn(
                at,
                Notice::EmptyCondition,
                "the condition is empty: the statement always applies",
            );
        }
        let mut conditions = Vec::new();
        for (name, keys) in block.members() {
            self.operator(statement, block, (name, keys), &mut conditions)?;
        }
        Ok(conditions)
    }

    fn operator(
        &mut self,
        statement: Object<'_>,
        block: Object<'_>,
        (name, keys): (&str, At<'_>),
        conditions: &mut Vec<Condition>,
    ) -> Result<(), InputError> {
        let keys = keys.object()?;
        let operator = match Operator::parse(name) {
            Ok(operator) => operator,
            // AWS takes whatever stands over an empty object, since nothing is tested.
            Err(_) if keys.len() == 0 => {
                self.warn(
                    keys.at(),
                    Notice::EmptyCondition,
                    format!("{} tests nothing", Quoted(name)),
                );
                return Ok(());
            }
            Err((expected, help)) => {
                let message = format!("{expected}, found {}", Quoted(name));
                return Err(block.error_at_name(name, message).with_help(help));
            }
        };
        if operator.spelling != name {
            self.warn(
                keys.at(),
                Notice::OperatorCase,
                format!("{} is spelled `{}`", Quoted(name), operator.spelling),
            );
        }
        if keys.len() == 0 {
            self.warn(keys.at(), Notice::EmptyCondition, format!("{} tests nothing", Quoted(name)));
        }
        let mut seen = HashSet::new();
        for (key, values) in keys.members() {
            if !seen.insert(key.to_ascii_lowercase()) {
                let message = format!(
                    "expected each condition key once, found {} again in another case",
                    Quoted(key)
                );
                return Err(keys
                    .error_at_name(key, message)
                    .with_help(Some("the case of a condition key does not count")));
            }
            let texts = values_of(values)?;
            self.check_types(values);
            let parsed = Condition::read(&operator, key, &texts, self.variables);
            self.check_key(keys, key, values, &parsed.condition, trap(statement, block, key))?;
            self.check_values(values, operator.operator, &parsed.warnings)?;
            conditions.push(parsed.condition);
        }
        Ok(())
    }

    /// A key without a prefix, or with one of AWS as a whole or of KMS, that AWS does not document.
    fn check_undocumented(&mut self, name: &str, at: At<'_>) {
        let known = ConditionKey::all().iter().map(|key| key.name);
        let is_ours = ["aws:", "kms:"].iter().any(|prefix| {
            name.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        });
        if !name.contains(':') {
            let message = format!(
                "expected a condition key with its prefix, such as `aws:` or `kms:`, found {}",
                Quoted(name)
            );
            self.warn_with_help(at, Notice::UnknownConditionKey, message, || {
                did_you_mean(name, known)
            });
        } else if is_ours {
            let message = format!(
                "AWS documents no condition key {} for KMS: no request is known to carry it",
                Quoted(name)
            );
            self.warn_with_help(at, Notice::UnknownConditionKey, message, || {
                did_you_mean(name, known)
            });
        }
    }

    /// What a key policy may not test, and keys that AWS does not document.
    fn check_key(
        &mut self,
        keys: Object<'_>,
        name: &str,
        at: At<'_>,
        condition: &Condition,
        trap: Option<&'static str>,
    ) -> Result<(), InputError> {
        let documented = condition.key().documented();
        let is_forbidden =
            documented.map_or_else(|| is_resource_tag(name), |key| !key.in_key_policies);
        if is_forbidden && self.kind == Kind::Key {
            return Err(forbidden(keys, name));
        }
        let Some(key) = documented else {
            self.check_undocumented(name, at);
            return Ok(());
        };
        if condition.is_for_all_values() && !key.multivalued {
            let is_refused = self.kind == Kind::Key
                && matches!(key.name, "kms:EncryptionContext:*" | "aws:RequestTag/*");
            if is_refused {
                return Err(keys
                    .error_at_name(
                        name,
                        format!(
                            "expected no set operator for {}, found `ForAllValues`",
                            Quoted(name)
                        ),
                    )
                    .with_help(Some(
                        "KMS refuses it as OverlyPermissiveCondition: remove `ForAllValues:`",
                    )));
            }
            if let Some(trap) = trap {
                self.warn(at, Notice::ForAllValuesOfOne, trap);
            }
        }
        if key.multivalued && !condition.is_quantified() && !is_null(condition) {
            self.warn(
                at,
                Notice::SetOperatorMissing,
                format!(
                    "{} can have several values and is tested without `ForAnyValue` or `ForAllValues`; AWS \
                     does not say what happens, so one matching value is taken to be enough",
                    key.name
                ),
            );
        }
        Ok(())
    }

    fn check_values(
        &mut self,
        values: At<'_>,
        operator: Operator,
        warnings: &[(usize, String)],
    ) -> Result<(), InputError> {
        let items = values.one_or_many();
        if items.is_empty() {
            self.warn(
                values,
                Notice::EmptyCondition,
                "the condition has no values: no value of the request can equal one",
            );
        }
        for (index, warning) in warnings {
            let at = items.get(*index).copied().unwrap_or(values);
            // IAM refuses an identity policy with a date that is none.
            if self.kind.is_of_iam() && matches!(operator.comparison, Comparison::Date(_)) {
                return Err(at.expected("a date (2026-11-23T02:00:00Z, or seconds since 1970)"));
            }
            self.warn(at, Notice::MistypedValue, format!("{} here: {warning}", at.describe()));
        }
        let takes_variables =
            matches!(operator.comparison, Comparison::String(_) | Comparison::Arn);
        for at in items {
            let has_variable = at.as_str().is_some_and(|text| text.contains("${"));
            match (has_variable, takes_variables, self.variables) {
                (true, true, Variables::Literal) => {
                    self.warn(
                        at,
                        Notice::LiteralVariable,
                        "`${` is literal text, because the policy's Version is not 2012-10-17",
                    );
                }
                (true, false, _) => {
                    self.warn(
                        at,
                        Notice::LiteralVariable,
                        "`${` is literal text: this operator takes no policy variables",
                    );
                }
                (false, ..) | (true, true, Variables::Active) => {}
            }
        }
        Ok(())
    }

    fn check_types(&mut self, values: At<'_>) {
        let items = values.one_or_many();
        let is_text = |at: &At<'_>| at.as_str().is_some();
        if items.iter().any(is_text) && !items.iter().all(is_text) {
            self.warn(values, Notice::MixedTypes, "the values have different JSON types");
        }
    }
}

fn is_null(condition: &Condition) -> bool {
    condition.operator() == "Null"
}

/// Strings, numbers and booleans; numbers and booleans count as their text.
fn values_of(at: At<'_>) -> Result<Vec<&str>, InputError> {
    let items = at.one_or_many().into_iter();
    items
        .map(|at| at.as_scalar().ok_or_else(|| at.expected("a string, number or boolean")))
        .collect()
}

/// Forms of a tag on the key that AWS forbids by name and does not document otherwise.
///
/// Source: [ABAC for KMS](https://docs.aws.amazon.com/kms/latest/developerguide/abac.html)
fn is_resource_tag(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["aws:resourcetag", "kms:resourcetag"].iter().any(|prefix| name.starts_with(prefix))
}

fn forbidden(keys: Object<'_>, name: &str) -> InputError {
    keys.error_at_name(
        name,
        format!("expected a condition key that a key policy may use, found {}", Quoted(name)),
    )
    .with_help(Some(
        "KMS answers: These condition keys are not permitted in a key policy: aws:ResourceTag, \
             kms:ResourceTag, kms:ResourceAliases",
    ))
}
