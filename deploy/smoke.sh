#!/usr/bin/env bash
# smoke.sh URL [--key KEY]
# Looks at a running gateway from outside, as its callers see it: one line for each check. Exit code 0: all is as it should be, 1: something is not, 2: wrong usage.
# With a key, or where none is needed, it mints one session, which costs nothing. GATEWAY_KEY may hold the key instead. Needs curl.
set -uo pipefail

usage() { echo "smoke.sh URL [--key KEY]" >&2; exit 2; }

base= key=${GATEWAY_KEY:-}
while [ $# -gt 0 ]; do
  case $1 in
    --key) [ $# -gt 1 ] || usage; key=$2; shift 2 ;;
    http://* | https://*) [ -z "$base" ] || usage; base=${1%/}; shift ;;
    *) usage ;;
  esac
done
[ -n "$base" ] || usage

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
headers=$work/headers body=$work/body passed=0 failed=0

# ask METHOD PATH [CURL ARGUMENT…]: leaves status, headers and body. The key goes in by standard input: a command line is everybody's to read.
ask() {
  local method=$1 path=$2
  shift 2
  : >"$work/raw" >"$body"
  status=$(printf '%s' "${key:+header = \"x-api-key: $key\"}" |
    curl -sS -m 30 -K - -X "$method" -D "$work/raw" -o "$body" -w '%{http_code}' "$@" "$base$path" 2>"$work/error") || status="no answer ($(cat "$work/error"))"
  tr -d '\r' <"$work/raw" >"$headers"
}

# check NAME COMMAND…: the command says whether it is so.
check() {
  local name=$1
  shift
  if "$@"; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    echo "FAIL  $name: $status $(head -c 200 "$body" | tr '\n' ' ')"
  fi
}

is() { [ "$status" = "$1" ]; }
has() { grep -qi -- "$1" "$headers"; }
says() { grep -q -- "$1" "$body"; }

# refused STATUS CODE: the error envelope, with an id to look for in the log.
refused() {
  is "$1" && says '^{"error":{"message":"[^"]*","type":"[a-z_]*","code":"'"$2"'","param":' && has '^x-request-id: ' && has '^content-type: application/json'
}

guarded() { has '^x-content-type-options: nosniff' && has '^x-frame-options: DENY' && has '^referrer-policy: no-referrer' && has "^content-security-policy: default-src 'none'"; }
strict() { [[ $base != https://* ]] || has '^strict-transport-security: '; }
page() { is 200 && has '^content-type: text/html' && has '^permissions-policy: microphone=(self)'; }
document() { is 200 && says '"openapi"' && says '/sessions'; }
hidden() { is 404; }

# What is Azure's, or the gateway's own business, and would come out by mistake.
discreet() {
  ! grep -qiE '^(apim-|x-ms-|azureml-|openai-|x-ratelimit-|x-envoy|api-key|authorization|set-cookie|via|x-powered-by)' "$headers" &&
    ! grep -qiE '^server: .*[0-9]' "$headers" && ! grep -qE '"(instructions|tools|api_key|deployment)"' "$body" && { [ -z "$key" ] || ! grep -qF -- "$key" "$headers" "$body"; }
}

session() {
  is 200 && has '^cache-control: no-store' && says '^{"id":"[^"]*","object":"realtime.session","model":"[^"]*","voice":"[^"]*","expires_at":[0-9]*,"client_secret":{"value":"ek_[^"]*","expires_at":[0-9]*},"webrtc_url":"[^"]*"}$'
}

connects_safely() { says '"webrtc_url":"https://' || says '"webrtc_url":"http://\(localhost\|127\.0\.0\.1\)[:/]'; }

ask GET /health/live
check "the process runs (/health/live)" is 200
ask GET /health/ready
check "it wants traffic (/health/ready)" is 200

ask GET /
check "the page is there" page
check "browsers are told to be careful" guarded
check "HTTPS is for good, if it is HTTPS" strict
ask GET /docs/
check "the documentation is there" is 200
ask GET /openapi/v1.json
check "it describes the routes" document

ask GET /there-is-no-such-path
check "an unknown path is refused in the envelope" refused 404 not_found
for path in /metrics /health/details; do
  ask GET "$path"
  check "$path is not public (Management:Port)" hidden
done

json='content-type: application/json'
ask POST /sessions -H "$json"
if is 401 && [ -z "$key" ]; then
  check "a stranger is refused" refused 401 unauthorized
  echo "-     a mint: give a key to see one (--key)"
else
  check "a mint without a body is refused" refused 400 invalid_json
  ask POST /sessions -H "$json" --data '{"nonsense":true}'
  check "a mint with an unknown member is refused" refused 400 field_not_allowed
  ask POST /calls -H 'content-type: application/sdp' --data 'nonsense'
  check "a call without an offer is refused" refused 400 invalid_sdp
  check "nobody is to repeat it" has '^x-should-retry: false'
  ask POST /sessions -H "$json" --data '{}'
  check "a mint gives a session, and nothing else" session
  check "its page would connect safely" connects_safely
fi
check "no secret and no header of the service comes out" discreet

echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
