//! `kms-sim catalogue KIND [PATTERN]`

use std::io::Write;

use clap::ValueEnum;
use kms_sim::kms::Action;
use kms_sim::report::catalogue::{
    ActionRow, ConditionKeyRow, OperationRow, ServiceOperationRow, ServiceRow, actions,
    condition_keys, fits, operations, service_operations, services,
};
use kms_sim::text::{Printable, Quoted};
use serde::Serialize;

use super::{CliError, Color, Exit, OutputFormat, Streams};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// What is listed
    #[arg(value_enum, value_name = "KIND")]
    kind: Kind,
    /// Only names that have this text in them, or fit this pattern of `*` and `?`
    #[arg(value_name = "PATTERN")]
    pattern: Option<String>,
    /// Only what concerns this action: its condition keys, its operation, the operations of
    /// services that call it
    #[arg(long, value_name = "A")]
    action: Option<String>,
    /// Only actions that KMS offers across accounts
    #[arg(long)]
    cross_account: bool,
    /// How the list is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
}

/// The lists there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// The actions of KMS, which policies allow or deny
    Actions,
    /// The condition keys of KMS and of all services
    ConditionKeys,
    /// The operations of the KMS API, with their parameters and permissions
    Operations,
    /// The services that call KMS for their callers (--via)
    Services,
    /// Operations of services and their calls of KMS (--via SERVICE:OPERATION)
    ServiceOperations,
    /// The actions that a grant can give
    GrantOperations,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let action = args.action.as_deref().map(Action::parse).transpose().map_err(|error| {
        CliError::Usage { message: format!("--action: {error}"), help: error.help() }
    })?;
    args.check()?;
    let listed = args.listed(action.map(|action| action.name));
    if let (true, Some(pattern)) = (listed.is_empty(), &args.pattern) {
        streams.note(&format!("note: nothing fits {}", Quoted(pattern)));
    }
    match args.format {
        OutputFormat::Json => {
            let rows: Vec<&serde_json::Value> = listed.iter().map(|row| &row.json).collect();
            let json = serde_json::to_string_pretty(&rows);
            let json = json.map_err(|error| CliError::usage(error.to_string()))?;
            writeln!(streams.out, "{json}")?;
        }
        OutputFormat::Text => {
            for row in &listed {
                writeln!(streams.out, "{}", row.text)?;
            }
        }
    }
    streams.out.flush()?;
    Ok(Exit::Done)
}

/// A row, in both forms.
struct Row {
    json: serde_json::Value,
    text: String,
}

impl Row {
    fn new(name: &str, row: &impl Serialize, details: &[String]) -> Self {
        let details: Vec<&str> =
            details.iter().map(String::as_str).filter(|it| !it.is_empty()).collect();
        let text = format!("\u{1b}[1m{name}\u{1b}[0m\n  {}", details.join("\n  "));
        Self { json: serde_json::to_value(row).unwrap_or_default(), text }
    }
}

impl Args {
    /// Refuses filters that a list does not have: ignored, they would mislead.
    fn check(&self) -> Result<(), CliError> {
        let is_of_actions = matches!(self.kind, Kind::Actions | Kind::GrantOperations);
        if self.cross_account && !is_of_actions {
            return Err(CliError::usage("expected `--cross-account` with actions only"));
        }
        if self.action.is_some() && self.kind == Kind::Services {
            return Err(CliError::usage_with_help(
                "expected no `--action` with services",
                "the operations of services have one: `kms-sim catalogue service-operations --action …`",
            ));
        }
        Ok(())
    }

    fn listed(&self, action: Option<&str>) -> Vec<Row> {
        match self.kind {
            Kind::Actions => self.actions(|_| true, action),
            Kind::GrantOperations => self.actions(|row| row.grant_operation, action),
            Kind::ConditionKeys => {
                let concerns = |row: &ConditionKeyRow| has(&row.actions, action);
                self.filtered(&condition_keys(), |row| row.name, concerns, condition_key)
            }
            Kind::Operations => {
                let concerns = |row: &OperationRow| {
                    action.is_none_or(|name| row.permissions.iter().any(|it| it.action == name))
                };
                self.filtered(&operations(), |row| row.name, concerns, operation)
            }
            Kind::Services => self.filtered(&services(), |row| row.prefix, |_| true, service),
            Kind::ServiceOperations => {
                let concerns = |row: &ServiceOperationRow| {
                    action.is_none_or(|name| row.calls.iter().any(|it| it.action == name))
                };
                self.filtered(&service_operations(), |row| &row.name, concerns, service_operation)
            }
        }
    }

