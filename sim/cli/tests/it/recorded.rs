//! `replay` of what a daemon recorded: the same effects and the same ledger, or where they part.

use crate::production::{Production, SECRET, replaced, rewritten};
use crate::tool::{Bench, CALM};
use antfarm_identity::{Signer, to_bytes};
use antfarm_recording::Header;
use serde_json::Value;
use std::fs;

/// A folder with the recording of one run, `run.recording`, and the ledger that it wrote, `queen`.
fn bench(name: &str, stop: bool) -> (Bench, Vec<u8>) {
    let (bench, mut production) = (Bench::new(name), Production::new());
    let recording = production.run(8, stop);
    keep(&bench, "run.recording", &recording);
    for (file, bytes) in production.disk() {
        keep(&bench, &format!("queen/{file}"), bytes);
    }
    (bench, recording)
}

fn keep(bench: &Bench, file: &str, bytes: &[u8]) {
    let path = bench.path(file);
    fs::create_dir_all(path.parent().expect("a file lies in a folder")).expect("a folder can be made");
    fs::write(path, bytes).expect("a file can be written");
}

#[test]
fn a_recorded_run_has_the_same_effects_and_writes_the_same_ledger() {
    let (bench, recording) = bench("recorded-whole", true);
    let said = bench.check("replay run.recording --ledger queen", 0, &["the same effects, to the end", "queen: the same head"]);
    let head = said.out.lines().find_map(|line| line.strip_prefix("head ")).expect("it names the head");
    bench.check(&format!("verify queen --head {head}"), 0, &[&format!("head {head}")]);
    for secret in [SECRET.as_bytes(), &secret_key()] {
        assert!(recording.windows(secret.len()).all(|window| window != secret), "a recording holds a secret");
    }
}

/// What the signer of the recorded node is made of.
fn secret_key() -> Vec<u8> {
    const DOMAIN: antfarm_identity::Domain = antfarm_identity::Domain::new("antfarm 2026 insecure test signer");
    let secret = *antfarm_identity::Digest::of(DOMAIN, &1_u64.to_le_bytes()).as_bytes();
    assert_eq!(Signer::new(&secret), Signer::insecure(1));
    secret.to_vec()
}

#[test]
fn a_later_start_goes_on_with_what_is_there() {
    let (bench, mut production) = (Bench::new("recorded-later"), Production::new());
    let first = production.run(5, false);
    let second = production.run(5, true);
    keep(&bench, "first.recording", &first);
    keep(&bench, "second.recording", &second);
    production.disk().iter().for_each(|(file, bytes)| keep(&bench, &format!("queen/{file}"), bytes));
    bench.check("replay first.recording --ledger queen", 4, &["passes through this head, and goes on to"]);
    bench.check("replay second.recording --ledger queen", 0, &["queen: the same head"]);
}

const LAMP: &str = r#"
[automaton]
name = "Lamp"
states = ["Off", "On"]
initial = "Off"
allow_indefinite_states = ["Off", "On"]

[[action]]
name = "Light"
from = ["Off"]
to = "On"
"#;

