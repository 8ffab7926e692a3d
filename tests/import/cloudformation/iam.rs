//! Users, groups, roles and their policies.

use kms_sim::evaluate::Decision::{self, Allowed, ImplicitDeny, Undetermined};

use super::{assumptions, decision, error, estate, estate_with};

const USE: &str = "{Version: 2012-10-17, Statement: [{Effect: Allow, Action: kms:Decrypt, Resource: !GetAtt Key.Arn}]}";

fn with(resources: &str) -> String {
    format!("Parameters: {{Open: {{Type: String}}}}\nResources:\n  Key: {{Type: AWS::KMS::Key}}\n{resources}").replace("USE", USE)
}

const ROLE: &str = "  Role: {Type: AWS::IAM::Role, Properties: {RoleName: web}}\n";
const USER: &str = "  User: {Type: AWS::IAM::User, Properties: {UserName: ann}}\n";
const GROUP: &str = "  Group: {Type: AWS::IAM::Group, Properties: {GroupName: devs}}\n";

/// Resources, who gets the policy, and what is decided then.
const ATTACHED: &[(&[&str], &str, Decision)] = &[
    (&[ROLE], "role/web", ImplicitDeny),
    (
        &[
            "  R: {Type: AWS::IAM::Role, Properties: {RoleName: web, Policies: [{PolicyName: p, PolicyDocument: USE}]}}\n",
        ],
        "role/web",
        Allowed,
    ),
    (
        &[
            ROLE,
            "  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: USE, Roles: [!Ref Role]}}\n",
        ],
        "role/web",
        Allowed,
    ),
    (
        &[
            ROLE,
            "  P: {Type: AWS::IAM::RolePolicy, Properties: {PolicyName: p, PolicyDocument: USE, RoleName: !Ref Role}}\n",
        ],
        "role/web",
        Allowed,
    ),
    (
        &[
            ROLE,
            "  P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: USE, Roles: [web]}}\n",
        ],
        "role/web",
        Allowed,
    ),
    (
        &[
            "  P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: USE}}\n",
            "  R: {Type: AWS::IAM::Role, Properties: {RoleName: web, ManagedPolicyArns: [!Ref P]}}\n",
        ],
        "role/web",
        Allowed,
    ),
    (
        &[
            "  R: {Type: AWS::IAM::Role, Properties: {RoleName: web, ManagedPolicyArns: ['arn:aws:iam::aws:policy/X']}}\n",
        ],
        "role/web",
        Undetermined,
    ),
    (
        &[
            "  R: {Type: AWS::IAM::Role, Properties: {RoleName: web, ManagedPolicyArns: !Split [',', !Ref Open]}}\n",
        ],
        "role/web",
        Undetermined,
    ),
    (
        &[
            USER,
            "  P: {Type: AWS::IAM::UserPolicy, Properties: {PolicyName: p, PolicyDocument: USE, UserName: !Ref User}}\n",
        ],
        "user/ann",
        Allowed,
    ),
    (
        &[
            USER,
            "  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: USE, Users: [ann]}}\n",
        ],
        "user/ann",
        Allowed,
    ),
    (
        &[
            GROUP,
            "  P: {Type: AWS::IAM::GroupPolicy, Properties: {PolicyName: p, PolicyDocument: USE, GroupName: !Ref Group}}\n",
            "  U: {Type: AWS::IAM::User, Properties: {UserName: ann, Groups: [!Ref Group]}}\n",
        ],
        "user/ann",
        Allowed,
    ),
    (
        &[
            USER,
            GROUP,
            "  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: USE, Groups: [devs]}}\n",
            "  M: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Group, Users: [!Ref User]}}\n",
        ],
        "user/ann",
        Allowed,
    ),
    (
        &[
            USER,
            "  M: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: others, Users: [ann]}}\n",
        ],
        "user/ann",
        Undetermined,
    ),
    (
        &[
            USER,
            "  M: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Open, Users: [ann]}}\n",
        ],
        "user/ann",
        Undetermined,
    ),
    (
        &[
            ROLE,
            "  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: USE, Roles: [!Ref Open]}}\n",
        ],
        "role/web",
        Undetermined,
    ),
    (
        &[
            "  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: USE, Roles: [elsewhere]}}\n",
        ],
        "role/elsewhere",
        Undetermined,
    ),
];

