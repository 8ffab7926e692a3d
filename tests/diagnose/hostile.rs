//! Texts that are made to do harm.

use std::time::{Duration, Instant};

use kms_sim::diagnose::read;

/// Far more than any takes, in whatever build.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn large_garbage_is_refused_in_time_that_grows_with_its_size() {
    let ten = 10 << 20;
    let two = 2 << 20;
    let texts = [
        "x".repeat(ten),
        " \n".repeat(two / 2),
        "User: ".repeat(two / 6),
        "is not authorized to perform: ".repeat(ten / 30),
        "User: a is not authorized to perform: ".repeat(two / 38),
        "\\u".repeat(two / 2),
        "\\".repeat(two),
        "&#".repeat(two / 2),
        "&".repeat(two),
        "\u{2502}\n".repeat(two / 4),
        "[".repeat(two),
        "{\"a\":".repeat(two / 5),
        "\"".repeat(two),
        "because no with an explicit deny ".repeat(two / 33),
        "arn:aws:kms:us-east-1:1:key/".repeat(two / 28),
    ];
    for text in texts {
        let start = Instant::now();
        let error = read(&text).unwrap_err();
        let shown = error.to_string();
        assert!(shown.len() < 2000, "{} bytes", shown.len());
        assert!(start.elapsed() < LIMIT, "{:?} for {:.20}", start.elapsed(), text);
    }
}

#[test]
fn many_messages_and_many_events_are_bounded() {
    let message = |index: usize| {
        format!(
            "User: arn:aws:iam::123456789012:user/u{index} is not authorized to perform: kms:Decrypt on resource: *\n"
        )
    };
    let text: String = (0..20_000).map(message).collect();
    assert!(read(&text).unwrap().incidents.len() <= 50);
    let event = |index: usize| {
        format!(
            r#"{{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "errorCode": "AccessDenied", "userIdentity": {{"arn": "arn:aws:iam::123456789012:user/u{index}"}}}}"#
        )
    };
    let text: Vec<String> = (0..5_000).map(event).collect();
    let reading = read(&text.join("\n")).unwrap();
    let counts = reading.events.unwrap();
    assert_eq!((reading.incidents.len(), counts.denied, counts.left_out), (50, 5_000, 4_950));
}

#[test]
fn deep_json_is_refused_without_overflow() {
    let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(read(&deep).is_err());
    let inner = serde_json::to_string(&deep).unwrap();
    assert!(read(&format!(r#"{{"Events": [{{"CloudTrailEvent": {inner}}}]}}"#)).is_err());
}

#[test]
fn nothing_that_a_message_says_reaches_a_command_unless_it_is_harmless() {
    let bad = "$(touch owned);`id`'\"";
    for text in [
        format!(
            "User: arn:aws:iam::123456789012:user/{bad} is not authorized to perform: kms:Decrypt on resource: * because no identity-based policy allows the kms:Decrypt action"
        ),
        format!(
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:us-east-1:123456789012:key/{bad} with an explicit deny in a resource-based policy"
        ),
        format!(
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:{bad}:123456789012:alias/a because no VPC endpoint policy allows the kms:Decrypt action"
        ),
        format!(
            "User: arn:aws:iam::123456789012:user/a is not authorized to perform: kms:Decrypt on resource: * with an explicit deny in a service control policy: arn:aws:organizations::1:policy/{bad}"
        ),
        format!(
            "User: arn:aws:sts::123456789012:assumed-role/R/{bad} is not authorized to perform: kms:Decrypt on resource: * because no session policy allows the kms:Decrypt action"
        ),
        format!(
            r#"{{"eventSource": "kms.amazonaws.com", "eventName": "Decrypt", "errorCode": "VpceAccessDenied", "sourceIPAddress": "1.2.3.4", "vpcEndpointId": {0}, "userIdentity": {{"arn": "arn:aws:iam::123456789012:user/a"}}, "requestParameters": {{"keyId": {0}}}, "resources": [{{"ARN": {0}}}]}}"#,
            serde_json::to_string(bad).unwrap()
        ),
    ] {
        let Ok(reading) = read(&text) else { continue };
        for (incident, _) in reading.incidents {
            let diagnosis = incident.diagnosis();
            for fetch in diagnosis.fetch.iter().chain(&diagnosis.also) {
                assert!(!fetch.command.contains("touch"), "{}", fetch.command);
                assert!(!fetch.command.contains('`'), "{}", fetch.command);
            }
        }
    }
}
