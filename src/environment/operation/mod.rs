//! Operations that need more than one permission, taken apart into the permissions.
//!
//! Source: the *Required permissions* of the
//! [API reference](https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html)

mod service;

use serde_json::Value;

use super::{Environment, Key, Parameters, Question, QuestionError, QuestionPart, Subject};
use crate::arn::Partition;
use crate::kms::{Action, Asked, Needed, Operation};
use crate::request::{Account, Entry, PrincipalName};
use crate::text::Quoted;

/// The permissions that are asked for, each a question of its own.
#[derive(Debug)]
pub struct Permissions {
    /// What was asked.
    pub asked: Asked,
    /// A question for each permission, in the order in which AWS lists them.
    pub questions: Vec<Question>,
    /// What was left out because the question does not say enough, in sentences.
    pub warnings: Vec<String>,
}

/// The role that multi-Region keys are kept in sync by.
///
/// Source: [Authorizing KMS to synchronize](https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-auth-slr.html)
const MULTI_REGION_ROLE: &str = "role/aws-service-role/mrk.kms.amazonaws.com/AWSServiceRoleForKeyManagementServiceMultiRegionKeys";

/// Stands for the id of a key that is to be created.
const NEW_KEY: &str = "key/NEW-KEY";

impl Environment {
    /// The permissions that a question asks for, as far as it says enough to ask for them.
    ///
    /// # Errors
    ///
    /// If the question names a key or principal that is not there, or an operation on two
    /// keys lacks one.
    pub fn permissions(
        &self,
        asked: Asked,
        question: &Question,
    ) -> Result<Permissions, QuestionError> {
        let mut expansion = Expansion { environment: self, questions: vec![], warnings: vec![] };
        match asked {
            Asked::Permission(action) => expansion.permission(question.with_action(action))?,
            Asked::ReEncrypt => expansion.re_encrypt(question)?,
            Asked::Service(operation) => expansion.service(operation, question)?,
        }
        let Expansion { questions, warnings, .. } = expansion;
        Ok(Permissions { asked, questions, warnings })
    }
}

struct Expansion<'e> {
    environment: &'e Environment,
    questions: Vec<Question>,
    warnings: Vec<String>,
}