#[test]
fn every_way_to_attach_a_policy_attaches_it() {
    for (resources, principal, expected) in ATTACHED {
        let text = with(&resources.concat());
        assert_eq!(decision(&estate(&text), principal, "Decrypt", "Key"), *expected, "{text}");
    }
}

#[test]
fn a_boundary_limits_and_an_unknown_one_may() {
    let role = |boundary: &str| {
        with(&format!(
            "  B: {{Type: AWS::IAM::ManagedPolicy, Properties: {{ManagedPolicyName: b, PolicyDocument: {{Statement: [{{Effect: Allow, Action: 's3:*', Resource: '*'}}]}}}}}}\n  R: {{Type: AWS::IAM::Role, Properties: {{RoleName: web, Path: /app/, PermissionsBoundary: {boundary}, Policies: [{{PolicyName: p, PolicyDocument: USE}}]}}}}\n"
        ))
    };
    let table = [
        ("!Ref B", ImplicitDeny),
        ("!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/b'", ImplicitDeny),
        ("'arn:aws:iam::aws:policy/PowerUserAccess'", Undetermined),
        ("!Ref Open", Undetermined),
        ("!Ref AWS::NoValue", Allowed),
    ];
    for (boundary, expected) in table {
        let estate = estate(&role(boundary));
        assert_eq!(decision(&estate, "role/app/web", "Decrypt", "Key"), expected, "{boundary}");
    }
}

#[test]
fn a_name_that_aws_makes_up_has_a_stand_in_that_policies_share() {
    let text = with(
        "  Web: {Type: AWS::IAM::Role, Properties: {Tags: [{Key: team, Value: web}], Policies: [{PolicyName: p, PolicyDocument: USE}]}}
  Other:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: !GetAtt Web.Arn}, Action: kms:Encrypt, Resource: '*'}]}
",
    );
    let estate = estate(&text);
    let name = estate.principals.keys().next().unwrap();
    assert!(
        name.starts_with("role/App-Web-") && name.len() == "role/App-Web-".len() + 12,
        "{name}"
    );
    assert_eq!(decision(&estate, name, "Encrypt", "Other"), Allowed);
    assert_eq!(decision(&estate, name, "Decrypt", "Key"), Allowed);
    assert_eq!(estate.principals[name].tags["team"], "web");
    assert!(estate.principals[name].id.as_ref().unwrap().starts_with("AROA"));
    assert!(estate.notes.join("\n").contains(&format!("`Web` is `{name}`")));
}

#[test]
fn a_role_whose_name_is_not_known_is_left_out_and_its_policies_with_it() {
    let text = with(
        "  Web: {Type: AWS::IAM::Role, Properties: {RoleName: web}}
  Worker: {Type: AWS::IAM::Role, Properties: {RoleName: !Ref Open}}
  P: {Type: AWS::IAM::Policy, Properties: {PolicyName: p, PolicyDocument: USE, Roles: [!Ref Worker]}}
",
    );
    let before = estate(&text);
    assert_eq!(before.principals.keys().collect::<Vec<_>>(), ["role/web"]);
    assert!(
        before.notes.join("\n").contains("`Worker` is left out, a role whose name is not known")
    );
    assert_eq!(decision(&before, "role/web", "Decrypt", "Key"), ImplicitDeny);
    let after = estate_with(&text, &assumptions(&[("Open", "worker")])).unwrap();
    assert_eq!(decision(&after, "role/worker", "Decrypt", "Key"), Allowed);
}

#[test]
fn unknown_statements_for_other_services_do_not_hide_what_is_known() {
    let policy = |action: &str| {
        with(&format!(
            "  R: {{Type: AWS::IAM::Role, Properties: {{RoleName: web, Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{{Effect: Allow, Action: [{action}], Resource: !Ref Open}}, {{Effect: Allow, Action: kms:Decrypt, Resource: '*'}}]}}}}]}}}}\n"
        ))
    };
    let table = [
        ("'s3:GetObject', 'dynamodb:*'", Allowed),
        ("'kms:Encrypt'", Undetermined),
        ("'*'", Undetermined),
        ("'k?s:*'", Undetermined),
        ("!Ref Open", Undetermined),
    ];
    for (action, expected) in table {
        let estate = estate(&policy(action));
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{action}");
    }
}

