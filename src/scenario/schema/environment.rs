use serde_json::{Value, json};

use super::{
    Definitions, Property, list, map, object, one_of_texts, one_or_many, optional, reference, text,
};
use crate::arn::Partition;
use crate::environment::{Part, fields};
use crate::kms::{Action, KeySpec, Origin, Usage};
use crate::request::Rules;

pub(super) fn file() -> Value {
    let mut file = object(fields::FILE, &[], field_of_file);
    if let Value::Object(members) = &mut file {
        let either = json!([{"required": ["keys"]}, {"required": ["extends"]}]);
        members.insert("anyOf".into(), either);
    }
    file
}

pub(super) fn definitions() -> Definitions {
    vec![
        ("account", json!({"type": "string", "pattern": "^[0-9]{12}$"})),
        ("region", json!({"type": "string", "pattern": "^[a-z0-9-]+$"})),
        ("rules", one_of_texts(Rules::ALL.map(Rules::as_str))),
        ("pairs", map(&text())),
        ("principalName", principal_name()),
        ("principal", object(fields::PRINCIPAL, &[], field_of_principal)),
        ("group", object(fields::GROUP, &[], field_of_group)),
        ("key", object(fields::KEY, &[], field_of_key)),
        ("grants", grants()),
        ("grant", object(fields::GRANT, &["grantee", "operations"], field_of_grant)),
        ("grantOperation", grant_operation()),
        ("constraints", object(&fields::CONSTRAINTS, &[], field_of_constraints)),
        ("printedGrant", object(fields::PRINTED_GRANT, &["Operations"], field_of_printed_grant)),
        ("organization", object(fields::ORGANIZATION, &[], field_of_organization)),
        ("member", object(fields::MEMBER, &[], field_of_member)),
        ("vpcEndpoint", object(fields::VPC_ENDPOINT, &[], field_of_vpc_endpoint)),
    ]
}

/// Who can call: as for `--principal`.
fn principal_name() -> Value {
    json!({
        "type": "string",
        "pattern": "^(root|(role|user)/[^*?]+|arn:[^:]+:(iam|sts)::[0-9]{12}:[^*?]+|[A-Za-z0-9.-]+\\.amazon(aws)?\\.com(\\.cn)?)$",
    })
}

fn named(pattern: &str, values: &Value) -> Value {
    json!({
        "type": "object",
        "propertyNames": {"pattern": pattern},
        "additionalProperties": values,
    })
}

fn field_of_file(field: &str) -> Property {
    match field {
        "$schema" => ("Where this schema is, for editors of JSON files.", optional(&text())),
        "title" => ("What the file is about, in a sentence.", optional(&text())),
        "source" => ("Where the expectation comes from, such as a page of AWS.", optional(&text())),
        "extends" => (
            "The environment file that this one adds to, relative to this file. An entry of `principals`, `groups`, `keys`, `vpc_endpoints` or `organization.accounts` replaces the one of the same name there as a whole; any other field that is left out is taken from there. Its cases, title and source are not.",
            optional(&text()),
        ),
        "account" => (
            "The account of short names: twelve digits in quotation marks.",
            optional(&reference("account")),
        ),
        "region" => (
            "The Region of keys that do not say theirs; default us-east-1.",
            optional(&reference("region")),
        ),
        "partition" => (
            "The partition of short names; default aws.",
            optional(&one_of_texts(Partition::ALL.map(Partition::as_str))),
        ),
        "rules" => (
            "Which rules decide: what AWS documents (the default), or the stricter practice that key policy and identity policies must both allow.",
            optional(&reference("rules")),
        ),
        "principals" => (
            "Users and roles by name: role/NAME, role/PATH/NAME, user/NAME, or an ARN of any account.",
            optional(&json!({
                "type": "object",
                "propertyNames": reference("principalName"),
                "additionalProperties": optional(&reference("principal")),
            })),
        ),
        "groups" => ("Groups of users, by name.", optional(&map(&reference("group")))),
        "keys" => ("KMS keys, by a name that the cases use.", optional(&map(&reference("key")))),
        "organization" => (
            "The organization; accounts that it does not list are outside it.",
            optional(&reference("organization")),
        ),
        "vpc_endpoints" => (
            "VPC endpoints for KMS, by their ids.",
            optional(&map(&optional(&reference("vpcEndpoint")))),
        ),
        "cases" => (
            "What is asked, and what is expected. A file without cases is an environment.",
            optional(&list(&reference("case"))),
        ),
        _ => ("", json!({})),
    }
}

