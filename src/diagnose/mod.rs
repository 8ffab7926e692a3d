//! From an error message of AWS or a CloudTrail event to the cause of a denial.
//!
//! [`read`] finds the message or the events in a text, whatever wraps them; each is an
//! [`Incident`]. [`Incident::diagnosis`] says what it proves by itself, and
//! [`Incident::diagnosis_in`] holds a simulation against it.

mod change;
mod compare;
mod diagnosis;
mod event;
mod failure;
mod fetch;
mod incident;
mod message;
mod parameters;
mod plain;
mod proof;
mod strict;
mod trail;
mod unreadable;
mod wrapping;

use serde::Serialize;

use self::event::Read;
use self::message::Message;
use self::plain::Plain;
use self::trail::Trail;
use self::wrapping::Wrapping;
use crate::kms::{Action, Asked};

pub use self::change::Change;
pub use self::compare::{Comparison, Missing};
pub use self::diagnosis::{DiagnosedCall, Diagnosis, NamedSide};
pub use self::failure::Failure;
pub use self::fetch::Fetch;
pub use self::incident::{Call, Denial, Incident, Named, Resource, Said, Via};
pub use self::proof::{Proof, SideProof};
pub use self::unreadable::Unreadable;

/// What a text tells.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Reading {
    /// The calls to diagnose, and how often each happened: the denied ones, or the only one.
    pub incidents: Vec<(Incident, usize)>,
    /// How many events there were of each sort, if there were events.
    pub events: Option<Counts>,
}

/// How many events there were of each sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// All.
    pub read: usize,
    /// Calls of KMS that it denied.
    pub denied: usize,
    /// Calls of KMS that failed for another reason.
    pub failed: usize,
    /// Calls of KMS that succeeded.
    pub succeeded: usize,
    /// Events of KMS that are no call of anybody.
    pub internal: usize,
    /// Events of other services.
    pub other_services: usize,
    /// Events that lack what every event has, or break off.
    pub unreadable: usize,
    /// Different denials beyond those that are diagnosed.
    pub left_out: usize,
}

/// More different denials are counted, and not diagnosed.
const MOST: usize = 50;

/// Finds the messages or events in a text.
///
/// # Errors
///
/// If there are none of KMS, with what the text seems to be instead.
pub fn read(text: &str) -> Result<Reading, Unreadable> {
    let text = text.trim_start_matches('\u{feff}');
    let trail = Trail::read(text);
    let has_event = text.contains("eventSource");
    if trail.has_duplicate && has_event {
        return Err(Unreadable::duplicate());
    }
    if !trail.events.is_empty() {
        return events(&trail);
    }
    let plain = Plain::of(text);
    let mut incidents = messages(&plain);
    if text.starts_with(['{', '[']) && has_event && !trail.is_json {
        let note = "the JSON breaks off or is damaged: only the messages in it were read";
        for incident in &mut incidents {
            incident.notes.push(note.to_owned());
        }
    }
    if incidents.is_empty() {
        return Err(Unreadable::of(text, &plain, &trail));
    }
    Ok(Reading { incidents: incidents.into_iter().map(|it| (it, 1)).collect(), events: None })
}

fn events(trail: &Trail) -> Result<Reading, Unreadable> {
    let mut tally = Tally::default();
    tally.counts.read = trail.events.len() + trail.unreadable;
    tally.counts.unreadable = trail.unreadable;
    for event in &trail.events {
        tally.add(Read::event(event));
    }
    let Tally { counts, mut denied, rest, others } = tally;
    let of_kms = counts.denied + counts.failed + counts.succeeded + counts.internal;
    if of_kms == 0 && counts.unreadable > 0 {
        return Err(Unreadable::shapeless(&counts));
    }
    if of_kms == 0 {
        return Err(Unreadable::others(&counts, &others));
    }
    // One that is alone is meant.
    if denied.is_empty() && counts.failed + counts.succeeded == 1 {
        denied.extend(rest.map(|incident| (incident, 1)));
    }
    Ok(Reading { incidents: denied, events: Some(counts) })
}

/// Events, sorted.
#[derive(Default)]
struct Tally {
    counts: Counts,
    denied: Vec<(Incident, usize)>,
    /// The first call that was not denied.
    rest: Option<Incident>,
    /// Some of the other services.
    others: Vec<String>,
}

