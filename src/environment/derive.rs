//! The context of a request, as far as caller, key, Region, time and encryption context fix it.
//!
//! Source: [AWS global condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html),
//! [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)

use jiff::Timestamp;

use super::applicable::Target;
use super::{
    Key, Knowledge, Moment, MultiRegion, Principal, Question, QuestionError, QuestionPart,
};
use crate::kms::{ConditionKey, Service};
use crate::policy::condition::date;

use crate::request::{Caller, Context, ContextKey, Entry, Identity};
use crate::text::Quoted;

/// What the context follows from, besides the question.
pub(super) struct Facts<'a> {
    pub(super) caller: &'a Caller,
    pub(super) principal: Option<&'a Principal>,
    pub(super) target: Option<&'a Target<'a>>,
    pub(super) region: &'a str,
}

/// The context of the request that `question` asks about. What it says itself comes last
/// and wins over what would follow.
pub(super) fn context(
    question: &Question,
    facts: &Facts<'_>,
    warnings: &mut Vec<String>,
) -> Result<Context, QuestionError> {
    let mut derived = Derived { context: Context::default() };
    derived.caller(facts, question);
    derived.connection(facts, question, warnings)?;
    derived.defaults(question);
    if let Some(target) = facts.target {
        derived.key(target);
    }
    derived.encryption_context(question, warnings);
    derived.moment(question)?;
    derived.unsent(question);
    let mut context = derived.context;
    super::given::set(&mut context, question, warnings)?;
    Ok(context)
}

/// Where a service calls for somebody the address is the service's own, and not told. This
/// one stands for it: reserved, so that no policy lists it.
///
/// Source: [Using IP addresses in policies](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-aws.html)
pub(crate) const ADDRESS_OF_A_SERVICE: &str = "240.0.0.1";

struct Derived {
    context: Context,
}

impl Derived {
    fn set(&mut self, key: &str, entry: Entry) {
        self.context.set(ContextKey::new(key), entry);
    }

    fn value(&mut self, key: &str, value: impl Into<String>) {
        self.set(key, Entry::value(value));
    }

    fn boolean(&mut self, key: &str, value: bool) {
        self.value(key, if value { "true" } else { "false" });
    }

    fn absent(&mut self, keys: &[&str]) {
        for key in keys {
            self.set(key, Entry::Absent);
        }
    }

    fn assume(&mut self, key: &str, value: &str) {
        self.context.assume(ContextKey::new(key), Entry::value(value));
    }

    fn caller(&mut self, facts: &Facts<'_>, question: &Question) {
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
        let is_described = |principal: &Principal| principal.knowledge == Knowledge::Described;
        if facts.principal.is_some_and(is_described) || facts.caller.is_root() {
            self.context.settle("aws:PrincipalTag/");
        }
        let own = facts.principal.map_or(&[][..], |principal| &principal.tags);
        for (tag, value) in own.iter().chain(&question.session.tags) {
            self.value(&format!("aws:PrincipalTag/{tag}"), value.as_str());
        }
    }

    fn connection(
        &mut self,
        facts: &Facts<'_>,
        question: &Question,
        warnings: &mut Vec<String>,
    ) -> Result<(), QuestionError> {
        self.value("aws:SecureTransport", "true");
        self.value("aws:RequestedRegion", facts.region);
        let owner = facts.target.map(|target| target.key.account).or(facts.caller.account);
        if let Some(owner) = owner {
            self.value("aws:ResourceAccount", owner.id.as_str());
        }
        self.via_aws_service(facts.caller, question);
        let Some(service) = &question.via else {
            return Ok(());
        };
        let wrong = |message: String| QuestionError::new(QuestionPart::Via, message);
        if facts.caller.is_service() {
            return Err(wrong(format!(
                "expected no `via` for a service that calls by itself, found {}",
                Quoted(service)
            )));
        }
        let (value, warning) =
            Service::via(service, facts.region).map_err(|error| wrong(error.to_string()))?;
        warnings.extend(warning);
        self.value("kms:ViaService", value);
        self.value("aws:SourceIp", ADDRESS_OF_A_SERVICE);
        self.absent(&[
            "aws:VpcSourceIp",
            "aws:SourceVpc",
            "aws:SourceVpcArn",
            "aws:SourceVpce",
            "aws:VpceAccount",
            "aws:VpceOrgID",
            "aws:VpceOrgPaths",
        ]);
        Ok(())
    }

    fn via_aws_service(&mut self, caller: &Caller, question: &Question) {
        let mut given = question.context.iter();
        let service = given.find(|(name, _)| name.eq_ignore_ascii_case("kms:ViaService"));
        match service.map(|(_, entry)| entry) {
            _ if question.via.is_some() => self.boolean("aws:ViaAWSService", true),
            _ if caller.is_service() => self.boolean("aws:ViaAWSService", false),
            Some(Entry::Unknown) => self.set("aws:ViaAWSService", Entry::Unknown),
            Some(entry) if !entry.values().is_empty() => self.boolean("aws:ViaAWSService", true),
            Some(_) | None => self.assume("aws:ViaAWSService", "false"),
        }
    }

