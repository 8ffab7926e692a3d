//! What somebody may have under the condition keys whom nobody has heard of.
//!
//! A stranger cannot choose the id of his organization or VPC, but has one. A wildcard in the
//! value of a condition is taken to leave it open to him, however little it does.
//!
//! Source: [Sensitive condition keys](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-sensitive)

mod pattern;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use self::pattern::{filled, is_open};
use crate::Truth;
use crate::arn::{self, Partition};
use crate::kms::Action;
use crate::policy::{Condition, Policy, Statement};
use crate::request::{Account, Context, ContextKey, Entry};

/// An account that no policy names.
pub(crate) const STRANGE: &str = "999988887777";
/// The digits of any account.
const ANY_ACCOUNT: &str = "????????????";
/// So many ways to set what one key depends on are tried.
const MOST: usize = 64;

/// What the values of a key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Account,
    Address,
    Arn,
    /// An id that AWS gives, after this prefix.
    Id(&'static str),
    OrganizationPath,
    PrincipalArn,
    Provider,
    UserId,
}

/// What a user or role has and cannot choose.
const OF_CALLER: [(&str, Kind); 20] = [
    ("aws:ChatbotSourceArn", Kind::Arn),
    ("aws:Ec2InstanceSourceVpc", Kind::Id("vpc-")),
    ("aws:FederatedProvider", Kind::Provider),
    ("aws:PrincipalArn", Kind::PrincipalArn),
    ("aws:PrincipalOrgID", Kind::Id("o-")),
    ("aws:PrincipalOrgPaths", Kind::OrganizationPath),
    ("aws:SourceIp", Kind::Address),
    ("aws:SourceVpc", Kind::Id("vpc-")),
    ("aws:SourceVpcArn", Kind::Arn),
    ("aws:SourceVpce", Kind::Id("vpce-")),
    ("aws:userid", Kind::UserId),
    ("aws:VpceAccount", Kind::Account),
    ("aws:VpceOrgID", Kind::Id("o-")),
    ("aws:VpceOrgPaths", Kind::OrganizationPath),
    ("codebuild:BuildArn", Kind::Arn),
    ("codebuild:ProjectArn", Kind::Arn),
    ("ec2:SourceInstanceArn", Kind::Arn),
    ("glue:RoleAssumedBy", Kind::Provider),
    ("lambda:SourceFunctionArn", Kind::Arn),
    ("ssm:SourceInstanceArn", Kind::Arn),
];

/// On behalf of what a service calls.
const OF_SOURCE: [(&str, Kind); 4] = [
    ("aws:SourceAccount", Kind::Account),
    ("aws:SourceArn", Kind::Arn),
    ("aws:SourceOrgID", Kind::Id("o-")),
    ("aws:SourceOrgPaths", Kind::OrganizationPath),
];

/// Who the stranger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stranger {
    /// A user or role of another account.
    Caller(Partition),
    /// The same, with whatever address it takes.
    Neighbour(Partition),
    /// A service, on behalf of a resource of another account.
    Service(Partition),
}

impl Stranger {
    fn partition(self) -> Partition {
        match self {
            Self::Caller(partition) | Self::Neighbour(partition) | Self::Service(partition) => {
                partition
            }
        }
    }

