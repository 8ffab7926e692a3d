use super::Derived;
use crate::environment::Question;
use crate::kms::ConditionKey;
use crate::request::{ContextKey, Entry};
use crate::text::Quoted;

impl Derived {
    /// What KMS takes if a parameter is not sent; a call may send another value.
    ///
    /// Source: [AWS KMS condition keys](https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html)
    pub(super) fn defaults(&mut self, question: &Question) {
        let parameters: &[(&str, &str)] = match question.action.short_name() {
            "CreateKey" => &[
                ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
                ("kms:CustomerMasterKeySpec", "SYMMETRIC_DEFAULT"),
                ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
                ("kms:CustomerMasterKeyUsage", "ENCRYPT_DECRYPT"),
                ("kms:KeyOrigin", "AWS_KMS"),
                ("kms:MultiRegion", "false"),
            ],
            "Sign" | "Verify" => &[("kms:MessageType", "RAW")],
            "GetKeyPolicy" | "PutKeyPolicy" => &[("kms:PolicyName", "default")],
            "DeriveSharedSecret" => &[("kms:KeyAgreementAlgorithm", "ECDH")],
            // True only if a service makes the call for the caller.
            "CreateGrant" | "ListGrants" | "RevokeGrant" if question.via.is_some() => {
                return self.boolean("kms:GrantIsForAWSResource", true);
            }
            "CreateGrant" | "ListGrants" | "RevokeGrant" => {
                &[("kms:GrantIsForAWSResource", "false")]
            }
            _ => &[],
        };
        for (key, value) in parameters {
            self.assume(key, value);
        }
    }

    pub(super) fn encryption_context(&mut self, question: &Question, warnings: &mut Vec<String>) {
        let Some(pairs) = &question.encryption_context else {
            return;
        };
        let takes_pairs = ConditionKey::find("kms:EncryptionContextKeys")
            .is_some_and(|key| key.is_sent_with(question.action));
        if !takes_pairs {
            if !pairs.is_empty() {
                let name = question.action.name;
                warnings
                    .push(format!("{name} has no encryption context; what was given is not used"));
            }
            return;
        }
        self.context.settle("kms:EncryptionContext:");
        let mut names: Vec<String> = Vec::new();
        for (name, value) in pairs {
            let key = ContextKey::new(&format!("kms:EncryptionContext:{name}"));
            let mut values = self.context.get(&key).values().to_vec();
            if !values.is_empty() {
                warnings.push(format!(
                    "the encryption context names {} twice, but for case, and a condition key cannot tell them apart",
                    Quoted(name)
                ));
            }
            values.push(value.clone());
            self.context.set(key, Entry::Values(values));
            names.push(name.clone());
        }
        let entry = if names.is_empty() { Entry::Absent } else { Entry::Values(names) };
        self.set("kms:EncryptionContextKeys", entry);
    }
}