fn field_of_principal(field: &str) -> Property {
    match field {
        "id" => ("Its unique id (AROA…, AIDA…), if it is known.", optional(&text())),
        "identity_policies" => {
            ("Its inline and managed policies.", optional(&list(&reference("policyOfIam"))))
        }
        "permissions_boundary" => {
            ("The most that its identity policies can allow.", optional(&reference("policyOfIam")))
        }
        "tags" => ("Its tags.", optional(&reference("pairs"))),
        "groups" => ("The groups that a user is in.", optional(&list(&text()))),
        "unknown" => (
            "What is not known, such as tags: an answer that rests on it is undetermined.",
            optional(&list(&one_of_texts(Part::OF_PRINCIPAL.map(Part::as_str)))),
        ),
        _ => ("", json!({})),
    }
}

fn field_of_group(field: &str) -> Property {
    match field {
        "identity_policies" => {
            ("The policies of the group.", optional(&list(&reference("policyOfIam"))))
        }
        _ => ("", json!({})),
    }
}

fn field_of_key(field: &str) -> Property {
    match field {
        "id" => ("The key id; left out: the name of the key in this file.", optional(&text())),
        "arn" => (
            "The ARN, for a key of another account or Region.",
            optional(
                &json!({"type": "string", "pattern": "^arn:[^:]+:kms:[a-z0-9-]+:[0-9]{12}:key/"}),
            ),
        ),
        "policy" => (
            "The key policy; left out: the default key policy, as CreateKey gives.",
            optional(&reference("policyOfResource")),
        ),
        "aliases" => (
            "Names of the key, such as alias/app.",
            optional(&list(&json!({"type": "string", "pattern": "^alias/[A-Za-z0-9:/_-]+$"}))),
        ),
        "spec" => {
            ("The type of key; default SYMMETRIC_DEFAULT.", optional(&one_of_texts(KeySpec::NAMES)))
        }
        "usage" => {
            ("What the key is for; default ENCRYPT_DECRYPT.", optional(&one_of_texts(Usage::NAMES)))
        }
        "origin" => (
            "Where its material comes from; default AWS_KMS.",
            optional(&one_of_texts(Origin::NAMES)),
        ),
        "manager" => (
            "Who manages the key: AWS (then `aliases` says for which service), or CUSTOMER, the default.",
            optional(&one_of_texts(fields::KEY_MANAGERS.iter().copied())),
        ),
        "state" => (
            "The state of the key, which is told beside a decision; default Enabled.",
            optional(&one_of_texts(fields::KEY_STATES.iter().copied())),
        ),
        "multi_region" => (
            "What a multi-Region key is among its relatives.",
            optional(&one_of_texts(fields::MULTI_REGION.iter().copied())),
        ),
        "tags" => ("The tags of the key.", optional(&reference("pairs"))),
        "grants" => (
            "The grants on the key: a list, or what `aws kms list-grants` prints.",
            optional(&reference("grants")),
        ),
        "unknown" => (
            "What is not known besides what is listed: an answer that rests on it is undetermined.",
            optional(&list(&one_of_texts(Part::OF_KEY.map(Part::as_str)))),
        ),
        _ => ("", json!({})),
    }
}

