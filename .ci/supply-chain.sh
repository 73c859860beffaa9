#!/usr/bin/env bash
# What the gateway is made of: no secret in the repository, no package with a known vulnerability, and a bill of materials in artifacts/.
# Actions pinned by commit and the licences of packages have tests of their own. With --strict a question that nobody answers is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

strict=no
[ "${1:-}" != --strict ] || strict=yes
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
unknown() { [ $strict = no ] || fail "$*"; echo "NOT KNOWN: $*"; }

# scan FOLDER NAMES: what looks like a secret in the files that NAMES lists, ended by zeros
scan() {
  local secretlint="$PWD/.ci/secrets/node_modules/.bin/secretlint" rules="$PWD/.ci/secrets/secretlintrc.json" found="$work/found.json"
  # It exits with 1 both when it finds something and when it breaks down; then it has not looked at every file.
  (cd "$1" && xargs -0 "$secretlint" --secretlintrc "$rules" --format json --output "$found" <"$2" >&2) || true
  [ "$(jq length "$found")" = "$(tr -cd '\0' <"$2" | wc -c)" ] || fail "the scan for secrets did not look at every file"
  jq -r --arg folder "$(realpath "$1")/" '.[] | .filePath as $file | .messages[] | "\($file | ltrimstr($folder)):\(.loc.start.line) \(.ruleId)"' "$found" | sort -u
}

secrets() {
  npm ci --prefix .ci/secrets --silent
  # A scan that finds nothing anywhere would pass, too: each of these it must find. They are put together here, or it would find them in this file.
  local digits=0123456789abcdef planted="$work/planted" found
  mkdir -p "$planted/.github"
  printf 'AZURE_OPENAI_API_KEY=%s%s\n' $digits $digits >"$planted/.github/azure"
  printf 'rgk_%s%s%s\n' $digits $digits 0123456789a >"$planted/caller"
  printf 'ek_%s%s\n' $digits $digits >"$planted/session"
  printf 'eyJ%s%s.eyJ%s%s.%s%s\n' $digits $digits $digits $digits $digits $digits >"$planted/token"
  printf -- '-----BEGIN PRIVATE %s-----\n%s%s%s%s\n-----END PRIVATE %s-----\n' KEY $digits $digits $digits $digits KEY >"$planted/private"
  printf 'https://user:%s@packages.contoso.com/\n' $digits >"$planted/password"
  printf 'nothing\n' >"$planted/harmless"
  (cd "$planted" && find . -type f -printf '%P\0') >"$work/names"
  found=$(scan "$planted" "$work/names")
  [ "$(cut -d: -f1 <<<"$found" | tr '\n' ' ')" = ".github/azure caller password private session token " ] || fail "the scan does not find what is planted, only: $found"

  git ls-files -z >"$work/names"
  found=$(scan . "$work/names")
  [ -z "$found" ] || fail "the repository has what looks like a secret: $found"
  echo "No secret in $(git ls-files | wc -l) files."
}

vulnerable() { # vulnerable PROJECT: the vulnerable packages that the source knows in it
  dotnet list "$1" package --vulnerable --include-transitive --format json >"$work/answer.json" &&
    jq -r '.projects[].frameworks[]? | (.topLevelPackages[]?, .transitivePackages[]?) | select(.vulnerabilities) | "\(.id) \(.resolvedVersion)"' "$work/answer.json" | sort -u
}

vulnerabilities() {
  # A source without an answer says "none" as well, so ask it first about a package whose flaw has been known since 2022.
  mkdir "$work/known"
  cat >"$work/known/known.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.1" /></ItemGroup>
</Project>
PROJECT
  if [ "$(vulnerable "$work/known/known.csproj")" != "Newtonsoft.Json 12.0.1" ]; then
    unknown "vulnerabilities: the package source does not tell of any, not even of Newtonsoft.Json 12.0.1"
    return
  fi
  local found
  found=$(vulnerable realtime-gateway.sln) || fail "vulnerabilities could not be listed"
  [ -z "$found" ] || fail "packages with known vulnerabilities: $found"
  echo "No package with a known vulnerability."
}

materials() {
  local version file=artifacts/realtime-gateway.cdx.json
  version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props)
  dotnet tool restore >/dev/null
  dotnet restore RealtimeGateway --locked-mode >/dev/null
  dotnet CycloneDX RealtimeGateway/RealtimeGateway.csproj --disable-package-restore --exclude-dev --set-name realtime-gateway --set-version "$version" \
    --output artifacts --filename "$(basename $file)" --output-format Json >/dev/null
  # Exactly what is locked, less what only looks at the source.
  jq -r '.dependencies[] | to_entries[] | select(.value.type != "Project") | "\(.key) \(.value.resolved)"' RealtimeGateway/packages.lock.json | grep -v '^Meziantou.Analyzer ' | sort -u >"$work/locked"
  jq -r '.components[] | "\(.name) \(.version)"' $file | sort -u >"$work/listed"
  diff "$work/locked" "$work/listed" || fail "the bill of materials is not what is locked"
  echo "$file lists $(wc -l <"$work/listed") packages."
}

secrets
vulnerabilities
materials
