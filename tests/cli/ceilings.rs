//! Every kind of policy that limits a caller, given as an option: each changes the decision,
//! and each is named as what denied.

use serde_json::{Value, json};

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING};

/// Allows one action, and so leaves every other out.
const ENCRYPT: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "OnlyEncrypt", "Effect": "Allow", "Action": "kms:Encrypt", "Resource": "*"}
]}"#;

const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoDecrypt", "Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

/// The same where statements name principals.
const ENDPOINT: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "OnlyEncrypt", "Effect": "Allow", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
]}"#;

const RESOURCE_DENY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "NoDecrypt", "Effect": "Deny", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*"}
]}"#;

const ENVIRONMENT: &str = "
account: '123456789012'
principals:
  role/Web: {identity_policies: [identity.json], permissions_boundary: identity.json}
keys:
  app: {policy: key.json}
organization:
  id: o-exampleorgid
  accounts:
    '123456789012':
      service_control_policies: [[FullAWSAccess], [FullAWSAccess]]
      resource_control_policies: [[RCPFullAWSAccess]]
vpc_endpoints:
  vpce-0full: {vpc: vpc-0123}
  vpce-0narrow: {vpc: vpc-0123, policy: endpoint.json}
";

/// Option, decision, and the side that is to be named.
const CEILINGS: [(&str, &str, &str); 9] = [
    ("--scp encrypt.json", "implicitDeny", "service-control-policy"),
    ("--scp deny.json", "explicitDeny", "service-control-policy"),
    ("--rcp resource.json", "explicitDeny", "resource-control-policy"),
    ("--permissions-boundary encrypt.json", "implicitDeny", "permissions-boundary"),
    ("--permissions-boundary deny.json", "explicitDeny", "permissions-boundary"),
    ("--session-policy encrypt.json", "implicitDeny", "session-policy"),
    ("--session-policy deny.json", "explicitDeny", "session-policy"),
    ("--vpc-endpoint-policy endpoint.json", "implicitDeny", "vpc-endpoint-policy"),
    ("--vpc-endpoint-policy resource.json", "explicitDeny", "vpc-endpoint-policy"),
];

const WITHOUT_FILE: &str = "--key-policy key.json --identity-policy identity.json";
const WITH_FILE: &str = "--env e.yaml";

fn folder() -> Folder {
    Folder::new()
        .with("key.json", DELEGATING)
        .with("naming.json", NAMING)
        .with("identity.json", IDENTITY)
        .with("encrypt.json", ENCRYPT)
        .with("deny.json", DENY)
        .with("endpoint.json", ENDPOINT)
        .with("resource.json", RESOURCE_DENY)
        .with("e.yaml", ENVIRONMENT)
}

fn ask(options: &str) -> String {
    format!("--principal role/Web --action decrypt --format json {options}")
}

/// The row of a side.
#[track_caller]
fn side<'a>(answer: &'a Value, name: &str) -> &'a Value {
    let sides = answer["sides"].as_array().unwrap();
    sides.iter().find(|side| side["side"] == name).unwrap()
}

#[test]
fn each_ceiling_denies_and_is_named_with_and_without_a_file() {
    let folder = folder();
    for environment in [WITHOUT_FILE, WITH_FILE] {
        folder.run(&ask(environment)).exits(0);
        for (option, decision, name) in CEILINGS {
            let answer = folder.run(&ask(&format!("{environment} {option}"))).exits(1).json();
            assert_eq!(answer["decision"], decision, "{environment} {option}");
            assert_eq!(answer["denied_by"], json!([name]), "{environment} {option}");
            assert_eq!(answer["allowed_by"], Value::Null, "{environment} {option}");
        }
    }
}

#[test]
fn a_ceiling_that_denies_shows_its_statement_and_the_file() {
    let folder = folder();
    for (option, decision, name) in CEILINGS {
        if decision == "implicitDeny" {
            continue;
        }
        let answer = folder.run(&ask(&format!("{WITHOUT_FILE} {option}"))).json();
        let side = side(&answer, name);
        assert_eq!(side["verdict"], "deny", "{option}");
        let statements = side["statements"].as_array().unwrap();
        let denying = statements.iter().find(|row| row["effect"] == "Deny").unwrap();
        assert_eq!(denying["sid"], "NoDecrypt", "{option}");
        assert_eq!(option.split_once(' ').unwrap().1, denying["policy"], "{option}");
        assert_eq!((&denying["line"], &denying["column"]), (&json!(2), &json!(3)), "{option}");
        assert_eq!(denying["decisive"], true, "{option}");
    }
}

