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
command -v google-chrome >/dev/null || need chromium chromium
need redis-server redis-server
need prometheus prometheus
need nginx nginx
need curl curl
# Debian's own is too old to know components.
command -v kubectl >/dev/null || { echo "kubectl is needed, 1.27 or later: it renders the manifests of deploy/kubernetes" >&2; exit 1; }

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet restore --locked-mode
dotnet build --no-restore
dotnet format --no-restore --verify-no-changes

log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The page's modules have no package.json: this takes a node that knows a module by its syntax (20.19, 22.7 or later).
if node -e 'export {}' 2>/dev/null; then
  node --test --test-reporter=spec RealtimeGateway.Tests/Page/*.test.js | tee "$log"
else
  echo "The page's modules are not tested: node 20.19 or later is needed for that." >&2
fi

rm -f TestResults/drills.txt TestResults/fuzz.txt
dotnet test --no-build --no-restore 2>&1 | tee -a "$log"
cat TestResults/drills.txt TestResults/fuzz.txt
awk '/^  succeeded:/ {s=$2} /^  failed:/ {f=$2} /^  skipped:/ {k=$2} /^[^ ]+ pass [0-9]+$/ {p=$3}
  END {printf "%d passed, %d failed, %d skipped (%s in node)\n", s + p, f, k, p ? p : "none"}' "$log"
