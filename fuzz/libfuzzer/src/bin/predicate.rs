//! Target `predicate` under libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    antfarm_fuzz::predicate(bytes);
});
