//! A table of messages as the CLI, the SDKs, Terraform and services print them.

use kms_sim::diagnose::{Incident, Named, Said, Via, read};

/// In the texts `{S}` is a session, `{U}` a user, `{K}` a key, and `{M}` a message about them.
const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/i-0abc";
const USER: &str = "arn:aws:iam::123456789012:user/deploy";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const MESSAGE: &str = "User: {S} is not authorized to perform: kms:Decrypt on resource: {K} because no identity-based policy allows the kms:Decrypt action";

fn filled(text: &str) -> String {
    let text = text.replace("{M}", MESSAGE);
    text.replace("{S}", SESSION).replace("{U}", USER).replace("{K}", KEY)
}

/// `side kind` and the ARN of the policy, or what stands for them.
fn named(incident: &Incident) -> String {
    match &incident.said {
        Said::Denied(Named::Side { side, denial, policy }) => {
            let policy = policy.as_ref().map(|arn| format!(" {arn}")).unwrap_or_default();
            format!("{side} {}{policy}", denial.as_str())
        }
        Said::Denied(Named::KeyOrItsPolicy) => "one of three".to_owned(),
        Said::Denied(Named::Nothing) => "nothing".to_owned(),
        Said::Failed(failure) => failure.code.clone(),
        Said::Succeeded => "succeeded".to_owned(),
    }
}

/// What is told, with a hyphen for what is not.
fn told(incident: &Incident) -> [String; 5] {
    let call = &incident.call;
    let via = match &call.via {
        Via::Direct => "-".to_owned(),
        Via::Service(service) => service.clone(),
        Via::Hidden => "?".to_owned(),
    };
    let short = |text: &str| text.replace(SESSION, "{S}").replace(USER, "{U}").replace(KEY, "{K}");
    [
        call.caller.as_deref().map_or("-".to_owned(), short),
        call.action_name().unwrap_or_else(|| "-".to_owned()),
        short(&call.resource.to_string()),
        named(incident),
        via,
    ]
}

#[track_caller]
fn check(table: &[(&str, [&str; 5])]) {
    for (text, expected) in table {
        let text = filled(text);
        let reading = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(reading.incidents.len(), 1, "{text}");
        assert_eq!(told(&reading.incidents[0].0), *expected, "{text}");
    }
}

const PLAIN: [&str; 5] = ["{S}", "kms:Decrypt", "{K}", "identity-policy implicitDeny", "-"];
const THROUGH_S3: [&str; 5] = ["{S}", "kms:Decrypt", "{K}", "identity-policy implicitDeny", "s3"];

#[test]
fn a_message_is_found_in_every_wrapping() {
    check(WRAPPED);
}

