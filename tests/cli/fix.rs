//! `kms-sim fix`, and the fixes under a denial.

use snapbox::{assert_data_eq, str};

use super::support::Folder;

const ADMINISTRATORS: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {
    "Sid": "Administrators",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:role/Admin"},
    "Action": "kms:*",
    "Resource": "*"
  }
}"#;

const DENYING: &str = r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {"AWS": "arn:aws:iam::123456789012:role/Web"},
      "Action": "kms:*",
      "Resource": "*"
    },
    {
      "Sid": "Freeze",
      "Effect": "Deny",
      "Principal": "*",
      "Action": ["kms:Decrypt", "kms:Encrypt"],
      "Resource": "*"
    }
  ]
}"#;

#[test]
fn a_missing_allow_is_added_for_this_principal_and_action() {
    let run = Folder::new()
        .with("key.json", ADMINISTRATORS)
        .run("simulate --principal role/Web --action kms:Decrypt --key-policy key.json --account 123456789012")
        .exits(1);
    let (_, fixes) = run.stdout.split_once("\n\n  Fix").unwrap();
    assert_data_eq!(
        fixes.to_owned(),
        str![[r#"
        Allow kms:Decrypt to role/Web in the key policy.
    key.json
    {
      "Effect": "Allow",
      "Principal": {
        "AWS": "arn:aws:iam::123456789012:role/Web"
      },
      "Action": "kms:Decrypt",
      "Resource": "*"
    }
  or         Create a grant of Decrypt for role/Web.
  or         Let the key policy leave kms:Decrypt to the IAM policies of account 123456789012. Give role/Web a new inline policy that allows kms:Decrypt on the key.
  (with what else each would allow: kms-sim fix)

"#]]
    );
}

#[test]
fn what_weakens_a_deny_says_so_and_what_else_it_allows() {
    let run = Folder::new()
        .with("key.json", DENYING)
        .run("fix --principal role/Web --action kms:Decrypt --key-policy key.json --account 123456789012")
        .exits(1);
    assert_data_eq!(
        run.stdout,
        str![[r#"
DENIED  kms:Decrypt (explicit deny: key-policy)
  Statement "Freeze" of the key policy denies it, and an explicit deny outweighs every allow.

Fix 1  WEAKENS AN EXPLICIT DENY: Exempt role/Web from statement 2 ("Freeze") in the key policy.
  key.json
  {
    "Sid": "Freeze",
    "Effect": "Deny",
    "Principal": "*",
    "Action": [
      "kms:Decrypt",
      "kms:Encrypt"
    ],
    "Resource": "*",
    "Condition": {
      "ArnNotEquals": {
        "aws:PrincipalArn": "arn:aws:iam::123456789012:role/Web"
      }
    }
  }
  The Deny stays for everybody else.
  also allows kms:Encrypt to arn:aws:iam::123456789012:role/Web

Fix 2  WEAKENS AN EXPLICIT DENY: Exempt kms:Decrypt from statement 2 ("Freeze") in the key policy.
  key.json
  {
    "Sid": "Freeze",
    "Effect": "Deny",
    "Principal": "*",
    "Action": [
      "kms:Encrypt"
    ],
    "Resource": "*"
  }
  The Deny no longer covers this for anybody.
  also allows nothing else

"#]]
    );
}

#[test]
fn an_allowed_call_needs_no_fix() {
    let run = Folder::new()
        .with("key.json", ADMINISTRATORS)
        .run("fix --principal role/Admin --action kms:Decrypt --key-policy key.json --account 123456789012 --format json")
        .exits(0);
    assert_eq!(run.stdout, "[]\n");
}

const ASKED: &str =
    "fix --principal role/Web --action kms:Decrypt --key-policy key.json --account 123456789012";

#[test]
fn an_applied_fix_changes_nothing_else_of_the_file() {
    let folder = Folder::new().with("key.json", DENYING);
    let run = folder.run(&format!("{ASKED} --apply 1")).exits(0);
    assert_data_eq!(
        run.stdout,
        str![[r#"
Fix 1  WEAKENS AN EXPLICIT DENY: Exempt role/Web from statement 2 ("Freeze") in the key policy.

--- key.json
+++ key.json
@@ -12,7 +12,12 @@
       "Effect": "Deny",
       "Principal": "*",
       "Action": ["kms:Decrypt", "kms:Encrypt"],
-      "Resource": "*"
+      "Resource": "*",
+      "Condition": {
+        "ArnNotEquals": {
+          "aws:PrincipalArn": "arn:aws:iam::123456789012:role/Web"
+        }
+      }
     }
   ]
 }
/ No newline at end of file

"#]]
    );
    let after = folder.run(ASKED).exits(0);
    assert!(after.stdout.ends_with("Nothing to fix.\n"), "{}", after.stdout);
}

#[test]
fn a_deny_is_weakened_by_its_number_only() {
    let folder = Folder::new().with("key.json", DENYING);
    folder.run(&format!("{ASKED} --apply")).exits(2);
    folder.run(ASKED).exits(1);
}

#[test]
fn a_new_document_is_not_written() {
    let delegating = ADMINISTRATORS.replace("role/Admin", "root");
    let folder = Folder::new().with("key.json", &delegating);
    let run = folder.run(&format!("{ASKED} --apply 1")).exits(2);
    assert!(run.stderr.contains("found a new document"), "{}", run.stderr);
}

const ENVIRONMENT: &str = "\
account: \"123456789012\"
principals:
  role/Web:                # the web app
    identity_policies:
      - Version: \"2012-10-17\"
        Statement:
          - {Effect: Allow, Action: \"s3:*\", Resource: \"*\"}
keys:
  app:
    id: 1234abcd-12ab-34cd-56ef-1234567890ab
    policy:
      Version: \"2012-10-17\"
      Statement:
      - Sid: Admins
        Effect: Allow
        Principal: {AWS: \"arn:aws:iam::123456789012:role/Admin\"}
        Action: \"kms:*\"   # all of it
        Resource: \"*\"

# the end
";

#[test]
fn a_fix_is_applied_to_the_policies_inside_a_yaml_environment() {
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    let asked = "fix --principal role/Web --action kms:Decrypt";
    folder.run(&format!("{asked} --apply")).exits(0);
    let added = "
      - Effect: Allow
        Principal:
          AWS: arn:aws:iam::123456789012:role/Web
        Action: kms:Decrypt
        Resource: \"*\"
";
    let old = "        Resource: \"*\"\n";
    let (head, tail) = ENVIRONMENT.rsplit_once(old).unwrap();
    let after = std::fs::read_to_string(folder.path("kms-sim.yaml")).unwrap();
    assert_eq!(after, format!("{head}{}{added}{tail}", old.trim_end()));
    folder.run(asked).exits(0);
}

#[test]
fn edits_of_two_policies_in_one_file_are_written_together() {
    let folder = Folder::new().with("kms-sim.yaml", ENVIRONMENT);
    let asked = "fix --principal role/Web --action kms:Decrypt";
    let listed = folder.run(&format!("{asked} --format json")).exits(1).json();
    let both = listed.as_array().unwrap().iter().find(|edit| {
        let edit = |field: &str| edit[field].as_array().is_some_and(|it| !it.is_empty());
        edit("together_with")
    });
    let number = both.unwrap()["fix"].as_u64().unwrap();
    let run = folder.run(&format!("{asked} --apply {number}")).exits(0);
    assert!(run.stdout.contains("+          - Effect: Allow"), "{}", run.stdout);
    assert!(
        run.stdout.contains("+          AWS: arn:aws:iam::123456789012:root"),
        "{}",
        run.stdout
    );
    folder.run(asked).exits(0);
}

#[test]
fn the_first_fix_that_can_be_written_is_applied() {
    let delegating = ADMINISTRATORS.replace("role/Admin", "root");
    let folder = Folder::new().with("key.json", &delegating);
    let run = folder.run(&format!("{ASKED} --apply")).exits(0);
    assert!(run.stderr.contains("note: fix 1 is not written: "), "{}", run.stderr);
    assert!(run.stdout.starts_with("Fix 2  Allow kms:Decrypt to role/Web in the key policy."));
    folder.run(ASKED).exits(0);
}

#[test]
fn what_cannot_be_written_is_shown_to_be_pasted() {
    let text = ADMINISTRATORS.replace('\n', " ").replace('"', "\\\"");
    let response = format!("{{\"Policy\": \"{text}\"}}");
    let folder = Folder::new().with("key.json", &response);
    let run = folder.run(&format!("{ASKED} --apply 1"));
    let run = run.refuses(&["found `key.json#/Policy`"]);
    run.tells(&["\"AWS\": \"arn:aws:iam::123456789012:role/Web\""]);
    assert_eq!(std::fs::read_to_string(folder.path("key.json")).unwrap(), response);
}

#[test]
fn policies_that_only_a_service_writes_are_not_to_be_edited() {
    let folder = Folder::new().with("key.json", crate::support::DELEGATING);
    for path in [
        "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
        "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Dev_0123456789abcdef",
    ] {
        let run = folder.run(&format!(
            "--principal arn:aws:iam::123456789012:role/{path} --action kms:Decrypt --key-policy key.json --format json"
        ));
        let json = run.json();
        let fixes = json["fixes"].as_array().unwrap();
        assert!(!fixes.is_empty(), "{path}");
        assert!(fixes.iter().all(|fix| fix["side"] != "identity-policy"), "{path}: {json}");
    }
}

#[test]
fn one_file_under_two_names_is_not_written_twice() {
    let other = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}"#;
    let folder = Folder::new().with("key.json", crate::support::DELEGATING).with("p.json", other);
    let asked = "fix --principal role/Web --action kms:Decrypt --key-policy key.json --identity-policy p.json --permissions-boundary ./p.json";
    let first = folder.run(&format!("{asked} --apply 1"));
    first.refuses(&["two edits of one document under two names"]);
    assert_eq!(std::fs::read_to_string(folder.path("p.json")).unwrap(), other);
}

#[test]
fn a_denial_by_hundreds_of_statements_is_answered_all_the_same() {
    let row = |n: usize| {
        format!(
            r#"{{"Sid": "S{n}", "Effect": "Allow", "Principal": {{"AWS": "arn:aws:iam::123456789012:role/R{n}"}}, "Action": "kms:Decrypt", "Resource": "*"}}"#
        )
    };
    let rows: Vec<String> = (0..150).map(row).collect();
    let policy = format!(r#"{{"Version": "2012-10-17", "Statement": [{}]}}"#, rows.join(","));
    let start = std::time::Instant::now();
    Folder::new()
        .with("key.json", policy)
        .run("--principal role/Web --action kms:Decrypt --key-policy key.json")
        .exits(1);
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
