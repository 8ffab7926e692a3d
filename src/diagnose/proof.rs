use serde::Serialize;

use super::incident::{Call, Denial, Named};
use crate::environment::{Party, Reach};
use crate::evaluate::Side;

/// What a message alone says of every side.
///
/// AWS documents that an explicit deny on any side ends the evaluation, that the message then
/// names it as one, in which order the sides are looked at otherwise, and that of several that
/// deny only one is named. It does not document that this is the first in the order.
///
/// Source: [Evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html),
/// [Access denied messages](https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html)
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Proof {
    /// Whether it is proven that no `Deny` matches on any side.
    pub no_deny_matched: bool,
    /// The sides that apply to the call, in order.
    pub sides: Vec<SideProof>,
}

/// What a message says of one side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SideProof {
    /// The side.
    pub side: &'static str,
    /// `denies`, `ruled-out`, or `could-deny`: if what is named were not there.
    pub standing: &'static str,
    /// Whether AWS documents that this follows.
    pub documented: bool,
    /// Why, in a sentence.
    pub because: &'static str,
}

impl Proof {
    /// What follows from the side that is named.
    pub(super) fn of(named: &Named, call: &Call) -> Self {
        let sides = Side::ALL.into_iter().filter(|side| applies(*side, named, call));
        Self {
            no_deny_matched: matches!(named, Named::Side { denial: Denial::Implicit, .. })
                && !may_be_foreign(call)
                && !call.is_alias_half(),
            sides: sides.filter_map(|side| side_proof(side, named, call)).collect(),
        }
    }

    /// The sides of a standing.
    pub fn sides<'p>(&'p self, standing: &'p str) -> impl Iterator<Item = &'p SideProof> {
        self.sides.iter().filter(move |proof| proof.standing == standing)
    }
}

/// Whether two accounts may each have evaluated policies of their own, of which one denied.
///
/// Source: [Cross-account evaluation](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html)
fn may_be_foreign(call: &Call) -> bool {
    !matches!(call.reach(), Some(Reach::Own | Reach::NoKey))
}

/// Whether a side is one of the key's account.
fn is_of_key(side: Side) -> bool {
    matches!(side, Side::KeyPolicy | Side::Grant | Side::ResourceControlPolicy)
}

/// Whether a side has a say in the call, as far as is told. One that is named has.
pub(super) fn applies(side: Side, named: &Named, call: &Call) -> bool {
    let party = call.party();
    let has_no_key = call.reach() == Some(Reach::NoKey);
    let is_named = matches!(named, Named::Side { side: it, .. } if *it == side);
    is_named
        || match side {
            Side::ResourceControlPolicy => {
                !has_no_key && !call.is_service_linked() && !call.is_retire_grant()
            }
            Side::KeyPolicy => !has_no_key && !call.is_retire_grant(),
            Side::Grant => !has_no_key,
            Side::ServiceControlPolicy => {
                party != Some(Party::Service) && !call.is_service_linked()
            }
            Side::VpcEndpointPolicy => true,
            Side::IdentityPolicy | Side::PermissionsBoundary => {
                !matches!(party, Some(Party::Root | Party::Service))
            }
            Side::SessionPolicy => matches!(party, None | Some(Party::Session)),
        }
}

fn side_proof(side: Side, named: &Named, call: &Call) -> Option<SideProof> {
    let (standing, documented, because) = match named {
        Named::Side { side: it, .. } if *it == side => ("denies", true, "AWS names it"),
        Named::Side { side: it, denial: Denial::Implicit, .. } => implicit(side, *it, call)?,
        _ if side == Side::Grant => return None,
        Named::Side { denial: Denial::Explicit, .. } => (
            "could-deny",
            true,
            "an explicit deny decides whatever the others say, so nothing follows for them",
        ),
        Named::KeyOrItsPolicy if side == Side::KeyPolicy => (
            "denies",
            true,
            "one of three: there is no such key, its policy and grants do not allow, or its policy denies",
        ),
        Named::Side { denial: Denial::Unsaid, .. } | Named::KeyOrItsPolicy => {
            ("could-deny", true, "AWS names one side even if several deny")
        }
        Named::Nothing => ("could-deny", true, "the message names no side"),
    };
    Some(SideProof { side: side.as_str(), standing, documented, because })
}

