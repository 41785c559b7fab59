//! What a daemon records: replayed without its key it has the same effects and leads to its ledger, and no secret is in it.
//!
//! With `ANTFARM_TOOL`, the tool `antfarm`, it replays them; else what the tool is made of does.

use crate::hive::{Daemon, Folder, configure, free_port, keys};
use antfarm_identity::{Recalled, Signer, from_bytes};
use antfarm_ledger::{LogHead, Verifier, segment_number};
use antfarm_machine::Object;
use antfarm_node::{Node, Setup};
use antfarm_recording::{Recording, Replayed, replay};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

const SECRET: &str = "sk-live-4f9a1c77e2d85b60";

/// A manifest with a tool that says what it is told.
const TOOLS: &str = "[[tool]]\nname = \"text.echo\"\ncontract = \"keyed\"\nretention = \"1h\"\n\
                     [tool.command]\nargv = [\"/bin/cat\"]\nstdin = \"${args}\"\n";

/// Has the daemon of this configuration record; where.
pub(crate) fn turn_on(config: &Path) -> PathBuf {
    let text = fs::read_to_string(config).expect("a configuration");
    let folder = config.with_extension("runs");
    fs::write(config, format!("record = \"{}\"\n{text}", folder.display())).expect("it is ours");
    folder
}

/// The recordings in a folder, the oldest first.
pub(crate) fn recordings(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(folder).expect("it is made").map(|it| it.expect("an entry").path()).collect();
    found.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
    found
}

/// Replays a recording and holds its head against the ledger that the daemon kept. Whether the recording has an end, and how many
/// inputs it has.
pub(crate) fn replays(recording: &Path, ledger: &Path) -> (bool, u64) {
    let bytes = fs::read(recording).expect("it can be read");
    let recording_of = Recording::open(&bytes).unwrap_or_else(|bad| panic!("{}: {bad}", recording.display()));
    if let Some(tool) = std::env::var_os("ANTFARM_TOOL") {
        let replayed =
            Command::new(tool).arg("replay").arg(recording).arg("--ledger").arg(ledger).output().expect("the tool runs");
        let said = String::from_utf8_lossy(&replayed.stdout);
        assert!(matches!(replayed.status.code(), Some(0 | 4)), "{}: {said}", recording.display());
        return (replayed.status.code() == Some(0), recording_of.entries::<Node>().filter(Result::is_ok).count() as u64);
    }
    let setup: Setup = from_bytes(&recording_of.header().setup).expect("a node's setup");
    let recalled = Arc::new(Recalled::new(recording_of.made::<Node>()));
    let log = setup.log();
    let signer = Signer::recalling(setup.key(), recalled.clone());
    let specs: Vec<(String, String)> = setup.specs().iter().map(|it| (it.file.clone(), it.text.clone())).collect();
    let specs: Vec<(&str, &str)> = specs.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
    let config = match specs.as_slice() {
        [] => setup.config(&signer),
        specs => setup.config_under(&signer, antfarm_automata_reader::suite(specs).expect("they were read").0),
    };
    let node = Node::new(config.expect("it was a node"));
    let (mut head, before) = (None, recalled.misses());
    let ended = replay(&node, &recording_of, |turn| head = turn.machine.ledger().durable().or(head));
    assert_eq!(recalled.misses(), before, "nothing is signed that was not");
    if let Some(head) = head {
        passes(ledger, log, head);
    }
    match ended {
        Replayed::Stopped { steps } => (true, steps),
        Replayed::Torn { steps, .. } => (false, steps),
        Replayed::Parted { step, recorded, .. } => panic!("{}: parted at {step}: {recorded:?}", recording.display()),
        Replayed::Panicked { .. } | Replayed::Overrun { .. } | Replayed::Left { .. } => panic!("{ended:?}"),
    }
}

fn passes(ledger: &Path, log: antfarm_identity::Digest, head: LogHead) {
    let number = |path: &PathBuf| segment_number(&Object::new(path.file_name()?.to_str()?).ok()?);
    let entries = fs::read_dir(ledger).expect("the ledger's folder").map(|it| it.expect("an entry").path());
    let mut segments: Vec<_> = entries.filter_map(|path| Some((number(&path)?, fs::read(&path).expect("a segment")))).collect();
    segments.sort();
    let bytes: Vec<&[u8]> = segments.iter().map(|(_, bytes)| bytes.as_slice()).collect();
    let verified = Verifier::new(log).through(head.records, head.digest).run(&bytes, &mut |_| {});
    verified.unwrap_or_else(|refused| panic!("{}: {refused}", ledger.display()));
}

