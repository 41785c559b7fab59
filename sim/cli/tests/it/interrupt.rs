//! Ctrl-C: stops, reports what was done, and says that it was not all.

use crate::tool::{Bench, CALM};
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

#[test]
fn an_interrupted_campaign_reports_what_was_done() {
    let bench = Bench::new("interrupt");
    bench.write("calm.toml", CALM);
    let mut child =
        bench.command("run calm.toml --seeds 100000000 --json --jobs 1").stdout(Stdio::piped()).spawn().expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("it was asked for"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a first line comes");
    assert!(line.contains("\"seed\":0"), "{line}");

    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("`kill` is there");
    assert!(killed.success());
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("it goes on to the end");
    assert_eq!(child.wait().expect("it ends").code(), Some(4));
    let last = rest.lines().last().expect("a summary");
    assert!(last.starts_with("{\"summary\":") && last.contains("\"complete\":false"), "{last}");
}
