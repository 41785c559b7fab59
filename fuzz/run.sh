#!/usr/bin/env bash
# Fuzzes one target:               fuzz/run.sh TARGET SECONDS [libFuzzer's own options]
# Runs it once on each file:       fuzz/run.sh TARGET FILE...
#
# Builds on a stable toolchain; needs a C++ compiler, for libFuzzer. Begins with the committed corpus, which it leaves alone:
# what is new goes to fuzz/.artifacts/TARGET/found, what breaks a guarantee to fuzz/.artifacts/TARGET/crash-*.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -lt 2 ] || [ ! -f "$here/libfuzzer/src/bin/$1.rs" ]; then
    echo "usage: fuzz/run.sh codec|config|control|frames|handshake|ledger|manifest|predicate|recording|scenario|spec|world SECONDS|FILE... [libFuzzer's options]" >&2
    exit 2
fi
target=$1
shift

# Coverage as libFuzzer reads it: a counter for each edge, and what comparisons compared. A build with --target, even for
# this very machine, keeps these flags away from build scripts.
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table"
coverage="$coverage -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1"
host=$(rustc -vV | sed -n 's/^host: //p')
build="${CARGO_TARGET_DIR:-$here/libfuzzer/target}"
RUSTFLAGS="--cfg fuzzing $coverage" CARGO_TARGET_DIR="$build" \
    cargo build --quiet --release --target "$host" --manifest-path "$here/libfuzzer/Cargo.toml" --bin "$target"

run="$build/$host/release/$target"
if [ -f "$1" ]; then
    exec "$run" "$@"
fi
seconds=$1
shift
out="$here/.artifacts/$target"
mkdir -p "$out/found"
exec "$run" -max_total_time="$seconds" -max_len=4000 -timeout=10 -rss_limit_mb=2048 \
    -artifact_prefix="$out/" -print_final_stats=1 "$@" "$out/found" "$here/corpus/$target"
