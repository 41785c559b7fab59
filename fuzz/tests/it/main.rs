//! What fuzzers found, and might have found, without a fuzzer.

mod corpus;
mod mutations;
