//! The contract of `Storage` on real files and over power cuts, and what real folders do besides.

mod conformance;
mod folder;
mod place;
mod power;
mod seeds;
