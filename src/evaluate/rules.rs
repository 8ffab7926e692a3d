//! The stricter practice: `dual-permission`.

use super::sides::Sides;
use super::verdict::{Side, SideSet};
use crate::environment::{Party, Reach, Standing};
use crate::request::Rules;
use crate::truth::Truth;

impl Sides {
    /// Whether the request is allowed by these rules, explicit denies aside.
    #[must_use]
    pub fn allowed_by_rules(&self, standing: Standing, rules: Rules) -> Truth {
        match (rules, demands(standing)) {
            (Rules::Aws, _) | (Rules::DualPermission, Demand::AsAws) => self.allowed(standing),
            (Rules::DualPermission, Demand::Nothing) => self.under_ceilings(),
            (Rules::DualPermission, Demand::Both) => {
                let granted = Self { key_policy: None, identity_policy: None, ..*self };
                let both = self.admitted() & self.by_identity();
                let by_both = self.under_ceilings() & self.under_limits() & both;
                by_both | granted.by_grant_alone(standing)
            }
        }
    }

    /// The sides responsible for a request that these rules deny implicitly.
    #[must_use]
    pub fn implicitly_denied_by_rules(&self, standing: Standing, rules: Rules) -> SideSet {
        match (rules, demands(standing)) {
            (Rules::Aws, _) | (Rules::DualPermission, Demand::AsAws) => {
                self.implicitly_denied_by(standing)
            }
            (Rules::DualPermission, Demand::Nothing) => self.silent(Side::CEILINGS),
            (Rules::DualPermission, Demand::Both) => {
                let [ceilings, limits] =
                    [Side::CEILINGS, Side::LIMITS].map(|sides| self.silent(sides));
                ceilings.iter().chain(self.missing_of_both().iter()).chain(limits.iter()).collect()
            }
        }
    }

    /// The source that suffices for a request that these rules allow.
    #[must_use]
    pub fn allowed_by_under_rules(&self, standing: Standing, rules: Rules) -> Option<Side> {
        match (rules, demands(standing)) {
            // Where nobody need allow it, what happens to is named.
            (Rules::Aws, _) | (Rules::DualPermission, Demand::AsAws | Demand::Nothing) => {
                self.allowed_by(standing)
            }
            (Rules::DualPermission, Demand::Both) => {
                let named = self.key_policy.map(|verdict| verdict.allow).unwrap_or_default();
                let by_name = named.session | named.caller | named.everyone;
                let both = self.admitted() & self.by_identity();
                match (both, by_name) {
                    (Truth::True, Truth::True) => Some(Side::KeyPolicy),
                    (Truth::True, _) => Some(Side::IdentityPolicy),
                    _ => Some(Side::Grant),
                }
            }
        }
    }

    /// Whether grants suffice when neither policy says anything.
    fn by_grant_alone(&self, standing: Standing) -> Truth {
        let silent = Self {
            key_policy: Some(super::verdict::KeyPolicyVerdict {
                deny: Truth::False,
                allow: super::verdict::Named::NONE,
            }),
            identity_policy: Some(super::verdict::Verdict::NONE),
            ..*self
        };
        silent.allowed(standing)
    }
}

/// What the stricter practice asks for.
enum Demand {
    /// What AWS asks for: there are no two sides, or KMS does not offer the operation.
    AsAws,
    /// That the key policy and the identity policies both allow.
    Both,
    /// That nothing stops it: the root user of the key's account.
    Nothing,
}

fn demands(standing: Standing) -> Demand {
    match (standing.reach, standing.party) {
        (Reach::NoKey | Reach::ForeignNotOffered, _)
        | (Reach::Own | Reach::Foreign, Party::Service)
        | (Reach::Foreign, Party::Root) => Demand::AsAws,
        (Reach::Own, Party::Root) => Demand::Nothing,
        (Reach::Own | Reach::Foreign, Party::Session | Party::User) => Demand::Both,
    }
}
