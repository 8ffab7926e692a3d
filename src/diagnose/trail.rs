use serde_json::{Deserializer, Map, Value};

use super::strict::Strict;

/// The events of a text, in whatever CloudTrail's tools wrap them.
///
/// Source: [Record contents](https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html),
/// [LookupEvents](https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html)
#[derive(Debug, Default)]
pub(super) struct Trail {
    pub(super) events: Vec<Map<String, Value>>,
    /// Those that lack what every event has, or do not parse.
    pub(super) unreadable: usize,
    /// Whether some JSON has a member twice.
    pub(super) has_duplicate: bool,
    /// Whether the whole text is JSON.
    pub(super) is_json: bool,
}

impl Trail {
    /// Reads one JSON document, or one after the other.
    pub(super) fn read(text: &str) -> Self {
        let mut trail = Self::default();
        if !text.trim_start().starts_with(['{', '[', '"']) {
            return trail;
        }
        trail.is_json = true;
        for value in Deserializer::from_str(text).into_iter::<Strict>() {
            match value {
                Ok(Strict(value)) => trail.walk(value),
                Err(error) => {
                    trail.has_duplicate |= error.is_data();
                    trail.is_json = false;
                    // What follows an event breaks off, or is damaged.
                    trail.unreadable += usize::from(!trail.events.is_empty());
                    break;
                }
            }
        }
        trail
    }

    /// No deeper than `serde_json` reads, which is 128 levels.
    fn walk(&mut self, value: Value) {
        match value {
            Value::Array(items) => items.into_iter().for_each(|item| self.walk(item)),
            Value::Object(object) if is_event(&object) => self.add(object),
            Value::Object(object) => {
                for (name, value) in object {
                    match (name.as_str(), value) {
                        // A document within a text.
                        ("CloudTrailEvent" | "eventJson", Value::String(text)) => self.inner(&text),
                        (_, value) => self.walk(value),
                    }
                }
            }
            Value::String(text) if text.trim_start().starts_with('{') => self.inner(&text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    fn add(&mut self, event: Map<String, Value>) {
        let has_both = ["eventName", "eventSource"].iter().all(|name| text(&event, name).is_some());
        if has_both { self.events.push(event) } else { self.unreadable += 1 }
    }

    /// One level only: what stands in a text within it is data.
    fn inner(&mut self, text: &str) {
        match serde_json::from_str::<Strict>(text) {
            Ok(Strict(Value::Object(object))) if is_event(&object) => self.add(object),
            Ok(_) => {}
            Err(error) => {
                self.has_duplicate |= error.is_data();
                self.unreadable += 1;
            }
        }
    }
}

fn is_event(object: &Map<String, Value>) -> bool {
    object.contains_key("eventSource")
        || (object.contains_key("eventName") && object.contains_key("userIdentity"))
}

/// A member that is a text, and not an empty one.
pub(super) fn text<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v str> {
    object.get(name)?.as_str().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_found_in_every_container() {
        let event = r#"{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt"}"#;
        let quoted = serde_json::to_string(event).unwrap();
        let table = [
            (event.to_owned(), 1),
            (format!(r#"{{"Records": [{event}, {event}]}}"#), 2),
            (format!(r#"{{"Events": [{{"EventId": "1", "CloudTrailEvent": {quoted}}}]}}"#), 1),
            (format!(r#"{{"detail-type": "AWS API Call via CloudTrail", "detail": {event}}}"#), 1),
            (format!("[{event}]"), 1),
            (format!("{event}\n{event}\n{event}\n"), 3),
            (format!("[{quoted}, {quoted}]"), 2),
            (quoted.clone(), 1),
            (format!(r#"{{"QueryResultRows": [[{{"eventJson": {quoted}}}]]}}"#), 1),
            (r#"{"Records": null}"#.to_owned(), 0),
            ("not JSON".to_owned(), 0),
        ];
        for (text, count) in table {
            assert_eq!(Trail::read(&text).events.len(), count, "{text}");
        }
        let broken = r#"{"Records": [{"eventSource": 1}, {"userIdentity": {}, "eventName": "x"}]}"#;
        assert_eq!(Trail::read(broken).unreadable, 2);
        let cut =
            r#"{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt"} {"eventSource": "km"#;
        let cut = Trail::read(cut);
        assert_eq!((cut.events.len(), cut.unreadable), (1, 1));
        assert!(Trail::read(r#"{"eventSource": "a", "x": {"b": 1, "b": 1}}"#).has_duplicate);
    }
}
