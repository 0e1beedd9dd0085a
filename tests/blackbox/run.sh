#!/usr/bin/env bash
# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# Runs the conformance tests against build/release/lockstep (or $LOCKSTEP) and ends with a plain line
# "N passed, M failed". Arguments are test files; none means all. LOCKSTEP_NODE is the Node that runs them:
# the one in the path, unless something else is said. With --install it only installs what the tests import.
set -uo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
stamp=node_modules/.installed
if [[ ! -f $stamp || package-lock.json -nt $stamp ]]; then
    npm ci --no-audit --no-fund --silent || exit 1
    touch "$stamp"
fi
[[ ${1:-} != --install ]] || exit 0
export LOCKSTEP_RESULTS="$PWD/results.jsonl"
[[ $# -gt 0 ]] || rm -f "$LOCKSTEP_RESULTS"
files=("$@")
[[ ${#files[@]} -gt 0 ]] || files=(tests/*.test.mjs)
log=$(mktemp)
"${LOCKSTEP_NODE:-node}" --test --test-reporter=tap "${files[@]}" > "$log" 2>&1
status=$?
# Each failure with what TAP says of it, up to its own "..."; a program that ended otherwise, with its last lines.
awk '/^ *not ok /{keep=1; end=$0; sub(/not ok .*/, "  ...", end)} keep; $0==end{keep=0}' "$log"
if [[ $status -ne 0 ]] && ! grep -qE '^\s*not ok ' "$log"; then tail -n 100 "$log"; fi
passed=$(sed -n 's/^# pass //p' "$log")
failed=$(sed -n 's/^# fail //p' "$log")
rm -f "$log"
echo "${passed:-0} passed, ${failed:-1} failed"
[[ ${failed:-1} == 0 ]]
