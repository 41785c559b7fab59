//! What a recording is of.

use alloc::string::String;
use alloc::vec::Vec;
use antfarm_identity::{Codec, Malformed, Reader, Reason};

/// The number of the format that is written and read.
pub const FORMAT: u32 = 2;

/// The beginning of a recording.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Header {
    /// The name of the machine's kind, by which a tool knows how to read the rest.
    pub machine: String,
    /// Whatever is needed to make the machine as it was configured; no secrets. What it means is between host and tool.
    pub setup: Vec<u8>,
}

impl Codec for Header {
    const KINDS: &'static [&'static str] = &["Header"];
    const SHORTEST: usize = 12;

    fn encode(&self, out: &mut Vec<u8>) {
        FORMAT.encode(out);
        self.machine.encode(out);
        self.setup.encode(out);
    }

    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let unknown = input.malformed(Reason::Illegal { what: "number of a format of recordings" });
        if u32::decode(input)? != FORMAT {
            return Err(unknown);
        }
        Ok(Self { machine: Codec::decode(input)?, setup: Codec::decode(input)? })
    }
}
