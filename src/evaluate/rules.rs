//! The stricter practice: `dual-permission`.

use super::sides::{Sides, Sources};
use super::verdict::{Side, SideSet};
use crate::environment::{Party, Reach, Standing};
use crate::request::Rules;
use crate::truth::Truth;

impl Sides {
    /// Whether the request is allowed by these rules, explicit denies aside.
    #[must_use]
    pub fn allowed_by_rules(&self, standing: Standing, rules: Rules) -> Truth {
        match (rules, self.demands(standing)) {
            (Rules::Aws, _) | (Rules::DualPermission, Demand::AsAws) => self.allowed(standing),
            (Rules::DualPermission, Demand::Nothing) => self.under_ceilings(),
            (Rules::DualPermission, Demand::Both) => {
                let both = self.admitted() & self.by_identity();
                let by_both = self.under_ceilings() & self.under_limits() & both;
                by_both | self.with_silent_key_policy().allowed(standing)
            }
        }
    }

    /// The sides responsible for a request that these rules deny implicitly.
    #[must_use]
    pub fn implicitly_denied_by_rules(&self, standing: Standing, rules: Rules) -> SideSet {
        match (rules, self.demands(standing)) {
            (Rules::Aws, _) | (Rules::DualPermission, Demand::AsAws) => {
                self.implicitly_denied_by(standing)
            }
            (Rules::DualPermission, Demand::Nothing) => self.silent(Side::CEILINGS),
            (Rules::DualPermission, Demand::Both) if self.is_granted(standing) != Truth::False => {
                self.with_silent_key_policy().implicitly_denied_by(standing)
            }
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
        match (rules, self.demands(standing)) {
            // Where nobody need allow it, what happens to is named.
            (Rules::Aws, _) | (Rules::DualPermission, Demand::AsAws | Demand::Nothing) => {
                self.allowed_by(standing)
            }
            (Rules::DualPermission, Demand::Both) => {
                let named = self.key_policy.map(|verdict| verdict.allow).unwrap_or_default();
                let by_name = named.session | named.caller | named.everyone;
                let both = self.admitted() & self.by_identity() & self.under_limits();
                match (both, by_name, standing.reach) {
                    (Truth::True, Truth::True, Reach::Own) => Some(Side::KeyPolicy),
                    (Truth::True, ..) => Some(Side::IdentityPolicy),
                    _ => Some(Side::Grant),
                }
            }
        }
    }

    /// Whether grants are a source that suffices, apart from what caps it.
    fn is_granted(&self, standing: Standing) -> Truth {
        let Sources { capped, uncapped } = self.with_silent_key_policy().sources(standing);
        capped | uncapped
    }

    fn demands(&self, standing: Standing) -> Demand {
        match (standing.reach, standing.party) {
            // What no key policy has a say in is not for two policies to allow.
            _ if self.key_policy.is_none() => Demand::AsAws,
            (Reach::NoKey | Reach::ForeignNotOffered, _)
            | (Reach::Own | Reach::Foreign, Party::Service)
            | (Reach::Foreign, Party::Root) => Demand::AsAws,
            (Reach::Own, Party::Root) => Demand::Nothing,
            (Reach::Own | Reach::Foreign, Party::Session | Party::User) => Demand::Both,
        }
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
