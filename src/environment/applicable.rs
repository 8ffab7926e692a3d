use super::caller::Resolved;
use super::derive::Facts;
use super::{
    Attached, Environment, GrantFacts, GrantList, Key, Knowledge, Level, Manager, Moment, Part,
    Question, QuestionError, QuestionPart, Subject, VpcEndpoint,
};
use crate::kms::Action;
use crate::policy::Kind;
use crate::request::{Caller, Context, Identity, Rules};
use crate::text::{Quoted, did_you_mean};

/// A question resolved against an environment: who calls, with which context, and the
/// policies that apply.
#[derive(Debug)]
pub struct Request<'e> {
    /// Who calls.
    pub caller: Caller,
    /// What is called.
    pub action: &'static Action,
    /// The key, for actions that need one.
    pub key: Option<&'e Key>,
    /// Whether the call says which key, or leaves that to the ciphertext.
    pub names_key: bool,
    /// What the action is authorized for: the key's ARN, or `*`.
    pub resource: String,
    /// The condition keys that the request carries.
    pub context: Context,
    /// What grants look at, besides the context.
    pub(crate) grants: GrantFacts,
    /// The policies that apply.
    pub stack: Stack<'e>,
    /// How caller, key and action stand to each other.
    pub standing: Standing,
    /// The rules that decide.
    pub rules: Rules,
    /// The clock's time, if nothing says when the request is made.
    pub clock: Option<String>,
    /// What was assumed, in sentences.
    pub warnings: Vec<String>,
}

/// The policies that apply to a request; none where a side does not apply.
#[derive(Clone, Copy, Debug)]
pub struct Stack<'e> {
    /// The resource control policies of the key's account, level by level.
    pub resource_control_policies: Option<&'e [Level]>,
    /// The service control policies of the caller's account, level by level.
    pub service_control_policies: Option<&'e [Level]>,
    /// The policy of the VPC endpoint that the call goes through.
    pub vpc_endpoint_policy: Option<&'e Attached>,
    /// The key's policy.
    pub key_policy: Option<&'e Attached>,
    /// The caller's identity policies.
    pub identity_policies: Option<&'e [Attached]>,
    /// The key's grants.
    pub grants: Option<&'e GrantList>,
    /// Whether the key may have other grants, which are not known.
    pub lacks_grants: bool,
    /// The permissions boundary of the user or role.
    pub permissions_boundary: Option<&'e Attached>,
    /// The policies that the session was opened with.
    pub session_policies: Option<&'e [Attached]>,
    /// Whether nobody said that the caller has no identity policies, and none were given.
    pub lacks_identity_policies: bool,
}

impl<'e> Stack<'e> {
    /// Every policy, and the kind that it is of.
    pub fn policies(&self) -> impl Iterator<Item = (Kind, &'e Attached)> {
        let levels = |kind, levels: Option<&'e [Level]>| {
            levels.into_iter().flatten().flatten().map(move |policy| (kind, policy))
        };
        let several = |kind, policies: Option<&'e [Attached]>| {
            policies.into_iter().flatten().map(move |policy| (kind, policy))
        };
        let one = |kind, policy: Option<&'e Attached>| policy.into_iter().map(move |it| (kind, it));
        levels(Kind::ResourceControl, self.resource_control_policies)
            .chain(levels(Kind::ServiceControl, self.service_control_policies))
            .chain(one(Kind::VpcEndpoint, self.vpc_endpoint_policy))
            .chain(one(Kind::Key, self.key_policy))
            .chain(several(Kind::Identity, self.identity_policies))
            .chain(one(Kind::PermissionsBoundary, self.permissions_boundary))
            .chain(several(Kind::Session, self.session_policies))
    }
}

/// What kind of caller it is, as far as the decision goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// The root user of an account.
    Root,
    /// An AWS service, calling by itself.
    Service,
    /// A session of a role, or a federated user.
    Session,
    /// An IAM user.
    User,
}

/// Where the key is, seen from the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// In another account.
    Foreign,
    /// In another account, where no policy helps: KMS does not offer the operation across
    /// accounts, or the account is in another partition.
    ForeignNotOffered,
    /// The operation has no key.
    NoKey,
    /// In the caller's account; also for a service, which has none.
    Own,
}

