#!/usr/bin/env bash
# Builds with warnings as errors, checks the format, runs every test. Installs what the tests need besides the .NET 10 SDK.
set -euo pipefail
cd "$(dirname "$0")"

# need COMMAND PACKAGE: installs the Debian package when the command is missing and we may, else says what to install.
need() {
  command -v "$1" >/dev/null && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq && apt-get install -y -qq "$2" >/dev/null
  else
    echo "$1 is needed: install the package $2" >&2
    exit 1
  fi
}

command -v dotnet >/dev/null || { echo "dotnet is needed: install the .NET 10 SDK" >&2; exit 1; }
[ "$(id -u)" != 0 ] || need setpriv util-linux
need redis-server redis-server

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet restore --locked-mode
dotnet build --no-restore
dotnet format --no-restore --verify-no-changes

log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet test --no-build --no-restore 2>&1 | tee "$log"
awk '/^  succeeded:/ {s=$2} /^  failed:/ {f=$2} /^  skipped:/ {k=$2} END {printf "%d passed, %d failed, %d skipped\n", s, f, k}' "$log"
