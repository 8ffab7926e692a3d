//! Users, groups, roles, and the policies that are attached to them.

use super::attach::{Named, attach, check_name};
use super::build::{Builder, Entity, if_there};
use super::declared::{Declared, Existence, known};
use super::policy;
use super::value::{Reason, Resolved};
use crate::document::InputError;
use crate::environment::Part;
use crate::import::{EstatePolicy, EstatePrincipal};
use crate::policy::Kind;
use crate::request::PrincipalName;
use crate::text::Quoted;

/// Source: [AWS::IAM::ManagedPolicy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-managedpolicy.html)
pub(super) fn managed_policy(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    let value = declared.required("PolicyDocument")?;
    let notes = &mut builder.estate.notes;
    let policy = policy::read(declared, "PolicyDocument", value, Kind::Identity, notes)?;
    let policy = policy.map(|policy| if_there(policy, existence));
    if let Ok(arn) = declared.reference()? {
        let either = builder.either(&arn, existence).filter(|_| builder.managed.contains_key(&arn));
        let policy = either.map_or(policy, |why| Some(EstatePolicy::Unknown(why)));
        builder.doubt(&arn, existence);
        builder.managed.insert(arn, policy);
    }
    Ok(())
}

/// Source: [AWS::IAM::Group](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-group.html)
pub(super) fn group(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    builder.presume(declared, existence);
    let Some(arn) = arn_of(builder, declared, Entity::Group)? else { return Ok(()) };
    let mut policies = own_policies(builder, declared)?;
    let name = last(&arn).to_owned();
    let group = builder.group_name(declared.scope.stack.account, &name);
    if builder.estate.groups.contains_key(&group) {
        let why = builder
            .either(&arn, existence)
            .ok_or_else(|| again(declared, Entity::Group, &group))?;
        policies = vec![EstatePolicy::Unknown(why)];
    }
    builder.doubt(&arn, existence);
    builder.entities.insert((declared.scope.stack.account, Entity::Group, name), group.clone());
    builder.estate.groups.insert(group, policies);
    Ok(())
}

/// Source: [AWS::IAM::Role](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html)
pub(super) fn role(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    builder.presume(declared, existence);
    let Some(arn) = arn_of(builder, declared, Entity::Role)? else { return Ok(()) };
    let id = declared.attribute("RoleId")?.ok();
    principal(
        builder,
        declared,
        existence,
        &arn,
        EstatePrincipal { id, ..EstatePrincipal::default() },
    )
}

/// Source: [AWS::IAM::User](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-user.html)
pub(super) fn user(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    builder.presume(declared, existence);
    let Some(arn) = arn_of(builder, declared, Entity::User)? else { return Ok(()) };
    principal(builder, declared, existence, &arn, EstatePrincipal::default())?;
    let user =
        Named { account: declared.scope.stack.account, entity: Entity::User, name: last(&arn) };
    match declared.items("Groups")? {
        Err(reason) => builder.give(user, EstatePolicy::Unknown(reason.to_string())),
        Ok(groups) => {
            for group in groups {
                match known(group.scalar())? {
                    Ok(name) => builder.join(user, group.at, &name)?,
                    Err(reason) => builder.give(user, EstatePolicy::Unknown(reason.to_string())),
                }
            }
        }
    }
    Ok(())
}

/// The ARN of a user, group or role. One whose name is not known is left out, and said.
fn arn_of(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    entity: Entity,
) -> Result<Option<String>, InputError> {
    let arn = match declared.attribute("Arn")? {
        Ok(arn) => arn,
        Err(reason) => {
            let what =
                format!("is left out, a {} whose name is not known: {reason}", entity.word());
            builder.estate.notes.push(declared.note(&what));
            return Ok(None);
        }
    };
    if entity == Entity::Group {
        return check_name(declared.at(), last(&arn), entity).map(|()| Some(arn));
    }
    PrincipalName::parse(&arn, None).map_err(|error| declared.at().error(error.to_string()))?;
    Ok(Some(arn))
}

