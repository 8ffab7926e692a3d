//! Files that are no document: refused, with the place and what was found.

use crate::support::{Folder, NAMING, Run};

fn ask(name: &str, bytes: impl AsRef<[u8]>) -> Run {
    Folder::new().with(name, bytes).run(&format!(
        "--principal role/Web --action decrypt --account 123456789012 --key-policy {name}"
    ))
}

#[test]
fn bytes_that_are_no_utf_8_text_are_refused_by_their_encoding() {
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let table: [(&[u8], &str, &str); 12] = [
        (b"", "1:1", "empty"),
        (b" \r\n\t\n", "1:1", "empty"),
        (&utf16, "1:1", "UTF-16"),
        (b"\xff\xfe{\x00\x00\xd8}\x00", "1:2", "UTF-16"),
        (b"\xff\xfe\x00\x00{\x00\x00\x00", "1:1", "UTF-32"),
        (b"\x00\x00\xfe\xff\x00\x00\x00{", "1:1", "UTF-32"),
        (b"\x1f\x8b\x08\x00", "1:1", "gzip"),
        (b"{\"Sid\": \"\xe9\"}", "1:10", "0xe9 at offset 9"),
        // Two bytes for `/`, and a surrogate: both are no UTF-8.
        (b"{\"a\": \"\xc0\xaf\"}", "1:8", "0xc0 at offset 7"),
        (b"{\"a\": \"\xed\xa0\x80\"}", "1:8", "0xed at offset 7"),
        (b"{\"a\":\n \"\xff\"}", "2:3", "on line 2"),
        (b"\x00\x01\x02\x03", "1:1", "expected"),
    ];
    for (bytes, place, what) in table {
        ask("p.json", bytes).refuses(&[&format!("p.json:{place}"), what]);
    }
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_document() {
    let wide = format!("\u{feff}{NAMING}");
    let wide: Vec<u8> = wide.encode_utf16().flat_map(u16::to_le_bytes).collect();
    ask("p.json", format!("\u{feff}{NAMING}")).exits(0);
    ask("p.json", wide).exits(0);
}

#[test]
fn text_that_is_no_json_is_refused_with_line_and_column() {
    let table = [
        ("{\"Statement\": [],}", "1:18", "trailing comma"),
        ("{\"Statement\": [1,]}", "1:18", "trailing comma"),
        ("{\n  // comment\n}", "2:3", "no comments"),
        ("{\n  /* comment */\n}", "2:3", "no comments"),
        ("{\n  # comment\n}", "2:3", "no comments"),
        ("{'Statement': []}", "1:2", "double quotation marks"),
        ("{Statement: []}", "1:2", "`S`"),
        ("{\"a\": NaN}", "1:7", "`N`"),
        ("{\"a\": Infinity}", "1:7", "`I`"),
        ("{\"a\": 0x10}", "1:8", "`x`"),
        ("{\"a\": 010}", "1:8", "`1`"),
        ("{\"a\": +1}", "1:7", "`+`"),
        ("{\"a\": .5}", "1:7", "`.`"),
        ("{\"a\": True}", "1:7", "`T`"),
        ("{\"a\" 1}", "1:6", "`1`"),
        ("{\"a\": [1 2]}", "1:10", "`2`"),
        ("{\"a\": 1", "1:8", "end of the file"),
        ("{\"a\": \"x", "1:9", "end of the file"),
        ("{}}", "1:3", "trailing"),
        ("{} x", "1:4", "trailing"),
        ("{\"a\": \"\u{1}\"}", "1:8", "control character"),
        ("{\"a\": \"x\ny\"}", "1:9", "control character"),
        ("{\"a\": \"\\ud800\"}", "1:", "expected JSON"),
        ("{\"a\": \"\\ud800x\"}", "1:", "expected JSON"),
        ("{\"a\": \"\\q\"}", "1:", "expected JSON"),
        ("{\"a\": \"\\u12\"}", "1:", "expected JSON"),
        ("\r\n{\r\n\t\"a\": 1,\r\n}", "4:1", "trailing comma"),
    ];
    for (text, place, what) in table {
        ask("p.json", text).refuses(&[&format!("p.json:{place}"), what]);
    }
}

#[test]
fn text_that_is_no_yaml_is_refused_with_line_and_column() {
    let table = [
        ("Statement: [", "1:", "expected YAML"),
        ("a: 1\n  b: 2\n", "2:", "expected YAML"),
        ("a:\n\t- b\n", "2:", "expected YAML"),
        ("a: *nowhere\n", "1:4", "expected YAML"),
        ("Statement: !Ref x\n", "1:", "no YAML tag"),
        ("Statement: !Sub |\n  x\n", "1:", "`!Sub`"),
        ("a: 1\n---\nb: 2\n", "2:1", "found a second"),
        ("? [a]\n: 1\n", "1:", "expected a name"),
        ("null: 1\n", "1:1", "expected a name"),
        ("# nothing but a comment\n", "1:1", "expected"),
    ];
    for (text, place, what) in table {
        ask("p.yaml", text).refuses(&[&format!("p.yaml:{place}"), what]);
    }
}

/// With both places: that of the first, and that of the second.
#[test]
fn a_member_named_twice_is_refused_at_every_depth() {
    let table = [
        ("{\"Statement\": [], \"Statement\": []}", "1:19", "`Statement`", "line 1, column 2"),
        (
            "{\"Statement\": [{\"Effect\": \"Deny\",\n\"Effect\": \"Allow\"}]}",
            "2:1",
            "`Effect`",
            "line 1, column 17",
        ),
        (
            "{\"Statement\": [{\"Effect\": \"Deny\",\n\"\\u0045ffect\": \"Allow\"}]}",
            "2:1",
            "`Effect`",
            "line 1, column 17",
        ),
        (
            "{\"Statement\": {\"Condition\": {\"Bool\": {}, \"Bool\": {}}}}",
            "1:42",
            "`Bool`",
            "line 1, column 30",
        ),
        (
            "{\"Statement\": {\"Condition\": {\"Bool\": {\"a:b\": true,\n\"a:b\": false}}}}",
            "2:1",
            "`a:b`",
            "line 1, column 39",
        ),
        (
            "{\"Statement\": {\"Principal\": {\"AWS\": [], \"AWS\": []}}}",
            "1:41",
            "`AWS`",
            "line 1, column 30",
        ),
    ];
    for (text, place, name, first) in table {
        ask("p.json", text).refuses(&[&format!("p.json:{place}"), name, "again", first]);
    }
    ask("p.yaml", "Version: x\nStatement: []\nVersion: x\n").refuses(&[
        "p.yaml:3:1",
        "`Version`",
        "line 1, column 1",
    ]);
    ask("p.yaml", "'Version': x\n\"Version\": x\n").refuses(&["p.yaml:2:1", "`Version`"]);
}

#[test]
fn characters_that_aws_takes_in_no_policy_are_refused_as_they_are_and_as_escapes() {
    let table = [
        ("kms:\u{ff0a}", "U+FF0A"),
        ("kms:D\u{435}crypt", "U+0435"),
        ("kms:\u{200b}Decrypt", "U+200B"),
        ("kms:Decrypt\u{202e}", "U+202E"),
        ("kms:e\u{301}", "U+0301"),
        ("kms:\u{1f511}", "U+1F511"),
        ("kms:Decrypt\\u0000", "U+0000"),
        ("kms:Decrypt\\u001b", "U+001B"),
        ("kms:\\u200b", "U+200B"),
        ("kms:\\ud83d\\udd11", "U+1F511"),
    ];
    for (action, code) in table {
        let text = NAMING.replace("kms:*", action);
        ask("p.json", &text).refuses(&["p.json:2:", "/Statement/0/Action", code]);
    }
    for (text, code) in [
        (NAMING.replace("\"Sid\"", "\"S\u{456}d\""), "U+0456"),
        (NAMING.replace("\"Name\"", "\"\u{202e}\""), "U+202E"),
    ] {
        ask("p.json", text).refuses(&["p.json:2:", code]);
    }
}

#[test]
fn characters_up_to_u_00ff_are_taken() {
    for sid in ["Cl\u{e9}", "\u{ff}", "tab\\there", "line\\nbreak"] {
        ask("p.json", NAMING.replace("\"Name\"", &format!("\"{sid}\""))).exits(0);
    }
}

#[test]
fn line_endings_and_a_missing_last_newline_do_not_move_the_place() {
    let bad = NAMING.replace("\"Allow\"", "\"allow\"");
    for text in
        [bad.clone(), bad.replace('\n', "\r\n"), bad.trim_end().to_owned(), bad.clone() + "\n\n"]
    {
        ask("p.json", text).refuses(&["p.json:2:29"]);
    }
}

#[test]
fn a_column_counts_characters_and_not_bytes() {
    let text = NAMING
        .replace("\"Name\"", "\"\u{e9}\u{e9}\u{e9}\u{e9}\"")
        .replace("\"Allow\"", "\"allow\"");
    ask("p.json", text).refuses(&["p.json:2:29"]);
}

#[test]
fn values_of_no_use_as_a_document_are_refused() {
    for text in ["null", "true", "1", "\"text\"", "[]", "{}", "1e999", "-0"] {
        ask("p.json", text).refuses(&["p.json:1:1", "expected"]);
    }
}

#[test]
fn an_environment_that_is_none_is_refused_with_its_place() {
    let table = [
        ("", "1:1", "empty"),
        ("[]", "1:1", "expected a document, found an empty list"),
        ("keys: [", "1:", "expected YAML"),
        ("account: '123456789012'\n", "1:1", "`keys`"),
        ("keys: []\n", "1:7", "expected an object"),
        ("account: 123456789012\nkeys: {app: {}}\n", "1:10", "expected a string"),
        ("account: '12345'\nkeys: {app: {}}\n", "1:10", "12-digit"),
        ("keys: {app: {}}\n", "1:13", "`account`"),
        ("account: '123456789012'\nkey: {app: {}}\n", "2:1", "did you mean `keys`?"),
        ("account: '123456789012'\nkeys: {app: {}}\nkeys: {b: {}}\n", "3:1", "`keys` again"),
        (
            "account: '123456789012'\nkeys:\n  app: {stat: Enabled}\n",
            "3:9",
            "did you mean `state`?",
        ),
        ("account: '123456789012'\nkeys:\n  app: {spec: RSA_1024}\n", "3:15", "`RSA_1024`"),
        ("account: '123456789012'\nkeys:\n  app: {id: a/b}\n", "3:", "`a/b`"),
        ("account: '123456789012'\nkeys:\n  app: {aliases: [app]}\n", "3:19", "`alias/app`"),
        (
            "account: '123456789012'\nkeys:\n  app: {aliases: [alias/x]}\n  b: {aliases: [alias/x]}\n",
            "4:3",
            "`alias/x`",
        ),
        (
            "account: '123456789012'\nkeys:\n  app: {policy: missing.json}\n",
            "3:17",
            "`missing.json`",
        ),
        ("account: '123456789012'\nkeys:\n  app: {policy: 5}\n", "3:17", "a policy"),
        (
            "account: '123456789012'\nkeys:\n  app: {policy: '{\"Statement\": []}'}\n",
            "3:17",
            "as an object",
        ),
        (
            "account: '123456789012'\nkeys:\n  app: {policy: {unknown: true}}\n",
            "3:27",
            "expected a string",
        ),
        (
            "account: '123456789012'\nkeys:\n  app: {policy: {unknown: x, Statement: []}}\n",
            "3:30",
            "`Statement`",
        ),
        ("account: '123456789012'\nkeys: {app: {}}\nprincipals: {Web: {}}\n", "3:14", "`Web`"),
        (
            "account: '123456789012'\nkeys: {app: {}}\nprincipals: {role/Web: {identity_policy: []}}\n",
            "3:25",
            "`identity_policies`",
        ),
        (
            "account: '123456789012'\nkeys: {app: {}}\nprincipals: {role/Web: {identity_policies: x.json}}\n",
            "3:44",
            "expected a list",
        ),
        (
            "account: '123456789012'\nkeys: {app: {}}\nprincipals: {user/a: {groups: [x]}}\n",
            "3:32",
            "`x`",
        ),
        (
            "account: '123456789012'\nkeys: {app: {}}\nprincipals: {role/a: {tags: {a: 1}}}\n",
            "3:33",
            "expected a string",
        ),
        ("account: '123456789012'\nkeys: {app: {}}\nrules: strict\n", "3:8", "`strict`"),
        ("account: '123456789012'\nkeys: {app: {}}\nregion: 5\n", "3:9", "expected a string"),
        ("account: '123456789012'\nkeys: {app: {}}\npartition: x\n", "3:12", "`x`"),
    ];
    for (text, place, what) in table {
        Folder::new()
            .with("e.yaml", text)
            .run("--env e.yaml --principal root --action decrypt")
            .refuses(&[&format!("e.yaml:{place}"), what]);
    }
}

#[test]
fn an_error_in_a_policy_of_an_environment_names_the_policys_own_place() {
    let folder = Folder::new()
        .with("policies/p.json", NAMING.replace("\"Allow\"", "\"allow\""))
        .with("e.yaml", "account: '123456789012'\nkeys: {app: {policy: policies/p.json}}\n")
        .with(
            "inline.yaml",
            "account: '123456789012'\nkeys:\n  app:\n    policy:\n      Statement:\n        - Effect: allow\n",
        );
    folder
        .run("--env e.yaml --principal root --action decrypt")
        .refuses(&["policies/p.json:2:29", "`allow`"]);
    folder.run("--env inline.yaml --principal root --action decrypt").refuses(&[
        "inline.yaml:6:19",
        "/keys/app/policy/Statement/0/Effect",
        "`allow`",
    ]);
}

#[test]
fn the_place_of_what_is_no_text_stands_above_the_help() {
    let run = Folder::new()
        .with("key.json", b"{\x00}\x00")
        .run("--key-policy key.json --principal role/Web --action Decrypt --account 123456789012")
        .exits(2);
    let place = run.stderr.find("--> key.json:1:1").unwrap_or_else(|| panic!("{}", run.stderr));
    assert!(place < run.stderr.find("help").unwrap(), "{}", run.stderr);
}
