//! `kms-sim rescue`

mod text;

use std::io::Write as _;
use std::sync::Arc;

use kms_sim::analysis::{AnalysisError, Lockout, LockoutCheck, Operation, Prediction, Rescue};
use kms_sim::arn::Arn;
use kms_sim::document::InputError;
use kms_sim::environment::{Attached, Environment, Moment, Question};
use kms_sim::kms::Asked;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName};
use kms_sim::text::Printable;
use serde::Serialize;
use serde_json::Value;

use super::environment::{EnvironmentArgs, Prepared};
use super::input::Inputs;
use super::request::RequestArgs;
use super::{CliError, Color, Exit, OutputFormat, Streams};

#[derive(Clone, Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A principal to consider besides those of the environment, the root user, and whom the
    /// key policy names; with --new-policy, who sends it
    #[arg(long, value_name = "P")]
    principal: Option<String>,
    /// Predict whether AWS takes this key policy from the principal: its lockout safety check
    #[arg(long, value_name = "FILE", requires = "principal")]
    new_policy: Option<String>,
    /// The call that sends it: `PutKeyPolicy`, `CreateKey` or `ReplicateKey` [default: the first, or
    /// the second where no key is given]
    #[arg(long, value_name = "O", requires = "new_policy")]
    operation: Option<String>,
    /// The call skips the lockout safety check
    #[arg(long, alias = "bypass", requires = "new_policy")]
    bypass_policy_lockout_safety_check: bool,
    #[command(flatten)]
    request: RequestArgs,
    #[command(flatten)]
    environment: EnvironmentArgs,
    /// How the answer is printed
    #[arg(long, value_enum, default_value = "text")]
    format: OutputFormat,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
    /// Print the verdict alone
    #[arg(long)]
    quiet: bool,
}

const EXAMPLES: &str = "\
Examples:
  kms-sim rescue --key-policy key.json
  kms-sim rescue --env kms-sim.yaml --key app-secrets --format json
  kms-sim rescue --env kms-sim.yaml --new-policy new.json --principal role/Deployer

Exit status: 0 somebody can change the key policy, or AWS takes the new one; 1 locked out, or
refused; 2 could not run; 3 undetermined.";

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    match &args.new_policy {
        None => args.rescue(streams),
        Some(file) => args.check(file, streams),
    }
}

impl From<AnalysisError> for CliError {
    fn from(error: AnalysisError) -> Self {
        match error {
            AnalysisError::Question(error) => error.into(),
            AnalysisError::Input(error) => error.into(),
        }
    }
}

impl From<Lockout> for Exit {
    fn from(lockout: Lockout) -> Self {
        match lockout {
            Lockout::NotLockedOut | Lockout::OneStepFromLockout => Self::Done,
            Lockout::LockedOut => Self::Denied,
            Lockout::Undetermined => Self::Undetermined,
        }
    }
}

impl Args {
    fn rescue(&self, streams: &mut Streams) -> Result<Exit, CliError> {
        let mut question = self.question()?;
        let (environment, warnings) = self.prepared(&mut question, streams)?;
        let rescue = Rescue::of(&environment, &question)?;
        let told = match (self.format, self.quiet) {
            (OutputFormat::Json, _) => json(&rescue)?,
            (OutputFormat::Text, true) => text::verdict(&rescue),
            (OutputFormat::Text, false) => text::rescue(&rescue),
        };
        self.print(&told, &rescue.warnings, &warnings, streams)?;
        Ok(rescue.verdict.into())
    }

    fn check(&self, file: &str, streams: &mut Streams) -> Result<Exit, CliError> {
        let mut question = self.question()?;
        if self.bypass_policy_lockout_safety_check {
            question.parameters.set("BypassPolicyLockoutSafetyCheck", Value::Bool(true));
        }
        let asked = self.operation.as_deref().map(str::parse::<Operation>).transpose();
        let asked = asked.map_err(|error| CliError::usage(format!("--operation: {error}")))?;
        let has_key = self.environment.has_key() || self.request.key.is_some();
        let usual = if has_key { Operation::PutKeyPolicy } else { Operation::CreateKey };
        let operation = asked.unwrap_or(usual);
        let (check, warnings) = match self.surroundings(file, &mut question, streams) {
            Ok((environment, policy, warnings)) => {
                (LockoutCheck::of(&environment, &question, operation, &policy)?, warnings)
            }
            Err(CliError::Input(error)) if error.place().source.name == file => {
                self.refused(&error, &mut question, operation, streams)?
            }
            Err(error) => return Err(error),
        };
        let told = match (self.format, self.quiet) {
            (OutputFormat::Json, _) => json(&check)?,
            (OutputFormat::Text, true) => text::prediction(&check),
            (OutputFormat::Text, false) => text::check(&check),
        };
        self.print(&told, &check.warnings, &warnings, streams)?;
        Ok(exit(&check))
    }

