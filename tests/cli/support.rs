//! A folder of its own for each test, and the program run in it.

use std::ffi::OsStr;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// No run takes as long, unless it hangs or its time grows faster than its input.
const LIMIT: Duration = Duration::from_secs(30);

/// A policy that leaves everything to the account's IAM policies.
pub(crate) const DELEGATING: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Delegate", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "kms:*", "Resource": "*"}
]}"#;

/// A policy that names the role `Web`.
pub(crate) const NAMING: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "Name", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:role/Web"}, "Action": "kms:*", "Resource": "*"}
]}"#;

/// An identity policy that allows all of KMS.
pub(crate) const IDENTITY: &str = r#"{"Version": "2012-10-17", "Statement": [
  {"Sid": "UseKeys", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}
]}"#;

/// A temporary folder, gone with the value; or a folder in one.
#[derive(Debug)]
pub(crate) struct Folder {
    path: PathBuf,
    is_own: bool,
}

impl Folder {
    pub(crate) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("kms-sim-cli-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self { path, is_own: true }
    }

    /// A folder that another one cares for.
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path, is_own: false }
    }

    /// The same folder with one file more; folders in its name are made.
    pub(crate) fn with(self, name: &str, text: impl AsRef<[u8]>) -> Self {
        self.write(name, text);
        self
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Runs the program here; the arguments are separated by white space.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_each(arguments.split_whitespace())
    }

    pub(crate) fn run_each(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Run {
        finish(program(&self.path).args(arguments).stdin(Stdio::null()).spawn().unwrap())
    }

    /// Runs the program with `input` on standard input.
    pub(crate) fn pipe(&self, input: &str, arguments: &str) -> Run {
        let mut command = program(&self.path);
        command.args(arguments.split_whitespace()).stdin(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = input.to_owned();
        // The program may end before it has read everything.
        thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        finish(child)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.is_own {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// The program in a folder, whatever the terminal and the environment of the tests say of colour.
pub(crate) fn program(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kms-sim"));
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "COLUMNS"] {
        command.env_remove(variable);
    }
    command.current_dir(folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn finish(mut child: Child) -> Run {
    let stdout = collect(child.stdout.take().unwrap());
    let stderr = collect(child.stderr.take().unwrap());
    let (Ok(stdout), Ok(stderr)) = (stdout.recv_timeout(LIMIT), stderr.recv_timeout(LIMIT)) else {
        child.kill().unwrap();
        panic!("it still runs after {LIMIT:?}");
    };
    Run { status: child.wait().unwrap().code(), stdout, stderr }
}

fn collect(mut stream: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let _ = sender.send(String::from_utf8(bytes).unwrap());
    });
    receiver
}

/// How a run of the program went.
#[derive(Debug)]
pub(crate) struct Run {
    status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// The exit status; none after a signal.
    pub(crate) fn status(&self) -> Option<i32> {
        self.status
    }

    #[track_caller]
    pub(crate) fn exits(self, status: i32) -> Self {
        let Self { stdout, stderr, .. } = &self;
        assert_eq!(self.status, Some(status), "stdout:\n{stdout}\nstderr:\n{stderr}");
        self
    }

    /// Could not run: status 2, the reason on standard error, and nothing else.
    #[track_caller]
    pub(crate) fn refuses(self, parts: &[&str]) -> Self {
        let run = self.exits(2);
        assert_eq!(run.stdout, "", "a run that failed has no results");
        run.tells(parts)
    }

    /// Standard error has each of the texts.
    #[track_caller]
    pub(crate) fn tells(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stderr.contains(part), "no {part:?} in stderr:\n{}", self.stderr);
        }
        self
    }

    /// Standard output has each of the texts.
    #[track_caller]
    pub(crate) fn says(self, parts: &[&str]) -> Self {
        for part in parts {
            assert!(self.stdout.contains(part), "no {part:?} in stdout:\n{}", self.stdout);
        }
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.stdout, self.stderr))
    }

    /// The decision of one answer in JSON; else what was said instead.
    #[track_caller]
    pub(crate) fn decision(&self) -> String {
        match self.status {
            Some(0 | 1 | 3) => self.json()["decision"].as_str().unwrap().to_owned(),
            _ => self.stderr.clone(),
        }
    }

    #[track_caller]
    pub(crate) fn warnings(&self) -> Vec<String> {
        let warnings = self.json()["warnings"].as_array().unwrap().clone();
        warnings.iter().map(|warning| warning.as_str().unwrap().to_owned()).collect()
    }
}
