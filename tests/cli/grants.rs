//! Grants from the command line and the file: in the form of the file, as `aws kms list-grants`
//! prints them, wrong ones, and many.

use serde_json::{Value, json};

use crate::support::{DELEGATING, Folder, IDENTITY, NAMING, Run};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

const GRANT: &str = "{name: for-web, grantee: role/Web, operations: [Decrypt], constraints: {encryption_context_subset: {app: web}}}";

/// A run with a grant; the key policy leaves everything to IAM policies, and there are none.
fn ask(grant: &str, options: &str) -> Run {
    Folder::new().with("key.json", DELEGATING).with("g.yaml", grant).run(&format!(
        "--principal role/Web --action decrypt --key-policy key.json --grant g.yaml --format json {options}"
    ))
}

/// The same grant where a key of an environment has it.
fn ask_file(grant: &str, options: &str) -> Run {
    let environment = format!(
        "account: '123456789012'\nprincipals: {{role/Web: {{}}}}\nkeys:\n  app:\n    grants: [{grant}]\n"
    );
    Folder::new()
        .with("e.yaml", environment)
        .run(&format!("--env e.yaml --principal role/Web --action decrypt --format json {options}"))
}

fn grant_side(answer: &Value) -> Value {
    let sides = answer["sides"].as_array().unwrap();
    sides.iter().find(|side| side["side"] == "grant").unwrap().clone()
}

fn trace_of_grants(answer: &Value) -> Vec<Value> {
    let rows = answer["trace"].as_array().unwrap();
    rows.iter().filter(|row| row["side"] == "grant").cloned().collect()
}

#[test]
fn a_grant_allows_and_is_named() {
    for ask in [ask, ask_file] {
        let answer = ask(GRANT, "--encryption-context app=web").exits(0).json();
        assert_eq!(answer["allowed_by"], "grant");
        let side = grant_side(&answer);
        assert_eq!(side["verdict"], "allow");
        let row = &side["statements"][0];
        assert_eq!(row["rule"], "grant");
        assert_eq!(row["index"], 0);
        assert_eq!(row["sid"], "for-web");
        assert_eq!(row["effect"], "Allow");
        assert_eq!(row["decisive"], true);
    }
}

#[test]
fn a_grant_that_does_not_fit_is_no_side_that_denies() {
    for ask in [ask, ask_file] {
        for options in ["", "--encryption-context app=db", "--encryption-context App=web"] {
            let answer = ask(GRANT, options).exits(1).json();
            assert_eq!(answer["denied_by"], json!(["identity-policy"]), "{options}");
            assert_eq!(grant_side(&answer)["verdict"], "none", "{options}");
            assert_eq!(grant_side(&answer)["statements"], json!([]), "{options}");
        }
    }
}

#[test]
fn an_explained_grant_has_the_element_that_failed_and_both_values() {
    let table = [
        (
            GRANT,
            "--encryption-context app=db",
            "Constraints/EncryptionContextSubset",
            "app=web",
            "app=db",
        ),
        ("{grantee: role/Web, operations: [Encrypt]}", "", "Operations", "Encrypt", "kms:Decrypt"),
        (
            "{grantee: role/Web, operations: [Decrypt], constraints: {encryption_context_equals: {app: web}}}",
            "--encryption-context app=web --encryption-context b=c",
            "Constraints/EncryptionContextEquals",
            "app=web",
            "app=web",
        ),
        (
            "{grantee: role/Other, operations: [Decrypt]}",
            "",
            "GranteePrincipal",
            "arn:aws:iam::123456789012:role/Other",
            "arn:aws:iam::123456789012:role/Web",
        ),
        (
            "{grantee: role/Web, operations: [Decrypt], fresh: true, token: abc}",
            "--parameter GrantTokens=xyz",
            "GrantToken",
            "abc",
            "xyz",
        ),
    ];
    for (grant, options, element, of_grant, of_request) in table {
        let answer = ask(grant, &format!("{options} --explain")).exits(1).json();
        let rows = trace_of_grants(&answer);
        let [row] = rows.as_slice() else { panic!("{grant}: {rows:?}") };
        assert_eq!(row["rule"], "grant", "{grant}");
        assert_eq!(row["outcome"], "mismatch", "{grant}");
        assert_eq!(row["element"], element, "{grant}");
        assert_eq!(row["policy_values"][0], of_grant, "{grant}");
        assert_eq!(row["request_values"][0], of_request, "{grant}");
    }
}

