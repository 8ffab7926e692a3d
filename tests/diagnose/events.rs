//! CloudTrail events of every kind of caller, and the calls that they tell of.

use kms_sim::diagnose::{Denial, Incident, Named, Resource, Said, Via, read};
use kms_sim::environment::Moment;
use kms_sim::kms::Asked;
use kms_sim::request::Entry;
use serde_json::{Value, json};

pub(crate) const KEY: &str =
    "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A call that the role was denied, in the shape that CloudTrail writes.
pub(crate) fn denied() -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLEID:i-0abc",
            "arn": "arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/i-0abc",
            "accountId": "123456789012",
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "arn": "arn:aws:iam::123456789012:role/apps/WebAppInstanceRole",
                    "accountId": "123456789012",
                    "userName": "WebAppInstanceRole"
                },
                "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "false"}
            },
            "invokedBy": "ssm.amazonaws.com"
        },
        "eventTime": "2026-01-01T01:02:03Z",
        "eventSource": "kms.amazonaws.com",
        "eventName": "Decrypt",
        "awsRegion": "us-east-1",
        "sourceIPAddress": "ssm.amazonaws.com",
        "userAgent": "ssm.amazonaws.com",
        "errorCode": "AccessDenied",
        "errorMessage": format!("User: arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/i-0abc is not authorized to perform: kms:Decrypt on resource: {KEY} because no identity-based policy allows the kms:Decrypt action"),
        "requestParameters": {"encryptionContext": {"PARAMETER_ARN": "arn:aws:ssm:us-east-1:123456789012:parameter/Db"}, "encryptionAlgorithm": "SYMMETRIC_DEFAULT"},
        "responseElements": null,
        "resources": null,
        "eventType": "AwsApiCall",
        "vpcEndpointId": "vpce-0abc",
        "recipientAccountId": "123456789012"
    })
}

/// The same with these members in place of its own.
pub(crate) fn with(members: Value) -> Value {
    let mut event = denied();
    let Value::Object(members) = members else { panic!("{members} has no members") };
    for (name, value) in members {
        event[name.as_str()] = value;
    }
    event
}

