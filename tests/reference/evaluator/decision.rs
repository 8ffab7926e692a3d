//! From what each side says to the decision.

use std::collections::BTreeSet;

use super::caller::Kind;
use super::catalogue;
use super::ceiling;
use super::grant;
use super::key_policy;
use super::statement::{self, Marks, Naming};
use super::{Answer, Request, Target};

/// What every side says of one request.
struct Said<'a> {
    request: &'a Request<'a>,
    key_policy: Marks,
    identity: Marks,
    boundary: Option<Marks>,
    session: Option<Marks>,
}

/// Which side allows, or those without which nothing is complete.
type Source = Result<&'static str, Vec<&'static str>>;

/// The side of a root user, who needs no permission where no key policy guards.
const NOTHING: &str = "";

/// Decides one permission.
pub(crate) fn judge(request: &Request<'_>) -> Answer {
    let said = Said::by_each(request);
    let levels = ceiling::service_control(request);
    let endpoint = ceiling::endpoint(request);
    let denies = |marks: &Option<Marks>| marks.as_ref().is_some_and(|marks| marks.deny);
    let silent = |marks: &Option<Marks>| marks.as_ref().is_some_and(|marks| !marks.allow);
    let verdicts = [
        ("resource-control-policy", ceiling::resource_control_denies(request)),
        ("service-control-policy", levels.iter().any(|level| level.deny)),
        ("vpc-endpoint-policy", denies(&endpoint)),
        ("key-policy", said.key_policy.deny),
        ("identity-policy", said.identity.deny),
        ("permissions-boundary", denies(&said.boundary)),
        ("session-policy", denies(&said.session)),
    ];
    if verdicts.iter().any(|(_, denies)| *denies) {
        let sides = verdicts.iter().filter(|(_, denies)| *denies).map(|(side, _)| *side);
        return answer("explicitDeny", sides.collect(), None);
    }
    let mut missing = Vec::new();
    if levels.iter().any(|level| !level.allow) {
        missing.push("service-control-policy");
    }
    if silent(&endpoint) {
        missing.push("vpc-endpoint-policy");
    }
    match said.source() {
        Ok(side) if missing.is_empty() => answer("allowed", Vec::new(), Some(side)),
        Ok(_) => answer("implicitDeny", missing, None),
        Err(sides) => {
            missing.extend(sides);
            answer("implicitDeny", missing, None)
        }
    }
}

fn answer(decision: &str, denied_by: Vec<&str>, allowed_by: Option<&str>) -> Answer {
    let allowed_by = allowed_by.filter(|side| *side != NOTHING).map(str::to_owned);
    let denied_by: BTreeSet<String> = denied_by.into_iter().map(str::to_owned).collect();
    Answer { decision: decision.to_owned(), denied_by, allowed_by }
}

impl<'a> Said<'a> {
    fn by_each(request: &'a Request<'a>) -> Self {
        let identity = &request.caller.identity_policies;
        Self {
            request,
            key_policy: key_policy::read(request),
            identity: statement::read_all(identity, "identity-policy", request),
            boundary: ceiling::boundary(request),
            session: ceiling::session(request),
        }
    }

    /// Where the permission comes from.
    fn source(&self) -> Source {
        let caller = self.request.caller;
        let permission = &self.request.permission;
        let same_account = caller.account == permission.account;
        let operation = catalogue::operation(&permission.action);
        if matches!(permission.target, Target::Nothing | Target::NewKey) {
            return self.identity_alone();
        }
        if caller.kind != Kind::Service && !same_account && !operation.across_accounts {
            return Err(vec!["key-policy"]);
        }
        if permission.target == Target::Alias {
            return self.identity_alone();
        }
        if permission.action == "kms:RetireGrant" {
            return self.retirement(same_account);
        }
        let by_policy = match caller.kind {
            Kind::Service => self.for_service(),
            Kind::Root => self.for_root(same_account),
            _ if self.request.world.dual() => self.both_sides(same_account),
            _ if same_account => self.in_account(),
            _ => self.across_accounts(),
        };
        by_policy.or_else(|missing| self.by_grant(missing))
    }

