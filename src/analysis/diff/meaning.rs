//! What statements and grants say, however they are written: lists in another order, or a
//! statement that was split in two, say the same.

use std::collections::{BTreeSet, HashMap};

use crate::environment::{Grant, SourceArn};
use crate::evaluate::{Rule, Side};
use crate::policy::{Condition, Effect, Element, Naming, Namings, Policy, Statement};
use crate::request::Context;

/// A statement is split into no more parts than that.
const PARTS: usize = 64;

/// A part of a statement that holds or not as a whole, for somebody whom it names and an action
/// that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Said {
    side: Side,
    is_deny: bool,
    /// How it names the caller.
    namings: [bool; 4],
    /// The number of its terms, all of which must hold.
    terms: usize,
}

impl Said {
    /// Whether it names the caller by the account alone, as one of a key policy does that leaves
    /// the key to IAM policies.
    pub(super) fn is_by_account(&self) -> bool {
        let named = Naming::ALL.into_iter().zip(self.namings).filter(|(_, it)| *it);
        self.side == Side::KeyPolicy && named.map(|(it, _)| it).eq([Naming::Account])
    }
}

/// The terms of everything that was said, each set once.
#[derive(Debug, Default)]
pub(super) struct Meanings {
    numbers: HashMap<BTreeSet<String>, usize>,
    terms: Vec<BTreeSet<String>>,
    /// By the address of a policy and the number of a statement.
    of_statements: HashMap<(usize, usize), Vec<usize>>,
}

impl Meanings {
    /// What a rule says to somebody whom it names so.
    pub(super) fn of(&mut self, rule: Rule<'_>, side: Side, namings: Namings) -> Vec<Said> {
        let parts = match rule {
            Rule::Statement(policy, statement) => self.of_statement(policy, statement),
            Rule::Grant(grant) => vec![self.number(BTreeSet::from([of_grant(grant)]))],
        };
        let namings = Naming::ALL.map(|naming| namings.contains(naming));
        let is_deny = rule.effect() == Effect::Deny;
        parts.into_iter().map(|terms| Said { side, is_deny, namings, terms }).collect()
    }

    fn of_statement(&mut self, policy: &Policy, statement: &Statement) -> Vec<usize> {
        let at = (std::ptr::from_ref(policy) as usize, statement.index());
        if let Some(known) = self.of_statements.get(&at) {
            return known.clone();
        }
        let parts: Vec<usize> = parts(statement).into_iter().map(|it| self.number(it)).collect();
        self.of_statements.insert(at, parts.clone());
        parts
    }

    fn number(&mut self, terms: BTreeSet<String>) -> usize {
        let next = self.terms.len();
        let number = *self.numbers.entry(terms.clone()).or_insert(next);
        if number == next {
            self.terms.push(terms);
        }
        number
    }

    /// Without what says no more than something else that is said.
    pub(super) fn reduced(&self, said: &BTreeSet<Said>) -> BTreeSet<Said> {
        let is_less = |it: &Said, other: &Said| {
            let (own, others) = (self.terms.get(it.terms), self.terms.get(other.terms));
            (it.side, it.is_deny, it.namings) == (other.side, other.is_deny, other.namings)
                && it.terms != other.terms
                && others.zip(own).is_some_and(|(others, own)| others.is_subset(own))
        };
        said.iter().filter(|it| !said.iter().any(|other| is_less(it, other))).copied().collect()
    }
}

/// Whether a statement may apply to an action on a resource, whatever a call carries.
pub(super) fn may_apply(
    statement: &Statement,
    namings: Namings,
    action: &crate::kms::Action,
    resource: &str,
    open: &Context,
) -> bool {
    statement.covers_action(action)
        && statement.outcome(namings, action, resource, open).truth() != crate::Truth::False
}

/// What a grant says, for the operations that it is of.
fn of_grant(grant: &Grant) -> String {
    let constraint = grant.constraint.as_ref().map(|it| {
        let mut pairs: Vec<_> = it.pairs().collect();
        pairs.sort_unstable();
        format!("{} {pairs:?}", it.kind.as_str())
    });
    let retiring = grant.retiring.as_ref().map(ToString::to_string);
    let source = grant.source_arn.as_ref().map(SourceArn::as_str);
    format!("{} {constraint:?} {source:?} {retiring:?} {:?}", grant.grantee, grant.freshness)
}

