use std::sync::Arc;

use serde::de::IgnoredAny;

use super::EstatePolicy;
use super::sniff::percent_decoded;
use crate::document::{At, InputError, Origin, Source, Values};

impl EstatePolicy {
    /// The policy in a document: an object, its JSON in a string, or that URL-encoded, as IAM's
    /// API sends it. `what` says which one it is, for messages.
    ///
    /// Source: [PolicyDetail](https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyDetail.html)
    pub(crate) fn read(at: At<'_>, what: &str) -> Result<Self, InputError> {
        let name = format!("{}: {what}", at.place().source.name);
        let (text, origin) = text(at)?;
        Ok(Self::Document(Source::made(name, text, origin)))
    }

    /// The document, if it is known.
    #[must_use]
    pub fn source(&self) -> Option<&Arc<Source>> {
        match self {
            Self::Document(source) => Some(source),
            Self::BuiltIn(_) | Self::Unknown(_) => None,
        }
    }
}

fn text(at: At<'_>) -> Result<(String, Origin), InputError> {
    if let Some(text) = at.as_str() {
        let text = match text.trim_start() {
            start if start.starts_with('{') => Ok(text.to_owned()),
            start if start.starts_with('%') => percent_decoded(text)
                .ok_or_else(|| at.error("expected URL-encoded UTF-8, found a broken escape")),
            _ => Err(at.expected("a policy document")),
        };
        return Ok((text?, Origin::String(at.place())));
    }
    at.as_object().ok_or_else(|| at.expected("a policy document"))?;
    let source = at.place().source;
    // As it is written, where that is JSON, so that its lines are those of the file.
    let written = source.text.get(at.span()).unwrap_or_default();
    match serde_json::from_str::<IgnoredAny>(written) {
        Ok(_) => Ok((written.to_owned(), Origin::Part(at.place()))),
        Err(_) => Ok((format!("{:#}", at.to_json()), Origin::Values(Values::of(at)))),
    }
}
