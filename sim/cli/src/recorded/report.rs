//! What came of a replay: in words, as JSON, and as an exit status.

use super::run::{Ended, Seen, Tape, Wanted};
use super::words;
use crate::args::{Point, Replay};
use crate::bad_input::BadInput;
use crate::console::{Pager, say};
use crate::exit::Exit;
use crate::figures::{Count, Nanos};
use crate::log::folder;
use antfarm_ledger::LogHead;
use antfarm_node::VERSION;
use antfarm_recording::Replayed;
use serde_json::{Value, json};
use std::path::Path;

/// How many inputs before the one that matters are told.
const BEFORE: u64 = 20;

pub(crate) fn replay(args: &Replay) -> Result<Exit, BadInput> {
    let bytes = std::fs::read(&args.file).map_err(|error| BadInput::Unreadable(args.file.clone(), error))?;
    let tape = Tape::open(&bytes).map_err(|unfit| BadInput::Unfit(args.file.clone(), unfit))?;
    let (seen, ended) = tape.run(Wanted { until: args.until, state: args.state, image: args.ledger.is_some() });
    let verdict = Verdict::of(&tape, &seen, &ended);
    let compared = args.ledger.as_deref().map(|folder| compare(&tape, &seen, folder)).transpose()?;
    match args.json {
        true => say(object(args, &tape, &seen, &verdict, compared.as_ref())),
        false => tell(args, &tape, &seen, &verdict, compared.as_ref()),
    }
    Ok(match &compared {
        Some(compared) if verdict.exit != Exit::Failed && !compared.is_same() => Exit::Failed,
        Some(_) | None => verdict.exit,
    })
}

/// What a replay showed.
struct Verdict {
    /// For scripts.
    ended: &'static str,
    exit: Exit,
    /// For people.
    words: String,
    /// Where the runs part, and why one knows.
    parted: Option<(u64, String)>,
}

impl Verdict {
    fn of(tape: &Tape<'_>, seen: &Seen, ended: &Ended) -> Self {
        let same = |ended, exit, words: String| Self { ended, exit, words, parted: None };
        let parted = |input: u64, why: String| Self {
            ended: "parted",
            exit: Exit::Failed,
            words: format!("PARTED at input {}", Count(input)),
            parted: Some((input, why)),
        };
        let replayed = match ended {
            Ended::Signed => {
                let why = "the node signs, or salts, what it did not sign then; it was not this node";
                return parted(seen.steps - 1, why.to_owned());
            }
            Ended::Panicked => return parted(seen.steps, "the node panics, and did not then".to_owned()),
            Ended::Replayed(replayed) => &**replayed,
        };
        match replayed {
            Replayed::Parted { step, recorded, effects } => {
                parted(*step, format!("all effects up to it have digest {effects:016x}, and had {:016x}", recorded.effects))
            }
            Replayed::Stopped { .. } => same("stopped", Exit::Held, "the same effects, to the end".to_owned()),
            Replayed::Left { .. } => same("left", Exit::Held, "the same effects, up to there".to_owned()),
            Replayed::Overrun { .. } => same(
                "full",
                Exit::Incomplete,
                "the same effects, up to where the recording was full or did not keep up; the run went on".to_owned(),
            ),
            Replayed::Torn { tail, .. } => {
                same("torn", Exit::Incomplete, format!("the same effects, as far as the recording goes; {tail}"))
            }
            Replayed::Panicked { steps, .. } => {
                let input = tape.input(*steps).map_or_else(String::new, |(input, _)| words::input(&input));
                let words = format!("the same effects, up to input {}, at which the node panicked: {input}", Count(*steps));
                same("panicked", Exit::Failed, words)
            }
        }
    }
}

/// What the replay wrote, held against a folder.
struct Compared {
    /// The first place at which it holds other bytes.
    differs: Option<super::image::Differs>,
    /// How many bytes were held against each other.
    bytes: u64,
    /// Where the folder's ledger ends, if it passes through the head of the replay; why it does not.
    reached: Result<LogHead, String>,
    /// The head by the bytes that the replay wrote, where these are all of the log.
    written: Option<LogHead>,
    /// Whether that is the head that the node says.
    agrees: bool,
}

impl Compared {
    fn is_same(&self) -> bool {
        self.differs.is_none() && self.reached.is_ok() && self.agrees
    }
}

fn compare(tape: &Tape<'_>, seen: &Seen, folder: &Path) -> Result<Compared, BadInput> {
    let ledger = folder::ledger(folder)?.ok_or_else(|| BadInput::NoLedger(folder.to_owned()))?;
    let through = seen.head.map(|head| Point { records: head.records, digest: head.digest });
    let reading = ledger.read(tape.setup.log(), through, &mut |_| {})?;
    let written = seen.image.head(tape.setup.log());
    Ok(Compared {
        differs: seen.image.differs(folder)?,
        bytes: seen.image.bytes(),
        reached: reading.end.map_err(|refused| refused.to_string()),
        written,
        agrees: written.is_none_or(|written| Some(written) == seen.head),
    })
}