#[test]
fn only_an_explained_answer_has_a_trace_of_grants() {
    assert_eq!(ask(GRANT, "").json().get("trace"), None);
    let answer = ask(GRANT, "--encryption-context app=web --explain").exits(0).json();
    let rows = trace_of_grants(&answer);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["outcome"], "match");
    assert_eq!(rows[0]["element"], Value::Null);
}

#[test]
fn a_fresh_grant_counts_with_its_token_only() {
    let grant = "{grantee: role/Web, operations: [Decrypt], fresh: true, token: abc}";
    for ask in [ask, ask_file] {
        ask(grant, "").exits(1);
        ask(grant, "--parameter GrantTokens=abc").exits(0);
        ask(grant, "--parameter GrantTokens=xyz --parameter GrantTokens=abc").exits(0);
        let run = ask(grant, "--parameter GrantTokens=xyz").exits(1);
        assert!(run.warnings().iter().any(|it| it.contains("`xyz`")), "{:?}", run.warnings());
    }
}

#[test]
fn wrong_grants_are_refused_at_their_place() {
    let table = [
        ("{grantee: role/Web, operations: [Frobnicate]}", "`Frobnicate`"),
        ("{grantee: role/Web, operations: [Decryp]}", "did you mean `Decrypt`?"),
        ("{grantee: role/Web, operations: [PutKeyPolicy]}", "`PutKeyPolicy`"),
        ("{grantee: role/Web, operations: [ReEncrypt]}", "`ReEncryptFrom`"),
        ("{grantee: role/Web, operations: []}", "at least one operation"),
        ("{grantee: role/Web}", "`operations`"),
        ("{operations: [Decrypt]}", "`grantee`"),
        ("{grantee: role/Web, operations: [Sign]}", "ENCRYPT_DECRYPT"),
        ("{grantee: logs.amazonaws.com, operations: [Decrypt]}", "`source_arn`"),
        (
            "{grantee: role/Web, operations: [Decrypt], constraints: {encryption_context_subset: {a: b}, encryption_context_equals: {a: b}}}",
            "found both",
        ),
        ("{grantee: role/Web, operations: [Decrypt], constraints: {sourceArn: x}}", "`source_arn`"),
        ("{grantee: role/Web, operations: [Decrypt], operation: [Encrypt]}", "`operations`"),
        ("{grantee: role/Web, operations: [Decrypt], operations: [Encrypt]}", "`operations` again"),
        ("{grantee: '*', operations: [Decrypt]}", "found `*`"),
        ("{grantee: web, operations: [Decrypt]}", "found `web`"),
        ("{grantee: role/Web, operations: [7]}", "expected a string"),
        ("text", "found `text`"),
    ];
    for (grant, part) in table {
        ask(grant, "").refuses(&["g.yaml:1:", part]);
        ask_file(grant, "").refuses(&["e.yaml:5:", part]);
    }
}

