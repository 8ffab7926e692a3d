use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use super::surroundings as made;
use crate::arn::AccountId;
use crate::document::{Document, Format, InputError, Place, Source};
use crate::environment::{Attached, Environment, Key, Loaded, Manager};
use crate::kms::Action;
use crate::policy::{Effect, Element, Policy, Statement, StatementPrincipal};
use crate::request::{Account, PrincipalName};
use crate::text::Printable;

/// What is looked at together: an environment with all its policies, or one policy by itself.
pub struct Subject {
    environment: Environment,
    given: Given,
    /// Whether the account was made up, since nothing says it.
    is_account_made_up: bool,
    seats: Vec<(Arc<Policy>, Holder)>,
    /// When it is, if somebody said.
    now: Option<String>,
    notices: Vec<InputError>,
    /// The documents that places were looked up in.
    documents: Mutex<HashMap<usize, Option<Arc<Document>>>>,
    /// The environment with a principal more, by whom.
    unlisted: Mutex<HashMap<String, Arc<Environment>>>,
}

/// What of the surroundings of a policy is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// An environment: who is not in it has no policies, and a key that is not in it is not there.
    Environment,
    /// A policy alone, put into an environment that was made for it. Nothing is known of other
    /// policies.
    Policy(AccountOf),
}

/// Where the account of a policy that was given alone comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOf {
    /// Somebody said it.
    Said,
    /// It is the one that the policy lets administer the key, or the only one that it names.
    Guessed,
    /// Nothing says it; one was made up, and no finding may speak of it.
    Unknown,
}

/// What a policy is attached to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A key, by its number in the environment.
    Key(usize),
    /// A user or role, by an identity policy or a boundary.
    Principal(PrincipalName),
    /// An account, by a control policy.
    Account(Account),
    /// A VPC endpoint.
    Endpoint(String),
    /// A session, or nothing that is known.
    Nobody,
}

/// A policy where it is attached, as a rule sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seat<'a> {
    pub(crate) policy: &'a Arc<Policy>,
    pub(crate) holder: &'a Holder,
    pub(crate) subject: &'a Subject,
}

impl Subject {
    /// A policy by itself. `account` is the one that it belongs to, if that is known; else it is
    /// taken to be the one that a key policy lets administer the key. The partition is that of the
    /// ARNs in the policy.
    ///
    /// # Errors
    ///
    /// None in practice: what is put around the policy was read before.
    pub fn of_policy(policy: Policy, account: Option<AccountId>) -> Result<Self, InputError> {
        let policy = Arc::new(policy);
        let account =
            account.map(|id| Account { partition: made::partition(&policy, Some(id)), id });
        let guessed = made::guess(&policy);
        let of = match (account, guessed) {
            (Some(_), _) => AccountOf::Said,
            (None, Some(_)) => AccountOf::Guessed,
            (None, None) => AccountOf::Unknown,
        };
        let (environment, holder) = made::around(&policy, account.or(guessed))?;
        Ok(Self {
            notices: policy.warnings().to_vec(),
            environment,
            given: Given::Policy(of),
            is_account_made_up: of == AccountOf::Unknown,
            seats: vec![(policy, holder)],
            now: None,
            documents: Mutex::default(),
            unlisted: Mutex::default(),
        })
    }

    /// An environment with all its policies. Those that AWS wrote are not looked at.
    #[must_use]
    pub fn of_environment(loaded: Loaded) -> Self {
        let Loaded { environment, warnings } = loaded;
        let mut seen = BTreeSet::new();
        let mut seats = made::seats(&environment);
        seats.retain(|(policy, _)| seen.insert(Arc::as_ptr(policy)));
        Self {
            environment,
            given: Given::Environment,
            is_account_made_up: false,
            seats,
            now: None,
            notices: warnings,
            documents: Mutex::default(),
            unlisted: Mutex::default(),
        }
    }

    /// The same where the account was made up, since the document does not say it, and so no
    /// finding may speak of it.
    #[must_use]
    pub fn of_unknown_account(self) -> Self {
        Self { is_account_made_up: true, ..self }
    }

    /// The same where the keys are in a Region of which the document says nothing else.
    #[must_use]
    pub fn in_region(mut self, region: &str) -> Self {
        region.clone_into(&mut self.environment.region);
        let keys = self.environment.keys_mut().iter_mut();
        for key in keys.filter(|key| key.is_region_assumed) {
            region.clone_into(&mut key.region);
            key.is_region_assumed = false;
        }
        self
    }

