//! The services that call KMS with a caller's credentials.
//!
//! Source: [kms:ViaService](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service)

mod known;
mod operation;
mod table;

pub(crate) use self::known::{KnownService, Limit, ServiceScope, calls_for_its_callers_alone};
pub use self::operation::{By, Call, ServiceOperation, UnknownServiceOperation};
use crate::text::{Quoted, did_you_mean};

/// A service that KMS documents for `kms:ViaService`.
#[derive(Debug)]
#[non_exhaustive]
pub struct Service {
    /// What stands before the Region in `kms:ViaService`.
    pub prefix: &'static str,
    /// The service's name, as AWS prints it; several if they share the prefix.
    pub name: &'static str,
}

/// A text cannot be the name of a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a service (ssm, s3, secretsmanager, …), found {}{meant}", Quoted(.text))]
pub struct UnknownService {
    text: String,
    /// What may have been meant, in words.
    meant: String,
}

impl UnknownService {
    fn new(text: &str) -> Self {
        let nearest =
            did_you_mean(&text.to_ascii_lowercase(), SERVICES.iter().map(|row| row.prefix));
        let meant = nearest.map(|it| format!("; {it}")).unwrap_or_default();
        Self { text: text.to_owned(), meant }
    }
}

impl Service {
    /// All documented services, by prefix.
    #[must_use]
    pub fn all() -> &'static [Self] {
        SERVICES
    }

    /// The value of `kms:ViaService` for calls of `service` in `region`, and a warning if KMS
    /// does not document the service. The suffix is `.amazonaws.com` in all partitions.
    ///
    /// # Errors
    ///
    /// If the text cannot be the name of a service.
    pub fn via(service: &str, region: &str) -> Result<(String, Option<String>), UnknownService> {
        let suffix = format!(".{region}.amazonaws.com");
        let prefix = service.strip_suffix(&suffix).unwrap_or(service);
        let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if prefix.is_empty() || !prefix.chars().all(is_label) {
            return Err(UnknownService::new(service));
        }
        let documented = SERVICES.iter().any(|row| row.prefix == prefix);
        let warning = (!documented).then(|| {
            let nearest = did_you_mean(prefix, SERVICES.iter().map(|row| row.prefix));
            format!(
                "KMS does not list {} among the services that set kms:ViaService; {}",
                Quoted(prefix),
                nearest.unwrap_or_else(|| "check its name".into())
            )
        });
        Ok((format!("{prefix}{suffix}"), warning))
    }
}

const fn service(prefix: &'static str, name: &'static str) -> Service {
    Service { prefix, name }
}

