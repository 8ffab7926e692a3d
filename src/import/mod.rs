//! Environments from what people have: accounts, plans, templates.

mod estate;

pub use self::estate::{
    Estate, EstateKey, EstateMember, EstateOrganization, EstatePolicy, EstatePrincipal,
    EstateVpcEndpoint,
};
