use super::{Derived, Facts};
use crate::environment::{Knowledge, Part, Principal, Question};
use crate::request::{Caller, Identity};

impl Derived {
    pub(super) fn caller(&mut self, facts: &Facts<'_>, question: &Question) {
        let caller = facts.caller;
        self.boolean("aws:PrincipalIsAWSService", caller.is_service());
        if caller.is_service() {
            self.service(caller);
            return;
        }
        self.absent(&["aws:PrincipalServiceName", "aws:PrincipalServiceNamesList"]);
        // Only a service that calls by itself says on behalf of which resource.
        self.absent(&[
            "aws:SourceArn",
            "aws:SourceAccount",
            "aws:SourceOrgID",
            "aws:SourceOrgPaths",
        ]);
        self.value("aws:PrincipalArn", caller.arn.as_str());
        if let Some(account) = caller.account {
            self.value("aws:PrincipalAccount", account.id.as_str());
            self.value("kms:CallerAccount", account.id.as_str());
        }
        self.identity(caller, question);
        self.user_id(caller);
        self.tags(facts, question);
    }

    fn service(&mut self, caller: &Caller) {
        self.value("aws:PrincipalServiceName", caller.arn.as_str());
        // A service has further names, such as those of its Regions.
        self.assume("aws:PrincipalServiceNamesList", &caller.arn);
        self.absent(&[
            "aws:PrincipalArn",
            "aws:PrincipalAccount",
            "aws:PrincipalOrgID",
            "aws:PrincipalOrgPaths",
            "aws:PrincipalType",
            "aws:userid",
            "aws:username",
            "aws:TokenIssueTime",
            "aws:MultiFactorAuthPresent",
            "aws:MultiFactorAuthAge",
            "kms:CallerAccount",
            "kms:ViaService",
        ]);
        self.context.settle("aws:PrincipalTag/");
    }

    fn identity(&mut self, caller: &Caller, question: &Question) {
        let kind = match &caller.identity {
            Identity::Root => "Account",
            Identity::User { .. } => "User",
            Identity::RoleSession { .. } => "AssumedRole",
            Identity::FederatedUser { .. } => "FederatedUser",
            Identity::Service => return,
        };
        self.value("aws:PrincipalType", kind);
        match &caller.identity {
            Identity::User { name } => self.value("aws:username", name.as_str()),
            _ => self.absent(&["aws:username"]),
        }
        match &caller.identity {
            // Long-term keys carry no word about a second factor, not even `false`.
            Identity::User { .. } => {
                self.absent(&[
                    "aws:MultiFactorAuthPresent",
                    "aws:MultiFactorAuthAge",
                    "aws:TokenIssueTime",
                ]);
            }
            Identity::RoleSession { .. } | Identity::FederatedUser { .. } => {
                match question.session.mfa {
                    Some(mfa) => self.boolean("aws:MultiFactorAuthPresent", mfa),
                    None => self.assume("aws:MultiFactorAuthPresent", "false"),
                }
                if question.session.mfa == Some(false) {
                    self.absent(&["aws:MultiFactorAuthAge"]);
                }
            }
            Identity::Root | Identity::Service => {}
        }
    }

    /// Source: [aws:userid](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable)
    fn user_id(&mut self, caller: &Caller) {
        let id = caller.unique_id.as_deref();
        let account = caller.account.map(|account| account.id.to_string()).unwrap_or_default();
        let user_id = match &caller.identity {
            Identity::Root => Some(account),
            Identity::User { .. } => id.map(str::to_owned),
            Identity::RoleSession { session: Some(session), .. } => {
                id.map(|id| format!("{id}:{session}"))
            }
            Identity::FederatedUser { name, .. } => Some(format!("{account}:{name}")),
            Identity::RoleSession { session: None, .. } | Identity::Service => None,
        };
        if let Some(user_id) = user_id {
            self.value("aws:userid", user_id);
        }
    }

    /// The tags of the user or role, overlaid by those of the session.
    fn tags(&mut self, facts: &Facts<'_>, question: &Question) {
        let lacks_tags = |principal: &Principal| principal.unknown.contains(&Part::Tags);
        let is_described = |principal: &Principal| {
            principal.knowledge == Knowledge::Described && !lacks_tags(principal)
        };
        if facts.principal.is_some_and(lacks_tags) {
            self.context.leave_open("aws:PrincipalTag/");
        }
        if facts.principal.is_some_and(is_described) || facts.caller.is_root() {
            self.context.settle("aws:PrincipalTag/");
        }
        let own = facts.principal.map_or(&[][..], |principal| &principal.tags);
        for (tag, value) in own.iter().chain(&question.session.tags) {
            self.value(&format!("aws:PrincipalTag/{tag}"), value.as_str());
        }
    }
}