fn principal(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
    arn: &str,
    principal: EstatePrincipal,
) -> Result<(), InputError> {
    let entity = if arn.contains(":user/") { Entity::User } else { Entity::Role };
    let identity_policies = own_policies(builder, declared)?;
    let permissions_boundary = match declared.text("PermissionsBoundary")? {
        Some(Ok(arn)) => {
            let nothing =
                || EstatePolicy::Unknown(format!("the policy {} is not known", Quoted(&arn)));
            Some(builder.managed_by_arn(declared.at(), &arn)?.unwrap_or_else(nothing))
        }
        Some(Err(reason)) => Some(EstatePolicy::Unknown(reason.to_string())),
        None => None,
    };
    let tags = declared.tags()?;
    builder.estate.notes.extend(tags.open.iter().map(|it| declared.open_tag(it)));
    let account = declared.scope.stack.account;
    let name = builder.principal_name(account, arn);
    if declared.resource.name() != name {
        builder.estate.notes.push(declared.note(&format!("is {}", Quoted(&name))));
    }
    builder.entities.insert((account, entity, last(arn).to_owned()), name.clone());
    let unknown = (!tags.open.is_empty()).then_some(Part::Tags).into_iter().collect();
    let tags = tags.known;
    let principal =
        EstatePrincipal { identity_policies, permissions_boundary, tags, unknown, ..principal };
    let principal = match builder.estate.principals.remove(&name) {
        None => principal,
        Some(first) => {
            let why =
                builder.either(arn, existence).ok_or_else(|| again(declared, entity, &name))?;
            one_of(first, &principal, &why)
        }
    };
    builder.doubt(arn, existence);
    builder.estate.principals.insert(name, principal);
    Ok(())
}

/// What is known of a user or role that is one of two.
fn one_of(first: EstatePrincipal, second: &EstatePrincipal, why: &str) -> EstatePrincipal {
    let unknown = || EstatePolicy::Unknown(why.to_owned());
    let is_bounded = first.permissions_boundary.is_some() || second.permissions_boundary.is_some();
    let differs = first.tags != second.tags;
    EstatePrincipal {
        id: first.id.filter(|id| Some(id) == second.id.as_ref()),
        identity_policies: vec![unknown()],
        permissions_boundary: is_bounded.then(unknown),
        unknown: first
            .unknown
            .into_iter()
            .chain(second.unknown.iter().copied())
            .chain(differs.then_some(Part::Tags))
            .collect(),
        tags: if differs { std::collections::BTreeMap::new() } else { first.tags },
        ..EstatePrincipal::default()
    }
}

fn again(declared: Declared<'_, '_>, entity: Entity, name: &str) -> InputError {
    let message = format!("expected each {} once, found {} again", entity.word(), Quoted(name));
    declared.at().error(message)
}

/// The policies that a user, group or role itself lists.
fn own_policies(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
) -> Result<Vec<EstatePolicy>, InputError> {
    let mut policies = Vec::new();
    let unknown = |reason: Reason| EstatePolicy::Unknown(reason.to_string());
    policies.extend(policy::changed_by_macro(declared).map(unknown));
    match declared.items("Policies")? {
        Err(reason) => policies.push(unknown(reason)),
        Ok(items) => {
            for item in items {
                policies.extend(inline(builder, declared, &item)?);
            }
        }
    }
    match declared.items("ManagedPolicyArns")? {
        Err(reason) => policies.push(unknown(reason)),
        Ok(items) => {
            for item in items {
                match known(item.scalar())? {
                    Ok(arn) => policies.extend(builder.managed_by_arn(item.at, &arn)?),
                    Err(reason) => policies.push(unknown(reason)),
                }
            }
        }
    }
    Ok(policies)
}

