use serde::Serialize;
use serde_json::{Value, json};

use super::incident::{Call, Denial, Named};
use crate::environment::{Party, Reach};
use crate::evaluate::Side;
use crate::request::PrincipalName;

/// What would let the call pass on the side that is named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Where, and what, in a sentence.
    pub what: String,
    /// The statement to add, if that is what to do.
    pub statement: Option<Value>,
}

/// The change on the named side; the whole decision may need more.
pub(super) fn of(named: &Named, call: &Call) -> Option<Change> {
    let action = call.action_name()?;
    let without = |what: String| Some(Change { what, statement: None });
    match named {
        Named::Nothing => None,
        Named::KeyOrItsPolicy => {
            in_key_policy(call, &action, "If the key is there, add to its policy, in its account")
        }
        Named::Side { denial: Denial::Explicit | Denial::Unsaid, side, .. } => without(format!(
            "Find the statement of the {} that denies, and narrow it: no Allow outweighs it.",
            spoken(*side)
        )),
        Named::Side { denial: Denial::Implicit, side, .. } => match side {
            Side::KeyPolicy | Side::Grant => in_key_policy(call, &action, "Add to the key policy"),
            Side::IdentityPolicy => Some(Change {
                what: format!("Add to an identity policy of {}", holder(call)),
                statement: Some(json!({"Effect": "Allow", "Action": action, "Resource": on(call)})),
            }),
            Side::PermissionsBoundary | Side::SessionPolicy => Some(Change {
                what: format!("Add to the {}", spoken(*side)),
                statement: Some(json!({"Effect": "Allow", "Action": action, "Resource": on(call)})),
            }),
            Side::ServiceControlPolicy | Side::ResourceControlPolicy => without(format!(
                "On every level from the organization's root to the account a {} must allow {action}.",
                spoken(*side)
            )),
            Side::VpcEndpointPolicy => Some(Change {
                what: "Add to the policy of the VPC endpoint".to_owned(),
                statement: Some(
                    json!({"Effect": "Allow", "Principal": "*", "Action": action, "Resource": on(call)}),
                ),
            }),
        },
    }
}

fn in_key_policy(call: &Call, action: &str, what: &str) -> Option<Change> {
    let principal = match call.holder()? {
        PrincipalName::Service(name) => json!({"Service": name}),
        other => json!({"AWS": other.to_string()}),
    };
    let statement =
        json!({"Effect": "Allow", "Principal": principal, "Action": action, "Resource": "*"});
    Some(Change { what: what.to_owned(), statement: Some(statement) })
}

/// What an IAM policy names.
fn on(call: &Call) -> String {
    if call.reach() == Some(Reach::NoKey) {
        return "*".to_owned();
    }
    call.key_arn().map_or_else(|| "arn:aws:kms:REGION:ACCOUNT:key/KEY-ID".to_owned(), str::to_owned)
}

/// The caller by a name short enough for a sentence.
pub(super) fn holder(call: &Call) -> String {
    match (call.party(), call.holder()) {
        (Some(Party::Root), _) => "the root user".to_owned(),
        (_, Some(name)) => {
            let name = name.to_string();
            name.rsplit(':').next().unwrap_or(&name).to_owned()
        }
        (_, None) => match &call.caller {
            Some(caller) => caller.rsplit(':').next().unwrap_or(caller).to_owned(),
            None => "the caller".to_owned(),
        },
    }
}

pub(super) fn spoken(side: Side) -> String {
    side.as_str().replace('-', " ").replace("vpc", "VPC")
}
