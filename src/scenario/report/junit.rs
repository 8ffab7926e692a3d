//! `JUnit` XML, as GitLab, Jenkins and others read it.
//!
//! Source: [GitLab](https://docs.gitlab.com/ci/testing/unit_test_reports/),
//! [the format](https://github.com/testmoapp/junitxml)

use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::Report;
use crate::scenario::{CaseResult, Status};
use crate::text::Printable;

type Xml = Writer<Vec<u8>>;

impl Report {
    /// The results as `JUnit` XML: a suite for each file, a test case for each action of a case.
    ///
    /// # Errors
    ///
    /// None in practice: it is written to memory.
    pub fn junit(&self) -> io::Result<String> {
        let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
        xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let mut root = xml
            .create_element("testsuites")
            .with_attribute(("name", "kms-sim test"))
            .with_attributes(counts(&self.cases).iter().map(|(name, it)| (*name, it.as_str())));
        if let Some(seconds) = self.seconds {
            root = root.with_attribute(("time", format!("{seconds:.3}").as_str()));
        }
        root.write_inner_content(|xml| self.by_file().try_for_each(|cases| suite(xml, cases)))?;
        String::from_utf8(xml.into_inner())
            .map(|text| text + "\n")
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
    }
}

fn counts(cases: &[CaseResult]) -> [(&'static str, String); 3] {
    let count = |status| cases.iter().filter(|it| it.status == status).count().to_string();
    [
        ("tests", cases.len().to_string()),
        ("failures", count(Status::Failed)),
        ("errors", count(Status::Error)),
    ]
}

fn suite(xml: &mut Xml, cases: &[CaseResult]) -> io::Result<()> {
    let file = cases.first().map(|it| plain(&it.file)).unwrap_or_default();
    xml.create_element("testsuite")
        .with_attribute(("name", file.as_str()))
        .with_attributes(counts(cases).iter().map(|(name, it)| (*name, it.as_str())))
        .with_attribute(("skipped", "0"))
        .write_inner_content(|xml| cases.iter().try_for_each(|it| case(xml, it, &file)))?;
    Ok(())
}

fn case(xml: &mut Xml, result: &CaseResult, file: &str) -> io::Result<()> {
    let name = plain(&result.title());
    let line = result.line.map(|line| line.to_string());
    let mut element = xml
        .create_element("testcase")
        .with_attribute(("name", name.as_str()))
        .with_attribute(("classname", file))
        .with_attribute(("file", file));
    if let Some(line) = &line {
        element = element.with_attribute(("line", line.as_str()));
    }
    let outcome = match result.status {
        Status::Passed => {
            element.write_empty()?;
            return Ok(());
        }
        Status::Failed => "failure",
        Status::Error => "error",
    };
    let message = plain(result.message.as_deref().unwrap_or_default());
    let kind = result.actual.as_ref().map_or("error", |it| it.decision);
    let text: Vec<String> = result.lines().iter().map(|line| plain(line)).collect();
    element.write_inner_content(|xml| {
        xml.create_element(outcome)
            .with_attribute(("message", message.as_str()))
            .with_attribute(("type", kind))
            .write_text_content(BytesText::new(&text.join("\n")))?;
        Ok(())
    })?;
    Ok(())
}

/// Without what XML 1.0 cannot hold, not even escaped.
///
/// Source: [Characters](https://www.w3.org/TR/xml/#charsets)
fn plain(text: &str) -> String {
    Printable(text).to_string().replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
