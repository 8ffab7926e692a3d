//! `kms-sim init`

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Component, Path, PathBuf};

use kms_sim::arn::{AccountId, is_region};
use kms_sim::document::{Document, Format, Source};
use kms_sim::kms::Action;
use kms_sim::policy::{Kind, Policy};
use kms_sim::request::{Account, PrincipalName};
use kms_sim::scenario::{Draft, Scenario, Sorted, Status};
use kms_sim::text::Quoted;
use serde_json::Value;

use super::input::{Disk, Inputs};
use super::{CliError, Color, Exit, Streams};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The key policy [default: the default key policy]
    #[arg(long, value_name = "FILE")]
    key_policy: Option<String>,
    /// An identity policy of a user or role: role/NAME=FILE, or FILE alone with --principal; may
    /// be repeated
    #[arg(long, value_name = "[PRINCIPAL=]FILE")]
    identity_policy: Vec<String>,
    /// A user or role that cases are about, besides those that the policies name; may be repeated
    #[arg(long, value_name = "P")]
    principal: Vec<String>,
    /// The account of the key and of short names [default: the one that the key policy names]
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// The Region of the key
    #[arg(long, value_name = "R", default_value = "us-east-1")]
    region: String,
    /// Where the scenario is written [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<String>,
    /// Write over a file that is there
    #[arg(long)]
    force: bool,
    /// When to colour the output
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) color: Color,
}

pub(crate) fn run(args: &Args, streams: &mut Streams) -> Result<Exit, CliError> {
    let target = args.target()?;
    let draft = args.draft(&target)?;
    let body = draft.write(&target.name, &Disk)?;
    let text = format!("{}{body}", target.head());
    check(&target.name, &text)?;
    let Some(output) = &args.output else {
        write!(streams.out, "{text}")?;
        streams.out.flush()?;
        return Ok(Exit::Done);
    };
    write(output, &text, args.force)?;
    streams.note(&format!("wrote {}; run it with: kms-sim test {}", Quoted(output), target.name));
    Ok(Exit::Done)
}

/// The file to be.
struct Target {
    name: String,
    folder: PathBuf,
}

impl Target {
    /// What stands over the scenario: where its schema is, if it is at hand.
    fn head(&self) -> String {
        let schema = "kms-sim.schema.json";
        let modeline = if self.folder.join(schema).is_file() {
            format!("# yaml-language-server: $schema={schema}\n")
        } else {
            format!(
                "# For completion in editors: kms-sim schema > {schema}, and this line first:\n# # yaml-language-server: $schema={schema}\n"
            )
        };
        let written = "# Written by `kms-sim init` from what the policies allow now: read what it expects, and keep\n# what is meant. `kms-sim test` runs it; `kms-sim test --bless` takes over what has changed.\n";
        format!("{modeline}{written}")
    }

    /// A path from here, as a path from the folder of the file.
    fn relative(&self, path: &str) -> Result<String, CliError> {
        let given = Path::new(path);
        if given.is_absolute() || self.folder == Path::new("") {
            return Ok(path.to_owned());
        }
        let real = |path: &Path| {
            path.canonicalize().map_err(|error| {
                CliError::usage(format!(
                    "cannot read {}: {error}",
                    Quoted(&path.display().to_string())
                ))
            })
        };
        let (from, to) = (real(&self.folder)?, real(given)?);
        let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
        let up = from.components().skip(shared).map(|_| Component::ParentDir);
        let steps: PathBuf = up.chain(to.components().skip(shared)).collect();
        Ok(steps.display().to_string())
    }
}

impl Args {
    fn target(&self) -> Result<Target, CliError> {
        let Some(output) = &self.output else {
            return Ok(Target { name: "scenario.yaml".into(), folder: PathBuf::new() });
        };
        if Format::of(output) != Format::Yaml {
            return Err(CliError::usage(format!(
                "--output: expected a file that ends in .yaml or .yml, found {}",
                Quoted(output)
            )));
        }
        let path = Path::new(output);
        if !self.force && path.symlink_metadata().is_ok() {
            return Err(exists(output));
        }
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        if folder != Path::new("") && !folder.is_dir() {
            return Err(CliError::usage(format!(
                "--output: expected a file in a folder that exists, found {}",
                Quoted(output)
            )));
        }
        Ok(Target { name: output.clone(), folder })
    }

