use serde::Serialize;

use super::change::{self, Change, holder, spoken};
use super::compare::Comparison;
use super::fetch::{self, Fetch};
use super::incident::{Call, Denial, Incident, Named, Resource, Said, Via};
use super::proof::Proof;
use crate::environment::{Party, Reach};
use crate::evaluate::Side;
use crate::text::Printable;

/// What a message or event means: what happened, why, what else could deny, what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnosis {
    /// `denied`, `failed` (not about permissions) or `succeeded`.
    pub said: &'static str,
    /// How many such events there were.
    pub times: usize,
    /// What happened, in one sentence.
    pub summary: String,
    /// Why, in one sentence.
    pub cause: String,
    /// The side that AWS names; none if it names none.
    pub named: Option<NamedSide>,
    /// KMS's error, if it is not about permissions.
    pub error: Option<String>,
    /// The call.
    pub call: DiagnosedCall,
    /// What the message alone says of the other sides.
    pub proof: Proof,
    /// What to change on the named side.
    pub change: Option<Change>,
    /// What to fetch for a simulation, or for the facts that it lacks.
    pub fetch: Vec<Fetch>,
    /// What may limit the caller next, and what a condition may read of the key.
    pub also: Vec<Fetch>,
    /// What a simulation says to it, if there was one.
    pub simulation: Option<Comparison>,
    /// Why there was none, if one was asked for.
    pub not_simulated: Option<String>,
    /// What was inferred, or is missing, in sentences.
    pub notes: Vec<String>,
    /// The message of an event.
    pub message: Option<String>,
}

/// The side that a message names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct NamedSide {
    /// The side.
    pub side: &'static str,
    /// `explicitDeny`, `implicitDeny`, or `denied` where the message does not say.
    pub decision: &'static str,
    /// The ARN of the policy, where AWS tells it.
    pub policy: Option<String>,
}

/// The call that a message or event is about, as far as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct DiagnosedCall {
    /// The caller, as AWS prints it.
    pub principal: Option<String>,
    /// The role or user whose policies count.
    pub holder: Option<String>,
    /// The permission, or the operation.
    pub action: Option<String>,
    /// The resource; none where it is not told.
    pub resource: Option<String>,
    /// The second key of an operation on two.
    pub destination_key: Option<String>,
    /// The alias that the call names its key by.
    pub alias: Option<String>,
    /// The service in between; `?` for one that is not told.
    pub via: Option<String>,
    /// The encryption context.
    pub encryption_context: Option<serde_json::Map<String, serde_json::Value>>,
    /// The VPC endpoint.
    pub vpc_endpoint: Option<String>,
    /// When.
    pub at: Option<String>,
}

impl DiagnosedCall {
    fn of(call: &Call) -> Self {
        let context = call.encryption_context.as_ref();
        Self {
            principal: call.caller.clone(),
            holder: call.holder().map(|name| name.to_string()),
            action: call.action_name(),
            resource: match &call.resource {
                Resource::Arn(text) | Resource::Illegible(text) => Some(text.clone()),
                Resource::Everything => Some("*".to_owned()),
                Resource::Undisclosed | Resource::OfCiphertext | Resource::Unsaid => None,
            },
            destination_key: call.destination_key.clone(),
            alias: call.alias.clone(),
            via: match &call.via {
                Via::Direct => None,
                Via::Service(service) => Some(service.clone()),
                Via::Hidden => Some("?".to_owned()),
            },
            encryption_context: context.map(|pairs| {
                pairs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect()
            }),
            vpc_endpoint: call.vpc_endpoint.clone(),
            at: call.at.clone(),
        }
    }
}

impl Incident {
    /// What the message or event means by itself.
    #[must_use]
    pub fn diagnosis(&self) -> Diagnosis {
        let call = &self.call.named_half();
        match &self.said {
            Said::Denied(named) => self.denial(named, call),
            Said::Failed(failure) => Diagnosis {
                said: if failure.is_success() { "succeeded" } else { "failed" },
                cause: if failure.is_success() {
                    format!("{}.", capitalized(failure.means))
                } else {
                    format!("This is not about permissions: {}.", failure.means)
                },
                error: Some(failure.code.clone()),
                change: Some(Change { what: failure.remedy.to_owned(), statement: None }),
                fetch: if failure.is_success() { Vec::new() } else { fetch::describe_key(call) },
                ..self.blank()
            },
            Said::Succeeded => {
                Diagnosis { cause: "There is no denial to explain.".to_owned(), ..self.blank() }
            }
        }
    }

