use serde::Serialize;

use super::change::spoken;
use super::diagnosis::Diagnosis;
use super::fetch::{self, Fetch};
use super::incident::{Call, Denial, Incident, Named, Said};
use super::proof::applies;
use crate::environment::{Environment, Key, Knowledge, Question, QuestionError, Request, Stack};
use crate::evaluate::{Decision, Side};
use crate::kms::Asked;
use crate::report::{Answer, Detail, Reply, ask};
use crate::request::Entry;

/// A simulation of the call beside what AWS said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// `agrees`, `other-side` (denied, too, but by another), `disagrees`, or `undetermined`.
    pub agreement: &'static str,
    /// The same in a sentence.
    pub sentence: String,
    /// Facts that could explain a difference, the likeliest first.
    pub missing: Vec<Missing>,
    /// The answer of the simulation.
    pub answer: Answer,
}

/// A fact that the environment may lack.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Missing {
    /// The side that it belongs to, if it belongs to one.
    pub side: Option<&'static str>,
    /// The fact, in a sentence.
    pub fact: String,
}

impl Incident {
    /// The question of the call, with what the environment knows by another name: the VPC
    /// endpoint, the alias of the key.
    #[must_use]
    pub fn fitted(&self, environment: &Environment, question: &Question) -> Question {
        let mut question = question.clone();
        if let Some(id) =
            self.call.vpc_endpoint.as_ref().filter(|_| question.vpc_endpoint.is_none())
        {
            let mut endpoints = environment.vpc_endpoints.iter();
            let named = endpoints.find(|(name, it)| *name == id || it.id.as_ref() == Some(id));
            match named {
                Some((name, _)) => question.vpc_endpoint = Some(name.clone()),
                None => add(&mut question, "aws:SourceVpce", id),
            }
        }
        let Some(alias) = &self.call.alias else { return question };
        let key = environment.keys().iter().find(|key| Some(&key.arn()) == question.key.as_ref());
        match key {
            Some(key) if key.aliases.contains(alias) => question.key = Some(key.alias_arn(alias)),
            Some(_) => add(&mut question, "kms:RequestAlias", alias),
            None if question.key.is_none() => question.key = Some(alias.clone()),
            None => {}
        }
        question
    }

    /// What the message or event means in an environment, and the decision there.
    ///
    /// # Errors
    ///
    /// As [`ask`].
    pub fn diagnosis_in(
        &self,
        environment: &Environment,
        asked: Asked,
        question: &Question,
    ) -> Result<(Decision, Diagnosis), QuestionError> {
        let question = self.fitted(environment, question);
        let reply = ask(environment, asked, &question, Detail::Reasons)?;
        let questions = environment.permissions(asked, &question)?.questions;
        let is_named = |it: &&Question| self.call.action.is_some_and(|named| named == it.action);
        let question = questions.iter().find(is_named).unwrap_or(&question);
        let request = environment.request(question)?;
        let mut diagnosis = self.diagnosis();
        let comparison = self.compare(question, &request, &reply);
        diagnosis.fetch = self.fetched(&comparison.missing);
        diagnosis.also.clear();
        if comparison.agreement == "agrees" && reply.decision != Decision::Allowed {
            diagnosis.cause.clone_from(&comparison.answer.reason);
        }
        diagnosis.simulation = Some(comparison);
        Ok((reply.decision, diagnosis))
    }

    /// What the missing facts are in; the very policy, where AWS names it.
    fn fetched(&self, missing: &[Missing]) -> Vec<Fetch> {
        let exact = match &self.said {
            Said::Denied(named) => fetch::exact(named),
            Said::Failed(_) | Said::Succeeded => None,
        };
        let is_missing = |side: &Side| missing.iter().any(|it| it.side == Some(side.as_str()));
        let sides = Side::ALL.into_iter().filter(is_missing);
        match (exact, missing.is_empty()) {
            (Some(exact), false) => vec![exact],
            _ => sides.flat_map(|side| fetch::of(&self.call.named_half(), side)).collect(),
        }
    }

    fn compare(&self, question: &Question, request: &Request<'_>, reply: &Reply) -> Comparison {
        let mut answer = reply.answer.clone();
        // The alias is what the event says; that the environment does not know it is no doubt.
        let is_of_alias = |it: &String| it.starts_with("kms:RequestAlias is used as it was given");
        answer.warnings.retain(|warning| self.call.alias.is_none() || !is_of_alias(warning));
        let (agreement, sentence) = self.agreement(reply);
        let missing = match agreement {
            "agrees" => Vec::new(),
            _ => Facts { incident: self, question, request, reply }.missing(),
        };
        Comparison { agreement, sentence, missing, answer }
    }