/// The queen alone, who records and has a secret; a writ of her own once she runs.
fn queen(name: &str) -> (Folder, Daemon, PathBuf) {
    let folder = Folder::new(name);
    let keys = keys(&folder.0, &["queen"]);
    fs::write(folder.0.join("tools.toml"), TOOLS).expect("a manifest");
    configure(&folder.0, "queen", free_port(), &keys[0], &[]);
    let daemon = Daemon::of(&folder.0, "queen");
    let secrets = folder.0.join("secrets");
    fs::create_dir(&secrets).expect("it is ours");
    fs::write(secrets.join("stripe"), SECRET).expect("it is ours");
    fs::set_permissions(secrets.join("stripe"), fs::Permissions::from_mode(0o600)).expect("it is ours");
    let config = fs::read_to_string(&daemon.config).expect("it is there");
    fs::write(&daemon.config, format!("secrets = \"secrets\"\n{config}")).expect("it is ours");
    let runs = turn_on(&daemon.config);
    (folder, daemon, runs)
}

#[test]
fn what_a_daemon_recorded_is_replayed_without_its_key_and_holds_no_secret() {
    let (folder, mut daemon, runs) = queen("recorded");
    daemon.start();
    daemon.wait("open", |status| status.serving);
    let (printed, code) = daemon.tool("grant", &["--to", "me", "--tool", "text.*"]);
    assert_eq!(code, 0, "{printed}");
    let writ = printed.strip_prefix("writ ").expect("it is given").to_owned();
    let text = format!("pay with {SECRET} now");
    let ask = |args: [&str; 2]| daemon.tool("ask", &[&["--writ", &writ, "--tool", "text.echo"][..], &args].concat());
    for args in [["--text", &text], ["--target", &text], ["--why", &text], ["--text", "nothing"]] {
        // Whether the tool may run here is another matter: what it was asked is recorded.
        ask(args);
    }
    // A client that looks at the node has it sign, and that is nothing that it was fed.
    assert_eq!(daemon.tool("head", &[]).1, 0);
    daemon.kill();
    daemon.start();
    daemon.wait("open", |status| status.serving);
    daemon.tool("ask", &["--writ", &writ, "--tool", "text.echo", "--text", &text]);
    assert_eq!(daemon.stop(), Some(0));

    let found = recordings(&runs);
    let [killed, stopped] = &found[..] else { panic!("{found:?}") };
    let ((torn, before), (ended, after)) = (replays(killed, &daemon.ledger), replays(stopped, &daemon.ledger));
    assert!(!torn && before > 20, "the daemon was killed: {before} inputs");
    assert!(ended && after > 5, "the daemon was told to stop: {after} inputs");

    let key = fs::read_to_string(folder.0.join("queen.key")).expect("it is ours");
    let key = key.lines().nth(1).expect("the second line").to_owned();
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).expect("digits")).collect();
    for recording in &found {
        let text = fs::read(recording).expect("it is ours");
        let holds = |wanted: &[u8]| text.windows(wanted.len()).any(|window| window == wanted);
        assert!(holds(b"[secret:stripe]"), "what was fed is recorded, without the secret");
        assert!(!holds(SECRET.as_bytes()) && !holds(key.as_bytes()) && !holds(&bytes), "{}", recording.display());
        let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(recording), mode(&runs)), (0o600, 0o700));
    }
}

#[test]
fn a_folder_that_cannot_take_recordings_is_told_before_and_at_the_start() {
    let (folder, daemon, runs) = queen("recorded-nowhere");
    let check = || {
        let output =
            Command::new(env!("CARGO_BIN_EXE_antfarmd")).arg("check-config").arg(&daemon.config).output().expect("it runs");
        (String::from_utf8([output.stdout, output.stderr].concat()).expect("text"), output.status.code())
    };
    assert_eq!(check().1, Some(0));
    assert!(!runs.exists(), "looking makes nothing");
    fs::write(&runs, b"a file").expect("it is ours");
    let (said, code) = check();
    assert!(code == Some(2) && said.contains("`record` names a folder, and this is none"), "{code:?}: {said}");
    let text = fs::read_to_string(&daemon.config).expect("it is there");
    let ledger = text.replace(&runs.display().to_string(), "queen");
    fs::write(folder.0.join("queen.toml"), ledger).expect("it is ours");
    let (said, code) = check();
    assert!(code == Some(2) && said.contains("queen.toml:1:10: it is the ledger's folder"), "{code:?}: {said}");
}
