//! Scenario files: an environment, and cases with what is expected of them.

mod bless;
mod case;
mod check;
mod coverage;
mod draft;
mod expect;
mod report;
mod run;
mod schema;
mod single;
mod suggest;

use std::sync::Arc;

pub use self::bless::{Blessing, Change};
use self::case::Case;
pub use self::coverage::{Coverage, CoverageReport, Covered, Exercise, Noticed};
pub use self::draft::Draft;
pub use self::report::Report;
pub use self::run::{CaseResult, Status};
pub use self::schema::schema;
pub use self::single::{Listed, Single};
pub use self::suggest::{Suggestion, Suggestions, Unsuggested};
use crate::document::{Document, InputError, Source};
use crate::environment::{Environment, Files, Loaded, Policies, Question};
use crate::kms::Asked;
use crate::policy::Policy;

/// A scenario file, ready to run.
#[derive(Debug)]
pub struct Scenario {
    source: Arc<Source>,
    environment: Environment,
    cases: Vec<Case>,
    warnings: Vec<InputError>,
}

/// What a JSON or YAML document is, as far as a test run is concerned.
#[derive(Debug)]
pub enum Sorted {
    /// An environment with cases.
    Scenario(Box<Scenario>),
    /// An environment without cases: nothing to run.
    Environment,
    /// A policy document: nothing to run.
    Policy,
    /// The schema of scenario files, which may stand beside them: nothing to run.
    Schema,
}

impl Scenario {
    /// Reads a document that may be a scenario.
    ///
    /// # Errors
    ///
    /// If a field is unknown, missing or of the wrong type, a policy is none, or an
    /// expectation can never hold, with the place.
    pub fn read(document: &Document, files: &dyn Files) -> Result<Sorted, InputError> {
        let root = document.root().object()?;
        if Policy::is_in(document) {
            return Ok(Sorted::Policy);
        }
        if root.get("$schema").is_some() && root.get("$defs").is_some() {
            return Ok(Sorted::Schema);
        }
        let Loaded { environment, mut warnings } = Environment::load(document, files, None)?;
        let Some(cases) = root.optional("cases") else {
            return Ok(Sorted::Environment);
        };
        let source = document.source().clone();
        let mut policies = Policies::new(files);
        let account = environment.account;
        let listed: Vec<_> = cases.list()?.collect();
        let mut cases = Vec::with_capacity(listed.len());
        for (index, at) in listed.iter().enumerate() {
            cases.extend(Case::read(*at, index, &mut policies, account)?);
        }
        warnings.extend(policies.warnings());
        let scenario = Self { source, environment, cases, warnings };
        check::names(&listed)?;
        check::sids(&listed, &scenario)?;
        Ok(Sorted::Scenario(Box::new(scenario)))
    }

    /// What the file holds that AWS would not take, or that is likely not meant.
    #[must_use]
    pub fn warnings(&self) -> &[InputError] {
        &self.warnings
    }

    /// The number of cases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cases.len()
    }

    /// Whether there are no cases.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cases.is_empty()
    }

    /// The environment of the cases.
    #[must_use]
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What the cases ask: one question for each action of each.
    pub fn questions(&self) -> impl Iterator<Item = (Asked, &Question)> {
        let of = |case: &'_ Case| case.checks.iter().map(|check| check.asked).collect::<Vec<_>>();
        self.cases
            .iter()
            .flat_map(move |case| of(case).into_iter().map(move |asked| (asked, &case.question)))
    }

    /// The actions of the cases, each to be run on its own.
    pub fn singles(&self) -> impl Iterator<Item = Single<'_>> {
        self.cases.iter().flat_map(move |case| {
            case.checks.iter().map(move |check| Single { scenario: self, case, check })
        })
    }

    /// Runs the cases: one result for each action of each.
    pub fn run(&self) -> impl Iterator<Item = CaseResult> {
        self.singles().map(|single| single.run())
    }
}
