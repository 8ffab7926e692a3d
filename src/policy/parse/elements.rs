use super::{Reader, fields, one_of};
use crate::arn::{self, Partition};
use crate::document::{At, InputError, Notice, Object};
use crate::kms::{Action, ActionSet, On};
use crate::policy::principal::Principal;
use crate::policy::resource::ArnPattern;
use crate::policy::statement::{ResourcePattern, Scope};
use crate::policy::{Effect, Kind};
use crate::request::ParsePrincipalError;
use crate::text::{Quoted, did_you_mean};

/// The actions of KMS that a list of action patterns covers. Case does not count.
///
/// Source: [Action](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html)
pub(super) fn covered(written: &Scope<Box<str>>) -> ActionSet {
    let union = |patterns: &[Box<str>]| {
        let covered = patterns.iter().map(|pattern| ActionSet::covered_by(pattern));
        covered.fold(ActionSet::default(), ActionSet::union)
    };
    match written {
        Scope::Only(patterns) => union(patterns),
        Scope::AllExcept(patterns) => union(patterns).complement(),
    }
}

/// Whether the aliases among resources are for the actions that need one, and are not mistaken for
/// keys: no other action is covered, or there are resources for the others too.
///
/// Source: [Controlling access to aliases](https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html)
pub(super) fn needs_alias(covered: ActionSet, resource: &Scope<ResourcePattern>) -> bool {
    let mut of_keys = Action::all().iter().filter(|it| it.needs_key() && covered.contains(it));
    let needs_alias = |it: &&Action| it.on == On::AliasAndKey;
    let has_others = match resource {
        Scope::Only(listed) => listed.iter().any(|it| !is_alias(&it.written)),
        Scope::AllExcept(_) => false,
    };
    of_keys.clone().any(|it| needs_alias(&it)) && (has_others || of_keys.all(|it| needs_alias(&it)))
}

fn is_alias(text: &str) -> bool {
    arn::split(text).is_some_and(|[_, _, service, _, _, resource]| {
        service == "kms" && resource.starts_with("alias/")
    })
}

impl Reader {
    /// Source: [Principal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html)
    pub(super) fn principal(
        &mut self,
        statement: Object<'_>,
        effect: Effect,
    ) -> Result<Scope<Principal>, InputError> {
        match (statement.get("Principal"), statement.get("NotPrincipal")) {
            (Some(_), Some(_)) => Err(statement.error_at_name(
                "NotPrincipal",
                "expected `Principal` or `NotPrincipal`, found both",
            )),
            (Some(at), None) => Ok(Scope::Only(self.principals(at)?)),
            (None, Some(_)) if effect == Effect::Allow => Err(statement
                .error_at_name(
                    "NotPrincipal",
                    "expected `NotPrincipal` only with `Deny`, found `Allow`",
                )
                .with_help(Some("AWS does not support this: it would allow everybody else"))),
            (None, Some(at)) => Ok(Scope::AllExcept(self.principals(at)?)),
            (None, None) => {
                let error = statement.at().error(format!(
                    "expected `Principal`, which every statement of a {} has, found none",
                    self.kind.as_str()
                ));
                // Captured from KMS; AWS does not document it.
                let answer = "KMS answers: Policy contains a statement with no principal";
                Err(error.with_help((self.kind == Kind::Key).then_some(answer)))
            }
        }
    }

    fn principals(&mut self, at: At<'_>) -> Result<Vec<Principal>, InputError> {
        if at.as_str() == Some("*") {
            return Ok(vec![Principal::Everyone]);
        }
        let Some(kinds) = at.as_object() else {
            let help = at.as_str().map(|text| format!("write `{{\"AWS\": \"{text}\"}}`"));
            return Err(at.expected("`\"*\"` or an object such as `{\"AWS\": …}`").with_help(help));
        };
        let kinds = kinds.only(fields::PRINCIPAL)?;
        let mut principals = Vec::new();
        for (kind, listed) in kinds.members() {
            for at in listed.one_or_many() {
                principals.push(self.one_principal(kind, at)?);
            }
        }
        if principals.is_empty() {
            self.warn(at, Notice::VacantPrincipal, "no principal is named: `Principal` then is nobody, and `NotPrincipal` exempts nobody");
        }
        Ok(principals)
    }

