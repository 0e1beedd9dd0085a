#!/usr/bin/env bash
# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# tests/fuzz/run.sh [SECONDS] [TARGET...]
#
# Runs each fuzz target (or those that are named) for SECONDS, beginning with the seeds in
# corpus/<target>/. What is found along the way stays in the build folder; what crashes a target is kept
# in findings/ there and ends the run with 1. LOCKSTEP_FUZZ_SECONDS and LOCKSTEP_BUILD stand in for
# SECONDS (60) and for the build folder (build/fuzz).
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
build="${LOCKSTEP_BUILD:-$here/../../build/fuzz}"
seconds="${LOCKSTEP_FUZZ_SECONDS:-60}"
if [[ "${1:-}" =~ ^[0-9]+$ ]]; then
    seconds="$1"
    shift
fi

targets=("$@")
if ((${#targets[@]} == 0)); then
    for seeds in "$here"/corpus/*/; do
        targets+=("$(basename "$seeds")")
    done
fi

failed=()
for target in "${targets[@]}"; do
    binary="$build/fuzz_$target"
    [[ -x "$binary" ]] || { echo "run.sh: no $binary; build it with the preset fuzz" >&2; exit 2; }
    work="$build/corpus/$target"
    mkdir -p "$work" "$build/findings"
    echo "fuzz $target, $seconds s"
    "$binary" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
        -artifact_prefix="$build/findings/$target-" "$work" "$here/corpus/$target" || failed+=("$target")
done

if ((${#failed[@]})); then
    echo "failed: ${failed[*]}; what made them fail is in $build/findings" >&2
    exit 1
fi
