//! Entities at a daemon: they act under writs, outlive a kill, are recorded with their specs; and what the README says of them.

use crate::hive::{AT_MOST, Daemon, Folder, PROGRAM, configure, free_port, keys, writ};
use crate::recorded::{recordings, replays, turn_on};
use antfarm_authority::WritId;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

const LAMP: &str = r#"
[automaton]
name = "Lamp"
states = ["Off", "On"]
initial = "Off"
allow_indefinite_states = ["Off", "On"]

[[state]]
name = "lit"
type = "counter"

[[state]]
name = "next"
type = "ref"
entity = "Lamp"
given = true

[[action]]
name = "Light"
from = ["Off"]
to = "On"
params = [{ name = "watts", type = "counter" }]
guard = "params.watts <= 60"
effect = ["lit += 1"]

[[action.triggers]]
name = "pass"
kind = "entity"
guard = "next != null"
target_entity = "Lamp"
target_action = "Light"
params = { watts = 1 }
resolve_target = { type = "field", field = "next" }
"#;

/// The queen alone, with lamps.
fn queen(name: &str) -> (Folder, Daemon) {
    let folder = Folder::new(name);
    let keys = keys(&folder.0, &["queen"]);
    fs::write(folder.0.join("tools.toml"), "").expect("it is ours");
    fs::write(folder.0.join("lamp.ioa.toml"), LAMP).expect("it is ours");
    configure(&folder.0, "queen", free_port(), &keys[0], &[]);
    let daemon = Daemon::of(&folder.0, "queen");
    with_specs(&daemon, "\"lamp.ioa.toml\"");
    (folder, daemon)
}

fn with_specs(daemon: &Daemon, specs: &str) {
    let text = fs::read_to_string(&daemon.config).expect("it is there");
    let others: Vec<&str> = text.lines().filter(|line| !line.starts_with("specs")).collect();
    fs::write(&daemon.config, format!("specs = [{specs}]\n{}\n", others.join("\n"))).expect("it is ours");
}

fn granted(daemon: &Daemon) -> WritId {
    let (printed, code) = daemon.tool("grant", &["--to", "me", "--tool", "Lamp.*"]);
    assert_eq!(code, 0, "{printed}");
    writ(&printed)
}

fn act(daemon: &Daemon, under: WritId, rest: &[&str]) -> (String, i32) {
    let under = under.digest().to_string();
    daemon.tool("act", &[&["--writ", &under], rest].concat())
}

#[test]
fn entities_outlive_a_kill_and_the_recordings_have_their_specs() {
    let (folder, mut daemon) = queen("entities");
    let runs = turn_on(&daemon.config);
    daemon.start();
    daemon.wait("open", |status| status.serving);
    let under = granted(&daemon);
    let done = |line: &str, said: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        assert_eq!(act(&daemon, under, &words), (said.to_owned(), 0), "{line}");
    };
    done("Lamp hall Create", "done: Off");
    done("Lamp porch Create next=hall@me", "done: Off");
    done("Lamp porch Light watts=60", "done: On");
    let refused = act(&daemon, under, &["Lamp", "attic@queen", "Light", "watts=1"]);
    assert_eq!(refused, ("refused: there is no such entity".to_owned(), 1));
    daemon.kill();
    daemon.start();
    daemon.wait("open", |status| status.serving);
    // The trigger lit the lamp in the hall in the same step.
    assert_eq!(daemon.tool("entity", &["Lamp", "hall"]), ("status = 'On'\nlit = 1\nnext = null".to_owned(), 0));
    let (printed, code) = daemon.tool("entity", &["Lamp", "porch"]);
    assert!(code == 0 && printed.starts_with("status = 'On'\nlit = 1\nnext = 'hall@"), "{code}: {printed}");
    assert_eq!(daemon.tool("entity", &["Lamp", "attic"]).1, 1);
    let (said, code) = act(&daemon, under, &["Lamp", "hall", "Light", "watts=61"]);
    assert!(code == 1 && said.starts_with("refused: `Light`"), "{code}: {said}");
    assert_eq!(daemon.stop(), Some(0));

    let found = recordings(&runs);
    let [killed, stopped] = &found[..] else { panic!("{found:?}") };
    // What the file says by now is nothing to a recording.
    fs::write(folder.0.join("lamp.ioa.toml"), LAMP.replace("<= 60", "<= 10")).expect("it is ours");
    let ((torn, before), (ended, after)) = (replays(killed, &daemon.ledger), replays(stopped, &daemon.ledger));
    assert!(!torn && before > 10 && ended && after > 5, "{before}, {after}");
    let bytes = fs::read(stopped).expect("it is ours");
    assert!(bytes.windows(LAMP.len()).any(|it| it == LAMP.as_bytes()), "the specs are in the recording");
    let place = folder.0.to_string_lossy().into_owned();
    assert!(!bytes.windows(place.len()).any(|it| it == place.as_bytes()), "where they lie is not");
}

