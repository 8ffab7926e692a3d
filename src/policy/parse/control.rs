use crate::document::{At, InputError, Object};

/// What Organizations asks of a resource control policy, beyond the grammar: that it denies,
/// everybody, by `Action`. Only AWS's own `RCPFullAWSAccess` allows.
///
/// Source: [RCP syntax](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps_syntax.html)
pub(super) fn check(policy: Object<'_>) -> Result<(), InputError> {
    match policy.get("Version").map(|at| (at, at.as_str())) {
        Some((_, Some("2012-10-17"))) => {}
        Some((at, _)) => return Err(at.expected("`\"2012-10-17\"`, as in every such policy")),
        None => {
            return Err(policy.at().error("expected `Version` `2012-10-17`, found none"));
        }
    }
    let statements = policy.get("Statement").map(At::one_or_many).unwrap_or_default();
    statements.into_iter().filter_map(At::as_object).try_for_each(statement)
}

fn statement(statement: Object<'_>) -> Result<(), InputError> {
    for name in ["NotPrincipal", "NotAction"] {
        if statement.get(name).is_some() {
            let message = format!("expected no `{name}` in a resource control policy, found one");
            return Err(statement.error_at_name(name, message));
        }
    }
    if let Some(at) = statement.get("Principal").filter(|at| !is_everyone(*at)) {
        return Err(at
            .expected("`\"*\"`, the only principal of a resource control policy")
            .with_help(Some("to name some, add a condition such as ArnNotLike aws:PrincipalArn")));
    }
    match statement.get("Effect") {
        Some(at) if at.as_str() == Some("Allow") && !is_full_access(statement) => {
            Err(at.expected("`Deny`: resource control policies only deny").with_help(Some(
                "the policy RCPFullAWSAccess is attached everywhere and allows what is not denied",
            )))
        }
        _ => Ok(()),
    }
}

fn is_everyone(at: At<'_>) -> bool {
    let only = |at: At<'_>| at.one_or_many().iter().all(|at| at.as_str() == Some("*"));
    only(at) || at.as_object().is_some_and(|it| it.len() == 1 && it.get("AWS").is_some_and(only))
}

fn is_full_access(statement: Object<'_>) -> bool {
    let is_any = |name| {
        let listed = statement.get(name).map(At::one_or_many).unwrap_or_default();
        !listed.is_empty() && listed.iter().all(|at| at.as_str() == Some("*"))
    };
    is_any("Action") && is_any("Resource") && statement.get("Condition").is_none()
}
