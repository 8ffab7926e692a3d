//! A first scenario, from policies: who can do what now, as cases to keep.

mod cases;

use std::fmt::Write as _;

use self::cases::cases;
use crate::document::{Document, Format, InputError, Source};
use crate::environment::{Environment, Files, Loaded};
use crate::policy::Policy;
use crate::request::{Account, PrincipalName};
use crate::text::yaml_scalar;

/// What a first scenario is made from. Paths are relative to the file to be.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The account of the key, and of short names.
    pub account: Account,
    /// The Region of the key.
    pub region: String,
    /// The path of the key policy; none for the default one.
    pub key_policy: Option<String>,
    /// Users and roles with the paths of their identity policies.
    pub principals: Vec<(PrincipalName, Vec<String>)>,
}

/// The name of the key in a first scenario.
const KEY: &str = "key";

/// Accounts for a stranger; the first that no policy names is taken.
const STRANGERS: [&str; 3] = ["111122223333", "444455556666", "999999999999"];

impl Draft {
    /// The text of a scenario in YAML, all of whose cases pass now. `name` is the file to be, and
    /// `files` finds the policies.
    ///
    /// # Errors
    ///
    /// If a policy cannot be read, with the place.
    pub fn write(&self, name: &str, files: &dyn Files) -> Result<String, InputError> {
        let key_only = Self::load(name, &self.head(&[]), files)?;
        let people = self.people(&key_only);
        let head = self.head(&people);
        let environment = Self::load(name, &head, files)?;
        Ok(format!("{head}\ncases:\n{}", cases(&environment, &people)))
    }

    fn load(name: &str, text: &str, files: &dyn Files) -> Result<Environment, InputError> {
        let document = Document::parse(Source::new(name, text), Format::Yaml)?;
        let Loaded { environment, .. } = Environment::load(&document, files, None)?;
        Ok(environment)
    }

    /// Everybody that a policy names or belongs to, and two that none does.
    fn people(&self, environment: &Environment) -> Vec<Person> {
        let mut people: Vec<Person> = self
            .principals
            .iter()
            .map(|(name, policies)| Person::new(name.clone(), policies.clone(), self.account))
            .collect();
        let policies = environment.keys().iter().filter_map(|key| key.policy.known());
        let mut named: Vec<PrincipalName> = policies.flat_map(Policy::principals).collect();
        named.sort_unstable();
        named.dedup();
        for name in &named {
            if !people.iter().any(|person| person.name == *name) {
                people.push(Person::new(name.clone(), Vec::new(), self.account));
            }
        }
        let is_named = |account: Account| named.iter().any(|it| it.account() == Some(account));
        let foreign = STRANGERS.iter().filter_map(|id| id.parse().ok());
        let foreign = foreign
            .map(|id| Account { partition: self.account.partition, id })
            .find(|account| *account != self.account && !is_named(*account));
        let accounts = [Some(self.account), foreign];
        for account in accounts.into_iter().flatten() {
            let name = unlisted(&people, account);
            let policies =
                if account == self.account { vec![] } else { vec!["FullAWSAccess".into()] };
            people.push(Person { is_stranger: true, ..Person::new(name, policies, self.account) });
        }
        people
    }

    /// The environment.
    fn head(&self, people: &[Person]) -> String {
        let Account { partition, id } = self.account;
        let mut text = format!(
            "title: Who can do what with the key\naccount: \"{id}\" # of short names below\nregion: {}\n",
            self.region
        );
        if partition != crate::arn::Partition::default() {
            let _ = writeln!(text, "partition: {partition}");
        }
        if !people.is_empty() {
            text.push_str("\nprincipals:\n");
        }
        for person in people.iter().filter(|it| it.is_described()) {
            if person.is_stranger {
                let what = if person.name.account() == Some(self.account) {
                    "  # Stands for every role of the account that no policy names.\n"
                } else {
                    "  # Stands for every other account, which gives its own roles whatever it likes.\n"
                };
                text.push_str(what);
            }
            let _ = match person.policies.as_slice() {
                [] => writeln!(text, "  {}: {{}}", yaml_scalar(&person.spelling)),
                policies => writeln!(
                    text,
                    "  {}: {{identity_policies: [{}]}}",
                    yaml_scalar(&person.spelling),
                    policies.iter().map(|path| yaml_scalar(path)).collect::<Vec<_>>().join(", ")
                ),
            };
        }
        let policy = self.key_policy.as_deref().unwrap_or("default-key-policy");
        let _ = writeln!(text, "\nkeys:\n  {KEY}: {{policy: {}}}", yaml_scalar(policy));
        text
    }
}

/// A principal that cases are about.
#[derive(Clone, Debug)]
struct Person {
    name: PrincipalName,
    /// As a file spells it.
    spelling: String,
    policies: Vec<String>,
    is_stranger: bool,
}

impl Person {
    fn new(name: PrincipalName, policies: Vec<String>, account: Account) -> Self {
        let spelling = match &name {
            PrincipalName::Root(of) if *of == account => "root".to_owned(),
            PrincipalName::User(of, path) if *of == account => format!("user/{path}"),
            PrincipalName::Role(of, path) if *of == account => format!("role/{path}"),
            name => name.to_string(),
        };
        Self { name, spelling, policies, is_stranger: false }
    }

    /// Whether an environment can say something of it.
    fn is_described(&self) -> bool {
        matches!(self.name, PrincipalName::User(..) | PrincipalName::Role(..))
    }
}

/// A role that nobody has.
fn unlisted(people: &[Person], account: Account) -> PrincipalName {
    let mut name = "NotListed".to_owned();
    loop {
        let role = PrincipalName::Role(account, name.as_str().into());
        if people.iter().all(|person| person.name != role) {
            return role;
        }
        name.push_str("Either");
    }
}
