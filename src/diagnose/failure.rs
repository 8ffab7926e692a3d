use super::plain::Plain;

/// An error of KMS that no policy has to do with.
///
/// Source: [Common errors](https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html)
/// and the *Errors* of each operation
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// KMS's name for it.
    pub code: String,
    /// What it means, in a sentence.
    pub means: &'static str,
    /// What to do about it, in a sentence.
    pub remedy: &'static str,
}

struct Known {
    code: &'static str,
    /// Whether other services have an error of that name, too.
    is_shared: bool,
    means: &'static str,
    remedy: &'static str,
}

impl Failure {
    /// The failure of that name; one that is not known is said to be so.
    pub(super) fn of(code: &str) -> Self {
        let bare = code.strip_prefix("KMS.").unwrap_or(code);
        let known = KNOWN.iter().find(|known| known.code == bare);
        known.map_or_else(
            || Self {
                code: code.to_owned(),
                means: "KMS answered with an error other than AccessDenied",
                remedy: "The API reference of the operation lists it under Errors.",
            },
            Known::failure,
        )
    }

    /// The first failure that a text names.
    pub(super) fn find(plain: &Plain) -> Option<Self> {
        let is_of_kms = OF_KMS.iter().any(|words| plain.has(words));
        let named = |known: &&Known| {
            let code = known.code.to_ascii_lowercase();
            // Services put their own prefix before KMS's name.
            let is_name =
                |at| plain.begins_word(at) || plain.before(at, "kms") == at.checked_sub(3);
            (is_of_kms || !known.is_shared) && plain.all(&code).any(|(start, _)| is_name(start))
        };
        KNOWN.iter().find(named).map(Known::failure)
    }

    /// Whether the call would have succeeded: a dry run says so by an error.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.code == "DryRunOperationException"
    }
}

impl Known {
    fn failure(&self) -> Failure {
        Failure { code: self.code.to_owned(), means: self.means, remedy: self.remedy }
    }
}

/// What stands in errors of KMS: not every text with these letters is one.
const OF_KMS: &[&str] = &[
    ":kms:",
    ".kms.",
    "awskms",
    "aws_sdk_kms",
    "client-kms",
    "errorkms",
    "keyid",
    "kms.amazonaws",
    "kmsclient",
    "kmserror",
    "kmsexception",
    "kmskey",
    "kmsnotfound",
    "service:kms",
];

const fn own(code: &'static str, means: &'static str, remedy: &'static str) -> Known {
    Known { code, is_shared: false, means, remedy }
}

const fn shared(code: &'static str, means: &'static str, remedy: &'static str) -> Known {
    Known { code, is_shared: true, means, remedy }
}

#[rustfmt::skip]
const KNOWN: &[Known] = &[
    own("AlreadyExistsException", "there is an alias of that name already", "Take another name, or UpdateAlias."),
    own("DependencyTimeoutException", "KMS could not reach something that it depends on", "Try again."),
    own("DisabledException", "the key is disabled", "Enable it: aws kms enable-key --key-id KEY."),
    own("DryRunOperationException", "the call is authorized, and was a dry run", "Without DryRun it would be carried out."),
    own("ExpiredImportTokenException", "the import token is older than 24 hours", "Call GetParametersForImport again."),
    own("IncorrectKeyException", "the ciphertext was encrypted with another key than the call names", "Name that key, or leave KeyId out for a symmetric key."),
    own("IncorrectKeyMaterialException", "the key material is not the one that was imported before", "Import the same key material, or create another key."),
    own("InvalidAliasNameException", "the name of the alias is not valid", "It is alias/ with letters, digits and /_-, and does not begin with alias/aws/."),
    own("InvalidArnException", "the ARN is not valid here", "Use the endpoint of the Region in the ARN, and an ARN of the kind that the operation takes."),
    own("InvalidCiphertextException", "the ciphertext does not fit: it is damaged, or the encryption context is not the one that it was encrypted with", "Send the encryption context of the encryption to the letter, case included."),
    own("InvalidGrantIdException", "the key has no grant of that id", "Look it up: aws kms list-grants --key-id KEY."),
    own("InvalidGrantTokenException", "the grant token is not valid", "Take the one that CreateGrant returned last, and only for that grant."),
    own("InvalidKeyUsageException", "the key is not for this operation: its KeyUsage or KeySpec does not have it", "Look at both: aws kms describe-key --key-id KEY."),
    own("KMSInternalException", "KMS had an error of its own", "Try again."),
    own("KMSInvalidMacException", "the HMAC does not fit the message", "Verify with the same key, message and algorithm."),
    own("KMSInvalidSignatureException", "the signature does not fit the message", "Verify with the same key, message, message type and algorithm."),
    own("KMSInvalidStateException", "the state of the key does not let the operation", "Look at KeyState: aws kms describe-key --key-id KEY."),
    own("KeyUnavailableException", "the key is not available right now", "Try again."),
    shared("LimitExceededException", "a quota of KMS is used up", "Have the quota raised, or use less of it."),
    shared("MalformedPolicyDocumentException", "the key policy is not valid, names a principal that is not there, or would lock out who sets it", "Give the same caller kms:PutKeyPolicy in the new policy, and name principals that exist."),
    shared("NotFoundException", "there is no such key, alias or grant in that account and Region", "Name the key by its ARN, and use the endpoint of its Region."),
    shared("ThrottlingException", "KMS was called too often", "Call less often, or have the quota of requests raised."),
    shared("UnsupportedOperationException", "keys of this kind do not have the operation", "Look at Origin, KeySpec and MultiRegion: aws kms describe-key --key-id KEY."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_are_sorted_and_every_remedy_is_a_sentence() {
        assert!(KNOWN.is_sorted_by(|a, b| a.code < b.code));
        assert!(
            KNOWN.iter().all(|known| known.remedy.ends_with('.') && !known.means.ends_with('.'))
        );
    }

    #[test]
    fn an_error_that_other_services_have_too_needs_a_word_of_kms() {
        let code = |text: &str| Failure::find(&Plain::of(text)).map(|failure| failure.code);
        assert_eq!(code("NotFoundException: Queue not found"), None);
        assert_eq!(code("NotFoundException: Stream kms-logs not found"), None);
        assert_eq!(
            code(
                "NotFoundException: Key 'arn:aws:kms:us-east-1:123456789012:key/x' does not exist"
            )
            .as_deref(),
            Some("NotFoundException")
        );
        assert_eq!(code("KMSDisabledException").as_deref(), Some("DisabledException"));
        assert_eq!(code("api error DisabledException: key").as_deref(), Some("DisabledException"));
        assert_eq!(code("ResourceNotFoundException: kms").as_deref(), None);
    }
}
