use super::plain::Plain;
use crate::kms::{Operation, Service, ServiceOperation};

/// Which client printed an error: that of KMS, or of a service that called KMS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wrapping {
    /// The service, as `kms:ViaService` has it before the Region; `kms` for KMS itself.
    pub(super) service: Option<&'static str>,
    /// The operation that the client called.
    pub(super) operation: Option<String>,
}

impl Wrapping {
    /// As the CLI, the SDKs and services wrap errors.
    pub(super) fn of(plain: &Plain) -> Self {
        if plain.has("lambdawasunabletodecrypt") {
            // At the start of a function Lambda calls as the function's role.
            return Self { service: None, operation: Some("Decrypt".to_owned()) };
        }
        let operation = command_line(plain).or_else(|| go(plain).map(|(_, operation)| operation));
        let told = go(plain).map(|(service, _)| service).or_else(|| java(plain));
        let service = told
            .and_then(|name| service(&name))
            .or_else(|| package(plain))
            .or_else(|| s3(plain))
            .or_else(|| operation.as_deref().and_then(service_of));
        Self { service, operation }
    }

    /// Whether an operation failed that is none of KMS, nor of a service known to call it.
    pub(super) fn is_of_other(&self, plain: &Plain) -> bool {
        let is_in_between = plain.has("lambdawasunabletodecrypt") || plain.has("kms");
        self.operation.is_some() && self.service.is_none() && !is_in_between
    }

    /// The service in between, if one is told.
    pub(super) fn via(&self) -> Option<&'static str> {
        self.service.filter(|service| *service != "kms")
    }
}

/// `An error occurred (AccessDeniedException) when calling the Decrypt operation`, as the CLI
/// and the SDK for Python write.
fn command_line(plain: &Plain) -> Option<String> {
    let (_, start) = plain.all("whencallingthe").next()?;
    let name = word(plain, start)?;
    Some(name.strip_suffix("operation").unwrap_or(name).to_owned())
}

/// `operation error KMS: Decrypt, https response error`, as the SDK for Go writes.
fn go(plain: &Plain) -> Option<(String, String)> {
    let (_, start) = plain.all("operationerror").next()?;
    let service = word(plain, start)?;
    let operation = word(plain, plain.after(start + service.len(), ":")?)?;
    Some((service.to_owned(), operation.to_owned()))
}

/// `(Service: AWSKMS; Status Code: 400; …)`, as the SDKs for Java write.
fn java(plain: &Plain) -> Option<String> {
    let (_, start) = plain.all("(service:").next()?;
    word(plain, start).map(str::to_owned)
}

/// Letters and digits; a client's name has no spaces once they are taken out.
fn word(plain: &Plain, start: usize) -> Option<&str> {
    let rest = plain.ahead(start);
    let length = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    (1..=60).contains(&length).then(|| plain.slice(start, start + length))
}

/// Names of clients that differ from the service's by more than a prefix.
const CLIENTS: &[(&str, &str)] = &[
    ("awskms", "kms"),
    ("awssimplesystemsmanagement", "ssm"),
    ("amazondynamodbv2", "dynamodb"),
    ("dynamodbv2", "dynamodb"),
    ("efs", "elasticfilesystem"),
    ("kms", "kms"),
    ("sfn", "states"),
    ("simpleemailservice", "ses"),
];

/// The service of a client: `Kms`, `AmazonS3`, `Secrets Manager`.
fn service(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    if let Some((_, service)) = CLIENTS.iter().find(|(client, _)| *client == name) {
        return Some(service);
    }
    let bare = ["amazon", "aws"].iter().find_map(|prefix| name.strip_prefix(prefix));
    let is_it = |service: &&Service| service.prefix == name || Some(service.prefix) == bare;
    Service::all().iter().find(is_it).map(|service| service.prefix)
}

/// The package of a client, in the name of an exception or in a stack.
fn package(plain: &Plain) -> Option<&'static str> {
    let prefixes = ["com.amazonaws.services.", "awssdk.services.", "aws_sdk_", "aws-sdk/client-"];
    prefixes.iter().find_map(|prefix| {
        let (_, start) = plain.all(prefix).next()?;
        service(word(plain, start)?)
    })
}

