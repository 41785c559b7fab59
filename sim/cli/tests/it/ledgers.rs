//! `verify` and `audit` on ledgers that a run wrote, and on what somebody made of them.

use crate::scribe::Scribe;
use crate::tool::{Bench, Said};
use antfarm_authority::{Calls, Usdc};
use std::fs;

/// A colony without trouble: one payment, refusals, the end of a writ.
const TINY: &str = r#"
purpose  = "a queen grants, a scout pays once and asks for too much, and the writ is revoked"
machine  = "colony"
nodes    = ["queen", "scout", "bank"]
duration = "10s"
ask      = [
    { at = "100ms", node = "queen", grant = "errand", to = "scout", calls = 5, spend = 1 },
    { at = "2s", node = "scout", pay = 20, under = "errand" },
    { at = "3s", node = "scout", pay = 2000000, under = "errand" },
    { at = "4s", node = "scout", call = "no.tool", under = "errand" },
    { at = "5s", node = "queen", revoke = "errand" },
    { at = "7s", node = "scout", pay = 30, under = "errand" },
]
"#;

/// A task that is handed on in part, and whose mind wants too much and nonsense.
const TASK: &str = r#"
purpose  = "a mind hands on a part, is refused what is too dear and what there is not, and answers"
machine  = "colony"
nodes    = ["queen", "scout", "helper", "mind", "bank"]
duration = "40s"
ask      = [
    { at = "100ms", node = "queen", grant = "errands", to = "scout", depth = 2, spend = 500 },
    { at = "3s", node = "scout", work = "give helper 3 { pay 20 well; answer watered }, pay 600000000 well; mail bob; give helper 900 { answer no }; answer all", under = "errands", within = "30s" },
]
"#;

/// A bench on which a run of [`TINY`] was kept.
fn kept(name: &str) -> Bench {
    let bench = Bench::new(name);
    bench.write("tiny.toml", TINY).check("run tiny.toml --seed 1 --keep kept", 0, &["all held"]);
    bench
}

const SCOUT: &str = "kept/tiny-1/scout/log-00000001";

/// The scout's segment, changed.
fn tamper(bench: &Bench, change: impl FnOnce(&mut Vec<u8>)) {
    let path = bench.path(SCOUT);
    let mut bytes = fs::read(&path).expect("the scout has a segment");
    change(&mut bytes);
    fs::write(path, bytes).expect("it can be written");
}

/// Where the frames of a segment begin: the length of a body stands at byte 4 of its frame, whose head has 32.
fn frames(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    while let Some(head) = bytes.get(starts[starts.len() - 1]..).filter(|rest| rest.len() > 32) {
        let length = u32::from_le_bytes(head[4..8].try_into().expect("four bytes"));
        starts.push(starts[starts.len() - 1] + 32 + usize::try_from(length).expect("small"));
    }
    starts
}

fn head(said: &Said) -> String {
    let line = said.out.lines().find_map(|line| line.trim().strip_prefix("head ")).expect("a head is told");
    line.to_owned()
}

fn write(bench: &Bench, scribe: &Scribe, folder: &str) {
    fs::create_dir_all(bench.path(folder)).expect("a folder can be made");
    for (object, bytes) in scribe.objects() {
        fs::write(bench.path(&format!("{folder}/{object}")), bytes).expect("it can be written");
    }
}

#[test]
fn what_a_run_wrote_holds() {
    let bench = kept("verify-holds");
    bench.check("verify kept", 0, &["2 ledgers: all held", "writs come from"]);
    let told = ["queen: knows the writ that queen gave scout", "scout: calls `bank.pay` on `well`", "is revoked", "all held"];
    bench.check("replay tiny.toml --seed 1 --told", 0, &told);
    let said = bench.check("verify kept/tiny-1/scout --json", 0, &["\"ok\":true", "\"torn_bytes\":null"]);
    assert_eq!(said.out.lines().count(), 2, "{}", said.out);
    assert!(!bench.path("kept/tiny-1/bank").exists(), "who stores nothing has no folder");
}

#[test]
fn the_trail_is_a_story() {
    let said = kept("audit-story").check("audit kept/tiny-1/scout", 0, &[]);
    insta::assert_snapshot!(said.out);
}

#[test]
fn the_trail_of_a_task_is_a_story() {
    let bench = Bench::new("audit-task");
    bench.write("task.toml", TASK).check("run task.toml --seed 1 --keep kept", 0, &["all held"]);
    bench.check("verify kept", 0, &["3 ledgers: all held"]);
    let said = bench.check("audit kept/task-1/scout", 0, &[]);
    insta::assert_snapshot!(said.out);
}

#[test]
fn a_flipped_byte_is_found_with_its_place() {
    let bench = kept("verify-flipped");
    let mut start = 0;
    tamper(&bench, |bytes| {
        start = frames(bytes)[3];
        bytes[start + 60] ^= 1;
    });
    bench.check("verify kept", 1, &[&format!("WRONG `log-00000001`, byte {start}: the frame is damaged")]);
    bench.check("audit kept/tiny-1/scout", 1, &["opens its log", "WRONG `log-00000001`"]);
}

#[test]
fn two_records_that_changed_places_are_found() {
    let bench = kept("verify-swapped");
    let mut start = 0;
    tamper(&bench, |bytes| {
        let frames = frames(bytes);
        start = frames[2];
        let (first, second) = (bytes[frames[2]..frames[3]].to_vec(), bytes[frames[3]..frames[4]].to_vec());
        bytes.splice(frames[2]..frames[4], [second, first].concat());
    });
    bench.check("verify kept", 1, &[&format!("`log-00000001`, byte {start}: the frame belongs to")]);
}