#[test]
fn a_ceiling_that_is_silent_has_the_verdict_none() {
    let folder = folder();
    for (option, decision, name) in CEILINGS {
        if decision == "explicitDeny" {
            continue;
        }
        let answer = folder.run(&ask(&format!("{WITHOUT_FILE} {option}"))).json();
        assert_eq!(side(&answer, name)["verdict"], "none", "{option}");
        assert_eq!(side(&answer, name)["statements"], json!([]), "{option}");
    }
}

#[test]
fn a_ceiling_that_allows_changes_nothing() {
    let folder = folder().with("all.json", ENDPOINT.replace("kms:Encrypt", "*"));
    let options = [
        "--scp identity.json",
        "--permissions-boundary identity.json",
        "--session-policy identity.json",
        "--vpc-endpoint-policy all.json",
        "--vpc-endpoint vpce-0full --env e.yaml",
    ];
    for option in options {
        let environment = if option.contains("--env") { "" } else { WITHOUT_FILE };
        let answer = folder.run(&ask(&format!("{environment} {option}"))).exits(0).json();
        assert_eq!(answer["allowed_by"], "identity-policy", "{option}");
    }
}

#[test]
fn the_error_names_the_kind_of_policy_as_aws_does() {
    let kinds = [
        ("service-control-policy", "service control policy"),
        ("resource-control-policy", "resource control policy"),
        ("permissions-boundary", "permissions boundary"),
        ("session-policy", "session policy"),
        ("vpc-endpoint-policy", "VPC endpoint policy"),
    ];
    let folder = folder();
    for (option, decision, name) in CEILINGS {
        let (_, kind) = kinds.iter().find(|(side, _)| *side == name).unwrap();
        let answer = folder.run(&ask(&format!("{WITHOUT_FILE} {option}"))).json();
        let error = answer["error"].as_str().unwrap();
        let end = match decision {
            "explicitDeny" => format!("with an explicit deny in a {kind}"),
            _ => format!("because no {kind} allows the kms:Decrypt action"),
        };
        assert!(error.ends_with(&end), "{option}: {error}");
    }
}

#[test]
fn several_ceilings_are_all_named_in_the_documented_order() {
    let run = folder().run(&ask(&format!(
        "{WITHOUT_FILE} --session-policy encrypt.json --permissions-boundary encrypt.json --vpc-endpoint-policy endpoint.json --scp encrypt.json"
    )));
    let expected =
        ["service-control-policy", "vpc-endpoint-policy", "permissions-boundary", "session-policy"];
    assert_eq!(run.exits(1).json()["denied_by"], json!(expected));
}

#[test]
fn an_explicit_deny_hides_the_ceilings_that_are_only_silent() {
    let run = folder().run(&ask(&format!(
        "{WITHOUT_FILE} --scp encrypt.json --permissions-boundary encrypt.json --rcp resource.json"
    )));
    let answer = run.exits(1).json();
    assert_eq!(answer["decision"], "explicitDeny");
    assert_eq!(answer["denied_by"], json!(["resource-control-policy"]));
}

#[test]
fn each_scp_is_a_level_of_its_own() {
    let folder = folder();
    let table = [
        ("--scp identity.json --scp identity.json", 0),
        ("--scp identity.json --scp encrypt.json", 1),
        ("--scp encrypt.json --scp identity.json", 1),
    ];
    for (options, status) in table {
        folder.run(&ask(&format!("{WITHOUT_FILE} {options}"))).exits(status);
    }
}

#[test]
fn session_policies_are_one_set() {
    let folder = folder();
    let both = "--session-policy encrypt.json --session-policy identity.json";
    folder.run(&ask(&format!("{WITHOUT_FILE} {both}"))).exits(0);
}

#[test]
fn an_scp_that_only_denies_stands_beside_full_access_and_that_is_said() {
    let folder = folder();
    let options = format!("{WITHOUT_FILE} --scp deny.json --quiet");
    folder.run(&format!("--principal role/Web --action encrypt {options}")).exits(0);
    let run = folder.run(&ask(&format!("{WITHOUT_FILE} --scp deny.json")));
    run.exits(1).says(&["deny.json only denies", "FullAWSAccess"]);
}

