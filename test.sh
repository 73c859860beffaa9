#!/usr/bin/env bash
# Builds with warnings as errors, checks the format, runs every test. Needs the .NET 10 SDK; installs nothing else so far.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v dotnet >/dev/null; then
  echo "The .NET 10 SDK is needed: https://dotnet.microsoft.com/download" >&2
  exit 1
fi

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
dotnet restore --locked-mode
dotnet build --no-restore
dotnet format --no-restore --verify-no-changes

log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet test --no-build --no-restore 2>&1 | tee "$log"
awk '/^  succeeded:/ {s=$2} /^  failed:/ {f=$2} /^  skipped:/ {k=$2} END {printf "%d passed, %d failed, %d skipped\n", s, f, k}' "$log"
