//! Environments from what people have: accounts, plans, templates.
//!
//! [`sniff`] says what a text is. Each importer makes an [`Estate`] of its documents, and
//! [`Estate::load`] an environment of that.

mod assumptions;
mod aws;
pub mod cloudformation;
mod estate;
mod grant;
mod policy;
mod sniff;
pub mod terraform;
mod value;
mod world;
mod write;

pub use self::assumptions::Assumptions;
pub use self::estate::{
    Estate, EstateKey, EstateMember, EstateOrganization, EstatePolicy, EstatePrincipal,
    EstateVpcEndpoint,
};
pub use self::grant::EstateGrant;
pub use self::sniff::{Family, Found, Kind, sniff, written_as};
pub use self::world::{Imported, import};
pub use self::write::{Placement, Written};
