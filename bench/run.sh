#!/usr/bin/env bash
# Measures what a mint costs: the gateway with everything on (metrics scraped, a tenth of the traces sent, a line for every request), the same without telemetry, the same
# YARP with nothing but a header, that YARP as a batch process (which the gateway makes of itself), and nginx with nothing but a header, all in front of one constant upstream,
# in one run. The proxy has core 0; load, upstream, collector and whoever reads the log from a pipe, as a container engine does, have core 1. Prints a table in Markdown.
# `bench/run.sh production` measures the gateway alone, with telemetry (a tenth of the traces, and a hundredth) and without, as a replica in production has it: a caller with a key,
# limits in Redis, TLS to the service.
# `bench/run.sh all` measures both, sockets and a million callers.
# Needs nginx, wrk, curl and util-linux; production needs openssl and redis-server too. PROCESSES (3), ROUNDS (12) and SECONDS_EACH (1) may be set. Processes of one build settle
# up to a tenth apart, since the JIT decides by what it happened to see, so each row has several, and all take turns. A figure is the median of the medians of its processes; the lowest
# and the highest of them are in brackets. A ratio is the median over the rounds of what the processes of both rows needed together, as a slow minute of the machine is slow for both.
set -euo pipefail
cd "$(dirname "$0")/.."
processes=${PROCESSES:-3} rounds=${ROUNDS:-12} seconds=${SECONDS_EACH:-1} what=${1:-mints}
case $what in
  mints | all) names=(gateway quiet yarp yarpbatch nginx) against=yarp reference="bare YARP" tools=() ;;
  production) names=(gateway hundredth quiet) against=quiet reference="no telemetry" tools=(openssl redis-server) ;;
  *) echo "usage: bench/run.sh [production|all]" >&2; exit 2 ;;
