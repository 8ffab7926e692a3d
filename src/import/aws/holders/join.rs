use super::super::managed::Managed;
use super::{Boundary, Holder, Holders, account_of};
use crate::arn::Arn;
use crate::environment::Part;
use crate::import::{Estate, EstatePolicy, EstatePrincipal};
use crate::request::Account;

impl Holders {
    /// Puts them into an estate.
    pub(in crate::import::aws) fn join(
        self,
        managed: &Managed,
        account: Option<Account>,
        estate: &mut Estate,
    ) {
        let mut users = Vec::new();
        for (arn, holder) in self.by_arn {
            let name = short(&arn, account);
            match name.strip_prefix("group/") {
                Some(group) => {
                    let group = last(group).to_owned();
                    estate.groups.insert(group, holder.policies(&name, managed));
                }
                None if arn.contains(":group/") => {
                    let group = format!("{}/{}", before_path(&arn), last(&arn));
                    estate.groups.insert(group, holder.policies(&arn, managed));
                }
                None => users.push((name, arn, holder)),
            }
        }
        for (name, arn, holder) in users {
            let principal = holder.principal(&name, &arn, managed, account, estate);
            estate.principals.insert(name, principal);
        }
        let pages = self.pages.into_values().filter(|pages| !pages.has_last);
        for page in pages.flat_map(|pages| pages.cut) {
            estate.notes.push(format!("{page}: another page should follow and does not: users, roles and policies on it are not known"));
        }
    }
}

impl Holder {
    /// Inline and managed policies, and what stands for those that are not known.
    fn policies(&self, name: &str, managed: &Managed) -> Vec<EstatePolicy> {
        let unknown = |what: &str, command: &str| {
            EstatePolicy::Unknown(format!(
                "{what} of {name} was not collected: `aws iam {command}`"
            ))
        };
        let sort = name.split('/').next().unwrap_or("role").rsplit(':').next().unwrap_or("role");
        let mut policies: Vec<EstatePolicy> = self.inline.values().cloned().collect();
        let cut = self.pages.iter().filter(|(_, has_last)| !**has_last);
        policies.extend(cut.map(|(list, _)| {
            let reason = format!(
                "the list of {list} of {name} is not whole: another page should follow and does not"
            );
            EstatePolicy::Unknown(reason)
        }));
        match &self.names {
            Some(names) => {
                let missing = names.iter().filter(|name| !self.inline.contains_key(*name));
                policies.extend(missing.map(|missing| {
                    unknown(&format!("the inline policy {missing}"), &format!("get-{sort}-policy"))
                }));
            }
            None => policies
                .push(unknown("the list of inline policies", &format!("list-{sort}-policies"))),
        }
        match &self.attached {
            Some(arns) => policies.extend(arns.iter().map(|arn| managed.get(arn))),
            None => policies.push(unknown(
                "the list of managed policies",
                &format!("list-attached-{sort}-policies"),
            )),
        }
        policies
    }

    fn principal(
        self,
        name: &str,
        arn: &str,
        managed: &Managed,
        account: Option<Account>,
        estate: &mut Estate,
    ) -> EstatePrincipal {
        let mut identity_policies = self.policies(name, managed);
        let is_user = arn.contains(":user/");
        let mut groups = Vec::new();
        if is_user && self.groups.is_none() {
            let reason =
                format!("the groups of {name} were not collected: `aws iam list-groups-for-user`");
            identity_policies.push(EstatePolicy::Unknown(reason));
        }
        for group in self.groups.iter().flatten() {
            let key = if account_of(arn) == account {
                group.clone()
            } else {
                format!("{}/{group}", before_path(arn).replace(":user", ":group"))
            };
            estate.groups.entry(key.clone()).or_insert_with(|| {
                let reason = format!("the policies of the group {group} were not collected: `aws iam get-account-authorization-details`");
                vec![EstatePolicy::Unknown(reason)]
            });
            groups.push(key);
        }
        let permissions_boundary = match &self.boundary {
            Boundary::Is(arn) => Some(managed.get(arn)),
            Boundary::None => None,
            Boundary::Untold => Some(EstatePolicy::Unknown(format!(
                "whether {name} has a permissions boundary was not collected: `aws iam get-{}`",
                if is_user { "user" } else { "role" }
            ))),
        };
        EstatePrincipal {
            id: self.id,
            identity_policies,
            permissions_boundary,
            tags: self.tags,
            unknown: (!self.is_described).then_some(Part::Tags).into_iter().collect(),
            groups,
            from: Some(self.from),
        }
    }
}

/// The name, without its path.
fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

fn before_path(arn: &str) -> &str {
    arn.split('/').next().unwrap_or(arn)
}

/// `role/NAME` in the account of short names, else the ARN.
fn short(arn: &str, account: Option<Account>) -> String {
    match (account_of(arn), Arn::parse(arn)) {
        (Some(own), Ok(parsed)) if Some(own) == account => parsed.resource.to_owned(),
        _ => arn.to_owned(),
    }
}
