# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev docs
#
# Builds the release binary and writes docs/reference/: errors, metrics, command line and configuration, as
# `lockstep reference PAGE` prints them. A black-box test compares the committed pages with the binary.
source scripts/dev/lib/common.sh
help_if_asked "$@"
(($# == 0)) || die "docs takes no arguments; see ./dev docs --help"

need build
LOCKSTEP_QUIET=1 build release lockstep
mkdir -p docs/reference
for page in errors metrics cli config; do
    text="$(build/release/lockstep reference "$page")"
    echo "$text" > "docs/reference/$page.md"
done
