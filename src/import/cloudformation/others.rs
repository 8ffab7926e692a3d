//! What stands around keys and principals: VPC endpoints, the organization, and what is not read.

use super::build::{Builder, if_there};
use super::declared::{Declared, Existence, known};
use super::policy;
use super::scope::Scope;
use crate::arn::AccountId;
use crate::document::InputError;
use crate::import::{EstateOrganization, EstatePolicy, EstateVpcEndpoint};
use crate::policy::Kind;
use crate::text::Quoted;

/// Source: [AWS::EC2::VPCEndpoint](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpcendpoint.html)
pub(super) fn vpc_endpoint(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    match declared.text("ServiceName")? {
        Some(Ok(service)) if is_kms(&service) => {}
        Some(Err(reason)) => {
            builder
                .estate
                .notes
                .push(declared.note(&format!("is taken to be for another service: {reason}")));
            return Ok(());
        }
        Some(Ok(_)) | None => return Ok(()),
    }
    builder.presume(declared, existence);
    let Ok(id) = declared.reference()? else { return Ok(()) };
    let notes = &mut builder.estate.notes;
    let policy = match declared.get("PolicyDocument")? {
        Some(value) => policy::read(declared, "PolicyDocument", value, Kind::VpcEndpoint, notes)?,
        None => policy::changed_by_macro(declared).map(|it| EstatePolicy::Unknown(it.to_string())),
    };
    let vpc = declared.text("VpcId")?.and_then(Result::ok);
    notes.push(declared.note(&format!("is the VPC endpoint {}", Quoted(&id))));
    builder.estate.vpc_endpoints.insert(id, EstateVpcEndpoint { vpc, policy });
    Ok(())
}

/// Source: [Endpoints of KMS](https://docs.aws.amazon.com/kms/latest/developerguide/vpce-create-endpoint.html)
fn is_kms(service: &str) -> bool {
    matches!(service.rsplit_once('.'), Some((_, "kms" | "kms-fips")))
}

/// A control policy. To an account that it is attached to, it is a level of its own, with
/// `FullAWSAccess`, which AWS attaches to all. Which accounts a unit or root holds is not known,
/// so there may be a level over every account.
///
/// Source: [AWS::Organizations::Policy](https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-organizations-policy.html)
pub(super) fn organization_policy(
    builder: &mut Builder<'_, '_>,
    declared: Declared<'_, '_>,
    existence: &Existence,
) -> Result<(), InputError> {
    let kind = match declared.text("Type")? {
        Some(Ok(kind)) if kind == "SERVICE_CONTROL_POLICY" => Kind::ServiceControl,
        Some(Ok(kind)) if kind == "RESOURCE_CONTROL_POLICY" => Kind::ResourceControl,
        _ => return Ok(()),
    };
    let value = declared.required("Content")?;
    let policy = policy::read(declared, "Content", value, kind, &mut builder.estate.notes)?;
    let Some(policy) = policy.map(|policy| if_there(policy, existence)) else { return Ok(()) };
    let (mut accounts, mut open) = (Vec::new(), None);
    match declared.items("TargetIds")? {
        Err(reason) => open = Some(reason.to_string()),
        Ok(targets) => {
            for target in targets {
                match known(target.scalar())? {
                    Err(reason) => open = Some(reason.to_string()),
                    Ok(id) => {
                        let account = id.parse::<AccountId>().map_err(|_| {
                            format!("whether the account is below {} is not known", Quoted(&id))
                        });
                        accounts.extend(account.as_ref().ok());
                        open = open.or(account.err());
                    }
                }
            }
        }
    }
    for account in accounts {
        builder.limit(account, kind, policy.clone());
    }
    if let Some(reason) = open {
        let why = format!("{} may be attached: {reason}", declared.quoted());
        for account in builder.accounts() {
            builder.limit(account, kind, EstatePolicy::Unknown(why.clone()));
        }
    }
    Ok(())
}

impl Builder<'_, '_> {
    pub(super) fn accounts(&self) -> Vec<AccountId> {
        let mut accounts: Vec<AccountId> =
            self.world.stacks.iter().map(|it| it.account.id).collect();
        accounts.sort_unstable();
        accounts.dedup();
        accounts
    }

    /// A level over an account.
    pub(super) fn limit(&mut self, account: AccountId, kind: Kind, policy: EstatePolicy) {
        let organization = self.estate.organization.get_or_insert_with(EstateOrganization::default);
        let member = organization.accounts.entry(account.to_string()).or_default();
        if kind == Kind::ResourceControl {
            member.resource_control_policies.push(vec![policy]);
        } else {
            let full = EstatePolicy::BuiltIn("FullAWSAccess");
            match member.service_control_policies.first_mut() {
                Some(level) => level.push(policy),
                None => member.service_control_policies.push(vec![full, policy]),
            }
        }
    }
}

const PROCESSED: &str =
    "read what AWS makes of it: `aws cloudformation get-template --template-stage Processed`";

/// Says what of a template is not worked out.
pub(super) fn tell_expansions(builder: &mut Builder<'_, '_>, scope: Scope<'_, '_>) {
    let sections = &scope.stack.sections;
    let notes = &mut builder.estate.notes;
    for (name, at) in &sections.loops {
        let place = at.place();
        let name = Quoted(name);
        notes.push(format!(
            "{place}: {name} is not worked out: the keys and principals that it declares are left out, and what it attaches is not known; {PROCESSED}"
        ));
    }
    for (name, at) in &sections.macros {
        if !matches!(
            *name,
            "AWS::LanguageExtensions"
                | "AWS::SecretsManager-2020-07-23"
                | "AWS::SecretsManager-2024-09-16"
        ) {
            let place = at.place();
            notes.push(format!("{place}: the macro {} is not run; {PROCESSED}", Quoted(name)));
        }
    }
    for resource in sections.resources.values() {
        let is_read = scope.inner(resource.id).is_some();
        if let Some(what) = not_read(resource.kind).filter(|_| !is_read) {
            notes.push(Declared { scope, resource: *resource }.note(&what));
        }
    }
}

/// What is to be said of resources that may hold or change what the template does not show.
fn not_read(kind: &str) -> Option<String> {
    let kind = Quoted(kind);
    match kind.0 {
        "AWS::CloudFormation::Stack" | "AWS::CloudFormation::StackSet" => Some(
            "is a stack of its own: what it holds is not known unless its template is read too"
                .into(),
        ),
        "AWS::CloudFormation::CustomResource" => {
            Some("is a custom resource: what it changes is not known".into())
        }
        name if name.starts_with("Custom::") => {
            Some(format!("of {kind} is a custom resource: what it changes is not known"))
        }
        name if name.starts_with("AWS::Serverless::") || name.ends_with("::MODULE") => {
            Some(format!("of {kind} is not expanded: the roles and policies in it are not read"))
        }
        _ => None,
    }
}

/// What the user gave and no template asks for.
pub(super) fn unused(name: &str) -> String {
    format!("no template asks for {}, which was given", Quoted(name))
}