#[rustfmt::skip]
const WRAPPED: &[(&str, [&str; 5])] = &[
    ("{M}", PLAIN),
    ("AccessDeniedException: {M}", PLAIN),
    // CLI and Python
    ("An error occurred (AccessDeniedException) when calling the Decrypt operation: {M}", PLAIN),
    ("botocore.exceptions.ClientError: An error occurred (AccessDeniedException) when calling the Decrypt operation: {M}", PLAIN),
    ("Traceback (most recent call last):\n  File \"app.py\", line 3, in <module>\n    kms.decrypt(CiphertextBlob=blob)\nbotocore.errorfactory.ClientError: An error occurred (AccessDeniedException) when calling the Decrypt operation: {M}\n", PLAIN),
    ("ClientError('An error occurred (AccessDeniedException) when calling the Decrypt operation: {M}')", PLAIN),
    ("download failed: s3://bucket/key to ./key An error occurred (AccessDenied) when calling the GetObject operation: {M}", THROUGH_S3),
    ("An error occurred (AccessDeniedException) when calling the GetParameter operation: {M}", ["{S}", "kms:Decrypt", "{K}", "identity-policy implicitDeny", "ssm"]),
    ("An error occurred (AccessDeniedException) when calling the GetSecretValue operation: {M}", ["{S}", "kms:Decrypt", "{K}", "identity-policy implicitDeny", "secretsmanager"]),
    // Go, both versions
    ("operation error KMS: Decrypt, https response error StatusCode: 400, RequestID: 11111111-2222-3333-4444-555555555555, api error AccessDeniedException: {M}", PLAIN),
    ("operation error S3: GetObject, https response error StatusCode: 403, RequestID: ABC, HostID: def=, api error AccessDenied: {M}", THROUGH_S3),
    ("AccessDeniedException: {M}\n\tstatus code: 400, request id: 11111111-2222-3333-4444-555555555555", PLAIN),
    ("AccessDenied: {M}\n\tstatus code: 403, request id: ABC, host id: def=", THROUGH_S3),
    // Java, both versions
    ("software.amazon.awssdk.services.kms.model.KmsException: {M} (Service: Kms, Status Code: 400, Request ID: 11111111-2222-3333-4444-555555555555)", PLAIN),
    ("com.amazonaws.services.kms.model.AWSKMSException: {M} (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: 11111111-2222-3333-4444-555555555555; Proxy: null)", PLAIN),
    ("com.amazonaws.services.s3.model.AmazonS3Exception: {M} (Service: Amazon S3; Status Code: 403; Error Code: AccessDenied; Request ID: ABC; S3 Extended Request ID: def=)", THROUGH_S3),
    ("Caused by: software.amazon.awssdk.services.s3.model.S3Exception: {M} (Service: S3, Status Code: 403, Request ID: ABC)\n\tat software.amazon.awssdk.core.internal.http.CombinedResponseHandler.handleErrorResponse(CombinedResponseHandler.java:125)", THROUGH_S3),
    // JavaScript, both versions
    ("AccessDeniedException: {M}\n    at de_CommandError (/app/node_modules/@aws-sdk/client-kms/dist-cjs/index.js:2110:14) {\n  '$fault': 'client',\n  '$metadata': { httpStatusCode: 400, attempts: 1 },\n  __type: 'AccessDeniedException'\n}", PLAIN),
    ("Error [AccessDeniedException]: {M}\n    at Request.extractError (/app/node_modules/aws-sdk/lib/protocol/json.js:52:27)", PLAIN),
    // Rust
    ("service error: unhandled error (AccessDeniedException): Error { code: \"AccessDeniedException\", message: \"{M}\", aws_request_id: \"11111111-2222-3333-4444-555555555555\" }", PLAIN),
    ("Err(ServiceError(ServiceError { source: Unhandled(Unhandled { source: ErrorMetadata { code: Some(\"AccessDeniedException\"), message: Some(\"{M}\"), extras: None } }) }))", PLAIN),
    // Terraform
    ("\u{2577}\n\u{2502} Error: reading KMS Key (1234abcd): operation error KMS: Decrypt, https response error StatusCode: 400, RequestID: 1, api error AccessDeniedException: {M}\n\u{2502} \n\u{2502}   with aws_kms_key.this,\n\u{2502}   on main.tf line 1, in resource \"aws_kms_key\" \"this\":\n\u{2575}", PLAIN),
    // JSON of KMS itself, and XML of S3
    (r#"{"__type":"AccessDeniedException","Message":"{M}"}"#, PLAIN),
    (r#"{"level":"error","msg":"{\"__type\":\"AccessDeniedException\",\"Message\":\"{M}\"}"}"#, PLAIN),
    ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>{M}</Message><RequestId>ABC</RequestId><HostId>def=</HostId></Error>", THROUGH_S3),
    ("&lt;Error&gt;&lt;Code&gt;AccessDenied&lt;/Code&gt;&lt;Message&gt;{M}&lt;/Message&gt;&lt;/Error&gt;", THROUGH_S3),
    // Lambda, which decrypts as the function's role
    ("Lambda was unable to decrypt the environment variables because KMS access was denied. Please check the function's KMS key settings. KMS Exception: AccessDeniedExceptionKMS Message: {M} (Service: Kms, Status Code: 400)", PLAIN),
    // Colours, quotation, and a sentence's end
    ("\u{1b}[31mError:\u{1b}[0m {M}.", PLAIN),
    ("> AccessDeniedException: {M},\n> and so on", PLAIN),
    ("2026-01-01T00:00:00Z ERROR app - kms said: {M} [request 7]", PLAIN),
];

#[test]
fn line_breaks_do_no_harm_within_words_either() {
    let whole = filled(MESSAGE);
    for width in 9..200 {
        let characters: Vec<char> = whole.chars().collect();
        let hard: Vec<String> =
            characters.chunks(width).map(|line| line.iter().collect()).collect();
        for end in ["\n", "\r\n", "\n\u{2502} ", "\n    ", "\\n"] {
            let text = hard.join(end);
            let reading = read(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(told(&reading.incidents[0].0), PLAIN, "{text}");
        }
    }
    let soft = whole.replace(' ', "\n\u{2502} ");
    assert_eq!(told(&read(&soft).unwrap().incidents[0].0), PLAIN);
}

#[test]
fn every_documented_reason_names_its_side() {
    let base = "User: {S} is not authorized to perform: kms:Decrypt on resource: {K} ";
    #[rustfmt::skip]
    let table = [
        ("because no identity-based policy allows the kms:Decrypt action", "identity-policy implicitDeny"),
        ("because no resource-based policy allows the kms:Decrypt action", "key-policy implicitDeny"),
        ("because no permissions boundary allows the kms:Decrypt action", "permissions-boundary implicitDeny"),
        ("because no session policy allows the kms:Decrypt action", "session-policy implicitDeny"),
        ("because no service control policy allows the kms:Decrypt action", "service-control-policy implicitDeny"),
        ("because no resource control policy allows the kms:Decrypt action", "resource-control-policy implicitDeny"),
        ("because no VPC endpoint policy allows the kms:Decrypt action", "vpc-endpoint-policy implicitDeny"),
        ("with an explicit deny in an identity-based policy", "identity-policy explicitDeny"),
        ("with an explicit deny in a resource-based policy", "key-policy explicitDeny"),
        ("with an explicit deny in a permissions boundary", "permissions-boundary explicitDeny"),
        ("with an explicit deny in a session policy", "session-policy explicitDeny"),
        ("with an explicit deny in a sessions policy", "session-policy explicitDeny"),
        ("with an explicit deny in a service control policy", "service-control-policy explicitDeny"),
        ("with an explicit deny in a resource control policy", "resource-control-policy explicitDeny"),
        ("with an explicit deny in a VPC endpoint policy", "vpc-endpoint-policy explicitDeny"),
        ("with an explicit deny in a VPC endpoint policy transitively through a service control policy", "vpc-endpoint-policy explicitDeny"),
        ("with an explicit deny in a service control policy: arn:aws:organizations::999999999999:policy/o-exampleorgid/service_control_policy/p-0abc1234", "service-control-policy explicitDeny arn:aws:organizations::999999999999:policy/o-exampleorgid/service_control_policy/p-0abc1234"),
        ("with an explicit deny in an identity-based policy: arn:aws:iam::123456789012:policy/NoKms.", "identity-policy explicitDeny arn:aws:iam::123456789012:policy/NoKms"),
        ("", "nothing"),
        ("because of the weather", "nothing"),
    ];
    for (reason, expected) in table {
        check(&[(&*format!("{base}{reason}"), ["{S}", "kms:Decrypt", "{K}", expected, "-"])]);
    }
}

#[test]
fn resources_that_are_not_told_or_not_whole_are_said_to_be_so() {
    let three = "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";
    let identity = "because no identity-based policy allows the kms:Decrypt action";
    let start = "User: {S} is not authorized to perform: kms:Decrypt";
    let ciphertext = "the key of a ciphertext";
    let undisclosed = "a key that AWS does not tell";
    let named = "identity-policy implicitDeny";
    #[rustfmt::skip]
    let table = [
        (&*format!("{start} on this resource {three}"), ["{S}", "kms:Decrypt", undisclosed, "one of three", "-"]),
        (&*format!("{start} on the resource associated with this ciphertext {three}"), ["{S}", "kms:Decrypt", ciphertext, "one of three", "-"]),
        (&*format!("{start} on this resource {identity}"), ["{S}", "kms:Decrypt", undisclosed, named, "-"]),
        (&*format!("{start} on the resource associated with\nthis ciphertext {identity}"), ["{S}", "kms:Decrypt", ciphertext, named, "-"]),
        ("User: {U} is not authorized to perform: kms:CreateKey on resource: * because no identity-based policy allows the kms:CreateKey action", ["{U}", "kms:CreateKey", "*", named, "-"]),
        (&*format!("{start} {identity}"), ["{S}", "kms:Decrypt", "not told", named, "-"]),
        ("User: {U} is not authorized to perform: kms:EnableKeyRotation on resource: {K}\n\tstatus code: 400", ["{U}", "kms:EnableKeyRotation", "{K}", "nothing", "-"]),
        ("User: arn:aws:sts::...:assumed-role/Web/i-0abc is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:...:key/1234abcd-... because no resource-based policy allows the kms:Decrypt action", ["arn:aws:sts::...:assumed-role/Web/i-0abc", "kms:Decrypt", "arn:aws:kms:us-east-1:...:key/1234abcd-", "key-policy implicitDeny", "-"]),
        ("User: <redacted> is not authorized to perform: kms:Decrypt on resource: <redacted> because no resource-based policy allows the kms:Decrypt action", ["-", "kms:Decrypt", "not told", "nothing", "-"]),
        ("User is not authorized to perform: kms:decrypt on resource: {K}", ["-", "kms:Decrypt", "{K}", "nothing", "-"]),
        ("User: {U} is not authorized to perform: kms:CreateAlias on resource: arn:aws:kms:us-east-1:123456789012:alias/app because no identity-based policy allows the kms:CreateAlias action", ["{U}", "kms:CreateAlias", "arn:aws:kms:us-east-1:123456789012:alias/app", named, "-"]),
        ("User: {U} is not authorized to perform: kms:ReEncryptTo on resource: {K} with an explicit deny in a resource-based policy", ["{U}", "kms:ReEncryptTo", "{K}", "key-policy explicitDeny", "-"]),
        ("User: logs.us-east-1.amazonaws.com is not authorized to perform: kms:GenerateDataKeyWithoutPlaintext on resource: {K} because no resource-based policy allows the kms:GenerateDataKeyWithoutPlaintext action", ["logs.us-east-1.amazonaws.com", "kms:GenerateDataKeyWithoutPlaintext", "{K}", "key-policy implicitDeny", "-"]),
    ];
    check(&table);
}

#[test]
fn the_old_wording_names_nothing() {
    let old = "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.";
    let ciphertext = "the key of a ciphertext";
    #[rustfmt::skip]
    let table = [
        (&*format!("AccessDeniedException: {old}"), ["-", "kms:Decrypt", ciphertext, "nothing", "-"]),
        (&*format!("<Error><Code>AccessDenied</Code><Message>{old}</Message></Error>"), ["-", "kms:Decrypt", ciphertext, "nothing", "s3"]),
        (&format!( "An error occurred (AccessDenied) when calling the GetObject operation: {old}" ), ["-", "kms:Decrypt", ciphertext, "nothing", "s3"]),
        (&*format!("operation error KMS: ReEncrypt, api error AccessDeniedException: {old}"), ["-", "kms:ReEncryptFrom", ciphertext, "nothing", "-"]),
    ];
    check(&table);
}

#[test]
fn errors_that_no_policy_has_to_do_with_are_recognised() {
    #[rustfmt::skip]
    let table = [
        ("An error occurred (DisabledException) when calling the Decrypt operation: {K} is disabled.", ["-", "kms:Decrypt", "{K}", "DisabledException", "-"]),
        ("KMSInvalidStateException: {K} is pending deletion.", ["-", "-", "{K}", "KMSInvalidStateException", "-"]),
        ("An error occurred (NotFoundException) when calling the DescribeKey operation: Key '{K}' does not exist", ["-", "kms:DescribeKey", "{K}", "NotFoundException", "-"]),
        ("InvalidKeyUsageException: {K} key usage is SIGN_VERIFY which is not valid for Encrypt.", ["-", "-", "{K}", "InvalidKeyUsageException", "-"]),
        ("operation error KMS: Decrypt, https response error StatusCode: 400, api error InvalidCiphertextException: UnknownError", ["-", "kms:Decrypt", "not told", "InvalidCiphertextException", "-"]),
        ("com.amazonaws.services.kms.model.IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.", ["-", "-", "not told", "IncorrectKeyException", "-"]),
        ("An error occurred (DryRunOperationException) when calling the Encrypt operation: The request would have succeeded, but the DryRun option is set.", ["-", "kms:Encrypt", "not told", "DryRunOperationException", "-"]),
        ("An error occurred (KMS.DisabledException) when calling the SendMessage operation", ["-", "-", "not told", "DisabledException", "sqs"]),
    ];
    check(&table);
}

#[test]
fn several_messages_of_one_text_are_each_told_once() {
    let text = filled(
        "first {M}\nagain {M}\nthen User: {U} is not authorized to perform: kms:Encrypt on resource: {K} with an explicit deny in a resource-based policy\nlast User: {U} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no identity-based policy allows the s3:GetObject action",
    );
    let reading = read(&text).unwrap();
    let actions: Vec<String> =
        reading.incidents.iter().filter_map(|(incident, _)| incident.call.action_name()).collect();
    assert_eq!(actions, ["kms:Decrypt", "kms:Encrypt"]);
}

#[test]
fn what_is_no_message_of_kms_gets_an_error_that_helps() {
    #[rustfmt::skip]
    let table = [
        ("", "found nothing", "User: arn:aws"),
        ("hello", "found `hello`", "User: arn:aws"),
        (r#"{"Version": "2012-10-17", "Statement": []}"#, "found other JSON", "lookup-events"),
        ("User: {U} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::b/k because no identity-based policy allows the s3:GetObject action", "found one about `s3:GetObject`", "CloudTrail"),
        ("User: {U} is not authorized to perform: kms:Decript on resource: {K}", "found `kms:Decript`, which KMS does not have", "did you mean `kms:Decrypt`"),
        ("User: {U} is not authorized to perform:", "breaks off", "whole message"),
        ("User: {U} is not authorized to", "breaks off", "whole message"),
        ("An error occurred (AccessDenied) when calling the GetObject operation: Access Denied", "only that access is denied", "lookup-events"),
        ("<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>", "only that access is denied", "lookup-events"),
        ("You are not authorized to perform this operation. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm-abcdefghijklmn", "found an encoded message", "decode-authorization-message"),
        (r#"{"Records": [{"eventSource": "s3.amazonaws.com", "eventName": "GetObject"}]}"#, "found one event of `s3.amazonaws.com`", "of its own"),
        (r#"{"Records": [{"eventSource": 1}]}"#, "without eventName", "lookup-events"),
    ];
    for (text, message, help) in table {
        let error = read(&filled(text)).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
        let found = error.help().unwrap_or_default();
        assert!(found.contains(help), "{text}: {found}");
    }
}

#[test]
fn a_message_that_breaks_off_says_so() {
    let whole = filled(MESSAGE);
    let start = whole.find("because no").unwrap();
    for length in [10, 14, 20] {
        let text = &whole[..start + length];
        let incident = read(text).unwrap().incidents.remove(0).0;
        assert_eq!(named(&incident), "nothing", "{text}");
        assert!(incident.notes[0].contains("breaks off"), "{text}: {:?}", incident.notes);
    }
}