#[test]
fn entities_are_replayed_by_the_specs_in_the_recording_and_verified_by_those_of_who_verifies() {
    let (bench, mut production) = (Bench::new("recorded-entities"), Production::of("lamp.ioa.toml", LAMP));
    production.acts = vec![("Lamp.Create", "hall"), ("Lamp.Light", "hall"), ("Lamp.Light", "hall")];
    let first = production.run(1, false);
    production.acts = vec![("Lamp.Create", "hall"), ("Lamp.Create", "porch"), ("Lamp.Light", "porch")];
    let second = production.run(1, true);
    keep(&bench, "first.recording", &first);
    keep(&bench, "second.recording", &second);
    production.disk().iter().for_each(|(file, bytes)| keep(&bench, &format!("queen/{file}"), bytes));
    bench.check("replay first.recording --ledger queen", 4, &["passes through this head, and goes on to"]);
    bench.check("replay second.recording --ledger queen", 0, &["the same effects, to the end", "queen: the same head"]);
    // Four steps and two refusals follow from the specs, and from nothing else.
    keep(&bench, "lamp.ioa.toml", LAMP.as_bytes());
    let unshown = |line: &str, status| {
        let said = bench.check(line, status, &[]).out;
        let judged = said.lines().find_map(|it| it.split_once(" derived, ")?.1.split_once(" not shown")?.0.parse::<u64>().ok());
        judged.unwrap_or_else(|| panic!("{said}"))
    };
    assert_eq!(unshown("verify queen", 0), unshown("verify queen --specs lamp.ioa.toml", 0) + 6);
    keep(&bench, "other.ioa.toml", LAMP.replace("from = [\"Off\"]", "from = [\"Off\", \"On\"]").as_bytes());
    bench.check("verify queen --specs other.ioa.toml", 1, &["WRONG", "the entities were moved by the specs"]);
    let spec = rewritten(&second, |number, payload| match number {
        0 => replaced(payload, b"initial = \"Off\"", b"initial = \"Oxx\""),
        _ => payload,
    });
    keep(&bench, "spec.recording", &spec);
    bench.check("replay spec.recording", 2, &["the specs in it cannot be read", "lamp.ioa.toml:5:11: unknown state `Oxx`"]);
}

#[test]
fn a_recording_of_who_was_killed_is_replayed_as_far_as_it_goes() {
    let (bench, recording) = bench("recorded-torn", false);
    bench.check("replay run.recording --ledger queen", 4, &["as far as the recording goes", "nothing more", "the same head"]);
    keep(&bench, "cut.recording", &recording[..recording.len() - 3]);
    bench.check("replay cut.recording --ledger queen", 4, &["part of an entry", "as they were written"]);
    let mut damaged = recording;
    let last = damaged.len() - 1;
    damaged[last] ^= 1;
    keep(&bench, "damaged.recording", &damaged);
    bench.check("replay damaged.recording", 4, &["what is there was not written there"]);
}

#[test]
fn an_input_that_is_not_the_recorded_one_parts_the_runs_and_is_named() {
    let (bench, recording) = bench("recorded-parted", true);
    let mut changed = 0;
    let other = rewritten(&recording, |number, payload| {
        let other = replaced(payload.clone(), b"\x04\0\0\0well", b"\x04\0\0\0wall");
        changed += u64::from(number > 0 && other != payload && changed == 0) * number;
        if changed == number { other } else { payload }
    });
    assert!(changed > 1);
    keep(&bench, "other.recording", &other);
    // The first frame is the header, and inputs are counted from 0.
    let at = format!("PARTED at input {}", changed - 1);
    let said = bench.check("replay other.recording", 1, &[&at, "asked Wish: text.echo of `wall`"]);
    assert!(said.out.contains("and had") || said.out.contains("did not sign then"), "{}", said.out);
}

#[test]
fn another_machine_parts_or_is_not_replayed() {
    let (bench, recording) = bench("recorded-other", true);
    let setup = |change: &dyn Fn(Header) -> Header| {
        rewritten(&recording, |number, payload| match number {
            0 => to_bytes(&change(antfarm_identity::from_bytes(&payload).expect("a header"))),
            _ => payload,
        })
    };
    // The pulse, of a second, is one of 1.000000255 seconds.
    let second = 1_000_000_000_u64.to_le_bytes();
    let slower = setup(&|header| Header { setup: replaced(header.setup, &second, &1_000_000_255_u64.to_le_bytes()), ..header });
    keep(&bench, "slower.recording", &slower);
    bench.check("replay slower.recording", 1, &["PARTED at input", "and had"]);
    let later = setup(&|mut header| {
        header.setup[0] += 1;
        header
    });
    keep(&bench, "later.recording", &later);
    bench.check("replay later.recording", 0, &["it recorded facts of version"]);
    let raft = setup(&|header| Header { machine: "raft".to_owned(), ..header });
    keep(&bench, "raft.recording", &raft);
    bench.check("replay raft.recording", 2, &["it is a recording of `raft`"]);
    let nonsense = setup(&|header| Header { setup: vec![1, 2, 3], ..header });
    keep(&bench, "nonsense.recording", &nonsense);
    bench.check("replay nonsense.recording", 2, &["how the machine was set up cannot be understood"]);
    keep(&bench, "stump.recording", &recording[..20]);
    bench.check("replay stump.recording", 2, &["header is damaged or cut off"]);
}

