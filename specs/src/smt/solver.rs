//! The solver: a process that reads SMT-LIB 2 and answers. It is started once and asked everything; one that hangs is ended.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

/// The name of the program.
pub const PROGRAM: &str = "antfarm-smt";

/// The variable of the environment that says where it is.
pub const VARIABLE: &str = "ANTFARM_SMT";

/// How long beyond its limit an answer is waited for.
const GRACE: Duration = Duration::from_secs(5);

/// What a solver says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// There is no such thing.
    Unsat,
    /// There is: the values of the constants that were asked for, truths as 0 and 1.
    Sat(BTreeMap<String, i128>),
    /// It does not know, and why.
    Unknown(String),
}

/// Where the program is: where the environment says, beside the program that runs, or on the path.
pub fn found() -> Option<PathBuf> {
    if let Some(told) = std::env::var_os(VARIABLE) {
        return Some(PathBuf::from(told)).filter(|it| it.is_file());
    }
    let name = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
    let beside = std::env::current_exe().ok().and_then(|it| Some(it.parent()?.to_owned()));
    let path = std::env::var_os("PATH").unwrap_or_default();
    beside.into_iter().chain(std::env::split_paths(&path)).map(|dir| dir.join(&name)).find(|it| it.is_file())
}

/// A solver that runs.
#[derive(Debug)]
pub struct Solver {
    program: PathBuf,
    ms: u32,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    stdin: ChildStdin,
    lines: Receiver<io::Result<String>>,
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; nothing is left to be done about one that cannot be ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Solver {
    /// Starts a program that may think about each obligation for `ms` milliseconds.
    ///
    /// # Errors
    ///
    /// It cannot be started, or does not speak the language.
    pub fn start(program: &Path, ms: u32) -> io::Result<Self> {
        let mut solver = Self { program: program.to_owned(), ms, running: None };
        let version = solver.version()?;
        if !version.starts_with("(:version") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, format!("it is no solver: it says `{version}`")));
        }
        Ok(solver)
    }

    /// What it calls itself: part of what a proof rests on.
    ///
    /// # Errors
    ///
    /// It does not run.
    pub fn version(&mut self) -> io::Result<String> {
        let running = self.running()?;
        running.say("(get-info :version)")?;
        running.hear(GRACE)
    }

    fn running(&mut self) -> io::Result<&mut Running> {
        if self.running.is_none() {
            self.running = Some(Running::new(&self.program, self.ms)?);
        }
        Ok(self.running.as_mut().expect("it was started"))
    }

    /// Whether all that a script asserts can be true at once, and the values of its constants, named by their symbols.
    ///
    /// # Errors
    ///
    /// It ended, or said what is no answer. It is started anew when it is asked again.
    pub fn ask(&mut self, script: &str, constants: &[String]) -> io::Result<Answer> {
        let limit = Duration::from_millis(self.ms.into()) + GRACE;
        let asked = self.running()?.ask(script, constants, limit);
        if let Err(error) = asked {
            self.running = None;
            if error.kind() == io::ErrorKind::TimedOut {
                return Ok(Answer::Unknown("it took too long and was ended".to_owned()));
            }
            return Err(error);
        }
        asked
    }
}

impl Running {
    fn new(program: &Path, ms: u32) -> io::Result<Self> {
        let mut child =
            Command::new(program).args(["--ms", &ms.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let stdin = child.stdin.take().expect("it was piped");
        let stdout = BufReader::new(child.stdout.take().expect("it was piped"));
        let (sender, lines) = channel();
        // A reader of its own, so that waiting for a line has an end. It ends with the pipe, or when nobody listens.
        std::thread::spawn(move || {
            for line in stdout.lines() {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, stdin, lines })
    }

    fn say(&mut self, text: &str) -> io::Result<()> {
        self.stdin.write_all(text.as_bytes())?;
        self.stdin.write_all(b"\n")?;
        self.stdin.flush()
    }

    fn hear(&mut self, limit: Duration) -> io::Result<String> {
        match self.lines.recv_timeout(limit) {
            Ok(line) => line,
            Err(RecvTimeoutError::Timeout) => Err(io::ErrorKind::TimedOut.into()),
            Err(RecvTimeoutError::Disconnected) => Err(io::Error::new(io::ErrorKind::BrokenPipe, "the solver ended")),
        }
    }

    fn ask(&mut self, script: &str, constants: &[String], limit: Duration) -> io::Result<Answer> {
        self.say(script)?;
        self.say("(check-sat)")?;
        let answer = match self.hear(limit)?.as_str() {
            "unsat" => Answer::Unsat,
            "sat" if constants.is_empty() => Answer::Sat(BTreeMap::new()),
            "sat" => {
                self.say(&format!("(get-value ({}))", constants.join(" ")))?;
                let line = self.hear(limit)?;
                let values = values(&line).ok_or_else(|| strange(&line))?;
                if let Some(lost) = constants.iter().find(|it| !values.contains_key(*it)) {
                    return Err(strange(&format!("no value of {lost}")));
                }
                Answer::Sat(values)
            }
            "unknown" => {
                self.say("(get-info :reason-unknown)")?;
                Answer::Unknown(self.hear(limit)?.trim_start_matches("(:reason-unknown ").trim_matches([')', '"']).to_owned())
            }
            other => return Err(strange(other)),
        };
        self.say("(reset)")?;
        Ok(answer)
    }
}

fn strange(said: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("the solver says `{said}`"))
}

/// `((|a| 3)(|b| (- 4))(|c| true))`.
fn values(line: &str) -> Option<BTreeMap<String, i128>> {
    let mut found = BTreeMap::new();
    let mut rest = line.trim().strip_prefix('(')?.strip_suffix(')')?.trim();
    while !rest.is_empty() {
        let (name, after) = rest.strip_prefix("(|")?.split_once('|')?;
        let after = after.trim_start();
        let (value, after) = match after.strip_prefix("(-") {
            Some(after) => {
                let (digits, after) = after.split_once(')')?;
                (digits.trim().parse::<i128>().ok()?.checked_neg()?, after.trim_start().strip_prefix(')')?)
            }
            None => {
                let (word, after) = after.split_once(')')?;
                let value = match word.trim() {
                    "true" => 1,
                    "false" => 0,
                    digits => digits.parse().ok()?,
                };
                (value, after)
            }
        };
        found.insert(format!("|{name}|"), value);
        rest = after.trim_start();
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_and_nothing_else_is() {
        let told = values("((|a b| 3) (|b| (- 4))(|c| true))").expect("these are values");
        assert_eq!(told.into_iter().collect::<Vec<_>>(), [("|a b|".into(), 3), ("|b|".into(), -4), ("|c|".into(), 1)]);
        assert_eq!(values("(error \"no\")"), None);
        assert_eq!(values("((|a| maybe))"), None);
    }
}
