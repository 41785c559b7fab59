//! `antfarm audit`: the trail of a ledger, one plain sentence a record.

use crate::args::Audit;
use crate::bad_input::BadInput;
use crate::console::{Pager, say};
use crate::exit::Exit;
use crate::log::folder::{Ledger, ledgers};
use crate::log::names::Names;
use crate::log::sentence::{Teller, at};
use crate::log::survey::{Bench, Survey};
use crate::log::trial::{self, Entry};
use serde_json::json;

pub(crate) fn run(args: &Audit) -> Result<Exit, BadInput> {
    let found = ledgers(std::slice::from_ref(&args.folder))?;
    let survey = Survey::of(&found, None, (None, &[]))?;
    let names = Names::of(&found).and_beside(&args.folder);
    let labels: Vec<String> = found.iter().map(Ledger::name).collect();
    let (mut wrong, mut unjudged) = (0, 0);
    let mut pager = (!args.json).then(Pager::open);
    let mut line = |text: String| match &mut pager {
        Some(pager) => pager.line(text),
        None => say(text),
    };
    for (number, ledger) in found.iter().enumerate() {
        if !args.json {
            line(format!("{}{}:", if number == 0 { "" } else { "\n" }, ledger.path.display()));
        }
        let mut tell = |bench: &Bench, entry: &Entry<'_>| {
            let sentence = Teller::of(&names, bench).sentence(bench, entry);
            let (record, at) = (entry.header.position, entry.fact.ok().flatten().and_then(at));
            let drift: Vec<String> = entry.wrong.iter().map(|it| it.words(&labels, &names)).collect();
            if args.json {
                let path = ledger.path.display().to_string();
                let (kind, at) = (entry.header.kind, at.map(|at| at.as_nanos()));
                let object =
                    json!({ "ledger": path, "record": record, "kind": kind, "at_ns": at, "told": sentence, "wrong": drift });
                return line(object.to_string());
            }
            line(format!("{record:>8}  {:<24}  {sentence}", at.map(|it| it.to_string()).unwrap_or_default()));
            drift.iter().for_each(|drift| line(format!("{:>8}  {:<24}  WRONG: {drift}", "", "")));
        };
        let outcome = trial::of(ledger, (number, &survey), (None, None), &mut tell)?;
        // What is wrong with records was told beside them.
        for finding in outcome.findings.iter().filter(|it| it.record.is_none()) {
            let (place, words) = (finding.place(), finding.words(&labels, &names));
            if args.json {
                let path = ledger.path.display().to_string();
                line(json!({ "ledger": path, "wrong": [format!("{place}{words}")] }).to_string());
            } else {
                line(format!("WRONG {place}{words}"));
            }
        }
        wrong += outcome.wrong();
        unjudged += outcome.unjudged;
    }
    if let Some(pager) = pager {
        pager.close();
    }
    Ok(match (wrong, unjudged) {
        (0, 0) => Exit::Held,
        (0, _) => Exit::Incomplete,
        (_, _) => Exit::Failed,
    })
}
