//! `antfarm verify`: whether ledgers hold together, and whether honest nodes could have written them.

use crate::args::Verify;
use crate::bad_input::BadInput;
use crate::console::say;
use crate::exit::Exit;
use crate::figures::{Count, plural};
use crate::log::finding::{Finding, Wrong};
use crate::log::folder::{Ledger, ledgers};
use crate::log::names::Names;
use crate::log::survey::Survey;
use crate::log::trial::{self, Outcome};
use serde_json::{Value, json};

pub(crate) fn run(args: &Verify) -> Result<Exit, BadInput> {
    let found = ledgers(&args.folders)?;
    for (option, given) in [("--head", args.head.is_some()), ("--log", args.log.is_some())] {
        if given && found.len() > 1 {
            return Err(BadInput::ManyLedgers { option, ledgers: found.len() });
        }
    }
    if args.roots.len() > antfarm_authority::MAX_ROOTS {
        return Err(BadInput::TooManyRoots);
    }
    let specs = match args.specs.as_slice() {
        [] => None,
        files => Some(antfarm_colony::suite(&files.join(" ")).map_err(BadInput::Suite)?),
    };
    let mut survey = Survey::of(&found, args.log, (args.colony, &args.roots))?;
    survey.specs = specs;
    let names = Names::of(&found);
    let labels: Vec<String> = found.iter().map(Ledger::name).collect();
    let (mut wrong, mut unjudged) = (0, 0);
    for (number, ledger) in found.iter().enumerate() {
        let outcome = trial::of(ledger, (number, &survey), (args.log, args.head), &mut |_, _| {})?;
        if args.json {
            say(object(ledger, &outcome, &labels, &names));
        } else {
            tell(ledger, &outcome, &labels, &names);
        }
        wrong += outcome.wrong();
        unjudged += outcome.unjudged;
    }
    let roots: Vec<String> = survey.believed().iter().map(ToString::to_string).collect();
    let exit = match (wrong, unjudged) {
        (0, 0) => Exit::Held,
        (0, _) => Exit::Incomplete,
        (_, _) => Exit::Failed,
    };
    if args.json {
        let summary = json!({ "ledgers": found.len(), "wrong": wrong, "unjudged": unjudged, "believed_roots": roots });
        say(json!({ "summary": summary }));
        return Ok(exit);
    }
    if !roots.is_empty() {
        say(format_args!("at the ledgers' word, writs come from {}; name whom you trust with --root", roots.join(", ")));
    }
    say(match (wrong, unjudged) {
        (0, 0) => format!("{}: all held", plural(found.len() as u64, "ledger")),
        (0, _) => format!(
            "{} not judged: what they follow from was redacted, or no writ names the colony (--colony does)",
            plural(unjudged, "fact")
        ),
        (_, _) => format!("{} wrong", plural(wrong, "thing")),
    });
    Ok(exit)
}

fn tell(ledger: &Ledger, outcome: &Outcome, labels: &[String], names: &Names) {
    let Outcome { records, derived, unshown, refusals, unjudged, .. } = outcome;
    let owner = outcome.bench.owner.map_or_else(|| "nobody who is named".to_owned(), |key| format!("{key:?}"));
    let path = ledger.path.display();
    let mut judged = format!("{} derived, {} not shown by it", Count(*derived), Count(*unshown));
    if *unjudged > 0 {
        judged.push_str(&format!(", {} not judged", Count(*unjudged)));
    }
    let refused = plural(*refusals, "refusal");
    say(format_args!("{path}: kept by {owner}: {}: {judged}; {refused} among them", plural(*records, "record")));
    if let Some(head) = &outcome.head {
        say(format_args!("  head {}:{}", head.records, head.digest));
    }
    if let Some(tear) = &outcome.tear {
        say(format_args!("  a crash left {} bytes of an append, which opening would cut; nothing rests on them", tear.lost));
    }
    for finding in &outcome.findings {
        say(format_args!("  WRONG {}{}", finding.place(), finding.words(labels, names)));
    }
    if outcome.more > 0 {
        say(format_args!("  and {} more", Count(outcome.more)));
    }
}

fn object(ledger: &Ledger, outcome: &Outcome, labels: &[String], names: &Names) -> Value {
    let findings: Vec<Value> = outcome.findings.iter().map(|it| finding(it, labels, names)).collect();
    let head = outcome
        .head
        .map(|head| json!({ "records": head.records, "digest": head.digest.to_string(), "root": head.root.to_string() }));
    json!({
        "ledger": ledger.path.display().to_string(),
        "log": outcome.log.to_string(),
        "keeper": outcome.bench.owner.map(|key| key.to_string()),
        "colony": outcome.bench.colony.map(|colony| colony.to_string()),
        "ok": outcome.wrong() == 0,
        "records": outcome.records,
        "derived": outcome.derived,
        "unshown": outcome.unshown,
        "refusals": outcome.refusals,
        "unjudged": outcome.unjudged,
        "head": head,
        "torn_bytes": outcome.tear.as_ref().map(|tear| tear.lost),
        "wrong": findings,
        "more": outcome.more,
    })
}

fn finding(it: &Finding, labels: &[String], names: &Names) -> Value {
    let place = match &it.wrong {
        Wrong::Bytes(refused) => Some((refused.object.to_string(), refused.offset)),
        Wrong::Link
        | Wrong::Trajectory
        | Wrong::Unreadable(_)
        | Wrong::Drift(_)
        | Wrong::NobodysLog
        | Wrong::Forked { .. }
        | Wrong::RolledBack { .. } => None,
    };
    let (object, offset) = place.unzip();
    json!({ "record": it.record, "object": object, "offset": offset, "what": it.words(labels, names) })
}
