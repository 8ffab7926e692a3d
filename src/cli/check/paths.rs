//! Paths as other programs are told them.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

/// The path from the working folder of what is below it, however it was spelled; any other as it
/// is.
pub(super) fn from_here(path: &str) -> String {
    let tidy: PathBuf =
        Path::new(path).components().filter(|it| *it != Component::CurDir).collect();
    let is_plain = tidy.components().all(|it| matches!(it, Component::Normal(_)));
    let found = if is_plain { None } else { below_here(&tidy) };
    found.unwrap_or(tidy).display().to_string()
}

fn below_here(path: &Path) -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    if let Ok(below) = path.strip_prefix(&here) {
        return Some(below.to_owned());
    }
    let (path, here) = (path.canonicalize().ok()?, here.canonicalize().ok()?);
    path.strip_prefix(here).ok().map(Path::to_owned)
}

/// A path as a URI: relative to the working folder where it is below that.
pub(super) fn uri(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    let path = from_here(path);
    let is_absolute = Path::new(&path).is_absolute();
    let path = path.replace('\\', "/");
    let scheme = match (is_absolute, path.starts_with('/')) {
        (true, true) => "file://",
        (true, false) => "file:///",
        (false, _) => "",
    };
    // One that begins with what looks like a scheme would be absolute.
    path.bytes().fold(scheme.to_owned(), |mut uri, byte| {
        if is_plain(byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_the_working_folder_is_named_from_there() {
        let here = std::env::current_dir().unwrap();
        let here = here.display();
        for (path, expected) in [
            ("a b.json".to_owned(), "a%20b.json"),
            ("./x//c:d.json".to_owned(), "x/c%3Ad.json"),
            (format!("{here}/src/main.rs"), "src/main.rs"),
            ("src/../Cargo.toml".to_owned(), "Cargo.toml"),
            ("/nowhere/a.json".to_owned(), "file:///nowhere/a.json"),
        ] {
            assert_eq!(uri(&path), expected);
        }
    }
}
