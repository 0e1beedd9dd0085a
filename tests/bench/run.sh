# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# Called by `./dev bench`, which has built what it runs.
set -euo pipefail
exec python3 "$(dirname "$0")/bench.py" "$@"