#[test]
fn an_endpoint_of_the_file_limits_by_its_policy_and_sets_the_keys() {
    let folder = folder();
    let answer = folder.run(&ask("--env e.yaml --vpc-endpoint vpce-0narrow")).exits(1).json();
    assert_eq!(answer["denied_by"], json!(["vpc-endpoint-policy"]));
    let context = &answer["request"]["context"];
    assert_eq!(context["aws:SourceVpce"], json!(["vpce-0narrow"]));
    assert_eq!(context["aws:SourceVpc"], json!(["vpc-0123"]));
    assert_eq!(context.get("aws:SourceIp"), None);
}

#[test]
fn an_endpoint_policy_without_an_endpoint_makes_up_no_context_keys() {
    let run = folder().run(&ask(&format!("{WITHOUT_FILE} --vpc-endpoint-policy endpoint.json")));
    let answer = run.exits(1).json();
    for key in ["aws:SourceVpce", "aws:SourceVpc", "aws:SourceIp"] {
        assert_eq!(answer["request"]["context"].get(key), None, "{key}");
    }
}

#[test]
fn an_organization_that_no_file_describes_makes_up_no_context_keys() {
    let options = format!("{WITHOUT_FILE} --scp encrypt.json --rcp resource.json");
    let answer = folder().run(&ask(&options)).exits(1).json();
    for key in ["aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID"] {
        assert_eq!(answer["request"]["context"].get(key), None, "{key}");
    }
}

#[test]
fn a_boundary_takes_the_place_of_the_one_in_the_file() {
    let folder =
        folder().with("narrow.yaml", ENVIRONMENT.replace("boundary: identity", "boundary: deny"));
    folder.run(&ask("--env narrow.yaml")).exits(1);
    folder.run(&ask("--env narrow.yaml --permissions-boundary identity.json")).exits(0);
}

#[test]
fn what_the_options_limit_is_the_account_that_has_it() {
    let folder = folder();
    let key = "--key arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let foreign = format!(
        "--principal arn:aws:iam::111122223333:role/Web --action decrypt --format json {WITHOUT_FILE} {key}"
    );
    let answer = folder.run(&format!("{foreign} --scp deny.json")).exits(1).json();
    assert_eq!(answer["denied_by"], json!(["service-control-policy"]));
    let answer = folder.run(&format!("{foreign} --rcp resource.json")).exits(1).json();
    assert_eq!(answer["denied_by"], json!(["resource-control-policy"]));
}

#[test]
fn an_scp_does_not_limit_a_service_and_that_is_said() {
    let policy = NAMING.replace(
        r#"{"AWS": "arn:aws:iam::123456789012:role/Web"}"#,
        r#"{"Service": "logs.amazonaws.com"}"#,
    );
    let folder = folder().with("service.json", policy);
    let ask = "--principal logs.amazonaws.com --action decrypt --account 123456789012 --key-policy service.json --quiet";
    folder.run(&format!("{ask} --scp encrypt.json")).exits(0);
    let loud = ask.replace("--quiet", "--scp encrypt.json");
    folder.run(&loud).exits(0).says(&["--scp", "service"]);
    folder.run(&format!("{ask} --rcp resource.json")).exits(1);
}

#[test]
fn what_the_aws_cli_prints_around_a_policy_is_read() {
    let wrapped = json!({"PolicyVersion": {"Document": serde_json::from_str::<Value>(ENCRYPT).unwrap(), "VersionId": "v1", "IsDefaultVersion": true}});
    let folder = folder().with("wrapped.json", wrapped.to_string());
    let run = folder.run(&ask(&format!("{WITHOUT_FILE} --permissions-boundary wrapped.json")));
    assert_eq!(run.exits(1).json()["denied_by"], json!(["permissions-boundary"]));
}

#[test]
fn a_policy_may_come_from_standard_input_once() {
    let folder = folder();
    for option in ["--scp", "--permissions-boundary", "--session-policy"] {
        let run = folder.pipe(ENCRYPT, &ask(&format!("{WITHOUT_FILE} {option} -")));
        assert_eq!(run.exits(1).json()["decision"], "implicitDeny", "{option}");
    }
    let run = folder.pipe(ENCRYPT, &ask(&format!("{WITHOUT_FILE} --scp - --session-policy -")));
    run.refuses(&["standard input"]);
}
