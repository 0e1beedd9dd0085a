# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev fmt [--check] [FILE|FOLDER...]
#
# Formats C++ in place: all of src, cmd and tests, or only what is named. With --check it changes nothing
# and fails when it would.
source scripts/dev/lib/common.sh
help_if_asked "$@"

mode=(-i)
if [[ "${1:-}" == --check ]]; then
    mode=(--dry-run -Werror)
    shift
fi
if (($# == 0)); then
    set -- src cmd tests
fi

need lint
git ls-files -z --cached --others --exclude-standard -- "$@" |
    { grep -zE '\.(hpp|cpp)$' || true; } |
    while IFS= read -r -d '' file; do
        [[ ! -f "$file" ]] || printf '%s\0' "$file"
    done |
    xargs -0 -r -n 20 -P "$(nproc)" clang-format-14 "${mode[@]}"
