use super::*;
use crate::document::{Document, Format};

fn load(text: &str) -> Result<Loaded, InputError> {
    let source = Source::from_bytes("e.yaml", text.as_bytes().to_vec())?;
    Environment::load(&Document::parse(source, Format::Yaml)?, &NoFiles, None)
}

#[test]
fn left_out_fields_have_the_defaults_of_create_key() {
    let loaded = load("account: '123456789012'\nkeys: {app: {}}\n").unwrap();
    let key = &loaded.environment.keys()[0];
    assert_eq!(key.arn(), "arn:aws:kms:us-east-1:123456789012:key/app");
    assert_eq!((key.spec.as_str(), key.usage.as_str()), ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"));
    assert!(
        matches!(&key.policy, Attached::Policy(policy) if policy.name() == "default-key-policy")
    );
    assert!(loaded.warnings.is_empty());
}

#[test]
fn the_account_of_short_names_is_the_one_that_the_file_has() {
    let text = "principals: {role/A: {}}\nkeys: {k: {arn: 'arn:aws-cn:kms:cn-north-1:111122223333:key/k'}}\n";
    let loaded = load(text).unwrap();
    let names: Vec<String> =
        loaded.environment.principals().map(|(name, _)| name.to_string()).collect();
    assert_eq!(names, ["arn:aws-cn:iam::111122223333:role/A"]);
}

#[test]
fn what_is_wrong_is_refused_with_its_pointer() {
    let account = "account: '123456789012'\n";
    let table = [
        ("keys: {}\nkey: 1\n", "`keys`", "/key"),
        ("title: x\n", "expected a member `keys`", ""),
        ("account: 123456789012\nkeys: {}\n", "quotation marks", "/account"),
        ("account: '12345'\nkeys: {}\n", "12-digit", "/account"),
        ("partition: mars\nkeys: {}\n", "expected a partition", "/partition"),
        ("rules: strict\nkeys: {}\n", "`dual-permission`", "/rules"),
        ("keys: {k: {}}\n", "expected `account`", "/keys/k"),
        ("principals: {role/A: {}}\nkeys: {}\n", "expected an account", "/principals/role~1A"),
        (
            "account: '123456789012'\nprincipals: {role/A: {}, 'arn:aws:iam::123456789012:role/A': {}}\nkeys: {}\n",
            "each principal once",
            "/principals/arn:aws:iam::123456789012:role~1A",
        ),
        (
            "account: '123456789012'\nprincipals: {role/A: {policies: []}}\nkeys: {}\n",
            "found `policies`",
            "/principals/role~1A/policies",
        ),
        (
            "account: '123456789012'\nprincipals: {user/A: {groups: [x]}}\nkeys: {}\n",
            "a group of the file",
            "/principals/user~1A/groups/0",
        ),
        ("account: '123456789012'\nkeys: {k: {id: a, arn: b}}\n", "found both", "/keys/k/id"),
        (
            "account: '123456789012'\nkeys: {k: {id: 'a b'}}\n",
            "letters, digits and hyphens",
            "/keys/k",
        ),
        ("account: '123456789012'\nkeys: {k: {spec: RSA}}\n", "one of", "/keys/k/spec"),
        (
            "account: '123456789012'\nkeys: {k: {aliases: [app]}}\n",
            "alias/app",
            "/keys/k/aliases/0",
        ),
        ("account: '123456789012'\nkeys: {k: {manager: AWS}}\n", "alias/aws/SERVICE", "/keys/k"),
        (
            "account: '123456789012'\nkeys: {a: {aliases: [alias/x]}, b: {aliases: [alias/x]}}\n",
            "on two",
            "/keys/b",
        ),
        ("account: '123456789012'\nkeys: {a: {id: x}, b: {id: x}}\n", "each key once", "/keys/b"),
        (
            "account: '123456789012'\nkeys: {k: {policy: missing.json}}\n",
            "the path of a policy",
            "/keys/k/policy",
        ),
        (
            "account: '123456789012'\nkeys: {k: {policy: '{}'}}\n",
            "write it as an object",
            "/keys/k/policy",
        ),
        (
            "account: '123456789012'\nkeys: {k: {policy: FullAWSAccess}}\n",
            "`default-key-policy`",
            "/keys/k/policy",
        ),
        (
            "account: '123456789012'\nkeys: {k: {policy: {unknown: x, Statement: []}}}\n",
            "`unknown`",
            "/keys/k/policy/Statement",
        ),
        (
            "account: '123456789012'\nkeys: {k: {policy: {Statement: []}}}\n",
            "at least one",
            "/keys/k/policy/Statement",
        ),
    ];
    for (text, message, pointer) in table {
        let error = load(text).map(|_| text).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert_eq!(error.place().pointer, pointer, "{text}: {error}");
    }
    assert!(load(&format!("{account}keys: {{k: {{policy: {{unknown: later}}}}}}\n")).is_ok());
}

#[test]
fn organizations_endpoints_boundaries_and_grants_are_read_or_refused_with_their_place() {
    let base = "account: '123456789012'\n";
    let table = [
        (
            "organization: {id: o-x, accounts: {'12': {}}}\nkeys: {}\n",
            "12-digit",
            "/organization/accounts/12",
        ),
        (
            "organization: {id: o-x, accounts: {'123456789012': {service_control_policies: [FullAWSAccess]}}}\nkeys: {}\n",
            "expected a level",
            "/organization/accounts/123456789012/service_control_policies/0",
        ),
        (
            "organization: {id: o-x, accounts: {'123456789012': {service_control_policies: [[]]}}}\nkeys: {}\n",
            "at least one policy",
            "/organization/accounts/123456789012/service_control_policies/0",
        ),
        (
            "organization: {id: o-x, accounts: {'123456789012': {resource_control_policies: [[FullAWSAccess]]}}}\nkeys: {}\n",
            "RCPFullAWSAccess",
            "/organization/accounts/123456789012/resource_control_policies/0/0",
        ),
        (
            "vpc_endpoints: {vpce-0abc: {vpcs: vpc-0123}}\nkeys: {}\n",
            "did you mean `vpc`",
            "/vpc_endpoints/vpce-0abc/vpcs",
        ),
        (
            "principals: {role/A: {permissions_boundary: nothing.json}}\nkeys: {}\n",
            "nothing.json",
            "/principals/role~1A/permissions_boundary",
        ),
        ("keys: {k: {state: disabled}}\n", "did you mean `Disabled`", "/keys/k/state"),
    ];
    for (text, message, pointer) in table {
        let error = load(&format!("{base}{text}")).map(|_| text).unwrap_err();
        assert!(error.to_string().contains(message), "{text}: {error}");
        assert_eq!(error.place().pointer, pointer, "{text}: {error}");
    }
    let empty = "organization: null\nvpc_endpoints: {}\nprincipals: {role/A: {permissions_boundary: null}}\nkeys: {k: {grants: [], state: Disabled}}\n";
    assert!(load(&format!("{base}{empty}")).is_ok());
}

#[test]
fn a_grant_that_kms_would_not_make_is_refused_with_its_place() {
    let table = [
        ("operations: [Decrypt]", "`grantee`", ""),
        ("grantee: '*', operations: [Decrypt]", "found `*`", "/grantee"),
        ("grantee: group/x, operations: [Decrypt]", "expected a principal", "/grantee"),
        ("grantee: role/A", "`operations`", ""),
        ("grantee: role/A, operations: []", "at least one operation", "/operations"),
        ("grantee: role/A, operations: [Decript]", "did you mean `Decrypt`", "/operations/0"),
        ("grantee: role/A, operations: [PutKeyPolicy]", "a grant operation", "/operations/0"),
        ("grantee: role/A, operations: [Sign]", "SYMMETRIC_DEFAULT", "/operations/0"),
        ("grantee: s3.amazonaws.com, operations: [Decrypt]", "`source_arn`", ""),
        (
            "grantee: role/A, operations: [Decrypt], constraints: {encryption_context_equals: {a: b}, encryption_context_subset: {a: b}}",
            "found both",
            "/constraints/encryption_context_subset",
        ),
        (
            "grantee: role/A, operations: [Decrypt], constraints: {encryption_context_equals: {}}",
            "at least one pair",
            "/constraints/encryption_context_equals",
        ),
        ("grantee: role/A, operation: [Decrypt]", "did you mean `operations`", "/operation"),
        (
            "grantee: role/A, operations: [Decrypt], issuing_account: '12'",
            "12-digit",
            "/issuing_account",
        ),
        (
            "GranteePrincipal: role/A, Operations: [Decrypt], KeyId: other",
            "a grant of the key",
            "/KeyId",
        ),
    ];
    for (members, message, pointer) in table {
        let text = format!("account: '123456789012'\nkeys: {{k: {{grants: [{{{members}}}]}}}}\n");
        let error = load(&text).map(|_| members).unwrap_err();
        assert!(error.to_string().contains(message), "{members}: {error}");
        assert_eq!(
            error.place().pointer,
            format!("/keys/k/grants/0{pointer}"),
            "{members}: {error}"
        );
    }
    let asymmetric = "account: '123456789012'\nkeys: {k: {spec: RSA_2048, grants: [{grantee: role/A, operations: [Decrypt], constraints: {encryption_context_equals: {a: b}}}]}}\n";
    assert!(load(asymmetric).unwrap_err().to_string().contains("asymmetric"));
}

#[test]
fn a_key_that_aws_manages_has_the_policy_of_its_service() {
    let text = "account: '123456789012'\nkeys: {k: {manager: AWS, aliases: [alias/aws/ebs]}}\n";
    let loaded = load(text).unwrap();
    let Attached::Policy(policy) = &loaded.environment.keys()[0].policy else { panic!("known") };
    let values: Vec<&str> = policy.statements()[0].conditions()[1].values().collect();
    assert_eq!(values, ["ec2.us-east-1.amazonaws.com"]);
}

#[test]
fn an_id_of_unusual_shape_is_warned_of() {
    let loaded = load("account: '123456789012'\nkeys: {k: {id: my-key}}\n").unwrap();
    assert!(loaded.warnings[0].to_string().contains("never issues"));
}