    fn one_principal(&mut self, kind: &str, at: At<'_>) -> Result<Principal, InputError> {
        let text = at.string()?;
        match kind {
            "AWS" => {
                let principal =
                    Principal::of_aws(text).map_err(|error| invalid_principal(at, &error))?;
                if matches!(principal, Principal::UniqueId(_)) {
                    self.warn(
                        at,
                        Notice::OrphanedId,
                        format!(
                            "{} stands for a user or role that was deleted: it names nobody, also not \
                             a new one of the same name",
                            Quoted(text)
                        ),
                    );
                }
                Ok(principal)
            }
            "Service" if crate::request::is_service_principal(text) => {
                Ok(Principal::Service(text.into()))
            }
            "Service" => {
                Err(at.expected("a service principal such as `logs.us-east-1.amazonaws.com`"))
            }
            "Federated" => {
                self.warn(
                    at,
                    Notice::FederatedPrincipal,
                    "KMS documents no meaning for a federated principal: it matches nobody",
                );
                Ok(Principal::Federated(text.into()))
            }
            _ => Err(at
                .error("expected a principal that KMS supports, found a canonical user")
                .with_help(Some("only Amazon S3 has canonical users"))),
        }
    }

    /// Source: [Action](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html)
    pub(super) fn actions(&mut self, statement: Object<'_>) -> Result<Scope<Box<str>>, InputError> {
        let read = |reader: &mut Self, listed: Vec<At<'_>>| -> Result<Vec<Box<str>>, InputError> {
            listed.into_iter().map(|at| reader.action(at)).collect()
        };
        match one_of(statement, "Action", "NotAction")? {
            Some(Scope::Only(listed)) if listed.is_empty() => self.without(statement, "Action"),
            Some(Scope::AllExcept(listed)) if listed.is_empty() => {
                self.without(statement, "NotAction")
            }
            Some(Scope::Only(listed)) => Ok(Scope::Only(read(self, listed)?)),
            Some(Scope::AllExcept(listed)) => Ok(Scope::AllExcept(read(self, listed)?)),
            None => self.without(statement, "Action"),
        }
    }

    fn action(&mut self, at: At<'_>) -> Result<Box<str>, InputError> {
        let text = at.string()?;
        if text == "*" {
            return Ok(text.into());
        }
        let mut parts = text.split(':');
        let (Some(service), Some(name), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(at.expected("`*` or an action such as `kms:Decrypt`, with one colon"));
        };
        let is_service = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        if service != "*" && (service.is_empty() || !service.chars().all(is_service)) {
            return Err(at.expected(
                "an action whose service prefix has no wildcard, such as `kms:Decrypt`",
            ));
        }
        if service == "*" && name != "*" {
            self.warn(
                at,
                Notice::ActionOfEveryService,
                "AWS does not say what an action of every service means; it is matched by its name",
            );
        }
        let unknown = service.eq_ignore_ascii_case("kms") && ActionSet::covered_by(text).is_empty();
        if unknown {
            let names = Action::all().iter().map(|action| action.name);
            let message = format!("KMS has no action {}: it matches nothing", Quoted(text));
            self.warn_with_help(at, Notice::UnknownAction, message, || {
                did_you_mean(&format!("kms:{name}"), names)
            });
        }
        Ok(text.into())
    }

    /// A key-policy statement without actions or resources is stored and has no effect; in
    /// every other kind of policy one is refused.
    ///
    /// Source: [PutKeyPolicy](https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html)
    fn without<T>(&mut self, statement: Object<'_>, element: &str) -> Result<Scope<T>, InputError> {
        if self.kind != Kind::Key {
            return Err(statement
                .at()
                .error(format!("expected `{element}` with at least one value, found none")));
        }
        self.warn(
            statement.at(),
            Notice::IncompleteStatement,
            format!(
                "the statement has no `{element}` and so no effect; AWS takes no new one like it"
            ),
        );
        Ok(Scope::Only(Vec::new()))
    }

    /// Source: [Resource](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html)
    pub(super) fn resource(
        &mut self,
        statement: Object<'_>,
    ) -> Result<Scope<ResourcePattern>, InputError> {
        let read = |reader: &mut Self, listed: Vec<At<'_>>| -> Result<Vec<_>, InputError> {
            listed.into_iter().map(|at| reader.one_resource(at)).collect()
        };
        match one_of(statement, "Resource", "NotResource")? {
            Some(Scope::Only(listed)) if listed.is_empty() => self.without(statement, "Resource"),
            Some(Scope::AllExcept(listed)) if listed.is_empty() => {
                self.without(statement, "NotResource")
            }
            Some(Scope::Only(listed)) => Ok(Scope::Only(read(self, listed)?)),
            Some(Scope::AllExcept(listed)) => Ok(Scope::AllExcept(read(self, listed)?)),
            None => self.without(statement, "Resource"),
        }
    }

    fn one_resource(&mut self, at: At<'_>) -> Result<ResourcePattern, InputError> {
        let text = at.string()?;
        match self.kind {
            Kind::Key if text != "*" => self.warn(
                at,
                Notice::ResourceInKeyPolicy,
                format!(
                    "the Resource {} is not `*`, which alone means this key; it is matched as in an \
                     IAM policy, but AWS does not say so and takes no new policy like it",
                    Quoted(text)
                ),
            ),
            Kind::Key => {}
            Kind::Identity
            | Kind::PermissionsBoundary
            | Kind::ResourceControl
            | Kind::ServiceControl
            | Kind::Session
            | Kind::VpcEndpoint => self.check_arn(at, text)?,
        }
        let parsed = ArnPattern::of_resource(text, self.variables);
        if let Some(reason) = parsed.malformed {
            self.warn(at, Notice::LiteralVariable, reason);
        }
        Ok(ResourcePattern { written: text.into(), pattern: parsed.pattern })
    }

    /// What IAM checks of an ARN in a policy.
    fn check_arn(&mut self, at: At<'_>, text: &str) -> Result<(), InputError> {
        if text == "*" {
            return Ok(());
        }
        let mut parts = text.splitn(4, ':');
        let (Some("arn"), Some(partition), service) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(at.expected("`*` or an ARN"));
        };
        if partition != "*" {
            partition.parse::<Partition>().map_err(|error| at.error(error.to_string()))?;
        }
        match service {
            None | Some("") => return Err(at.expected("`*` or an ARN that names its service")),
            Some(service) if service != "*" && service.contains(['*', '?']) => self.warn(
                at,
                Notice::WildcardService,
                "AWS allows no wildcard in the service of an ARN; it is matched like any other",
            ),
            Some(_) => {}
        }
        if is_alias(text) {
            self.warn(
                at,
                Notice::AliasInResource,
                "an alias ARN covers the alias alone, for kms:CreateAlias, kms:UpdateAlias and \
                 kms:DeleteAlias; it never gives use of the key",
            );
        }
        Ok(())
    }
}

fn invalid_principal(at: At<'_>, error: &ParsePrincipalError) -> InputError {
    let is_pattern = at.as_str().is_some_and(|text| text.contains(['*', '?']));
    let help = match error {
        _ if is_pattern => {
            Some("to name many, use Principal `*` with a condition ArnLike aws:PrincipalArn")
        }
        ParsePrincipalError::Arn { reason, .. } => Some(reason.as_str()),
        ParsePrincipalError::Form(_) | ParsePrincipalError::Account(_) => None,
    };
    at.expected(
        "`*`, an account, or the ARN of a user, role, session or account root, without wildcards",
    )
    .with_help(help)
}
