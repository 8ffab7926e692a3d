//! Everybody is allowed under conditions that anybody can meet.
//!
//! A principal of any AWS account chooses its user agent, the encryption context, the alias and the
//! service through which it calls, and gives itself tags. A condition on these limits nobody who wants
//! to get in. Nobody chooses the id of their organization, VPC or endpoint, but everybody can have one:
//! a wildcard in such a value, or that there is a value at all, limits nobody either, and no more does
//! an address within a VPC. And a service calls on behalf of whoever asks it to. The rule asks the
//! evaluator for a user, a role and a service of which nobody has heard, with everything that such
//! callers can choose left open.
//!
//! What nobody at all can meet, such as a time that is over or the ARN of a session for
//! `aws:PrincipalArn`, is no finding.
//!
//! Where an address range (`aws:SourceIp`) is the only other limit, the finding is a warning: addresses
//! are shared, and change hands. A range wider than `/8` (IPv6: `/32`) is no limit.
//!
//! # Example
//!
//! ```json
//! {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}
//! ```
//!
//! # Instead
//!
//! Add a condition on whose principal it is: `kms:CallerAccount`, `aws:PrincipalOrgID`, or
//! `aws:PrincipalArn` with an account in it.
//!
//! Source: [kms:CallerAccount](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-caller-account),
//! [Sensitive condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive),
//! [aws:VpcSourceIp](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-vpcsourceip),
//! [The meaning of "public"](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status),
//! [kms:RequestAlias](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-request-alias)

use crate::environment::{Key, Knowledge};
use crate::kms::Action;
use crate::lint::asked::Asked;
use crate::lint::open::is_over;
use crate::lint::rule::{Check, Rule};
use crate::lint::strange::{Stranger, accounts};
use crate::lint::subject::{label, listed};
use crate::lint::{Finding, Found, Seat, Severity};
use crate::policy::{Condition, Effect, Statement, StatementPrincipal};
use crate::request::{Context, ContextKey, Entry, PrincipalName};

pub(super) const RULE: Rule = Rule {
    code: "KMS302",
    name: "weakly-limited",
    severity: Severity::SecurityWarning,
    issue_code: None,
    file: include_str!("weakly_limited.rs"),
    check: Check::Policy(check),
};

/// The service that is asked about where a statement names none.
const SERVICE: &str = "s3.amazonaws.com";
/// What says which service calls.
const OF_SERVICE: [&str; 2] = ["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"];

fn check(seat: &Seat<'_>, found: &mut Found) {
    let Some(key) = seat.key() else { return };
    let of_everybody = |it: &&Statement| {
        it.effect() == Effect::Allow
            && !it.conditions().is_empty()
            && it.listed_principals().contains(&StatementPrincipal::Everyone)
            && !is_over(it)
    };
    let statements = seat.policy.statements().iter().filter(of_everybody);
    for statement in statements {
        let Some(asked) = seat.subject.with_stranger(key.account) else { return };
        // What admits everybody is the finding of another rule.
        let is_public = |action| asked.is_allowed_by(action, key, seat.policy, statement);
        if Action::all().iter().any(is_public) {
            continue;
        }
        let Some((message, severity)) = admitted(seat, key, statement) else { continue };
        let place = seat.place(statement, &["Condition"]);
        let finding = Finding::new(found.rule(), place, message).with_severity(severity).with_help(
            "add a condition on kms:CallerAccount, aws:PrincipalOrgID or aws:PrincipalArn",
        );
        found.push(finding);
    }
}

