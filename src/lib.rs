//! Would this AWS KMS call succeed, which side denies it, and why?
//!
//! `kms-sim` decides a request to AWS Key Management Service as AWS documents it, from the
//! policies alone: no credentials, no network. This page is the evaluation model.
//!
//! # How AWS decides
//!
//! 1. **An explicit `Deny` that matches, on any side, denies.**
//!    ([evaluation logic](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html))
//! 2. **The key policy is the gate of the key.** A statement that names the caller (its user,
//!    role or session) or everyone allows by itself, in the key's own account.
//!    ([key policies](https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html))
//! 3. **A statement for the account does not allow, it delegates**: from there the identity
//!    policies of the account decide, for the actions of that statement. Without one they have
//!    no effect. It stands for the root user too, who has no access of its own.
//!    ([default key policy](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html))
//! 4. **Across accounts both sides must allow**: the key policy must admit the caller or its
//!    account, and an identity policy there must allow the action on the key's ARN; and KMS
//!    offers only some operations across accounts.
//!    ([other accounts](https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html))
//! 5. **A grant is a source of its own**: its grantee needs neither key policy nor identity
//!    policy, for its operations, under its constraints, also across accounts.
//!    ([grants](https://docs.aws.amazon.com/kms/latest/developerguide/grants.html))
//! 6. **Ceilings only limit.** Every level of service control policies over the caller's account
//!    must allow; resource control policies over the key's account only deny; a VPC endpoint
//!    policy must allow what goes through the endpoint. A permissions boundary and a session
//!    policy limit what the role or its policies give, and not what a policy gives to the
//!    session or the user by name, or to everyone, in the key's own account.
//!    ([boundaries](https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html),
//!    [SCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html),
//!    [RCPs](https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html))
//! 7. **Operations without a key** (`kms:CreateKey`, `kms:ListKeys`, …) are decided by identity
//!    policies on `*`.
//!
//! An operation may need several permissions (`ReEncrypt`, `UpdateAlias`, `ReplicateKey`, …), and
//! an operation of another service several calls: [`report::ask`] answers each and the whole.
//! The state of a key is told beside the decision and never changes it.
//!
//! Besides AWS's rules (`aws`) there is a stricter practice, `dual-permission`: key policy and
//! identity policies must both allow. See [`Rules`](request::Rules).
//!
//! # How this crate is built
//!
//! A [`Policy`](policy::Policy) is parsed once, and only valid policies exist. An
//! [`Environment`](environment::Environment) holds principals and keys with their policies; it
//! resolves a [`Question`](environment::Question) to a [`Request`](environment::Request) with its
//! whole context and the policies and grants that apply. [`evaluate::decide`] holds each
//! statement and grant against the request, and [`evaluate::Sides`] combines what the sides say; [`evaluate::explain`] also
//! keeps why. A context key that is left open is [`Truth::Unknown`], and an answer that does not
//! depend on it is still definite.
//!
//! What rests on many decisions is in [`analysis`]: who can still change a key policy, and whether
//! AWS takes a new one. [`diagnose`] goes the other way: from what AWS said, in an error message or
//! a CloudTrail event, to the question and the cause. [`generate`] writes a key policy from who is
//! to do what. [`import`] makes an environment of accounts, plans and templates; [`lint`] finds what
//! is wrong with policies, or likely not meant; [`scenario`] runs cases, and tells which statements
//! no case would miss.
//!
//! ```
//! use kms_sim::arn::Partition;
//! use kms_sim::environment::{Attached, Environment, Key, Principal, Question};
//! use kms_sim::evaluate::{Decision, Side, decide, explain};
//! use kms_sim::kms::Action;
//! use kms_sim::policy::{Kind, Policy};
//! use kms_sim::request::{Account, PrincipalName};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The key policy leaves everything to the IAM policies of the account.
//! let key_policy = Policy::from_json("key.json", r#"{
//!     "Version": "2012-10-17",
//!     "Statement": [{
//!         "Sid": "Enable IAM policies",
//!         "Effect": "Allow",
//!         "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
//!         "Action": "kms:*",
//!         "Resource": "*"
//!     }]
//! }"#, Kind::Key)?;
//!
//! let account = Account { partition: Partition::Aws, id: "123456789012".parse()? };
//! let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
//! let mut environment = Environment::new(Some(account), "us-east-1");
//! environment.add_key(Key::new(account, "us-east-1", id, Attached::Policy(key_policy.into()))?)?;
//! let role = PrincipalName::parse("role/WebAppInstanceRole", Some(account))?;
//! environment.add_principal(role, Principal::default());
//!
//! let question = Question::new("role/WebAppInstanceRole", Action::parse("kms:Decrypt")?);
//! let request = environment.request(&question)?;
//! assert_eq!(decide(&request).decision, Decision::ImplicitDeny);
//!
//! // Who denies it, and what AWS would say.
//! let explanation = explain(&request);
//! assert!(explanation.outcome.denied_by.contains(Side::IdentityPolicy));
//! assert!(explanation.error.unwrap().ends_with(
//!     "because no identity-based policy allows the kms:Decrypt action"
//! ));
//! # Ok(())
//! # }
//! ```
//!
//! # Where AWS is silent
//!
//! Where AWS does not document a case, the safer reading is taken, and a decision that rests on
//! it says so in its `warnings`:
//!
//! - A `Deny` for an account's principal denies every principal of the account.
//! - `NotPrincipal` in a `Deny` exempts only a caller whose session, role or user, and account
//!   are all listed.
//! - A `Resource` in a key policy other than `*` is matched as in an IAM policy.
//! - A multivalued key without `ForAnyValue` or `ForAllValues` needs one matching value.
//! - A value that is not of its operator's type satisfies neither the operator nor its negation;
//!   a text that is not an ARN satisfies a negated ARN operator.
//! - `NotResource` with a policy variable that has no value covers nothing in an `Allow`.
//! - The value of a policy variable is literal text, also where it holds `*`.
//! - The names of condition operators and the words `true` and `false` match in any case.
//! - Characters written as escapes are held to the same character set as the others.
//! - `*` in a key policy allows a service, too.
//! - Through a service `aws:SourceIp` is the service's address, which no policy lists.
//! - An action whose service is `*` is matched by its name.
//! - `kms:GrantIsForAWSResource` is `false` on calls that no service makes.
//! - `aws:PrincipalArn` is absent for a service, and `aws:ResourceAccount` is the caller's
//!   account for operations without a key.
//! - A root user needs no identity policy across accounts.
//! - A grant stands to a silent boundary or session policy as a key policy does that names the
//!   grantee; a grant to an account leaves it to the account's IAM policies.
//! - The letter case of names counts in constraints of grants, as the Developer Guide says; the
//!   API reference says that it does not.
//! - The constraint `SourceArn` is looked at for services only, for `DescribeKey` too, and a
//!   grant that a grant creates must keep it.
//! - Parameters in days that are not sent are absent, and do not show their default.
//! - `RetireGrant` is left to IAM policies in the account of the key, in that of the retiring
//!   principal, and in that which created the grant.
//! - What `ReplicateKey` needs of `kms:CreateKey` is asked with the properties of the primary key.
//! - Authorization comes before the state of the key. Operations that AWS's table of states lacks
//!   are taken to be like `Sign` if they are cryptographic, and to work in every state otherwise.
//! - AWS's message names one side even if several deny: taken to be the first in the order of
//!   evaluation.
//! - Of what an operation of another service sends, and the table does not know, the answer is
//!   left open: the values of its encryption context, and on behalf of what a service calls.
//! - Of a plan or template, what is unknown is never taken for absent: a policy that may not be
//!   there, or may be attached to others, is unknown for all whom it could concern. A key or role
//!   whose own existence rests on an unknown condition is taken to exist. An unknown tag, alias or
//!   property of a key is left out, with a note.
//! - A managed policy of AWS that is only attached is unknown until its document is given.
//!
//! Not modelled: the policy `AWS_RAM` of keys that are shared by Resource Access Manager.
//!
//! # Features
//!
//! `cli` (default) brings the binary. Without it the library does no I/O, starts no thread and
//! reads no clock, and also builds for `wasm32-unknown-unknown`.

pub mod text;
mod truth;
mod wildcard;

pub mod arn;
pub mod document;

pub mod kms;

pub mod request;

pub mod policy;

pub mod environment;

pub mod evaluate;

pub mod report;

pub mod analysis;

pub mod diagnose;

pub mod generate;

pub mod import;

pub mod lint;

pub mod scenario;

pub use self::truth::Truth;