    /// The same at a time, ISO 8601: what has expired by then is told.
    #[must_use]
    pub fn at(self, now: impl Into<String>) -> Self {
        Self { now: Some(now.into()), ..self }
    }

    /// When it is, if somebody said.
    pub(super) fn now(&self) -> Option<&str> {
        self.now.as_deref()
    }

    /// The environment, which is made up but for the policy where only that was given.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What of it is known.
    #[must_use]
    pub fn given(&self) -> Given {
        self.given
    }

    /// The policy, if it was given alone.
    #[must_use]
    pub fn policy(&self) -> Option<&Arc<Policy>> {
        match self.given {
            Given::Policy(_) => self.seats.first().map(|(policy, _)| policy),
            Given::Environment => None,
        }
    }

    /// Whether something says which account a key is in.
    #[must_use]
    pub fn knows_account(&self) -> bool {
        !self.is_account_made_up
    }

    /// The environment with a principal more, if it was asked for before.
    pub(super) fn unlisted(&self, principal: &str) -> Option<Arc<Environment>> {
        self.unlisted.lock().unwrap_or_else(PoisonError::into_inner).get(principal).cloned()
    }

    pub(super) fn keep_unlisted(&self, principal: &str, of: Environment) -> Arc<Environment> {
        let mut kept = self.unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        kept.entry(principal.to_owned()).or_insert_with(|| Arc::new(of)).clone()
    }

    /// The keys whose policies are looked at and that customers manage: where the policy stands,
    /// the ARN, and what to do if nobody can administer it, as far as the policy tells. Left out
    /// are those whose policy any role of the account may change if an IAM policy lets it, and
    /// those of which nothing says whose they are, unless whoever owns them could not administer
    /// them.
    pub fn administered(&self) -> impl Iterator<Item = (Place, String, Option<String>)> {
        let is_told = |seat: &Seat<'_>| self.knows_account() || !seat.lets_somebody_administer();
        let of_customer = |key: &&Key| key.manager == Manager::Customer;
        let put = Action::parse("kms:PutKeyPolicy").ok();
        let is_open = move |key: &Key| {
            let role = self.with_any_role_of(key.account);
            role.zip(put).is_some_and(|(role, put)| role.is_allowed(put, key))
        };
        self.seats().filter(is_told).filter_map(move |seat| {
            let key = seat.key().filter(of_customer).filter(|key| !is_open(key))?;
            let put = put.as_ref().copied()?;
            Some((seat.whole(), key.arn(), seat.advice(key, &[put])))
        })
    }

    /// The texts that its policies stand in.
    pub fn sources(&self) -> impl Iterator<Item = &Arc<Source>> {
        self.seats.iter().map(|(policy, _)| policy.source())
    }

    /// What the reader said.
    pub(super) fn notices(&self) -> &[InputError] {
        &self.notices
    }

    /// The policies, each where it is attached first.
    pub(crate) fn seats(&self) -> impl Iterator<Item = Seat<'_>> {
        self.seats.iter().map(|(policy, holder)| Seat { policy, holder, subject: self })
    }

    /// One policy, with those around it whom it may concern: what an edit of it is held against.
    /// An account has thousands of roles, and each of them may have one that is to be edited.
    pub(super) fn around(&self, policy: &Arc<Policy>) -> Option<Self> {
        let (_, holder) = self.seats.iter().find(|(it, _)| Arc::ptr_eq(it, policy))?;
        let (environment, holder) = made::near(&self.environment, policy, holder);
        Some(Self {
            environment,
            given: self.given,
            is_account_made_up: self.is_account_made_up,
            seats: vec![(policy.clone(), holder)],
            now: self.now.clone(),
            notices: policy.warnings().to_vec(),
            documents: Mutex::default(),
            unlisted: Mutex::default(),
        })
    }

    /// The same with another policy in place of one.
    pub(super) fn with(&self, old: &Arc<Policy>, new: &Arc<Policy>) -> Self {
        let mut environment = self.environment.clone();
        made::replace(&mut environment, old, new);
        let seats = self.seats.iter().map(|(policy, holder)| {
            let policy = if Arc::ptr_eq(policy, old) { new } else { policy };
            (policy.clone(), holder.clone())
        });
        Self {
            environment,
            given: self.given,
            is_account_made_up: self.is_account_made_up,
            seats: seats.collect(),
            now: self.now.clone(),
            notices: new.warnings().to_vec(),
            documents: Mutex::default(),
            unlisted: Mutex::default(),
        }
    }

    /// Where a part of a policy stands, by the pointer to it in the policy.
    fn place(&self, policy: &Policy, pointer: &str) -> Place {
        let source = policy.source();
        let address = Arc::as_ptr(source) as usize;
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let document = documents.entry(address).or_insert_with(|| read(source).map(Arc::new));
        let pointer = format!("{}{pointer}", policy.pointer());
        match document {
            Some(document) => document.place_at(&pointer),
            None => Place { source: source.clone(), span: 0..0, pointer },
        }
    }
}

