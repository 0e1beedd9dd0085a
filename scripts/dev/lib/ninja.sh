# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ninja.sh PRESET [TARGET...]: configures when it must, then builds the targets, if any. The caller holds
# the lock of the build directory. LOCKSTEP_JOBS limits the compilers at work; LOCKSTEP_QUIET and
# LOCKSTEP_KEEP_GOING say how to do it.
set -euo pipefail
preset="$1"
shift
directory="build/$preset"

configure() {
    local log="build/.$preset.configure.log"
    if ! cmake --preset "$preset" > "$log" 2>&1; then
        cat "$log" >&2
        exit 1
    fi
    # Marks the presets as seen: ninja notices changed CMake files by itself, but not changed presets.
    touch "$directory/build.ninja"
}

has() {
    ninja -C "$directory" -t query "$1" > /dev/null 2>&1
}

if [[ ! -f "$directory/build.ninja" || CMakePresets.json -nt "$directory/build.ninja" ]]; then
    configure
fi
for target in "$@"; do
    has "$target" || configure # a new folder may bring it
    if ! has "$target"; then
        echo "dev: preset $preset has no target '$target'" >&2
        exit 2
    fi
done
if (($# == 0)); then
    exec ninja -C "$directory" --quiet build.ninja
fi
flags=(-C "$directory" -j "${LOCKSTEP_JOBS:-$(nproc)}")
if [[ -n "${LOCKSTEP_KEEP_GOING:-}" ]]; then
    flags+=(-k 0)
fi
if [[ -n "${LOCKSTEP_QUIET:-}" ]]; then
    # CMake may speak when ninja calls it.
    ninja "${flags[@]}" --quiet "$@" | { grep -vE '^-- |^ninja: no work to do' || true; }
    exit
fi
exec ninja "${flags[@]}" "$@"
