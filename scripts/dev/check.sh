# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev check
#
# Lint, then every test: what the build server runs. It goes on after a failure and ends with one line,
# N passed, M failed, in which lint counts as one.
source scripts/dev/lib/common.sh
help_if_asked "$@"

need build
exec python3 scripts/dev/test.py --with-lint
