//! What files and connections count, as text for Prometheus (text format 0.0.4).

use antfarm_files::Counts;
use antfarm_machine::PeerId;
use antfarm_network::Links;
use std::collections::BTreeMap;
use std::fmt::Write as _;

pub(crate) fn files(counts: &Counts) -> String {
    let mut text = String::new();
    let rows = [
        ("requests", counts.requests),
        ("appends", counts.appends),
        ("appended_bytes", counts.bytes),
        ("groups", counts.groups),
        ("syncs", counts.syncs),
        ("full", counts.full),
        ("failed", counts.failed),
    ];
    for (name, value) in rows {
        counter(&mut text, &format!("antfarm_files_{name}_total"), "", value);
    }
    text
}

pub(crate) fn links(links: &Links, names: &BTreeMap<PeerId, String>) -> String {
    let mut text = String::new();
    for (id, name) in names {
        let Some(counts) = links.peer(*id) else { continue };
        let label = format!("{{peer=\"{}\"}}", name.escape_default());
        let dropped = counts.dropped_overflow + counts.dropped_long + counts.dropped_broken;
        let rows = [
            ("dialled", counts.dialled),
            ("accepted", counts.accepted),
            ("sent", counts.sent),
            ("received", counts.received),
            ("dropped", dropped),
        ];
        for (what, value) in rows {
            counter(&mut text, &format!("antfarm_peer_{what}_total"), &label, value);
        }
    }
    for (why, times) in &links.counts().refused {
        let label = format!("{{why=\"{}\"}}", format!("{why:?}").escape_default());
        counter(&mut text, "antfarm_connections_refused_total", &label, *times);
    }
    text
}

fn counter(text: &mut String, name: &str, label: &str, value: u64) {
    writeln!(text, "{name}{label} {value}").unwrap_or_default();
}