#[test]
fn an_operation_must_be_one_of_this_type_of_key() {
    let key = |properties: &str, operation: &str| {
        let environment = format!(
            "account: '123456789012'\nkeys:\n  app: {{{properties}, grants: [{{grantee: root, operations: [{operation}]}}]}}\n"
        );
        Folder::new()
            .with("e.yaml", environment)
            .run("--env e.yaml --principal root --action describekey")
    };
    let table = [
        ("spec: RSA_2048, usage: SIGN_VERIFY", "Sign", "Decrypt"),
        ("spec: RSA_2048, usage: ENCRYPT_DECRYPT", "Decrypt", "GenerateDataKey"),
        ("spec: HMAC_256, usage: GENERATE_VERIFY_MAC", "GenerateMac", "Encrypt"),
        ("spec: ECC_NIST_P256, usage: KEY_AGREEMENT", "DeriveSharedSecret", "Sign"),
    ];
    for (properties, has, lacks) in table {
        key(properties, has).exits(0);
        let spec = properties.split([' ', ',']).nth(1).unwrap();
        key(properties, lacks).refuses(&["e.yaml:3:", &format!("`{lacks}`"), spec]);
    }
}

/// As `aws kms list-grants` prints a grant.
fn listed(number: usize) -> Value {
    json!({
        "KeyId": KEY,
        "GrantId": format!("{number:064x}"),
        "Name": format!("grant-{number}"),
        "CreationDate": "2026-01-01T00:00:00+00:00",
        "GranteePrincipal": format!("arn:aws:iam::123456789012:role/Worker{number}"),
        "RetiringPrincipal": "arn:aws:iam::123456789012:root",
        "IssuingAccount": "arn:aws:iam::123456789012:root",
        "Operations": ["Decrypt", "GenerateDataKey"],
        "Constraints": {"EncryptionContextSubset": {"app": "web"}},
    })
}

fn list(grants: &[Value], is_truncated: bool) -> String {
    json!({"Grants": grants, "Truncated": is_truncated}).to_string()
}

const WORKER: &str =
    "--principal role/Worker0 --action decrypt --account 123456789012 --encryption-context app=web";

#[test]
fn what_list_grants_prints_is_read() {
    let folder = Folder::new().with("g.json", list(&[listed(0), listed(1)], false));
    let run = folder.run(&format!("{WORKER} --grant g.json --format json")).exits(0);
    let row = &grant_side(&run.json())["statements"][0];
    assert_eq!((&row["sid"], &row["index"]), (&json!("grant-0"), &json!(0)));
    assert_eq!(run.stderr, "");
    folder.run(&format!("{WORKER} --grant g.json --quiet").replace("app=web", "app=db")).exits(1);
}

#[test]
fn what_list_grants_prints_is_read_in_the_file_too() {
    let grants = list(&[listed(0)], false);
    let environment = format!(
        "{{\"account\": \"123456789012\", \"principals\": {{\"role/Worker0\": {{}}}}, \"keys\": {{\"app\": {{\"arn\": \"{KEY}\", \"grants\": {grants}}}}}}}"
    );
    let folder = Folder::new().with("e.json", environment);
    folder.run(&format!("{WORKER} --env e.json")).exits(0);
}

