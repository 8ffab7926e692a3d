//! Ceilings that AWS would not take, or that do not go with the rest of the question: each is
//! refused with what was expected, what was found, and where.

use std::fs;

use crate::support::{DELEGATING, Folder, IDENTITY};

const ASK: &str =
    "--principal role/Web --action decrypt --key-policy key.json --identity-policy identity.json";

const OPTIONS: [&str; 5] =
    ["--scp", "--rcp", "--permissions-boundary", "--session-policy", "--vpc-endpoint-policy"];

fn folder() -> Folder {
    Folder::new().with("key.json", DELEGATING).with("identity.json", IDENTITY)
}

/// A policy of one statement.
fn policy(statement: &str) -> String {
    format!("{{\"Version\": \"2012-10-17\", \"Statement\": [\n  {{{statement}}}\n]}}")
}

const ALLOW: &str = r#""Effect": "Allow", "Action": "kms:*", "Resource": "*""#;
const ALLOW_ALL: &str =
    r#""Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*""#;
const DENY_ALL: &str = r#""Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "*""#;

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = folder().with("folder/x", "");
    for option in OPTIONS.into_iter().chain(["--grant"]) {
        folder.run(&format!("{ASK} {option} gone.json")).refuses(&["gone.json", "no such file"]);
        folder.run(&format!("{ASK} {option} folder")).refuses(&["folder"]);
    }
}

#[cfg(unix)]
#[test]
fn a_device_without_an_end_is_refused() {
    for option in OPTIONS.into_iter().chain(["--grant"]) {
        folder().run(&format!("{ASK} {option} /dev/zero")).refuses(&["/dev/zero", "MiB"]);
    }
}

#[test]
fn what_is_no_document_is_refused_at_its_place() {
    let table = [
        (String::new(), "empty"),
        ("{".to_owned(), "p.json:1:"),
        ("[".repeat(200_000), "128 levels"),
        (policy(&format!("{DENY_ALL}, \"Effect\": \"Deny\"")), "`Effect` again"),
        (policy(&format!("{DENY_ALL}, \"\\u0045ffect\": \"Deny\"")), "`Effect` again"),
        (format!("{}\n{}", policy(DENY_ALL), policy(DENY_ALL)), "p.json:4:1"),
    ];
    for (text, part) in table {
        let folder = folder().with("p.json", text);
        for option in OPTIONS {
            folder.run(&format!("{ASK} {option} p.json")).refuses(&["p.json:", part]);
        }
    }
}

