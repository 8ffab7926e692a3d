//! x
pub mod arn;
pub mod document;
pub mod environment;
pub mod evaluate;
pub mod kms;
pub mod policy;
pub mod request;
pub mod scenario;
pub mod text;
mod truth;
mod wildcard;
pub use truth::Truth;
