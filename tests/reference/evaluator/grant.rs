//! Grants, and what they give.

use serde_json::Value;

use super::Request;
use super::caller::Kind;
use super::statement::{self, Naming};
use super::text;
use super::world::Key;

type Pairs = Vec<(String, String)>;

/// A grant as it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    id: Option<String>,
    token: Option<String>,
    fresh: bool,
    grantee: String,
    retiring: Option<String>,
    operations: Vec<String>,
    equals: Option<Pairs>,
    subset: Option<Pairs>,
    source_arn: Option<String>,
    issuing_account: String,
}

/// The grants on the key that is asked for.
pub(crate) fn listed(request: &Request<'_>) -> Vec<Grant> {
    let Some(key) = &request.permission.key else { return Vec::new() };
    let grants = match &key.row["grants"]["Grants"] {
        Value::Null => &key.row["grants"],
        printed => printed,
    };
    text::items(grants).iter().map(|row| Grant::read(row, key, request)).collect()
}

/// The closest naming of the caller among the grants that give the permission.
pub(crate) fn namings(request: &Request<'_>) -> Vec<Naming> {
    let effective = listed(request).into_iter().filter(|grant| grant.gives(request));
    let named = effective.filter_map(|grant| {
        let naming = names(&grant.grantee, request)?;
        grant.note(naming, request);
        Some(naming)
    });
    named.collect()
}

/// How a principal of a grant, a service or not, names the caller.
fn names(principal: &str, request: &Request<'_>) -> Option<Naming> {
    if request.caller.kind == Kind::Service {
        return (principal == request.caller.arn).then_some(Naming::Exactly);
    }
    statement::names(principal, request)
}

impl Grant {
    fn read(row: &Value, key: &Key<'_>, request: &Request<'_>) -> Self {
        // The lower-case form of an environment, then that of `aws kms list-grants`.
        let field =
            |names: [&str; 3]| names.iter().find_map(|name| row[*name].as_str()).map(str::to_owned);
        let arn = |name: String| request.world.principal_arn(&name);
        let constraints =
            if row["constraints"].is_null() { &row["Constraints"] } else { &row["constraints"] };
        let constraint = |lower: &str, upper: &str| {
            let found = if constraints[lower].is_null() {
                &constraints[upper]
            } else {
                &constraints[lower]
            };
            (!found.is_null()).then(|| found.clone())
        };
        let pairs = |found: Option<Value>| found.map(|found| text::pairs(&found));
        let operations =
            if row["operations"].is_null() { &row["Operations"] } else { &row["operations"] };
        let operations = text::list(operations);
        let issuing = field(["issuing_account", "IssuingAccount", ""]);
        Self {
            id: field(["id", "GrantId", ""]),
            token: field(["token", "", ""]),
            fresh: row["fresh"] == true,
            grantee: arn(field(["grantee", "GranteePrincipal", "GranteeServicePrincipal"])
                .unwrap_or_default()),
            retiring: field([
                "retiring_principal",
                "RetiringPrincipal",
                "RetiringServicePrincipal",
            ])
            .map(arn),
            operations: operations.iter().map(|name| plain(name)).collect(),
            equals: pairs(constraint("encryption_context_equals", "EncryptionContextEquals")),
            subset: pairs(constraint("encryption_context_subset", "EncryptionContextSubset")),
            source_arn: constraint("source_arn", "SourceArn").map(|found| text::one(&found)),
            issuing_account: issuing.map_or(key.account.clone(), |issuing| account_of(&issuing)),
        }
    }

    /// Notes a grant that gives something, with everything special in it.
    fn note(&self, naming: Naming, request: &Request<'_>) {
        let seen = request.world.seen;
        seen.note(format!("grant {naming:?}"));
        let child = if request.permission.action == "kms:CreateGrant" { "child " } else { "" };
        let special = [
            ("fresh", self.fresh),
            ("equals", self.equals.is_some()),
            ("subset", self.subset.is_some()),
            ("source", self.source_arn.is_some()),
        ];
        for (name, _) in special.iter().filter(|(_, is)| *is) {
            seen.note(format!("grant {child}{name}"));
        }
    }

    /// Whether the grant covers the request, whoever makes it.
    fn gives(&self, request: &Request<'_>) -> bool {
        let action = plain(&request.permission.action);
        self.operations.contains(&action)
            && self.usable(request)
            && self.source_fits(request)
            && match action.as_str() {
                "DescribeKey" => true,
                "CreateGrant" => self.covers_child(request),
                _ => self.context_fits(&request.permission.encryption_context),
            }
    }