#[test]
fn a_policy_with_the_grammar_of_another_kind_is_refused() {
    let no_version = policy(DENY_ALL).replace("\"Version\": \"2012-10-17\", ", "");
    let table: [(&str, String, &[&str]); 15] = [
        ("--scp", policy(ALLOW_ALL), &["expected no `Principal`", ":2:", "service control policy"]),
        ("--permissions-boundary", policy(ALLOW_ALL), &["no `Principal`", "permissions boundary"]),
        ("--session-policy", policy(ALLOW_ALL), &["expected no `Principal`", "session policy"]),
        ("--rcp", policy(ALLOW_ALL), &["expected `Deny`", "found `Allow`", ":2:"]),
        ("--rcp", policy(ALLOW), &["/Statement/0"]),
        (
            "--rcp",
            policy(&DENY_ALL.replace("Principal", "NotPrincipal")),
            &["expected no `NotPrincipal`", ":2:"],
        ),
        (
            "--rcp",
            policy(&DENY_ALL.replace("\"*\", \"Action", "{\"AWS\": \"123456789012\"}, \"Action")),
            &["`\"*\"`", "found an object", "aws:PrincipalArn"],
        ),
        ("--rcp", no_version, &["expected `Version` `2012-10-17`", "found none"]),
        (
            "--rcp",
            policy(DENY_ALL).replace("2012-10-17", "2008-10-17"),
            &["2012-10-17", "found `2008-10-17`", "p.json:1:13"],
        ),
        (
            "--rcp",
            policy(&DENY_ALL.replace("\"Principal\": \"*\", ", "")),
            &["`Principal`", "none"],
        ),
        ("--vpc-endpoint-policy", policy(ALLOW), &["expected `Principal`", "found none", ":2:3"]),
        ("--vpc-endpoint-policy", policy(&ALLOW_ALL.replace("Allow", "allow")), &["`Allow`"]),
        ("--scp", policy(&ALLOW.replace("Effect", "effect")), &["`effect`", "`Effect`"]),
        ("--scp", r#"{"Version": "2012-10-17", "Statement": []}"#.into(), &["`/Statement`"]),
        ("--scp", serde_json::json!(policy(ALLOW)).to_string(), &["JSON string", "p.json:1:1"]),
    ];
    for (option, text, parts) in table {
        let folder = folder().with("p.json", text);
        folder.run(&format!("{ASK} {option} p.json")).refuses(parts).tells(&["p.json:"]);
    }
}

#[test]
fn a_policy_of_any_kind_is_refused_in_the_file_too_at_its_place() {
    let table = [
        (
            "organization: {id: o-a, accounts: {'123456789012': {service_control_policies: [[p.json]]}}}",
            ALLOW_ALL,
        ),
        (
            "organization: {id: o-a, accounts: {'123456789012': {resource_control_policies: [[p.json]]}}}",
            ALLOW_ALL,
        ),
        ("vpc_endpoints: {vpce-1: {policy: p.json}}", ALLOW),
        ("principals: {role/Web: {permissions_boundary: p.json}}", ALLOW_ALL),
    ];
    for (field, statement) in table {
        let environment = format!("account: '123456789012'\nkeys: {{app: {{}}}}\n{field}\n");
        let folder = folder().with("p.json", policy(statement)).with("e.yaml", environment);
        let run = folder.run("--env e.yaml --principal root --action decrypt");
        run.refuses(&["p.json:2:"]);
    }
}

#[test]
fn a_session_policy_needs_a_session() {
    let folder = folder();
    for principal in ["user/alice", "root", "logs.amazonaws.com"] {
        let ask = format!("--principal {principal} --action decrypt --key-policy key.json");
        folder.run(&format!("{ask} --session-policy identity.json")).refuses(&[
            "session polic",
            "for a session only",
            principal,
        ]);
    }
}

#[test]
fn a_boundary_needs_a_user_or_a_role() {
    let folder = folder();
    for principal in ["root", "logs.amazonaws.com"] {
        let ask = format!("--principal {principal} --action decrypt --key-policy key.json");
        folder.run(&format!("{ask} --permissions-boundary identity.json")).refuses(&[principal]);
    }
}

#[test]
fn an_endpoint_goes_with_no_call_of_a_service() {
    let folder = folder().with("endpoint.json", policy(ALLOW_ALL));
    let environment = "account: '123456789012'\nkeys: {app: {}}\nvpc_endpoints: {vpce-0abc: {}}\n";
    folder.write("e.yaml", environment);
    let root = "--env e.yaml --principal root";
    let table = [
        format!("{ASK} --vpc-endpoint-policy endpoint.json --via s3"),
        format!("{root} --action decrypt --vpc-endpoint vpce-0abc --via s3"),
        format!("{root} --vpc-endpoint vpce-0abc --via s3:get-object"),
    ];
    for arguments in table {
        folder.run(&arguments).refuses(&["no VPC endpoint", "`s3`"]);
    }
}

#[test]
fn an_endpoint_that_is_not_there_is_named_with_the_nearest() {
    let folder = folder();
    folder.write(
        "e.yaml",
        "account: '123456789012'\nkeys: {app: {}}\nvpc_endpoints: {vpce-0abc: {}}\n",
    );
    let ask = "--env e.yaml --principal root --action decrypt";
    folder.run(&format!("{ask} --vpc-endpoint vpce-0ab")).refuses(&[
        "--vpc-endpoint",
        "`vpce-0ab`",
        "`vpce-0abc`",
    ]);
    folder.run(&format!("{ASK} --vpc-endpoint vpce-1")).refuses(&[
        "--vpc-endpoint",
        "`vpce-1`",
        "vpc_endpoints",
    ]);
}

#[test]
fn an_endpoint_and_a_policy_for_one_exclude_each_other() {
    let folder = folder().with("endpoint.json", policy(ALLOW_ALL));
    folder
        .run(&format!("{ASK} --vpc-endpoint vpce-1 --vpc-endpoint-policy endpoint.json"))
        .refuses(&["`--vpc-endpoint`", "`--vpc-endpoint-policy`", "both"]);
}

#[test]
fn a_large_policy_is_refused_by_its_size() {
    for option in OPTIONS {
        let folder = folder();
        fs::File::create(folder.path("p.json")).unwrap().set_len(100 << 20).unwrap();
        folder.run(&format!("{ASK} {option} p.json")).refuses(&["p.json", "MiB"]);
    }
}
