use std::collections::BTreeMap;

use crate::arn::{AccountId, Partition};

/// What the user says that a document leaves open.
#[derive(Clone, Debug, Default)]
pub struct Assumptions {
    /// The account that it is deployed to.
    pub account: Option<AccountId>,
    /// The Region that it is deployed to.
    pub region: Option<String>,
    /// The partition of both; left out: that of the Region.
    pub partition: Option<Partition>,
    /// Values by what they stand for, in the words of the document: the name of a parameter, of
    /// an export that is imported, `Resource.Attribute`, an address, a dynamic reference.
    pub values: BTreeMap<String, String>,
}