impl Tally {
    fn add(&mut self, read: Read) {
        match read {
            Read::Internal => self.counts.internal += 1,
            Read::Unreadable => self.counts.unreadable += 1,
            Read::Other(source) => {
                self.counts.other_services += 1;
                if !self.others.contains(&source) && self.others.len() < 5 {
                    self.others.push(source);
                }
            }
            Read::Incident(incident) => match incident.said {
                Said::Denied(_) => {
                    self.counts.denied += 1;
                    self.gather(*incident);
                }
                Said::Failed(_) => {
                    self.counts.failed += 1;
                    self.rest.get_or_insert(*incident);
                }
                Said::Succeeded => {
                    self.counts.succeeded += 1;
                    self.rest.get_or_insert(*incident);
                }
            },
        }
    }

    /// Counts a denial with those that differ in nothing but the time.
    fn gather(&mut self, incident: Incident) {
        let is_full = self.denied.len() >= MOST;
        let is_same = |(other, _): &&mut (Incident, usize)| other.is_like(&incident);
        match self.denied.iter_mut().find(is_same) {
            Some((_, times)) => *times += 1,
            None if is_full => self.counts.left_out += 1,
            None => self.denied.push((incident, 1)),
        }
    }
}

/// What the messages of a text tell, each with what wraps it.
fn messages(plain: &Plain) -> Vec<Incident> {
    let wrapping = Wrapping::of(plain);
    let all = Message::all(plain);
    let denials = all.into_iter().filter_map(|message| {
        let action = Action::parse(&message.action).ok()?;
        Some(denial(message, action, &wrapping, plain))
    });
    let denials: Vec<Incident> = denials.take(MOST).collect();
    if !denials.is_empty() {
        return denials;
    }
    let asked = wrapping.operation.as_deref().and_then(|name| Asked::parse(name).ok());
    let mut call = Call { asked, via: via(&wrapping), ..Call::default() };
    if let Some(Asked::Permission(action)) = asked {
        call.action = Some(action);
    }
    if message::is_about_some_ciphertext(plain) {
        return vec![of_ciphertext(call)];
    }
    let is_other = wrapping.is_of_other(plain);
    let failure = Failure::find(plain).filter(|_| !is_other);
    failure
        .map(|failure| {
            call.resource = message::some_key(plain).map_or(Resource::Unsaid, Resource::Arn);
            Incident { said: Said::Failed(failure), call, message: None, notes: Vec::new() }
        })
        .into_iter()
        .collect()
}

/// A denial that names neither caller nor key nor side.
fn of_ciphertext(mut call: Call) -> Incident {
    let told = call.asked.and_then(Asked::action).filter(|action| action.needs_key());
    let notes = match told {
        Some(_) => Vec::new(),
        None => vec![
            "the operation is taken to be Decrypt: the message is about a ciphertext".to_owned(),
        ],
    };
    call.action = told.or_else(|| Action::parse("Decrypt").ok());
    call.asked = call.action.map(Asked::Permission);
    call.resource = Resource::OfCiphertext;
    Incident { said: Said::Denied(Named::Nothing), call, message: None, notes }
}

fn denial(
    message: Message,
    action: &'static Action,
    wrapping: &Wrapping,
    plain: &Plain,
) -> Incident {
    let mut notes = Vec::new();
    if message.is_cut {
        notes.push("the message breaks off before it names a side: give the whole".to_owned());
    }
    if plain.has("transitivelythroughaservicecontrolpolicy") {
        notes.push("the endpoint's policy denies through a service control policy".to_owned());
    }
    if plain.has("lambdawasunabletodecrypt") {
        notes.push("Lambda decrypts environment variables as the role of the function".to_owned());
    }
    let call = Call {
        caller: message.caller,
        action: Some(action),
        asked: Some(Asked::Permission(action)),
        resource: message.resource,
        via: via(wrapping),
        ..Call::default()
    };
    Incident { said: Said::Denied(message.named), call, message: None, notes }
}

fn via(wrapping: &Wrapping) -> Via {
    wrapping.via().map_or(Via::Direct, |service| Via::Service(service.to_owned()))
}