#[test]
fn a_node_that_signs_what_it_did_not_sign_then_is_another_and_needs_no_key_to_be_found_out() {
    let (bench, recording) = bench("recorded-signed", true);
    // Without what the signer made: each step ends with it, and these have one salt each.
    let mut without = 0;
    let bare = rewritten(&recording, |number, mut payload| {
        let salts =
            payload.len().checked_sub(4 + 1 + 32 + 16).filter(|at| number > 0 && payload[*at..*at + 5] == [1, 0, 0, 0, 1]);
        if let Some(at) = salts {
            without += 1;
            payload.truncate(at);
            payload.extend([0; 4]);
        }
        payload
    });
    assert!(without > 8, "{without}");
    keep(&bench, "bare.recording", &bare);
    bench.check("replay bare.recording", 1, &["PARTED at input", "did not sign then"]);
}

#[test]
fn a_ledger_that_is_not_the_one_is_told() {
    let (bench, _) = bench("recorded-ledger", true);
    let segment = "queen/log-00000001";
    let mut bytes = fs::read(bench.path(segment)).expect("it is there");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    keep(&bench, segment, &bytes);
    let at = format!("`log-00000001`, byte {middle}: it does not hold what was written there");
    bench.check("replay run.recording --ledger queen", 1, &["the same effects, to the end", &at, "WRONG"]);
    bytes[middle] ^= 1;
    bytes.truncate(middle);
    keep(&bench, segment, &bytes);
    bench.check("replay run.recording --ledger queen", 1, &["WRONG"]);
    bench.check("replay run.recording --ledger .", 2, &["no ledger is in this folder"]);
}

#[test]
fn a_recording_is_told_up_to_an_input_and_with_the_state_after_it() {
    let (bench, _) = bench("recorded-until", true);
    let said =
        bench.check("replay run.recording --until 3", 0, &["4 inputs in", "the same effects, up to there", "woke: start 1"]);
    assert_eq!(said.out.lines().filter(|line| line.contains("  => ")).count(), 4, "{}", said.out);
    bench.check("replay run.recording --until 3 --state", 0, &["the state after it:\nState"]);
    bench.check("replay run.recording --until 1000000", 0, &["to the end"]);
    bench.check("replay run.recording --seed 7", 2, &["--seed is about a scenario, and this is a recording"]);
    bench.write("calm.toml", CALM).check("replay calm.toml --json", 2, &["--json is about a recording"]);
}

#[test]
fn scripts_read_one_object() {
    let (bench, recording) = bench("recorded-json", true);
    let read = |line: &str, status| -> Value {
        let said = bench.check(line, status, &[]);
        serde_json::from_str(&said.out).unwrap_or_else(|error| panic!("{error}: {}", said.out))
    };
    let whole = read("replay run.recording --ledger queen --json", 0);
    assert_eq!((&whole["ok"], &whole["ended"]), (&Value::from(true), &Value::from("stopped")));
    assert_eq!(whole["head"], whole["ledger"]["head"]);
    let inputs = whole["inputs"].as_object().expect("by kind").values().filter_map(Value::as_u64).sum::<u64>();
    assert_eq!(Some(inputs), whole["steps"].as_u64());
    keep(&bench, "cut.recording", &recording[..recording.len() - 3]);
    assert_eq!(read("replay cut.recording --json", 4)["ended"], "torn");
    let other = rewritten(&recording, |_, payload| replaced(payload, b"\x04\0\0\0well", b"\x04\0\0\0wall"));
    keep(&bench, "other.recording", &other);
    let parted = read("replay other.recording --json", 1);
    assert_eq!(parted["ended"], "parted");
    assert!(parted["parted"]["input"].as_u64().is_some_and(|it| it > 0) && parted["parted"]["what"].is_string(), "{parted}");
}
