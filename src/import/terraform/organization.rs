//! Policies of AWS Organizations.

use std::collections::{BTreeMap, BTreeSet};

use super::policy::open_attribute;
use super::resource::Resource;
use super::scene::{Lacking, Scene};
use super::slot::Setting;
use super::wanted::Wanted;
use crate::arn::{AccountId, Arn};
use crate::document::{At, Document, Format, InputError};
use crate::import::{Estate, EstateMember, EstateOrganization, EstatePolicy};
use crate::text::{Printable, Quoted, shell_word};

/// The policy that AWS attaches everywhere at first.
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// Policies by what they are attached to.
#[derive(Default)]
struct Controls {
    service: BTreeMap<String, Vec<EstatePolicy>>,
    resource: BTreeMap<String, Vec<EstatePolicy>>,
    /// Where `FullAWSAccess` is said to be attached.
    full: BTreeSet<String>,
    /// What may be attached anywhere, by why it is not known.
    open: Vec<(Sort, String)>,
}

/// What an attachment attaches.
enum Control {
    FullAccess,
    Policy(Sort, EstatePolicy),
    /// A policy that limits nobody, such as one on tags.
    Other,
}

/// Of which sort a policy is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Service,
    Resource,
    /// It may be any.
    Unknown,
}

/// What is above an account.
struct Above {
    /// The ids that are known, from the account up.
    path: Vec<String>,
    /// Whether it ends at the root.
    is_all: bool,
}

impl<'a> Scene<'a> {
    /// Adds the organization. Where the document does not have the whole tree, what is attached
    /// somewhere in it may limit every account of which it is not known where it stands.
    ///
    /// Source: [aws_organizations_policy](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/organizations_policy),
    /// [inheritance](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html)
    pub(super) fn organization(&self, estate: &mut Estate) -> Result<(), InputError> {
        let controls = self.controls()?;
        let mut organization = EstateOrganization::default();
        let kinds = ["aws_organizations_organization", "data.aws_organizations_organization"];
        if let Some(it) = self.world.of_kinds(&kinds).next() {
            organization.id = self.scalar(it, "id").map(str::to_owned);
            let management = self.scalar(it, "master_account_id");
            organization.management_account = management.and_then(|id| id.parse().ok());
        }
        let mut used = BTreeSet::new();
        for id in self.accounts(estate) {
            let above = self.above(&id);
            let (member, concerned) = controls.member(&id, &above);
            used.extend(concerned);
            let is_limited = !member.service_control_policies.is_empty()
                || !member.resource_control_policies.is_empty();
            if above.is_all || is_limited {
                organization.accounts.insert(id, member);
            }
        }
        let unused = controls.targets().into_iter().filter(|target| !used.contains(*target));
        for target in unused {
            self.note(format!(
                "the policies of AWS Organizations on {} are left out: no account of the document is below it",
                Quoted(target)
            ));
        }
        let is_said = !organization.accounts.is_empty() || organization.id.is_some();
        estate.organization = is_said.then_some(organization);
        Ok(())
    }

    /// All accounts that the document has something of.
    fn accounts(&self, estate: &Estate) -> BTreeSet<String> {
        let arns = estate.keys.values().filter_map(|key| key.arn.as_deref());
        let arns = arns.chain(estate.principals.keys().map(String::as_str));
        let of_arn = |arn| Some(Arn::parse(arn).ok()?.account_id().ok()?.to_string());
        let mut ids: BTreeSet<String> = arns.filter_map(of_arn).collect();
        let accounts = self.world.of_kinds(&["aws_organizations_account"]);
        ids.extend(accounts.filter_map(|it| self.scalar(it, "id").map(str::to_owned)));
        ids.extend(self.home.account.map(|account| account.id.to_string()));
        ids
    }

    /// The organizational units and the root above an account, as far as they are known.
    fn above(&self, account: &str) -> Above {
        let mut above = Above { path: Vec::new(), is_all: false };
        let mut kind = "aws_organizations_account";
        let mut id = account.to_owned();
        // A tree is at most five levels deep; more is a circle.
        while above.path.len() <= 10 {
            let node = self.world.of_kinds(&[kind]).find(|it| self.scalar(it, "id") == Some(&id));
            let parent = node.map(|it| self.text(it, "parent_id", Wanted::Id));
            let Some(Ok(Some(parent))) = parent else { break };
            above.path.push(parent.clone());
            if parent.starts_with("r-") {
                above.is_all = true;
                break;
            }
            kind = "aws_organizations_organizational_unit";
            id = parent;
        }
        above
    }