fn tell(args: &Replay, tape: &Tape<'_>, seen: &Seen, verdict: &Verdict, compared: Option<&Compared>) {
    let mut pager = Pager::open();
    let (key, log) = (tape.setup.key(), tape.setup.log());
    pager.line(format_args!("{}: the node with key {key}, log {}", args.file.display(), log.short()));
    if tape.setup.version() != VERSION {
        let version = tape.setup.version();
        pager.line(format_args!("it recorded facts of version {version}, and this tool's are of version {VERSION}"));
    }
    let inputs = seen.inputs;
    let kinds = [
        (inputs.woke, "woke"),
        (inputs.asked, "asked"),
        (inputs.heard, "heard"),
        (inputs.stored, "stored"),
        (inputs.rang, "rang"),
    ];
    let kinds: Vec<String> =
        kinds.iter().filter(|(count, _)| *count > 0).map(|(n, name)| format!("{} {name}", Count(*n))).collect();
    if let Some((first, last)) = seen.first.zip(seen.last) {
        let (span, at) = (Nanos(last.mono.since(first.mono).as_nanos()), first.wall);
        pager.line(format_args!("{} inputs in {span} from {at} on: {}", Count(seen.steps), kinds.join(", ")));
    }
    if let Some(until) = args.until.filter(|until| seen.steps > *until) {
        tape.story(until.saturating_sub(BEFORE - 1)..=until).iter().for_each(|line| pager.line(line));
    }
    if let Some(state) = &seen.state {
        pager.line(format_args!("the state after it:\n{state}"));
    }
    pager.line(&verdict.words);
    if let Some((number, why)) = &verdict.parted {
        if let Some((input, now)) = tape.input(*number) {
            let at = seen.first.map_or(now.mono.since(now.mono), |first| now.mono.since(first.mono));
            pager.line(format_args!("  at {at}, {}: {}", now.wall, words::input(&input)));
        }
        pager.line(format_args!("  {why}"));
        pager.line("  what came before, and what it led to, now:");
        tape.story(number.saturating_sub(BEFORE)..=*number).iter().for_each(|line| pager.line(line));
    }
    match seen.head {
        Some(head) => pager.line(format_args!("head {}:{}", head.records, head.digest)),
        None => pager.line("the log was not open"),
    }
    if let (Some(compared), Some(folder)) = (compared, &args.ledger) {
        ledger(&mut pager, folder, seen, compared);
    }
    pager.close();
}

fn ledger(pager: &mut Pager, folder: &Path, seen: &Seen, compared: &Compared) {
    let folder = folder.display();
    if let (false, Some(written)) = (compared.agrees, compared.written) {
        pager.line(format_args!("WRONG what was written ends at {}:{}", written.records, written.digest));
    }
    if let Some(differs) = &compared.differs {
        let super::image::Differs { object, offset } = differs;
        pager.line(format_args!("WRONG {folder}: `{object}`, byte {offset}: it does not hold what was written there"));
    }
    match (&compared.reached, seen.head) {
        (Err(refused), _) => pager.line(format_args!("WRONG {folder}: {refused}")),
        (Ok(end), Some(head)) if end.records == head.records => {
            pager.line(format_args!("{folder}: the same head; {} bytes are as they were written", Count(compared.bytes)));
        }
        (Ok(end), _) => pager.line(format_args!(
            "{folder}: passes through this head, and goes on to {} records; {} bytes are as they were written",
            Count(end.records),
            Count(compared.bytes)
        )),
    }
}

fn object(args: &Replay, tape: &Tape<'_>, seen: &Seen, verdict: &Verdict, compared: Option<&Compared>) -> Value {
    let head =
        |head: &LogHead| json!({ "records": head.records, "digest": head.digest.to_string(), "root": head.root.to_string() });
    let span = seen.first.zip(seen.last).map_or(0, |(first, last)| last.mono.since(first.mono).as_nanos());
    let inputs = seen.inputs;
    let parted = verdict.parted.as_ref().map(|(number, why)| {
        let (input, at) = tape.input(*number).unzip();
        let at = at.zip(seen.first).map(|(now, first)| now.mono.since(first.mono).as_nanos());
        json!({ "input": number, "at_ns": at, "what": input.map(|it| words::input(&it)), "why": why })
    });
    let ledger = compared.map(|it| {
        json!({
            "same": it.is_same(),
            "bytes": it.bytes,
            "head": it.reached.as_ref().ok().map(head),
            "wrong": it.reached.as_ref().err(),
            "differs": it.differs.as_ref().map(|it| json!({ "object": it.object.to_string(), "offset": it.offset })),
        })
    });
    json!({
        "recording": args.file.display().to_string(),
        "key": tape.setup.key().to_string(),
        "log": tape.setup.log().to_string(),
        "version": tape.setup.version(),
        "ok": verdict.exit == Exit::Held && compared.is_none_or(Compared::is_same),
        "ended": verdict.ended,
        "steps": seen.steps,
        "inputs": {
            "woke": inputs.woke, "asked": inputs.asked, "heard": inputs.heard, "stored": inputs.stored, "rang": inputs.rang,
        },
        "span_ns": span,
        "head": seen.head.as_ref().map(head),
        "parted": parted,
        "ledger": ledger,
    })
}
