//! `#[derive(Codec)]`.
