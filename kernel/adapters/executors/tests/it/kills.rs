//! What is left when the process is killed: the same program again, as the victim.

use crate::fixture::{Place, alive, call, result};
use antfarm_executors::Cause;
use antfarm_node::Outcome;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Where the victim works; set for the victim only.
const VICTIM: &str = "ANTFARM_EXECUTORS_VICTIM";

/// Calls the tool of `manifest` in a process that is killed as soon as `file` in the place's folder holds `mark`, and has told
/// nobody anything.
fn kill_when(test: &str, place: &Place, manifest: &str, file: &str, mark: &str) {
    if let Some(folder) = std::env::var_os(VICTIM) {
        let mut setup = place.setup(manifest);
        (setup.folder, setup.scratch) = (folder.clone().into(), folder.into());
        let executors = antfarm_executors::Executors::open(setup).expect("the folder is good");
        drop(place.ask(&executors, &call(1, "t", b"")));
        // Until it is killed; what it was answered it keeps to itself.
        place.runtime.block_on(std::future::pending::<()>());
    }
    let mut victim = Command::new(std::env::current_exe().expect("a program"))
        .args([test, "--exact"])
        .env(VICTIM, place.path())
        .stdout(Stdio::null())
        .spawn()
        .expect("the same program");
    let (file, start) = (place.path().join(file), Instant::now());
    while !fs::read(&file).unwrap_or_default().windows(mark.len()).any(|it| it == mark.as_bytes()) {
        assert!(start.elapsed() < Duration::from_secs(60), "`{mark}` is never written");
        assert!(victim.try_wait().expect("a child").is_none(), "the victim lives until it is killed");
        place.wait();
    }
    victim.kill().expect("it lives");
    victim.wait().expect("a child");
}

/// A tool that notes each run in a file, and its manifest; `place` may be that of the victim.
fn manifest(place: &Place, script: &str) -> String {
    let folder = std::env::var_os(VICTIM).map_or_else(|| place.path().to_owned(), Into::into);
    let effects = Path::new(&folder).join("effects");
    fs::create_dir_all(&effects).expect("a folder");
    fs::set_permissions(&effects, fs::Permissions::from_mode(0o777)).expect("it is ours");
    let effects = effects.display();
    let script = script.replace("COUNT", &format!("{effects}/count"));
    format!(
        "[[tool]]\nname = \"tool\"\ncontract = \"keyed\"\nretention = \"1h\"\n[tool.command]\nwrite = [\"{effects}\"]\n\
         argv = [\"/bin/sh\", \"-c\", '{script}']\ntime = \"100s\"\n"
    )
}

fn count(place: &Place) -> usize {
    fs::read_to_string(place.path().join("effects/count")).unwrap_or_default().lines().count()
}

#[test]
fn what_was_kept_and_never_told_is_told_after_a_restart() {
    let place = Place::new();
    let manifest = manifest(&place, "echo x >> COUNT; echo it-is-done");
    let test = "kills::what_was_kept_and_never_told_is_told_after_a_restart";
    kill_when(test, &place, &manifest, "outcomes", "it-is-done");
    let executors = place.restarted(&manifest);
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!((result(&answer).as_str(), &answer.cause), ("it-is-done\n", &Cause::Repeated));
    assert_eq!(count(&place), 1);
}

#[test]
fn what_was_under_way_is_in_doubt_after_a_restart_and_gone() {
    let place = Place::new();
    let manifest = manifest(&place, "echo x >> COUNT; sleep 76543.21");
    let test = "kills::what_was_under_way_is_in_doubt_after_a_restart_and_gone";
    kill_when(test, &place, &manifest, "effects/count", "x");
    let executors = place.restarted(&manifest);
    let answer = place.ask(&executors, &call(1, "t", b"")).expect("it is taken");
    assert_eq!((&answer.outcome, &answer.cause), (&Outcome::Unclear, &Cause::InDoubt));
    assert_eq!(count(&place), 1);
    let start = Instant::now();
    while alive("76543.21") > 0 {
        assert!(start.elapsed() < Duration::from_secs(20), "the command outlives who started it");
        place.wait();
    }
}
