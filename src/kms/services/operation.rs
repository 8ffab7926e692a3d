use crate::kms::Action;
use crate::text::{Quoted, did_you_mean};

/// An operation of another service, and the calls of KMS that it causes.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServiceOperation {
    /// The service, as `kms:ViaService` has it before the Region: `s3`.
    pub service: &'static str,
    /// The operation, or the task, in kebab-case: `multipart-upload`.
    pub name: &'static str,
    /// What it does: "to …".
    pub title: &'static str,
    /// The calls, in order.
    pub calls: &'static [Call],
    /// The encryption context: names, and values with `{region}`, `{account}`, `{partition}`
    /// and, in capitals, what only the user knows.
    pub context: &'static [(&'static str, &'static str)],
    /// What varies, what happens afterwards, or what AWS does not document.
    pub note: Option<&'static str>,
    /// The page that documents it.
    pub source: &'static str,
}

/// A call of KMS that a service makes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Call {
    /// The action, with prefix.
    pub action: &'static str,
    /// As whom it is made.
    pub by: By,
    /// Parameters of the request, lists with commas.
    pub parameters: &'static [(&'static str, &'static str)],
}

/// As whom a service calls KMS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum By {
    /// With the credentials of who called the service, which says so in `kms:ViaService`.
    Caller,
    /// As a role that it runs as; the principal of the question is that role.
    Role,
    /// As itself: the service principal, `{region}` being the Region.
    Service(&'static str),
}

/// A text names no operation of a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an operation of a service (s3:get-object, ssm:get-parameter, …), found {}", Quoted(.text))]
pub struct UnknownServiceOperation {
    text: String,
}

impl UnknownServiceOperation {
    /// What may have been meant: of the same service, if it has any.
    #[must_use]
    pub fn help(&self) -> String {
        let service = self.text.split(':').next().unwrap_or_default();
        let of_service = ServiceOperation::all().iter().filter(|it| it.service == service);
        let names: Vec<String> = of_service.map(|it| format!("{service}:{}", it.name)).collect();
        match names.as_slice() {
            [] => {
                let all: Vec<String> = ServiceOperation::all()
                    .iter()
                    .map(|it| format!("{}:{}", it.service, it.name))
                    .collect();
                did_you_mean(&self.text, all.iter().map(String::as_str)).unwrap_or_else(|| {
                    "`kms-sim catalogue service-operations` lists them".to_owned()
                })
            }
            names => format!("of {service} there are {}", names.join(", ")),
        }
    }
}

impl ServiceOperation {
    /// All that are known, by service and name.
    #[must_use]
    pub fn all() -> &'static [Self] {
        super::table::OPERATIONS
    }

    /// The operation `SERVICE:NAME`.
    ///
    /// # Errors
    ///
    /// If it is not one of the table.
    pub fn parse(text: &str) -> Result<&'static Self, UnknownServiceOperation> {
        let is_named = |it: &&Self| text.split_once(':') == Some((it.service, it.name));
        Self::all()
            .iter()
            .find(is_named)
            .ok_or_else(|| UnknownServiceOperation { text: text.to_owned() })
    }
}

impl Call {
    /// The action that it is authorized as.
    #[must_use]
    pub fn action(&self) -> Option<&'static Action> {
        Action::parse(self.action).ok()
    }

    /// The same call with these parameters.
    pub(super) const fn parameters(
        self,
        parameters: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { parameters, ..self }
    }
}

pub(super) const fn forwarded(action: &'static str) -> Call {
    Call { action, by: By::Caller, parameters: &[] }
}

pub(super) const fn as_role(action: &'static str) -> Call {
    Call { action, by: By::Role, parameters: &[] }
}

pub(super) const fn as_service(action: &'static str, service: &'static str) -> Call {
    Call { action, by: By::Service(service), parameters: &[] }
}

pub(super) const fn operation(
    service: &'static str,
    name: &'static str,
    title: &'static str,
    calls: &'static [Call],
) -> ServiceOperation {
    ServiceOperation { service, name, title, calls, context: &[], note: None, source: "" }
}

impl ServiceOperation {
    pub(super) const fn context(self, context: &'static [(&'static str, &'static str)]) -> Self {
        Self { context, ..self }
    }

    pub(super) const fn note(self, note: &'static str) -> Self {
        Self { note: Some(note), ..self }
    }

    pub(super) const fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::{Operation, Service};

    #[test]
    fn operations_are_sorted_unique_and_have_sources() {
        let key = |it: &ServiceOperation| (it.service, it.name);
        assert!(ServiceOperation::all().is_sorted_by(|a, b| key(a) < key(b)));
        for it in ServiceOperation::all() {
            assert!(it.source.starts_with("https://"), "{}:{}", it.service, it.name);
            assert!(!it.calls.is_empty(), "{}:{}", it.service, it.name);
        }
    }

    #[test]
    fn calls_are_of_actions_and_parameters_of_kms_and_by_services_that_forward() {
        for it in ServiceOperation::all() {
            for call in it.calls {
                let action = call.action().unwrap();
                let known = Operation::of(action).unwrap().parameters;
                assert!(call.parameters.iter().all(|(name, _)| known.contains(name)));
                match call.by {
                    By::Service(name) => {
                        assert!(name.ends_with(".amazonaws.com"), "{name}");
                    }
                    By::Caller => {
                        assert!(Service::all().iter().any(|row| row.prefix == it.service));
                    }
                    By::Role => {}
                }
            }
        }
    }
}
