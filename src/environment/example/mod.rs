//! The built-in example: a key whose policy separates administrators from users.

use std::sync::Arc;

use super::{Environment, Files, Loaded, ReadError};
use crate::document::{Document, Format, InputError, Source};

const FILES: &[(&str, &str)] = &[
    ("identity-policy.json", include_str!("identity-policy.json")),
    ("key-policy.json", include_str!("key-policy.json")),
];

/// The example is an environment file like any other, but for where its files are.
struct Embedded;

impl Files for Embedded {
    fn read(&self, _from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        FILES
            .iter()
            .find(|(name, _)| *name == path)
            .map(|(name, text)| source(name, text))
            .ok_or_else(|| ReadError::Unreadable("the example has no such file".into()))
    }
}

fn source(name: &str, text: &str) -> Arc<Source> {
    Source::new(format!("<example>/{name}"), text.to_owned())
}

/// The administrators' role, the application's role with its identity policy, and the key.
///
/// # Errors
///
/// None in practice: a test loads it.
pub fn environment() -> Result<Loaded, InputError> {
    let source = source("kms-sim.yaml", include_str!("kms-sim.yaml"));
    Environment::load(&Document::parse(source, Format::Yaml)?, &Embedded, None)
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_loads_without_a_warning() {
        let loaded = super::environment().unwrap();
        assert_eq!(loaded.environment.keys().len(), 1);
        assert!(loaded.warnings.is_empty(), "{:?}", loaded.warnings);
    }
}