    fn controls(&self) -> Result<Controls, InputError> {
        let mut controls = Controls::default();
        for it in self.world.of_kinds(&["aws_organizations_policy_attachment"]) {
            let control = self.control(it)?;
            let target = match self.text(it, "target_id", Wanted::Id) {
                Ok(target) => target,
                Err(lacking) => {
                    let sort = match control {
                        Control::Policy(sort, _) => sort,
                        Control::FullAccess | Control::Other => continue,
                    };
                    controls.open.push((sort, open_attribute(it, "target_id", "", lacking)?));
                    continue;
                }
            };
            let Some(target) = target else { continue };
            match control {
                Control::FullAccess => {
                    controls.full.insert(target.clone());
                    controls.service.entry(target).or_default();
                }
                Control::Policy(sort, policy) => controls.add(sort, target, policy),
                Control::Other => {}
            }
        }
        Ok(controls)
    }

    /// The policy that an attachment attaches.
    fn control(&self, attachment: &Resource<'a>) -> Result<Control, InputError> {
        let id = self.text(attachment, "policy_id", Wanted::Id);
        if matches!(&id, Ok(Some(id)) if id == FULL_ACCESS) {
            return Ok(Control::FullAccess);
        }
        let kinds = ["aws_organizations_policy"];
        let by_id = |id: &str| {
            let mut policies = self.world.of_kinds(&kinds);
            policies.find(|it| self.scalar(it, "id") == Some(id) || it.address == id)
        };
        match id {
            Ok(Some(id)) => match by_id(&id) {
                Some(it) => self.organization_policy(it),
                None => Ok(self.assumed_control(attachment, &id)),
            },
            Ok(None) => Ok(Control::Other),
            Err(lacking) => {
                let references = lacking.references()?;
                let candidates = self.candidates(attachment, "policy_id", &kinds);
                match &*candidates {
                    [only] if matches!(attachment.slot("policy_id").setting, Setting::Set(_)) => {
                        let it = self.world.at(only);
                        it.map_or(Ok(Control::Other), |it| self.organization_policy(it))
                    }
                    _ => {
                        let lacking = Lacking::Unknown(references);
                        let why = open_attribute(attachment, "policy_id", "", lacking)?;
                        Ok(Control::Policy(Sort::Unknown, EstatePolicy::Unknown(why)))
                    }
                }
            }
        }
    }

    fn organization_policy(&self, it: &Resource<'a>) -> Result<Control, InputError> {
        let sort = match self.scalar(it, "type") {
            Some("RESOURCE_CONTROL_POLICY") => Sort::Resource,
            Some("SERVICE_CONTROL_POLICY") | None => Sort::Service,
            Some(_) => return Ok(Control::Other),
        };
        let policy = self.policy(it, "content")?;
        Ok(policy.map_or(Control::Other, |policy| Control::Policy(sort, policy)))
    }

    /// A policy that is not in the document, as the user gives it.
    fn assumed_control(&self, attachment: &Resource<'a>, id: &str) -> Control {
        let text = self.assumed.get(id).and_then(At::as_str);
        let Some(text) = text else {
            let why = format!(
                "{}, which {} attaches, is not in the document; give it with --assume {}=…",
                Quoted(id),
                Quoted(&attachment.address),
                shell_word(&Printable(id).to_string())
            );
            return Control::Policy(Sort::Unknown, EstatePolicy::Unknown(why));
        };
        let source = crate::document::Source::new(format!("policy {}", Quoted(id)), text);
        let policy = EstatePolicy::Document(source);
        // Only those on resources name principals.
        let names = |at: At<'_>| at.as_object().is_some_and(|it| it.get("Principal").is_some());
        let sort = if any_statement(&policy, &names) { Sort::Resource } else { Sort::Service };
        Control::Policy(sort, policy)
    }
}