esac
for command in nginx wrk curl taskset chrt "${tools[@]}"; do command -v $command >/dev/null || { echo "$command is needed" >&2; exit 1; }; done
work=$(mktemp -d)
declare -A process=() port=()
# Every process is named by its row and a number: the first of all rows come first, then the second of all.
proxies=() others=()
for ((i = 1; i <= processes; i++)); do for name in "${names[@]}"; do proxies+=("$name.$i"); port[$name.$i]=$((18100 + ${#proxies[@]})); done; done
stop() { kill "${process[@]}" "${others[@]}" 2>/dev/null || true; wait 2>/dev/null || true; rm -rf "$work"; }
trap stop EXIT
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

# As the image has it: compiled ahead of time, and the variables of the Dockerfile.
runtime=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
dotnet publish RealtimeGateway -c Release -r "$runtime" --self-contained false -o "$work/gateway" -v quiet >/dev/null
dotnet publish bench/BareYarp -c Release -o "$work/yarp" -v quiet >/dev/null

# configure NAME PORT LOCATION: an nginx of one worker.
configure() {
  mkdir -p "$work/$1"
  cat > "$work/$1/nginx.conf" <<CONF
worker_processes 1; daemon off; pid nginx.pid; error_log stderr error;
events { worker_connections 1024; }
http {
  access_log off; keepalive_requests 100000000;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  upstream service { server 127.0.0.1:18081; keepalive 64; keepalive_requests 100000000; }
  server { listen 127.0.0.1:$2; $3 }
}
CONF
}
# The secret has expired, so that no call counts on.
tls="" settings=(AZURE_OPENAI_ENDPOINT=http://127.0.0.1:18081 Callers__AllowAnonymous=true) headers=(content-type application/json)
if [ "$what" = production ]; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout "$work/tls.key" -out "$work/tls.crt" 2>/dev/null
  tls="listen 127.0.0.1:18087 ssl; ssl_certificate $work/tls.crt; ssl_certificate_key $work/tls.key;"
  taskset -c 1 redis-server --bind 127.0.0.1 --port 18088 --save '' --dir "$work" >/dev/null & others+=($!)
  credential=$(dotnet "$work/gateway/RealtimeGateway.dll" new-key bench)
  settings=(AZURE_OPENAI_ENDPOINT=https://localhost:18087 SSL_CERT_FILE="$work/tls.crt" Redis__Connection=127.0.0.1:18088 Callers__Keys__bench__Hash="$(grep -m1 -o 'sha256:[0-9a-f]*' <<< "$credential")")
  headers+=(authorization "Bearer $(grep -m1 -o 'rgk_[^ ]*' <<< "$credential")")
fi
asked=(); for ((i = 0; i < ${#headers[@]}; i += 2)); do asked+=(-H "${headers[i]}: ${headers[i + 1]}"); done
configure upstream 18081 "$tls location / { default_type application/json; return 200 '{\"value\":\"ek_constant\",\"expires_at\":1,\"session\":{\"type\":\"realtime\",\"object\":\"realtime.session\",\"id\":\"sess_constant\",\"instructions\":\"$(printf 'i%.0s' {1..1200})\"}}'; }"
for ((i = 1; i <= processes; i++)); do [ -z "${port[nginx.$i]:-}" ] || configure "nginx.$i" "${port[nginx.$i]}" 'location = /sessions { proxy_pass http://service/openai/v1/realtime/client_secrets; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header api-key bench; }'; done
taskset -c 1 nginx -p "$work/upstream" -c nginx.conf 2>/dev/null & others+=($!)
{ printf 'wrk.method = "POST"\nwrk.body = "{}"\n'; printf 'wrk.headers["%s"] = "%s"\n' "${headers[@]}"; } > "$work/mint.lua"

gateway() {
  exec env MALLOC_ARENA_MAX=1 DOTNET_GCgen0size=0x400000 DOTNET_TC_DelaySingleProcMultiplier=1 DOTNET_EnableDiagnostics=0 ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_URLS="http://127.0.0.1:$1" AZURE_OPENAI_API_KEY=bench AZURE_OPENAI_DEPLOYMENT=bench \
    "${settings[@]}" Limits__sessions__Permits=1000000 Limits__sessions__Window=00:00:01 Limits__sessionsperday__Permits=1000000 Limits__sessionsperday__Window=00:00:01 \
    "${@:2}" taskset -c 0 ./RealtimeGateway
}
# bare NAME COMMAND…: bare YARP, begun by the command; it does not wait longer than the gateway until busy code is compiled.
bare() { cd "$work/yarp" && exec env DOTNET_TC_DelaySingleProcMultiplier=1 ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_URLS="http://127.0.0.1:${port[$1]}" "${@:2}" taskset -c 0 ./RealtimeGateway.Bench.BareYarp; }
launch() {
  case $1 in
    gateway.* | hundredth.*) cd "$work/gateway" && gateway "${port[$1]}" OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:18081 OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf \
      OTEL_METRICS_EXPORTER=prometheus OTEL_TRACES_SAMPLER=parentbased_traceidratio OTEL_TRACES_SAMPLER_ARG="$([[ $1 = gateway.* ]] && echo 0.1 || echo 0.01)" ;;
    quiet.*) cd "$work/gateway" && gateway "${port[$1]}" OTEL_SDK_DISABLED=true Logging__LogLevel__Default=None ;;
    yarp.*) bare "$1" ;;
    yarpbatch.*) bare "$1" chrt --batch 0 ;;
    nginx.*) exec taskset -c 0 nginx -p "$work/$1" -c nginx.conf ;;
  esac
}
mints() { curl -sf -o /dev/null -X POST "${asked[@]}" -d '{}' "http://127.0.0.1:${port[$1]}/sessions"; }
# start NAME: starts it and notes the milliseconds from there to the first mint.
start() {
  local begin
  begin=$(date +%s%N)
  (launch "$1" > >(exec taskset -c 1 cat > "$work/$1.log") 2>&1) & process[$1]=$!
  until mints "$1"; do kill -0 "${process[$1]}" 2>/dev/null || { cat "$work/$1.log" >&2; exit 1; }; done
  echo $((($(date +%s%N) - begin) / 1000000)) > "$work/$1.start"
}
# What belongs to one proxy: nginx answers in a child. Whoever reads the log is a child too, and belongs to the machine.
tree() { echo "$1"; for child in $(cat "/proc/$1/task/$1/children"); do cmp -s "/proc/$1/comm" "/proc/$child/comm" && echo "$child"; done; true; }
ticks() { local sum=0 pid; for pid in $(tree "${process[$1]}"); do sum=$((sum + $(awk '{print $14 + $15}' "/proc/$pid/stat"))); done; echo $sum; }
resident() { local sum=0 pid; for pid in $(tree "${process[$1]}"); do sum=$((sum + $(awk '/^VmRSS/ {print $2}' "/proc/$pid/status"))); done; echo $((sum / 1024)); }

# load NAME SECONDS: one line of requests a second, p50 and p99 in ms, and microseconds of CPU a request; fails unless every answer was a success.
load() {
  local before after answer
  before=$(ticks "$1")
  answer=$(taskset -c 1 wrk -t1 -c16 -d"$2s" --latency -s "$work/mint.lua" "http://127.0.0.1:${port[$1]}/sessions")
  after=$(ticks "$1")
  grep -qE 'Non-2xx|Socket errors' <<< "$answer" && { echo "$1: $answer" >&2; exit 1; }
  awk -v ticks=$((after - before)) -v hz="$(getconf CLK_TCK)" '
    function ms(value) { return value ~ /us$/ ? value / 1000 : value ~ /ms$/ ? value + 0 : value * 1000 }
    /50%/ {p50 = ms($2)} /99%/ {p99 = ms($2)} /requests in/ {requests = $1} /^Requests\/sec/ {rate = $2}
    END {printf "%.0f %.2f %.2f %.1f\n", rate, p50, p99, ticks * 1000000 / hz / requests}' <<< "$answer"
}
# warm NAME: the JIT is done with what a mint needs after half a minute.
warm() {
  local slices=9
  [[ $1 != nginx.* ]] || slices=1
  for ((slice = 0; slice < slices; slice++)); do load "$1" 5 | cut -d' ' -f4 >> "$work/$1.warm"; done
}
median() { sort -n "$@" | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)]}'; }
# of NAME FIGURE: the medians of the rounds, one line for each process of a row.
of() { for ((i = 1; i <= processes; i++)); do median "$work/$1.$i.$2"; done; }
# ratio NAME OTHER: of CPU per mint, all processes together, round by round.
ratio() {
  paste <(paste -d+ "$work/$1".[0-9]*.cpu) <(paste -d+ "$work/$2".[0-9]*.cpu) | awk '
    function sum(texts, parts, n, s) { n = split(texts, parts, "+"); for (s = 0; n > 0; n--) s += parts[n]; return s }
    {printf "%.3f\n", sum($1) / sum($2)}' | median
}
# The seconds of load after which a mint costs no more than a fifth above what it costs in the end.
fullspeed() { for ((i = 1; i <= processes; i++)); do awk -v end="$(median "$work/$1.$i.cpu")" '$1 <= end * 1.2 {print 5 * NR; exit}' "$work/$1.$i.warm"; done; }

for proxy in "${proxies[@]}"; do start "$proxy"; done
# As often as deploy/prometheus has it.
(while sleep 15; do for proxy in "${proxies[@]}"; do [[ $proxy =~ gateway|hundredth ]] && curl -sf "http://127.0.0.1:${port[$proxy]}/metrics" -o /dev/null || true; done; done) & others+=($!)
for proxy in "${proxies[@]}"; do warm "$proxy"; done
for ((round = 1; round <= rounds; round++)); do
  for proxy in "${proxies[@]}"; do
    read -r rate p50 p99 cpu < <(load "$proxy" "$seconds")
    for figure in rate p50 p99 cpu; do echo "${!figure}" >> "$work/$proxy.$figure"; done
  done
done
for proxy in "${proxies[@]}"; do resident "$proxy" > "$work/$proxy.resident"; done

title() { case $1 in gateway) echo "the gateway, everything on" ;; hundredth) echo "the same, a hundredth of the traces" ;; quiet) echo "the gateway without telemetry" ;; yarp) echo "bare YARP, one header" ;; yarpbatch) echo "bare YARP as a batch process" ;; nginx) echo "nginx, one header" ;; esac; }
middle() { "$@" | median; }
echo "| $(date +%F), $(nproc) cores, $processes processes, $rounds rounds of $seconds s | CPU per mint | against $reference | mints per second | p50 | p99 | resident | first 200 after | full speed after |"
echo "|---|---|---|---|---|---|---|---|---|"
for name in "${names[@]}"; do
  cpu=$(middle of "$name" cpu) full=$(middle fullspeed "$name")
  echo "| $(title "$name") | $cpu µs ($(of "$name" cpu | sort -n | sed -n '1p;$p' | paste -sd -)) | $(LC_ALL=C printf %.2f "$(ratio "$name" "$against")") × | $(middle of "$name" rate) | $(middle of "$name" p50) ms | $(middle of "$name" p99) ms | $(middle of "$name" resident) MB | $(middle of "$name" start) ms | ${full:-more than 45} s |"
done
printf '\nTelemetry costs %.2f × of CPU per mint.\n' "$(ratio gateway quiet)"
[ "$what" = all ] || exit 0
kill "${process[@]}"; wait "${process[@]}" 2>/dev/null || true; process=()
kill "${others[@]}"; wait 2>/dev/null || true; others=()
echo; bench/run.sh production
echo; dotnet run -c Release --project bench/Sockets
echo; dotnet run -c Release --project bench/Sockets tls
echo; dotnet run -c Release --project bench/Limits