    /// What KMS takes if a parameter is not sent; a call may send another value.
    ///
    /// Source: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)
    fn defaults(&mut self, question: &Question) {
        let parameters: &[(&str, &str)] = match question.action.short_name() {
            "CreateKey" => &[
                ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
                ("kms:CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"),
                ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
                ("kms:CustomerMasterKeyUsage", "ENCRYPT_DECRYPT"),
                ("kms:KeyOrigin", "AWS_KMS"),
                ("kms:MultiRegion", "false"),
            ],
            "Sign" | "Verify" => &[("kms:MessageType", "RAW")],
            "GetKeyPolicy" | "PutKeyPolicy" => &[("kms:PolicyName", "default")],
            "DeriveSharedSecret" => &[("kms:KeyAgreementAlgorithm", "ECDH")],
            // True only if a service makes the call for the caller.
            "CreateGrant" | "ListGrants" | "RevokeGrant" if question.via.is_some() => {
                return self.boolean("kms:GrantIsForAWSResource", true);
            }
            "CreateGrant" | "ListGrants" | "RevokeGrant" => {
                &[("kms:GrantIsForAWSResource", "false")]
            }
            _ => &[],
        };
        for (key, value) in parameters {
            self.assume(key, value);
        }
    }

    fn key(&mut self, target: &Target<'_>) {
        let key = target.key;
        for (name, value) in key_properties(key) {
            match key.knowledge {
                Knowledge::Described => self.value(name, value),
                Knowledge::Assumed => self.assume(name, value),
            }
        }
        if key.knowledge == Knowledge::Described {
            self.context.settle("aws:ResourceTag/");
            self.multi_region_key_type(key);
            self.absent(&["kms:ResourceAliases"]);
        }
        for (tag, value) in &key.tags {
            self.value(&format!("aws:ResourceTag/{tag}"), value.as_str());
        }
        if !key.aliases.is_empty() {
            self.set("kms:ResourceAliases", Entry::Values(key.aliases.clone()));
        }
        match target.alias {
            Some(alias) => self.value("kms:RequestAlias", alias),
            None => self.absent(&["kms:RequestAlias"]),
        }
    }

    fn multi_region_key_type(&mut self, key: &Key) {
        match key.multi_region {
            Some(MultiRegion::Primary) => self.value("kms:MultiRegionKeyType", "PRIMARY"),
            Some(MultiRegion::Replica) => self.value("kms:MultiRegionKeyType", "REPLICA"),
            None if is_multi_region(key) => {}
            None => self.absent(&["kms:MultiRegionKeyType"]),
        }
    }

    fn encryption_context(&mut self, question: &Question, warnings: &mut Vec<String>) {
        let Some(pairs) = &question.encryption_context else {
            return;
        };
        let takes_pairs = ConditionKey::find("kms:EncryptionContextKeys")
            .is_some_and(|key| key.is_sent_with(question.action));
        if !takes_pairs {
            if !pairs.is_empty() {
                let name = question.action.name;
                warnings
                    .push(format!("{name} has no encryption context; what was given is not used"));
            }
            return;
        }
        self.context.settle("kms:EncryptionContext:");
        let mut names: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let key = ContextKey::new(&format!("kms:EncryptionContext:{name}"));
            let mut values = self.context.get(&key).values().to_vec();
            if !values.is_empty() {
                warnings.push(format!(
                    "the encryption context names {} twice, but for case, and a condition key cannot tell them apart",
                    Quoted(name)
                ));
            }
            values.push(value.clone());
            self.context.set(key, Entry::Values(values));
            names.push(name.clone());
        }
        let entry = if names.is_empty() { Entry::Absent } else { Entry::Values(names) };
        self.set("kms:EncryptionContextKeys", entry);
    }

    fn moment(&mut self, question: &Question) -> Result<(), QuestionError> {
        let (Moment::Given(text) | Moment::Clock(text)) = &question.at else {
            return Ok(());
        };
        // `20261123` is meant as a date, and would be read as a day in 1970.
        let is_plausible = !text.bytes().all(|byte| byte.is_ascii_digit()) || text.len() >= 9;
        let instant = date::parse(text).filter(|_| is_plausible).ok_or_else(|| {
            QuestionError::new(
                QuestionPart::At,
                format!("expected a time such as 2026-11-23T02:00:00Z, found {}", Quoted(text)),
            )
        })?;
        for (key, value) in date_keys(instant) {
            match question.at {
                Moment::Clock(_) => self.assume(key, &value),
                Moment::Given(_) | Moment::Unsaid => self.value(key, value),
            }
        }
        Ok(())
    }

    /// Keys that no request for the action carries are absent, and nobody can send them.
    fn unsent(&mut self, question: &Question) {
        for key in ConditionKey::all().iter().filter(|key| !key.is_sent_with(question.action)) {
            match key.prefix() {
                Some(prefix) => self.context.settle(prefix),
                None => self.set(key.name, Entry::Absent),
            }
        }
    }
}

/// What a key is, as condition keys see it.
fn key_properties(key: &Key) -> Vec<(&'static str, &str)> {
    let multi_region = if is_multi_region(key) { "true" } else { "false" };
    let symmetric = (key.spec == "SYMMETRIC_DEFAULT")
        .then_some(("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"));
    [
        ("kms:KeySpec", key.spec.as_str()),
        ("kms:CustomerMasterKeySpec", key.spec.as_str()),
        ("kms:KeyUsage", key.usage.as_str()),
        ("kms:CustomerMasterKeyUsage", key.usage.as_str()),
        ("kms:KeyOrigin", key.origin.as_str()),
        ("kms:MultiRegion", multi_region),
    ]
    .into_iter()
    .chain(symmetric)
    .collect()
}

fn is_multi_region(key: &Key) -> bool {
    key.multi_region.is_some() || key.id.starts_with("mrk-")
}

/// The two keys that say when.
pub(super) fn date_keys(instant: Timestamp) -> [(&'static str, String); 2] {
    [("aws:CurrentTime", instant.to_string()), ("aws:EpochTime", instant.as_second().to_string())]
}