    fn actions(&self, is_listed: fn(&ActionRow) -> bool, action: Option<&str>) -> Vec<Row> {
        let concerns = |row: &ActionRow| {
            is_listed(row)
                && (row.cross_account || !self.cross_account)
                && action.is_none_or(|name| row.name == name)
        };
        self.filtered(&actions(), |row| row.name, concerns, action_row)
    }

    fn filtered<T>(
        &self,
        rows: &[T],
        name: impl Fn(&T) -> &str,
        concerns: impl Fn(&T) -> bool,
        told: fn(&T) -> Row,
    ) -> Vec<Row> {
        let is_named =
            |row: &&T| self.pattern.as_deref().is_none_or(|pattern| fits(pattern, name(row)));
        rows.iter().filter(is_named).filter(|row| concerns(row)).map(told).collect()
    }
}

fn has(names: &[&str], action: Option<&str>) -> bool {
    action.is_none_or(|action| names.contains(&action))
}

fn action_row(row: &ActionRow) -> Row {
    let policies = if row.key_policy { "key policy or IAM policies" } else { "IAM policies alone" };
    let on = match row.resource {
        "none" => "without a resource".to_owned(),
        resource => format!("on the {resource}"),
    };
    let flags = [
        (row.cross_account, "across accounts"),
        (row.grant_operation, "by grant"),
        (row.takes_alias, "key by alias"),
        (row.cryptographic, "cryptographic"),
    ];
    let flags: Vec<&str> = flags.iter().filter_map(|(is, name)| is.then_some(*name)).collect();
    let usage = row.key_usage.map(|usage| format!(", key usage {usage}")).unwrap_or_default();
    Row::new(
        row.name,
        row,
        &[format!("{}, {on}, by {policies}{usage}", row.access_level), flags.join(", ")],
    )
}

fn condition_key(row: &ConditionKeyRow) -> Row {
    let several = if row.multivalued { ", several values" } else { "" };
    let policies = if row.in_key_policies { "" } else { ", not in key policies" };
    let actions = if row.actions.len() == Action::all().len() {
        "every action".to_owned()
    } else {
        row.actions.join(" ")
    };
    Row::new(row.name, row, &[format!("{}{several}{policies}", row.value_type), actions])
}

fn operation(row: &OperationRow) -> Row {
    let permissions = row.permissions.iter().map(|it| {
        let parameter = it.parameter.map(|name| format!(" (with {name})")).unwrap_or_default();
        format!("{} on {}{parameter}", it.action, it.on)
    });
    let parameters = format!("parameters {}", row.parameters.join(" "));
    Row::new(row.name, row, &permissions.chain([parameters]).collect::<Vec<_>>())
}

fn service(row: &ServiceRow) -> Row {
    let operations = row.operations.iter().map(|name| format!("{}:{name}", row.prefix));
    let operations: Vec<String> = operations.collect();
    Row::new(row.prefix, row, &[row.name.to_owned(), operations.join(" ")])
}

fn service_operation(row: &ServiceOperationRow) -> Row {
    let calls = row.calls.iter().map(|call| match call.by {
        "caller" => call.action.to_owned(),
        by => format!("{} as {}", call.action, by.replace("role", "the role that it runs as")),
    });
    let calls: Vec<String> = calls.collect();
    let context: Vec<String> =
        row.encryption_context.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let context = if context.is_empty() {
        String::new()
    } else {
        format!("encryption context {}", context.join(", "))
    };
    let note = row.note.map(str::to_owned).unwrap_or_default();
    Row::new(
        &row.name,
        row,
        &[
            format!("to {}", Printable(row.title)),
            calls.join(", "),
            context,
            note,
            row.source.to_owned(),
        ],
    )
}