fn inline(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    item: &Resolved<'_>,
) -> Result<Option<EstatePolicy>, InputError> {
    let Some(document) = item.get("PolicyDocument") else {
        return match item.unknown() {
            Some(reason) => Ok(Some(EstatePolicy::Unknown(reason.to_string()))),
            None => Err(item.expected("`PolicyName` and `PolicyDocument`")),
        };
    };
    let name = item.get("PolicyName").and_then(|name| name.scalar().ok());
    let what = match name {
        Some(name) => format!("policy {}", Quoted(&name)),
        None => "a policy".to_owned(),
    };
    policy::read(declared, &what, document.clone(), Kind::Identity, &mut builder.estate.notes)
}

/// Source: [AWS::IAM::UserToGroupAddition](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-usertogroupaddition.html)
pub(super) fn membership(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    let group = declared.required("GroupName")?;
    let group_name = match (known(group.scalar())?, existence) {
        (Ok(_), Existence::Unknown(reason)) => Err(reason.clone()),
        (group, _) => group,
    };
    let account = declared.scope.stack.account;
    for user in match declared.items("Users")? {
        Ok(users) => users,
        Err(reason) => {
            builder.give_all(declared, Entity::User, &EstatePolicy::Unknown(reason.to_string()));
            return Ok(());
        }
    } {
        match (known(user.scalar())?, &group_name) {
            (Ok(name), group_name) => {
                check_name(user.at, &name, Entity::User)?;
                let user = Named { account, entity: Entity::User, name: &name };
                builder.define(user);
                match group_name {
                    Ok(name) => builder.join(user, group.at, name)?,
                    Err(reason) => builder.give(user, EstatePolicy::Unknown(reason.to_string())),
                }
            }
            (Err(_), _) if declared.is_left_out(user.at) => {}
            (Err(reason), _) => {
                builder.give_all(
                    declared,
                    Entity::User,
                    &EstatePolicy::Unknown(reason.to_string()),
                );
            }
        }
    }
    Ok(())
}

/// Source: [AWS::IAM::Policy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-policy.html)
pub(super) fn policy(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    let targets = [("Roles", Entity::Role), ("Users", Entity::User), ("Groups", Entity::Group)];
    attach_document(builder, declared, existence, &targets)
}

/// Source: [AWS::IAM::RolePolicy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-rolepolicy.html)
pub(super) fn role_policy(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    attach_document(builder, declared, existence, &[("RoleName", Entity::Role)])
}

/// Source: [AWS::IAM::UserPolicy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-userpolicy.html)
pub(super) fn user_policy(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    attach_document(builder, declared, existence, &[("UserName", Entity::User)])
}

/// Source: [AWS::IAM::GroupPolicy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-grouppolicy.html)
pub(super) fn group_policy(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    attach_document(builder, declared, existence, &[("GroupName", Entity::Group)])
}

/// The targets that a managed policy itself lists.
pub(super) fn attach_managed(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    let targets = [("Roles", Entity::Role), ("Users", Entity::User), ("Groups", Entity::Group)];
    let policy = match declared.reference()? {
        Ok(arn) => match builder.managed.get(&arn) {
            Some(Some(policy)) => policy.clone(),
            Some(None) | None => return Ok(()),
        },
        Err(reason) => EstatePolicy::Unknown(reason.to_string()),
    };
    attach(builder, declared, &targets, &if_there(policy, existence))
}

fn attach_document(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
    targets: &[(&str, Entity)],
) -> Result<(), InputError> {
    let Some(value) = declared.get("PolicyDocument")? else { return Ok(()) };
    let notes = &mut builder.estate.notes;
    match policy::read(declared, "PolicyDocument", value, Kind::Identity, notes)? {
        Some(policy) => attach(builder, declared, targets, &if_there(policy, existence)),
        None => Ok(()),
    }
}

fn last(arn: &str) -> &str {
    arn.rsplit_once('/').map_or(arn, |(_, name)| name)
}
