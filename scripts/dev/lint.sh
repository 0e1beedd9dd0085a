# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev lint [--tidy [MODULE...]]
#
# The house rules (scripts/lint): includes go down only, CMake links what the layers allow, detail/ is
# private, spawning stays in async/ and clocks and chance in base/ and async/, nobody swallows what it
# caught, every module has its page, every file its licence; and clang-format. A list of findings, then
# their number. Exceptions, with their reasons: scripts/lint/allow.txt.
#
#   --tidy   clang-tidy as well (.clang-tidy), over the named modules or over all, which takes a while
source scripts/dev/lib/common.sh
help_if_asked "$@"

need lint
failed=0
python3 scripts/lint/run.py || failed=1

if [[ "${1:-}" == --tidy ]]; then
    shift
    folders=(src cmd)
    if (($# > 0)); then
        folders=("${@/#/src/}")
    fi
    need build
    configure release
    found="$(git ls-files -z --cached --others --exclude-standard -- "${folders[@]}" |
        { grep -zE '\.cpp$' || true; } | { grep -zvE '_test\.cpp$|/bench/' || true; } |
        xargs -0 -r -n 1 -P "$(nproc)" clang-tidy-14 -p build/release --quiet --extra-arg=-Wno-unknown-warning-option 2> /dev/null |
        grep -E '(error|warning): ' | sort -u || true)"
    if [[ -n "$found" ]]; then
        echo "${found//$PWD\//}"
        echo "tidy: $(wc -l <<< "$found") findings"
        failed=1
    else
        echo "tidy: no findings"
    fi
fi
exit "$failed"