#[test]
fn the_text_of_a_managed_policy_may_be_given() {
    let text = with(
        "  R: {Type: AWS::IAM::Role, Properties: {RoleName: web, ManagedPolicyArns: ['arn:aws:iam::aws:policy/X']}}\n",
    );
    let policy = r#"{"Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}"#;
    let estate =
        estate_with(&text, &assumptions(&[("arn:aws:iam::aws:policy/X", policy)])).unwrap();
    assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), Allowed);
}

#[test]
fn what_iam_refuses_is_refused_at_its_place() {
    let table = [
        ("RoleName: 'a b'", "expected a principal"),
        ("Policies: [{PolicyName: p}]", "expected `PolicyName` and `PolicyDocument`"),
        (
            "Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: s3.Get, Resource: '*'}]}}]",
            "with one colon",
        ),
        ("Tags: [x]", "expected `Key` and `Value` of a tag"),
    ];
    for (property, expected) in table {
        let text =
            with(&format!("  R:\n    Type: AWS::IAM::Role\n    Properties: {{{property}}}\n"));
        let found = error(&text);
        assert!(found.contains(expected) && found.contains("/Resources/R"), "{found}");
    }
    let twice = with(
        "  A: {Type: AWS::IAM::Role, Properties: {RoleName: web}}\n  B: {Type: AWS::IAM::Role, Properties: {RoleName: web}}\n",
    );
    assert!(error(&twice).contains("expected each role once, found `role/web` again"));
    let arn = with(
        "  P: {Type: AWS::IAM::Policy, Properties: {PolicyDocument: USE, Roles: ['arn:aws:iam::123456789012:role/x']}}\n",
    );
    assert!(error(&arn).contains("expected the name of a role"));
}

#[test]
fn of_declarations_that_exclude_each_other_nobody_knows_which_is_there() {
    let text = "Parameters: {X: {Type: String}}
Conditions: {A: !Equals [!Ref X, a], B: !Not [!Condition A]}
Resources:
  One: {Type: AWS::IAM::Role, Condition: A, Properties: {RoleName: web, Policies: [{PolicyName: p, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: 'kms:*', Resource: '*'}]}}]}}
  Two: {Type: AWS::IAM::Role, Condition: B, Properties: {RoleName: web}}
  Group1: {Type: AWS::IAM::Group, Condition: A, Properties: {GroupName: g}}
  Group2: {Type: AWS::IAM::Group, Condition: B, Properties: {GroupName: g}}
  Key: {Type: AWS::KMS::Key}
";
    let table = [
        (&[][..], Decision::Undetermined),
        (&[("X", "a")], Decision::Allowed),
        (&[("X", "b")], Decision::ImplicitDeny),
    ];
    for (given, expected) in table {
        let estate = super::estate_with(text, &super::assumptions(given)).unwrap();
        assert_eq!(decision(&estate, "role/web", "Decrypt", "Key"), expected, "{given:?}");
    }
    let both = text.replace("Condition: A, ", "").replace("Condition: B, ", "");
    assert!(error(&both).contains("expected each group once, found `g` again"));
}

#[test]
fn a_managed_policy_that_is_not_in_the_template_can_be_given() {
    let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
    let text = format!(
        "Resources:
  Web: {{Type: AWS::IAM::Role, Properties: {{RoleName: web, ManagedPolicyArns: ['{arn}']}}}}
  Key: {{Type: AWS::KMS::Key}}
"
    );
    let open = estate(&text).principals.remove("role/web").unwrap().identity_policies;
    let open = format!("{open:?}");
    assert!(open.contains(&format!("with --assume {arn}=@FILE")), "{open}");
    let printed = r#"{"PolicyVersion": {"Document": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}}}}"#;
    let given = super::estate_with(&text, &super::assumptions(&[(arn, printed)])).unwrap();
    assert_eq!(decision(&given, "role/web", "Decrypt", "Key"), Decision::Allowed);
    let wrong = super::estate_with(&text, &super::assumptions(&[(arn, "p.json")])).unwrap_err();
    assert!(wrong.to_string().contains("the name comes after `@`"), "{wrong}");
}
