//! Users, roles and groups, and what is attached to them.

mod join;

use std::collections::{BTreeMap, HashMap};

use super::owners::{Owner, Stop};
use super::{path, tags, text};
use crate::arn::Arn;
use crate::document::{At, InputError, Object};
use crate::import::EstatePolicy;
use crate::import::sniff::{Found, Kind};
use crate::request::Account;
use crate::text::Quoted;

/// What has policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Role,
    User,
    Group,
}

impl Sort {
    /// As in an ARN.
    fn word(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// The members that `get-account-authorization-details` has for its name and inline policies.
    fn members(self) -> [&'static str; 2] {
        match self {
            Self::Role => ["RoleName", "RolePolicyList"],
            Self::User => ["UserName", "UserPolicyList"],
            Self::Group => ["GroupName", "GroupPolicyList"],
        }
    }
}

/// The permissions boundary.
#[derive(Debug, Default)]
enum Boundary {
    /// Nobody told whether there is one.
    #[default]
    Untold,
    None,
    /// The managed policy that it is.
    Is(String),
}

/// What is known of a user, role or group. What nobody told is none.
#[derive(Debug, Default)]
struct Holder {
    from: String,
    id: Option<String>,
    tags: BTreeMap<String, String>,
    /// The names of its inline policies, if they were listed.
    names: Option<Vec<String>>,
    inline: BTreeMap<String, EstatePolicy>,
    /// The ARNs of its managed policies, if they were listed.
    attached: Option<Vec<String>>,
    /// The names of its groups, if they were listed.
    groups: Option<Vec<String>>,
    /// The lists that were read, and whether their last pages were.
    pages: BTreeMap<&'static str, bool>,
    boundary: Boundary,
    /// Whether a document is about itself, and not only about a policy of it.
    is_described: bool,
    /// Whether that is `get-account-authorization-details`.
    has_details: bool,
}

/// Users, roles and groups by ARN.
#[derive(Default)]
pub(super) struct Holders {
    by_arn: BTreeMap<String, Holder>,
    /// The ARNs by what the ARN has behind the account, without the path: `role/NAME`.
    by_name: HashMap<String, Vec<String>>,
    /// The pages of `get-account-authorization-details`, by folder.
    pub(super) pages: BTreeMap<String, Pages>,
}

/// Pages of one list.
#[derive(Default)]
pub(super) struct Pages {
    /// Those after which another should come.
    pub(super) cut: Vec<String>,
    pub(super) has_last: bool,
}

impl Holders {
    /// The account of each.
    pub(super) fn accounts(&self) -> impl Iterator<Item = Account> {
        self.by_arn.keys().filter_map(|arn| account_of(arn))
    }

    /// A user, role or group with all its policies.
    pub(super) fn detail(&mut self, at: At<'_>, sort: Sort) -> Result<(), InputError> {
        let object = at.object()?;
        let [name, list] = sort.members();
        let name = text(object, name)?;
        let holder = self.described(at, sort)?;
        let mut names = Vec::new();
        for at in object.optional(list).map(At::list).transpose()?.into_iter().flatten() {
            let policy = at.object()?;
            let of = text(policy, "PolicyName")?;
            let what = format!("inline policy `{of}` of `{}/{name}`", sort.word());
            let document = EstatePolicy::read(policy.required("PolicyDocument")?, &what)?;
            holder.inline.insert(of.to_owned(), document);
            names.push(of.to_owned());
        }
        holder.has_details = true;
        holder.names = Some(names);
        holder.attached = Some(attached(object.optional("AttachedManagedPolicies"))?);
        holder.boundary = boundary(object)?;
        if sort == Sort::User {
            let listed = object.optional("GroupList").map(At::list).transpose()?;
            let names = listed.into_iter().flatten().map(|at| at.string().map(str::to_owned));
            holder.groups = Some(names.collect::<Result<_, _>>()?);
        }
        Ok(())
    }

    /// `get-role`, `get-user` or `get-group`. One of whom the details tell, too, which have more,
    /// needs it not.
    pub(super) fn alone(&mut self, at: At<'_>, sort: Sort) -> Result<(), InputError> {
        let object = at.object()?;
        let told = self.by_arn.get(text(object, "Arn")?);
        if !told.is_some_and(|holder| holder.has_details) {
            self.described(at, sort)?.boundary = boundary(object)?;
        }
        Ok(())
    }

