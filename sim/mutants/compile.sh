#!/usr/bin/env bash
# Does each planted bug still compile?   sim/mutants/compile.sh [PATCH...]
#
# That a patch applies says little: code around it moves on. Each is applied to a copy of what git knows, and the crates that it changes
# are checked there. Builds below target/planted, or where CARGO_TARGET_DIR says.
set -euo pipefail
cd "$(dirname "$0")/../.."
export RUSTFLAGS="-A warnings"
CARGO_TARGET_DIR=$(realpath -m "${CARGO_TARGET_DIR:-target}/planted")
export CARGO_TARGET_DIR CARGO_INCREMENTAL=1
work="$CARGO_TARGET_DIR/work"
export GIT_CEILING_DIRECTORIES="$CARGO_TARGET_DIR"
[ $# -gt 0 ] || set -- sim/mutants/*/*.patch
rm -rf "$work"
mkdir -p "$work"
git ls-files -z | xargs -0 cp --parents -t "$work"

# The crate that a file is of.
crate() {
    local folder
    folder=$(dirname "$1")
    while [ ! -f "$folder/Cargo.toml" ]; do folder=$(dirname "$folder"); done
    sed -n 's/^name = "\(.*\)"/\1/p' "$folder/Cargo.toml" | head -1
}

wrong=0
for patch in "$@"; do
    crates=$(sed -n 's:^+++ b/::p' "$patch" | while read -r file; do crate "$file"; done | sort -u | sed 's/^/-p /')
    path=$(realpath "$patch")
    # shellcheck disable=SC2086 # one option for each crate
    if ! (cd "$work" && git apply --whitespace=nowarn "$path" && cargo check --quiet $crates); then
        echo "error: $patch does not compile" >&2
        wrong=1
    fi
    git ls-files -z $(sed -n 's:^+++ b/::p' "$patch") | xargs -0 -r cp --parents -t "$work"
done
echo "$# planted bugs, $([ $wrong = 0 ] && echo "all compile" || echo "not all compile")"
exit $wrong
