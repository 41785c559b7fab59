//! `antfarm-smt`: a solver of SMT-LIB 2 on stdin and stdout, and the only crate that links Z3.
//!
//! `antfarm prove` starts it once and asks it everything. It understands what our proof obligations need: declarations and assertions of
//! truths and integers, `(check-sat)`, `(get-value (..))` of declared constants, `(get-info :version)`, `(reset)`, `(exit)`. Any other
//! solver that speaks the language can stand in its place.
//!
//! `--ms N` bounds the time of each `(check-sat)`; what takes longer is `unknown`. What it cannot read is an error, never an answer.

mod commands;
mod session;

use commands::Commands;
use session::{Said, Session};
use std::io::{self, BufReader, Write};
use std::process::ExitCode;

const USAGE: &str = "antfarm-smt [--ms N]: reads SMT-LIB 2 on stdin; `antfarm prove` starts it\n";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let ms = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => Some(10_000),
        ["--ms", ms] => ms.parse().ok(),
        ["--version"] => {
            return match writeln!(io::stdout(), "antfarm-smt {}, z3 {}", env!("CARGO_PKG_VERSION"), z3::full_version()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(_) => ExitCode::FAILURE,
            };
        }
        _ => None,
    };
    let Some(ms) = ms else {
        // Nobody is there to hear that stderr is closed.
        let _ = io::stderr().write_all(USAGE.as_bytes());
        return ExitCode::from(2);
    };
    match serve(ms) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve(ms: u32) -> io::Result<()> {
    let mut commands = Commands::new(BufReader::new(io::stdin().lock()));
    let mut session = Session::new(ms);
    let mut out = io::stdout().lock();
    while let Some(command) = commands.next()? {
        match session.obey(&command) {
            Said::Nothing => {}
            Said::Line(line) => {
                writeln!(out, "{line}")?;
                out.flush()?;
            }
            Said::Bye => break,
        }
    }
    Ok(())
}