    /// The one that a document describes, by its ARN.
    fn described(&mut self, at: At<'_>, sort: Sort) -> Result<&mut Holder, InputError> {
        let object = at.object()?;
        let at_arn = object.required("Arn")?;
        let arn = at_arn.string()?;
        let parsed = Arn::parse(arn).map_err(|error| at_arn.error(error.to_string()))?;
        parsed.account_id().map_err(|error| at_arn.error(error.to_string()))?;
        if !parsed.resource.starts_with(&format!("{}/", sort.word())) || parsed.service != "iam" {
            return Err(at_arn.expected(&format!("the ARN of a {}", sort.word())));
        }
        let holder = self.of_arn(arn, sort);
        if holder.is_described {
            return Err(at.error(format!(
                "expected each user, role and group once, found {} again (first at {})",
                Quoted(arn),
                holder.from
            )));
        }
        holder.is_described = true;
        holder.from = at.place().to_string();
        let id = match sort {
            Sort::Role => "RoleId",
            Sort::User => "UserId",
            Sort::Group => "GroupId",
        };
        holder.id = object.optional(id).map(At::string).transpose()?.map(str::to_owned);
        holder.tags = tags(object.optional("Tags"), ["Key", "Value"])?;
        Ok(holder)
    }

    /// `get-role-policy`, or that of a user or group.
    pub(super) fn inline(
        &mut self,
        object: Object<'_>,
        kind: Kind,
        owner: Owner,
    ) -> Result<(), Stop> {
        let sort = match kind {
            Kind::RolePolicy => Sort::Role,
            Kind::UserPolicy => Sort::User,
            _ => Sort::Group,
        };
        let holder = text(object, sort.members()[0])?;
        let name = text(object, "PolicyName")?;
        let what = format!("inline policy `{name}` of `{}/{holder}`", sort.word());
        let policy = EstatePolicy::read(object.required("PolicyDocument")?, &what)?;
        let holder = self.named(sort, holder, owner, object.at())?;
        holder.inline.insert(name.to_owned(), policy);
        Ok(())
    }

    /// `list-attached-role-policies`, or that of a user or group.
    pub(super) fn attached(
        &mut self,
        object: Object<'_>,
        found: &Found,
        owner: Owner,
    ) -> Result<(), Stop> {
        let listed = attached(object.optional("AttachedPolicies"))?;
        let holder = self.on_path(found, owner)?;
        holder.attached.get_or_insert_default().extend(listed);
        holder.page(object, "managed policies");
        Ok(())
    }

    /// `list-role-policies`, or that of a user or group.
    pub(super) fn names(
        &mut self,
        object: Object<'_>,
        found: &Found,
        owner: Owner,
    ) -> Result<(), Stop> {
        let listed = object.required("PolicyNames")?.list()?;
        let listed: Vec<String> =
            listed.map(|at| at.string().map(str::to_owned)).collect::<Result<_, _>>()?;
        if is_of_key(&found.source().name, object, &listed) {
            return Ok(());
        }
        let holder = self.on_path(found, owner)?;
        holder.names.get_or_insert_default().extend(listed);
        holder.page(object, "inline policies");
        Ok(())
    }

    /// `list-groups-for-user`.
    pub(super) fn groups_of(
        &mut self,
        object: Object<'_>,
        found: &Found,
        owner: Owner,
    ) -> Result<(), Stop> {
        let listed = object.required("Groups")?.list()?;
        let name = |at: At<'_>| text(at.object()?, "GroupName").map(str::to_owned);
        let listed: Vec<String> = listed.map(name).collect::<Result<_, _>>()?;
        let holder = self.on_path(found, owner)?;
        holder.groups.get_or_insert_default().extend(listed);
        holder.page(object, "groups");
        Ok(())
    }

    fn of_arn(&mut self, arn: &str, sort: Sort) -> &mut Holder {
        if !self.by_arn.contains_key(arn) {
            let name = arn.rsplit('/').next().unwrap_or(arn);
            let name = format!("{}/{name}", sort.word());
            self.by_name.entry(name).or_default().push(arn.to_owned());
        }
        self.by_arn.entry(arn.to_owned()).or_default()
    }