    fn kinds(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::Caller(_) | Self::Neighbour(_) => &OF_CALLER,
            Self::Service(_) => &OF_SOURCE,
        }
    }

    /// What the values of a key are that the stranger has and does not choose.
    fn kind(self, key: &ContextKey) -> Option<Kind> {
        let is_it = |(name, _): &&(&str, Kind)| key.as_str().eq_ignore_ascii_case(name);
        let listed = self.kinds().iter().find(is_it).map(|(_, kind)| *kind);
        let is_pair = matches!(self, Self::Service(_)) && key.is_of_encryption_context();
        listed.or_else(|| is_pair.then_some(Kind::Arn))
    }

    /// What the stranger may have under a key, of which no condition on it fails.
    fn entries(self, key: &ContextKey, conditions: &[Condition]) -> Vec<Entry> {
        let Some(kind) = self.kind(key) else { return Vec::new() };
        if kind == Kind::Address && matches!(self, Self::Neighbour(_)) {
            return vec![Entry::Unknown];
        }
        let of_key = || conditions.iter().filter(|it| it.key() == key);
        let values = of_key().flat_map(Condition::values);
        let partition = self.partition();
        let open = values.flat_map(|value| kind.opened(value, partition));
        let own = kind.own(partition).into_iter().chain(open).map(Entry::value);
        // Every signed request has it.
        let none = (kind != Kind::PrincipalArn).then_some(Entry::Absent);
        let mut entries: Vec<Entry> = none.into_iter().chain(own).collect();
        entries.retain(|entry| {
            let context = around(&[(key.clone(), entry.clone())]);
            of_key().all(|it| it.test(&context) != Truth::False)
        });
        entries
    }

    /// The ways to set all that a policy reads of what the stranger does not choose, so that no
    /// condition of the statement fails by it.
    pub(crate) fn guises(
        self,
        policy: &Policy,
        statement: &Statement,
    ) -> Vec<Vec<(ContextKey, Entry)>> {
        let read: Vec<&ContextKey> =
            policy.statements().iter().flat_map(Statement::reads).collect();
        let of_stranger = self.kinds().iter().map(|(name, _)| ContextKey::new(name));
        let mut keys: Vec<ContextKey> = of_stranger.filter(|key| read.contains(&key)).collect();
        let tested = statement.conditions().iter().map(Condition::key);
        keys.extend(tested.filter(|it| self.kind(it).is_some()).cloned());
        keys.sort();
        keys.dedup();
        let mut guises = vec![Vec::new()];
        for key in keys {
            let entries = self.entries(&key, statement.conditions());
            let with = |guise: &Vec<(ContextKey, Entry)>| -> Vec<Vec<(ContextKey, Entry)>> {
                let one = |entry: &Entry| [&guise[..], &[(key.clone(), entry.clone())]].concat();
                entries.iter().map(one).collect()
            };
            guises = guises.iter().flat_map(with).take(MOST).collect();
        }
        // A condition on the resource may ask for what the stranger has.
        let compares = |it: &&Condition| it.variables().next().is_some();
        guises.retain(|guise| {
            let mut context = around(&[]);
            self.dress(guise.iter(), &mut context);
            let mut comparing = statement.conditions().iter().filter(compares);
            comparing.all(|it| it.test(&context) != Truth::False)
        });
        guises
    }

    /// Sets what the stranger does not choose: as the guise says, and else to nothing.
    pub(crate) fn put_on(
        self,
        guise: &[(ContextKey, Entry)],
        action: &'static Action,
        context: &mut Context,
    ) {
        let is_sent = |key: &ContextKey| key.documented().is_none_or(|it| it.is_sent_with(action));
        let sent = guise.iter().filter(|(key, _)| is_sent(key));
        self.dress(sent, context);
    }

    fn dress<'g>(
        self,
        guise: impl Iterator<Item = &'g (ContextKey, Entry)>,
        context: &mut Context,
    ) {
        for (name, kind) in OF_CALLER.iter().chain(&OF_SOURCE) {
            let is_caller = !matches!(self, Self::Service(_));
            if !(is_caller && *kind == Kind::PrincipalArn) {
                context.set(ContextKey::new(name), Entry::Absent);
            }
        }
        for (key, entry) in guise {
            context.set(key.clone(), entry.clone());
        }
    }
}

/// A call of a stranger of which no more is said, but that the key is of somebody else.
fn around(guise: &[(ContextKey, Entry)]) -> Context {
    let mut context = Context::default().opened();
    for name in ["aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths"] {
        context.set(ContextKey::new(name), Entry::value("of the key"));
    }
    for (key, entry) in guise {
        context.set(key.clone(), entry.clone());
    }
    context
}

/// The accounts that a stranger may be of: one that nobody has heard of, and those that the
/// wildcards of conditions leave open.
pub(crate) fn accounts(conditions: &[Condition], like: Account) -> Vec<Account> {
    let of_account = ["aws:PrincipalAccount", "kms:CallerAccount"].map(ContextKey::new);
    let values = conditions.iter().filter(|it| of_account.contains(it.key()));
    let open = values.flat_map(Condition::values).filter_map(|it| filled(it, ANY_ACCOUNT));
    let ids = std::iter::once(STRANGE.to_owned()).chain(open);
    let mut accounts: Vec<Account> = ids
        .filter_map(|id| Some(Account { partition: like.partition, id: id.parse().ok()? }))
        .filter(|it| it.id != like.id)
        .collect();
    accounts.dedup();
    accounts
}

impl Kind {
    /// What a stranger has whatever a policy says.
    fn own(self, partition: Partition) -> Vec<String> {
        let iam = |resource: &str| format!("arn:{partition}:iam::{STRANGE}:{resource}");
        match self {
            Self::Account => vec![STRANGE.to_owned()],
            Self::Address => Vec::new(),
            Self::Arn => vec![format!("arn:{partition}:9:9:{STRANGE}:9")],
            Self::Id(prefix) => vec![format!("{prefix}9z9z9z9z9z9z9z9z9")],
            Self::OrganizationPath => vec!["o-9z9z9z9z9z/r-9z9z/".to_owned()],
            Self::PrincipalArn => vec![iam("role/AnyRole"), iam("user/AnyUser")],
            // Those that AWS knows without an ARN are everybody's.
            Self::Provider => vec![
                iam("oidc-provider/9"),
                "accounts.google.com".to_owned(),
                "cognito-identity.amazonaws.com".to_owned(),
                "graph.facebook.com".to_owned(),
                "www.amazon.com".to_owned(),
            ],
            Self::UserId => vec!["AROA9Z9Z9Z9Z9Z9Z9Z9Z9:9".to_owned()],
        }
    }

