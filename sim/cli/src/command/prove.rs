//! `antfarm prove`: the cascade over automaton specs.

use crate::args::Prove;
use crate::bad_input::BadInput;
use crate::console::{note, say};
use crate::exit::Exit;
use crate::failure::flat;
use antfarm_automata::{Broken, Text};
use antfarm_specs::smt::{self, Obligation, Solver};
use antfarm_specs::{
    Depth, Finding, Group, Limits, Lives, Property, Proved, Showing, Shown, Store, Tally, Verdict, Where, explore, json, load,
    prove, stories, svg, table,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, UNIX_EPOCH};

/// How long the solver may think about one question.
const PATIENCE_MS: u32 = 10_000;

/// What is to be said where the solver is not there.
const NO_SOLVER: &str =
    "L0 did not run: the program `antfarm-smt` is neither beside this one nor on PATH, and ANTFARM_SMT does not name it.
       In a checkout: `apt-get install -y libz3-dev pkg-config && cargo build --release -p antfarm-smt`";

pub(crate) fn run(args: &Prove) -> Result<Exit, BadInput> {
    let groups = load(&args.specs).map_err(BadInput::Specs)?;
    let warnings = groups.iter().flat_map(|it| &it.members).filter(|it| it.is_proved).flat_map(|it| &it.warnings);
    let mut warned = 0_usize;
    for warning in warnings {
        note(format_args!("warning: {warning}"));
        warned += 1;
    }
    if args.strict && warned > 0 {
        return Err(BadInput::Warnings(warned));
    }
    let lives = Lives { runs: args.lives.get(), ..Lives::default() };
    let depth = Depth { search: Limits { states: args.max_states.get() }, lives, ..Depth::default() };
    if let Some(address) = &args.explore {
        let Some(group) = groups.first() else { return Ok(Exit::Held) };
        note(format_args!("stateright's explorer is at http://{address} until Ctrl-C"));
        return explore(group, address).map(|()| Exit::Held).map_err(|entity| BadInput::NoType(entity.to_string()));
    }
    let begun = Instant::now();
    let mut solver = Lazy::new()?;
    let store = Store::new(&args.keep, solver.tool());
    let mut all = Proved::default();
    let mut recalled = 0_usize;
    for group in &groups {
        // What the solver was asked is not kept: whoever wants it asks again.
        let asks = args.fresh || args.smt.is_some();
        if let Some(known) = (!asks).then(|| store.recall(group, depth)).flatten() {
            recalled += 1;
            all.findings.extend(known.findings);
            all.shown.extend(known.shown);
            continue;
        }
        let proved = prove(group, solver.start()?, depth);
        store.keep(group, depth, &proved);
        all.findings.extend(proved.findings);
        all.obligations.extend(proved.obligations);
        all.shown.extend(proved.shown);
        all.contradictions.extend(proved.contradictions);
    }
    if let Some(folder) = &args.smt {
        write_obligations(folder, &all.obligations)?;
    }
    if let Some(folder) = &args.svg {
        write_diagrams(folder, &groups, &all.findings)?;
    }
    let shown = write_scenarios(&args.keep, &all.shown)?;
    let shown = |finding: &Finding, property: &Property| {
        let nth =
            all.shown.iter().position(|it| (&it.file, it.level, &it.property) == (&finding.file, finding.level, property))?;
        shown.get(nth).cloned()
    };
    let exit = exit(&all, solver.is_there());
    let took = begun.elapsed();
    if args.json {
        json(&all.findings, &shown).iter().for_each(say);
        let Tally { verified, refuted, incomplete } = Tally::of(&all.findings);
        let contradictions: Vec<String> = all.contradictions.iter().map(ToString::to_string).collect();
        let mut levels: Vec<&str> = all.findings.iter().map(|it| it.level.word()).collect();
        levels.sort_unstable();
        levels.dedup();
        say(serde_json::json!({ "summary": {
            "specs": groups.iter().flat_map(|it| &it.members).filter(|it| it.is_proved).count(),
            "levels": levels, "verified": verified, "refuted": refuted, "incomplete": incomplete,
            "contradictions": contradictions, "warnings": warned, "recalled": recalled,
            "ms": u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "exit": exit as u8,
        }}));
    } else {
        tell(&groups, &all, &shown);
        let told = match exit {
            Exit::Held => "all that the specs say holds at every level that ran",
            Exit::Failed => "something does not hold",
            Exit::Incomplete => "NOT all of it is proved",
            Exit::BadInput | Exit::Invalid => "not proved",
        };
        let before =
            if recalled > 0 { format!(", {recalled} of {} groups as proved before", groups.len()) } else { String::new() };
        say(format_args!("{told}; {:.2} seconds{before}", took.as_secs_f64()));
    }
    for contradiction in &all.contradictions {
        note(format_args!("CONTRADICTION: {contradiction}"));
    }
    if !solver.is_there() {
        note(format_args!("note: {NO_SOLVER}"));
    }
    Ok(exit)
}