    fn draft(&self, target: &Target) -> Result<Draft, CliError> {
        if self.key_policy.is_none() && self.identity_policy.is_empty() {
            return Err(CliError::usage_with_help(
                "expected `--key-policy FILE` or `--identity-policy PRINCIPAL=FILE`, found neither",
                "a scenario is made from policies; for an example see `kms-sim init --help`",
            ));
        }
        let is_stdin = |path: &&String| path.as_str() == "-" || path.ends_with("=-");
        if self.key_policy.iter().chain(&self.identity_policy).any(|path| is_stdin(&path)) {
            return Err(CliError::usage(
                "expected the path of a policy, found `-`: the scenario refers to its policies by path",
            ));
        }
        let account = self.account()?;
        if !is_region(&self.region) {
            return Err(CliError::usage(format!(
                "--region: expected a Region such as `us-east-1`, found {}",
                Quoted(&self.region)
            )));
        }
        let key_policy =
            self.key_policy.as_deref().map(|path| target.relative(path)).transpose()?;
        let principals = self.principals(account, target)?;
        Ok(Draft { account, region: self.region.clone(), key_policy, principals })
    }

    /// Who has which policies, in the order of the options.
    fn principals(
        &self,
        account: Account,
        target: &Target,
    ) -> Result<Vec<(PrincipalName, Vec<String>)>, CliError> {
        let mut principals: Vec<(PrincipalName, Vec<String>)> = Vec::new();
        for text in &self.principal {
            principals.push((named("--principal", text, account)?, Vec::new()));
        }
        for text in &self.identity_policy {
            let (name, path) = match split(text) {
                Some((principal, path)) => (named("--identity-policy", principal, account)?, path),
                None => (self.only_principal(text, account)?, text.as_str()),
            };
            let path = target.relative(path)?;
            match principals.iter_mut().find(|(known, _)| *known == name) {
                Some((_, paths)) => paths.push(path),
                None => principals.push((name, vec![path])),
            }
        }
        let is_one = |name: &PrincipalName| {
            matches!(name, PrincipalName::User(..) | PrincipalName::Role(..))
        };
        match principals.iter().find(|(name, paths)| !paths.is_empty() && !is_one(name)) {
            Some((name, _)) => Err(CliError::usage(format!(
                "--identity-policy: expected a user or role, found {}",
                Quoted(&name.to_string())
            ))),
            None => Ok(principals),
        }
    }

    fn only_principal(&self, text: &str, account: Account) -> Result<PrincipalName, CliError> {
        match self.principal.as_slice() {
            [only] => named("--principal", only, account),
            _ => Err(CliError::usage_with_help(
                format!(
                    "--identity-policy: expected whose policy it is, found {} alone",
                    Quoted(text)
                ),
                format!(
                    "write it before the file, as in `--identity-policy role/Web={text}`, or give one `--principal`"
                ),
            )),
        }
    }

    /// From `--account`; else the one whose root the key policy lets change the key policy, as it
    /// cannot let another account's; else the only one that it names; else that of an ARN among
    /// the principals.
    fn account(&self) -> Result<Account, CliError> {
        let policy = match &self.key_policy {
            Some(path) => Some(Inputs::default().policy(path, Kind::Key)?),
            None => None,
        };
        let given = self.account.as_deref().map(str::parse::<AccountId>).transpose();
        let given = given.map_err(|error| CliError::usage(format!("--account: {error}")))?;
        let named: Vec<PrincipalName> = policy.iter().flat_map(Policy::principals).collect();
        let texts =
            self.identity_policy.iter().filter_map(|text| split(text)).map(|(name, _)| name);
        let texts = texts.chain(self.principal.iter().map(String::as_str));
        let arns: Vec<PrincipalName> =
            texts.filter_map(|text| PrincipalName::parse(text, None).ok()).collect();
        let found = only(policy.iter().flat_map(owners).filter_map(|it| it.account()))
            .or_else(|| only(named.iter().filter_map(PrincipalName::account)))
            .or_else(|| only(arns.iter().filter_map(PrincipalName::account)));
        match (given, found) {
            (Some(id), found) => {
                Ok(Account { partition: found.map(|it| it.partition).unwrap_or_default(), id })
            }
            (None, Some(account)) => Ok(account),
            (None, None) => Err(CliError::usage_with_help(
                "expected the account of the key, found not exactly one in the key policy",
                "say which with `--account 123456789012`",
            )),
        }
    }
}

