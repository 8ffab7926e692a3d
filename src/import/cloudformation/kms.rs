//! Keys and aliases.

use super::build::Builder;
use super::declared::{Declared, Existence, known};
use super::{names, policy};
use crate::document::InputError;
use crate::environment::{Key, Part};
use crate::import::{EstateKey, EstatePolicy};
use crate::kms::{KeySpec, Origin, Usage};
use crate::policy::Kind;
use crate::text::{Quoted, did_you_mean};

/// Source: [AWS::KMS::Key](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html)
pub(super) fn key(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    builder.presume(declared, existence);
    let mut key = common(builder, declared)?;
    match flag(builder, declared, "MultiRegion")? {
        Some(Ok(true)) => key.multi_region = Some("primary"),
        Some(Err(())) => key.unknown.extend([Part::MultiRegion]),
        _ => {}
    }
    let mut property = |name, part, names: &[&str]| {
        let value = one_of(builder, declared, name, names)?;
        if matches!(value, Some(Err(()))) {
            key.unknown.insert(part);
        }
        Ok::<_, InputError>(value.and_then(Result::ok))
    };
    let spec = property("KeySpec", Part::Spec, &KeySpec::NAMES)?;
    let usage = property("KeyUsage", Part::Usage, &Usage::NAMES)?;
    let origin = property("Origin", Part::Origin, &Origin::NAMES)?;
    let key = EstateKey { spec, usage, origin, ..key };
    add(builder, declared, key)
}

/// A replica shares the properties of its primary key, and has a key policy of its own.
///
/// Source: [AWS::KMS::ReplicaKey](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-replicakey.html)
pub(super) fn replica_key(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    builder.presume(declared, existence);
    let mut key = common(builder, declared)?;
    key.multi_region = Some("replica");
    let primary = declared.required("PrimaryKeyArn")?;
    let shared = [Part::Spec, Part::Usage, Part::Origin];
    key.unknown.extend(shared);
    if let Ok(arn) = known(primary.scalar())? {
        if key.arn.as_ref() == Some(&arn) {
            let message = format!(
                "expected the ARN of a primary key in another Region than {}, found {}",
                Quoted(declared.scope.stack.region),
                Quoted(&arn)
            );
            let help = "say where the stack is with `--region`";
            return Err(primary.at.error(message).with_help(Some(help)));
        }
        let primary = builder.keys.get(&arn).and_then(|name| builder.estate.keys.get(name));
        if let Some(primary) = primary {
            key.spec.clone_from(&primary.spec);
            key.usage.clone_from(&primary.usage);
            key.origin.clone_from(&primary.origin);
            key.unknown.retain(|it| !shared.contains(it) || primary.unknown.contains(it));
        }
    }
    declared.required("KeyPolicy")?;
    add(builder, declared, key)
}

/// What keys and replicas have in common.
fn common(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
) -> Result<EstateKey, InputError> {
    let notes = &mut builder.estate.notes;
    let arn =
        match declared.attribute("Arn")? {
            Ok(arn) => arn,
            Err(reason) => {
                let account = declared.scope.stack.account;
                let id = names::uuid(declared.scope, declared.resource.id);
                notes.push(declared.note(&format!(
                    "has a key id that is not known, so {id} stands for it: {reason}"
                )));
                format!(
                    "arn:{}:kms:{}:{}:key/{id}",
                    account.partition, declared.scope.stack.region, account.id
                )
            }
        };
    Key::parse_arn(&arn).map_err(|error| declared.at().error(error.to_string()))?;
    let policy = match (declared.get("KeyPolicy")?, policy::changed_by_macro(declared)) {
        (_, Some(reason)) => Some(EstatePolicy::Unknown(reason.to_string())),
        (Some(value), None) => policy::read(declared, "KeyPolicy", value, Kind::Key, notes)?,
        (None, None) => None,
    };
    let tags = declared.tags()?;
    notes.extend(tags.open.iter().map(|it| declared.open_tag(it)));
    let state = match flag(builder, declared, "Enabled")? {
        Some(Ok(false)) => Some("Disabled".to_owned()),
        _ => None,
    };
    let unknown = (!tags.open.is_empty()).then_some(Part::Tags).into_iter().collect();
    let tags = tags.known;
    let is_region_assumed = declared.scope.stack.is_region_assumed;
    let arn = Some(arn);
    Ok(EstateKey { arn, policy, state, tags, unknown, is_region_assumed, ..EstateKey::default() })
}

