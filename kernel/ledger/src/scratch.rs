//! Bytes on their way through, which debug output counts instead of printing.

use alloc::vec::Vec;
use core::fmt;
use core::ops::{Deref, DerefMut};

#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Scratch(pub(crate) Vec<u8>);

impl Deref for Scratch {
    type Target = Vec<u8>;
    fn deref(&self) -> &Vec<u8> {
        &self.0
    }
}

impl DerefMut for Scratch {
    fn deref_mut(&mut self) -> &mut Vec<u8> {
        &mut self.0
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}
