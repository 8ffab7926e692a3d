//! What KMS knows, in a form that is printed.

use serde::Serialize;

use crate::kms::{
    AccessLevel, Action, By, ConditionKey, On, Operation, Service, ServiceOperation, Usage,
    ValueType,
};
use crate::wildcard::{Case, Token, matches};

/// An action.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a column of AWS's tables")]
pub struct ActionRow {
    /// `kms:Decrypt`
    pub name: &'static str,
    /// `List`, `Read`, `Tagging`, `Write` or `Permissions management`.
    pub access_level: &'static str,
    /// `key`, `alias and key`, or `none`.
    pub resource: &'static str,
    /// Whether a key policy decides it, too, and not IAM policies alone.
    pub key_policy: bool,
    /// Whether KMS offers it across accounts.
    pub cross_account: bool,
    /// Whether it uses key material.
    pub cryptographic: bool,
    /// The usage of key that it needs.
    pub key_usage: Option<&'static str>,
    /// Whether a grant can give it.
    pub grant_operation: bool,
    /// Whether the request may name its key by an alias.
    pub takes_alias: bool,
    /// The condition keys that only some requests carry, and those for this action do.
    pub condition_keys: Vec<&'static str>,
}

/// A condition key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConditionKeyRow {
    /// `kms:ViaService`
    pub name: &'static str,
    /// The type of its values.
    #[serde(rename = "type")]
    pub value_type: &'static str,
    /// Whether a request can carry several values.
    pub multivalued: bool,
    /// Whether a key policy may use it.
    pub in_key_policies: bool,
    /// The actions whose requests can carry it.
    pub actions: Vec<&'static str>,
}

/// An operation of the KMS API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OperationRow {
    /// `GenerateDataKey`
    pub name: &'static str,
    /// The parameters of its request.
    pub parameters: Vec<&'static str>,
    /// The permissions that it needs.
    pub permissions: Vec<NeededRow>,
}

/// A permission that an operation needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NeededRow {
    /// `kms:TagResource`
    pub action: String,
    /// What it is asked on.
    pub on: &'static str,
    /// The parameter without which it is not needed.
    pub parameter: Option<&'static str>,
}

/// A service that calls KMS for its callers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceRow {
    /// What stands before the Region in `kms:ViaService`.
    pub prefix: &'static str,
    /// The name of the service.
    pub name: &'static str,
    /// Its operations that `--via SERVICE:OPERATION` knows.
    pub operations: Vec<&'static str>,
}

/// An operation of a service, and what it asks of KMS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ServiceOperationRow {
    /// `s3:multipart-upload`
    pub name: String,
    /// What it does.
    pub title: &'static str,
    /// The calls of KMS, in order.
    pub calls: Vec<CallRow>,
    /// The encryption context that the service sends, in capitals what only the user knows.
    pub encryption_context: Vec<(&'static str, &'static str)>,
    /// What varies, or what AWS does not document.
    pub note: Option<&'static str>,
    /// AWS's page.
    pub source: &'static str,
}

/// A call that a service makes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct CallRow {
    /// `kms:Decrypt`
    pub action: &'static str,
    /// `caller`, `role`, or the service principal.
    pub by: &'static str,
}

/// Whether a name fits a pattern of `*` and `?`, or has a text without them in it. Case does not
/// count.
#[must_use]
pub fn fits(pattern: &str, name: &str) -> bool {
    if pattern.contains(['*', '?']) {
        return matches(pattern.chars().map(Token::of), name, Case::Insensitive);
    }
    name.to_ascii_lowercase().contains(&pattern.to_ascii_lowercase())
}

/// The actions, by name.
#[must_use]
pub fn actions() -> Vec<ActionRow> {
    let row = |action: &'static Action| ActionRow {
        name: action.name,
        access_level: match action.access {
            AccessLevel::List => "List",
            AccessLevel::PermissionsManagement => "Permissions management",
            AccessLevel::Read => "Read",
            AccessLevel::Tagging => "Tagging",
            AccessLevel::Write => "Write",
        },
        resource: match action.on {
            On::AliasAndKey => "alias and key",
            On::Key => "key",
            On::Nothing => "none",
        },
        key_policy: action.needs_key() && action.name != "kms:RetireGrant",
        cross_account: action.across_accounts,
        cryptographic: action.cryptographic,
        key_usage: action.usage.map(Usage::as_str),
        grant_operation: action.grantable,
        takes_alias: action.takes_alias,
        condition_keys: ConditionKey::all()
            .iter()
            .filter(|key| !key.is_sent_always() && key.is_sent_with(action))
            .map(|key| key.name)
            .collect(),
    };
    Action::all().iter().map(row).collect()
}

/// The condition keys, by name.
#[must_use]
pub fn condition_keys() -> Vec<ConditionKeyRow> {
    let row = |key: &'static ConditionKey| ConditionKeyRow {
        name: key.name,
        value_type: match key.value_type {
            ValueType::Arn => "ARN",
            ValueType::Bool => "Bool",
            ValueType::Date => "Date",
            ValueType::IpAddress => "IPAddress",
            ValueType::Number => "Numeric",
            ValueType::Text => "String",
        },
        multivalued: key.multivalued,
        in_key_policies: key.in_key_policies,
        actions: Action::all()
            .iter()
            .filter(|action| key.is_sent_with(action))
            .map(|action| action.name)
            .collect(),
    };
    ConditionKey::all().iter().map(row).collect()
}

/// The operations of the API, by name.
#[must_use]
pub fn operations() -> Vec<OperationRow> {
    let row = |operation: &'static Operation| {
        let several = operation.permissions.iter().map(|it| NeededRow {
            action: it.action.to_owned(),
            on: it.on,
            parameter: it.parameter,
        });
        let own = Action::parse(operation.name).ok().map(|action| NeededRow {
            action: action.name.to_owned(),
            on: if action.needs_key() { "the key" } else { "*" },
            parameter: None,
        });
        OperationRow {
            name: operation.name,
            parameters: operation.parameters.to_vec(),
            permissions: if operation.permissions.is_empty() {
                own.into_iter().collect()
            } else {
                several.collect()
            },
        }
    };
    Operation::all().iter().map(row).collect()
}

/// The services, by prefix.
#[must_use]
pub fn services() -> Vec<ServiceRow> {
    let row = |service: &'static Service| ServiceRow {
        prefix: service.prefix,
        name: service.name,
        operations: ServiceOperation::all()
            .iter()
            .filter(|operation| operation.service == service.prefix)
            .map(|operation| operation.name)
            .collect(),
    };
    Service::all().iter().map(row).collect()
}

/// The operations of services, by service and name.
#[must_use]
pub fn service_operations() -> Vec<ServiceOperationRow> {
    let row = |operation: &'static ServiceOperation| ServiceOperationRow {
        name: format!("{}:{}", operation.service, operation.name),
        title: operation.title,
        calls: operation
            .calls
            .iter()
            .map(|call| CallRow {
                action: call.action,
                by: match call.by {
                    By::Caller => "caller",
                    By::Role => "role",
                    By::Service(name) => name,
                },
            })
            .collect(),
        encryption_context: operation.context.to_vec(),
        note: operation.note,
        source: operation.source,
    };
    ServiceOperation::all().iter().map(row).collect()
}