    fn denial(&self, named: &Named, call: &Call) -> Diagnosis {
        let change = change::of(named, call);
        let notes = self.notes.iter().cloned().chain(notes(named, call));
        Diagnosis {
            said: "denied",
            cause: cause(named, call),
            named: NamedSide::of(named),
            proof: Proof::of(named, call),
            fetch: fetch::all(call, named),
            also: fetch::further(call, named),
            notes: notes.collect(),
            change,
            ..self.blank()
        }
    }

    fn blank(&self) -> Diagnosis {
        Diagnosis {
            said: "succeeded",
            times: 1,
            summary: self.summary(),
            cause: String::new(),
            named: None,
            error: None,
            call: DiagnosedCall::of(&self.call.named_half()),
            proof: Proof::default(),
            change: None,
            fetch: Vec::new(),
            also: Vec::new(),
            simulation: None,
            not_simulated: None,
            notes: self.notes.clone(),
            message: self.message.clone(),
        }
    }

    /// `role/Web called kms:Decrypt on key/1234… through ssm, and AWS denied it.`
    fn summary(&self) -> String {
        let call = &self.call.named_half();
        let action = call.action_name().unwrap_or_else(|| "KMS".to_owned());
        let on = match &call.resource {
            Resource::Arn(arn) => format!(" on {}", arn.rsplit(':').next().unwrap_or(arn)),
            Resource::Everything => String::new(),
            Resource::Unsaid => " on a key that is not told".to_owned(),
            other => format!(" on {other}"),
        };
        let via = match &call.via {
            Via::Direct => String::new(),
            Via::Service(service) => format!(" through {service}"),
            Via::Hidden => " through a service that is not told".to_owned(),
        };
        let outcome = match &self.said {
            Said::Denied(_) => "AWS denied it",
            Said::Failed(failure) if failure.is_success() => "AWS would have allowed it",
            Said::Failed(_) => "it failed",
            Said::Succeeded => "AWS allowed it",
        };
        let caller = match &call.caller {
            Some(_) => capitalized(&holder(call)),
            None => "Somebody".to_owned(),
        };
        format!("{} called {action}{}{via}, and {outcome}.", Printable(&caller), Printable(&on))
    }
}

impl NamedSide {
    fn of(named: &Named) -> Option<Self> {
        match named {
            Named::Side { side, denial, policy } => Some(Self {
                side: side.as_str(),
                decision: denial.as_str(),
                policy: policy.clone(),
            }),
            Named::KeyOrItsPolicy => {
                Some(Self { side: Side::KeyPolicy.as_str(), decision: "denied", policy: None })
            }
            Named::Nothing => None,
        }
    }
}

/// Why, in a sentence, as far as the message says.
fn cause(named: &Named, call: &Call) -> String {
    let action = call.action_name().unwrap_or_else(|| "the action".to_owned());
    let caller = holder(call);
    let caller = Printable(&caller);
    match named {
        Named::Side { side, denial: Denial::Explicit, .. } => {
            let article = match side {
                Side::KeyPolicy => "the",
                Side::IdentityPolicy => "an",
                _ => "a",
            };
            format!(
                "A statement of {article} {} denies {action}, and no Allow outweighs it.",
                spoken(*side)
            )
        }
        Named::Side { side, denial: Denial::Unsaid, .. } => {
            format!("The {} denies {action}, or does not allow it.", spoken(*side))
        }
        Named::Side { side, denial: Denial::Implicit, .. } => {
            implicit(*side, call, &action, &caller.to_string())
        }
        Named::KeyOrItsPolicy => format!(
            "One of three: there is no such key in that Region, nothing of its policy and grants allows {action} to {caller}, or its policy denies."
        ),
        Named::Nothing => {
            "The message names no side, so that any of them may have denied.".to_owned()
        }
    }
}

