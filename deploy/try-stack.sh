#!/usr/bin/env bash
# try-stack.sh [FOLDER]
# Runs docker-compose.yml, profile scale, without containers: two gateways, the balancer, Redis and Prometheus with the shipped files, and one simulator as Azure, all
# on free ports of loopback. FOLDER has the built gateway; without one it is built. Needs redis-server, nginx, prometheus and curl.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:-RealtimeGateway/bin/Release/net10.0}
for tool in dotnet redis-server redis-cli nginx prometheus curl; do
  command -v "$tool" >/dev/null || { echo "$tool is needed." >&2; exit 1; }
done
[ $# -gt 0 ] || dotnet build RealtimeGateway -c Release --nologo -v quiet

work=$(mktemp -d)
chmod 755 "$work" # nginx gives up root
declare -A pid port

# By their ids, so that nothing else is hit. The gateways have nothing to drain any more.
end_all() {
  for name in "${!pid[@]}"; do
    case $name in gateway*) kill -KILL "${pid[$name]}" ;; *) kill "${pid[$name]}" ;; esac || true
  done 2>/dev/null
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap end_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# Below the ports that the system gives to outgoing connections, so that none of those is in the way later.
free_port() {
  local candidate
  while candidate=$((20000 + RANDOM % 10000)); [[ " ${port[*]-} " == *" $candidate "* ]] || (exec 3<>"/dev/tcp/127.0.0.1/$candidate") 2>/dev/null; do :; done
  port[$1]=$candidate
}
for name in balancer gateway gateway-management gateway2 gateway2-management redis prometheus simulator; do free_port "$name"; done
url() { echo "http://127.0.0.1:${port[$1]}"; }

# run NAME COMMAND…
run() {
  local name=$1
  shift
  "$@" >"$work/$name.log" 2>&1 </dev/null &
  pid[$name]=$!
}

# ready NAME COMMAND…: waits until the command succeeds, a minute at most.
ready() {
  local name=$1 deadline=$((SECONDS + 60))
  shift
  until "$@" >/dev/null 2>&1; do
    if ! kill -0 "${pid[$name]}" 2>/dev/null || [ $SECONDS -ge $deadline ]; then
      echo "$name is not ready:" >&2
      tail -n 20 "$work/$name.log" >&2
      exit 1
    fi
    sleep 0.1
  done
}
get() { curl -sf -m 2 "$(url "$1")$2"; }

# What Dockerfile and docker-compose.yml set, and what a .env would: the resource, and who may call.
start_gateway() {
  run "$1" env \
    ASPNETCORE_ENVIRONMENT=Production ASPNETCORE_HTTP_PORTS= ASPNETCORE_URLS="$(url "$1")" Management__Port="${port[$1-management]}" Shutdown__Grace=00:00:05 \
    MALLOC_ARENA_MAX=1 DOTNET_GCgen0size=0x400000 DOTNET_TC_DelaySingleProcMultiplier=1 DOTNET_EnableDiagnostics=0 Redis__Connection="127.0.0.1:${port[redis]}" Proxies__0=127.0.0.1 Callers__AllowAnonymous=true \
    AZURE_OPENAI_ENDPOINT="$(url simulator)" AZURE_OPENAI_API_KEY=simulator-key AZURE_OPENAI_DEPLOYMENT=gpt-realtime \
    dotnet "$folder/RealtimeGateway.dll"
}

# The shipped files, with addresses of this machine in place of names of containers.
mkdir "$work/nginx" "$work/prometheus" "$work/redis"
sed -e "s/server gateway:8000/server 127.0.0.1:${port[gateway]}/" -e "s/server gateway2:8000/server 127.0.0.1:${port[gateway2]}/" \
  -e "s/listen 8080;/listen 127.0.0.1:${port[balancer]};/" deploy/nginx/nginx.conf >"$work/nginx/nginx.conf"
cp deploy/prometheus/alerts.yaml "$work/prometheus"
sed -e "s/\"gateway:9090\"/\"127.0.0.1:${port[gateway-management]}\", \"127.0.0.1:${port[gateway2-management]}\"/" -e '/dns_sd_configs:/,+1d' \
  deploy/prometheus/prometheus.yaml >"$work/prometheus/prometheus.yaml"

run redis redis-server "$PWD/deploy/redis/redis.conf" --port "${port[redis]}" --bind 127.0.0.1 --dir "$work/redis"
# Calls without a browser get a made-up answer; a media peer that waits at /peer/ comes first.
run simulator dotnet "$folder/RealtimeGateway.Simulator.dll" --Simulator:Url="$(url simulator)" --Simulator:CannedAnswers=true
ready redis redis-cli -p "${port[redis]}" ping
ready simulator get simulator /peer/
start_gateway gateway
start_gateway gateway2
run balancer nginx -e stderr -p "$work/nginx" -c "$work/nginx/nginx.conf" -g 'daemon off;'
run prometheus prometheus --config.file="$work/prometheus/prometheus.yaml" --storage.tsdb.path="$work/prometheus/data" --web.listen-address="127.0.0.1:${port[prometheus]}"
ready gateway get gateway /health/ready
ready gateway2 get gateway2 /health/ready
ready balancer get balancer /health/live
ready prometheus get prometheus /-/ready

for name in balancer gateway gateway2 gateway-management gateway2-management prometheus simulator; do printf '%-20s %s\n' "$name" "$(url "$name")"; done
printf '%-20s %s\n' logs "$work"
echo "stop NAME drains a gateway, kill NAME ends it at once, start NAME brings it back. quit, Ctrl-D or Ctrl-C ends everything."

while read -r command name; do
  case "$command $name" in
    "stop gateway" | "stop gateway2" | "kill gateway" | "kill gateway2")
      [ "$command" = stop ] && signal=TERM || signal=KILL
      code=0
      { kill "-$signal" "${pid[$name]}" && wait "${pid[$name]}"; } 2>/dev/null || code=$?
      echo "$name has ended with $code."
      ;;
    "start gateway" | "start gateway2")
      start_gateway "$name"
      ready "$name" get "$name" /health/ready
      echo "$name is ready."
      ;;
    "quit ") break ;;
    *) echo "stop, kill or start, and gateway or gateway2; or quit." ;;
  esac
done
