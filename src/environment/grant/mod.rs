mod constraint;
mod facts;
mod list;

pub use self::constraint::{ConstraintKind, ContextConstraint, SourceArn};
pub(super) use self::facts::{operations, pairs_sent};
pub use self::list::GrantList;
use super::{Grantee, Key, Request};
use crate::document::Place;
use crate::kms::{Action, ActionSet};
use crate::policy::{Element, GrantElement, Naming, Namings, Outcome};
use crate::request::{Account, Caller, Context, ContextKey};
use crate::truth::Truth;

/// A grant: permission for one principal to use one key, besides all policies.
///
/// Source: [Grants](https://docs.aws.amazon.com/kms/latest/developerguide/grants.html)
#[derive(Clone, Debug)]
pub struct Grant {
    /// The name that it was given.
    pub name: Option<String>,
    /// Its id.
    pub id: Option<String>,
    /// Who may use the key.
    pub grantee: Grantee,
    /// Who may retire the grant, besides the grantee of one that includes `RetireGrant`.
    pub retiring: Option<Grantee>,
    /// The account in which it was created.
    pub issuing_account: Account,
    /// The constraint on the encryption context.
    pub constraint: Option<ContextConstraint>,
    /// The resource on behalf of which a service must call.
    pub source_arn: Option<SourceArn>,
    /// Whether it is known everywhere yet.
    pub freshness: Freshness,
    /// Where it stands.
    pub place: Option<Place>,
    pub(super) operations: ActionSet,
    pub(super) written_operations: Vec<&'static Action>,
    pub(super) index: usize,
}

/// Whether a grant is known throughout KMS, or can be used with its token only.
///
/// Source: [Grant tokens](https://docs.aws.amazon.com/kms/latest/developerguide/grant-manage.html#using-grant-token)
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// Known everywhere; its token, if one is known, is not needed.
    Settled(Option<String>),
    /// Just created: only a call that sends the token can use it.
    Fresh(Option<String>),
}

/// What grants look at in a request, and no condition key tells.
#[derive(Clone, Debug, Default)]
pub(crate) struct GrantFacts {
    /// The encryption context, in its letter case, as far as it is known.
    pub(crate) pairs: Vec<(String, String)>,
    /// The grant tokens that the call sends.
    pub(crate) tokens: Vec<String>,
    /// For `CreateGrant`: the grant that is to be; none if nothing is said about it.
    pub(crate) child: Option<Child>,
    /// Whether the request is to retire a grant.
    pub(crate) retires: bool,
    /// For `RetireGrant`: the id or token of the grant.
    pub(crate) retired: Option<String>,
}

/// A grant that is to be created, as far as the parameters say.
#[derive(Clone, Debug)]
pub(crate) struct Child {
    pub(crate) operations: Option<Vec<&'static Action>>,
    pub(crate) constraint: Option<ContextConstraint>,
    pub(crate) source_arn: Option<String>,
}

/// What a request can do with a grant.
#[derive(Debug)]
pub(crate) struct Usage<'g> {
    /// In which ways the grant lets the caller.
    pub(crate) namings: Namings,
    /// Whether all of it fits, or what does not.
    pub(crate) outcome: Outcome<'g>,
}

impl Grant {
    /// A grant of nothing yet, created in the key's account.
    #[must_use]
    pub fn new(grantee: Grantee, key_account: Account) -> Self {
        Self {
            name: None,
            id: None,
            grantee,
            retiring: None,
            issuing_account: key_account,
            constraint: None,
            source_arn: None,
            freshness: Freshness::Settled(None),
            place: None,
            operations: ActionSet::default(),
            written_operations: Vec::new(),
            index: 0,
        }
    }

    /// The same grant with one operation more.
    #[must_use]
    pub fn with_operation(mut self, operation: &'static Action) -> Self {
        self.operations = self.operations.union(ActionSet::of(operation));
        self.written_operations.push(operation);
        self
    }

