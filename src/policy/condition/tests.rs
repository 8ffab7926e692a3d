//! Tables to lay beside AWS's page on condition operators.

use super::*;

/// Rows of `operator | request | policy | expected`. `-` is an absent key, `?` an open one,
/// a comma separates values, and `''` is an empty text.
fn check(table: &str) {
    for row in table.trim().lines() {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [operator, request, policy, expected] = cells[..] else { panic!("{row}") };
        let list = |cell: &str| -> Vec<String> {
            if cell == "[]" {
                return Vec::new();
            }
            cell.split(',')
                .map(|value| if value == "''" { String::new() } else { value.to_owned() })
                .collect()
        };
        let mut context = Context::default();
        let key = ContextKey::new("aws:x");
        match request {
            "-" => {}
            "?" => context.set(key, Entry::Unknown),
            values => context.set(key, Entry::Values(list(values))),
        }
        context.set(ContextKey::new("aws:username"), Entry::value("deploy"));
        let values = list(policy);
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        let operator = Operator::parse(operator).unwrap();
        let parsed = Condition::read(&operator, "aws:x", &values, Variables::Active);
        assert_eq!(format!("{:?}", parsed.condition.test(&context)), expected, "{row}");
    }
}

#[test]
fn strings() {
    check(
        "
        StringEquals              | Dev     | Dev          | True
        StringEquals              | dev     | Dev          | False
        StringEquals              | Dev     | Ops,Dev      | True
        StringEquals              | Dev     | D*           | False
        StringEquals              | D*      | D*           | True
        StringEquals              | ''      | ''           | True
        StringEquals              | Dev     | ''           | False
        StringEquals              | deploy  | ${aws:username} | True
        StringEquals              | x       | ${aws:PrincipalTag/none} | False
        StringNotEquals           | Dev     | Dev          | False
        StringNotEquals           | Dev     | Ops,Dev      | False
        StringNotEquals           | Dev     | Ops          | True
        StringNotEquals           | x       | ${aws:PrincipalTag/none} | True
        StringEqualsIgnoreCase    | dEV     | Dev          | True
        StringEqualsIgnoreCase    | DEPLOY  | ${aws:username} | True
        StringNotEqualsIgnoreCase | dEV     | Dev          | False
        StringLike                | Dev     | D*           | True
        StringLike                | Dev     | D?           | False
        StringLike                | D*      | D${*}        | True
        StringLike                | Dev     | D${*}        | False
        StringLike                | Dev     | d*           | False
        StringNotLike             | Dev     | D*           | False
        StringNotLike             | Ops     | D*           | True
        ",
    );
}

#[test]
fn numbers_dates_and_booleans() {
    check(
        "
        NumericEquals            | 7.0     | 7    | True
        NumericNotEquals         | 7.0     | 7    | False
        NumericNotEquals         | abc     | 7    | False
        NumericNotEquals         | 7       | abc  | False
        NumericLessThan          | 900     | 3600 | True
        NumericLessThanEquals    | 7       | 7    | True
        NumericGreaterThan       | 7       | 7    | False
        NumericGreaterThanEquals | 7       | 7    | True
        NumericLessThan          | abc     | 7    | False
        NumericEquals            | 9007199254740993 | 9007199254740992 | False
        DateEquals               | 2026-01-01T02:00:00+02:00 | 2026 | True
        DateNotEquals            | 2026-01-01 | 2026 | False
        DateLessThan             | 2025-12-31 | 2026 | True
        DateLessThanEquals       | 1767225600 | 2026-01-01T00:00:00Z | True
        DateGreaterThan          | 2026-06-01T00:00:00Z | 1767225600 | True
        DateGreaterThanEquals    | 2025    | 2026 | False
        DateNotEquals            | soon    | 2026 | False
        Bool                     | true    | true | True
        Bool                     | TRUE    | true | True
        Bool                     | false   | true | False
        Bool                     | 1       | true | False
        ",
    );
}