    /// Boundary and session policy, where they allow nothing.
    fn limits(&self) -> Vec<&'static str> {
        let silent = |marks: &Option<Marks>| marks.as_ref().is_some_and(|marks| !marks.allow);
        let mut sides = Vec::new();
        if silent(&self.boundary) {
            sides.push("permissions-boundary");
        }
        if silent(&self.session) {
            sides.push("session-policy");
        }
        sides
    }

    /// Whether the identity policies allow; a root user needs none.
    fn identity_allows(&self) -> bool {
        self.request.caller.kind == Kind::Root || self.identity.allow
    }

    /// The identity policies where they are silent, and what limits them.
    fn identity_missing(&self) -> Vec<&'static str> {
        let mut sides = Vec::new();
        if !self.identity_allows() {
            sides.push("identity-policy");
        }
        sides.extend(self.limits());
        sides
    }

    fn identity_alone(&self) -> Source {
        match self.request.caller.kind {
            Kind::Root => Ok(NOTHING),
            _ => complete("identity-policy", self.identity_missing()),
        }
    }

    fn named(&self, naming: Naming) -> bool {
        self.key_policy.namings.contains(&naming)
    }

    fn for_service(&self) -> Source {
        let missing = if self.key_policy.allow { Vec::new() } else { vec!["key-policy"] };
        complete("key-policy", missing)
    }

    fn for_root(&self, same_account: bool) -> Source {
        let source = self.for_service().or_else(|missing| self.by_grant(missing));
        let exempt = self.request.world.dual() && same_account;
        if exempt && source.is_err() { Ok(NOTHING) } else { source }
    }

    fn in_account(&self) -> Source {
        if self.named(Naming::Everyone) || self.named(Naming::Exactly) {
            return Ok("key-policy");
        }
        if self.named(Naming::Behind) {
            return complete("key-policy", self.limits());
        }
        if self.named(Naming::Account) {
            return complete("identity-policy", self.identity_missing());
        }
        Err(vec!["key-policy"])
    }

    fn across_accounts(&self) -> Source {
        let mut missing = self.identity_missing();
        if !self.key_policy.allow {
            missing.push("key-policy");
        }
        complete("identity-policy", missing)
    }

    /// The article's rules: both sides, and everything that limits.
    fn both_sides(&self, same_account: bool) -> Source {
        let mut missing = self.identity_missing();
        if !self.key_policy.allow {
            missing.push("key-policy");
        }
        let closely = self.key_policy.namings.iter().any(|naming| *naming != Naming::Account);
        let side = if closely && same_account { "key-policy" } else { "identity-policy" };
        complete(side, missing)
    }

    /// Whether a grant gives what the policies do not.
    fn by_grant(&self, otherwise: Vec<&'static str>) -> Source {
        let namings = grant::namings(self.request);
        let only_limited =
            otherwise.iter().all(|side| !["key-policy", "identity-policy"].contains(side));
        match self.through(&namings) {
            None => Err(otherwise),
            Some(Err(_)) if only_limited => Err(otherwise),
            Some(source) => source,
        }
    }

    /// What comes of being named by grants, if the caller is.
    ///
    /// A grant counts as a statement of the key policy would that names its grantee: from
    /// another account, boundary and session policy limit every naming.
    fn through(&self, namings: &[Naming]) -> Option<Source> {
        let closest = namings.iter().min()?;
        let same_account = self.request.caller.account == self.request.permission.account;
        Some(match closest {
            Naming::Everyone | Naming::Exactly if same_account => Ok("grant"),
            Naming::Everyone | Naming::Exactly | Naming::Behind => complete("grant", self.limits()),
            Naming::Account if self.request.caller.kind == Kind::Root => Ok("grant"),
            Naming::Account => complete("grant", self.identity_missing()),
        })
    }

    fn retirement(&self, same_account: bool) -> Source {
        let caller = self.request.caller;
        let permission = &self.request.permission;
        let all = grant::listed(self.request);
        let meant: Vec<_> = all.iter().filter(|grant| grant.is_meant(self.request)).collect();
        let direct: Vec<Naming> =
            meant.iter().filter_map(|grant| grant.retired_by(self.request)).collect();
        let left_to_iam = caller.kind != Kind::Service
            && (!direct.is_empty()
                || all.is_empty() && same_account
                || meant.iter().any(|grant| grant.leaves_to(&caller.account, &permission.account)));
        let by_iam = left_to_iam && same_account && self.identity_missing().is_empty();
        match caller.kind {
            Kind::Root if by_iam && all.is_empty() => return Ok(NOTHING),
            Kind::Root => {}
            _ if by_iam => return Ok("identity-policy"),
            _ => {}
        }
        let mut nearest = direct.clone();
        nearest.retain(|naming| *naming != Naming::Account);
        for naming in &nearest {
            self.request.world.seen.note(format!("retires {naming:?}"));
        }
        if let Some(source) = self.through(&nearest) {
            return source;
        }
        if left_to_iam {
            self.request.world.seen.note("retires by account");
            return complete("grant", self.identity_missing());
        }
        let mut missing = vec!["key-policy"];
        if caller.kind != Kind::Service && !same_account {
            missing.extend(self.identity_missing());
        }
        Err(missing)
    }
}

/// The side, unless something is missing.
fn complete(side: &'static str, missing: Vec<&'static str>) -> Source {
    if missing.is_empty() { Ok(side) } else { Err(missing) }
}