fn implicit(side: Side, call: &Call, action: &str, caller: &str) -> String {
    let is_source = matches!(side, Side::KeyPolicy | Side::IdentityPolicy);
    if is_source && call.reach() == Some(Reach::ForeignNotOffered) {
        return format!(
            "The key is in another account, where {action} does not work, whatever the policies say."
        );
    }
    match side {
        Side::KeyPolicy | Side::Grant => silent_key_policy(call, action, caller),
        Side::IdentityPolicy => silent_identity_policies(call, action, caller),
        Side::PermissionsBoundary => {
            format!("The permissions boundary of {caller} does not allow {action}.")
        }
        Side::SessionPolicy => {
            format!("The session was opened with a policy, and that does not allow {action}.")
        }
        Side::ServiceControlPolicy => format!(
            "On some level above the account of {caller} no service control policy allows {action}."
        ),
        Side::ResourceControlPolicy => format!(
            "On some level above the key's account no resource control policy allows {action}."
        ),
        Side::VpcEndpointPolicy => {
            format!("The call went through a VPC endpoint whose policy does not allow {action}.")
        }
    }
}

fn is_foreign(call: &Call) -> bool {
    matches!(call.reach(), Some(Reach::Foreign | Reach::ForeignNotOffered))
}

fn silent_key_policy(call: &Call, action: &str, caller: &str) -> String {
    match call.party() {
        Some(Party::Service) => format!(
            "The key policy does not allow {action} to the service, or a condition of it fails; a statement for the account does not cover services."
        ),
        Some(Party::Root) => format!(
            "The key policy does not allow {action} to the account, or a condition of it fails; a root user has no access of its own."
        ),
        _ if is_foreign(call) => format!(
            "The key is in another account, and its policy does not admit {caller}, or a condition of it fails."
        ),
        Some(Party::Session | Party::User) | None => format!(
            "The key policy neither names {caller} nor leaves {action} to IAM, or a condition of it fails."
        ),
    }
}

fn silent_identity_policies(call: &Call, action: &str, caller: &str) -> String {
    if call.reach() == Some(Reach::NoKey) {
        return format!(
            "No identity policy of {caller} allows {action} on `*`; the operation has no key."
        );
    }
    if call.is_alias_half() {
        return format!(
            "No identity policy of {caller} allows {action} on the alias's ARN; IAM policies alone decide on that."
        );
    }
    if is_foreign(call) {
        return format!(
            "Across accounts an identity policy of {caller} must allow {action} on the key's ARN, and none does."
        );
    }
    format!("No identity policy of {caller} allows {action} on the key's ARN (not alias).")
}

/// What is to be known of a message of this form.
fn notes(named: &Named, call: &Call) -> Vec<String> {
    let mut notes = Vec::new();
    let is_implicit = matches!(named, Named::Side { denial: Denial::Implicit, .. });
    if matches!(
        named,
        Named::Side { side: Side::ServiceControlPolicy, denial: Denial::Explicit, .. }
    ) {
        notes.push("an older page of AWS says that an SCP that only lacks an Allow may be told as an explicit deny".to_owned());
    }
    if is_implicit && matches!(call.resource, Resource::Undisclosed | Resource::OfCiphertext) {
        notes.push("KMS does not tell the key: it does so to callers of other accounts, though no page says so".to_owned());
    }
    if call.is_about_alias() {
        notes.push(if call.is_alias_half() {
            "the operation also needs the permission on the key, which is decided apart".to_owned()
        } else {
            "the operation also needs the permission on the alias, in an IAM policy".to_owned()
        });
    }
    if matches!(named, Named::Side { side: Side::KeyPolicy, denial: Denial::Implicit, .. }) {
        notes.push(
            "this wording was seen, too, where an IAM policy was what lacked: look at both"
                .to_owned(),
        );
    }
    if fetch::is_across(call) {
        notes.push(
            "the key is in another account: what belongs to it needs credentials of that account"
                .to_owned(),
        );
    }
    let role = call.role.as_deref().or(call.caller.as_deref()).unwrap_or_default();
    if role.contains("AWSReservedSSO_") {
        notes.push("the role belongs to a permission set of IAM Identity Center: change that, not the role".to_owned());
    }
    notes
}

/// A sentence begins with a capital; the name of a role does not.
fn capitalized(text: &str) -> String {
    if text.contains(['/', '.']) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().to_string() + chars.as_str())
}
