//! What an answer must not claim: rules that are easy to get wrong between accounts, halves of
//! operations, and callers that nobody can give a policy.

use std::time::{Duration, Instant};

use kms_sim::diagnose::{Diagnosis, Said, read};
use serde_json::{Value, json};

use crate::events::{KEY, denied, with};

const SECOND: &str = "arn:aws:kms:us-east-1:123456789012:key/22222222-12ab-34cd-56ef-1234567890ab";
const ALIAS: &str = "arn:aws:kms:us-east-1:123456789012:alias/foo";
const USER: &str = "arn:aws:iam::123456789012:user/bob";
const NO_IDENTITY: &str = "because no identity-based policy allows the action";
const NO_RESOURCE: &str = "because no resource-based policy allows the action";

#[track_caller]
fn diagnosis(text: &str) -> Diagnosis {
    read(text).unwrap().incidents[0].0.diagnosis()
}

fn message(caller: &str, action: &str, resource: &str, reason: &str) -> Diagnosis {
    diagnosis(&format!(
        "User: {caller} is not authorized to perform: kms:{action} on {resource} {reason}"
    ))
}

fn event(action: &str, resource: &str, members: Value) -> Diagnosis {
    let mut event = with(members);
    event["errorMessage"] = json!(format!(
        "User: {USER} is not authorized to perform: kms:{action} on resource: {resource} {NO_IDENTITY}"
    ));
    diagnosis(&event.to_string())
}

fn standing(diagnosis: &Diagnosis, side: &str) -> &'static str {
    let sides = &diagnosis.proof.sides;
    sides.iter().find(|it| it.side == side).map_or("-", |it| it.standing)
}

fn statement(diagnosis: &Diagnosis) -> Value {
    let change = diagnosis.change.clone().unwrap();
    change.statement.unwrap_or_else(|| json!(change.what))
}

#[test]
fn a_denied_half_is_answered_with_the_key_that_it_is_about() {
    let told = event(
        "ReEncryptTo",
        SECOND,
        json!({
            "eventName": "ReEncrypt",
            "requestParameters": {"sourceKeyId": KEY, "destinationKeyId": SECOND},
            "resources": [{"ARN": KEY}, {"ARN": SECOND}]
        }),
    );
    assert_eq!(statement(&told)["Resource"], SECOND);
    assert!(told.fetch.iter().all(|it| !it.command.contains(KEY)), "{:?}", told.fetch);
    assert!(told.fetch.iter().any(|it| it.command.contains(SECOND)), "{:?}", told.fetch);
}

#[test]
fn of_an_operation_on_an_alias_the_named_half_is_answered_and_the_other_left_open() {
    let alias = format!("resource: {ALIAS}");
    let told = message(USER, "CreateAlias", &alias, NO_IDENTITY);
    let update = event(
        "UpdateAlias",
        ALIAS,
        json!({
            "eventName": "UpdateAlias",
            "requestParameters": {"aliasName": "alias/foo", "targetKeyId": KEY},
            "resources": [{"ARN": ALIAS}, {"ARN": KEY}]
        }),
    );
    for told in [told, update] {
        assert_eq!(statement(&told)["Resource"], ALIAS);
        assert_eq!(standing(&told, "key-policy"), "could-deny");
        assert_eq!(standing(&told, "resource-control-policy"), "could-deny");
        assert_eq!(standing(&told, "grant"), "-");
        assert!(!told.proof.no_deny_matched);
    }
}

#[test]
fn between_accounts_one_side_says_nothing_of_the_other() {
    let user = "arn:aws:iam::444455556666:user/bob";
    let ciphertext = "the resource associated with this ciphertext";
    for on in [&format!("resource: {KEY}"), ciphertext] {
        let told = message(user, "Decrypt", on, NO_IDENTITY);
        assert!(!told.proof.no_deny_matched, "{on}");
        assert_eq!(standing(&told, "resource-control-policy"), "could-deny", "{on}");
        assert_eq!(standing(&told, "key-policy"), "could-deny", "{on}");
    }
}

#[test]
fn a_message_that_denies_decides_whatever_code_an_event_has() {
    for code in [json!(null), json!(""), json!({"x": 1}), json!("UnauthorizedOperation")] {
        let text = with(json!({"errorCode": code})).to_string();
        let said = read(&text).unwrap().incidents[0].0.said.clone();
        assert!(matches!(said, Said::Denied(_)), "{code}: {said:?}");
    }
    let text = with(json!({"userIdentity": null})).to_string();
    assert!(matches!(read(&text).unwrap().incidents[0].0.said, Said::Denied(_)));
    let text = with(json!({"userIdentity": null, "errorMessage": null})).to_string();
    assert!(matches!(read(&text).unwrap().incidents[0].0.said, Said::Denied(_)));
}