/// How caller, key and action stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The caller.
    pub party: Party,
    /// The key.
    pub reach: Reach,
}

impl Environment {
    /// Resolves a question: finds caller and key, fills in the context, and selects the
    /// policies that apply.
    ///
    /// # Errors
    ///
    /// If the question names a principal or key that is not there, or is at odds with itself.
    pub fn request<'e>(&'e self, question: &'e Question) -> Result<Request<'e>, QuestionError> {
        let mut warnings = question.parameters.check(question.action)?;
        let Resolved { caller, principal } = super::caller::resolve(self, question, &mut warnings)?;
        let session_policies = session_policies(question, &caller)?;
        let question: &Question = &question.with_own_parameters();
        let target = self.target(question, &caller)?;
        let key = target.as_ref().map(|target| target.key);
        let endpoint = self.endpoint(question, &caller)?;
        let standing = Standing { party: party(&caller), reach: reach(&caller, key, question) };
        let facts = Facts {
            caller: &caller,
            principal,
            target: target.as_ref(),
            same_key: self.same_key(question, &caller)?,
            endpoint,
            organization: self.organization.as_ref(),
            region: question
                .region
                .as_ref()
                .unwrap_or_else(|| key.map_or(&self.region, |key| &key.region)),
            pairs: super::parameters::encryption_context(question)?,
        };
        let context = super::derive::context(question, &facts, &mut warnings)?;
        super::doubts::of_request(question, target.as_ref(), standing, &mut warnings);
        super::doubts::of_exemptions(self, question, &caller, key, &mut warnings);
        let pairs = super::grant::pairs_sent(question, facts.pairs.as_ref());
        let grants = GrantFacts::of(question, pairs, key, &mut warnings)?;
        let is_decided_by_key = question.action.name != "kms:RetireGrant";
        let of_party = |policies| match standing.party {
            Party::Root | Party::Service => None,
            Party::Session | Party::User => Some(policies),
        };
        let stack = Stack {
            resource_control_policies: self.resource_control_policies(question, &caller, key),
            service_control_policies: self.service_control_policies(&caller),
            vpc_endpoint_policy: endpoint.and_then(|endpoint| endpoint.policy.as_ref()),
            key_policy: key.filter(|_| is_decided_by_key).map(|key| &key.policy),
            identity_policies: of_party(
                principal.map_or(&[][..], |principal| &principal.identity_policies),
            ),
            grants: key.map(|key| &key.grants),
            lacks_grants: key.is_some_and(|key| key.unknown.contains(&Part::Grants)),
            permissions_boundary: principal.and_then(|it| it.permissions_boundary.as_ref()),
            session_policies,
            lacks_identity_policies: principal.is_some_and(|principal| {
                principal.knowledge == Knowledge::Assumed && principal.identity_policies.is_empty()
            }),
        };
        Ok(Request {
            action: question.action,
            resource: resource(question, key),
            caller,
            key,
            names_key: !question.leaves_key_to_ciphertext(),
            context,
            grants,
            stack,
            standing,
            rules: question.rules.unwrap_or(self.rules),
            clock: match &question.at {
                Moment::Clock(now) => Some(now.clone()),
                Moment::Given(_) | Moment::Unsaid => None,
            },
            warnings,
        })
    }

    /// The endpoint that the call goes through, if it goes through one.
    fn endpoint(
        &self,
        question: &Question,
        caller: &Caller,
    ) -> Result<Option<&VpcEndpoint>, QuestionError> {
        let Some(name) = &question.vpc_endpoint else {
            return Ok(None);
        };
        let wrong = |message: String| QuestionError::new(QuestionPart::VpcEndpoint, message);
        if let Some(service) = &question.via {
            return Err(wrong(format!(
                "expected no VPC endpoint for a call that the service {} makes, found {}",
                Quoted(service),
                Quoted(name)
            )));
        }
        if caller.is_service() {
            return Err(wrong(format!(
                "expected no VPC endpoint for a service, which calls through none, found {}",
                Quoted(name)
            )));
        }
        self.vpc_endpoints.get(name).map(Some).ok_or_else(|| {
            let names = self.vpc_endpoints.keys().map(String::as_str);
            let help = did_you_mean(name, names)
                .unwrap_or_else(|| "add it to `vpc_endpoints` of the environment".into());
            wrong(format!("expected a VPC endpoint of the environment, found {}", Quoted(name)))
                .with_help(Some(help))
        })
    }