impl Expansion<'_> {
    fn permission(&mut self, question: Question) -> Result<(), QuestionError> {
        match question.action.short_name() {
            "CreateAlias" | "DeleteAlias" | "UpdateAlias" => self.alias(question),
            "CreateKey" => self.create_key(question),
            "ReplicateKey" => self.replicate_key(question),
            "UpdatePrimaryRegion" => self.update_primary_region(question),
            "ListRetirableGrants" => self.list_retirable_grants(question),
            _ => {
                self.questions.push(question);
                Ok(())
            }
        }
    }

    /// On the alias, by IAM policies, and on each key.
    fn alias(&mut self, question: Question) -> Result<(), QuestionError> {
        let name = question.parameters.text("AliasName")?;
        match name.as_deref() {
            None => {}
            Some(name) if Key::is_alias(name) => {
                let key = self.environment.key_of(&question)?;
                let on = Subject::Arn(key.alias_arn(name));
                let region = Some(key.region.clone());
                self.questions.push(Question { on, region, ..question.clone() });
            }
            Some(name) => {
                let message = format!(
                    "`AliasName`: expected an alias such as `alias/app`, found {}",
                    Quoted(name)
                );
                return Err(QuestionError::new(QuestionPart::Parameters, message));
            }
        }
        if name.is_some_and(|name| name.starts_with("alias/aws/")) {
            self.warnings.push(
                "KMS refuses aliases that begin with alias/aws/, whatever the policies say".into(),
            );
        }
        let is_update = question.action.short_name() == "UpdateAlias";
        let target = question.parameters.text("TargetKeyId")?;
        let destination = question.destination_key.clone().or(target).filter(|_| is_update);
        let lacks_alias = question.parameters.get("AliasName").is_none();
        let further = destination.map(|key| Question { key: Some(key), ..question.clone() });
        let unsaid = [("AliasName", lacks_alias), ("TargetKeyId", is_update && further.is_none())];
        self.note(&question, &unsaid.map(|(name, is_unsaid)| if is_unsaid { name } else { "" }));
        self.questions.push(question);
        self.questions.extend(further);
        Ok(())
    }

    /// Where it sends tags, and where it creates a multi-Region key, IAM is asked for more.
    fn create_key(&mut self, question: Question) -> Result<(), QuestionError> {
        let account = self.account(&question);
        let region = question.region.clone().unwrap_or_else(|| self.environment.region.clone());
        let tags = tag_resource(&question, account, &region, NEW_KEY)?;
        let is_multi_region = question.parameters.text("MultiRegion")?.as_deref() == Some("true");
        let linked = account.filter(|_| is_multi_region).map(|account| {
            let arn = format!("arn:{}:iam::{}:{MULTI_REGION_ROLE}", account.partition, account.id);
            let mut linked = question.asking(&Action::CREATE_SERVICE_LINKED_ROLE, arn);
            let service = Entry::value("mrk.kms.amazonaws.com");
            linked.context.push(("iam:AWSServiceName".to_owned(), service));
            // KMS asks it of IAM, which is called in one Region, and not by the caller's endpoint.
            linked.region = Some(iam_region(account).to_owned());
            linked.vpc_endpoint = None;
            linked
        });
        if linked.is_some() {
            self.warnings.push(
                "iam:CreateServiceLinkedRole is needed only while the account has no service-linked role for multi-Region keys".into(),
            );
        }
        let is_unsaid = |name: &&str| !question.parameters.is_told(name);
        let unsaid: Vec<&str> = ["Tags", "MultiRegion"].into_iter().filter(is_unsaid).collect();
        self.note(&question, &unsaid);
        self.questions.push(question);
        self.questions.extend(tags);
        self.questions.extend(linked);
        Ok(())
    }

    /// The replica is created in its Region, with the properties of the primary key.
    fn replicate_key(&mut self, question: Question) -> Result<(), QuestionError> {
        let replica_region = question.parameters.text("ReplicaRegion")?;
        let request = self.environment.request(&question)?;
        let (Some(region), Some(key)) = (replica_region, request.key) else {
            self.note(&question, &["ReplicaRegion", "Tags"]);
            self.questions.push(question);
            return Ok(());
        };
        // https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
        if region == key.region {
            let message = format!(
                "`ReplicaRegion`: expected another Region than that of the primary key, found {}",
                Quoted(&region)
            );
            return Err(QuestionError::new(QuestionPart::Parameters, message));
        }
        let text = |text: &str| Value::String(text.to_owned());
        let properties =
            [("KeySpec", &key.spec), ("KeyUsage", &key.usage), ("Origin", &key.origin)];
        let parameters = properties.map(|(name, value)| (name.to_owned(), text(value)));
        let tags = question.parameters.get("Tags").map(|tags| ("Tags".to_owned(), tags.clone()));
        let multi_region = [("kms:MultiRegion", "true"), ("kms:MultiRegionKeyType", "REPLICA")];
        let mut create = Question {
            action: Action::parse("CreateKey").map_err(no_action)?,
            parameters: parameters.into_iter().chain(tags).collect(),
            region: Some(region.clone()),
            ..question.clone()
        };
        for (name, value) in multi_region {
            if !create.context.iter().any(|(given, _)| given.eq_ignore_ascii_case(name)) {
                create.context.push((name.to_owned(), Entry::value(value)));
            }
        }
        let replica = format!("key/{}", key.id);
        let tags = tag_resource(&question, Some(key.account), &region, &replica)?;
        self.questions.push(question);
        self.questions.push(create);
        self.questions.extend(tags);
        Ok(())
    }

    /// On the primary key and on the replica that is to be primary, each by its own policies.
    fn update_primary_region(&mut self, question: Question) -> Result<(), QuestionError> {
        let region = question.parameters.text("PrimaryRegion")?;
        let request = self.environment.request(&question)?;
        let is_replica = |key: &&Key| {
            request.key.is_some_and(|of| (of.account, &of.id) == (key.account, &key.id))
                && region.as_ref() == Some(&key.region)
        };
        let replica = self.environment.keys().iter().find(is_replica).map(Key::arn);
        let further = replica.map(|arn| Question { key: Some(arn), ..question.clone() });
        match (&region, &further) {
            (_, Some(_)) => {}
            (None, None) => self.note(&question, &["PrimaryRegion"]),
            (Some(region), None) => self.warnings.push(format!(
                "the call also needs kms:UpdatePrimaryRegion on the replica key in {}: not asked, because the environment does not have that key",
                Quoted(region)
            )),
        }
        self.questions.push(question);
        self.questions.extend(further);
        Ok(())
    }

    /// Authorized for the retiring principal that the request names.
    ///
    /// Source: [ListRetirableGrants](https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html)
    fn list_retirable_grants(&mut self, question: Question) -> Result<(), QuestionError> {
        let Some(name) = question.parameters.text("RetiringPrincipal")? else {
            self.warnings.push(
                "kms:ListRetirableGrants is authorized for the retiring principal, of which nothing is said (`RetiringPrincipal`); it is asked on `*`".into(),
            );
            self.questions.push(question);
            return Ok(());
        };
        let principal = PrincipalName::parse(&name, self.environment.account);
        let principal = principal.map_err(|error| {
            QuestionError::new(QuestionPart::Parameters, format!("`RetiringPrincipal`: {error}"))
        })?;
        self.questions.push(Question { on: Subject::Arn(principal.to_string()), ..question });
        Ok(())
    }

    fn re_encrypt(&mut self, question: &Question) -> Result<(), QuestionError> {
        if question.destination_key.is_none() {
            return Err(QuestionError::new(
                QuestionPart::DestinationKey,
                "expected a destination key for kms:ReEncrypt, found none",
            )
            .with_help(Some(
                "name it (it may be the source key), or ask for kms:ReEncryptFrom and kms:ReEncryptTo one by one",
            )));
        }
        for half in ["ReEncryptFrom", "ReEncryptTo"] {
            let action = Action::parse(half).map_err(no_action)?;
            self.questions.push(question.with_action(action));
        }
        Ok(())
    }

    fn account(&self, question: &Question) -> Option<Account> {
        let name = PrincipalName::parse(&question.principal, self.environment.account).ok()?;
        name.account()
    }

    /// Says what else the operation needs, where the question does not say enough to ask it:
    /// of `parameters` nothing.
    fn note(&mut self, question: &Question, parameters: &[&str]) {
        let Some(operation) = Operation::of(question.action) else { return };
        let is_left_out =
            |it: &&Needed| it.parameter.is_some_and(|name| parameters.contains(&name));
        let others = operation.permissions.iter().filter(is_left_out);
        let needs: Vec<String> = others
            .map(|it| format!("{} on {} ({})", it.action, it.on, it.parameter.unwrap_or_default()))
            .collect();
        if !needs.is_empty() {
            self.warnings.push(format!(
                "the call may also need {}: not asked, because nothing is said of these parameters",
                needs.join(", ")
            ));
        }
    }
}