#[test]
fn an_event_that_does_not_tell_what_became_of_the_call_is_refused() {
    for code in [json!(""), json!({"x": 1})] {
        for message in [json!(null), json!("other words"), json!([1])] {
            let event = with(json!({"errorCode": code, "errorMessage": message}));
            assert!(read(&event.to_string()).is_err(), "{event}");
        }
    }
    let unknown = with(json!({"eventName": "Foo"}));
    assert!(read(&unknown.to_string()).is_err());
    let twice = denied().to_string().replacen('{', r#"{"errorCode": null, "#, 1);
    assert!(read(&twice).unwrap_err().to_string().contains("twice"));
}

#[test]
fn an_event_that_breaks_off_is_counted() {
    let text = denied().to_string();
    let cut = format!("\u{feff}{text}\n{}", &text[..text.len() / 2]);
    let counts = read(&cut).unwrap().events.unwrap();
    assert_eq!((counts.read, counts.denied, counts.unreadable), (2, 1, 1));
    let only = format!(r#"{{"Records": [{text}, {}"#, &text[..40]);
    assert!(diagnosis(&only).notes.iter().any(|note| note.contains("breaks off")));
}

#[test]
fn a_role_that_only_its_session_names_gets_its_path_or_a_warning() {
    let on = format!("resource: {KEY}");
    let table = [
        ("AWSServiceRoleForAutoScaling_x", "aws-service-role/autoscaling.amazonaws.com/", false),
        ("AWSServiceRoleForFoo", "ROLE-PATH/", true),
        ("AWSReservedSSO_Admin_0123456789abcdef", "ROLE-PATH/", true),
        ("Web", "", true),
    ];
    for (role, path, warns) in table {
        let caller = format!("arn:aws:sts::123456789012:assumed-role/{role}/s");
        let told = message(&caller, "Decrypt", &on, NO_RESOURCE);
        let arn = format!("arn:aws:iam::123456789012:role/{path}{role}");
        assert_eq!(statement(&told)["Principal"]["AWS"], arn);
        let command = format!("aws iam get-role --role-name {role} --query Role.Arn");
        assert_eq!(told.change.unwrap().what.contains(&command), warns, "{role}");
    }
    // An event has the path.
    let whole = diagnosis(&denied().to_string()).change.unwrap().what;
    assert!(!whole.contains("get-role"), "{whole}");
}

#[test]
fn no_change_is_told_that_cannot_work() {
    let on = format!("resource: {KEY}");
    let slr = "arn:aws:sts::123456789012:assumed-role/AWSServiceRoleForBackup/s";
    for caller in [slr, "arn:aws:iam::123456789012:root"] {
        let told = message(caller, "Decrypt", &on, NO_IDENTITY);
        assert!(statement(&told)["Principal"]["AWS"].is_string(), "{caller}");
    }
    let foreign = "arn:aws:iam::444455556666:user/bob";
    let three = "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access";
    let managed = "resource: arn:aws:kms:us-east-1:123456789012:alias/aws/s3";
    let table = [
        (foreign, "PutKeyPolicy", on.as_str(), NO_IDENTITY, "does not work"),
        (foreign, "PutKeyPolicy", &on, three, "does not work"),
        (foreign, "Decrypt", managed, three, "AWS managed key"),
        (USER, "Decrypt", managed, NO_RESOURCE, "cannot be edited"),
        (USER, "RetireGrant", &on, NO_RESOURCE, "no effect in a key policy"),
    ];
    for (caller, action, on, reason, words) in table {
        let what = statement(&message(caller, action, on, reason));
        assert!(what.as_str().is_some_and(|it| it.contains(words)), "{action}: {what}");
    }
    let retire = message(USER, "RetireGrant", &on, NO_IDENTITY);
    assert_eq!(standing(&retire, "key-policy"), "-");
    assert_eq!(standing(&retire, "resource-control-policy"), "-");
}

#[test]
fn broken_lines_of_an_arn_take_linear_time() {
    let start = "User: arn:aws:iam::123456789012:user/b is not authorized to perform: kms:Decrypt on resource: ";
    let key = "arn:aws:kms:us-east-1:123456789012:key/";
    let texts = [
        format!("{start}{key}\n{}\n", "a".repeat(3900)).repeat(200),
        format!("{start}{}\n", "a\n".repeat(2000)).repeat(200),
        format!("is not authorized to perform: {}\n", "k\n".repeat(2000)).repeat(200),
    ];
    for text in texts {
        let begun = Instant::now();
        let _ = read(&text);
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    }
}

#[test]
fn errors_of_other_services_are_not_taken_for_those_of_kms() {
    for text in [
        "NotFoundException: Stream kms-logs not found",
        "An error occurred (DisabledException) when calling the Foo operation: no",
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn silence_of_the_key_policy_is_not_taken_for_certain() {
    let told = message(USER, "Decrypt", &format!("resource: {KEY}"), NO_RESOURCE);
    assert!(told.notes.iter().any(|note| note.contains("look at both")));
}

#[test]
fn a_name_never_becomes_an_option_and_a_link_never_a_name() {
    let caller = "arn:aws:iam::123456789012:user/--profile";
    let told = message(caller, "Decrypt", &format!("resource: {KEY}"), NO_IDENTITY);
    let commands = told.fetch.iter().chain(&told.also);
    assert!(commands.clone().any(|it| it.command.contains("--user-name=--profile")));
    for fetch in commands {
        assert!(!fetch.command.contains(" --profile"), "{}", fetch.command);
    }
    let linked = format!("\u{1b}]8;;https://example.com\u{1b}\\{USER}\u{1b}]8;;\u{1b}\\");
    let told = message(&linked, "Decrypt", &format!("resource: {KEY}"), NO_IDENTITY);
    assert_eq!(told.call.principal.as_deref(), Some(USER));
}