    /// Whether the grant has spread, or its token is sent.
    fn usable(&self, request: &Request<'_>) -> bool {
        let case = request.world.case;
        let mut tokens = text::list(&case["grant_tokens"]);
        tokens.extend(text::list(&case["parameters"]["GrantTokens"]));
        tokens.extend(text::list(&case["parameters"]["GrantToken"]));
        !self.fresh || self.token.as_ref().is_some_and(|token| tokens.contains(token))
    }

    fn source_fits(&self, request: &Request<'_>) -> bool {
        let Some(wanted) = &self.source_arn else { return true };
        if request.caller.kind != Kind::Service {
            return true;
        }
        let sent = request.context.get("aws:sourcearn");
        sent.is_some_and(|sent| sent.as_slice() == [wanted.clone()])
    }

    fn context_fits(&self, sent: &Pairs) -> bool {
        let equal = |wanted: &Pairs| wanted.len() == sent.len() && all_in(wanted, sent);
        self.equals.as_ref().is_none_or(equal)
            && self.subset.as_ref().is_none_or(|wanted| all_in(wanted, sent))
    }

    /// Whether the grant that is to be created asks for no more than this one gives.
    fn covers_child(&self, request: &Request<'_>) -> bool {
        let parameters = &request.world.case["parameters"];
        let constraints = &parameters["Constraints"];
        if parameters["Operations"].is_null() && constraints.is_null() {
            return true;
        }
        let operations = text::list(&parameters["Operations"]);
        let pairs =
            |name: &str| constraints[name].is_object().then(|| text::pairs(&constraints[name]));
        let (equals, subset) = (pairs("EncryptionContextEquals"), pairs("EncryptionContextSubset"));
        let keeps_equals = self.equals.as_ref().is_none_or(|wanted| {
            equals
                .as_ref()
                .is_some_and(|child| wanted.len() == child.len() && all_in(wanted, child))
        });
        let keeps_subset = self.subset.as_ref().is_none_or(|wanted| {
            equals.as_ref().or(subset.as_ref()).is_some_and(|child| all_in(wanted, child))
        });
        let keeps_source =
            self.source_arn.as_ref().is_none_or(|wanted| constraints["SourceArn"] == **wanted);
        operations.iter().all(|name| self.operations.contains(&plain(name)))
            && keeps_equals
            && keeps_subset
            && keeps_source
    }

    /// Whether the request to retire a grant means this one.
    pub(crate) fn is_meant(&self, request: &Request<'_>) -> bool {
        let parameters = &request.world.case["parameters"];
        let by_id = parameters["GrantId"].as_str();
        let by_token = parameters["GrantToken"].as_str();
        by_id.is_none_or(|id| self.id.as_deref() == Some(id))
            && by_token.is_none_or(|token| self.token.as_deref() == Some(token))
    }

    /// How the grant itself names the caller as one who may retire it.
    ///
    /// A fresh grant names nobody without its token; accounts see it all the same.
    pub(crate) fn retired_by(&self, request: &Request<'_>) -> Option<Naming> {
        if !self.usable(request) {
            return None;
        }
        let retiring = self.retiring.as_ref().and_then(|retiring| names(retiring, request));
        let grantee = names(&self.grantee, request)
            .filter(|_| self.operations.contains(&"RetireGrant".to_owned()));
        retiring.into_iter().chain(grantee).min()
    }

    /// Whether the caller's account may let IAM decide who retires the grant.
    pub(crate) fn leaves_to(&self, account: &str, key_account: &str) -> bool {
        let retiring = self.retiring.as_ref().map(|retiring| account_of(retiring));
        account == key_account
            || account == self.issuing_account
            || retiring.as_deref() == Some(account)
    }
}

/// Whether every wanted pair is among those sent, to the letter.
fn all_in(wanted: &Pairs, sent: &Pairs) -> bool {
    wanted.iter().all(|pair| sent.contains(pair))
}

/// The name of an operation without the service.
fn plain(name: &str) -> String {
    name.strip_prefix("kms:").unwrap_or(name).to_owned()
}

/// The account of an ARN, or the account itself.
fn account_of(principal: &str) -> String {
    principal.split(':').nth(4).unwrap_or(principal).to_owned()
}
