# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev bench [NAME] [ARGUMENT...]
#
# Builds the release binary and the benchmarks, and runs tests/bench/run.sh with the arguments. The
# script finds the binary in LOCKSTEP and the built benchmarks in LOCKSTEP_BUILD.
source scripts/dev/lib/common.sh
help_if_asked "$@"
[[ -f tests/bench/run.sh ]] || die "there is no tests/bench/run.sh"

need build test
targets=(lockstep)
if [[ -f tests/bench/CMakeLists.txt ]]; then
    targets+=(bench_targets)
fi
build release "${targets[@]}"
export LOCKSTEP="$PWD/build/release/lockstep" LOCKSTEP_BUILD="$PWD/build/release"
exec bash tests/bench/run.sh "$@"
