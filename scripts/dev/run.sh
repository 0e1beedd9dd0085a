# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev run [ARGUMENT...]
#
# Builds, then starts `lockstep dev [ARGUMENT...]`: two members and a simulated ledger in one process.
# `./dev run -- --help` shows its flags.
source scripts/dev/lib/common.sh
help_if_asked "$@"
if [[ "${1:-}" == -- ]]; then
    shift
fi

need build
build release lockstep
exec build/release/lockstep dev "$@"
