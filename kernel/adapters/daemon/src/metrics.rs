//! What files count, as text for Prometheus (text format 0.0.4).

use antfarm_files::Counts;
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
        writeln!(text, "antfarm_files_{name}_total {value}").unwrap_or_default();
    }
    text
}