/// What follows for a side from another that does not allow.
fn implicit(side: Side, named: Side, call: &Call) -> Option<(&'static str, bool, &'static str)> {
    let is_apart = may_be_foreign(call) && is_of_key(side) != is_of_key(named);
    let is_source = matches!(named, Side::KeyPolicy | Side::IdentityPolicy);
    Some(match side {
        Side::KeyPolicy | Side::ResourceControlPolicy if call.is_alias_half() => {
            ("could-deny", true, "the permission on the key is decided apart")
        }
        Side::Grant if call.is_alias_half() => return None,
        Side::KeyPolicy | Side::ResourceControlPolicy | Side::ServiceControlPolicy if is_apart => {
            ("could-deny", true, "across accounts both sides must allow, and one is named")
        }
        Side::ResourceControlPolicy => (
            "ruled-out",
            true,
            "no Deny matched, and RCPFullAWSAccess, which allows, is attached everywhere",
        ),
        Side::Grant if is_source => {
            ("ruled-out", true, "a grant in force for this call would have allowed it")
        }
        Side::Grant => return None,
        Side::VpcEndpointPolicy => {
            ("could-deny", true, "AWS does not document when it is looked at")
        }
        Side::KeyPolicy if named == Side::IdentityPolicy => (
            "ruled-out",
            false,
            "KMS names the key policy where that leaves nothing to IAM policies",
        ),
        Side::IdentityPolicy if named == Side::KeyPolicy => (
            "could-deny",
            true,
            "it counts if the key policy leaves the action to IAM policies, not if it names the caller",
        ),
        side if position(side) < position(named) => {
            ("ruled-out", false, "it comes before the named side in AWS's order")
        }
        _ => ("could-deny", true, "it comes after the named side in AWS's order"),
    })
}

/// The place of a side in the documented order. That of the VPC endpoint's policy is not.
fn position(side: Side) -> u8 {
    match side {
        Side::ResourceControlPolicy => 0,
        Side::ServiceControlPolicy => 1,
        Side::VpcEndpointPolicy => 2,
        Side::KeyPolicy | Side::Grant => 3,
        Side::IdentityPolicy => 4,
        Side::PermissionsBoundary => 5,
        Side::SessionPolicy => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose::incident::Resource;
    use crate::kms::Action;

    fn proof(caller: &str, side: Side, denial: Denial) -> [String; 2] {
        let key = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let call = Call {
            caller: Some(caller.to_owned()),
            action: Action::parse("Decrypt").ok(),
            resource: Resource::Arn(key.to_owned()),
            ..Call::default()
        };
        let proof = Proof::of(&Named::Side { side, denial, policy: None }, &call);
        ["ruled-out", "could-deny"].map(|standing| {
            let initials = proof.sides(standing).map(|proof| {
                proof.side.split('-').filter_map(|word| word.chars().next()).collect::<String>()
            });
            initials.collect::<Vec<_>>().join(" ")
        })
    }

    #[test]
    fn a_named_side_proves_what_comes_before_it_and_leaves_open_what_comes_after() {
        let session = "arn:aws:sts::123456789012:assumed-role/Web/i-0abc";
        let table = [
            (Side::ServiceControlPolicy, "rcp", "vep kp ip pb sp"),
            (Side::VpcEndpointPolicy, "rcp scp", "kp ip pb sp"),
            (Side::KeyPolicy, "rcp scp g", "vep ip pb sp"),
            (Side::IdentityPolicy, "rcp scp kp g", "vep pb sp"),
            (Side::PermissionsBoundary, "rcp scp kp ip", "vep sp"),
            (Side::SessionPolicy, "rcp scp kp ip pb", "vep"),
        ];
        for (side, ruled_out, next) in table {
            assert_eq!(proof(session, side, Denial::Implicit), [ruled_out, next], "{side}");
        }
        let explicit = proof(session, Side::IdentityPolicy, Denial::Explicit);
        assert_eq!(explicit, ["", "rcp scp vep kp pb sp"]);
    }

    #[test]
    fn sides_that_do_not_apply_to_a_caller_are_not_told() {
        let key = |caller| proof(caller, Side::KeyPolicy, Denial::Implicit);
        assert_eq!(key("arn:aws:iam::123456789012:user/deploy"), ["rcp scp g", "vep ip pb"]);
        assert_eq!(key("arn:aws:iam::123456789012:root"), ["rcp scp g", "vep"]);
        assert_eq!(key("logs.us-east-1.amazonaws.com"), ["rcp g", "vep"]);
        let foreign = proof(
            "arn:aws:sts::111122223333:assumed-role/Partner/s",
            Side::IdentityPolicy,
            Denial::Implicit,
        );
        assert_eq!(foreign, ["scp g", "rcp vep kp pb sp"]);
    }
}