    fn agreement(&self, reply: &Reply) -> (&'static str, String) {
        let told = told(reply);
        let state = reply.answer.key_state.as_ref().and_then(|state| state.error.as_deref());
        match (&self.said, reply.decision) {
            (_, Decision::Undetermined) => {
                ("undetermined", format!("The simulation cannot tell: {}", reply.answer.reason))
            }
            (Said::Failed(failure), _) if !failure.is_success() => {
                if state.is_some_and(|error| error.starts_with(&failure.code)) {
                    (
                        "agrees",
                        "The simulation agrees: the state of the key is the cause.".to_owned(),
                    )
                } else {
                    (
                        "disagrees",
                        format!(
                            "The simulation has nothing that fails so; by the policies the call is {}.",
                            reply.decision
                        ),
                    )
                }
            }
            (Said::Failed(_) | Said::Succeeded, Decision::Allowed) => {
                ("agrees", format!("The simulation agrees ({told})."))
            }
            (Said::Failed(_) | Said::Succeeded, _) | (Said::Denied(_), Decision::Allowed) => {
                ("disagrees", format!("The simulation disagrees ({told})."))
            }
            (Said::Denied(named), _) if is_same(named, reply) => {
                ("agrees", format!("The simulation agrees ({told})."))
            }
            (Said::Denied(_), _) => {
                ("other-side", format!("The simulation denies it, too, but otherwise ({told})."))
            }
        }
    }
}

fn add(question: &mut Question, key: &str, value: &str) {
    let is_given = question.context.iter().any(|(name, _)| name.eq_ignore_ascii_case(key));
    if !is_given {
        question.context.push((key.to_owned(), Entry::value(value)));
    }
}

fn told(reply: &Reply) -> String {
    let sides = |sides: &[&str]| sides.join(", ");
    match reply.decision {
        Decision::Allowed => match reply.answer.allowed_by {
            Some(side) => format!("allowed by {side}"),
            None => "allowed".to_owned(),
        },
        Decision::ExplicitDeny => format!("explicit deny: {}", sides(&reply.answer.denied_by)),
        Decision::ImplicitDeny => format!("implicit deny: {}", sides(&reply.answer.denied_by)),
        Decision::Undetermined => "undetermined".to_owned(),
    }
}

/// Whether a denial of the simulation is the one that AWS names, which is one of several.
fn is_same(named: &Named, reply: &Reply) -> bool {
    let denies = |side: Side| reply.answer.denied_by.contains(&side.as_str());
    match named {
        Named::Nothing => true,
        Named::KeyOrItsPolicy => denies(Side::KeyPolicy),
        Named::Side { side, denial, .. } => {
            let is_kind = match denial {
                Denial::Explicit => reply.decision == Decision::ExplicitDeny,
                Denial::Implicit => reply.decision == Decision::ImplicitDeny,
                Denial::Unsaid => true,
            };
            is_kind && denies(*side)
        }
    }
}

/// What may be missing where simulation and AWS differ.
struct Facts<'i> {
    incident: &'i Incident,
    question: &'i Question,
    request: &'i Request<'i>,
    reply: &'i Reply,
}

