//! Files of specified state machines, `*.ioa.toml`, to checked tables.
//!
//! The grammar is written down in `specs/README.md`. What Temper's newest grammar says is read as it is, and what its older ones wrote
//! is lowered to it. An unknown table, key, variable, state or action, and a malformed guard, is an error with file, line, column (also
//! within a string) and the nearest name that would be right. What is allowed and seldom meant is a warning, and with
//! [`Read::strictly`] an error, too.
//!
//! ```
//! let read = antfarm_automata_reader::read("door.ioa.toml", r#"
//!     [automaton]
//!     name = "Door"
//!     states = ["Open", "Shut"]
//!     initial = "Shut"
//!     allow_indefinite_states = ["Open", "Shut"]
//!
//!     [[action]]
//!     name = "Knock"
//!     from = ["Shut"]
//!     guard = "status == 'Shutt'"
//! "#);
//! assert_eq!(read.unwrap_err().to_string(), "door.ioa.toml:11:24: unknown state `Shutt`; did you mean `Shut`?");
//! ```

#![deny(clippy::float_arithmetic, clippy::disallowed_types, clippy::disallowed_methods, clippy::unwrap_used)]

mod action;
mod automaton;
mod legacy;
mod outside;
mod place;
mod reading;
mod status;
mod trigger;
mod variable;

use antfarm_automata::entities::Suite;
use antfarm_automata::{Fault, Noticed, Sites, Table};
use antfarm_strict::{Complaint, Found, Trouble, Troubles, nearest};
use reading::Reading;

/// A file that was read.
pub struct Read {
    /// What it says.
    pub table: Table,
    /// What is allowed and seldom meant.
    pub warnings: Vec<Trouble>,
    reading: Reading,
}

impl std::fmt::Debug for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Read").field("table", &self.table).field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

impl Read {
    /// The table, if there is nothing to warn of.
    ///
    /// # Errors
    ///
    /// The warnings.
    pub fn strictly(self) -> Result<Table, Troubles> {
        let mut found = Found::default();
        self.warnings.into_iter().for_each(|warning| found.push(warning));
        found.or(Some(self.table))
    }

    /// A fault of the table that was found later, as a trouble of the file.
    pub fn trouble(&self, fault: &Fault) -> Trouble {
        self.reading.trouble(fault)
    }

    /// Where the expressions of the table stand.
    pub fn sites(&self) -> &Sites {
        &self.reading.sites
    }
}

/// Reads a file. `file` is what messages call it.
///
/// # Errors
///
/// All that is wrong with it, up to twenty troubles.
pub fn read(file: &str, text: &str) -> Result<Read, Troubles> {
    let (mut reading, spec) = automaton::read(file, text)?;
    let declared: Vec<String> = spec.variables.iter().map(|it| it.name.to_string()).collect();
    // What could not be read leaves holes; what is missing in them would only be said twice.
    std::mem::take(&mut reading.found).or(Some(()))?;
    let (table, notices) = match Table::new(spec, &reading.sites) {
        Ok(checked) => checked,
        Err(faults) => {
            let mut found = Found::default();
            faults.iter().take(20).for_each(|fault| found.push(reading.trouble(fault)));
            return Err(found.or(None::<()>).expect_err("something was found"));
        }
    };
    for notice in notices {
        let place = reading.place(notice.site, notice.at);
        match &notice.what {
            // A property that almost has the name of a variable is that variable, misspelt.
            Noticed::Implied(name) if nearest(name, declared.iter().map(String::as_str)).is_some() => {
                let (name, known) = (name.to_string(), declared.clone().into());
                reading.complain(&place, Complaint::Name { of: "variable", name, known });
            }
            Noticed::Implied(_) | Noticed::Lasts(_) => reading.warn(&place, notice.what.to_string()),
        }
    }
    let table = std::mem::take(&mut reading.found).or(Some(table))?;
    let warnings = std::mem::take(&mut reading.warnings);
    Ok(Read { table, warnings, reading })
}

/// Reads files that know of each other: what one says of another's type is checked, too.
///
/// # Errors
///
/// All that is wrong with any of them.
pub fn read_together(files: &[(&str, &str)]) -> Result<Vec<Read>, Troubles> {
    let (mut reads, mut found) = (Vec::<Read>::new(), Found::default());
    for (file, text) in files {
        match read(file, text) {
            Ok(read) => {
                let name = &read.table.spec().entity;
                if reads.iter().any(|it| it.table.spec().entity == *name) {
                    let complaint = Complaint::Twice { name: name.to_string() };
                    found.push(read.reading.source.trouble(&read.reading.place(antfarm_automata::Site::Automaton, 0), complaint));
                }
                reads.push(read);
            }
            Err(troubles) => troubles.iter().for_each(|trouble| found.push(trouble.clone())),
        }
    }
    let tables: Vec<&Table> = reads.iter().map(|it| &it.table).collect();
    for read in &reads {
        let faults = read.table.beside(&tables, read.sites());
        faults.iter().take(20).for_each(|fault| found.push(read.trouble(fault)));
    }
    found.or(Some(reads))
}

/// Reads files into one suite: what each says, what they say of each other, and that what they set going at each other fits. With it
/// the warnings.
///
/// # Errors
///
/// All that is wrong with any of them.
pub fn suite(files: &[(&str, &str)]) -> Result<(Suite, Vec<Trouble>), Troubles> {
    let reads = read_together(files)?;
    let tables = reads.iter().map(|it| it.table.clone()).collect();
    match Suite::new(tables) {
        Ok(suite) => Ok((suite, reads.into_iter().flat_map(|it| it.warnings).collect())),
        Err(misfits) => {
            let mut found = Found::default();
            misfits.iter().take(20).for_each(|it| found.push(reads[it.table].trouble(&it.fault)));
            Err(found.or(None::<()>).expect_err("something was found"))
        }
    }
}
