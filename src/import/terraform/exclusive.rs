//! Resources that say all policies that there are, and take away the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::holders::{Holder, Holders, Kind, Name};
use super::policy::open_attribute;
use super::principals::Managed;
use super::resource::Resource;
use super::scene::Scene;
use super::slot::Stage;
use super::wanted::Wanted;
use crate::document::InputError;
use crate::import::EstatePolicy;
use crate::text::Quoted;

/// What there is and nothing else, as a resource says it, or why that is not known.
type Listed = Result<BTreeMap<String, EstatePolicy>, String>;

impl<'a> Scene<'a> {
    /// Only these are attached, and what else is attached will be detached.
    ///
    /// Source: [aws_iam_role_policy_attachments_exclusive](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachments_exclusive)
    pub(super) fn exclusive_attachments(
        &self,
        kind: Kind,
        managed: &Managed<'a>,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let resource = format!("{}_policy_attachments_exclusive", kind.resource());
        for it in self.world.of_kinds(&[&resource]) {
            let listed = self.listed(it, "policy_arns", Wanted::PolicyArn, &|arn| {
                self.managed(arn, it, managed)
            })?;
            self.give(it, (kind, &format!("{}_name", kind.word())), holders, &|holder| {
                let shown = &holder.shown;
                only(it, &listed, &mut holder.managed, shown, &mut holder.doubts);
            })?;
        }
        Ok(())
    }

    /// Only these inline policies are there, and others will be deleted.
    ///
    /// Source: [aws_iam_role_policies_exclusive](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policies_exclusive)
    pub(super) fn exclusive_policies(
        &self,
        kind: Kind,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let resource = format!("{}_policies_exclusive", kind.resource());
        let wanted = Wanted::PolicyName(kind.inline());
        for it in self.world.of_kinds(&[&resource]) {
            let listed = self.listed(it, "policy_names", wanted, &|name| {
                let (name, address) = (Quoted(name), Quoted(&it.address));
                Ok(EstatePolicy::Unknown(format!(
                    "the inline policy {name} is not in the document, only its name in {address}"
                )))
            })?;
            self.give(it, (kind, &format!("{}_name", kind.word())), holders, &|holder| {
                let shown = &holder.shown;
                only(it, &listed, &mut holder.inline, shown, &mut holder.doubts);
            })?;
        }
        Ok(())
    }

    /// What a list says there is, or why it is not known.
    fn listed(
        &self,
        it: &'a Resource<'a>,
        attribute: &str,
        wanted: Wanted,
        policy: &dyn Fn(&str) -> Result<EstatePolicy, InputError>,
    ) -> Result<Listed, InputError> {
        match self.texts(it, self.slot(it, attribute), attribute, wanted) {
            Ok(names) => {
                let policy = |name: String| policy(&name).map(|policy| (name, policy));
                names.into_iter().map(policy).collect::<Result<_, _>>().map(Ok)
            }
            Err(lacking) => Ok(Err(open_attribute(it, attribute, "", lacking)?)),
        }
    }

    /// Attaches policies to those that are listed, and to nobody else.
    ///
    /// Source: [aws_iam_policy_attachment](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment)
    pub(super) fn policy_attachments(
        &self,
        managed: &Managed<'a>,
        holders: &mut Holders,
    ) -> Result<(), InputError> {
        let mut attachments = self.world.of_kinds(&["aws_iam_policy_attachment"]).peekable();
        if attachments.peek().is_none() {
            return Ok(());
        }
        let having = having(holders);
        for it in attachments {
            let (arn, policy) = self.attached_policy(it, managed)?;
            let mut listed = BTreeSet::new();
            let mut open = BTreeSet::new();
            for kind in Kind::ALL {
                let attribute = format!("{}s", kind.word());
                let given = self.give_each(it, (kind, &attribute), holders, &|holder| {
                    holder.attach(&arn, policy.clone());
                })?;
                match given {
                    Some(names) => listed.extend(names),
                    None => open.extend([kind]),
                }
            }
            // Without its ARN it may be any policy.
            let is_known = self.text(it, "policy_arn", Wanted::PolicyArn).is_ok();
            let of_arn = having.get(&arn).into_iter();
            let all = having.values().filter(|_| !is_known);
            let others = of_arn.chain(all).flatten().filter(|name| !listed.contains(name));
            for name in others {
                let is_open = !is_known || open.contains(&name.kind);
                self.revoke(it, is_known.then_some(&arn), is_open, (name, holders));
            }
        }
        Ok(())
    }

    /// Takes a policy, or all that may be it, from a holder that is not listed.
    fn revoke(
        &self,
        it: &Resource<'a>,
        arn: Option<&String>,
        is_open: bool,
        (name, holders): (&Name, &mut Holders),
    ) {
        let account = self.home.account(it);
        if it.stage == Stage::Settled || (account.is_some() && name.account != account) {
            return;
        }
        let Some(holder) = holders.all.get_mut(name) else { return };
        let Holder { shown, managed, .. } = holder;
        let arns: Vec<String> = match arn {
            Some(arn) => vec![arn.clone()],
            None => shown.iter().cloned().collect(),
        };
        for arn in &arns {
            if is_open || account.is_none() {
                let why = format!(
                    "whether {} takes this policy away is known after apply",
                    Quoted(&it.address)
                );
                managed.entry(arn.clone()).and_modify(|it| *it = EstatePolicy::Unknown(why));
            } else {
                take(it, arn, managed, shown);
            }
        }
    }
}

/// Who has managed policies, by their ARNs.
fn having(holders: &Holders) -> HashMap<String, Vec<Name>> {
    let mut having: HashMap<String, Vec<Name>> = HashMap::new();
    for (name, holder) in &holders.all {
        for arn in holder.managed.keys() {
            having.entry(arn.clone()).or_default().push(name.clone());
        }
    }
    having
}

/// Leaves of the policies only those that are listed.
fn only(
    it: &Resource<'_>,
    listed: &Listed,
    policies: &mut BTreeMap<String, EstatePolicy>,
    shown: &BTreeSet<String>,
    doubts: &mut BTreeSet<String>,
) {
    match listed {
        Ok(listed) => {
            let others: Vec<String> =
                policies.keys().filter(|name| !listed.contains_key(*name)).cloned().collect();
            for name in others {
                take(it, &name, policies, shown);
            }
            for (name, policy) in listed {
                policies.entry(name.clone()).or_insert_with(|| policy.clone());
            }
        }
        Err(reason) => {
            for policy in policies.values_mut() {
                *policy = EstatePolicy::Unknown(reason.clone());
            }
            doubts.insert(reason.clone());
        }
    }
}

/// Takes away what is there from before. What another resource gives at the same time comes and
/// goes with every apply.
fn take(
    it: &Resource<'_>,
    name: &str,
    policies: &mut BTreeMap<String, EstatePolicy>,
    shown: &BTreeSet<String>,
) {
    match (it.stage, shown.contains(name)) {
        // A state has what there is.
        (Stage::Settled, _) => {}
        (_, true) if it.is_changed => {
            policies.remove(name);
        }
        (_, true) => {}
        (_, false) => {
            let why = format!(
                "{} takes the policy {} away, which another resource gives",
                Quoted(&it.address),
                Quoted(name)
            );
            policies.entry(name.to_owned()).and_modify(|it| *it = EstatePolicy::Unknown(why));
        }
    }
}