fn grants() -> Value {
    let one = json!({"anyOf": [reference("grant"), reference("printedGrant")]});
    let printed = object(fields::PRINTED_GRANTS, &["Grants"], |field| match field {
        "Grants" => (
            "The grants.",
            list(&json!({"anyOf": [reference("grant"), reference("printedGrant")]})),
        ),
        "Truncated" => ("Whether there are more.", json!({})),
        _ => ("Where a further list goes on.", json!({})),
    });
    json!({"anyOf": [list(&one), one, printed]})
}

fn grant_operation() -> Value {
    let names = Action::all().iter().filter(|action| action.grantable).map(Action::short_name);
    json!({"anyOf": [one_of_texts(names), {"type": "string", "pattern": "^([Kk][Mm][Ss]:)?[A-Za-z]+$"}]})
}

fn field_of_grant(field: &str) -> Property {
    match field {
        "grantee" => ("Who gets the permissions: a principal, or a service principal.", text()),
        "operations" => {
            ("The operations that the grant allows.", one_or_many(&reference("grantOperation")))
        }
        "retiring_principal" => ("Who may retire the grant besides.", optional(&text())),
        "constraints" => (
            "Under which encryption context, or for which resource, the grant holds.",
            optional(&reference("constraints")),
        ),
        "name" => ("The name of the grant.", optional(&text())),
        "id" => ("The id of the grant.", optional(&text())),
        "issuing_account" => {
            ("The account that made the grant; default the key's.", optional(&text()))
        }
        "fresh" => (
            "Whether it was created moments ago, and so is usable only with its token.",
            optional(&json!({"type": "boolean"})),
        ),
        "token" => ("The grant token, as a name for `grant_tokens`.", optional(&text())),
        _ => ("", json!({})),
    }
}

fn field_of_constraints(field: &str) -> Property {
    match field {
        "encryption_context_equals" => {
            ("The encryption context, exactly.", optional(&reference("pairs")))
        }
        "encryption_context_subset" => {
            ("Pairs that the encryption context has at least.", optional(&reference("pairs")))
        }
        "source_arn" => ("The resource that a service must act for.", optional(&text())),
        _ => ("", json!({})),
    }
}

fn field_of_printed_grant(field: &str) -> Property {
    match field {
        "Operations" => {
            ("The operations that the grant allows.", one_or_many(&reference("grantOperation")))
        }
        "Constraints" => (
            "Under which encryption context, or for which resource, the grant holds.",
            optional(&object(&fields::PRINTED_CONSTRAINTS, &[], |_| {
                ("As `aws kms list-grants` prints it.", json!({}))
            })),
        ),
        _ => ("As `aws kms list-grants` prints it.", json!({})),
    }
}

fn field_of_organization(field: &str) -> Property {
    match field {
        "id" => ("The id of the organization (o-…).", optional(&text())),
        "management_account" => (
            "The management account, which no control policy limits.",
            optional(&reference("account")),
        ),
        "accounts" => (
            "The accounts of the organization, by their twelve digits.",
            optional(&named("^[0-9]{12}$", &optional(&reference("member")))),
        ),
        _ => ("", json!({})),
    }
}

fn field_of_member(field: &str) -> Property {
    let levels = |policies: &str| optional(&list(&list(&reference(policies))));
    match field {
        "ou_path" => (
            "The ids from the root to its unit, for aws:PrincipalOrgPaths.",
            optional(&list(&text())),
        ),
        "service_control_policies" => (
            "A list for each level, from the root down; each level must allow. Left out: none.",
            levels("policyOfIam"),
        ),
        "resource_control_policies" => {
            ("A list for each level; only their Deny decides.", levels("policyOfResource"))
        }
        _ => ("", json!({})),
    }
}

fn field_of_vpc_endpoint(field: &str) -> Property {
    match field {
        "vpc" => ("The id of its VPC.", optional(&text())),
        "policy" => {
            ("Its policy; left out: full access.", optional(&reference("policyOfResource")))
        }
        _ => ("", json!({})),
    }
}
