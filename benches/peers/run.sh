#!/usr/bin/env bash
# Builds every peer in release and prints a table of medians.
#
#   benches/peers/run.sh [COMMAND...]
#
# Each COMMAND is a further benchmark (ours) that joins the table: a program and its arguments, split at spaces, whose output
# is one JSON line for each measured work (see README.md). RUNS=n sets how often each is run (default 5). CARGO_TARGET_DIR is
# respected; JOBS=n limits the compiler.
set -euo pipefail

# A relative COMMAND means: relative to where the user stands. So nothing here changes directory for good.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${CARGO_TARGET_DIR:-$here/target}
mkdir -p "$target"
target=$(cd "$target" && pwd)
runs=${RUNS:-5}
jobs=(${JOBS:+-j "$JOBS"})
build() { cargo build --release --locked --quiet "${jobs[@]}" --manifest-path "$@"; }

CARGO_TARGET_DIR=$target build "$here/Cargo.toml" --workspace --exclude peer-madsim

# The flag changes madsim itself and whatever it depends on, so these builds share nothing with the others.
CARGO_TARGET_DIR=$target/cfg-madsim RUSTFLAGS="${RUSTFLAGS:-} --cfg madsim" build "$here/Cargo.toml" -p peer-madsim

# stateright's example is not in its library but in its package: copy what cargo fetched, build it with the package's own lock
# file and with the optimiser settings of the other peers. The empty table keeps it out of the workspace around it; its
# warnings are not ours to read.
manifest=$(cargo metadata --locked --format-version 1 --manifest-path "$here/Cargo.toml" |
    grep -o '"manifest_path":"[^"]*/stateright-[0-9.]*/Cargo.toml"' | head -n 1 | cut -d '"' -f 4)
[ -n "$manifest" ] || { echo "run.sh: cargo knows no source of stateright" >&2; exit 1; }
copy=$target/stateright-source
rm -rf "$copy"
cp -R "$(dirname "$manifest")" "$copy"
chmod -R u+w "$copy"
printf '\n[workspace]\n' >> "$copy/Cargo.toml"
CARGO_TARGET_DIR=$target/stateright CARGO_PROFILE_RELEASE_LTO=thin CARGO_PROFILE_RELEASE_CODEGEN_UNITS=4 \
    RUSTFLAGS="${RUSTFLAGS:-} --cap-lints=allow" build "$copy/Cargo.toml" --example paxos --example 2pc

commands=()
for work in "echo 10 10000" "echo 100 1000" "timers 1000 1000"; do
    commands+=("$target/cfg-madsim/release/peer-madsim $work")
    commands+=("$target/release/peer-moonpool $work")
    commands+=("$target/release/peer-turmoil $work")
done
# Ten times longer, for steady state. turmoil would take minutes for it: its cost grows with the square of the nodes.
commands+=("$target/cfg-madsim/release/peer-madsim echo 100 10000")
commands+=("$target/release/peer-moonpool echo 100 10000")
for order in bfs dfs; do
    commands+=("$target/release/peer-stateright $target/stateright/release/examples/paxos $order 3")
done
commands+=("$target/release/peer-stateright $target/stateright/release/examples/2pc 2pc 7")
commands+=("$@")

model=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo 2>/dev/null | head -n 1)
load=$(cut -d ' ' -f 1 /proc/loadavg 2>/dev/null || true)
echo "$(date -u +%F): ${model:-unknown processor}, $(getconf _NPROCESSORS_ONLN) cores, $(rustc -V | cut -d ' ' -f 1,2)," \
    "load before the runs ${load:-unknown}, medians of $runs runs"
echo
"$target/release/peer-report" "$runs" "${commands[@]}"
