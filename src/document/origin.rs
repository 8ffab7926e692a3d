//! Texts that are no files: where what stands in them comes from.

use std::collections::BTreeMap;

use super::{At, Object, Place};

/// Where a text comes from that is no file by itself.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    /// It stands in a string: lines and columns count within that.
    String(Place),
    /// It is a part of another text, and reads there as it does here.
    Part(Place),
    /// It was put together of values that stand elsewhere.
    Values(Values),
}

/// Where the values of a text stand, by their pointers in it.
#[derive(Clone, Debug)]
pub(crate) struct Values {
    whole: Place,
    parts: BTreeMap<String, Place>,
}

impl Values {
    /// Those of a text that comes of what stands at a place, of which no more is said.
    pub(crate) fn new(whole: Place) -> Self {
        Self { whole, parts: BTreeMap::new() }
    }

    /// Those of a document that was written anew as it is.
    pub(crate) fn of(at: At<'_>) -> Self {
        let mut values = Self::new(at.place());
        values.add_below(at, "");
        values
    }

    fn add_below(&mut self, at: At<'_>, pointer: &str) {
        let mut add = |step: &str, value: At<'_>| {
            let pointer = below(pointer, step);
            self.add_below(value, &pointer);
            self.add(pointer, value.place());
        };
        for (index, item) in at.as_list().into_iter().flatten().enumerate() {
            add(&index.to_string(), item);
        }
        for (name, value) in at.as_object().into_iter().flat_map(Object::members) {
            add(name, value);
        }
    }

    /// Says where the value stands that a pointer into the text leads to.
    pub(crate) fn add(&mut self, pointer: String, place: Place) {
        self.parts.insert(pointer, place);
    }

    /// Where a value stands, or the nearest around it of which that is known.
    pub(crate) fn place(&self, mut pointer: &str) -> &Place {
        loop {
            match (self.parts.get(pointer), pointer.rsplit_once('/')) {
                (Some(place), _) => return place,
                (None, Some((parent, _))) => pointer = parent,
                (None, None) => return &self.whole,
            }
        }
    }

    /// The pointer to a value where it stands, if the way to it is the same there.
    fn pointer(&self, pointer: &str) -> Option<String> {
        let there = format!("{}{pointer}", self.whole.pointer);
        (self.place(pointer).pointer == there).then_some(there)
    }
}

/// The pointer to a member or item of what a pointer leads to.
pub(crate) fn below(pointer: &str, step: &str) -> String {
    format!("{pointer}/{}", step.replace('~', "~0").replace('/', "~1"))
}

impl Place {
    /// The place in the file that the user has, where this one is in a text that was made of it:
    /// the value that the one here comes of, or the string around it.
    #[must_use]
    pub fn in_file(&self) -> Self {
        match self.source.origin() {
            None => self.clone(),
            Some(Origin::String(string)) => string.in_file(),
            Some(Origin::Part(part)) => self.within(part).in_file(),
            Some(Origin::Values(values)) => values.place(&self.pointer).in_file(),
        }
    }

    /// The place as people are shown it: as [`in_file`](Self::in_file), but that of a text in a
    /// string is its own, since all of the string may be one line.
    #[must_use]
    pub fn shown(&self) -> Self {
        match self.source.origin() {
            None | Some(Origin::String(_)) => self.clone(),
            Some(Origin::Part(part)) => self.within(part).shown(),
            Some(Origin::Values(values)) => values.place(&self.pointer).shown(),
        }
    }

    /// The JSON pointer in the file that the user has; none for a part of a string, or where a
    /// function of a template stands between the file and the value.
    #[must_use]
    pub fn pointer_in_file(&self) -> Option<String> {
        match self.source.origin() {
            None => Some(self.pointer.clone()),
            Some(Origin::String(_)) => None,
            Some(Origin::Part(part)) => self.within(part).pointer_in_file(),
            Some(Origin::Values(values)) => {
                let pointer = values.pointer(&self.pointer)?;
                Self { pointer, ..values.place(&self.pointer).clone() }.pointer_in_file()
            }
        }
    }

    fn within(&self, part: &Self) -> Self {
        let base = part.span.start;
        Self {
            source: part.source.clone(),
            span: base + self.span.start..base + self.span.end,
            pointer: format!("{}{}", part.pointer, self.pointer),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Document, Format, Source};
    use super::*;

    fn document(text: &str) -> Document {
        Document::parse(Source::new("f.yaml", text), Format::Yaml).unwrap()
    }

    fn made(text: &str, origin: Origin) -> Document {
        let source: Arc<Source> = Source::made("f.yaml: a text", text, origin);
        Document::parse(source, Format::Json).unwrap()
    }

    #[test]
    fn a_value_is_where_it_comes_from_or_what_is_around_it() {
        let file = document("a:\n  b: [1, 2]\n");
        let at = file.root().child("a").unwrap();
        let mut values = Values::of(at);
        values.add("/c".to_owned(), file.root().place());
        let made = made("{\"b\": [1, 2, 3], \"c\": {\"d\": 0}}", Origin::Values(values));
        let told = |pointer: &str| {
            let place = made.place_at(pointer);
            (place.to_string(), place.in_file().pointer, place.pointer_in_file())
        };
        let plain = |place: &str, pointer: &str| {
            (place.to_owned(), pointer.to_owned(), Some(pointer.to_owned()))
        };
        assert_eq!(told("/b/1"), plain("f.yaml:2:10", "/a/b/1"));
        assert_eq!(told("/b"), plain("f.yaml:2:6", "/a/b"));
        assert_eq!(told("/b/2"), ("f.yaml:2:6".into(), "/a/b".into(), None));
        assert_eq!(told("/c/d"), ("f.yaml:1:1".into(), String::new(), None));
    }

    #[test]
    fn a_part_reads_as_it_does_in_the_whole_and_a_string_counts_by_itself() {
        let file = document("x: {\"b\":\n 2}\ny: '{\"b\": 2}'\n");
        let (x, y) = (file.root().child("x").unwrap(), file.root().child("y").unwrap());
        let part = made("{\"b\":\n 2}", Origin::Part(x.place())).place_at("/b");
        assert_eq!((part.to_string(), part.in_file().line()), ("f.yaml:2:2".into(), 2));
        assert_eq!(part.pointer_in_file().as_deref(), Some("/x/b"));
        let string = made("{\"b\": 2}", Origin::String(y.place())).place_at("/b");
        assert_eq!(string.to_string(), "f.yaml: a text:1:7");
        assert_eq!(string.in_file().to_string(), "f.yaml:3:4");
        assert_eq!(string.pointer_in_file(), None);
    }
}
