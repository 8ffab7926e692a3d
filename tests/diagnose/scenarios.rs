//! What kms-sim prints for a denied case of a scenario is read back as it was meant.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kms_sim::diagnose::{Denial, Named, Resource, Said, read};
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Files, ReadError};
use kms_sim::report::Answer;
use kms_sim::scenario::{Scenario, Sorted};

struct Disk;

impl Files for Disk {
    fn read(&self, from: &Source, path: &str) -> Result<Arc<Source>, ReadError> {
        let path = Path::new(&from.name).parent().unwrap().join(path);
        let bytes = fs::read(&path).map_err(|error| ReadError::Unreadable(error.to_string()))?;
        Ok(Source::from_bytes(path.display().to_string(), bytes)?)
    }
}

fn yaml_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            yaml_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            found.push(path);
        }
    }
}

/// Every answer with a message of AWS.
fn denied() -> Vec<(String, Answer)> {
    let mut files = Vec::new();
    yaml_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios"), &mut files);
    let mut denied = Vec::new();
    for path in files {
        let source =
            Source::from_bytes(path.display().to_string(), fs::read(&path).unwrap()).unwrap();
        let document = Document::parse(source, Format::Yaml).unwrap();
        let Sorted::Scenario(scenario) = Scenario::read(&document, &Disk).unwrap() else {
            panic!("{} is no scenario", path.display())
        };
        let answers = scenario.run().filter_map(|result| result.actual);
        let with_error = answers.filter(|answer| answer.error.is_some());
        denied.extend(with_error.map(|answer| (path.display().to_string(), *answer)));
    }
    denied
}

/// The side as AWS's messages have it: none names grants.
fn side(answer: &Answer) -> &'static str {
    answer.denied_by[0].replace("grant", "key-policy").leak()
}

#[test]
fn every_message_that_is_printed_is_read_back() {
    let denied = denied();
    assert!(denied.len() > 500, "only {} messages", denied.len());
    for (file, answer) in denied {
        let message = answer.error.clone().unwrap();
        // The whole may be about a permission of IAM.
        let Ok(reading) = read(&message) else {
            assert!(message.contains(" iam:"), "{file}: {message}");
            continue;
        };
        let incident = &reading.incidents[0].0;
        let call = &incident.call;
        let words: Vec<&str> = message.split(' ').collect();
        assert_eq!(call.caller.as_deref(), Some(words[1]), "{file}: {message}");
        assert_eq!(call.action_name().as_deref(), Some(words[7]), "{file}: {message}");
        let Said::Denied(named) = &incident.said else { panic!("{file}: {message}") };
        match named {
            Named::KeyOrItsPolicy => assert_eq!(side(&answer), "key-policy", "{file}: {message}"),
            Named::Side { side: read, denial, .. } => {
                let kind = if answer.decision == "explicitDeny" {
                    Denial::Explicit
                } else {
                    Denial::Implicit
                };
                assert_eq!((read.as_str(), *denial), (side(&answer), kind), "{file}: {message}");
            }
            Named::Nothing => panic!("{file}: {message}"),
        }
        match &call.resource {
            Resource::Arn(arn) | Resource::Illegible(arn) => {
                assert_eq!(arn, words[10], "{file}: {message}");
            }
            Resource::Everything => assert_eq!("*", words[10], "{file}: {message}"),
            Resource::Undisclosed => assert_eq!("this", words[9], "{file}: {message}"),
            Resource::OfCiphertext => assert_eq!("associated", words[11], "{file}: {message}"),
            Resource::Unsaid => panic!("{file}: {message}"),
        }
    }
}

#[test]
fn what_a_message_rules_out_does_not_deny() {
    for (file, answer) in denied() {
        let message = answer.error.clone().unwrap();
        let Ok(reading) = read(&message) else { continue };
        let proof = reading.incidents[0].0.diagnosis().proof;
        let whole = answer.request.action.clone();
        for ruled_out in proof.sides("ruled-out").filter(|it| it.documented) {
            let denies = answer.denied_by.contains(&ruled_out.side);
            // KMS never names grants, and a key policy that is silent has silent grants.
            assert!(!denies || ruled_out.side == "grant", "{file}: {whole} {message}");
        }
        if proof.no_deny_matched {
            let deny = answer.sides.iter().find(|side| side.verdict == "deny");
            assert!(deny.is_none(), "{file}: {whole} {message}");
        }
    }
}