    /// Those of the caller's account. They never limit services, service-linked roles and the
    /// management account.
    ///
    /// Source: [SCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html)
    fn service_control_policies(&self, caller: &Caller) -> Option<&[Level]> {
        let account = caller.account.filter(|_| !caller.is_service_linked())?;
        let member = self.organization.as_ref()?.limited(account)?;
        Some(&member.service_control_policies[..]).filter(|levels| !levels.is_empty())
    }

    /// Those of the account that owns the key. They limit every caller but service-linked
    /// roles, and every key but those of the management account and those that AWS manages.
    /// They do not reach `kms:RetireGrant`, nor what has no resource of KMS.
    ///
    /// Source: [RCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html)
    fn resource_control_policies(
        &self,
        question: &Question,
        caller: &Caller,
        key: Option<&Key>,
    ) -> Option<&[Level]> {
        let owner = match (&question.on, key) {
            (Subject::Key, key) => key?.account,
            (subject @ Subject::Arn(_), _) => subject.account_of_kms()?,
        };
        let is_exempt = caller.is_service_linked()
            || question.action.name == "kms:RetireGrant"
            || key.is_some_and(|key| key.manager == Manager::Aws);
        let member = self.organization.as_ref().filter(|_| !is_exempt)?.limited(owner)?;
        Some(&member.resource_control_policies[..]).filter(|levels| !levels.is_empty())
    }
}

/// What the permission is asked on, as policies see it.
fn resource(question: &Question, key: Option<&Key>) -> String {
    match (&question.on, key) {
        (Subject::Arn(arn), _) => arn.clone(),
        (Subject::Key, Some(key)) => key.arn(),
        (Subject::Key, None) => "*".to_owned(),
    }
}

/// A federated session that was opened without a policy has no permissions but those that a
/// key policy gives to the session itself; a role's session has all of the role's.
///
/// Source: [GetFederationToken](https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html)
fn session_policies<'e>(
    question: &'e Question,
    caller: &Caller,
) -> Result<Option<&'e [Attached]>, QuestionError> {
    let policies = question.session.policies.as_deref();
    match &caller.identity {
        Identity::FederatedUser { .. } => Ok(Some(policies.unwrap_or_default())),
        Identity::RoleSession { .. } => Ok(policies.filter(|policies| !policies.is_empty())),
        Identity::Root | Identity::User { .. } | Identity::Service => match policies {
            None | Some([]) => Ok(None),
            Some(_) => Err(QuestionError::new(
                QuestionPart::Session,
                format!(
                    "expected session policies for a session only, found them for {}",
                    Quoted(&question.principal)
                ),
            )),
        },
    }
}

fn party(caller: &Caller) -> Party {
    match caller.identity {
        Identity::Root => Party::Root,
        Identity::User { .. } => Party::User,
        Identity::RoleSession { .. } | Identity::FederatedUser { .. } => Party::Session,
        Identity::Service => Party::Service,
    }
}

/// Partitions share nothing: no principal of one calls a key in another.
///
/// Source: [Allowing users in other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html)
fn reach(caller: &Caller, key: Option<&Key>, question: &Question) -> Reach {
    let action = question.action;
    match (key, caller.account) {
        // An alias or a key to be of another account, which KMS does not let anybody have.
        (None, Some(account)) if question.on.account_of_kms().is_some_and(|of| of != account) => {
            Reach::ForeignNotOffered
        }
        (None, _) => Reach::NoKey,
        (Some(_), None) => Reach::Own,
        (Some(key), Some(account)) if key.account == account => Reach::Own,
        (Some(key), Some(account))
            if action.across_accounts && key.account.partition == account.partition =>
        {
            Reach::Foreign
        }
        (Some(_), Some(_)) => Reach::ForeignNotOffered,
    }
}
