//! Loops in templates, and what is not known of those over what nobody said.

use super::Template;
use super::attach::Named;
use super::build::{Builder, Entity};
use super::scope::Scope;
use crate::document::{At, Document, InputError};
use crate::environment::Part;
use crate::import::{Assumptions, EstatePolicy};
use crate::policy::Kind;
use crate::text::Quoted;

/// What gives the parameters of a template their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Parameters {
    /// The user, else the defaults.
    OwnOrDefault,
    /// The user; other stacks may be of the template, too.
    Own,
    /// The stack around it.
    Passed,
}

/// A template with what its loops declare, if it has any: those over a list, or over a parameter
/// whose value is known.
pub(super) fn unrolled(
    template: &Template<'_>,
    assumptions: &Assumptions,
    from: Parameters,
) -> Result<Option<Document>, InputError> {
    let root = template.document.root().as_object();
    let parameters = root.and_then(|it| it.get("Parameters")).and_then(At::as_object);
    let value = |name: &str| {
        let parameter = parameters?.get(name)?.as_object()?;
        let kind = parameter.get("Type").and_then(At::as_str).unwrap_or("String");
        let passed = template.stack.parameters.iter().rev().find(|(own, _)| own == name);
        let given = assumptions.values.get(name).or(passed.map(|(_, value)| value));
        let default = parameter.get("Default").and_then(At::as_scalar);
        let text = match (from, given) {
            (Parameters::Passed, _) | (Parameters::Own, None) => return None,
            (Parameters::OwnOrDefault | Parameters::Own, Some(given)) => given.as_str(),
            (Parameters::OwnOrDefault, None) => default?,
        };
        (!kind.starts_with("AWS::SSM::")).then(|| text.to_owned())
    };
    template.document.unrolled(&|over| items(over, &value))
}

fn items(over: At<'_>, value: &dyn Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let split = |text: String| -> Vec<String> {
        text.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
    };
    let referred = |at: At<'_>| {
        let object = at.as_object().filter(|it| it.len() == 1)?;
        value(object.get("Ref")?.as_str()?).map(split)
    };
    let Some(listed) = over.as_list() else { return referred(over) };
    let of = |at: At<'_>| match at.as_scalar() {
        Some(text) => Some(vec![text.to_owned()]),
        None => referred(at),
    };
    listed.map(of).collect::<Option<Vec<_>>>().map(|it| it.concat())
}

/// What loops and macros among the resources of a stack may declare: users, groups and roles may
/// have a policy of it, keys an alias, and accounts a control policy.
pub(super) fn leave_open(builder: &mut Builder<'_, '_>, scope: Scope<'_, '_>) {
    for (name, at) in &scope.stack.sections.loops {
        let text = at.to_json().to_string();
        let may_declare = |kind: &str| !name.starts_with("Fn::ForEach::") || text.contains(kind);
        let why = format!("what {} declares is not known ({})", Quoted(name), at.place());
        let unknown = EstatePolicy::Unknown(why);
        let account = scope.stack.account;
        if may_declare("AWS::IAM::") {
            let names = builder.entities.keys().filter(|(owner, ..)| *owner == account);
            let names: Vec<(Entity, String)> =
                names.map(|(_, entity, name)| (*entity, name.clone())).collect();
            for (entity, name) in &names {
                builder.give(Named { account, entity: *entity, name }, unknown.clone());
            }
        }
        if may_declare("AWS::KMS::Alias") {
            for key in builder.estate.keys.values_mut() {
                key.unknown.insert(Part::Aliases);
            }
        }
        if may_declare("AWS::Organizations::Policy") {
            for account in builder.accounts() {
                builder.limit(account, Kind::ServiceControl, unknown.clone());
                builder.limit(account, Kind::ResourceControl, unknown.clone());
            }
        }
    }
}