#[test]
fn addresses_bytes_and_arns() {
    check(
        "
        IpAddress    | 203.0.113.7 | 203.0.113.0/24  | True
        IpAddress    | 203.0.113.7 | 203.0.113.99/24 | True
        IpAddress    | 203.0.113.7 | 203.0.113.7     | True
        IpAddress    | 203.0.113.8 | 203.0.113.7     | False
        IpAddress    | 10.0.0.1    | 0.0.0.0/0       | True
        IpAddress    | ::1         | 0.0.0.0/0       | False
        IpAddress    | 2001:db8::1 | 2001:DB8::/32   | True
        IpAddress    | ::ffff:10.0.0.1 | 10.0.0.0/8  | False
        IpAddress    | 10.0.0.1    | 10.0.0.0/33     | False
        IpAddress    | 010.1.1.1   | 10.0.0.0/8      | False
        IpAddress    | 10.1.1.1    | 010.1.1.0/24    | False
        IpAddress    | 10.1.1.1    | 10.1.1.0/+24    | False
        NotIpAddress | 10.0.0.1    | 203.0.113.0/24  | True
        NotIpAddress | nowhere     | 203.0.113.0/24  | False
        NotIpAddress | 10.0.0.1    | nowhere         | False
        BinaryEquals | QmluYXJ5VmFsdWVJbkJhc2U2NA== | QmluYXJ5VmFsdWVJbkJhc2U2NA== | True
        BinaryEquals | QmluYXJ5VmFsdWVJbkJhc2U2NA   | QmluYXJ5VmFsdWVJbkJhc2U2NA== | True
        BinaryEquals | AAAA        | QmluYXJ5        | False
        ArnEquals    | arn:aws:iam::123456789012:role/a/b | arn:aws:iam::123456789012:role/* | True
        ArnLike      | arn:aws:iam::123456789012:role/a   | arn:aws:iam::*:role/?            | True
        ArnLike      | arn:aws:iam::123456789012:role/a   | arn:aws:*                        | False
        ArnLike      | not-an-arn  | arn:*:*:*:*:*   | False
        ArnNotLike   | not-an-arn  | arn:*:*:*:*:*   | True
        ArnNotEquals | arn:aws:iam::123456789012:role/a   | arn:aws:iam::123456789012:role/a | False
        StringLike   | arn:aws:iam::123456789012:role/a   | arn:aws:*                        | True
        ",
    );
}

#[test]
fn a_missing_key_fails_a_positive_operator_and_satisfies_a_negated_one() {
    check(
        "
        StringEquals                         | - | Dev  | False
        StringNotEquals                      | - | Dev  | True
        StringEqualsIfExists                 | - | Dev  | True
        StringNotEqualsIfExists              | - | Dev  | True
        StringNotEqualsIfExists              | Dev | Dev | False
        NumericLessThan                      | - | 7    | False
        DateGreaterThanIfExists              | - | 2026 | True
        Bool                                 | - | false | False
        BoolIfExists                         | - | false | True
        IpAddress                            | - | 10.0.0.0/8 | False
        NotIpAddress                         | - | 10.0.0.0/8 | True
        ArnNotLike                           | - | arn:*:*:*:*:* | True
        Null                                 | - | true  | True
        Null                                 | - | false | False
        Null                                 | x | true  | False
        Null                                 | x | false | True
        Null                                 | - | yes   | False
        Null                                 | x | yes   | False
        ForAllValues:Null                    | x | true  | True
        ForAnyValue:Null                     | - | true  | False
        ",
    );
}

#[test]
fn set_operators_range_over_the_values_of_the_request() {
    check(
        "
        ForAllValues:StringEquals            | Dev,Ops | Dev,Ops,Web | True
        ForAllValues:StringEquals            | Dev,Ops | Dev         | False
        ForAllValues:StringEquals            | -       | Dev         | True
        ForAllValues:StringEquals            | ''      | Dev         | True
        ForAllValues:StringEquals            | []      | Dev         | True
        ForAllValues:StringNotEquals         | Dev,Ops | Web         | True
        ForAllValues:StringNotEquals         | Dev,Ops | Dev         | False
        ForAnyValue:StringEquals             | Dev,Ops | Ops         | True
        ForAnyValue:StringEquals             | Dev,Ops | Web         | False
        ForAnyValue:StringEquals             | -       | Dev         | False
        ForAnyValue:StringNotEquals          | Dev,Ops | Dev         | True
        ForAnyValue:StringNotEquals          | Dev     | Dev         | False
        ForAnyValue:StringNotEquals          | -       | Dev         | False
        ForAnyValue:StringEqualsIfExists     | -       | Dev         | True
        ForAllValues:StringLike              | Dev,Ops | ?ev,O*      | True
        StringEquals                         | Dev,Ops | Ops         | True
        StringEquals                         | Dev     | []          | False
        StringNotEquals                      | Dev     | []          | True
        StringEqualsIfExists                 | -       | []          | True
        ForAllValues:StringEquals            | -       | []          | True
        ForAllValues:StringEquals            | Dev     | []          | False
        ForAnyValue:StringEquals             | Dev     | []          | False
        ",
    );
}

#[test]
fn an_open_key_leaves_the_answer_open() {
    check(
        "
        StringEquals                | ? | Dev  | Unknown
        StringNotEqualsIfExists     | ? | Dev  | Unknown
        ForAllValues:StringEquals   | ? | Dev  | Unknown
        Null                        | ? | true | Unknown
        ForAllValues:Null           | ? | true | True
        ",
    );
}
