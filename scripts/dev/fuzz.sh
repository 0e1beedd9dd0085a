# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev fuzz [--seconds N] [TARGET...]
#
# Builds the fuzz targets with clang and runs tests/fuzz/run.sh with the targets (all when none is named),
# N seconds each (60). The script finds the seconds in LOCKSTEP_FUZZ_SECONDS and the targets in
# LOCKSTEP_BUILD.
source scripts/dev/lib/common.sh
help_if_asked "$@"
[[ -f tests/fuzz/run.sh ]] || die "there is no tests/fuzz/run.sh"

seconds=60
while (($#)); do
    case "$1" in
        --seconds) seconds="${2:?dev: --seconds needs a number}" && shift 2 ;;
        *) break ;;
    esac
done

need build fuzz
build fuzz fuzz_targets
export LOCKSTEP_FUZZ_SECONDS="$seconds" LOCKSTEP_BUILD="$PWD/build/fuzz"
exec bash tests/fuzz/run.sh "$@"
