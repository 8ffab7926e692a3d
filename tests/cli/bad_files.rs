//! Files that cannot be read or are no scenario, beside one that is: each an error of its own,
//! and the rest still runs.

use std::fs::File;
use std::os::unix::fs::symlink;
use std::process::Command;

use crate::support::Folder;

const GOOD: &str = "account: '123456789012'\nkeys: {app: {}}\ncases:\n  - {principal: root, action: kms:Decrypt, expect: allowed}\n";

fn pipe(folder: &Folder, name: &str) {
    assert!(Command::new("mkfifo").arg(folder.path(name)).status().unwrap().success());
}

#[test]
fn what_cannot_be_read_is_an_error_and_the_rest_still_runs() {
    let folder = Folder::new()
        .with("s/good.yaml", GOOD)
        .with("s/bytes.yaml", b"title: \xff\xfe\n")
        .with("s/utf16.yaml", b"\xff\xfea\x00")
        .with("s/empty.yaml", "")
        .with("s/typo.yaml", GOOD.replace("keys", "kees"))
        .with("s/type.yaml", GOOD.replace("{app: {}}", "[app]"))
        .with("s/policy.yaml", GOOD.replace("{}", "{policy: nowhere.json}"))
        .with("s/side.yaml", GOOD.replace("allowed", "{by: keypolicy}"))
        .with("s/twice.yaml", GOOD.replace("keys", "account: '1'\nkeys"));
    symlink("circle.yaml", folder.path("s/circle.yaml")).unwrap();
    symlink("nowhere.yaml", folder.path("s/dangling.yaml")).unwrap();
    symlink("/dev/zero", folder.path("s/zero.yaml")).unwrap();
    pipe(&folder, "s/pipe.yaml");
    pipe(&folder, "s/pipe.json");
    folder.write("s/refers.yaml", GOOD.replace("{}", "{policy: pipe.json}"));
    File::create(folder.path("s/large.yaml")).unwrap().set_len(100 << 20).unwrap();
    let run = folder.run("test s").exits(2);
    let parts = [
        "s/bytes.yaml:1:8",
        "byte 0xff at offset 7, on line 1",
        "s/utf16.yaml:1:1",
        "found an empty file",
        "s/typo.yaml:2:1",
        "did you mean `keys`?",
        "s/type.yaml:2:7",
        "expected an object, found a list",
        "s/policy.yaml:2:22",
        "`nowhere.json`",
        "s/side.yaml:4:57",
        "did you mean `key-policy`?",
        "s/twice.yaml:2:1",
        "found `account` again (first at line 1, column 1)",
        "s/circle.yaml:1:1",
        "s/dangling.yaml:1:1",
        "s/zero.yaml:1:1",
        "s/pipe.yaml:1:1",
        "s/refers.yaml:2:22",
        "it is not a regular file",
        "s/large.yaml:1:1",
        "it has more than 64 MiB",
        "1 passed, 0 failed, 15 errors",
    ];
    run.says(&parts);
}

#[test]
fn links_that_go_in_circles_end() {
    let folder = Folder::new().with("s/a/good.yaml", GOOD);
    for name in ["one", "two", "three"] {
        symlink("..", folder.path(&format!("s/a/{name}"))).unwrap();
    }
    symlink("self", folder.path("self")).unwrap();
    folder.run("test s").exits(0).says(&["1 passed, 0 failed"]);
    folder.run("test s/**/*.yaml").exits(0).says(&["1 passed, 0 failed"]);
    folder.run("test self s").exits(2).says(&["self:1:1", "1 passed, 0 failed, 1 errors"]);
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error_and_the_rest_still_runs() {
    let folder = Folder::new().with("s/good.yaml", GOOD);
    let run = folder.run("test s t*/*.yaml").exits(2);
    run.says(&[
        "t*/*.yaml",
        "expected the pattern to match a file, found none",
        "1 passed, 0 failed, 1 errors",
    ]);
    folder.run("test s/[").exits(2);
}
