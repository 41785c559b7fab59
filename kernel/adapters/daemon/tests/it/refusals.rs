//! What a daemon does not put up with: a second one, an open key, a broken configuration, clients that make no sense, and secrets.

use crate::hive::{AT_MOST, Daemon, Folder, configure, free_port, keys};
use antfarm_daemon::control::{Command, MAX_FRAME, Request, frame};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process;
use std::time::{Duration, Instant};

const SECRET: &str = "sk-live-4f9a1c77e2d85b60";

/// A manifest with a tool that says what it is told.
const TOOLS: &str = "[[tool]]\nname = \"text.echo\"\ncontract = \"keyed\"\nretention = \"1h\"\n\
                     [tool.command]\nargv = [\"/bin/cat\"]\nstdin = \"${args}\"\n";

/// The queen alone, in her folder.
pub(crate) fn queen(name: &str) -> (Folder, Daemon) {
    let folder = Folder::new(name);
    let keys = keys(&folder.0, &["queen"]);
    fs::write(folder.0.join("tools.toml"), TOOLS).expect("a manifest");
    configure(&folder.0, "queen", free_port(), &keys[0], &[]);
    let daemon = Daemon::of(&folder.0, "queen");
    (folder, daemon)
}

/// How a daemon ends that cannot start: what it says, and its exit status.
fn run(config: &Path) -> (String, Option<i32>) {
    let mut child = process::Command::new(env!("CARGO_BIN_EXE_antfarmd"));
    let mut child = child.arg("run").arg(config).stderr(process::Stdio::piped()).spawn().expect("it starts");
    let began = Instant::now();
    while child.try_wait().expect("it is ours").is_none() {
        if began.elapsed() > AT_MOST {
            drop(child.kill());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let mut said = String::new();
    child.stderr.take().expect("it is read").read_to_string(&mut said).expect("it is text");
    (said, child.wait().expect("it is ours").code())
}

#[test]
fn a_second_daemon_in_one_folder_says_whose_it_is_and_harms_nobody() {
    let (folder, mut daemon) = queen("second");
    daemon.start();
    daemon.wait("open", |status| status.serving);
    let (said, code) = run(&daemon.config);
    assert!(code == Some(2) && said.contains("queen") && said.contains("another process"), "{code:?}: {said}");
    assert!(daemon.wait("still open", |status| status.serving).records > 0);
    assert_eq!(daemon.stop(), Some(0));
    assert!(!folder.0.join("queen.sock").exists(), "it takes its socket with it");
}

#[test]
fn what_is_wrong_with_a_configuration_or_a_key_is_said_with_its_place() {
    let (folder, daemon) = queen("config");
    let text = fs::read_to_string(&daemon.config).expect("it is there");
    for (from, to, said) in [
        ("tenant =", "tennant =", "queen.toml:3:1: unknown key `tennant`; did you mean `tenant`?"),
        ("pulse = \"200ms\"", "pulse = \"200\"", "queen.toml:10:9: a unit is missing"),
        ("tools.toml", "tool.toml", "tool.toml"),
    ] {
        fs::write(&daemon.config, text.replace(from, to)).expect("it is ours");
        let (printed, code) = run(&daemon.config);
        assert!(code == Some(2) && printed.contains(said), "{code:?}: {printed}");
    }
    fs::write(&daemon.config, text).expect("it is ours");
    fs::set_permissions(folder.0.join("queen.key"), fs::Permissions::from_mode(0o644)).expect("it is ours");
    let (printed, code) = run(&daemon.config);
    assert!(code == Some(2) && printed.contains("0644"), "{code:?}: {printed}");
}

#[test]
fn a_client_that_makes_no_sense_is_hung_up_on_and_others_are_served() {
    let (_folder, mut daemon) = queen("clients");
    daemon.start();
    daemon.wait("open", |status| status.serving);
    let long = u32::try_from(MAX_FRAME + 1).expect("small").to_le_bytes().to_vec();
    let garbage = [&12_u32.to_le_bytes()[..], &[0xff; 12]].concat();
    let mut beyond = frame(&Request { number: 1, command: Command::Status });
    beyond[0] += 1;
    beyond.push(0);
    for bytes in [long, garbage, beyond] {
        let mut stream = UnixStream::connect(&daemon.socket).expect("it listens");
        stream.set_read_timeout(Some(AT_MOST)).expect("a socket has one");
        stream.write_all(&bytes).expect("it reads");
        let mut answer = Vec::new();
        assert!(matches!(stream.read_to_end(&mut answer), Ok(0) | Err(_)), "{bytes:?}: {answer:?}");
        daemon.wait("serving others", |status| status.serving);
    }
    // Half a frame, and then nothing: it costs a place, no more.
    let mut slow = UnixStream::connect(&daemon.socket).expect("it listens");
    slow.write_all(&[9, 0]).expect("it reads");
    daemon.wait("serving others", |status| status.serving);
    assert_eq!(fs::metadata(&daemon.socket).expect("it is there").permissions().mode() & 0o777, 0o600);
}

#[test]
fn no_secret_and_no_key_is_in_anything_that_a_daemon_writes_or_prints() {
    let (folder, mut daemon) = queen("secrets");
    let secrets = folder.0.join("secrets");
    fs::create_dir(&secrets).expect("it is ours");
    fs::write(secrets.join("stripe"), format!("{SECRET}\n")).expect("it is ours");
    fs::set_permissions(secrets.join("stripe"), fs::Permissions::from_mode(0o600)).expect("it is ours");
    let config = fs::read_to_string(&daemon.config).expect("it is there");
    fs::write(&daemon.config, format!("secrets = \"secrets\"\n{config}")).expect("it is ours");
    daemon.start();
    daemon.wait("open", |status| status.serving);
    let (printed, code) = daemon.tool("grant", &["--to", "me", "--tool", "text.*"]);
    assert_eq!(code, 0, "{printed}");
    let writ = printed.strip_prefix("writ ").expect("it is given").to_owned();
    let text = format!("pay with {SECRET} now");
    let mut told = String::new();
    for args in [["--text", &text], ["--target", &text], ["--why", &text]] {
        let (printed, _) = daemon.tool("ask", &[&["--writ", &writ, "--tool", "text.echo"][..], &args].concat());
        told.push_str(&printed);
    }
    for verb in ["status", "writs", "metrics", "head"] {
        told.push_str(&daemon.tool(verb, &[]).0);
    }
    assert_eq!(daemon.stop(), Some(0));
    let key = fs::read_to_string(folder.0.join("queen.key")).expect("it is ours");
    let key = key.lines().nth(1).expect("the second line").to_owned();
    let bytes: Vec<u8> = (0..32).map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).expect("digits")).collect();
    let wanted = [SECRET.as_bytes(), key.as_bytes(), &bytes];
    let holds = |text: &[u8]| wanted.iter().any(|it| text.windows(it.len()).any(|window| window == *it));
    assert!(holds(text.as_bytes()) && !holds(told.as_bytes()), "{told}");
    let mut files = vec![daemon.log.clone()];
    let mut folders = vec![daemon.ledger.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it is ours") {
            let path = entry.expect("an entry").path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    assert!(files.len() >= 4, "a log, a ledger, a journal and outcomes: {files:?}");
    for file in files {
        assert!(!holds(&fs::read(&file).expect("it is ours")), "`{}` holds a secret", file.display());
    }
}