#[test]
fn what_is_typed_wrongly_is_told_before_anything_is_asked() {
    let (_folder, mut daemon) = queen("entities-typed");
    daemon.start();
    daemon.wait("open", |status| status.serving);
    let under = granted(&daemon);
    for (line, said) in [
        ("Lmap hall Create", "there is no type `Lmap`; did you mean `Lamp`?"),
        ("Lamp hall Ligth", "there is no action `Ligth`; did you mean `Light`?"),
        ("Lamp hall Light wats=1", "there is no parameter `wats`; did you mean `watts`?"),
        ("Lamp hall Light watts=bright", "`watts`: `bright` is no counter"),
        ("Lamp hall Light watts", "`watts` is not a name, `=` and a value"),
        ("Lamp hall@nowhere Light watts=1", "`nowhere` is neither a public key nor one of `me`, `"),
    ] {
        let words: Vec<&str> = line.split(' ').collect();
        let (printed, code) = act(&daemon, under, &words);
        assert!(code == 2 && printed.contains(said), "{line}: {code}: {printed}");
    }
    assert_eq!(act(&daemon, under, &["Lamp", "hall", "Light"]).1, 1, "what is missing is the table's business");
}

#[test]
fn what_is_wrong_with_specs_is_told_with_its_place_before_anything_starts() {
    let (folder, daemon) = queen("entities-wrong");
    let check = || {
        let output = Command::new(PROGRAM).arg("check-config").arg(&daemon.config).output().expect("it runs");
        (String::from_utf8([output.stdout, output.stderr].concat()).expect("text"), output.status.code())
    };
    let wrong = |said: &str| {
        let (printed, code) = check();
        assert!(code == Some(2) && printed.contains(said), "{code:?}: {printed}");
    };
    let write = |text: &str| fs::write(folder.0.join("lamp.ioa.toml"), text).expect("it is ours");
    assert_eq!(check().1, Some(0), "{}", check().0);
    write(&LAMP.replace("params.watts <=", "params.wats <="));
    wrong("lamp.ioa.toml:23:");
    write(&LAMP.replace("target_action = \"Light\"", "target_action = \"Lihgt\""));
    wrong("lamp.ioa.toml:26:1: unknown action `Lihgt`; did you mean `Light`?");
    write(LAMP);
    fs::write(
        folder.0.join("tools.toml"),
        "[[tool]]\nname = \"Lamp.Light\"\ncontract = \"keyed\"\nretention = \"1h\"\n[tool.command]\nargv = [\"/bin/cat\"]\n",
    )
    .expect("it is ours");
    wrong("`Lamp.Light` is an action of an entity, and a tool");
    fs::write(folder.0.join("tools.toml"), "").expect("it is ours");
    with_specs(&daemon, "\"lamp.ioa.toml\", \"lamp.ioa.toml\"");
    wrong("`lamp.ioa.toml` is named twice");
    with_specs(&daemon, "\"lantern.ioa.toml\"");
    wrong("lantern.ioa.toml`: ");
    with_specs(&daemon, "\"lamp.ioa.toml\"");
    let secrets = folder.0.join("secrets");
    fs::create_dir(&secrets).expect("it is ours");
    let secret = secrets.join("watts");
    fs::write(&secret, "params.watts <= 60").expect("it is ours");
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("it is ours");
    let text = fs::read_to_string(&daemon.config).expect("it is there");
    fs::write(&daemon.config, format!("secrets = \"secrets\"\n{text}")).expect("it is ours");
    wrong("spec `lamp.ioa.toml`: a secret stands in it");
}

#[test]
fn the_readme_is_true_of_entities() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md")).expect("it is there");
    let (_, section) = readme.split_once("\n## Entities that live at a node\n").expect("it has the section");
    let (section, _) = section.split_once("\n## ").expect("others follow");
    let block = |language: &str, nth: usize| {
        let rest = section.split(&format!("```{language}\n")).nth(nth + 1).expect("it has such a block");
        rest.split("```").next().expect("it ends")
    };
    let folder = Folder::new("entities-readme");
    let begin = block("sh", 0).replace("127.0.0.1:7404", &free_port().to_string());
    // A shell that fails on its way leaves no daemon behind.
    let script = format!("trap 'kill -9 $KEEPER 2>/dev/null' EXIT\n{{ {begin}\n}} > /dev/null\n{}", block("sh", 1));
    let bin = Path::new(PROGRAM).parent().expect("it lies in a folder");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("timeout");
    let shell = shell.arg(AT_MOST.as_secs().to_string()).args(["sh", "-c", &script]).current_dir(&folder.0).env("PATH", path);
    let output = shell.output().expect("there is a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said, block("text", 0), "{}", String::from_utf8_lossy(&output.stderr));
    let runs = recordings(&folder.0.join("keeper-runs"));
    let replayed: Vec<bool> = runs.iter().map(|it| replays(it, &folder.0.join("keeper")).0).collect();
    assert_eq!(replayed, [false, true], "one was killed, one ended");
    if let Some(tool) = std::env::var_os("ANTFARM_TOOL") {
        let verify = Command::new(tool).args(["verify", "keeper", "--specs", "lamp.ioa.toml"]).current_dir(&folder.0).output();
        let verify = verify.expect("the tool runs");
        assert_eq!(verify.status.code(), Some(0), "{}", String::from_utf8_lossy(&verify.stdout));
    }
}