#[rustfmt::skip]
const SERVICES: &[Service] = &[
    service("aiops", "Amazon AI Operations"),
    service("airflow", "Amazon Managed Workflows for Apache Airflow (MWAA)"),
    service("aoss", "Amazon OpenSearch Service"),
    service("appfabric", "AWS AppFabric"),
    service("appflow", "Amazon AppFlow"),
    service("apprunner", "AWS App Runner"),
    service("apptest", "AWS Mainframe Modernization Application Testing"),
    service("ards", "Amazon Replicated Data Store"),
    service("athena", "Amazon Athena"),
    service("auditmanager", "AWS Audit Manager"),
    service("backup", "AWS Backup"),
    service("backup-gateway", "AWS Backup Gateway"),
    service("bedrock", "Amazon Bedrock Model Copy"),
    service("cassandra", "Amazon Keyspaces (for Apache Cassandra)"),
    service("chimevoiceconnector", "Amazon Chime SDK"),
    service("cleanrooms-ml", "AWS Clean Rooms ML"),
    service("codeartifact", "AWS CodeArtifact"),
    service("codeguru-reviewer", "Amazon CodeGuru Reviewer"),
    service("comprehend", "Amazon Comprehend"),
    service("connect", "Amazon Connect Customer"),
    service("custom-packages", "Amazon OpenSearch Custom Packages"),
    service("dax", "Amazon ElastiCache"),
    service("deepracer", "AWS DeepRacer"),
    service("directoryservice", "AWS Directory Service"),
    service("dms", "AWS Database Migration Service (AWS DMS)"),
    service("docdb-elastic", "Amazon DocumentDB"),
    service("dynamodb", "Amazon DynamoDB"),
    service("ec2", "Amazon Elastic Block Store (Amazon EBS)"),
    service("ecr", "Amazon Elastic Container Registry (Amazon ECR)"),
    service("elasticache", "Amazon ElastiCache"),
    service("elasticfilesystem", "Amazon Elastic File System (Amazon EFS)"),
    service("entityresolution", "AWS Entity Resolution"),
    service("es", "Amazon OpenSearch Service"),
    service("events", "Amazon EventBridge"),
    service("finspace", "Amazon FinSpace"),
    service("firehose", "Amazon Data Firehose"),
    service("forecast", "Amazon Forecast"),
    service("fsx", "Amazon FSx"),
    service("geo", "Amazon Location Service"),
    service("glue", "AWS Glue"),
    service("groundstation", "AWS Ground Station"),
    service("healthlake", "AWS HealthLake"),
    service("importexport", "AWS Snowball Edge"),
    service("iotsitewise", "AWS IoT SiteWise"),
    service("kafka", "Amazon Managed Streaming for Apache Kafka (Amazon MSK)"),
    service("kendra", "Amazon Kendra"),
    service("kinesis", "Amazon Kinesis"),
    service("kinesisvideo", "Amazon Kinesis Video Streams"),
    service("lambda", "AWS Lambda"),
    service("lex", "Amazon Lex"),
    service("license-manager", "AWS License Manager"),
    // Documented by CloudWatch Logs, for API keys; missing in KMS's own list.
    service("logs", "Amazon CloudWatch Logs"),
    service("lookoutequipment", "Amazon Lookout for Equipment"),
    service("lookoutmetrics", "Amazon Lookout for Metrics"),
    service("lookoutvision", "Amazon Lookout for Vision"),
    service("m2", "AWS Mainframe Modernization"),
    service("macie", "Amazon Macie"),
    service("malware-protection", "Amazon GuardDuty"),
    service("managedblockchain", "Amazon Managed Blockchain"),
    service("mediatailor", "AWS Elemental MediaTailor"),
    service("memorydb", "Amazon MemoryDB"),
    service("mgn", "AWS Transform MGN"),
    service("monitron", "Amazon Monitron"),
    service("mq", "Amazon MQ"),
    service("nimble", "Amazon Nimble Studio"),
    service("omics", "AWS HealthOmics"),
    service("profile", "Amazon Connect Customer Customer Profiles"),
    service("proton", "AWS Proton"),
    service("qldb", "Amazon Quantum Ledger Database (Amazon QLDB)"),
    service("rds", "Amazon Aurora / Amazon Neptune / Amazon RDS Performance Insights / Amazon Relational Database Service (Amazon RDS)"),
    service("redshift", "Amazon Redshift"),
    service("redshift-serverless", "Amazon Redshift Serverless"),
    service("rekognition", "Amazon Rekognition"),
    service("s3", "Amazon Simple Storage Service (Amazon S3)"),
    service("s3tables", "Amazon S3 Tables"),
    service("sagemaker", "Amazon SageMaker AI"),
    service("secretsmanager", "AWS Secrets Manager"),
    service("securitylake", "Amazon Security Lake"),
    service("ses", "Amazon Simple Email Service (Amazon SES)"),
    service("sns", "Amazon Simple Notification Service (Amazon SNS)"),
    service("sqlworkbench", "Amazon Redshift query editor V2"),
    service("sqs", "Amazon Simple Queue Service (Amazon SQS)"),
    service("ssm", "Amazon EC2 Systems Manager (SSM)"),
    service("ssm-contacts", "AWS Systems Manager Incident Manager Contacts"),
    service("ssm-incidents", "AWS Systems Manager Incident Manager"),
    service("states", "AWS Step Functions"),
    service("storagegateway", "AWS Storage Gateway"),
    service("thinclient", "Amazon WorkSpaces Thin Client"),
    service("timestream", "Amazon Timestream"),
    service("translate", "Amazon Translate"),
    service("verified-access", "AWS Verified Access"),
    service("wisdom", "Amazon Q in Connect"),
    service("workmail", "Amazon WorkMail"),
    service("workspaces", "Amazon WorkSpaces"),
    service("workspaces-web", "Amazon WorkSpaces Web"),
    service("xray", "AWS X-Ray"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_sorted_and_unique() {
        assert!(SERVICES.is_sorted_by(|a, b| a.prefix < b.prefix));
    }

    #[test]
    fn the_value_has_the_region_and_the_same_suffix_everywhere() {
        let via = |service| Service::via(service, "cn-north-1").map(|(value, _)| value);
        assert_eq!(via("ssm").as_deref(), Ok("ssm.cn-north-1.amazonaws.com"));
        assert_eq!(
            via("ssm.cn-north-1.amazonaws.com").as_deref(),
            Ok("ssm.cn-north-1.amazonaws.com")
        );
    }

    #[test]
    fn an_undocumented_service_is_warned_of_and_no_service_is_refused() {
        let (_, warning) = Service::via("secretmanager", "us-east-1").unwrap();
        assert!(warning.unwrap().contains("did you mean `secretsmanager`?"));
        for text in ["", "s3:multipart-upload", "SSM", "ssm.us-west-2.amazonaws.com", "a b"] {
            assert!(Service::via(text, "us-east-1").is_err(), "{text}");
        }
    }
}
