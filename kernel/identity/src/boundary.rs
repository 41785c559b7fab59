//! Encodings of the boundary's own types, so that what machines ask and are told can be recorded.
//!
//! They are written out by hand because `antfarm-machine` has no dependencies; a test holds them equal to what the derive
//! would write.

use crate::{Codec, Malformed, Reader, Reason};
use alloc::vec::Vec;
use antfarm_machine::{Entry, Mono, Now, Object, Operation, Outcome, PeerId, Ppm, Receipt, Request, Span, Ticket, Wall};

macro_rules! wrappers {
    ($($name:ident($inner:ty) $wrap:expr, $unwrap:expr;)*) => {$(
        impl Codec for $name {
            const KINDS: &'static [&'static str] = &[stringify!($name)];
            const SHORTEST: usize = <$inner>::SHORTEST;
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                $unwrap(*self).encode(out);
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                <$inner>::decode(input).map($wrap)
            }
        }
    )*};
}

wrappers! {
    PeerId(u32) Self::new, Self::number;
    Span(u64) Self::from_nanos, Self::as_nanos;
    Mono(u64) Self::from_nanos, Self::as_nanos;
    Wall(u64) Self::from_nanos, Self::as_nanos;
    Ppm(i32) Self, |ppm: Self| ppm.0;
    Ticket(u64) Self, |ticket: Self| ticket.0;
}

macro_rules! records {
    ($($name:ident { $($field:ident: $type:ty),* })*) => {$(
        impl Codec for $name {
            const KINDS: &'static [&'static str] = &[stringify!($name)];
            const SHORTEST: usize = 0 $(+ <$type>::SHORTEST)*;
            #[inline]
            fn encode(&self, out: &mut Vec<u8>) {
                $(self.$field.encode(out);)*
            }
            #[inline]
            fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
                Ok(Self { $($field: Codec::decode(input)?),* })
            }
        }
    )*};
}

records! {
    Now { mono: Mono, wall: Wall }
    Request { ticket: Ticket, operation: Operation }
    Receipt { ticket: Ticket, outcome: Outcome }
    Entry { object: Object, length: u64 }
}

/// As text.
impl Codec for Object {
    const KINDS: &'static [&'static str] = &["Object"];
    const SHORTEST: usize = 5;
    #[inline]
    fn encode(&self, out: &mut Vec<u8>) {
        let name = self.name().as_bytes();
        u32::try_from(name.len()).expect("a name has at most 64 bytes").encode(out);
        out.extend_from_slice(name);
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        let offset = input.offset();
        Self::new(input.text()?).map_err(|_| Malformed { offset, reason: Reason::Illegal { what: "Object" } })
    }
}

impl Codec for Operation {
    const KINDS: &'static [&'static str] = &["List", "Read", "AppendAt", "Truncate", "Remove"];
    const SHORTEST: usize = 1;
    fn kind(&self) -> u16 {
        match self {
            Self::List => 0,
            Self::Read { .. } => 1,
            Self::AppendAt { .. } => 2,
            Self::Truncate { .. } => 3,
            Self::Remove { .. } => 4,
        }
    }
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::List => out.push(0),
            Self::Read { object, range } => {
                out.push(1);
                object.encode(out);
                range.encode(out);
            }
            Self::AppendAt { object, expected_end, bytes } => {
                out.push(2);
                object.encode(out);
                expected_end.encode(out);
                bytes.encode(out);
            }
            Self::Truncate { object, length } => {
                out.push(3);
                object.encode(out);
                length.encode(out);
            }
            Self::Remove { object } => {
                out.push(4);
                object.encode(out);
            }
        }
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag(5)? {
            0 => Self::List,
            1 => Self::Read { object: Codec::decode(input)?, range: Codec::decode(input)? },
            2 => Self::AppendAt {
                object: Codec::decode(input)?,
                expected_end: Codec::decode(input)?,
                bytes: Codec::decode(input)?,
            },
            3 => Self::Truncate { object: Codec::decode(input)?, length: Codec::decode(input)? },
            _ => Self::Remove { object: Codec::decode(input)? },
        })
    }
}

impl Codec for Outcome {
    const KINDS: &'static [&'static str] = &["Done", "Data", "Listed", "Conflict", "Full", "Failed"];
    const SHORTEST: usize = 1;
    fn kind(&self) -> u16 {
        match self {
            Self::Done => 0,
            Self::Data(_) => 1,
            Self::Listed(_) => 2,
            Self::Conflict { .. } => 3,
            Self::Full => 4,
            Self::Failed => 5,
        }
    }
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Done => out.push(0),
            Self::Data(bytes) => {
                out.push(1);
                bytes.encode(out);
            }
            Self::Listed(entries) => {
                out.push(2);
                entries.encode(out);
            }
            Self::Conflict { end } => {
                out.push(3);
                end.encode(out);
            }
            Self::Full => out.push(4),
            Self::Failed => out.push(5),
        }
    }
    fn decode(input: &mut Reader<'_>) -> Result<Self, Malformed> {
        Ok(match input.tag(6)? {
            0 => Self::Done,
            1 => Self::Data(Codec::decode(input)?),
            2 => Self::Listed(Codec::decode(input)?),
            3 => Self::Conflict { end: Codec::decode(input)? },
            4 => Self::Full,
            _ => Self::Failed,
        })
    }
}