/// What a condition asks of a call, in one of the ways that there are to meet it.
#[derive(Clone, Debug)]
struct Term {
    operator: String,
    key: String,
    values: String,
    /// Whether it fails where the key is absent.
    needs_key: bool,
    is_there: bool,
}

/// The parts of a statement, any of which is enough.
fn parts(statement: &Statement) -> Vec<BTreeSet<String>> {
    let choices: Vec<Vec<Term>> = statement.conditions().iter().map(choices).collect();
    let number = choices.iter().try_fold(1_usize, |all, it| all.checked_mul(it.len()));
    let mut parts: Vec<Vec<Term>> = vec![Vec::new()];
    let is_split = number.is_some_and(|it| it <= PARTS);
    for choices in choices {
        let choices = if is_split { choices } else { joined(choices) };
        let with = |part: &Vec<Term>| {
            let part = part.clone();
            choices.clone().into_iter().map(move |it| [part.clone(), vec![it]].concat())
        };
        parts = parts.iter().flat_map(with).collect();
    }
    let resource = statement.resource_variables().next().is_some().then(|| {
        let (name, mut values) = statement.written(Element::Resource);
        values.sort();
        format!("{name} {values:?}")
    });
    parts.into_iter().map(|part| told(&part, resource.as_ref())).collect()
}

fn told(part: &[Term], resource: Option<&String>) -> BTreeSet<String> {
    let is_told = |it: &&Term| {
        // That a key is there goes without saying where it must have a value.
        !(it.is_there && part.iter().any(|other| other.needs_key && other.key == it.key))
    };
    let text = |it: &Term| format!("{} {} {}", it.operator, it.key, it.values);
    part.iter().filter(is_told).map(text).chain(resource.cloned()).collect()
}

/// All values at once, where a statement would have too many parts.
fn joined(choices: Vec<Term>) -> Vec<Term> {
    let values: Vec<String> = choices.iter().map(|it| it.values.clone()).collect();
    choices.into_iter().take(1).map(|it| Term { values: values.join(", "), ..it }).collect()
}

/// The ways in which a condition can be met: by any of its values, unless it is negated or asks
/// something of all values of the call.
fn choices(condition: &Condition) -> Vec<Term> {
    let (set, operator) = match condition.operator().split_once(':') {
        Some((set, operator)) => (set, operator),
        None => ("", condition.operator()),
    };
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let is_literal = condition.variables().next().is_none();
    let mut values: Vec<String> =
        condition.values().map(|value| value_of(operator, value, is_literal)).collect();
    values.sort();
    values.dedup();
    let has_wildcard = |value: &String| value.contains(['*', '?', '$']);
    let operator = match operator {
        "ArnEquals" => "ArnLike",
        "ArnNotEquals" => "ArnNotLike",
        "StringLike" if !values.iter().any(has_wildcard) => "StringEquals",
        "StringNotLike" if !values.iter().any(has_wildcard) => "StringNotEquals",
        operator => operator,
    };
    let is_negated = operator.contains("Not");
    let is_of_all = set == "ForAllValues";
    let term = |values: String| Term {
        operator: format!("{set}:{operator}{}", if if_exists { "IfExists" } else { "" }),
        key: condition.key().as_str().to_ascii_lowercase(),
        needs_key: !if_exists && !is_negated && !is_of_all && operator != "Null",
        is_there: operator == "Null" && set.is_empty() && values == "false",
        values,
    };
    if is_negated || is_of_all {
        return vec![term(values.join(", "))];
    }
    values.into_iter().map(term).collect()
}

/// A value as its operator reads it.
fn value_of(operator: &str, value: &str, is_literal: bool) -> String {
    let folds = matches!(operator, "Bool" | "Null") || operator.ends_with("IgnoreCase");
    let value = if folds { value.to_ascii_lowercase() } else { value.to_owned() };
    // Before version 2012-10-17 a variable is none.
    if is_literal && value.contains("${") { format!("literally {value}") } else { value }
}
