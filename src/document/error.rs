use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use super::{Notice, Source};

/// Where in an input something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// The bytes of it.
    pub span: Range<usize>,
    /// JSON pointer to the value; empty for the document itself and for errors of syntax.
    pub pointer: String,
}

impl Place {
    /// The beginning of a text, for what concerns it as a whole.
    #[must_use]
    pub fn start(source: Arc<Source>) -> Self {
        Self { source, span: 0..0, pointer: String::new() }
    }

    /// The line in its text, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.source.line_and_column(self.span.start).0
    }

    /// The column in its text, from 1, in characters.
    #[must_use]
    pub fn column(&self) -> usize {
        self.source.line_and_column(self.span.start).1
    }
}

/// `file:line:column`, of the place that people are [shown](Place::shown).
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown();
        let (line, column) = shown.source.line_and_column(shown.span.start);
        write!(f, "{}:{line}:{column}", crate::text::Printable(&shown.source.name))
    }
}

/// An input is not what it should be: what was expected, what was found, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputError(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    message: String,
    help: Option<String>,
    notice: Option<Notice>,
    place: Place,
}

impl InputError {
    /// An error at a place. The message is lower case, without a full stop.
    #[must_use]
    pub fn new(message: impl Into<String>, place: Place) -> Self {
        Self(Box::new(Parts { message: message.into(), help: None, notice: None, place }))
    }

    /// Adds what to do about it, if there is something to say.
    #[must_use]
    pub fn with_help(mut self, help: Option<impl Into<String>>) -> Self {
        self.0.help = help.map(Into::into).or(self.0.help);
        self
    }

    /// Says what sort of thing it is, unless that was said before.
    #[must_use]
    pub fn with_notice(mut self, notice: Notice) -> Self {
        self.0.notice = self.0.notice.or(Some(notice));
        self
    }

    /// The same at another place, such as that of the text that another was made of.
    #[must_use]
    pub fn moved(mut self, place: Place) -> Self {
        self.0.place = place;
        self
    }

    /// What sort of thing it is; nothing where the input is not what was asked for at all.
    #[must_use]
    pub fn notice(&self) -> Option<Notice> {
        self.0.notice
    }

    /// What was expected and what was found.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Option<&str> {
        self.0.help.as_deref()
    }

    /// Where.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.0.place
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { message, help, notice: _, place } = &*self.0;
        let place = place.shown();
        write!(f, "{place}: {message}")?;
        if !place.pointer.is_empty() {
            write!(f, ", at {}", crate::text::Quoted(&place.pointer))?;
        }
        help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

impl std::error::Error for InputError {}
