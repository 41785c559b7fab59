//! The colony in the simulator.

mod builder;
