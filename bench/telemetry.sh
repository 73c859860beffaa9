#!/usr/bin/env bash
# What telemetry costs: CPU per mint of the gateway with all of it on (JSON lines into a file, metrics scraped every second, one trace in ten sent to a collector) against
# all of it off, in turns. Needs nginx and wrk. Prints microseconds of CPU per request and the ratio.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5} seconds=${2:-10}
folder=$(mktemp -d)
pids=()
stop() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; wait 2>/dev/null || true; rm -rf "$folder"; }
trap stop EXIT

for command in nginx wrk curl; do command -v $command >/dev/null || { echo "$command is needed" >&2; exit 1; }; done
dotnet publish RealtimeGateway -c Release -o "$folder/gateway" --nologo -v quiet >/dev/null

# The upstream and the collector: both always answer the same. The secret has expired, so that no call counts on.
cat > "$folder/nginx.conf" <<'CONF'
worker_processes 1; daemon off; pid nginx.pid; error_log stderr warn;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000; client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  server {
    listen 127.0.0.1:18081;
    location / { default_type application/json; return 200 '{"value":"ek_constant","expires_at":1,"session":{"type":"realtime","object":"realtime.session","id":"sess_constant"}}'; }
  }
}
CONF
taskset -c 1 nginx -p "$folder" -c nginx.conf 2>/dev/null & pids+=($!)
printf 'wrk.method = "POST"\nwrk.body = "{}"\nwrk.headers["content-type"] = "application/json"\n' > "$folder/mint.lua"

# start PORT NAME=VALUE...: a gateway on core 0.
start() {
  local port=$1; shift
  (cd "$folder/gateway" && exec env ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_URLS="http://127.0.0.1:$port" AZURE_OPENAI_ENDPOINT=http://127.0.0.1:18081 AZURE_OPENAI_API_KEY=bench \
    AZURE_OPENAI_DEPLOYMENT=bench Callers__AllowAnonymous=true Limits__sessions__Permits=1000000 Limits__sessions__Window=00:00:01 Limits__sessionsperday__Permits=1000000 \
    Limits__sessionsperday__Window=00:00:01 "$@" taskset -c 0 ./RealtimeGateway > "$folder/$port.log" 2>&1) & pids+=($!)
  until curl -sf "http://127.0.0.1:$port/health/ready" >/dev/null; do :; done
}
start 18082 OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:18081 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG=0.1
start 18083 OTEL_SDK_DISABLED=true Logging__LogLevel__Default=None
(while sleep 1; do curl -sf http://127.0.0.1:18082/metrics -o /dev/null || true; done) & pids+=($!)

ticks() { pid=$(pgrep -f -x ./RealtimeGateway | while read -r p; do grep -qz "ASPNETCORE_URLS=http://127.0.0.1:$1\$" "/proc/$p/environ" && echo "$p"; done); awk '{print $14 + $15}' "/proc/$pid/stat"; }
# cost PORT: microseconds of CPU per request; fails unless every answer was a success.
cost() {
  local before after answer requests
  before=$(ticks "$1")
  answer=$(taskset -c 1 wrk -t1 -c16 -d"${seconds}s" -s "$folder/mint.lua" "http://127.0.0.1:$1/sessions")
  after=$(ticks "$1")
  grep -q "Non-2xx" <<< "$answer" && { echo "$answer" >&2; exit 1; }
  requests=$(awk '/requests in/ {print $1}' <<< "$answer")
  awk -v t=$((after - before)) -v n="$requests" -v hz="$(getconf CLK_TCK)" 'BEGIN {printf "%.1f", t * 1000000 / hz / n}'
}
cost 18082 >/dev/null; cost 18083 >/dev/null # warm
for ((round = 1; round <= rounds; round++)); do
  on=$(cost 18082) off=$(cost 18083)
  echo "round $round: on $on µs, off $off µs"
  echo "$on $off" >> "$folder/costs"
done
median() { sort -n | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
on=$(cut -d' ' -f1 "$folder/costs" | median) off=$(cut -d' ' -f2 "$folder/costs" | median)
awk -v on="$on" -v off="$off" 'BEGIN {printf "telemetry on %.1f µs, off %.1f µs of CPU per mint: %.2f times\n", on, off, on / off}'
