//! Running the real binary in a folder of its own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// A folder for one test.
pub(crate) struct Bench {
    dir: PathBuf,
    tool: PathBuf,
}

/// What the tool said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Echoes that hold whatever happens.
pub(crate) const CALM: &str = r#"
purpose  = "echoes come back"
machine  = "echo"
nodes    = ["ada", "ben"]
duration = "5s"
settle   = "1s"
seeds    = 4
ask      = [{ rate = "20/s", ping = "any" }]
"#;

/// Echoes whose oracle is violated in every seed: it does not allow for doubled messages.
pub(crate) fn doubled() -> String {
    format!("{CALM}fault = [{{ copy = \"50%\" }}]\n")
}

impl Bench {
    /// An empty folder; `name` is the test's.
    pub(crate) fn new(name: &str) -> Self {
        let dir = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&dir); // of an earlier run
        fs::create_dir_all(&dir).expect("a folder can be made");
        Self { dir, tool: env!("CARGO_BIN_EXE_antfarm").into() }
    }

    /// With another build of the tool.
    pub(crate) fn with(mut self, tool: impl Into<PathBuf>) -> Self {
        self.tool = tool.into();
        self
    }

    pub(crate) fn path(&self, file: &str) -> PathBuf {
        self.dir.join(file)
    }

    pub(crate) fn write(&self, file: &str, text: &str) -> &Self {
        let path = self.path(file);
        fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
        fs::write(path, text).expect("a file can be written");
        self
    }

    pub(crate) fn read(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    pub(crate) fn command(&self, line: &str) -> Command {
        let mut command = Command::new(&self.tool);
        command.args(line.split_ascii_whitespace()).current_dir(&self.dir).stdin(Stdio::null());
        command
    }

    /// Runs `antfarm` with these words.
    pub(crate) fn run(&self, line: &str) -> Said {
        let output = self.command(line).output().expect("the tool can be started");
        let text = |bytes| String::from_utf8(bytes).expect("the tool speaks UTF-8");
        Said {
            status: output.status.code().expect("the tool ends by itself"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// Runs `antfarm`, which must end with `status` and say each of `parts` somewhere.
    pub(crate) fn check(&self, line: &str, status: i32, parts: &[&str]) -> Said {
        let said = self.run(line);
        assert_eq!(said.status, status, "antfarm {line}\n{}{}", said.out, said.err);
        for part in parts {
            assert!(said.out.contains(part) || said.err.contains(part), "no `{part}` in\n{}{}", said.out, said.err);
        }
        said
    }
}
