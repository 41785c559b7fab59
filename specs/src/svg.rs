//! The diagram of an automaton, and a run through it in colour.
//!
//! States stand in columns by how many actions it takes to come to them, events and actions that stay in their state are listed below the
//! state. Actions between the same two states share an arrow.

use crate::trace::Trace;
use antfarm_automata::{Mode, Spec, Table, Text};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Write as _;

/// A run to be shown: of which entity of the type, and the run.
pub type Drawn<'a> = (&'a Text, &'a Trace);

const WIDE: usize = 150;
const HIGH: usize = 40;
const ACROSS: usize = 260;
const DOWN: usize = 130;
const EDGE: usize = 30;
const HEAD: usize = 60;

/// The diagram of a table as SVG; where a run is given, the states and actions of it in colour, numbered in the order in which they happen.
pub fn svg(table: &Table, caption: &str, run: Option<Drawn<'_>>) -> String {
    let spec = table.spec();
    let places = places(spec, table);
    let arrows = arrows(spec, table);
    let walked = run.map(|(id, trace)| walked(spec, id, trace)).unwrap_or_default();
    let columns = places.values().map(|(column, _)| column + 1).max().unwrap_or(1);
    let rows = places.values().map(|(_, row)| row + 1).max().unwrap_or(1);
    // A letter of the caption is some 7 wide.
    let said = 2 * EDGE + 7 * caption.chars().count().min(400);
    let width = said.max(2 * EDGE + (columns - 1) * ACROSS + WIDE);
    let height = HEAD + 2 * EDGE + rows * DOWN + 40;
    let mut out = String::new();
    let _ = writeln!(
        out,
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" font-family="system-ui, sans-serif" font-size="12">
<defs>
<marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#667"/></marker>
<marker id="hot" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#c2281d"/></marker>
</defs>
<rect width="{width}" height="{height}" fill="#fff"/>
<text x="{EDGE}" y="26" font-size="18" font-weight="600">{}</text>
<text x="{EDGE}" y="46" fill="#555">{}</text>"##,
        escaped(&spec.entity),
        escaped(caption)
    );
    let at = |state: &Text| {
        let (column, row) = places.get(state).copied().unwrap_or_default();
        (EDGE + column * ACROSS, HEAD + EDGE + row * DOWN)
    };
    for ((from, to), names) in &arrows {
        if from != to {
            arrow(&mut out, at(from), at(to), names, &walked.numbers(from, to));
        }
    }
    for state in &spec.states {
        let (x, y) = at(state);
        let is_walked = walked.states.contains(state);
        let (fill, line) = if is_walked { ("#fdecea", "#c2281d") } else { ("#f4f6fb", "#667") };
        let dashes = if spec.terminal.contains(state) { r#" stroke-width="3""# } else { "" };
        let _ = writeln!(
            out,
            r##"<rect x="{x}" y="{y}" width="{WIDE}" height="{HIGH}" rx="8" fill="{fill}" stroke="{line}"{dashes}/><text x="{}" y="{}" text-anchor="middle" font-weight="600">{}</text>"##,
            x + WIDE / 2,
            y + 25,
            escaped(state)
        );
        if *state == spec.initial {
            let _ = writeln!(out, r##"<circle cx="{x}" cy="{}" r="6" fill="#333"/>"##, y + HIGH / 2);
        }
        if let Some(loops) = arrows.get(&(state.clone(), state.clone())) {
            for (nth, name) in loops.iter().enumerate() {
                labels(
                    &mut out,
                    x + 4,
                    y + HIGH + 15 + nth * 14,
                    "start",
                    &format!("\u{21ba} {name}"),
                    &walked.of(state, state, name),
                );
            }
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Columns and rows of states.
fn places(spec: &Spec, table: &Table) -> BTreeMap<Text, (usize, usize)> {
    let mut depth: BTreeMap<&Text, usize> = BTreeMap::from([(&spec.initial, 0)]);
    let mut open = VecDeque::from([&spec.initial]);
    let arrows = arrows(spec, table);
    while let Some(state) = open.pop_front() {
        let next = depth[state] + 1;
        for (from, to) in arrows.keys() {
            if from == state && !depth.contains_key(to) {
                let to = spec.states.iter().find(|it| *it == to).unwrap_or(state);
                depth.insert(to, next);
                open.push_back(to);
            }
        }
    }
    let beyond = depth.values().max().copied().unwrap_or(0) + 1;
    let mut rows: BTreeMap<usize, usize> = BTreeMap::new();
    let place = |state: &Text| {
        let column = depth.get(state).copied().unwrap_or(beyond);
        let row = rows.entry(column).or_default();
        *row += 1;
        (state.clone(), (column, *row - 1))
    };
    spec.states.iter().map(place).collect()
}

/// By states, the actions that lead from one to the other.
fn arrows(spec: &Spec, table: &Table) -> BTreeMap<(Text, Text), Vec<Text>> {
    let mut arrows: BTreeMap<(Text, Text), Vec<Text>> = BTreeMap::new();
    for (index, action) in spec.actions.iter().enumerate().filter(|(_, it)| it.mode != Mode::Output) {
        for (status, from) in spec.states.iter().enumerate().filter(|(status, _)| table.leads_from(index, *status)) {
            debug_assert_eq!(table.status(from), Some(status));
            let to = action.to.clone().unwrap_or_else(|| from.clone());
            arrows.entry((from.clone(), to)).or_default().push(action.name.clone());
        }
    }
    arrows
}

/// What a run goes through.
#[derive(Default)]
struct Walked {
    states: BTreeSet<Text>,
    /// From, to, action, and the number of the step.
    steps: Vec<(Text, Text, Text, usize)>,
}

impl Walked {
    fn numbers(&self, from: &Text, to: &Text) -> Vec<(Text, usize)> {
        let between = self.steps.iter().filter(|(start, end, ..)| start == from && end == to);
        between.map(|(_, _, name, nth)| (name.clone(), *nth)).collect()
    }

    fn of(&self, from: &Text, to: &Text, name: &Text) -> Vec<usize> {
        self.numbers(from, to).into_iter().filter(|(it, _)| it == name).map(|(_, nth)| nth).collect()
    }
}

fn walked(spec: &Spec, id: &Text, trace: &Trace) -> Walked {
    let mut walked = Walked::default();
    let status = |entities: &[crate::Entity]| {
        entities.iter().find(|it| it.entity == spec.entity && it.id == *id).map(|it| it.status.clone())
    };
    let mut before = status(&trace.first);
    walked.states.extend(before.clone());
    for (nth, mark) in trace.marks.iter().enumerate() {
        let after = status(&mark.after);
        if let (Some(from), Some(to)) = (&before, &after)
            && mark.taken.id == *id
        {
            walked.steps.push((from.clone(), to.clone(), mark.taken.action.clone(), nth + 1));
        }
        walked.states.extend(after.clone());
        before = after;
    }
    walked
}

fn arrow(out: &mut String, from: (usize, usize), to: (usize, usize), names: &[Text], hot: &[(Text, usize)]) {
    let middle = |(x, y): (usize, usize)| (x + WIDE / 2, y + HIGH / 2);
    let ((ax, ay), (bx, by)) = (middle(from), middle(to));
    let (line, tip, thick) = if hot.is_empty() { ("#99a", "tip", "1.2") } else { ("#c2281d", "hot", "2.4") };
    // Ahead from side to side, back below, within a column by the left.
    let (path, lx, ly) = if bx > ax {
        let (x1, x2) = (from.0 + WIDE, to.0);
        let bend = (x2 - x1) / 2;
        let lift = if x2 - x1 > ACROSS { 46 } else { 0 };
        let (c1, c2) = (x1 + bend, x2 - bend);
        (
            format!("M{x1} {ay}C{c1} {} {c2} {} {x2} {by}", ay.saturating_sub(lift), by.saturating_sub(lift)),
            usize::midpoint(x1, x2),
            usize::midpoint(ay, by).saturating_sub(4 + lift * 3 / 4),
        )
    } else if bx < ax {
        let (y1, y2) = (from.1 + HIGH, to.1 + HIGH);
        let low = y1.max(y2) + 58;
        (format!("M{ax} {y1}C{ax} {low} {bx} {low} {bx} {y2}"), usize::midpoint(ax, bx), low - 12)
    } else {
        let (y1, y2) = if by > ay { (from.1 + HIGH, to.1) } else { (from.1, to.1 + HIGH) };
        let x = if by > ay { ax + 40 } else { ax.saturating_sub(40) };
        (format!("M{x} {y1}L{x} {y2}"), x + 6, usize::midpoint(y1, y2) + 4)
    };
    let _ = writeln!(out, r#"<path d="{path}" fill="none" stroke="{line}" stroke-width="{thick}" marker-end="url(#{tip})"/>"#);
    let anchor = if bx == ax { "start" } else { "middle" };
    for (nth, name) in names.iter().enumerate() {
        let steps: Vec<usize> = hot.iter().filter(|(it, _)| it == name).map(|(_, step)| *step).collect();
        let y = (ly + 14 * nth).saturating_sub(if bx > ax { 14 * (names.len() - 1) } else { 0 });
        labels(out, lx, y, anchor, name, &steps);
    }
}

fn labels(out: &mut String, x: usize, y: usize, anchor: &str, name: &str, steps: &[usize]) {
    let (colour, numbers) = match steps {
        [] => ("#445", String::new()),
        steps => ("#c2281d", format!("{}. ", steps.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))),
    };
    let weight = if steps.is_empty() { "" } else { r#" font-weight="600""# };
    let _ = writeln!(
        out,
        r##"<text x="{x}" y="{y}" text-anchor="{anchor}" fill="{colour}"{weight} stroke="#fff" stroke-width="3" paint-order="stroke">{numbers}{}</text>"##,
        escaped(name)
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