    /// What AWS says to a file that is no key policy; where it is no document, that is the error.
    fn refused(
        &self,
        error: &InputError,
        question: &mut Question,
        operation: Operation,
        streams: &mut Streams,
    ) -> Result<(LockoutCheck, Vec<String>), CliError> {
        let is_given = self.environment.has_key() || !self.environment.policies.is_empty();
        let given = is_given.then(|| self.prepared(question, streams)).transpose()?;
        let environment = given.as_ref().map(|(environment, _)| environment);
        let check = LockoutCheck::refused(environment, question, operation, error)?;
        let check = check.ok_or_else(|| CliError::from(error.clone()))?;
        Ok((check, given.map(|(_, warnings)| warnings).unwrap_or_default()))
    }

    /// The question that every principal is asked; now is now, and no matter to be left open.
    fn question(&self) -> Result<Question, CliError> {
        let put =
            Asked::parse("kms:PutKeyPolicy").map_err(|error| CliError::usage(error.to_string()))?;
        if self.request.operation()?.is_some() {
            return Err(CliError::usage(
                "expected a service in `--via`, found one of its operations, none of which changes a key policy",
            ));
        }
        let root = root_of(self.request.key.as_deref());
        let principal = self.principal.as_deref().unwrap_or(&root);
        let mut question = self.request.question(principal, put)?;
        if let Moment::Clock(now) = question.at {
            question.at = Moment::Given(now);
        }
        Ok(question)
    }

    fn prepared(
        &self,
        question: &mut Question,
        streams: &mut Streams,
    ) -> Result<(Environment, Vec<String>), CliError> {
        let prepared = self.environment.prepare(question, &[]).map_err(|error| match error {
            CliError::Usage { message, help: None } if self.principal.is_none() => {
                let help = message
                    .starts_with("--identity-policy")
                    .then(|| "say whose it is with `--principal`".to_owned());
                CliError::Usage { message, help }
            }
            error => error,
        })?;
        let Prepared { environment, source, mut warnings, assumed } = prepared;
        warnings.extend(assumed);
        if !self.quiet {
            streams.note(&source.note());
        }
        Ok((environment, warnings))
    }

    /// The environment that a new policy is sent in, and the policy. Where nothing else is
    /// given, it says which account it is about, and that of today is not known.
    fn surroundings(
        &self,
        file: &str,
        question: &mut Question,
        streams: &mut Streams,
    ) -> Result<(Environment, Arc<Policy>, Vec<String>), CliError> {
        if self.environment.has_key() || !self.environment.policies.is_empty() {
            let policy = Arc::new(Inputs::default().policy(file, Kind::Key)?);
            let (environment, warnings) = self.prepared(question, streams)?;
            return Ok((environment, policy, warnings));
        }
        let mut alone = self.environment.clone();
        alone.policies.key_policy = Some(file.to_owned());
        let Prepared { mut environment, warnings, .. } = alone.prepare(question, &[])?;
        let unknown = Attached::Unknown("that of today was not given".to_owned());
        let mut keys = environment.keys_mut().iter_mut();
        match keys.next().map(|key| std::mem::replace(&mut key.policy, unknown)) {
            Some(Attached::Policy(policy)) => Ok((environment, policy, warnings)),
            Some(Attached::Unknown(_)) | None => Err(CliError::usage("expected a key policy")),
        }
    }

    fn print(
        &self,
        told: &str,
        said: &[String],
        warnings: &[String],
        streams: &mut Streams,
    ) -> Result<(), CliError> {
        write!(streams.out, "{told}")?;
        streams.out.flush()?;
        if !self.quiet {
            for warning in warnings.iter().filter(|warning| !said.contains(warning)) {
                streams.note(&format!("warning: {}", Printable(warning)));
            }
        }
        Ok(())
    }
}

/// The root user of the key's account, where the key says which that is.
fn root_of(key: Option<&str>) -> String {
    let account = key.and_then(|key| {
        let arn = Arn::parse(key).ok()?;
        Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
    });
    account.map_or_else(|| "root".to_owned(), |account| PrincipalName::Root(account).to_string())
}

fn json(result: &impl Serialize) -> Result<String, CliError> {
    let json = serde_json::to_string_pretty(result);
    let json = json.map_err(|error| CliError::usage(error.to_string()))?;
    Ok(super::text::safe_json(&json) + "\n")
}

/// A policy that AWS takes, and that locks the key out all the same, is no good news.
fn exit(check: &LockoutCheck) -> Exit {
    match check.prediction {
        Prediction::Passes => check.afterwards.into(),
        Prediction::Rejected | Prediction::Denied => Exit::Denied,
        Prediction::Undetermined => Exit::Undetermined,
    }
}
