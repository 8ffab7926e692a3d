//! `kms-sim test --watch`: a run again on each change.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use crate::support::{DELEGATING, Folder, IDENTITY, program};

/// A program that is ended with the value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The next summary; a run that does not come is a failure.
#[track_caller]
fn summary(lines: &Receiver<String>) -> String {
    loop {
        let line = lines.recv_timeout(Duration::from_secs(20)).unwrap();
        if line.contains(" passed, ") {
            return line;
        }
    }
}

#[test]
fn a_change_of_a_scenario_or_of_a_policy_is_run_again() {
    let scenario = "account: '123456789012'
principals: {role/Web: {identity_policies: [identity.json]}}
keys: {app: {policy: key.json}}
cases:
  - {principal: role/Web, action: kms:Decrypt, expect: allowed}
";
    let folder = Folder::new()
        .with("tests/s.yaml", scenario)
        .with("tests/identity.json", IDENTITY)
        .with("tests/key.json", DELEGATING);
    let mut command = program(&folder.path("."));
    command.args(["test", "tests", "--watch"]).stdin(Stdio::null());
    let mut running = Running(command.spawn().unwrap());
    let stdout = running.0.stdout.take().unwrap();
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        BufReader::new(stdout).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    assert_eq!(summary(&lines), "1 passed, 0 failed");
    folder.write("tests/identity.json", IDENTITY.replace("kms:*", "kms:Encrypt"));
    assert_eq!(summary(&lines), "0 passed, 1 failed");
    folder.write("tests/s.yaml", scenario.replace("expect: allowed", "expect: denied"));
    assert_eq!(summary(&lines), "1 passed, 0 failed");
    folder.write("tests/s.yaml", "keys: [\n");
    assert_eq!(summary(&lines), "0 passed, 0 failed, 1 errors");
    folder.write(
        "tests/s.yaml",
        scenario.replace("expect: allowed", "expect: {denied: [kms:Decrypt]}"),
    );
    assert_eq!(summary(&lines), "0 passed, 0 failed, 1 errors");
    folder.write("tests/new.yaml", scenario);
    assert_eq!(summary(&lines), "0 passed, 1 failed, 1 errors");
}