    /// What a value leaves open to a stranger.
    fn opened(self, value: &str, partition: Partition) -> Vec<String> {
        let iam = |resource: &str| {
            filled(value, &format!("arn:{partition}:{resource}")).filter(|_| !names_account(value))
        };
        let one = |template: &str| filled(value, template).into_iter().collect();
        let head = |until: &str| value.split(until).next().unwrap_or_default();
        match self {
            Self::Account => one(ANY_ACCOUNT),
            Self::Address => broad(value).into_iter().collect(),
            Self::Arn | Self::Provider => arns(value, partition),
            Self::Id(prefix) => one(&format!("{prefix}?*")),
            // The ids below that of the organization are nobody's alone.
            Self::OrganizationPath if is_open(head("/")) => one("o-?*"),
            Self::PrincipalArn => [
                iam(&format!("iam::{STRANGE}:role/?*")),
                iam(&format!("iam::{STRANGE}:user/?*")),
                iam(&format!("iam::{STRANGE}:root")),
                iam(&format!("sts::{STRANGE}:federated-user/?*")),
            ]
            .into_iter()
            .flatten()
            .chain(of_open_account(value, partition).filter(|arn| arn.contains(":iam:")))
            .collect(),
            // What begins with a role's id, or with an account, is of that alone.
            Self::UserId if head("*").len() < STRANGE.len() => one("?*"),
            Self::OrganizationPath | Self::UserId => Vec::new(),
        }
    }
}

/// ARNs of resources of a strange account, or that are nobody's, which a pattern matches.
fn arns(pattern: &str, partition: Partition) -> Vec<String> {
    let parts = arn::split(pattern);
    let of = |account: &str| filled(pattern, &format!("arn:{partition}:?*:*:{account}:?*"));
    // Whoever owns a bucket, its ARN does not say.
    let is_bucket = parts.is_some_and(|[_, _, service, ..]| service == "s3");
    let is_any_bucket = parts.is_some_and(|[.., account, resource]| {
        account.is_empty() && resource.starts_with(['*', '?'])
    });
    let of_account = (!is_bucket && !names_account(pattern)).then(|| of(STRANGE)).flatten();
    let of_nobody = is_any_bucket.then(|| of("")).flatten();
    of_account.into_iter().chain(of_nobody).chain(of_open_account(pattern, partition)).collect()
}

/// Whether a pattern of ARNs is of one account, although a wildcard before it could also match
/// another: what follows is no name of a resource.
fn names_account(pattern: &str) -> bool {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|it| it.is_ascii_digit());
    match arn::split(pattern) {
        Some([.., account, _]) => is_account(account),
        None => pattern.split(|c: char| !c.is_ascii_digit()).any(is_account),
    }
}

/// The ARN that a pattern matches whose account is some of its digits.
fn of_open_account(pattern: &str, own: Partition) -> Option<String> {
    let [prefix, partition, service, region, account, resource] = arn::split(pattern)?;
    let account = filled(account, ANY_ACCOUNT).filter(|_| service != "s3")?;
    let plain = |part: &str| part.replace(['*', '?'], "9");
    if !is_open(partition) && partition != own.as_str() {
        return None;
    }
    let [service, region, resource] = [service, region, resource].map(plain);
    Some(format!("{prefix}:{own}:{service}:{region}:{account}:{resource}"))
}

/// An address of a range that is so wide that everybody has one in it.
///
/// Source: [The meaning of "public"](https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status)
fn broad(range: &str) -> Option<String> {
    let network: IpNet = range.parse().ok()?;
    let address: IpAddr = match network {
        IpNet::V4(it) if it.prefix_len() < 8 => {
            let within = u32::from(it.hostmask()) & 0x0109_0909;
            Ipv4Addr::from(u32::from(it.network()) | within).into()
        }
        IpNet::V6(it) if it.prefix_len() < 32 => {
            let within = u128::from(it.hostmask()) & 0x2600_0999_0000_0000_0000_0000_0000_0009;
            Ipv6Addr::from(u128::from(it.network()) | within).into()
        }
        IpNet::V4(_) | IpNet::V6(_) => return None,
    };
    Some(address.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_everybodys_if_it_is_wider_than_s3_takes_to_be_limited() {
        let table = [
            ("0.0.0.0/0", true),
            ("128.0.0.0/1", true),
            ("12.0.0.0/7", true),
            ("12.0.0.0/8", false),
            ("::/0", true),
            ("2600::/31", true),
            ("2600:1f00::/32", false),
            ("192.0.2.7", false),
        ];
        for (range, expected) in table {
            let found = broad(range);
            assert_eq!(found.is_some(), expected, "{range}");
            let network: Option<IpNet> = range.parse().ok();
            let address: Option<IpAddr> = found.and_then(|it| it.parse().ok());
            if let (Some(network), Some(address)) = (network, address) {
                assert!(network.contains(&address), "{address} is not in {range}");
            }
        }
    }
}
