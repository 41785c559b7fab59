//! What is told again, and what is put back: the same ask is done once, and a ledger from yesterday is found out.

use crate::hive::{Daemon, Folder, configure, free_port, keys};
use std::fs;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// The queen and the scout, who know each other, with one tool.
fn two(name: &str) -> (Folder, Daemon, Daemon) {
    let folder = Folder::new(name);
    let (keys, ports) = (keys(&folder.0, &["queen", "scout"]), [free_port(), free_port()]);
    let manifest = "[[tool]]\nname = \"text.echo\"\ncontract = \"keyed\"\nretention = \"1h\"\n[tool.command]\nargv = [\"/bin/cat\"]\nstdin = \"${args}\"\n";
    fs::write(folder.0.join("tools.toml"), manifest).expect("a manifest");
    configure(&folder.0, "queen", ports[0], &keys[0], &[("scout", keys[1], ports[1])]);
    configure(&folder.0, "scout", ports[1], &keys[0], &[("queen", keys[0], ports[0])]);
    let [queen, scout] = ["queen", "scout"].map(|name| Daemon::of(&folder.0, name));
    (folder, queen, scout)
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("it is ours");
    for entry in fs::read_dir(from).expect("it is ours") {
        let path = entry.expect("an entry").path();
        let there = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &there);
        } else {
            fs::copy(&path, &there).expect("it is ours");
        }
    }
}

#[test]
fn what_is_asked_again_with_its_nonce_and_times_is_done_once() {
    let (_folder, mut queen, _) = two("again");
    queen.start();
    queen.wait("open", |status| status.serving);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("it is after 1970").as_secs();
    let (since, until) = ((now - 5).to_string(), (now + 1_000).to_string());
    let named = ["--nonce", "one", "--since", &since, "--until", &until];
    let grant = || queen.tool("grant", &[&["--to", "me", "--tool", "text.*", "--calls", "5"][..], &named].concat());
    let (given, code) = grant();
    assert_eq!((code, grant()), (0, (given.clone(), 0)), "it is the same writ");
    let writ = given.strip_prefix("writ ").expect("it is given").to_owned();
    let ask = |nonce| {
        let args = ["--writ", &writ, "--tool", "text.echo", "--text", "hello", "--until", &until, "--nonce", nonce];
        let told = queen.tool("ask", &args);
        (told, queen.wait("settled", |status| status.open == 0).records)
    };
    let (told, records) = ask("first");
    assert_eq!(ask("first"), (told.clone(), records), "it is the same call, and nothing is added");
    let (second, more) = ask("second");
    assert!(second == told && more == records + 2, "another call is another two records");
    let (printed, code) = queen.tool("ask", &["--writ", &writ, "--tool", "text.echo", "--nonce", "third"]);
    assert!(code == 2 && printed.contains("--until"), "{printed}");
}

#[test]
fn a_folder_that_was_put_back_as_it_once_was_is_found_out_by_peers() {
    let (folder, mut queen, mut scout) = two("put-back");
    queen.start();
    scout.start();
    queen.wait("connected", |status| status.serving && status.connected == ["scout"]);
    scout.wait("open", |status| status.serving);
    assert_eq!(scout.stop(), Some(0));
    copy(&scout.ledger, &folder.0.join("yesterday"));
    scout.start();
    let before = scout.wait("open again", |status| status.serving).records;
    let (printed, code) = queen.tool("grant", &["--to", "scout", "--tool", "text.*"]);
    assert_eq!(code, 0, "{printed}");
    scout.wait("told of the writ", |status| status.writs == 1 && status.records > before);
    // The queen hears how far the scout's log is with each message.
    let received = || {
        let (text, _) = queen.tool("metrics", &[]);
        let line = text.lines().find(|line| line.starts_with("antfarm_network_received_total{peer=\"scout\"}"));
        line.and_then(|line| line.split(' ').nth(1)?.parse::<u64>().ok()).expect("it is counted")
    };
    let heard = received();
    queen.wait("told how far that is", |_| received() > heard + 1);
    assert_eq!(scout.stop(), Some(0));
    fs::remove_dir_all(&scout.ledger).expect("it is ours");
    copy(&folder.0.join("yesterday"), &scout.ledger);
    scout.start();
    scout.wait("found out", |status| status.rolled_back && !status.serving);
    assert_eq!(scout.tool("status", &[]).1, 1);
    let nobodys = "00".repeat(32);
    let (printed, code) = scout.tool("revoke", &[&nobodys]);
    assert!(code == 1 && printed.starts_with("over: "), "{code}: {printed}");
}
