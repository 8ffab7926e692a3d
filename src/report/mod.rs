//! An answer in words and in a form that borrows nothing.

mod answer;
mod ask;
pub mod catalogue;
pub mod evidence;
mod matrix;
mod reason;
mod rows;

pub use self::answer::{
    Answer, AnsweredRequest, AnsweredSide, ConditionRow, KeyState, Otherwise, Permission,
    StatementRow, TraceRow,
};
pub use self::ask::{Detail, Reply, ask};
pub use self::matrix::{Cell, Matrix, Why, principals_of};