/// The XML of S3, and what its clients make of it.
fn s3(plain: &Plain) -> Option<&'static str> {
    let is_s3 = plain.has("<error><code>accessdenied</code>")
        || plain.has("hostid:")
        || plain.has("<hostid>")
        || plain.has("s3extendedrequestid");
    is_s3.then_some("s3")
}

/// Operations that call KMS, beside those of [`ServiceOperation`].
#[rustfmt::skip]
const FURTHER: &[(&str, &[&str])] = &[
    ("dynamodb", &["BatchGetItem", "BatchWriteItem", "DeleteItem", "Query", "Scan", "UpdateItem"]),
    ("ec2", &["CopyImage", "CreateSnapshot", "StartInstances"]),
    ("kinesis", &["PutRecords"]),
    ("s3", &["CompleteMultipartUpload", "CreateMultipartUpload", "HeadObject", "UploadPart", "UploadPartCopy"]),
    ("secretsmanager", &["BatchGetSecretValue"]),
    ("sns", &["PublishBatch"]),
    ("sqs", &["SendMessageBatch"]),
    ("ssm", &["GetParameterHistory", "GetParameters", "GetParametersByPath"]),
];

/// The service that has an operation of that name and calls KMS for it.
fn service_of(operation: &str) -> Option<&'static str> {
    if Operation::find(operation).is_some() {
        return Some("kms");
    }
    let is_it = |name: &&str| name.eq_ignore_ascii_case(operation);
    let further = FURTHER.iter().find(|(_, names)| names.iter().any(is_it));
    further.map(|(service, _)| *service).or_else(|| {
        let name = kebab(operation);
        let mut services = ServiceOperation::all().iter().filter(|it| it.name == name);
        match (services.next(), services.next()) {
            (Some(only), None) => Some(only.service),
            _ => None,
        }
    })
}

/// `GetObject` as `get-object`.
fn kebab(operation: &str) -> String {
    let mut name = String::new();
    for (index, c) in operation.char_indices() {
        if c.is_ascii_uppercase() && index > 0 {
            name.push('-');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_that_printed_an_error_is_told_by_its_wrapping() {
        let table = [
            (
                "An error occurred (AccessDeniedException) when calling the Decrypt operation: …",
                Some("kms"),
                Some("Decrypt"),
            ),
            (
                "An error occurred (AccessDenied) when calling the GetObject operation: …",
                Some("s3"),
                Some("GetObject"),
            ),
            (
                "when calling the GetSecretValue\n operation",
                Some("secretsmanager"),
                Some("GetSecretValue"),
            ),
            (
                "operation error KMS: Decrypt, https response error StatusCode: 400",
                Some("kms"),
                Some("Decrypt"),
            ),
            (
                "operation error Secrets Manager: GetSecretValue, https",
                Some("secretsmanager"),
                Some("GetSecretValue"),
            ),
            ("operation error SSM: GetParameter, https", Some("ssm"), Some("GetParameter")),
            (
                "(Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException;",
                Some("kms"),
                None,
            ),
            ("(Service: Kms, Status Code: 400, Request ID: 1)", Some("kms"), None),
            ("(Service: Amazon S3; Status Code: 403;", Some("s3"), None),
            ("(Service: AmazonSQS; Status Code: 403;", Some("sqs"), None),
            ("com.amazonaws.services.s3.model.AmazonS3Exception: ", Some("s3"), None),
            ("at /app/node_modules/@aws-sdk/client-kms/dist-cjs/index.js", Some("kms"), None),
            ("AccessDenied: … status code: 403, request id: 1, host id: 2", Some("s3"), None),
            ("Lambda was unable to decrypt the environment variables", None, Some("Decrypt")),
            ("AccessDeniedException: User: …", None, None),
            ("when calling the DescribeTable operation", None, Some("DescribeTable")),
        ];
        for (text, service, operation) in table {
            let wrapping = Wrapping::of(&Plain::of(text));
            assert_eq!(
                (wrapping.service, wrapping.operation.as_deref()),
                (service, operation),
                "{text}"
            );
        }
    }
}
