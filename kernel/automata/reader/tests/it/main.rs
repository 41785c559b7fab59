//! Files: those that we ship, those that are meant to be refuted, and those that must not be read.

mod entities;
mod explore;
mod legacy;
mod readme;
mod round;
mod shipped;
mod strict;
mod temper;