/// The worst of all: a contradiction is a failure, whoever of the two is right.
fn exit(all: &Proved, is_whole: bool) -> Exit {
    let any = |is: fn(&Verdict) -> bool| all.findings.iter().flat_map(|it| &it.judged).any(|it| is(&it.verdict));
    if any(Verdict::is_refuted) || !all.contradictions.is_empty() {
        Exit::Failed
    } else if any(Verdict::is_incomplete) || !is_whole {
        Exit::Incomplete
    } else {
        Exit::Held
    }
}

fn tell(groups: &[Group], all: &Proved, shown: &Where<'_>) {
    say(table(&all.findings).trim_end());
    let broken = |spec: &str| -> Option<Broken> {
        let members = groups.iter().flat_map(|it| &it.members).filter(|it| it.is_proved);
        members.map(|it| it.table.spec()).find(|it| it.entity == spec && it.broken.is_some())?.broken.clone()
    };
    let told = stories(&all.findings, shown, broken);
    if !told.is_empty() {
        say(told.trim_end());
    }
}

/// The solver, started when it is wanted first.
struct Lazy {
    program: Option<PathBuf>,
    solver: Option<Solver>,
}

impl Lazy {
    fn new() -> Result<Self, BadInput> {
        if let Some(named) = std::env::var_os(smt::VARIABLE)
            && smt::found().is_none()
        {
            return Err(BadInput::NoSolver(PathBuf::from(named)));
        }
        Ok(Self { program: smt::found(), solver: None })
    }

    const fn is_there(&self) -> bool {
        self.program.is_some()
    }

    fn start(&mut self) -> Result<Option<&mut Solver>, BadInput> {
        if let (Some(program), None) = (&self.program, &self.solver) {
            let started = Solver::start(program, PATIENCE_MS).map_err(|error| BadInput::Solver(program.clone(), error))?;
            self.solver = Some(started);
        }
        Ok(self.solver.as_mut())
    }

    /// What a proof depends on besides specs: this very program and the solver, as files.
    fn tool(&self) -> String {
        let file = |path: &Path| {
            let data = fs::metadata(path).ok()?;
            let at = data.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            Some(format!("{} {}", data.len(), at.as_nanos()))
        };
        let own = std::env::current_exe().ok().and_then(|it| file(&it)).unwrap_or_default();
        let solver = self.program.as_deref().and_then(file).unwrap_or_default();
        format!("{} {own} {solver}", env!("CARGO_PKG_VERSION"))
    }
}

/// Writes the scenarios that show what does not hold: of each, where it is, or why there is none.
fn write_scenarios(folder: &Path, shown: &[Shown]) -> Result<Vec<Result<String, String>>, BadInput> {
    let path = |it: &Shown| {
        let file = flat(it.file.strip_suffix(".ioa.toml").unwrap_or(&it.file));
        let word = |it: &str| it.replace(|it: char| !it.is_ascii_alphanumeric() && it != '_', "_");
        folder.join(format!("{file}-{}-{}.toml", it.level, word(&it.property.name)))
    };
    let written = |it: &Shown| match &it.showing {
        Showing::Scenario(text) => write(&path(it), text).map(|()| Ok(path(it).display().to_string())),
        Showing::Unsaid(why) => Ok(Err(why.clone())),
    };
    shown.iter().map(written).collect()
}

