//! The contract of `Storage` on real files and over power cuts, and what real folders do besides.

mod conformance;
mod faults;
mod folder;
mod keeper;
mod node;
mod place;
mod power;
mod process;
mod seeds;
