# Shared by the scripts in hack/. Source it; it sets -euo pipefail, the paths, and a few words.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
RUN=${CONTROLPLANE_RUN:-$ROOT/.run}
BIN=${CONTROLPLANE_BIN:-$ROOT/.run/bin}
# Nothing here talks to anything but this machine.
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY all_proxy ALL_PROXY
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf '%s\n' "$*"; }
step() { printf '\033[1m==> %s\033[0m\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

need_root() {
  [ "$(id -u)" = 0 ] || die "this needs root: it makes network namespaces, mounts and cgroups. Run it with sudo."
}

# packages COMMAND_OR_FILE=PACKAGE ... : installs the Debian packages whose command or file is missing.
packages() {
  local missing=() pair probe package
  for pair in "$@"; do
    probe=${pair%%=*} package=${pair#*=}
    case $probe in
      /*) [ -e "$probe" ] || missing+=("$package") ;;
      *) command -v "$probe" >/dev/null 2>&1 || missing+=("$package") ;;
    esac
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null 2>&1 || die "missing: ${missing[*]}. Install them with your package manager."
  step "installing ${missing[*]}"
  local log=$RUN/logs/apt.log
  mkdir -p "$RUN/logs"
  # Services of the packages are not wanted: this project starts what it needs itself.
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 \
    || { tail -n 20 "$log" >&2; die "apt-get could not install ${missing[*]}; the whole log is $log"; }
}

# changed STAMP PATH... : true when a source file is newer than the stamp, or there is none.
changed() {
  local stamp=$1
  shift
  [ -e "$stamp" ] || return 0
  [ -n "$(find "$@" \( -name bin -o -name obj \) -prune -o -type f -newer "$stamp" -print -quit)" ]
}