#[track_caller]
fn only(event: &Value) -> Incident {
    let mut reading = read(&event.to_string()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(reading.incidents.len(), 1);
    reading.incidents.remove(0).0
}

#[test]
fn a_denied_call_through_a_service_is_told_whole() {
    let incident = only(&denied());
    assert_eq!(
        incident.said,
        Said::Denied(Named::Side {
            side: kms_sim::evaluate::Side::IdentityPolicy,
            denial: Denial::Implicit,
            policy: None
        })
    );
    let (asked, question) = incident.call.question().unwrap();
    assert_eq!(asked.name(), "kms:Decrypt");
    assert_eq!(question.principal, "arn:aws:iam::123456789012:role/apps/WebAppInstanceRole");
    assert_eq!(question.session.name.as_deref(), Some("i-0abc"));
    assert_eq!(question.session.mfa, Some(false));
    assert_eq!(question.key.as_deref(), Some(KEY));
    assert_eq!(question.via.as_deref(), Some("ssm"));
    assert_eq!(question.at, Moment::Given("2026-01-01T01:02:03Z".into()));
    let pairs = question.encryption_context.unwrap();
    assert_eq!(
        pairs,
        [(
            "PARAMETER_ARN".to_owned(),
            "arn:aws:ssm:us-east-1:123456789012:parameter/Db".to_owned()
        )]
    );
    // The endpoint is the service's own.
    assert!(incident.call.vpc_endpoint.is_none() && question.context.is_empty());
}

#[test]
fn each_kind_of_identity_is_the_principal_that_policies_know() {
    let user = "arn:aws:iam::123456789012:user/deploy";
    let table = [
        (json!({"type": "IAMUser", "arn": user}), user, None, None),
        (
            json!({"type": "Root", "arn": "arn:aws:iam::123456789012:root"}),
            "arn:aws:iam::123456789012:root",
            None,
            None,
        ),
        (
            json!({"type": "FederatedUser", "arn": "arn:aws:sts::123456789012:federated-user/ci",
                   "sessionContext": {"sessionIssuer": {"type": "IAMUser", "arn": user}}}),
            "arn:aws:sts::123456789012:federated-user/ci",
            None,
            Some(user),
        ),
        (
            json!({"type": "AWSService", "invokedBy": "logs.us-east-1.amazonaws.com"}),
            "logs.us-east-1.amazonaws.com",
            None,
            None,
        ),
        (
            json!({"type": "AssumedRole", "arn": "arn:aws:sts::123456789012:assumed-role/Web/s"}),
            "arn:aws:sts::123456789012:assumed-role/Web/s",
            None,
            None,
        ),
    ];
    for (identity, principal, session, issued_by) in table {
        let incident = only(&with(json!({"userIdentity": identity, "errorMessage": null})));
        let (_, question) = incident.call.question().unwrap();
        assert_eq!(question.principal, principal);
        assert_eq!(question.session.name.as_deref(), session);
        assert_eq!(question.session.issued_by.as_deref(), issued_by);
    }
}

#[test]
fn a_caller_of_another_account_is_told_by_the_message_or_not_at_all() {
    let identity = json!({"type": "AWSAccount", "principalId": "AROAEXAMPLEID:s", "accountId": "111122223333"});
    let told = only(&with(json!({"userIdentity": identity})));
    assert_eq!(
        told.call.principal().unwrap().to_string(),
        "arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/i-0abc"
    );
    let not_told = only(&with(json!({"userIdentity": identity, "errorMessage": null})));
    assert!(not_told.call.question().is_err());
    assert!(not_told.notes[0].contains("111122223333"), "{:?}", not_told.notes);
}

#[test]
fn the_key_is_found_wherever_the_event_has_it() {
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let listed = json!([{"type": "AWS::KMS::Key", "ARN": KEY, "accountId": "123456789012"}]);
    let table = [
        (json!({"resources": listed, "errorMessage": null}), Some(KEY), None),
        (json!({"requestParameters": {"keyId": KEY}, "errorMessage": null}), Some(KEY), None),
        (json!({"requestParameters": {"keyId": id}, "errorMessage": null}), Some(KEY), None),
        (
            json!({"requestParameters": {"keyId": "alias/app"}, "resources": listed}),
            Some(KEY),
            Some("alias/app"),
        ),
        (
            json!({"requestParameters": {"keyId": "arn:aws:kms:us-east-1:123456789012:alias/app"}, "resources": listed}),
            Some(KEY),
            Some("alias/app"),
        ),
        (json!({"requestParameters": null}), Some(KEY), None),
        (json!({"requestParameters": null, "errorMessage": null}), None, None),
    ];
    for (members, key, alias) in table {
        let incident = only(&with(members.clone()));
        assert_eq!(incident.call.key_arn(), key, "{members}");
        assert_eq!(incident.call.alias.as_deref(), alias, "{members}");
    }
}

#[test]
fn the_service_in_between_is_named_inferred_or_open() {
    let role = denied()["userIdentity"].clone();
    let invoked = |by: &str| {
        let mut identity = role.clone();
        identity["invokedBy"] = by.into();
        identity
    };
    let context = |name: &str| json!({"encryptionContext": {name: "x"}});
    let table = [
        ("secretsmanager.amazonaws.com", context("x"), Via::Service("secretsmanager".into())),
        ("AWS Internal", context("aws:s3:arn"), Via::Service("s3".into())),
        ("AWS Internal", context("SecretARN"), Via::Service("secretsmanager".into())),
        ("AWS Internal", context("aws:lambda:FunctionArn"), Via::Service("lambda".into())),
        ("AWS Internal", context("aws:ebs:id"), Via::Service("ec2".into())),
        ("AWS Internal", context("project"), Via::Hidden),
    ];
    for (by, parameters, via) in table {
        let members = json!({"userIdentity": invoked(by), "sourceIPAddress": by, "requestParameters": parameters});
        let incident = only(&with(members));
        assert_eq!(incident.call.via, via, "{by}");
        let (_, question) = incident.call.question().unwrap();
        let is_open = question.context.contains(&("kms:ViaService".to_owned(), Entry::Unknown));
        assert_eq!(is_open, via == Via::Hidden);
    }
}

#[test]
fn a_direct_call_has_an_address_or_an_endpoint() {
    let mut identity = denied()["userIdentity"].clone();
    identity.as_object_mut().unwrap().remove("invokedBy");
    let direct = |members: Value| {
        let mut event = with(
            json!({"userIdentity": identity, "sourceIPAddress": "192.0.2.1", "userAgent": "aws-cli/2"}),
        );
        for (name, value) in members.as_object().unwrap() {
            event[name] = value.clone();
        }
        only(&event).call
    };
    let by_address = direct(json!({"vpcEndpointId": null}));
    assert!(by_address.context.contains(&("aws:SourceIp".to_owned(), Entry::value("192.0.2.1"))));
    assert!(by_address.context.contains(&("aws:UserAgent".to_owned(), Entry::value("aws-cli/2"))));
    let by_endpoint = direct(json!({}));
    assert_eq!(by_endpoint.vpc_endpoint.as_deref(), Some("vpce-0abc"));
    assert!(
        by_endpoint.context.contains(&("aws:VpcSourceIp".to_owned(), Entry::value("192.0.2.1")))
    );
    // What documentation writes in place of an address is none.
    let blotted = direct(json!({"sourceIPAddress": "192.0.2.000.1", "vpcEndpointId": null}));
    assert!(!blotted.context.iter().any(|(name, _)| name == "aws:SourceIp"));
}

#[test]
fn re_encrypt_asks_both_halves_and_knows_the_one_that_was_named() {
    let second = "arn:aws:kms:us-east-1:111122223333:key/0987dcba-09fe-87dc-65ba-ab0987654321";
    let event = with(json!({
        "eventName": "ReEncrypt",
        "errorMessage": format!("User: arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/i-0abc is not authorized to perform: kms:ReEncryptTo on resource: {second} with an explicit deny in a resource-based policy"),
        "requestParameters": {"destinationKeyId": second, "sourceEncryptionContext": {"a": "b"}},
        "resources": [{"type": "AWS::KMS::Key", "ARN": KEY}, {"type": "AWS::KMS::Key", "ARN": second}]
    }));
    let incident = only(&event);
    let (asked, question) = incident.call.question().unwrap();
    assert!(matches!(asked, Asked::ReEncrypt));
    assert_eq!(
        (question.key.as_deref(), question.destination_key.as_deref()),
        (Some(KEY), Some(second))
    );
    assert_eq!(question.parameters.get("SourceEncryptionContext"), Some(&json!({"a": "b"})));
    let (half, question) = incident.call.half().unwrap();
    assert_eq!(half.name(), "kms:ReEncryptTo");
    assert_eq!((question.key.as_deref(), question.destination_key), (Some(second), None));
}

#[test]
fn parameters_of_a_grant_are_told() {
    let event = with(json!({
        "eventName": "CreateGrant",
        "errorMessage": null,
        "requestParameters": {
            "keyId": KEY,
            "granteePrincipal": "arn:aws:iam::123456789012:role/Worker",
            "operations": ["Decrypt"],
            "constraints": {"encryptionContextSubset": {"app": "web"}}
        }
    }));
    let (_, question) = only(&event).call.question().unwrap();
    assert_eq!(question.parameters.get("Operations"), Some(&json!(["Decrypt"])));
    assert_eq!(
        question.parameters.get("Constraints"),
        Some(&json!({"EncryptionContextSubset": {"app": "web"}}))
    );
    assert_eq!(
        question.parameters.get("GranteePrincipal"),
        Some(&json!("arn:aws:iam::123456789012:role/Worker"))
    );
}

#[test]
fn a_denial_by_an_endpoint_is_an_event_of_its_own() {
    let event = with(json!({
        "eventType": "AwsVpceEvent",
        "eventCategory": "NetworkActivity",
        "errorCode": "VpceAccessDenied",
        "errorMessage": "The request was denied due to a VPC endpoint policy"
    }));
    let diagnosis = only(&event).diagnosis();
    let named = diagnosis.named.unwrap();
    assert_eq!((named.side, named.decision), ("vpc-endpoint-policy", "denied"));
}

#[test]
fn an_event_of_another_service_is_read_if_kms_denied_it() {
    let event = with(json!({
        "eventSource": "s3.amazonaws.com",
        "eventName": "GetObject",
        "requestParameters": {"bucketName": "b"}
    }));
    let incident = only(&event);
    assert_eq!(incident.call.via, Via::Service("s3".into()));
    assert_eq!(incident.call.resource, Resource::Arn(KEY.to_owned()));
    assert_eq!(incident.call.action_name().as_deref(), Some("kms:Decrypt"));
}

#[test]
fn of_several_events_the_denied_ones_are_told_and_the_others_counted() {
    let succeeded = with(json!({"errorCode": null, "errorMessage": null}));
    let records = json!({"Records": [
        denied(),
        with(json!({"eventTime": "2026-01-01T09:00:00Z"})),
        succeeded.clone(),
        with(json!({"errorCode": "DisabledException", "errorMessage": "…"})),
        with(json!({"eventName": "RotateKey", "userIdentity": {"invokedBy": "AWS Internal"}, "errorCode": null, "errorMessage": null})),
        {"eventSource": "s3.amazonaws.com", "eventName": "GetObject"},
        {"eventSource": "kms.amazonaws.com"}
    ]});
    let reading = read(&records.to_string()).unwrap();
    assert_eq!(reading.incidents.len(), 1);
    assert_eq!(reading.incidents[0].1, 2, "two that differ in the time");
    let counts = reading.events.unwrap();
    let found = [
        counts.read,
        counts.denied,
        counts.failed,
        counts.succeeded,
        counts.internal,
        counts.other_services,
        counts.unreadable,
    ];
    assert_eq!(found, [7, 2, 1, 1, 1, 1, 1]);
    let alone = read(&succeeded.to_string()).unwrap();
    assert_eq!(alone.incidents[0].0.said, Said::Succeeded);
}
