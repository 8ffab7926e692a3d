//! An answer in words and in a form that borrows nothing.

mod answer;
mod reason;

pub use self::answer::{
    Answer, AnsweredRequest, AnsweredSide, ConditionRow, Otherwise, StatementRow, TraceRow,
};