impl Facts<'_> {
    fn call(&self) -> &Call {
        &self.incident.call
    }

    /// The likeliest first.
    fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        match &self.incident.said {
            Said::Failed(failure) if !failure.is_success() => {
                missing.push(plain("the key may be in another state, or of another usage, than the environment says (describe-key tells)"));
                return missing;
            }
            Said::Failed(_) | Said::Succeeded => self.of_success(&mut missing),
            Said::Denied(named) => self.of_denial(named, &mut missing),
        }
        self.of_request(&mut missing);
        missing
    }

    /// AWS allowed what the simulation does not.
    fn of_success(&self, missing: &mut Vec<Missing>) {
        if self.reply.decision == Decision::ImplicitDeny {
            missing.extend(self.grant_not_given());
        }
        for side in Side::ALL.into_iter().filter(|side| self.denies(*side)) {
            missing.push(other_version(side));
        }
    }

    fn of_denial(&self, named: &Named, missing: &mut Vec<Missing>) {
        match named {
            Named::Side { side, denial, .. } => {
                missing.push(self.of_side(*side));
                if *side == Side::KeyPolicy && *denial == Denial::Implicit {
                    missing.push(of(Side::KeyPolicy, "the principal in the key policy may have been deleted and created again: the policy then holds its old unique id, and matches nobody"));
                }
                if *denial == Denial::Implicit && self.reply.decision != Decision::Allowed {
                    missing.extend(self.grant_not_given());
                }
            }
            Named::KeyOrItsPolicy => {
                missing.push(of(Side::KeyPolicy, "the key may not be there: another Region, another id, or deleted (describe-key tells)"));
                missing.push(self.of_side(Side::KeyPolicy));
            }
            Named::Nothing => {
                let lacking =
                    Side::ALL.into_iter().filter(|side| applies(*side, named, self.call()));
                let lacking: Vec<Side> = lacking.filter(|side| self.lacks(*side)).collect();
                missing.extend(lacking.into_iter().map(|side| self.of_side(side)));
            }
        }
        if self.reply.answer.allowed_by == Some("grant") {
            missing.insert(0, of(Side::Grant, "the grant may not have been in force: a new one takes up to five minutes unless the call sends its grant token, and it may be retired or revoked since"));
        }
        for side in Side::ALL.into_iter().filter(|side| self.denies(*side)) {
            if !matches!(named, Named::Side { side: it, .. } if *it == side) {
                missing.push(other_version(side));
            }
        }
    }

    /// What is not known of the call rather than of the policies.
    fn of_request(&self, missing: &mut Vec<Missing>) {
        let answer = &self.reply.answer;
        if !answer.depends_on.is_empty() {
            missing.push(plain(&format!(
                "the decision could change with {}, which nothing tells: --context KEY=VALUE, --via, --encryption-context",
                answer.depends_on.join(", ")
            )));
        }
        let question = self.question;
        let is_told = self.call().at.is_some()
            || question.via.is_some()
            || question.encryption_context.is_some();
        if !is_told && self.request.key.is_some() {
            missing.push(plain("a message does not tell the service in between, nor the encryption context: --via SERVICE, or give the CloudTrail event instead"));
        }
        missing.push(plain(match &self.call().at {
            Some(_) => "policies may have been changed since the call",
            None => {
                "policies may have been changed since the call, and changes take up to some minutes"
            }
        }));
    }

    fn denies(&self, side: Side) -> bool {
        self.reply.answer.denied_by.contains(&side.as_str())
    }

    fn grant_not_given(&self) -> Option<Missing> {
        let has_grants = self.request.stack.grants.is_some_and(|it| !it.is_empty());
        self.request.key.is_some().then(|| {
            of(
                Side::Grant,
                if has_grants {
                    "a grant that was not given, or whose constraints hold for the call as it was"
                } else {
                    "a grant on the key: none was given, and one would allow by itself"
                },
            )
        })
    }

    /// The named side: not given, or given otherwise than it is in force.
    fn of_side(&self, side: Side) -> Missing {
        let whose = match side {
            Side::ServiceControlPolicy => " over the caller's account",
            Side::ResourceControlPolicy => " over the key's account",
            Side::VpcEndpointPolicy => " that the call went through",
            Side::SessionPolicy => " that the session was opened with",
            Side::IdentityPolicy | Side::PermissionsBoundary => " of the caller",
            Side::KeyPolicy | Side::Grant => "",
        };
        if self.lacks(side) {
            return of(
                side,
                &format!("no {}{whose} was given, and AWS has one that decides", spoken(side)),
            );
        }
        other_version(side)
    }

    /// Whether the environment has nothing for a side.
    fn lacks(&self, side: Side) -> bool {
        let stack: &Stack<'_> = &self.request.stack;
        let is_assumed = |key: &Key| key.knowledge == Knowledge::Assumed;
        match side {
            Side::ResourceControlPolicy => stack.resource_control_policies.is_none(),
            Side::ServiceControlPolicy => stack.service_control_policies.is_none(),
            Side::VpcEndpointPolicy => stack.vpc_endpoint_policy.is_none(),
            Side::KeyPolicy => {
                let is_default = |policy: &crate::policy::Policy| policy.name().starts_with('<');
                self.request.key.is_some_and(|key| {
                    is_assumed(key) && key.policy.known().is_some_and(is_default)
                })
            }
            Side::IdentityPolicy => stack.identity_policies.is_none_or(<[_]>::is_empty),
            Side::Grant => stack.grants.is_none_or(|it| it.is_empty()),
            Side::PermissionsBoundary => stack.permissions_boundary.is_none(),
            Side::SessionPolicy => stack.session_policies.is_none(),
        }
    }
}

fn plain(fact: &str) -> Missing {
    Missing { side: None, fact: fact.to_owned() }
}

fn of(side: Side, fact: &str) -> Missing {
    Missing { side: Some(side.as_str()), fact: fact.to_owned() }
}

/// A policy that was given, and may not be the one in force.
fn other_version(side: Side) -> Missing {
    of(side, &match side {
        Side::IdentityPolicy => "the identity policies in force may be others than those given: not attached, another default version, or a group's".to_owned(),
        side => format!("the {} in force may be another than the one given", spoken(side)),
    })
}