/// A boolean property. What is not known is said.
fn flag(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    name: &str,
) -> Result<Option<Result<bool, ()>>, InputError> {
    let Some(value) = declared.get(name)? else { return Ok(None) };
    Ok(Some(known(value.boolean())?.map_err(|reason| {
        builder.estate.notes.push(
            declared
                .note(&format!("has `{name}` that is not known, taken as if left out: {reason}")),
        );
    })))
}

/// A property with a list of values. What is not known is said.
fn one_of(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    name: &str,
    names: &[&str],
) -> Result<Option<Result<String, ()>>, InputError> {
    let Some(value) = declared.get(name)? else { return Ok(None) };
    match known(value.scalar())? {
        Ok(text) if names.contains(&text.as_str()) => Ok(Some(Ok(text))),
        Ok(text) => {
            let message = format!("expected a value of `{name}`, found {}", Quoted(&text));
            Err(value.at.error(message).with_help(did_you_mean(&text, names.iter().copied())))
        }
        Err(reason) => {
            builder.estate.notes.push(
                declared.note(&format!(
                    "has `{name}` that is not known, taken as if left out: {reason}"
                )),
            );
            Ok(Some(Err(())))
        }
    }
}

/// By the name that people give it; where two stacks have it, with that of the stack.
fn add(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    key: EstateKey,
) -> Result<(), InputError> {
    let arn = key.arn.clone().unwrap_or_default();
    let name = declared.resource.name();
    let long = format!("{}/{}", declared.scope.stack.label, declared.resource.id);
    let is_taken = |name: &str| builder.estate.keys.contains_key(name);
    let name = match (is_taken(name), is_taken(&long)) {
        (false, _) => name.to_owned(),
        (true, false) => long,
        (true, true) => arn.clone(),
    };
    if builder.keys.insert(arn.clone(), name.clone()).is_some() {
        let message = format!("expected each key once, found {} again", Quoted(&arn));
        return Err(declared.at().error(message));
    }
    builder.estate.keys.insert(name, key);
    Ok(())
}

/// Source: [AWS::KMS::Alias](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-alias.html)
pub(super) fn alias(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    let (name, target) = (declared.required("AliasName")?, declared.required("TargetKeyId")?);
    let target = known(target.scalar())?;
    let may_be_of = target.as_ref().ok().map(|it| it.rsplit('/').next().unwrap_or(it).to_owned());
    let (alias, target) = match (known(name.scalar())?, target, existence.clone()) {
        (Ok(alias), Ok(target), Existence::Exists | Existence::Missing) => (alias, target),
        (_, _, Existence::Unknown(reason)) | (Err(reason), ..) | (_, Err(reason), _) => {
            builder.estate.notes.push(declared.note(&format!("is left out: {reason}")));
            for key in builder.estate.keys.values_mut() {
                let id = key.arn.as_deref().and_then(|arn| arn.rsplit('/').next());
                if may_be_of.as_deref().is_none_or(|it| Some(it) == id) {
                    key.unknown.insert(Part::Aliases);
                }
            }
            return Ok(());
        }
    };
    if !Key::is_alias(&alias) {
        let found = Quoted(&alias);
        let message = format!("expected an alias name such as `alias/app`, found {found}");
        return Err(name.at.error(message));
    }
    let (account, region) = (declared.scope.stack.account, declared.scope.stack.region);
    let place = format!("arn:{}:kms:{region}:{}:", account.partition, account.id);
    let target_arn = format!("{place}key/{}", target.rsplit('/').next().unwrap_or_default());
    let is_near = target == target_arn || !target.contains('/');
    let key = builder.keys.get(&target_arn).filter(|_| is_near);
    let Some(key) = key.and_then(|name| builder.estate.keys.get_mut(name)) else {
        let what = format!("is left out: the key {} is not in the templates", Quoted(&target));
        builder.estate.notes.push(declared.note(&what));
        return Ok(());
    };
    if !builder.aliases.insert(format!("{place}{alias}")) {
        let message = format!("expected each alias on one key, found {} again", Quoted(&alias));
        return Err(name.at.error(message));
    }
    key.aliases.push(alias);
    Ok(())
}
