/// What a warning, or a refusal, is about: the same for every text that says so.
///
/// Who reads an input says what he found in a sentence, and by this which sort of thing it is;
/// `lint` has a rule for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Notice {
    /// An action of every service, such as `*:Decrypt`.
    ActionOfEveryService,
    /// An alias ARN in a `Resource`.
    AliasInResource,
    /// A condition, an operator or a list of values with nothing in it.
    EmptyCondition,
    /// A federated principal, which nobody is to KMS.
    FederatedPrincipal,
    /// `ForAllValues` with a key that has one value.
    ForAllValuesOfOne,
    /// A grant to a user or role that was deleted.
    GrantToDeleted,
    /// A key policy statement without actions or resources.
    IncompleteStatement,
    /// `${` where it is literal text.
    LiteralVariable,
    /// A value that is not of its operator's type.
    MistypedValue,
    /// Values of different JSON types in one list.
    MixedTypes,
    /// More warnings than anybody reads.
    MoreWarnings,
    /// The name of an operator in another case than AWS's.
    OperatorCase,
    /// The unique id that a deleted user or role leaves.
    OrphanedId,
    /// An IAM policy larger than AWS takes of customers; its own managed policies may be larger.
    OverCustomerQuota,
    /// A policy larger than AWS takes.
    OverQuota,
    /// AWS refuses the policy.
    Refused,
    /// A `Sid` of more than one statement.
    RepeatedSid,
    /// A `Resource` in a key policy that is not `*`.
    ResourceInKeyPolicy,
    /// A key with several values, tested without a set operator.
    SetOperatorMissing,
    /// A list of grants that is not whole.
    TruncatedGrants,
    /// An action that KMS does not have.
    UnknownAction,
    /// A condition key that AWS does not document for KMS.
    UnknownConditionKey,
    /// The id of a key, in a shape that KMS never issues.
    UnusualKeyId,
    /// `Principal` that names nobody.
    VacantPrincipal,
    /// A wildcard in the service of an ARN.
    WildcardService,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 25] = [
        Self::ActionOfEveryService,
        Self::AliasInResource,
        Self::EmptyCondition,
        Self::FederatedPrincipal,
        Self::ForAllValuesOfOne,
        Self::GrantToDeleted,
        Self::IncompleteStatement,
        Self::LiteralVariable,
        Self::MistypedValue,
        Self::MixedTypes,
        Self::MoreWarnings,
        Self::OperatorCase,
        Self::OrphanedId,
        Self::OverCustomerQuota,
        Self::OverQuota,
        Self::Refused,
        Self::RepeatedSid,
        Self::ResourceInKeyPolicy,
        Self::SetOperatorMissing,
        Self::TruncatedGrants,
        Self::UnknownAction,
        Self::UnknownConditionKey,
        Self::UnusualKeyId,
        Self::VacantPrincipal,
        Self::WildcardService,
    ];
}
