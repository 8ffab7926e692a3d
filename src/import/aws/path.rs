//! What the path of a file says of what is in it.

/// The names on a path, the last without its extension.
pub(super) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let (folder, file) = path.rsplit_once(['/', '\\']).unwrap_or(("", path));
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    folder.split(['/', '\\']).chain([stem]).filter(|name| !name.is_empty())
}

/// The folder that a file is in.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder)
}

/// The last key id on a path: `1234abcd-12ab-34cd-56ef-1234567890ab` or `mrk-` and 32 digits, by
/// itself or in a longer name.
///
/// Source: [Key identifiers](https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id)
pub(super) fn key_id(path: &str) -> Option<&str> {
    names(path).rev().find_map(|name| {
        name.char_indices().find_map(|(start, _)| {
            let is_start = !name.get(..start)?.ends_with(|c: char| c.is_ascii_alphanumeric());
            let rest = name.get(start..)?;
            let id = rest.get(..36).filter(|id| is_plain_id(id) || is_multi_region_id(id))?;
            let is_end = !rest.get(36..)?.starts_with(|c: char| c.is_ascii_alphanumeric());
            (is_start && is_end).then_some(id)
        })
    })
}

fn is_plain_id(text: &str) -> bool {
    let mut groups = text.split('-');
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    [8, 4, 4, 4, 12].into_iter().all(|length| groups.next().is_some_and(|it| is_hex(it, length)))
        && groups.next().is_none()
}

fn is_multi_region_id(text: &str) -> bool {
    let digits = text.strip_prefix("mrk-");
    digits.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The last Region on a path: `us-east-1`, `us-gov-west-1`.
pub(super) fn region(path: &str) -> Option<&str> {
    let is_region = |name: &str| {
        let parts: Vec<&str> = name.split('-').collect();
        let is_word =
            |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
        match parts.as_slice() {
            [area @ .., number] if area.len() >= 2 => {
                area.iter().all(is_word)
                    && (1..=2).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            }
            _ => false,
        }
    };
    names(path).rev().find(|name| is_region(name))
}

/// The name that stands behind a folder such as `roles`.
pub(super) fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let mut names = names(path).skip_while(|name| *name != folder);
    names.nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_says_which_key_it_is_about() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let replica = "mrk-1234abcd12ab34cd56ef1234567890ab";
        let table = [
            (format!("kms/us-east-1/{id}/get-key-policy.json"), Some(id), Some("us-east-1")),
            (format!("{id}.json"), Some(id), None),
            (format!("us-gov-west-1\\policy-{id}.txt"), Some(id), Some("us-gov-west-1")),
            (format!("a/{replica}/tags.json"), Some(replica), None),
            (format!("a/0{id}/x.json"), None, None),
            (format!("a/{id}0/x.json"), None, None),
            ("get-key-policy.json".to_owned(), None, None),
            ("é/us-east/x.json".to_owned(), None, None),
        ];
        for (path, id, in_region) in &table {
            assert_eq!((key_id(path), region(path)), (*id, *in_region), "{path}");
        }
        assert_eq!(below("iam/roles/Web/list-role-policies.json", "roles"), Some("Web"));
        assert_eq!(below("iam/roles", "roles"), None);
    }
}