#[test]
fn a_list_that_was_cut_off_is_said_to_be() {
    let folder = Folder::new().with("g.json", list(&[listed(0)], true));
    folder.run(&format!("{WORKER} --grant g.json")).exits(0).says(&["g.json:1:", "truncated"]);
    let folder = Folder::new().with("g.json", list(&[listed(0)], false));
    let run = folder.run(&format!("{WORKER} --grant g.json")).exits(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn wrong_lists_of_grants_are_refused_at_their_place() {
    let change = |name: &str, value: Value| {
        let mut grant = listed(0);
        grant[name] = value;
        list(&[grant], false)
    };
    let without = |name: &str| {
        let mut grant = listed(0);
        grant.as_object_mut().unwrap().remove(name);
        list(&[grant], false)
    };
    let both =
        json!({"EncryptionContextEquals": {"a": "b"}, "EncryptionContextSubset": {"a": "b"}});
    let table = [
        (change("Operations", json!(["Frobnicate"])), "`Frobnicate`"),
        (change("Operations", json!(["Verify"])), "ENCRYPT_DECRYPT"),
        (change("Constraints", both), "found both"),
        (
            change("KeyId", json!(KEY.replace("1234abcd", "9999abcd"))),
            "expected a grant of the key",
        ),
        (change("Surprise", json!(1)), "`Surprise`"),
        (change("operations", json!(["Decrypt"])), "did you mean `Operations`?"),
        (without("GranteePrincipal"), "`GranteePrincipal`"),
        (without("Operations"), "`Operations`"),
        (r#"{"Grants": 1}"#.to_owned(), "expected a grant"),
        (r#"{"Grants": [], "Grants": []}"#.to_owned(), "`Grants` again"),
        ("[".repeat(200_000), "128 levels"),
        (format!("{{\"Grants\": {}", "[".repeat(100_000)), "128 levels"),
        (String::new(), "empty"),
    ];
    for (text, part) in table {
        let folder = Folder::new().with("g.json", text);
        folder.run(&format!("{WORKER} --grant g.json")).refuses(&["g.json:1:", part]);
    }
}

#[test]
fn grants_of_several_files_and_of_the_environment_add_up() {
    let folder = Folder::new()
        .with("a.json", list(&[listed(0)], false))
        .with("b.json", list(&[listed(1)], false))
        .with("e.yaml", format!("account: '123456789012'\nprincipals: {{role/Worker0: {{}}, role/Worker1: {{}}, role/Worker2: {{}}}}\nkeys: {{app: {{arn: '{KEY}', grants: [{{grantee: role/Worker2, operations: [Decrypt]}}]}}}}\n"));
    for number in 0..3 {
        let ask = WORKER.replace("Worker0", &format!("Worker{number}"));
        folder.run(&format!("{ask} --env e.yaml --grant a.json --grant b.json")).exits(0);
    }
    folder.run(&format!("{WORKER} --env e.yaml --grant b.json")).exits(1);
}

#[test]
fn a_grant_is_worth_nothing_against_a_deny_and_unneeded_beside_an_allow() {
    let deny = NAMING.replace("\"Allow\"", "\"Deny\"");
    let folder = Folder::new()
        .with("g.json", r#"{"grantee": "role/Web", "operations": ["Decrypt"]}"#)
        .with("deny.json", deny)
        .with("key.json", DELEGATING)
        .with("identity.json", IDENTITY);
    let ask = "--principal role/Web --action decrypt --grant g.json --format json";
    let answer = folder.run(&format!("{ask} --key-policy deny.json")).exits(1).json();
    assert_eq!(answer["denied_by"], json!(["key-policy"]));
    let run = folder.run(&format!("{ask} --key-policy key.json --identity-policy identity.json"));
    assert_eq!(run.exits(0).json()["allowed_by"], "identity-policy");
}

#[test]
fn a_thousand_grants_are_answered_and_explained() {
    let grants: Vec<Value> = (0..1_000).map(listed).collect();
    let folder = Folder::new().with("g.json", list(&grants, false));
    let last = WORKER.replace("Worker0", "Worker999");
    folder.run(&format!("{last} --grant g.json --quiet")).exits(0);
    let run = folder.run(&format!("{last} --grant g.json --explain --format json")).exits(0);
    assert_eq!(trace_of_grants(&run.json()).len(), 1_000);
    let run = folder.run("matrix --account 123456789012 --grant g.json --action decrypt --quiet");
    assert_eq!(
        run.exits(0).stdout.lines().filter(|line| line.contains("role/Worker")).count(),
        1_000
    );
}

#[test]
fn fifty_thousand_grants_are_answered() {
    let grants: Vec<Value> = (0..50_000).map(listed).collect();
    let folder = Folder::new().with("g.json", list(&grants, false));
    let last = WORKER.replace("Worker0", "Worker49999");
    let run = folder.run(&format!("{last} --grant g.json")).exits(0);
    assert!(run.stdout.len() < 2_000, "{} bytes", run.stdout.len());
    let other = WORKER.replace("app=web", "app=db");
    let run = folder.run(&format!("{other} --grant g.json")).exits(1);
    assert!(run.stdout.len() < 6_000, "{} bytes", run.stdout.len());
}
