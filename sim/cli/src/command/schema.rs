//! `antfarm schema`: what editors need to complete and check files, made from the same tables as the parser.

use crate::args::{File, Schema};
use crate::bad_input::BadInput;
use crate::console::say;
use crate::exit::Exit;
use antfarm_sim::scenario::{Registry, schema};

pub(crate) fn run(registry: &Registry, args: &Schema) -> Result<Exit, BadInput> {
    match args.kind {
        File::Scenario => say(format_args!("{:#}", schema(registry))),
        File::Spec => say(format_args!("{:#}", antfarm_specs::schema())),
    }
    Ok(Exit::Held)
}