    /// The one whose name stands in the path, as in `roles/NAME/list-role-policies.json`.
    fn on_path(&mut self, found: &Found, owner: Owner) -> Result<&mut Holder, Stop> {
        let Some((sort, name)) = on_path(&found.source().name) else {
            return Err(Stop::Unowned(found.at().error("expected to know whose policies are listed, found nothing that says it").with_help(Some(
                "name the file by its user, role or group, as in roles/NAME/list-role-policies.json; `aws iam get-account-authorization-details` has all in one",
            ))));
        };
        self.named(sort, name, owner, found.at())
    }

    /// The one of a name, known or new. Where several accounts have one, only their own caller
    /// tells them apart.
    fn named(
        &mut self,
        sort: Sort,
        name: &str,
        owner: Owner,
        at: At<'_>,
    ) -> Result<&mut Holder, Stop> {
        let known = self.by_name.get(&format!("{}/{name}", sort.word()));
        let known = known.map(Vec::as_slice).unwrap_or_default();
        let new = |account: Account| {
            format!("arn:{}:iam::{}:{}/{name}", account.partition, account.id, sort.word())
        };
        let of = |account| known.iter().find(|arn| account_of(arn) == Some(account)).cloned();
        let arn = match (owner, known) {
            (Owner::Is(account), _) => of(account).unwrap_or_else(|| new(account)),
            (Owner::Likely(_), [only]) => only.clone(),
            (Owner::Likely(account), []) => new(account),
            (Owner::Open | Owner::Likely(_), _) => return Err(no_account(at, name, known)),
        };
        let holder = self.of_arn(&arn, sort);
        if holder.from.is_empty() {
            holder.from = at.place().to_string();
        }
        Ok(holder)
    }
}

impl Holder {
    /// Remembers whether the last page of a list was read, in whichever order they come.
    fn page(&mut self, object: Object<'_>, list: &'static str) {
        let is_last = object.get("IsTruncated").and_then(At::as_bool) != Some(true);
        *self.pages.entry(list).or_default() |= is_last;
    }
}

/// The user, role or group that a path names.
fn on_path(file: &str) -> Option<(Sort, &str)> {
    let sorts = [("roles", Sort::Role), ("users", Sort::User), ("groups", Sort::Group)];
    sorts.iter().find_map(|(folder, sort)| Some((*sort, path::below(file, folder)?)))
}

/// Whether names of policies are what `aws kms list-key-policies` prints: the one that there is,
/// or pages marked in the way of KMS.
///
/// Source: [ListKeyPolicies](https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html)
fn is_of_key(file: &str, object: Object<'_>, listed: &[String]) -> bool {
    let is_plain = listed == ["default"] && on_path(file).is_none();
    is_plain || object.get("Truncated").is_some() || path::key_id(file).is_some()
}

fn no_account(at: At<'_>, name: &str, known: &[String]) -> Stop {
    let found = match known {
        [] | [_] => "nothing that says it".to_owned(),
        [first, second, ..] => format!("{} and {}", Quoted(first), Quoted(second)),
    };
    let message = format!("expected to know the account of {}, found {found}", Quoted(name));
    let help = if known.len() > 1 {
        "keep what `aws sts get-caller-identity` prints in the folder of each account"
    } else {
        "say which with `--account 123456789012`, or keep what `aws sts get-caller-identity` prints in the folder of each account"
    };
    Stop::Unowned(at.error(message).with_help(Some(help)))
}

fn attached(at: Option<At<'_>>) -> Result<Vec<String>, InputError> {
    let Some(at) = at else { return Ok(Vec::new()) };
    at.list()?.map(|at| text(at.object()?, "PolicyArn").map(str::to_owned)).collect()
}

fn boundary(object: Object<'_>) -> Result<Boundary, InputError> {
    let Some(at) = object.optional("PermissionsBoundary") else { return Ok(Boundary::None) };
    text(at.object()?, "PermissionsBoundaryArn").map(|arn| Boundary::Is(arn.to_owned()))
}

fn account_of(arn: &str) -> Option<Account> {
    let arn = Arn::parse(arn).ok()?;
    Some(Account { partition: arn.partition, id: arn.account_id().ok()? })
}
