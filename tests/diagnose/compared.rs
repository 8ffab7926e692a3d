//! A simulation beside what AWS said.

use kms_sim::diagnose::{Diagnosis, read};
use kms_sim::document::{Document, Format, Source};
use kms_sim::environment::{Environment, NoFiles};
use serde_json::{Value, json};

use crate::events::{KEY, denied, with};

fn environment(yaml: &str) -> Environment {
    let source = Source::new("env.yaml", format!("account: '123456789012'\n{yaml}"));
    let document = Document::parse(source, Format::Yaml).unwrap();
    Environment::load(&document, &NoFiles, None)
        .unwrap_or_else(|error| panic!("{error}"))
        .environment
}

fn diagnosis(event: &Value, yaml: &str) -> Diagnosis {
    let environment = environment(yaml);
    let (incident, _) = read(&event.to_string()).unwrap().incidents.remove(0);
    let (asked, question) = incident.call.question().unwrap();
    incident.diagnosis_in(&environment, asked, &question).unwrap().1
}

/// `agreement: the side of each fact that may be missing`, `-` for facts about the call.
fn compared(event: &Value, yaml: &str) -> String {
    let simulation = diagnosis(event, yaml).simulation.unwrap();
    let sides: Vec<&str> =
        simulation.missing.iter().map(|missing| missing.side.unwrap_or("-")).collect();
    format!("{}: {}", simulation.agreement, sides.join(" ")).trim_end_matches(": ").to_owned()
}

const KEYS: &str = "keys: {app: {id: 1234abcd-12ab-34cd-56ef-1234567890ab";
const ALLOW: &str =
    "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]}";

fn delegating(principal: &str) -> String {
    format!("{principal}\n{KEYS}}}}}\n")
}

fn role(policies: &str) -> String {
    format!("principals: {{role/apps/WebAppInstanceRole: {{identity_policies: [{policies}]}}}}")
}

fn named(reason: &str) -> Value {
    with(
        json!({"errorMessage": format!("User: arn:aws:sts::123456789012:assumed-role/WebAppInstanceRole/i-0abc is not authorized to perform: kms:Decrypt on resource: {KEY} {reason}")}),
    )
}

#[test]
fn the_same_side_agrees_and_the_cause_is_that_of_the_simulation() {
    let yaml = delegating(&role(""));
    assert_eq!(compared(&denied(), &yaml), "agrees");
    let diagnosis = diagnosis(&denied(), &yaml);
    assert!(
        diagnosis.cause.contains("no identity policy of role/apps/WebAppInstanceRole allows it"),
        "{}",
        diagnosis.cause
    );
    assert!(diagnosis.fetch.is_empty());
}

#[test]
fn a_policy_that_was_not_given_is_the_first_thing_that_may_be_missing() {
    let yaml = delegating(&role(ALLOW));
    let table = [
        (
            "with an explicit deny in a service control policy",
            "disagrees: service-control-policy -",
        ),
        ("because no session policy allows the kms:Decrypt action", "disagrees: session-policy -"),
        (
            "because no permissions boundary allows the kms:Decrypt action",
            "disagrees: permissions-boundary -",
        ),
        (
            "with an explicit deny in a resource control policy",
            "disagrees: resource-control-policy -",
        ),
        ("with an explicit deny in an identity-based policy", "disagrees: identity-policy -"),
        (
            "because no resource-based policy allows the kms:Decrypt action",
            "disagrees: key-policy key-policy -",
        ),
    ];
    for (reason, expected) in table {
        assert_eq!(compared(&named(reason), &yaml), expected, "{reason}");
    }
    let fetch = diagnosis(&named("with an explicit deny in a service control policy"), &yaml).fetch;
    assert_eq!(fetch.len(), 1);
    assert_eq!(fetch[0].option, Some("--scp"));
}

#[test]
fn another_side_is_told_apart_from_agreement() {
    let yaml = delegating(&role(""));
    let event = named("because no resource-based policy allows the kms:Decrypt action");
    assert_eq!(
        compared(&event, &yaml),
        "other-side: key-policy key-policy grant identity-policy -"
    );
}

#[test]
fn a_grant_may_not_have_been_in_force() {
    let grant = "grants: [{grantee: role/apps/WebAppInstanceRole, operations: [Decrypt]}]";
    let yaml = format!("{}\n{KEYS}, {grant}}}}}\n", role(""));
    assert_eq!(compared(&denied(), &yaml), "disagrees: grant identity-policy -");
}

#[test]
fn a_call_that_succeeded_may_have_had_a_grant() {
    let succeeded =
        with(json!({"errorCode": null, "errorMessage": null, "resources": [{"ARN": KEY}]}));
    assert_eq!(compared(&succeeded, &delegating(&role(""))), "disagrees: grant identity-policy -");
    assert_eq!(compared(&succeeded, &delegating(&role(ALLOW))), "agrees");
}

#[test]
fn the_state_of_the_key_explains_an_error_that_is_not_about_permissions() {
    let event = with(
        json!({"errorCode": "DisabledException", "errorMessage": "…", "resources": [{"ARN": KEY}]}),
    );
    let disabled = format!("{}\n{KEYS}, state: Disabled}}}}\n", role(ALLOW));
    assert_eq!(compared(&event, &disabled), "agrees");
    assert_eq!(compared(&event, &delegating(&role(ALLOW))), "disagrees: -");
}

#[test]
fn a_policy_that_is_not_known_leaves_the_comparison_open() {
    let yaml = delegating(&role("{unknown: of another team}"));
    assert!(compared(&denied(), &yaml).starts_with("undetermined"));
}

#[test]
fn endpoint_and_alias_are_those_that_the_environment_knows_by_another_name() {
    let yaml = format!(
        "{}\nvpc_endpoints: {{main: {{policy: {{unknown: x}}}}, vpce-0abc: {{vpc: vpc-1}}}}\n{KEYS}, aliases: [alias/app]}}}}\n",
        role(ALLOW)
    );
    let mut identity = denied()["userIdentity"].clone();
    identity.as_object_mut().unwrap().remove("invokedBy");
    let event = with(json!({
        "userIdentity": identity, "sourceIPAddress": "192.0.2.1",
        "requestParameters": {"keyId": "alias/app"}, "resources": [{"ARN": KEY}]
    }));
    let context = diagnosis(&event, &yaml).simulation.unwrap().answer.request.context;
    assert_eq!(context["kms:RequestAlias"], ["alias/app"]);
    assert_eq!(context["aws:SourceVpce"], ["vpce-0abc"]);
    assert_eq!(context["aws:SourceVpc"], ["vpc-1"]);
}
