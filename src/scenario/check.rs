//! What the cases of a file must agree on, with each other and with its policies.

use std::collections::{BTreeSet, HashMap};

use super::Scenario;
use super::coverage::listed::policies;
use crate::document::{At, InputError, Object};
use crate::environment::Attached;
use crate::policy::Policy;
use crate::text::{Quoted, did_you_mean};

/// Each name stands for one case.
pub(super) fn names(cases: &[At<'_>]) -> Result<(), InputError> {
    let mut seen: HashMap<&str, At<'_>> = HashMap::new();
    let named = cases.iter().filter_map(|case| case.as_object()?.optional("name"));
    for at in named {
        let Some(name) = at.as_str() else { continue };
        if let Some(first) = seen.insert(name, at) {
            let place = first.place();
            return Err(at.error(format!(
                "expected each name once, found {} again (first at line {}, column {})",
                Quoted(name),
                place.line(),
                place.column()
            )));
        }
    }
    Ok(())
}

/// A statement or grant that must decide is in the file, unless a policy is not known.
pub(super) fn sids(cases: &[At<'_>], scenario: &Scenario) -> Result<(), InputError> {
    let expected = cases.iter().filter_map(|case| {
        let expect = case.as_object()?.get("expect")?;
        expect.as_object().and_then(|map: Object<'_>| map.optional("statement"))
    });
    let expected: Vec<At<'_>> = expected.collect();
    if expected.is_empty() {
        return Ok(());
    }
    let policies = policies(scenario);
    if policies.iter().any(|(_, policy)| policy.known().is_none()) {
        return Ok(());
    }
    let statements = policies.iter().filter_map(|(_, policy)| Attached::known(policy));
    let statements = statements.flat_map(Policy::statements);
    let grants = scenario.environment.keys().iter().flat_map(|key| key.grants.iter());
    let sids = statements.filter_map(|it| it.sid());
    let sids: BTreeSet<&str> = sids.chain(grants.filter_map(|grant| grant.label())).collect();
    for at in expected {
        let Some(sid) = at.as_str().filter(|sid| !sids.contains(sid)) else { continue };
        let what = "the Sid of a statement that a policy of the file has";
        return Err(at.expected(what).with_help(did_you_mean(sid, sids.iter().copied())));
    }
    Ok(())
}
