use std::collections::BTreeMap;

use crate::arn::{AccountId, Partition};
use crate::document::{At, Document, InputError};

/// What the user says that a document leaves open.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// The account that it is deployed to.
    pub account: Option<AccountId>,
    /// The Region that it is deployed to.
    pub region: Option<String>,
    /// The partition of both; left out: that of the Region.
    pub partition: Option<Partition>,
    /// Values by what they stand for, in the words of the document: the name of a parameter, of
    /// an export that is imported, `Resource.Attribute`, an address, a dynamic reference.
    pub values: BTreeMap<String, String>,
}

impl Assumptions {
    /// Takes values from a file of parameters: `{"Parameters": {NAME: VALUE}}`, `{NAME: VALUE}`,
    /// `[{"ParameterKey": NAME, "ParameterValue": VALUE}]` or `["NAME=VALUE"]`.
    ///
    /// Source: [deploy](https://docs.aws.amazon.com/cli/latest/reference/cloudformation/deploy/)
    ///
    /// # Errors
    ///
    /// If the document has none of these forms, with the place.
    pub fn read_parameters(&mut self, document: &Document) -> Result<(), InputError> {
        let root = document.root();
        if let Some(items) = root.as_list() {
            for at in items {
                let (name, value) = parameter(at)?;
                self.values.insert(name, value);
            }
            return Ok(());
        }
        let object = root.object().map_err(|_| root.expected("parameters"))?;
        let within = object.optional("Parameters").map(At::object).transpose()?;
        for (name, at) in within.unwrap_or(object).members() {
            self.values.insert(name.to_owned(), scalar(at)?);
        }
        Ok(())
    }
}

fn parameter(at: At<'_>) -> Result<(String, String), InputError> {
    if let Some(text) = at.as_str() {
        let (name, value) = text.split_once('=').ok_or_else(|| at.expected("`NAME=VALUE`"))?;
        return Ok((name.to_owned(), value.to_owned()));
    }
    let object = at.object().map_err(|_| at.expected("a parameter"))?;
    let name = object.required("ParameterKey")?.string()?;
    Ok((name.to_owned(), scalar(object.required("ParameterValue")?)?))
}

/// The text of a value; those of a list, with commas between them.
fn scalar(at: At<'_>) -> Result<String, InputError> {
    let text = |at: At<'_>| {
        let text = at.as_scalar().map(str::to_owned);
        text.ok_or_else(|| at.expected("the value of a parameter"))
    };
    match at.as_list() {
        Some(items) => Ok(items.map(text).collect::<Result<Vec<_>, _>>()?.join(",")),
        None => text(at),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Format, Source};

    #[test]
    fn parameters_come_in_the_forms_that_tools_take() {
        let forms = [
            r#"{"Parameters": {"Role": "Web", "N": 1}}"#,
            r#"{"Role": "Web", "N": "1"}"#,
            r#"[{"ParameterKey": "Role", "ParameterValue": "Web"}, "N=1"]"#,
        ];
        for form in forms {
            let document = Document::parse(Source::new("p.json", form), Format::Json).unwrap();
            let mut assumptions = Assumptions::default();
            assumptions.read_parameters(&document).unwrap();
            let values: Vec<_> = assumptions.values.into_iter().collect();
            assert_eq!(values, [("N".into(), "1".into()), ("Role".into(), "Web".into())], "{form}");
        }
        let document = Document::parse(Source::new("p.json", r#"["x"]"#), Format::Json).unwrap();
        let error = Assumptions::default().read_parameters(&document).unwrap_err().to_string();
        assert!(error.contains("`NAME=VALUE`"), "{error}");
    }
}
