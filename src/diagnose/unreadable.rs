use super::message::Message;
use super::plain::Plain;
use super::trail::Trail;
use super::wrapping::Wrapping;
use super::{Counts, message};
use crate::kms::Action;
use crate::text::Quoted;

/// A text has no message or event of KMS in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Unreadable {
    message: String,
    help: Option<String>,
}

const EXPECTED: &str = "expected an AccessDenied message of AWS KMS or a CloudTrail event";

const HELP: &str = "give what stands in the log from `User: arn:aws:…` to the end of the line, or what `aws cloudtrail lookup-events` prints";

const LOOK_UP: &str = "the CloudTrail event of the KMS call has the reason: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventName,AttributeValue=Decrypt | kms-sim diagnose -";

impl Unreadable {
    /// What may help.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: Some(help.into()) }
    }

    /// Events, but none of KMS.
    pub(super) fn others(counts: &Counts, sources: &[String]) -> Self {
        let of: Vec<String> = sources.iter().map(|name| Quoted(name).to_string()).collect();
        let of = if of.is_empty() { String::new() } else { format!(" of {}", of.join(", ")) };
        Self::new(
            format!(
                "expected a CloudTrail event of `kms.amazonaws.com`, found {}{of}",
                counted(counts.read)
            ),
            "a service that calls KMS leaves an event of its own, and KMS another: look for that with the same time",
        )
    }

    /// An event that says two things.
    pub(super) fn duplicate() -> Self {
        Self::new(
            "expected every member of an event once, found one that stands twice",
            "give the event as CloudTrail wrote it",
        )
    }

    /// Events of KMS, but none that says what became of the call.
    pub(super) fn shapeless(counts: &Counts) -> Self {
        Self::new(
            format!(
                "expected CloudTrail events with eventName, userIdentity, and errorCode and errorMessage as texts, found {}",
                counted(counts.unreadable)
            ),
            "give events as `aws cloudtrail lookup-events` or the files in the trail's bucket have them",
        )
    }

    /// An error of an operation that neither KMS nor a service that calls it has.
    pub(super) fn of_operation(operation: &str) -> Self {
        Self::new(
            format!("{EXPECTED}, found an error of {}, which is not of KMS", Quoted(operation)),
            HELP,
        )
    }

    /// What the text seems to be.
    pub(super) fn of(text: &str, plain: &Plain, trail: &Trail) -> Self {
        let start = text.trim();
        if start.is_empty() {
            return Self::new(format!("{EXPECTED}, found nothing"), HELP);
        }
        if trail.unreadable > 0 {
            return Self::new(
                format!(
                    "expected CloudTrail events, found {} without eventName and eventSource",
                    counted(trail.unreadable)
                ),
                "give events as `aws cloudtrail lookup-events` or the files in the trail's bucket have them",
            );
        }
        if let Some(message) = Message::all(plain).into_iter().next() {
            return Self::of_action(&message.action);
        }
        if plain.has("isnotauthorizedtoperform")
            || (plain.has("user:arn:") && plain.has("notauthorized"))
        {
            return Self::new(
                format!("{EXPECTED}, found one that breaks off: {}", Quoted(start)),
                "give the whole message: it names the action, the resource, and the side that denies",
            );
        }
        if plain.has("encodedauthorizationfailuremessage") {
            return Self::new(
                format!("{EXPECTED}, found an encoded message"),
                "decode it: aws sts decode-authorization-message --encoded-message TEXT --query DecodedMessage --output text",
            );
        }
        if message::is_bare_denial(plain) {
            return Self::new(
                "expected a message that names an action of KMS, found one that says only that access is denied",
                LOOK_UP,
            );
        }
        if let Some(operation) = Wrapping::of(plain).operation {
            return Self::of_operation(&operation);
        }
        let found = if trail.is_json { "other JSON".to_owned() } else { Quoted(start).to_string() };
        Self::new(format!("{EXPECTED}, found {found}"), HELP)
    }

    /// A message about an action that is not of KMS.
    fn of_action(action: &str) -> Self {
        let error = match Action::parse(action) {
            Ok(_) => None,
            Err(error) => error.help(),
        };
        if action.to_ascii_lowercase().starts_with("kms:") {
            return Self::new(
                format!(
                    "expected a message about an action of KMS, found {}, which KMS does not have",
                    Quoted(action)
                ),
                error.unwrap_or_else(|| HELP.to_owned()),
            );
        }
        Self::new(
            format!(
                "expected a message about an action of KMS, found one about {}",
                Quoted(action)
            ),
            format!(
                "KMS has no part in this denial; if the data is encrypted, KMS may deny next, and {LOOK_UP}"
            ),
        )
    }
}

fn counted(events: usize) -> String {
    if events == 1 { "one event".to_owned() } else { format!("{events} events") }
}
