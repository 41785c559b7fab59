#!/usr/bin/env bash
# netns.sh [KILLS] [CUTS]: three daemons in network namespaces of their own, killed and cut off from each other as often as said.
# Needs `ip`, `tc` and user namespaces; no root.
set -euo pipefail
cd "$(dirname "$0")"
cargo nextest run -p antfarm-daemon --no-run
exec unshare --user --map-root-user --net --mount sh -c '
    mount -t tmpfs none /run && ip link set lo up
    ANTFARM_NETNS=1 ANTFARM_KILLS=$1 ANTFARM_CUTS=$2 exec cargo nextest run -p antfarm-daemon --offline --no-capture -E "test(killed_and_cut_off)"
' sh "${1:-300}" "${2:-50}"
