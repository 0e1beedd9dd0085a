# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# What the bash commands share. Sourced from the root of the clone.
set -euo pipefail

die() {
    echo "dev: $*" >&2
    exit 1
}

# Prints the comment at the head of the calling script when the first argument asks for help.
help_if_asked() {
    case "${1:-}" in
        -h | --help)
            awk 'NR > 3 && !/^#/ { exit } NR > 3 { sub(/^# ?/, ""); print }' "$0"
            exit 0
            ;;
    esac
}

# need KIND...: installs what these kinds of work need, silently when nothing is missing.
need() {
    local kind arguments=()
    for kind in "$@"; do
        arguments+=(--with "$kind")
    done
    bash scripts/dev/setup.sh --quiet "${arguments[@]}"
}

# build PRESET TARGET...: one builder at a time in each build directory.
build() {
    mkdir -p build
    flock --close "build/.$1.lock" bash scripts/dev/lib/ninja.sh "$@"
}

# configure PRESET: only what an editor or clang-tidy needs.
configure() {
    build "$1"
}
