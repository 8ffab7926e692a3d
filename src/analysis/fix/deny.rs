//! Moves for a request that a `Deny` denies: first what the caller could do, then the smallest
//! exemptions.

use serde_json::{Value, json};

use super::call;
use super::draft::Move;
use super::json::Place;
use super::scene::{Said, Scene, policy_of, spoken};
use crate::evaluate::Step;
use crate::policy::Condition;

const FOR_ONE: &str = "The Deny stays for everybody else.";
const FOR_ALL: &str = "The Deny no longer covers this for anybody.";

fn weakening(step: &Step<'_>, what: &str, trade_off: &'static str) -> Said {
    let (which, policy) = (spoken(step), policy_of(step.side));
    let summary = format!("Exempt {what} from {which} in {policy}.");
    Said { summary, trade_off, weakens_deny: true }
}

impl<'e> Scene<'_, 'e> {
    pub(super) fn undenying(&self) -> Vec<Move> {
        let Some(step) = self.explanation.decisive().next() else { return Vec::new() };
        let conditions = step.rule.conditions().iter();
        let mut moves: Vec<Move> =
            conditions.filter_map(|it| call::escaping(self, step.side, it)).collect();
        moves.extend(self.exempt_principal(step));
        moves.extend(self.exempt_value(step));
        moves.extend(self.exempt_absent(step));
        moves.extend(self.exempt_action(step));
        moves
    }

    /// By a condition, as AWS recommends; a service has a name, and no ARN.
    ///
    /// Source: [NotPrincipal](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html),
    /// [`aws:PrincipalServiceName`](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalservicename)
    fn exempt_principal(&self, step: &Step<'e>) -> Option<Move> {
        const OF_ARN: &[&str] = &["ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLike"];
        const OF_NAME: &[&str] = &["StringNotEquals", "StringNotLike"];
        let (key, operators) = if self.request.caller.is_service() {
            ("aws:PrincipalServiceName", OF_NAME)
        } else {
            ("aws:PrincipalArn", OF_ARN)
        };
        let value = self.sent(key)?;
        self.edited(step, weakening(step, &self.caller(), FOR_ONE), |place| {
            let known = || operators.iter().filter_map(|it| place.spelled(&["Condition"], it));
            let listed = known().find_map(|operator| {
                let key = place.spelled(&["Condition", operator], key)?;
                place.append(&["Condition", operator, key], value)
            });
            let operator = operators.first()?;
            let operator = place.spelled(&["Condition"], operator).unwrap_or(operator);
            listed.or_else(|| place.insert(&["Condition", operator, key], &json!(value)))
        })
    }

    /// A negated operator is true for a key that is missing.
    ///
    /// Source: [Condition operators](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html)
    fn exempt_absent(&self, step: &Step<'e>) -> Option<Move> {
        let is_met_by_none = |it: &&Condition| it.operator().to_ascii_lowercase().contains("not");
        let mut conditions = step.rule.conditions().iter().filter(is_met_by_none);
        let key = conditions.find(|it| self.sent(it.key().as_str()).is_none())?.key().as_str();
        let said = weakening(step, &format!("calls without {key}"), FOR_ALL);
        self.edited(step, said, |place| {
            let operator = place.spelled(&["Condition"], "Null").unwrap_or("Null");
            place.insert(&["Condition", operator, key], &json!("false"))
        })
    }

    /// Where a negated condition lists what is exempt, one value more.
    fn exempt_value(&self, step: &Step<'e>) -> Option<Move> {
        let lists = |operator: &str| {
            let operator = operator.to_ascii_lowercase();
            operator.contains("not") && operator != "notipaddress"
        };
        let condition = step.rule.conditions().iter().find(|it| lists(it.operator()))?;
        let value = self.sent(condition.key().as_str())?;
        let what = format!("{} = `{value}`", condition.key());
        self.edited(step, weakening(step, &what, FOR_ALL), |place| {
            let operator = place.spelled(&["Condition"], condition.operator())?;
            let key = place.spelled(&["Condition", operator], condition.key().as_str())?;
            place.append(&["Condition", operator, key], value)
        })
    }

    fn exempt_action(&self, step: &Step<'e>) -> Option<Move> {
        let action = self.action();
        self.edited(
            step,
            weakening(step, action, FOR_ALL),
            |place: &Place<'_>| -> Option<Vec<Value>> {
                place.take(&["Action"], action).or_else(|| place.append(&["NotAction"], action))
            },
        )
    }
}
