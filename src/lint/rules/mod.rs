//! The rules, each in a file that is also its page.

mod action_of_every_service;
mod administrator_uses_key;
mod alias_in_resource;
mod allow_all_but;
mod confused_deputy;
mod contradicting_conditions;
mod dead_statement;
mod denied_statement;
mod deprecated_key;
mod empty_condition;
mod federated_principal;
mod for_all_values_of_one;
mod foreign_account;
mod foreign_grants;
mod foreign_partition;
mod grant_passes_on;
mod grant_to_deleted;
mod impossible_value;
mod incomplete_statement;
mod key_not_sent;
mod literal_variable;
mod lockout;
mod mfa_may_be_absent;
mod missing_account_statement;
mod missing_version;
mod mistyped_value;
mod mixed_types;
mod more_warnings;
mod network_denies_services;
mod no_action_of_key;
mod no_such_resource;
mod not_across_accounts;
mod not_principal;
mod null_with_set_operator;
mod operator_case;
mod orphaned_id;
mod over_customer_quota;
mod over_quota;
mod public_access;
mod redundant_action;
mod redundant_resource;
mod redundant_statement;
mod redundant_value;
mod refused_policy;
mod repeated_sid;
mod resource_in_key_policy;
mod resource_never_covers;
mod service_without_calls;
mod set_operator_missing;
mod several_booleans;
mod single_administrator;
mod source_not_sent;
mod source_without_account;
mod suppression_unmatched;
mod suppression_without_reason;
mod truncated_grants;
mod unknown_action;
mod unknown_condition_key;
mod unusual_key_id;
mod use_of_every_key;
mod vacant_principal;
mod via_service_elsewhere;
mod via_service_without_region;
mod weakly_limited;
mod wildcard_service;

use super::Rule;
use crate::document::Notice;

/// All rules, by code.
#[must_use]
pub fn rules() -> &'static [Rule] {
    RULES
}

/// Access Analyzer's code of what a reader found, where it is not that of the rule.
pub(super) fn issue_code(notice: Notice, pointer: &str) -> Option<&'static str> {
    match notice {
        Notice::UnknownConditionKey => Some(unknown_condition_key::issue_code(pointer)),
        _ => None,
    }
}

const RULES: &[Rule] = &[
    suppression_without_reason::RULE,
    suppression_unmatched::RULE,
    more_warnings::RULE,
    refused_policy::RULE,
    incomplete_statement::RULE,
    resource_in_key_policy::RULE,
    orphaned_id::RULE,
    over_quota::RULE,
    foreign_partition::RULE,
    over_customer_quota::RULE,
    lockout::RULE,
    single_administrator::RULE,
    missing_account_statement::RULE,
    not_principal::RULE,
    public_access::RULE,
    weakly_limited::RULE,
    confused_deputy::RULE,
    foreign_account::RULE,
    foreign_grants::RULE,
    allow_all_but::RULE,
    administrator_uses_key::RULE,
    grant_passes_on::RULE,
    use_of_every_key::RULE,
    unknown_action::RULE,
    alias_in_resource::RULE,
    federated_principal::RULE,
    vacant_principal::RULE,
    action_of_every_service::RULE,
    wildcard_service::RULE,
    grant_to_deleted::RULE,
    redundant_statement::RULE,
    denied_statement::RULE,
    no_action_of_key::RULE,
    not_across_accounts::RULE,
    service_without_calls::RULE,
    resource_never_covers::RULE,
    no_such_resource::RULE,
    dead_statement::RULE,
    contradicting_conditions::RULE,
    unknown_condition_key::RULE,
    for_all_values_of_one::RULE,
    set_operator_missing::RULE,
    empty_condition::RULE,
    literal_variable::RULE,
    mistyped_value::RULE,
    mixed_types::RULE,
    operator_case::RULE,
    via_service_without_region::RULE,
    key_not_sent::RULE,
    impossible_value::RULE,
    mfa_may_be_absent::RULE,
    network_denies_services::RULE,
    via_service_elsewhere::RULE,
    source_without_account::RULE,
    null_with_set_operator::RULE,
    deprecated_key::RULE,
    source_not_sent::RULE,
    several_booleans::RULE,
    repeated_sid::RULE,
    unusual_key_id::RULE,
    truncated_grants::RULE,
    redundant_action::RULE,
    missing_version::RULE,
    redundant_resource::RULE,
    redundant_value::RULE,
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lint::rule::Check;

    #[test]
    fn rules_are_sorted_by_code_and_neither_code_nor_name_comes_twice() {
        assert!(RULES.is_sorted_by(|a, b| a.code < b.code));
        for rule in RULES {
            assert_eq!(RULES.iter().filter(|it| it.name == rule.name).count(), 1, "{}", rule.name);
            let digits = rule.code.strip_prefix("KMS").unwrap();
            assert!(digits.len() == 3 && digits.bytes().all(|it| it.is_ascii_digit()));
        }
    }

    #[test]
    fn every_rule_has_a_page() {
        for rule in RULES {
            let page = rule.page();
            assert!(rule.file.contains(&format!("name: \"{}\"", rule.name)), "{}", rule.name);
            assert!(
                page.contains("\n# Example\n") && page.contains("\n# Instead\n"),
                "{}",
                rule.name
            );
            assert!(
                page.contains("https://docs.aws.amazon.com/") || rule.code < "KMS100",
                "{}",
                rule.name
            );
            assert!(!rule.summary().is_empty() && rule.summary().len() < 100, "{}", rule.name);
        }
    }

    #[test]
    fn what_readers_notice_is_of_exactly_one_rule() {
        for notice in Notice::ALL {
            let is_of =
                |rule: &&Rule| matches!(rule.check, Check::Reading(of) if of.contains(&notice));
            assert_eq!(RULES.iter().filter(is_of).count(), 1, "{notice:?}");
        }
    }
}
