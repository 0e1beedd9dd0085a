# Copyright the Lockstep developers
# SPDX-License-Identifier: Apache-2.0
#
# ./dev setup [--with lint|fuzz|test|all]...
#
# Installs with apt-get what the build needs and is not there; nothing happens when all is there. The
# other commands call it for what they need.
#
#   --with lint   clang-format and clang-tidy
#   --with fuzz   clang and its runtime
#   --with test   Node 18 or newer; any such Node is kept
#   --quiet       say nothing unless something is installed; do nothing where there is no apt
source scripts/dev/lib/common.sh
help_if_asked "$@"

packages=(
    cmake ninja-build ccache mold g++ pkg-config python3
    libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev
    libsqlite3-dev libxxhash-dev libssl-dev libsecp256k1-dev libcrypto++-dev libre2-dev libzstd-dev
    libyaml-cpp-dev libcli11-dev libfmt-dev libspdlog-dev prometheus-cpp-dev
    libgtest-dev libgmock-dev libbenchmark-dev
)

node_is_new_enough() {
    local version
    version="$(node --version 2> /dev/null)" || return 1
    version="${version#v}"
    ((${version%%.*} >= 18))
}

with() {
    case "$1" in
        build) ;;
        lint) packages+=(clang-format-14 clang-tidy-14) ;;
        fuzz) packages+=(clang-14 libclang-rt-14-dev) ;;
        test) node_is_new_enough || packages+=(nodejs npm ca-certificates) ;;
        all) with lint && with fuzz && with test ;;
        *) die "setup --with knows lint, fuzz, test and all, not '$1'" ;;
    esac
}

quiet=
while (($#)); do
    case "$1" in
        --with) with "${2:?dev: --with needs a word}" && shift 2 ;;
        --quiet) quiet=1 && shift ;;
        *) die "setup does not know '$1'; see ./dev setup --help" ;;
    esac
done

if ! { command -v apt-get && command -v dpkg-query; } > /dev/null; then
    [[ -n "$quiet" ]] && exit 0
    die "there is no apt here. On Debian 12 these packages are needed: ${packages[*]}"
fi

declare -A installed=()
while read -r status package; do
    if [[ "$status" == ii* ]]; then
        installed["$package"]=1
    fi
done < <(dpkg-query --show --showformat='${db:Status-Abbrev} ${Package}\n' "${packages[@]}" 2> /dev/null)

missing=()
for package in "${packages[@]}"; do
    [[ -n "${installed[$package]:-}" ]] || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
    [[ -n "$quiet" ]] || echo "setup: nothing is missing"
    exit 0
fi

as_root=()
if ((EUID != 0)); then
    command -v sudo > /dev/null ||
        die "these packages are missing, and installing them needs root or sudo:
  apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
    [[ -t 0 ]] || as_root+=(-n)
fi

echo "setup: installing ${missing[*]}"
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" >> "$log" 2>&1 < /dev/null ||
        { cat "$log" >&2 && die "apt-get $1 failed"; }
}
apt update
apt install --no-install-recommends "${missing[@]}"
echo "setup: done in $SECONDS s"