    /// The operations that it allows.
    #[must_use]
    pub fn operations(&self) -> &[&'static Action] {
        &self.written_operations
    }

    /// Its number among the grants of the key, from 0.
    #[must_use]
    pub fn index(&self) -> usize {
        self.index
    }

    /// What people know it by: its name, else its id.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.name.as_deref().or(self.id.as_deref())
    }

    /// The token that `CreateGrant` returned.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        match &self.freshness {
            Freshness::Settled(token) | Freshness::Fresh(token) => token.as_deref(),
        }
    }

    /// Whether an id or a token is this grant's.
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.id.as_deref() == Some(name) || self.token() == Some(name)
    }

    /// How it names the caller: as its grantee.
    fn namings(&self, caller: &Caller) -> Namings {
        self.grantee.namings(caller)
    }

    /// How it lets the caller retire it: as the retiring principal, as the grantee of a grant
    /// that includes `RetireGrant`; or as somebody of an account that can leave it to its IAM
    /// policies: that of the key, of the retiring principal, and the one that created it.
    ///
    /// Source: [Retiring and revoking grants](https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html)
    fn retirable_by(&self, caller: &Caller, key: &Key, retire: &Action) -> Namings {
        let as_grantee =
            if self.operations.contains(retire) { self.namings(caller) } else { Namings::NONE };
        let retiring = self.retiring.as_ref();
        let as_retiring = retiring.map_or(Namings::NONE, |it| it.namings(caller));
        let accounts =
            [Some(key.account), Some(self.issuing_account), retiring.and_then(Grantee::account)];
        let is_of_one = caller.account.is_some() && accounts.contains(&caller.account);
        let by_account = if is_of_one { Namings::of(Naming::Account) } else { Namings::NONE };
        as_grantee.union(as_retiring).union(by_account)
    }

    /// What a request can do with the grant: use it, or retire it.
    pub(crate) fn usage<'g>(&'g self, request: &Request<'_>, context: &Context) -> Usage<'g> {
        let Request { caller, action, grants: facts, .. } = request;
        if let Some(key) = request.key.filter(|_| action.short_name() == "RetireGrant") {
            return self.retirement(request, key);
        }
        let namings = self.namings(caller);
        let elements = [
            (Element::Principal, Truth::from(!namings.is_none())),
            (Element::Action, self.operations.contains(action).into()),
            (Element::Grant(GrantElement::Token), self.is_effective(facts).into()),
        ];
        let constraints = self.constraints(action, caller, facts, context);
        let constraints = constraints.map(|(it, holds)| (Element::Grant(it), holds));
        Usage { namings, outcome: Outcome::of(elements.into_iter().chain(constraints)) }
    }

    fn retirement(&self, request: &Request<'_>, key: &Key) -> Usage<'_> {
        let namings = self.retirable_by(&request.caller, key, request.action);
        let retired = request.grants.retired.as_ref();
        let is_meant = retired.is_none_or(|name| self.is_called(name));
        let outcome = Outcome::of([
            (Element::Grant(GrantElement::GrantId), is_meant.into()),
            (Element::Principal, Truth::from(!namings.is_none())),
        ]);
        Usage { namings, outcome }
    }

    /// Whether it is for the action and for somebody who is nearly the caller.
    pub(crate) fn nearly_names(&self, caller: &Caller, action: &Action) -> bool {
        self.operations.contains(action) && self.grantee.is_nearly(caller)
    }

    /// Whether its constraint on the encryption context would hold if the letter case of names
    /// did not count.
    pub(crate) fn fits_but_for_case(&self, facts: &GrantFacts) -> bool {
        let Some(constraint) = &self.constraint else { return false };
        let sent = &facts.pairs;
        let is_sent = |(name, value): (&str, &str)| {
            sent.iter().any(|(known, given)| known.eq_ignore_ascii_case(name) && given == value)
        };
        let has_others =
            constraint.kind == ConstraintKind::Equals && constraint.pairs().count() != sent.len();
        constraint.pairs().all(is_sent) && !has_others
    }

    /// The condition keys that its constraints look at, with the value that they want.
    pub(crate) fn reads(&self) -> impl Iterator<Item = (&ContextKey, &str)> {
        let on_context = self.constraint.iter().flat_map(ContextConstraint::keys);
        let on_source = self.source_arn.iter().map(|it| (&it.key, it.arn.as_str()));
        on_context.chain(on_source)
    }

    /// The name of an element as KMS has it, and its values.
    pub(crate) fn written(&self, element: GrantElement) -> (String, Vec<String>) {
        let pairs = || {
            let pairs = self.constraint.iter().flat_map(ContextConstraint::pairs);
            pairs.map(|(name, value)| format!("{name}={value}")).collect()
        };
        let operations = || self.written_operations.iter().map(|it| it.short_name().to_owned());
        let text = |text: Option<&str>| text.map(str::to_owned).into_iter().collect();
        match element {
            GrantElement::ChildConstraints => ("Constraints of the new grant".into(), pairs()),
            GrantElement::ChildOperations => {
                ("Operations of the new grant".into(), operations().collect())
            }
            GrantElement::EncryptionContextEquals => {
                ("Constraints/EncryptionContextEquals".into(), pairs())
            }
            GrantElement::EncryptionContextSubset => {
                ("Constraints/EncryptionContextSubset".into(), pairs())
            }
            GrantElement::GrantId => ("GrantId".into(), text(self.id.as_deref())),
            GrantElement::SourceArn => (
                "Constraints/SourceArn".into(),
                text(self.source_arn.as_ref().map(SourceArn::as_str)),
            ),
            GrantElement::Token => ("GrantToken".into(), text(self.token())),
        }
    }

    /// Whether a call can use the grant already.
    fn is_effective(&self, facts: &GrantFacts) -> bool {
        match &self.freshness {
            Freshness::Settled(_) => true,
            Freshness::Fresh(token) => {
                token.as_ref().is_some_and(|token| facts.tokens.contains(token))
            }
        }
    }

    /// Its constraints, each with whether it holds.
    ///
    /// Those on the encryption context are not for operations without one; for `CreateGrant`
    /// they limit the grant that is to be.
    fn constraints(
        &self,
        action: &Action,
        caller: &Caller,
        facts: &GrantFacts,
        context: &Context,
    ) -> impl Iterator<Item = (GrantElement, Truth)> {
        let on_context = match (&self.constraint, action.short_name()) {
            (None, _) | (_, "CreateGrant" | "DescribeKey" | "RetireGrant") => None,
            (Some(it), _) => Some((it.kind.element(), it.holds(facts, context))),
        };
        let child = facts.child.as_ref().filter(|_| action.short_name() == "CreateGrant");
        let on_child = child.map(|child| self.lets_create(child)).into_iter().flatten();
        let is_looked_at = caller.is_service() && action.short_name() != "RetireGrant";
        let on_source = self.source_arn.as_ref().filter(|_| is_looked_at);
        let on_source = on_source.map(|it| (GrantElement::SourceArn, it.holds(context)));
        on_context.into_iter().chain(on_child).chain(on_source)
    }

    fn lets_create(&self, child: &Child) -> [(GrantElement, Truth); 2] {
        let asked = child.operations.iter().flatten();
        let is_subset = asked.into_iter().all(|it| self.operations.contains(it));
        let on_context = self.constraint.as_ref();
        let is_strict = on_context.is_none_or(|it| it.lets_pass(child.constraint.as_ref()))
            && self.source_arn.as_ref().is_none_or(|it| child.source_arn.as_ref() == Some(&it.arn));
        [
            (GrantElement::ChildOperations, is_subset.into()),
            (GrantElement::ChildConstraints, is_strict.into()),
        ]
    }
}