/// Whom a statement for everybody admits, whatever account they are of.
fn admitted(seat: &Seat<'_>, key: &Key, statement: &Statement) -> Option<(String, Severity)> {
    let partition = key.account.partition;
    let callers = callers(seat, key, statement);
    let told = |names: &[&str], whom: &str, limit: &str| {
        format!("{} lets {whom} call {} {limit}", label(statement), listed(names))
    };
    let everybody = "principals of every AWS account";
    let names = possible(seat, key, statement, &callers, Stranger::Caller(partition));
    if !names.is_empty() {
        let message = told(&names, everybody, "under conditions that anybody can meet");
        return Some((message, Severity::SecurityWarning));
    }
    for service in services(statement) {
        let asked = [seat.subject.with_service(&service)];
        let mut names = possible(seat, key, statement, &asked, Stranger::Service(partition));
        names.retain(|name| Action::parse(name).is_ok_and(|it| it.cryptographic));
        let weight = super::confused_deputy::weight(&service);
        if let Some((severity, _)) = weight.filter(|_| !names.is_empty()) {
            let whom = format!("services such as {service}");
            return Some((told(&names, &whom, "for resources of every account"), severity));
        }
    }
    let names = possible(seat, key, statement, &callers, Stranger::Neighbour(partition));
    let message = || told(&names, everybody, "from an address of its list");
    (!names.is_empty()).then(|| (message(), Severity::Warning))
}

/// A role and a user of each account that nobody has heard of.
fn callers(seat: &Seat<'_>, key: &Key, statement: &Statement) -> Vec<Asked> {
    let of_account = |account| {
        [
            PrincipalName::Role(account, "AnyRole".to_owned()),
            PrincipalName::User(account, "AnyUser".to_owned()),
        ]
    };
    accounts(statement.conditions(), key.account)
        .into_iter()
        .flat_map(of_account)
        .filter_map(|name| seat.subject.with_unlisted(name))
        .collect()
}

/// The services that a statement names in a condition, and else one of all.
fn services(statement: &Statement) -> Vec<String> {
    let keys = OF_SERVICE.map(ContextKey::new);
    let of_service = statement.conditions().iter().filter(|it| keys.contains(it.key()));
    let named = of_service.flat_map(Condition::values).filter(|it| {
        let is_one = |name| matches!(name, PrincipalName::Service(_));
        PrincipalName::parse(it, None).is_ok_and(is_one)
    });
    named.chain([SERVICE]).map(str::to_owned).collect()
}

/// The actions that some of the callers can bring about to be allowed.
fn possible(
    seat: &Seat<'_>,
    key: &Key,
    statement: &Statement,
    callers: &[Asked],
    stranger: Stranger,
) -> Vec<&'static str> {
    let guises = stranger.guises(seat.policy, statement);
    let admits = |action: &'static Action| {
        let aliases = aliases(key, statement, action);
        let with = |guise: &[(ContextKey, Entry)], alias: &Option<Entry>, caller: &Asked| {
            let leave = |context: &mut Context| {
                stranger.put_on(guise, action, context);
                if caller.is_user() {
                    context.set(ContextKey::new("aws:username"), Entry::Unknown);
                }
                if let Some(alias) = alias {
                    context.set(ContextKey::new("kms:RequestAlias"), alias.clone());
                }
            };
            caller.may_be_allowed_by(action, key, statement, &leave)
        };
        guises.iter().any(|guise| {
            aliases.iter().any(|alias| callers.iter().any(|caller| with(guise, alias, caller)))
        })
    };
    let covered = Action::all().iter().filter(|it| it.across_accounts);
    covered.filter(|it| admits(it)).map(|action| action.name).collect()
}

/// The aliases by which a call may name the key; nothing is said of them where that does not
/// matter. A caller of another account gives the alias by its ARN.
fn aliases(key: &Key, statement: &Statement, action: &Action) -> Vec<Option<Entry>> {
    let alias = ContextKey::new("kms:RequestAlias");
    if !action.takes_alias || !statement.reads().any(|it| *it == alias) {
        return vec![None];
    }
    let of_key = key.aliases.iter().map(|it| Some(Entry::value(it.as_str())));
    let any = (key.knowledge == Knowledge::Assumed).then_some(Some(Entry::Unknown));
    std::iter::once(None).chain(of_key).chain(any).collect()
}
