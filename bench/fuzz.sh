#!/usr/bin/env bash
# Hostile input for as long as wanted: bench/fuzz.sh [CASES|TIME] [PROPERTY]. 100,000 cases unless it says otherwise, or a time such as 90s, 30m or 1h, shared equally by the properties
# of HostileInputTests, or for one of them alone. Prints of each how many cases it had, the slowest, the live heap after a third and at the end, and what came of them. A failure
# prints its seed and the input; CsCheck_Seed=SEED bench/fuzz.sh 1 PROPERTY tries that again.
set -euo pipefail
cd "$(dirname "$0")/.."
wanted=${1:-100000} property=${2:-*}
dotnet build RealtimeGateway.Tests -c Release --nologo -v quiet >/dev/null
run() { dotnet run --project RealtimeGateway.Tests -c Release --no-build -- -method "*.HostileInputTests.$property" "$@"; }

properties=$(run -list methods | grep -c '\.HostileInputTests\.')
case $wanted in
  *[smh]) each=${wanted%?}; case $wanted in *m) each=$((each * 60));; *h) each=$((each * 3600));; esac; export FUZZ_SECONDS=$(((each + properties - 1) / properties));;
  *) export FUZZ_CASES=$(((wanted + properties - 1) / properties));;
esac

rm -f TestResults/fuzz.txt
status=0
run -noLogo || status=$?
cat TestResults/fuzz.txt
awk '{sum += $2} END {printf "%d cases of %d properties\n", sum, NR}' TestResults/fuzz.txt
exit $status