/// The account roots that may do everything, or change the key policy.
fn owners(policy: &Policy) -> Vec<PrincipalName> {
    let json = policy.to_json().unwrap_or_default();
    let one_or_many = |value: Option<&Value>| match value {
        Some(Value::Array(items)) => items.clone(),
        Some(value) => vec![value.clone()],
        None => Vec::new(),
    };
    let gives_all = |statement: &Value| {
        let is_wide = |action: &Value| {
            let action = action.as_str().unwrap_or_default();
            Action::matching(action).iter().any(|it| it.name == "kms:PutKeyPolicy")
        };
        statement.get("Effect").and_then(Value::as_str) == Some("Allow")
            && one_or_many(statement.get("Action")).iter().any(is_wide)
    };
    let statements = one_or_many(json.get("Statement")).into_iter().filter(gives_all);
    let principals = statements.flat_map(|it| one_or_many(it.pointer("/Principal/AWS")));
    let named = principals.filter_map(|it| {
        let text = it.as_str()?;
        let is_account = text.len() == 12 && text.chars().all(|c| c.is_ascii_digit());
        let text = if is_account { format!("arn:aws:iam::{text}:root") } else { text.to_owned() };
        PrincipalName::parse(&text, None).ok()
    });
    named.filter(|name| matches!(name, PrincipalName::Root(_))).collect()
}

fn only(accounts: impl Iterator<Item = Account>) -> Option<Account> {
    let mut accounts: Vec<Account> = accounts.collect();
    accounts.sort_unstable();
    accounts.dedup();
    match accounts.as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}

/// `PRINCIPAL=FILE`; a file name alone may have `=` in it, too.
fn split(text: &str) -> Option<(&str, &str)> {
    let is_named = ["role/", "user/", "arn:", "root="].iter().any(|it| text.starts_with(it));
    text.rsplit_once('=').filter(|_| is_named)
}

fn named(option: &str, text: &str, account: Account) -> Result<PrincipalName, CliError> {
    PrincipalName::parse(text, Some(account))
        .map_err(|error| CliError::usage(format!("{option}: {error}")))
}

/// Every case passes now: what is not so would be a fault of this program, and is not written.
fn check(name: &str, text: &str) -> Result<(), CliError> {
    let document = Document::parse(Source::new(name, text), Format::Yaml)?;
    let failed = match Scenario::read(&document, &Disk)? {
        Sorted::Scenario(scenario) => scenario.run().find(|it| it.status != Status::Passed),
        _ => None,
    };
    match failed {
        None => Ok(()),
        Some(result) => Err(CliError::usage(format!(
            "expected every case to pass, found {}: {}",
            Quoted(&result.name.unwrap_or_default()),
            result.message.unwrap_or_default()
        ))),
    }
}

fn exists(output: &str) -> CliError {
    CliError::usage_with_help(
        format!("--output: expected a new file, found {}, which is there", Quoted(output)),
        "--force writes over it",
    )
}

fn write(output: &str, text: &str, force: bool) -> Result<(), CliError> {
    let wrong = |error: std::io::Error| {
        CliError::usage(format!("expected to write {}: {error}", Quoted(output)))
    };
    if force {
        return fs::write(output, text).map_err(wrong);
    }
    let mut file = match OpenOptions::new().write(true).create_new(true).open(output) {
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(exists(output));
        }
        file => file.map_err(wrong)?,
    };
    file.write_all(text.as_bytes()).map_err(wrong)
}
