//! What the command line says of a request, besides who calls what.

use kms_sim::environment::{Moment, Parameters, Question};
use kms_sim::kms::{Asked, ServiceOperation};
use kms_sim::request::{Entry, Rules};
use kms_sim::text::Quoted;
use serde_json::Value;

use super::CliError;

#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RequestArgs {
    /// Key id, key ARN, alias/NAME, alias ARN, or a name in the environment file
    #[arg(long, value_name = "K")]
    pub(super) key: Option<String>,
    /// The second key: where `ReEncrypt` encrypts, or what `UpdateAlias` points to
    #[arg(long, value_name = "K")]
    pub(super) destination_key: Option<String>,
    /// Ask as this session of the role
    #[arg(long, value_name = "NAME")]
    session_name: Option<String>,
    /// The IAM user behind a federated user
    #[arg(long, value_name = "P")]
    pub(super) issued_by: Option<String>,
    /// A condition key of the request; repeat a key for several values
    #[arg(long, value_name = "KEY=VALUE")]
    context: Vec<String>,
    /// Leave this condition key open, even where it could be derived
    #[arg(long, value_name = "KEY")]
    unknown: Vec<String>,
    /// A pair of the encryption context
    #[arg(long, value_name = "K=V")]
    encryption_context: Vec<String>,
    /// The call is made by this AWS service for the principal (ssm, s3, …), or all calls of one
    /// of its operations are asked (s3:multipart-upload)
    #[arg(long, value_name = "SERVICE[:OPERATION]")]
    via: Option<String>,
    /// A parameter of the API request (`KeySpec=RSA_2048`); repeat one for a list; JSON for a map;
    /// NAME= if it is not sent
    #[arg(long, value_name = "NAME=VALUE")]
    parameter: Vec<String>,
    /// The VPC endpoint of the environment that the call goes through
    #[arg(long, value_name = "NAME")]
    vpc_endpoint: Option<String>,
    /// When, as ISO 8601 [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// aws, or the stricter dual-permission
    #[arg(long, value_name = "RULES")]
    rules: Option<String>,
}

impl RequestArgs {
    /// The operation of a service that `--via` names, if it names more than the service.
    pub(super) fn operation(&self) -> Result<Option<&'static ServiceOperation>, CliError> {
        let Some(text) = self.via.as_deref().filter(|text| text.contains(':')) else {
            return Ok(None);
        };
        ServiceOperation::parse(text).map(Some).map_err(|error| CliError::Usage {
            message: format!("--via: {error}"),
            help: Some(error.help()),
        })
    }

    /// The question of a principal about what is asked first.
    pub(super) fn question(&self, principal: &str, asked: Asked) -> Result<Question, CliError> {
        let action = asked.action().ok_or_else(|| CliError::usage("expected an action"))?;
        let mut question = Question::new(principal, action);
        question.key.clone_from(&self.key);
        question.destination_key.clone_from(&self.destination_key);
        question.session.name.clone_from(&self.session_name);
        question.session.issued_by.clone_from(&self.issued_by);
        question.via = self.via.clone().filter(|text| !text.contains(':'));
        question.vpc_endpoint.clone_from(&self.vpc_endpoint);
        question.parameters = self.parameters()?;
        question.at = match &self.at {
            Some(at) => Moment::Given(at.clone()),
            None => {
                Moment::Clock(jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
            }
        };
        question.rules = self
            .rules
            .as_deref()
            .map(str::parse::<Rules>)
            .transpose()
            .map_err(|error| CliError::usage(format!("--rules: {error}")))?;
        if !self.encryption_context.is_empty() {
            let pairs =
                self.encryption_context.iter().map(|pair| key_value("--encryption-context", pair));
            question.encryption_context = Some(pairs.collect::<Result<_, _>>()?);
        }
        question.context = self.context()?;
        Ok(question)
    }

    /// A repeated key is multivalued; `--unknown` leaves one open.
    fn context(&self) -> Result<Vec<(String, Entry)>, CliError> {
        let mut context: Vec<(String, Entry)> = Vec::new();
        for pair in &self.context {
            let (key, value) = key_value("--context", pair)?;
            match context.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(&key)) {
                Some((_, Entry::Values(values))) => values.push(value),
                _ => context.push((key, Entry::value(value))),
            }
        }
        if self.unknown.iter().any(String::is_empty) {
            return Err(CliError::usage("expected `--unknown KEY`, found an empty key"));
        }
        context.extend(self.unknown.iter().map(|key| (key.clone(), Entry::Unknown)));
        Ok(context)
    }

    /// A repeated parameter is a list; one that is empty is not sent.
    fn parameters(&self) -> Result<Parameters, CliError> {
        let mut parameters = Parameters::default();
        for pair in &self.parameter {
            let (name, text) = key_value("--parameter", pair)?;
            let known = parameters.get(&name).cloned();
            match (known, text.chars().next()) {
                (None, None) => parameters.set(name, Value::Null),
                (None, Some('{' | '[')) => parameters.set_json(name, &text).map_err(|error| {
                    CliError::usage(format!(
                        "--parameter: expected JSON, found {}: {error}",
                        Quoted(&text)
                    ))
                })?,
                (None, Some(_)) => parameters.set(name, Value::String(text)),
                (Some(Value::Array(mut items)), _) => {
                    items.push(Value::String(text));
                    parameters.set(name, Value::Array(items));
                }
                (Some(first), _) => {
                    parameters.set(name, Value::Array(vec![first, Value::String(text)]));
                }
            }
        }
        Ok(parameters)
    }
}

fn key_value(option: &str, text: &str) -> Result<(String, String), CliError> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(CliError::usage(format!("expected `{option} KEY=VALUE`, found {}", Quoted(text)))),
    }
}