/// JSON is YAML, but for what a text of JSON alone may hold.
fn read(source: &Arc<Source>) -> Option<Document> {
    let parse = |format| Document::parse(source.clone(), format);
    parse(Format::Json).or_else(|_| parse(Format::Yaml)).ok()
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subject")
            .field("given", &self.given)
            .field("seats", &self.seats)
            .finish_non_exhaustive()
    }
}

impl<'a> Seat<'a> {
    /// The key that the policy is of.
    pub(crate) fn key(&self) -> Option<&'a Key> {
        match self.holder {
            Holder::Key(number) => self.subject.environment.keys().get(*number),
            Holder::Principal(_) | Holder::Account(_) | Holder::Endpoint(_) | Holder::Nobody => {
                None
            }
        }
    }

    /// Whether a statement allows to change the policy, to whomever and under whatever condition.
    fn lets_somebody_administer(&self) -> bool {
        let put = Action::parse("kms:PutKeyPolicy").ok();
        self.policy.statements().iter().any(|statement| {
            statement.effect() == Effect::Allow && put.is_some_and(|it| statement.covers_action(it))
        })
    }

    /// Where the policy stands.
    pub(crate) fn whole(&self) -> Place {
        self.subject.place(self.policy, "")
    }

    /// Where a part of a statement stands: the nearest that is there of `steps`, which are
    /// members and numbers.
    pub(crate) fn place(&self, statement: &Statement, steps: &[&str]) -> Place {
        let escape = |step: &&str| step.replace('~', "~0").replace('/', "~1");
        let tail = steps.iter().map(escape).fold(String::new(), |path, step| path + "/" + &step);
        self.subject.place(self.policy, &format!("{}{tail}", statement.pointer()))
    }
}

impl Seat<'_> {
    /// Where a principal stands that a statement lists, by its number among them.
    pub(crate) fn place_of_principal(&self, statement: &Statement, number: usize) -> Place {
        let listed = statement.listed_principals();
        let kind = |it: &StatementPrincipal| match it {
            StatementPrincipal::Service(_) => "Service",
            StatementPrincipal::Federated(_) => "Federated",
            _ => "AWS",
        };
        let element = if statement.has_not_principal() { "NotPrincipal" } else { "Principal" };
        let Some(own) = listed.get(number).map(kind) else {
            return self.place(statement, &[element]);
        };
        let before = listed.iter().take(number).filter(|it| kind(it) == own).count();
        self.place(statement, &[element, own, &before.to_string()])
    }

    /// Where actions of a statement stand: the only one, else all of them.
    pub(crate) fn place_of_actions(&self, statement: &Statement, numbers: &[&str]) -> Place {
        match numbers {
            [only] => self.place(statement, &["Action", only]),
            _ => self.place(statement, &["Action"]),
        }
    }

    /// The patterns of an `Action` element, each with its number; none of `NotAction`.
    pub(crate) fn actions(statement: &Statement) -> Vec<(String, String)> {
        let (element, patterns) = statement.written(Element::Action);
        let listed = if element == "Action" { patterns } else { Vec::new() };
        listed.into_iter().enumerate().map(|(number, it)| (number.to_string(), it)).collect()
    }
}

/// A statement as a sentence names it: by its Sid, else by its number.
pub(crate) fn label(statement: &Statement) -> String {
    match statement.sid() {
        Some(sid) if !sid.is_empty() => format!("statement \"{}\"", Printable(sid)),
        _ => format!("statement {}", statement.index() + 1),
    }
}

/// Names as a sentence lists them: the first few, and how many more there are.
pub(crate) fn listed(names: &[&str]) -> String {
    const SHOWN: usize = 3;
    let (shown, rest) = names.split_at_checked(SHOWN).unwrap_or((names, &[]));
    match (shown, rest.len()) {
        (_, more @ 1..) => format!("{} and {more} more", shown.join(", ")),
        ([first @ .., last], 0) if !first.is_empty() => {
            format!("{} and {last}", first.join(", "))
        }
        _ => shown.join(", "),
    }
}

/// The attached policies that are known.
pub(super) fn known(attached: &Attached) -> Option<&Arc<Policy>> {
    match attached {
        Attached::Policy(policy) => Some(policy),
        Attached::Unknown(_) => None,
    }
}
