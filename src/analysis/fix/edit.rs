//! What a fix is made of.

use serde_json::{Value, json};

use crate::evaluate::Side;

/// One change on one side.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Edit {
    /// The side that changes; for a change of the call, the one that denies it.
    pub side: Side,
    /// What to do, in a sentence.
    pub summary: String,
    /// What it costs or gives away, compared with the others.
    pub trade_off: &'static str,
    /// Whether it takes something out of the reach of a `Deny`.
    pub weakens_deny: bool,
    /// The change itself.
    pub change: Change,
}

/// What is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A policy document.
    Policy(PolicyEdit),
    /// A grant is created, by this command.
    Grant {
        /// For the AWS CLI.
        command: String,
    },
    /// The caller sends something else, and no policy changes.
    Call {
        /// As an option of the command line.
        option: String,
    },
}

/// A change of a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyEdit {
    /// The document, by its file; none if the document is new.
    pub document: Option<String>,
    /// The change, as [RFC 6902](https://www.rfc-editor.org/rfc/rfc6902) has it.
    pub patch: Vec<Value>,
    /// The statements that are new or changed, as they read afterwards.
    pub statements: Vec<Value>,
}

/// Something else that a fix would allow.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub struct AlsoAllowed {
    /// The principal, by its ARN.
    pub principal: String,
    /// The action.
    pub action: &'static str,
    /// The key's ARN; none for an operation without a key.
    pub key: Option<String>,
    /// Whether it takes an IAM policy besides, which the account of the principal could give.
    pub once_iam_allows: bool,
}

/// Edits that turn a denial into `allowed` together, none of which does without the others.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fix {
    /// The edits; at least one.
    pub edits: Vec<Edit>,
    /// What else would be allowed, of all actions of KMS.
    pub also_allows: Vec<AlsoAllowed>,
}

impl Fix {
    /// Whether it takes something out of the reach of a `Deny`.
    #[must_use]
    pub fn weakens_deny(&self) -> bool {
        self.edits.iter().any(|edit| edit.weakens_deny)
    }

    /// Whether no policy and no grant changes.
    #[must_use]
    pub fn is_of_call(&self) -> bool {
        self.edits.iter().all(|edit| matches!(edit.change, Change::Call { .. }))
    }

    /// The edits in one sentence each.
    #[must_use]
    pub fn summary(&self) -> String {
        let loud = if self.weakens_deny() { "WEAKENS AN EXPLICIT DENY: " } else { "" };
        let edits: Vec<&str> = self.edits.iter().map(|edit| edit.summary.as_str()).collect();
        format!("{loud}{}", edits.join(" "))
    }

    /// An object for each edit, `number` telling which belong together. A patch is of the
    /// document of its side; it is empty for a grant and a change of the call.
    #[must_use]
    pub fn to_json(&self, number: usize) -> Vec<Value> {
        let also: Vec<Value> = self.also_allows.iter().map(AlsoAllowed::to_json).collect();
        let object = |(index, edit): (usize, &Edit)| {
            let others = self.edits.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<&str> = others.map(|(_, it)| it.side.as_str()).collect();
            let loud = if edit.weakens_deny { "WEAKENS AN EXPLICIT DENY: " } else { "" };
            let (document, patch, statements) = match &edit.change {
                Change::Policy(it) => (it.document.as_deref(), &it.patch[..], &it.statements[..]),
                Change::Grant { .. } | Change::Call { .. } => (None, &[][..], &[][..]),
            };
            let (command, option) = match &edit.change {
                Change::Policy(_) => (None, None),
                Change::Grant { command } => (Some(command), None),
                Change::Call { option } => (None, Some(option)),
            };
            json!({
                "fix": number,
                "side": edit.side.as_str(),
                "summary": format!("{loud}{}", edit.summary),
                "patch": patch,
                "document": document,
                "statements": statements,
                "command": command,
                "call": option,
                "together_with": others,
                "trade_off": edit.trade_off,
                "weakens_deny": edit.weakens_deny,
                "also_allows": also,
            })
        };
        self.edits.iter().enumerate().map(object).collect()
    }
}

impl AlsoAllowed {
    fn to_json(&self) -> Value {
        json!({
            "principal": self.principal,
            "action": self.action,
            "key": self.key,
            "once_iam_allows": self.once_iam_allows,
        })
    }
}