/// `kms:TagResource`, if the request sends tags. AWS wants it from an IAM policy that is not
/// restricted to particular keys.
///
/// Source: [Controlling access to tags](https://docs.aws.amazon.com/kms/latest/developerguide/tag-permissions.html)
fn tag_resource(
    question: &Question,
    account: Option<Account>,
    region: &str,
    resource: &str,
) -> Result<Option<Question>, QuestionError> {
    let tags = question.parameters.tags("Tags")?.filter(|tags| !tags.is_empty());
    let action = Action::parse("TagResource").map_err(no_action)?;
    Ok(account.filter(|_| tags.is_some()).map(|Account { partition, id }| {
        let arn = format!("arn:{partition}:kms:{region}:{id}:{resource}");
        let tags = question.parameters.get("Tags").cloned();
        let tags = tags.map(|tags| ("Tags".to_owned(), tags));
        Question {
            parameters: tags.into_iter().collect(),
            region: Some(region.to_owned()),
            ..question.asking(action, arn)
        }
    }))
}

impl Question {
    /// The same question about another action.
    fn with_action(&self, action: &'static Action) -> Self {
        Self { action, ..self.clone() }
    }

    /// The same caller asking for something that IAM policies alone decide.
    fn asking(&self, action: &'static Action, arn: String) -> Self {
        Self { action, on: Subject::Arn(arn), parameters: Parameters::default(), ..self.clone() }
    }
}

/// The Region in which the requests to IAM of a partition are made.
///
/// Source: [Requested Region](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_examples_aws_deny-requested-region.html)
fn iam_region(account: Account) -> &'static str {
    match account.partition {
        Partition::AwsCn => "cn-north-1",
        Partition::AwsUsGov => "us-gov-west-1",
        Partition::AwsEusc => "eusc-de-east-1",
        Partition::AwsIso => "us-iso-east-1",
        Partition::AwsIsoB => "us-isob-east-1",
        Partition::AwsIsoE => "eu-isoe-west-1",
        Partition::AwsIsoF => "us-isof-south-1",
        Partition::Aws => "us-east-1",
    }
}

fn no_action(error: impl std::fmt::Display) -> QuestionError {
    QuestionError::new(QuestionPart::Parameters, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iam_is_in_a_region_of_its_partition() {
        for partition in [
            "aws",
            "aws-cn",
            "aws-us-gov",
            "aws-eusc",
            "aws-iso",
            "aws-iso-b",
            "aws-iso-e",
            "aws-iso-f",
        ] {
            let partition: Partition = partition.parse().unwrap();
            let account = Account { partition, id: "123456789012".parse().unwrap() };
            assert_eq!(Partition::of_region(iam_region(account)), partition);
        }
    }
}
