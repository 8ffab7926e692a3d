//! What operations of AWS services ask of KMS, each row with its source.

use super::operation::{ServiceOperation, as_role, as_service, forwarded, operation};

#[rustfmt::skip]
pub(super) const OPERATIONS: &[ServiceOperation] = &[
    operation("athena", "start-query-execution", "query SSE-KMS data and write SSE-KMS results", &[forwarded("kms:Decrypt"), forwarded("kms:GenerateDataKey")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{KEY}")])
        .note("not documented: AWS names kms:Decrypt for the data and kms:GenerateDataKey with kms:Decrypt for results, but not whether kms:ViaService is athena or s3; data and results have different contexts")
        .source("https://docs.aws.amazon.com/athena/latest/ug/encryption.html"),
    operation("backup", "create-backup-vault", "create a backup vault with a customer managed key", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant"), forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:backup:backup-vault", "{BACKUP_VAULT}")])
        .note("not documented: AWS lists these permissions and kms:RetireGrant for the caller without the split per call, and names the context key but not the form of its value")
        .source("https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html"),
    operation("cloudtrail", "deliver-log-file", "write a log file of a trail into its bucket", &[as_service("kms:GenerateDataKey", "cloudtrail.amazonaws.com")])
        .context(&[("aws:cloudtrail:arn", "arn:{partition}:cloudtrail:{region}:{account}:trail/{TRAIL}"), ("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{LOG_FILE}")])
        .note("aws:SourceArn is the ARN of the trail, and for an organization trail the account in it is the management account")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html"),
    operation("cloudtrail", "update-trail", "set the KMS key of a trail", &[as_service("kms:DescribeKey", "cloudtrail.amazonaws.com"), as_service("kms:GenerateDataKey", "cloudtrail.amazonaws.com")])
        .context(&[("aws:cloudtrail:arn", "arn:{partition}:cloudtrail:{region}:{account}:trail/{TRAIL}"), ("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{PATH}")])
        .note("CloudTrail checks the key with a data key that it discards; if the bucket has an S3 Bucket Key, kms:Decrypt is needed, too")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html"),
    operation("cloudwatch", "notify-sns", "publish an alarm to an encrypted SNS topic", &[as_service("kms:GenerateDataKey", "cloudwatch.amazonaws.com"), as_service("kms:Decrypt", "cloudwatch.amazonaws.com")])
        .context(&[("aws:sns:topicArn", "arn:{partition}:sns:{region}:{account}:{TOPIC}")])
        .note("the key policy must name the service, so the AWS managed key alias/aws/sns cannot be used")
        .source("https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns"),
    operation("dynamodb", "create-table", "create a table with a customer managed key", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant").parameters(&[("Operations", "DescribeKey,GenerateDataKey,Decrypt,Encrypt,ReEncryptFrom,ReEncryptTo,RetireGrant")])])
        .context(&[("aws:dynamodb:tableName", "{TABLE}"), ("aws:dynamodb:subscriberId", "{account}")])
        .note("DynamoDB then generates the table key by that grant; as the caller's minimum AWS also lists kms:Encrypt, kms:Decrypt, kms:ReEncrypt* and kms:GenerateDataKey*, without the split per call")
        .source("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"),
    operation("dynamodb", "get-item", "read from a table", &[forwarded("kms:Decrypt")])
        .context(&[("aws:dynamodb:tableName", "{TABLE}"), ("aws:dynamodb:subscriberId", "{account}")])
        .note("the table key is cached per connection, so a call is made on first access and after five minutes of inactivity")
        .source("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"),
    operation("dynamodb", "put-item", "write to a table", &[forwarded("kms:Decrypt")])
        .context(&[("aws:dynamodb:tableName", "{TABLE}"), ("aws:dynamodb:subscriberId", "{account}")])
        .note("any access to the table decrypts its table key, writes included, and the key is cached for five minutes")
        .source("https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html"),
    operation("ec2", "attach-volume", "attach an encrypted volume to an instance", &[forwarded("kms:CreateGrant").parameters(&[("Operations", "Decrypt")])])
        .context(&[("aws:ebs:id", "{VOLUME_ID}")])
        .note("by that grant the EC2 infrastructure role of the instance then decrypts the data key of the volume")
        .source("https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html"),
    operation("ec2", "auto-scaling-launch", "launch instances with encrypted volumes for an Auto Scaling group", &[forwarded("kms:GenerateDataKeyWithoutPlaintext"), forwarded("kms:CreateGrant")])
        .context(&[("aws:ebs:id", "{VOLUME_ID}")])
        .note("not documented: the caller is the service-linked role AWSServiceRoleForAutoScaling, for which AWS asks kms:CreateGrant with kms:GrantIsForAWSResource and also kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey* and kms:DescribeKey; the calls are those of RunInstances")
        .source("https://docs.aws.amazon.com/autoscaling/ec2/userguide/key-policy-requirements-EBS-encryption.html"),
    operation("ec2", "copy-snapshot", "copy a snapshot to an encrypted snapshot", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant"), forwarded("kms:GenerateDataKeyWithoutPlaintext"), forwarded("kms:ReEncryptFrom"), forwarded("kms:ReEncryptTo"), forwarded("kms:Decrypt")])
        .context(&[("aws:ebs:id", "{SNAPSHOT_ID}")])
        .note("not documented: AWS lists these permissions for EBS encryption without the split per call; the context of the copy is its own snapshot id, that of a source made by CreateSnapshot is its volume id")
        .source("https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html"),
    operation("ec2", "create-volume", "create an empty encrypted volume or one from an encrypted snapshot", &[forwarded("kms:GenerateDataKeyWithoutPlaintext")])
        .context(&[("aws:ebs:id", "{VOLUME_ID}")])
        .note("AWS also lists kms:CreateGrant, kms:Decrypt, kms:DescribeKey and kms:ReEncrypt as permissions for EBS encryption, without the split per call")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-ebs.html"),
    operation("ec2", "create-volume-from-unencrypted-snapshot", "create an encrypted volume from an unencrypted snapshot", &[forwarded("kms:CreateGrant"), forwarded("kms:GenerateDataKeyWithoutPlaintext"), forwarded("kms:Decrypt")])
        .context(&[("aws:ebs:id", "{VOLUME_ID}")])
        .note("not documented: whether Decrypt uses the caller's credentials or the grant created first")
        .source("https://docs.aws.amazon.com/ebs/latest/userguide/how-ebs-encryption-works.html"),
    operation("ec2", "run-instances", "launch an instance with an encrypted volume", &[forwarded("kms:GenerateDataKeyWithoutPlaintext"), forwarded("kms:CreateGrant")])
        .context(&[("aws:ebs:id", "{VOLUME_ID}")])
        .note("by that grant the EC2 infrastructure role of the instance then decrypts the data key of the volume")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/ct-ec2two.html"),
    operation("ec2", "use-shared-snapshot", "create a volume from or copy an encrypted snapshot shared by another account", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant"), forwarded("kms:GenerateDataKey"), forwarded("kms:GenerateDataKeyWithoutPlaintext"), forwarded("kms:ReEncryptFrom"), forwarded("kms:ReEncryptTo"), forwarded("kms:Decrypt")])
        .context(&[("aws:ebs:id", "{VOLUME_OR_SNAPSHOT_ID}")])
        .note("not documented: AWS lists these permissions on the shared key without the split per call; sharing a snapshot is not said to call KMS")
        .source("https://docs.aws.amazon.com/ebs/latest/userguide/share-kms-key.html"),
    operation("ecr", "create-repository", "create a repository with KMS encryption", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant").parameters(&[("Operations", "GenerateDataKey,Decrypt")])])
        .context(&[("aws:ecr:arn", "arn:{partition}:ecr:{region}:{account}:repository/{REPOSITORY}")])
        .note("ECR creates two such grants for ecr.<region>.amazonaws.com and uses them for push and pull; AWS also asks the creator for kms:RetireGrant")
        .source("https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"),
    operation("ecr", "delete-repository", "delete a repository with KMS encryption", &[forwarded("kms:RetireGrant")])
        .context(&[("aws:ecr:arn", "arn:{partition}:ecr:{region}:{account}:repository/{REPOSITORY}")])
        .note("two grants are retired, and the repository is deleted even if that fails")
        .source("https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"),
    operation("ecr", "pull-image", "pull an image", &[as_service("kms:Decrypt", "ecr.{region}.amazonaws.com")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{region}-starport-{LAYER_BUCKET}/{OBJECT}"), ("aws:ecr:arn", "arn:{partition}:ecr:{region}:{account}:repository/{REPOSITORY}")])
        .note("not documented: who calls is inferred from the grants created with the repository, whose grantee is ecr.<region>.amazonaws.com; by them the call is allowed and who pulls needs no KMS permission")
        .source("https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"),
    operation("ecr", "push-image", "push an image", &[as_service("kms:GenerateDataKey", "ecr.{region}.amazonaws.com")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{region}-starport-{LAYER_BUCKET}/{OBJECT}"), ("aws:ecr:arn", "arn:{partition}:ecr:{region}:{account}:repository/{REPOSITORY}")])
        .note("not documented: who calls is inferred from the grants created with the repository, whose grantee is ecr.<region>.amazonaws.com; by them the call is allowed and who pushes needs no KMS permission")
        .source("https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html"),
    operation("elasticfilesystem", "create-file-system", "create a file system with a customer managed key", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant"), forwarded("kms:GenerateDataKeyWithoutPlaintext"), forwarded("kms:Decrypt")])
        .context(&[("aws:elasticfilesystem:filesystem:id", "{FILE_SYSTEM_ID}")])
        .note("not documented: AWS lists these permissions as required without the split per call; when the file system is mounted and used, EFS calls from its own account, which no page ties to the client's permissions")
        .source("https://docs.aws.amazon.com/efs/latest/ug/encryption-at-rest.html"),
    operation("events", "deliver-to-sns", "deliver an event of a rule to an encrypted SNS topic", &[as_service("kms:GenerateDataKey", "events.amazonaws.com"), as_service("kms:Decrypt", "events.amazonaws.com")])
        .context(&[("aws:sns:topicArn", "arn:{partition}:sns:{region}:{account}:{TOPIC}")])
        .note("do not rely on aws:SourceAccount or aws:SourceArn in the key policy: AWS's statement for this has no condition, and requests without these keys were observed")
        .source("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html"),
    operation("events", "deliver-to-sqs", "deliver an event of a rule to an encrypted SQS queue", &[as_service("kms:GenerateDataKey", "events.amazonaws.com"), as_service("kms:Decrypt", "events.amazonaws.com")])
        .context(&[("aws:sqs:arn", "arn:{partition}:sqs:{region}:{account}:{QUEUE}")])
        .note("not documented: the context, which third-party policies condition on; do not rely on aws:SourceAccount, without which requests were observed")
        .source("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-troubleshooting.html"),
    operation("events", "put-events", "put events on an event bus with a customer managed key", &[as_service("kms:GenerateDataKey", "events.amazonaws.com"), as_service("kms:Decrypt", "events.amazonaws.com")])
        .context(&[("aws:events:event-bus:arn", "arn:{partition}:events:{region}:{account}:event-bus/{EVENT_BUS}")])
        .note("aws:SourceArn is the ARN of the event bus; for creating the bus and its rules the key policy must also let the service call kms:DescribeKey and AWS asks KMS permissions of the caller")
        .source("https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-encryption-event-bus-cmkey.html"),
    operation("firehose", "create-delivery-stream", "create a Firehose stream with a customer managed key", &[forwarded("kms:CreateGrant")])
        .note("not documented: the context and the operations of the grant, by which Firehose then encrypts and decrypts; the caller's session must be less than six hours old")
        .source("https://docs.aws.amazon.com/firehose/latest/APIReference/API_DeliveryStreamEncryptionConfigurationInput.html"),
    operation("firehose", "put-record", "put records into a Firehose stream with a customer managed key", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .note("not documented: taken from this AWS managed policy for a role that writes to Firehose, which allows both actions with kms:ViaService firehose; the context is not documented")
        .source("https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSServiceRoleForLogDeliveryPolicy.html"),
    operation("firehose", "start-delivery-stream-encryption", "encrypt a Firehose stream with a customer managed key", &[forwarded("kms:CreateGrant")])
        .note("not documented: the context and the operations of the grant, by which Firehose then encrypts and decrypts; the grant on an earlier key is retired")
        .source("https://docs.aws.amazon.com/firehose/latest/APIReference/API_StartDeliveryStreamEncryption.html"),
    operation("glue", "create-table", "write to an encrypted Data Catalog", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Encrypt"), forwarded("kms:Decrypt")])
        .context(&[("glue_catalog_id", "{account}")])
        .note("not documented: AWS lists these permissions for every client of an encrypted catalog without the split per call; the context is taken from AWS managed policies")
        .source("https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html"),
    operation("glue", "get-table", "read from an encrypted Data Catalog", &[forwarded("kms:Decrypt")])
        .context(&[("glue_catalog_id", "{account}")])
        .note("not documented: AWS lists kms:Decrypt, kms:Encrypt and kms:GenerateDataKey for every client without the split per call; that reading takes kms:Decrypt is inferred from policies for read access, the context from AWS managed policies")
        .source("https://docs.aws.amazon.com/glue/latest/dg/encrypt-glue-data-catalog.html"),
    operation("kinesis", "get-records", "read records from an encrypted stream", &[forwarded("kms:Decrypt")])
        .context(&[("aws:kinesis:arn", "arn:{partition}:kinesis:{region}:{account}:stream/{STREAM}")])
        .note("services such as Lambda and Managed Service for Apache Flink read with the role given to them")
        .source("https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html"),
    operation("kinesis", "put-record", "put records into an encrypted stream", &[forwarded("kms:GenerateDataKey")])
        .context(&[("aws:kinesis:arn", "arn:{partition}:kinesis:{region}:{account}:stream/{STREAM}")])
        .source("https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html"),
    operation("lambda", "create-function", "create a function with environment variables under a customer managed key", &[forwarded("kms:CreateGrant"), forwarded("kms:Encrypt")])
        .context(&[("aws:lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{FUNCTION}")])
        .note("not documented: the grant, which lets the session of the execution role decrypt the variables, was observed with the operations Decrypt and RetireGrant and an EncryptionContextEquals constraint")
        .source("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"),
    operation("lambda", "get-function-configuration", "view environment variables under a customer managed key", &[forwarded("kms:Decrypt")])
        .context(&[("aws:lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{FUNCTION}")])
        .note("without the permission the rest of the configuration is still returned")
        .source("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"),
    operation("lambda", "invoke", "start a function with encrypted environment variables", &[as_role("kms:Decrypt")])
        .context(&[("aws:lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{FUNCTION}")])
        .note("not documented: CloudTrail records show that the session of the execution role calls itself, without a service in between, on a cold start; the grant made when the function was configured allows it")
        .source("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"),
    operation("lambda", "update-function-configuration", "set environment variables under a customer managed key", &[forwarded("kms:CreateGrant"), forwarded("kms:Encrypt")])
        .context(&[("aws:lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{FUNCTION}")])
        .note("not documented: the grant, which lets the session of the execution role decrypt the variables, was observed with the operations Decrypt and RetireGrant and an EncryptionContextEquals constraint")
        .source("https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html"),
    operation("logs", "associate-kms-key", "set the KMS key of a log group", &[as_service("kms:DescribeKey", "logs.{region}.amazonaws.com"), as_service("kms:GenerateDataKey", "logs.{region}.amazonaws.com"), as_service("kms:Encrypt", "logs.{region}.amazonaws.com"), as_service("kms:Decrypt", "logs.{region}.amazonaws.com"), as_service("kms:ReEncryptFrom", "logs.{region}.amazonaws.com"), as_service("kms:ReEncryptTo", "logs.{region}.amazonaws.com")])
        .context(&[("aws:logs:arn", "arn:{partition}:logs:{region}:{account}:log-group:{LOG_GROUP}")])
        .note("not documented: AWS asks the key policy for all of these without the split per call, and newer pages also ask the caller for kms:DescribeKey with kms:ViaService logs")
        .source("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"),
    operation("logs", "get-log-events", "read events of an encrypted log group", &[as_service("kms:Decrypt", "logs.{region}.amazonaws.com")])
        .context(&[("aws:logs:arn", "arn:{partition}:logs:{region}:{account}:log-group:{LOG_GROUP}")])
        .note("newer versions of the page say that CloudWatch Logs also supports kms:ViaService, that is calls with the reader's credentials, without the split per call")
        .source("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"),
    operation("logs", "put-log-events", "ingest events into an encrypted log group", &[as_service("kms:GenerateDataKey", "logs.{region}.amazonaws.com"), as_service("kms:Encrypt", "logs.{region}.amazonaws.com")])
        .context(&[("aws:logs:arn", "arn:{partition}:logs:{region}:{account}:log-group:{LOG_GROUP}")])
        .note("not documented: AWS asks the key policy for kms:Encrypt*, kms:Decrypt*, kms:ReEncrypt*, kms:GenerateDataKey* and kms:Describe* without the split per call")
        .source("https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html"),
    operation("logs", "put-log-events-with-api-key", "ingest events into an encrypted log group with an API key", &[forwarded("kms:DescribeKey"), forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:logs:arn", "arn:{partition}:logs:{region}:{account}:log-group:{LOG_GROUP}")])
        .note("not documented: taken from this AWS managed policy for API keys, which does not tell the split per call")
        .source("https://docs.aws.amazon.com/aws-managed-policy/latest/reference/CloudWatchLogsAPIKeyAccess.html"),
    operation("rds", "copy-shared-snapshot", "copy an encrypted DB snapshot shared by another account", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant")])
        .note("not documented: AWS's example policies for the shared key also allow kms:Encrypt, kms:Decrypt, kms:ReEncrypt*, kms:GenerateDataKey* and kms:RetireGrant, without the split per call; the context of a snapshot is not documented")
        .source("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html"),
    operation("rds", "create-db-cluster", "create an encrypted Aurora DB cluster", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant")])
        .context(&[("aws:rds:dbc-id", "{DB_CLUSTER_RESOURCE_ID}")])
        .note("Aurora then uses the key by the grant, for a volume with aws:ebs:id as second pair of the context; the operations of the grant are not documented")
        .source("https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html"),
    operation("rds", "create-db-instance", "create an encrypted DB instance", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant")])
        .context(&[("aws:rds:db-id", "{DB_RESOURCE_ID}")])
        .note("RDS then uses the key by the grant, for a volume with aws:ebs:id as second pair of the context; the operations of the grant are not documented")
        .source("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"),
    operation("rds", "restore-db-instance-from-db-snapshot", "restore an encrypted DB instance from a snapshot", &[forwarded("kms:DescribeKey"), forwarded("kms:CreateGrant")])
        .context(&[("aws:rds:db-id", "{DB_RESOURCE_ID}")])
        .note("not documented: AWS names these permissions for creating an RDS resource with the key and has no list of its own for restoring")
        .source("https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.Keys.html"),
    operation("redshift", "create-cluster", "create a cluster with a customer managed key", &[forwarded("kms:CreateGrant")])
        .context(&[("aws:redshift:arn", "arn:{partition}:redshift:{region}:{account}:cluster:{CLUSTER}"), ("aws:redshift:createtime", "{CREATE_TIME}")])
        .note("not documented: which calls use the caller's credentials; Redshift keeps a grant, and CloudTrail shows its CreateGrant, Encrypt, Decrypt and RetireGrant calls under an account of Redshift")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-redshift.html"),
    operation("s3", "copy-object", "copy an object between SSE-KMS keys", &[forwarded("kms:Decrypt"), forwarded("kms:GenerateDataKey")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{KEY}")])
        .note("not documented: the two calls are inferred from reading the source and writing the copy; Decrypt has the key and context of the source, GenerateDataKey those of the copy")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"),
    operation("s3", "firehose-delivery", "deliver Firehose records into a bucket with SSE-KMS", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{KEY}")])
        .note("the caller is the role given to the Firehose stream; with an S3 Bucket Key the context is the bucket's ARN")
        .source("https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html"),
    operation("s3", "get-cloudtrail-log", "read a log file that CloudTrail encrypted", &[forwarded("kms:Decrypt")])
        .context(&[("aws:cloudtrail:arn", "arn:{partition}:cloudtrail:{region}:{account}:trail/{TRAIL}"), ("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{LOG_FILE}")])
        .note("AWS's key policies let readers decrypt if the context has aws:cloudtrail:arn")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-cloudtrail.html"),
    operation("s3", "get-object", "download an object with SSE-KMS", &[forwarded("kms:Decrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{KEY}")])
        .note("if the object was written with an S3 Bucket Key, the context is the bucket's ARN: use get-object-with-bucket-key")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"),
    operation("s3", "get-object-with-bucket-key", "download an object with SSE-KMS and an S3 Bucket Key", &[forwarded("kms:Decrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}")])
        .note("S3 keeps a bucket key for a limited time, so not every download causes a call")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html"),
    operation("s3", "multipart-upload", "upload an object with SSE-KMS in parts", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{KEY}")])
        .note("CreateMultipartUpload takes kms:GenerateDataKey, UploadPart and UploadPartCopy take kms:Decrypt; with an S3 Bucket Key the context is the bucket's ARN")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html#mpuAndPermissions"),
    operation("s3", "notify-sns", "send an event notification to an encrypted SNS topic", &[as_service("kms:GenerateDataKey", "s3.amazonaws.com"), as_service("kms:Decrypt", "s3.amazonaws.com")])
        .context(&[("aws:sns:topicArn", "arn:{partition}:sns:{region}:{account}:{TOPIC}")])
        .note("AWS's key policy statement for this has no condition; S3 also sends a test message when the notification is configured")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"),
    operation("s3", "notify-sqs", "send an event notification to an encrypted SQS queue", &[as_service("kms:GenerateDataKey", "s3.amazonaws.com"), as_service("kms:Decrypt", "s3.amazonaws.com")])
        .context(&[("aws:sqs:arn", "arn:{partition}:sqs:{region}:{account}:{QUEUE}")])
        .note("not documented: the context, which third-party policies condition on; S3 also sends a test message when the notification is configured")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/grant-destinations-permissions-to-s3.html"),
    operation("s3", "put-object", "upload an object with SSE-KMS", &[forwarded("kms:GenerateDataKey")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}/{KEY}")])
        .note("SDKs and the CLI upload large objects in parts, which takes kms:Decrypt, too: use multipart-upload; with an S3 Bucket Key use put-object-with-bucket-key")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html"),
    operation("s3", "put-object-with-bucket-key", "upload an object with SSE-KMS and an S3 Bucket Key", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{BUCKET}")])
        .note("S3 verifies a bucket key with kms:Decrypt before it uses it, and keeps it for a limited time, so not every upload causes a call")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html"),
    operation("s3", "replicate-object-from", "read an SSE-KMS object for replication", &[forwarded("kms:Decrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{SOURCE_BUCKET}/{KEY}")])
        .note("the caller is the replication role, and kms:ViaService names the Region of the source bucket; with an S3 Bucket Key the context is the bucket's ARN")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html"),
    operation("s3", "replicate-object-to", "write the replica of an object with SSE-KMS", &[forwarded("kms:Encrypt")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{DESTINATION_BUCKET}/{KEY}")])
        .note("the caller is the replication role, and kms:ViaService names the Region of the destination bucket; with an S3 Bucket Key the context is the bucket's ARN and kms:Decrypt is needed, too")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html"),
    operation("s3", "write-inventory", "write an inventory report with SSE-KMS", &[as_service("kms:GenerateDataKey", "s3.amazonaws.com")])
        .context(&[("aws:s3:arn", "arn:{partition}:s3:::{DESTINATION_BUCKET}/{REPORT}")])
        .note("not documented: the context is the general one of S3; aws:SourceArn is the ARN of the source bucket and aws:SourceAccount its account")
        .source("https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-inventory.html"),
    operation("secretsmanager", "create-secret", "create a secret with a value", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .note("both are called once to check the caller's access, with RequestToValidateKeyAccess as SecretVersionId, and kms:GenerateDataKey again for the value")
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("secretsmanager", "get-secret-value", "read a secret", &[forwarded("kms:Decrypt")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("secretsmanager", "put-secret-value", "store a new version of a secret", &[forwarded("kms:GenerateDataKey")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .note("if the version exists already, Secrets Manager calls kms:Decrypt to compare the values")
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("secretsmanager", "replicate-secret-to-regions", "replicate a secret to another Region", &[forwarded("kms:Decrypt"), forwarded("kms:GenerateDataKey")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .note("kms:Decrypt is called on the key of the primary secret, kms:GenerateDataKey on the key in the Region of the replica")
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("secretsmanager", "rotate-secret", "rotate a secret with a Lambda function", &[forwarded("kms:Decrypt"), forwarded("kms:GenerateDataKey")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .note("not documented: that the rotation function reads the secret before it stores the new value; RotateSecret itself does not call kms:GenerateDataKey but PutSecretValue of the function does, so the caller is its execution role")
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("secretsmanager", "update-secret", "change the value of a secret", &[forwarded("kms:GenerateDataKey")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .note("if the version exists already, Secrets Manager calls kms:Decrypt to compare the values; for another key use update-secret-key")
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("secretsmanager", "update-secret-key", "change the KMS key of a secret", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt"), forwarded("kms:Encrypt")])
        .context(&[("SecretARN", "arn:{partition}:secretsmanager:{region}:{account}:secret:{SECRET}"), ("SecretVersionId", "{VERSION_ID}")])
        .note("all on the new key, the first two with RequestToValidateKeyAccess as SecretVersionId to check the caller's access; without kms:Decrypt on the old key existing versions are not encrypted again")
        .source("https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"),
    operation("ses", "receive-email", "encrypt a received message for an S3 bucket", &[as_service("kms:GenerateDataKey", "ses.amazonaws.com")])
        .context(&[("aws:ses:source-account", "{account}"), ("aws:ses:rule-name", "{RULE}"), ("aws:ses:message-id", "{MESSAGE_ID}")])
        .note("SES encrypts with the S3 encryption client and cannot decrypt: who reads the message calls kms:Decrypt directly, with the same context")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-ses.html"),
    operation("sns", "deliver-to-sqs", "deliver a message to an encrypted SQS queue", &[as_service("kms:GenerateDataKey", "sns.amazonaws.com"), as_service("kms:Decrypt", "sns.amazonaws.com")])
        .context(&[("aws:sqs:arn", "arn:{partition}:sqs:{region}:{account}:{QUEUE}")])
        .note("not documented: the context, which third-party policies condition on; the key policy of the queue's key must name the service")
        .source("https://docs.aws.amazon.com/sns/latest/dg/sns-enable-encryption-for-topic-sqs-queue-subscriptions.html"),
    operation("sns", "publish", "publish to an encrypted topic", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:sns:topicArn", "arn:{partition}:sns:{region}:{account}:{TOPIC}")])
        .note("SNS uses a data key for up to five minutes, so not every message causes calls; services that publish call as themselves or with a role")
        .source("https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"),
    operation("sqs", "receive-message", "receive from an encrypted queue", &[forwarded("kms:Decrypt")])
        .context(&[("aws:sqs:arn", "arn:{partition}:sqs:{region}:{account}:{QUEUE}")])
        .note("not documented: the context, which third-party policies condition on; consumers of a dead-letter queue need the key of the source queue, too")
        .source("https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"),
    operation("sqs", "send-message", "send to an encrypted queue", &[forwarded("kms:GenerateDataKey"), forwarded("kms:Decrypt")])
        .context(&[("aws:sqs:arn", "arn:{partition}:sqs:{region}:{account}:{QUEUE}")])
        .note("not documented: the context, which third-party policies condition on; both are called when the data key reuse period of the queue has ended")
        .source("https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"),
    operation("ssm", "get-parameter", "read a SecureString parameter with decryption", &[forwarded("kms:Decrypt")])
        .context(&[("PARAMETER_ARN", "arn:{partition}:ssm:{region}:{account}:parameter/{PARAMETER}")])
        .note("the same for both tiers; without WithDecryption there is no call")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"),
    operation("ssm", "put-parameter", "store a standard SecureString parameter", &[forwarded("kms:Encrypt")])
        .context(&[("PARAMETER_ARN", "arn:{partition}:ssm:{region}:{account}:parameter/{PARAMETER}")])
        .note("an advanced parameter takes kms:GenerateDataKey instead: use put-parameter-advanced")
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"),
    operation("ssm", "put-parameter-advanced", "store an advanced SecureString parameter", &[forwarded("kms:GenerateDataKey")])
        .context(&[("PARAMETER_ARN", "arn:{partition}:ssm:{region}:{account}:parameter/{PARAMETER}")])
        .source("https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html"),
    operation("states", "create-state-machine", "create a state machine with a customer managed key", &[forwarded("kms:DescribeKey"), forwarded("kms:GenerateDataKey")])
        .context(&[("aws:states:stateMachineArn", "arn:{partition}:states:{region}:{account}:stateMachine:{STATE_MACHINE}")])
        .note("the same for UpdateStateMachine")
        .source("https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html"),
    operation("states", "describe-execution", "read an execution of a state machine with a customer managed key", &[forwarded("kms:Decrypt")])
        .context(&[("aws:states:stateMachineArn", "arn:{partition}:states:{region}:{account}:stateMachine:{STATE_MACHINE}")])
        .note("the same for DescribeStateMachine and GetExecutionHistory; with METADATA_ONLY, where an operation offers it, there is no call")
        .source("https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html"),
    operation("states", "start-execution", "run a state machine with a customer managed key", &[as_role("kms:GenerateDataKey"), as_role("kms:Decrypt")])
        .context(&[("aws:states:stateMachineArn", "arn:{partition}:states:{region}:{account}:stateMachine:{STATE_MACHINE}")])
        .note("the caller is the execution role of the state machine, for which a condition on kms:ViaService can fail; who starts the execution needs no KMS permission")
        .source("https://docs.aws.amazon.com/step-functions/latest/dg/encryption-at-rest.html"),
];
