use super::sniff::{Family, Found, Kind};
use super::{Assumptions, Estate, aws};
use crate::document::InputError;

/// What was made of documents.
#[derive(Clone, Debug, Default)]
pub struct Imported {
    /// The world before a plan, if there is a plan.
    pub before: Option<Estate>,
    /// The world as the documents have it; after the plan, if there is one.
    pub after: Estate,
}

/// Makes an estate of documents that belong together: one account, one plan, or the templates of
/// one app.
///
/// # Errors
///
/// If they are of different sorts, or of one that is no estate, or something in them is not what
/// it should be, with the place.
pub fn import(found: &[Found], assumptions: &Assumptions) -> Result<Imported, InputError> {
    let of = |family: Family| found.iter().find(|it| family_of(it.kind) == family);
    if let Some(trail) = of(Family::Trail) {
        let help = "`kms-sim diagnose` reads it";
        return Err(no_estate(trail, help));
    }
    if let Some(environment) = of(Family::Environment) {
        return Err(no_estate(environment, "it needs no import: give it with `--env`"));
    }
    let after = aws::import(found, assumptions)?;
    Ok(Imported { before: None, after })
}

/// A policy alone belongs to what else is there.
fn family_of(kind: Kind) -> Family {
    match kind.family() {
        Family::Policy => Family::Aws,
        other => other,
    }
}

fn no_estate(found: &Found, help: &str) -> InputError {
    let what = found.kind.described();
    found.at().error(format!("expected something to import, found {what}")).with_help(Some(help))
}
