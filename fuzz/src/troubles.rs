//! What must hold of troubles with a file that people write, whatever the file says.
//!
//! One to twenty, in the order of the file, each at a line and a column of it, and each printed without control characters.

use antfarm_strict::{Trouble, Troubles};

/// Panics when one of these does not hold. `file` is what the reader was told that it is called.
pub(crate) fn sound(troubles: &Troubles, file: &str, text: &str) {
    let all: Vec<&Trouble> = troubles.iter().collect();
    assert!((1..=20).contains(&all.len()), "{} troubles", all.len());
    assert!(all.is_sorted_by_key(|trouble| (trouble.line, trouble.column)), "troubles are in the order of the file");
    let lines: Vec<&str> = text.split('\n').collect();
    for trouble in &all {
        let line = trouble.line.checked_sub(1).and_then(|at| lines.get(at));
        let line = line.unwrap_or_else(|| panic!("line {} of {}: {trouble}", trouble.line, lines.len()));
        let column = trouble.column;
        assert!((1..=line.chars().count() + 1).contains(&column), "column {column} of `{line}`: {trouble}");
        let shown = format!("{trouble:#}");
        assert!(shown.starts_with(&format!("{file}:{}:{column}: ", trouble.line)), "{shown}");
        let strange = shown.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(strange, None, "a file writes to the terminal: {shown:?}");
        assert!(shown.chars().count() <= 8_192, "a file fills the terminal: {} characters", shown.chars().count());
    }
}