#[test]
fn a_cut_at_a_boundary_is_found_by_who_knows_a_later_head() {
    let bench = kept("verify-cut");
    let head = head(&bench.check("verify kept/tiny-1/scout", 0, &[]));
    tamper(&bench, |bytes| {
        let frames = frames(bytes);
        bytes.truncate(frames[frames.len() - 2]);
    });
    bench.check("verify kept/tiny-1/scout", 0, &["all held"]);
    bench.check(&format!("verify kept/tiny-1/scout --head {head}"), 1, &["does not pass through the expected head"]);
    // All but the opening is gone, and the queen remembers more.
    tamper(&bench, |bytes| bytes.truncate(frames(bytes)[2]));
    bench.check("verify kept", 1, &["queen holds a signed head of", "and there are 1"]);
}

#[test]
fn a_ledger_in_the_place_of_another_is_found_by_who_knows_the_id() {
    let bench = kept("verify-displaced");
    let said = bench.check("verify kept/tiny-1/queen --json", 0, &[]);
    let (_, rest) = said.out.split_once("\"log\":\"").expect("the log's id is told");
    let id = &rest[..64];
    bench.check(&format!("verify kept/tiny-1/queen --log {id}"), 0, &["all held"]);
    fs::copy(bench.path(SCOUT), bench.path("kept/tiny-1/queen/log-00000001")).expect("it can be written");
    bench.check(&format!("verify kept/tiny-1/queen --log {id}"), 1, &["byte 0: ", "it belongs to log"]);
}

#[test]
fn the_head_of_another_history_is_told_of_its_keeper_if_that_signed_it() {
    let bench = Bench::new("verify-heads");
    let write = |scribe: &Scribe, folder: &str| write(&bench, scribe, folder);
    let mut queen = Scribe::new();
    queen.start(1, |_, _| {});
    let check = |folder: &str, records: u64, signed_by: u64, part: &str| {
        write(&queen, &format!("{folder}/queen"));
        let mut neighbour = Scribe::neighbour();
        neighbour.hear_of_the_queen(records, signed_by);
        write(&neighbour, &format!("{folder}/neighbour"));
        bench.check(&format!("verify {folder}"), 1, &[part, "1 thing wrong"])
    };
    check("forked", 2, 1, "WRONG record 1: neighbour holds another history, signed, of 2 records (its record 1)");
    check("longer", 4, 1, "WRONG neighbour holds a signed head of 4 records (its record 1), and there are 3");
    for (folder, records) in [("slander", 2), ("slander-longer", 4)] {
        let said = check(folder, records, 2, "did not sign it");
        let (neighbour, queen) = said.out.split_once("/queen: ").expect("both are told of");
        assert!(neighbour.contains("WRONG record 1: ") && !queen.contains("WRONG"), "{}", said.out);
    }
}

#[test]
fn bad_input_is_told() {
    let bench = kept("verify-bad");
    bench.write("empty/readme.md", "nothing");
    bench.check("verify empty", 2, &["no ledger is in this folder"]);
    bench.check("verify nowhere", 2, &["cannot be read"]);
    bench.check("verify kept --head 3", 2, &["RECORDS:DIGEST"]);
    bench.check(&format!("verify kept --log {}", "00".repeat(32)), 2, &["--log is about one ledger"]);
    bench.check(&format!("verify kept/tiny-1/scout --log {}", "00".repeat(32)), 1, &["it belongs to log"]);
    let queen = antfarm_identity::Signer::insecure(0).public();
    let stranger = antfarm_identity::Signer::insecure(99).public();
    bench.check(&format!("verify kept --root {queen}"), 0, &["all held"]);
    bench.check(&format!("verify kept --root {stranger}"), 1, &["does not verify up to a trust root"]);
}

#[test]
fn a_decision_that_nothing_allows_is_found_on_a_chain_that_holds() {
    let bench = Bench::new("verify-forged");
    let write = |scribe: &Scribe, folder: &str| write(&bench, scribe, folder);
    let mut honest = Scribe::new();
    honest.start(1, |_, _| {});
    write(&honest, "honest");
    bench.check("verify honest", 0, &["2 derived", "all held"]);
    let mut hopeful = Scribe::new();
    hopeful.know_a_writ_of_nobody();
    hopeful.start(1, |_, _| {});
    write(&hopeful, "nobody");
    bench.check("verify nobody", 1, &["record 2: ", "does not verify up to a trust root", "1 derived"]);
    let check = |folder: &str, forge: fn(&mut antfarm_authority::Intent, &mut antfarm_authority::Proposal), part: &str| {
        let mut scribe = Scribe::new();
        scribe.start(1, forge);
        write(&scribe, folder);
        bench.check(&format!("verify {folder}"), 1, &["record 2: ", part]);
        bench.check(&format!("audit {folder}"), 1, &["WRONG: ", part]);
    };
    check("beyond", |_, it| it.cost.calls = Calls(101), "must be refused: it wants 101 calls, and the writ has 100 calls free");
    check("dear", |_, it| it.cost.money = Usdc(1), "must be refused: it wants 0.000001 USDC, and the writ has nothing free");
    check("retold", |intent, _| intent.nonce.0[0] ^= 1, "the digest of the intent is not what follows");
    check("class", |_, it| it.class = antfarm_authority::Class::Write, "does not allow effects of class `write`");
    check("compiler", |_, it| it.compiler = 77, "compiler 77 is not known here");
}