fn write_obligations(folder: &Path, obligations: &[(Text, Vec<Obligation>)]) -> Result<(), BadInput> {
    for (spec, asked) in obligations {
        for (nth, one) in asked.iter().enumerate() {
            let name = one.name.replace(|it: char| !it.is_ascii_alphanumeric(), "_");
            write(&folder.join(format!("{spec}-{:03}-{name}.smt2", nth + 1)), &one.text)?;
        }
    }
    Ok(())
}

fn write_diagrams(folder: &Path, groups: &[Group], findings: &[Finding]) -> Result<(), BadInput> {
    for member in groups.iter().flat_map(|it| &it.members).filter(|it| it.is_proved) {
        let spec = member.table.spec();
        let refuted = findings.iter().filter(|it| it.file == member.file).find_map(|finding| {
            let shown = finding.judged.iter().find_map(|it| match &it.verdict {
                Verdict::Refuted(Some(trace)) => Some((&it.property, trace)),
                Verdict::Refuted(None) | Verdict::Verified | Verdict::Incomplete(_) => None,
            });
            shown.map(|(property, trace)| (finding.level, property, trace))
        });
        // Of several entities, the one that does most.
        let told = refuted.and_then(|(level, property, trace)| {
            let ids = trace.first.iter().chain(trace.marks.iter().flat_map(|it| &it.after)).filter(|it| it.entity == spec.entity);
            let busy = |id: &Text| trace.marks.iter().filter(|it| it.taken.id == *id).count();
            let id = ids.map(|it| &it.id).max_by_key(|id| (busy(id), std::cmp::Reverse(*id)))?;
            Some((format!("{property} does not hold: {level}, {} steps", trace.marks.len()), (id, trace)))
        });
        let caption = told.as_ref().map_or_else(|| member.file.clone(), |(caption, _)| format!("{}: {caption}", member.file));
        let name =
            Path::new(&member.file).file_name().map_or_else(|| spec.entity.to_string(), |it| it.to_string_lossy().into_owned());
        let name = name.strip_suffix(".ioa.toml").unwrap_or(&name).to_owned();
        write(&folder.join(format!("{name}.svg")), &svg(&member.table, &caption, told.as_ref().map(|(_, run)| *run)))?;
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), BadInput> {
    let failed = |error| BadInput::Unwritable(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use antfarm_specs::{Contradiction, Judged, Kind, Level, Reason};

    fn finding(verdicts: &[Verdict]) -> Proved {
        let judged =
            |it: &Verdict| Judged { property: Property { kind: Kind::Invariant, name: "X".into() }, verdict: it.clone() };
        let judged = verdicts.iter().map(judged).collect();
        let (spec, file, took) = ("S".into(), "s".to_owned(), std::time::Duration::ZERO);
        let finding = Finding { spec, file, level: Level::L1, judged, bounds: Vec::new(), states: 0, took };
        Proved { findings: vec![finding], ..Proved::default() }
    }

    #[test]
    fn the_worst_that_is_said_decides() {
        let (held, open, not) = (Verdict::Verified, Verdict::Incomplete(Reason::Bound), Verdict::Refuted(None));
        assert_eq!(exit(&finding(std::slice::from_ref(&held)), true), Exit::Held);
        assert_eq!(exit(&finding(std::slice::from_ref(&held)), false), Exit::Incomplete);
        assert_eq!(exit(&finding(&[held.clone(), open.clone()]), true), Exit::Incomplete);
        assert_eq!(exit(&finding(&[open, held.clone(), not]), false), Exit::Failed);
        let mut torn = finding(&[held]);
        torn.contradictions.push(Contradiction::Solver("it disagrees".to_owned()));
        assert_eq!(exit(&torn, true), Exit::Failed);
    }
}