impl Controls {
    fn add(&mut self, sort: Sort, target: String, policy: EstatePolicy) {
        if sort != Sort::Resource {
            self.service.entry(target.clone()).or_default().push(policy.clone());
        }
        if sort != Sort::Service {
            self.resource.entry(target).or_default().push(policy);
        }
    }

    fn targets(&self) -> BTreeSet<&String> {
        self.service.keys().chain(self.resource.keys()).collect()
    }

    /// What limits an account, and the targets that concern it.
    fn member(&self, id: &str, above: &Above) -> (EstateMember, BTreeSet<String>) {
        let levels: Vec<String> = above.path.iter().rev().cloned().chain([id.to_owned()]).collect();
        let is_certain = |target: &&String| levels.contains(*target);
        let is_other = |target: &&String| {
            !above.is_all && !is_certain(target) && target.parse::<AccountId>().is_err()
        };
        let targets = self.targets();
        let may: BTreeSet<&String> = targets.iter().copied().filter(is_other).collect();
        let certain: BTreeSet<&String> = targets.iter().copied().filter(is_certain).collect();
        let mut concerned: BTreeSet<String> = may.iter().map(|it| (*it).clone()).collect();
        concerned.extend(certain.iter().map(|it| (*it).clone()));
        let is_member = above.is_all || !certain.is_empty();
        let mut member = EstateMember::default();
        if is_member {
            member.service_control_policies = self.service_levels(&levels);
            member.resource_control_policies = self.resource_levels(&levels);
        }
        if above.is_all {
            member.ou_path = above.path.iter().rev().cloned().collect();
        }
        let service = self.may_limit(id, &may, (Sort::Service, &self.service));
        member.service_control_policies.extend((!service.is_empty()).then_some(service));
        let resource = self.may_limit(id, &may, (Sort::Resource, &self.resource));
        member.resource_control_policies.extend((!resource.is_empty()).then_some(resource));
        (member, concerned)
    }

    /// What may limit an account: what is on targets that it may be below, and what may be on any.
    fn may_limit(
        &self,
        id: &str,
        targets: &BTreeSet<&String>,
        (sort, of): (Sort, &BTreeMap<String, Vec<EstatePolicy>>),
    ) -> Vec<EstatePolicy> {
        let may = targets.iter().filter(|target| of.contains_key(**target)).map(|target| {
            let target = Quoted(target);
            format!("whether the account `{id}` is below {target} is not in the document")
        });
        let open = self.open.iter().filter(|(it, _)| *it == sort || *it == Sort::Unknown);
        let open = open.map(|(_, why)| format!("a policy may be attached above `{id}`: {why}"));
        may.chain(open).map(EstatePolicy::Unknown).collect()
    }

    fn service_levels(&self, levels: &[String]) -> Vec<Vec<EstatePolicy>> {
        let level = |target: &String| {
            let mut level = self.service.get(target).cloned().unwrap_or_default();
            if self.full.contains(target) || level.iter().all(only_denies) {
                // What only denies would deny everything without it, and AWS attaches it to
                // every level at first.
                level.insert(0, EstatePolicy::BuiltIn("FullAWSAccess"));
            } else {
                level.push(EstatePolicy::Unknown(format!(
                    "whether FullAWSAccess is still attached to `{target}` is not in the document"
                )));
            }
            level
        };
        levels.iter().map(level).collect()
    }

    fn resource_levels(&self, levels: &[String]) -> Vec<Vec<EstatePolicy>> {
        let level = |target: &String| self.resource.get(target).cloned().unwrap_or_default();
        levels.iter().map(level).collect()
    }
}

/// Whether a service control policy has no `Allow`.
fn only_denies(policy: &EstatePolicy) -> bool {
    let allows =
        |at: At<'_>| at.as_object().and_then(|it| it.get("Effect")?.as_str()) != Some("Deny");
    policy.source().is_some() && !any_statement(policy, &allows)
}

fn any_statement(policy: &EstatePolicy, is_it: &dyn Fn(At<'_>) -> bool) -> bool {
    let Some(source) = policy.source() else { return false };
    let Ok(document) = Document::parse(source.clone(), Format::Json) else { return false };
    let policy = document.root().as_object().and_then(|it| it.get("Statement"));
    policy.map(At::one_or_many).unwrap_or_default().into_iter().any(is_it)
}
