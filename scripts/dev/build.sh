# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev build [--preset release|dev|tsan|fuzz] [TARGET...]
#
# Installs what the build needs, configures when it must, and builds. Without targets: the binary
# (build/release/lockstep), or what is tested in the preset.
#
#   --quiet        print only what fails
#   --keep-going   build what can be built after a failure
source scripts/dev/lib/common.sh
help_if_asked "$@"

preset=release
targets=()
while (($#)); do
    case "$1" in
        --preset) preset="${2:?dev: --preset needs a name}" && shift 2 ;;
        --preset=*) preset="${1#*=}" && shift ;;
        --quiet) export LOCKSTEP_QUIET=1 && shift ;;
        --keep-going) export LOCKSTEP_KEEP_GOING=1 && shift ;;
        -*) die "build does not know '$1'; see ./dev build --help" ;;
        *) targets+=("$1") && shift ;;
    esac
done

case "$preset" in
    release) default=lockstep ;;
    dev | tsan) default=unit_tests ;;
    fuzz) default=fuzz_targets ;;
    *) die "there is no preset '$preset'; CMakePresets.json has release, dev, tsan and fuzz" ;;
esac
if ((${#targets[@]} == 0)); then
    targets=("$default")
fi

need build
if [[ "$preset" == fuzz ]]; then
    need fuzz
fi
build "$preset" "${targets[@]}"
