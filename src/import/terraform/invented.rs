//! Names that AWS or Terraform will give, made up so that the same resource always has the same.

/// A key id of KMS's shape.
///
/// Source: [KeyId](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id)
pub(super) fn key_id(address: &str, is_multi_region: bool) -> String {
    let digits = digits(address);
    if is_multi_region {
        return format!("mrk-{digits}");
    }
    let part = |range| digits.get(range).unwrap_or_default();
    format!("{}-{}-4{}-a{}-{}", part(0..8), part(8..12), part(13..16), part(17..20), part(20..32))
}

/// The id of a VPC endpoint.
pub(super) fn endpoint_id(address: &str) -> String {
    format!("vpce-0{}", digits(address).get(..16).unwrap_or_default())
}

/// A name as Terraform makes them: 26 digits after a prefix.
///
/// Source: [aws_iam_role](https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role#name_prefix-1)
pub(super) fn name(prefix: &str, address: &str) -> String {
    let decimal = |digit: u8| char::from(b'0' + digit % 10);
    let digits: String = digits(address).bytes().take(26).map(decimal).collect();
    format!("{prefix}{digits}")
}

/// 32 hexadecimal digits, by the [FNV-1a](http://www.isthe.com/chongo/tech/comp/fnv/) hash.
fn digits(address: &str) -> String {
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    let step = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    format!("{:032x}", address.bytes().fold(BASIS, step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_address_has_a_name_of_its_own_and_of_the_usual_shape() {
        let id = key_id("aws_kms_key.a", false);
        assert_eq!(id, key_id("aws_kms_key.a", false));
        assert_ne!(id, key_id("aws_kms_key.b", false));
        let parts: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(parts, [8, 4, 4, 4, 12]);
        assert_eq!(key_id("aws_kms_key.a", true).len(), 36);
        let name = name("app-", "aws_iam_role.a");
        assert!(name.len() == 30 && name.bytes().skip(4).all(|byte| byte.is_ascii_digit()));
    }
}
