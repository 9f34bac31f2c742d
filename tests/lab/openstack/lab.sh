#!/bin/bash
# A real OpenStack control plane on one small machine, without systemd and without containers: keystone, glance,
# placement, nova, neutron with OVN, cinder, heat. The services are of PyPI, what they stand on is of Debian.
#
# usage: lab.sh install|start|stop|status|openrc|reset|destroy
#   install  what is missing of Debian's packages (as root) and of PyPI's
#   start    bring everything up; the first time builds the databases' golden copy, later ones start from it
#   stop     stop the processes that this lab started, and no others
#   reset    stop, and forget all state: the next start is from the golden copy, an empty cloud
#   destroy  reset, and remove the golden copy too
#
# LAB is the folder that everything is in: choose a short path, as a socket's path is limited to 107 characters.
set -euo pipefail
HERE=$(cd "$(dirname "$0")" && pwd)
LAB=${LAB:-/var/tmp/mano-openstack}
COMPUTES=${COMPUTES:-3}             # healthy hosts, in availability zone az1
FAULT_COMPUTES=${FAULT_COMPUTES:-1} # 1: one more host, in zone fault, on which every server ends in ERROR
HEAT=${HEAT:-1}                     # 0: without heat
PW=labpass
V=$LAB/venv B=$V/bin ETC=$LAB/etc RUN=$LAB/run LOG=$LAB/log DATA=$LAB/data GOLD=$LAB/golden
SOCK=$RUN/mysql.sock
PINS="keystone==30.0.0 nova==34.0.0 neutron==29.0.0 glance==33.0.0 openstack-placement==16.0.0 cinder==29.0.0
 openstack-heat==27.0.1 openstacksdk==4.22.0 PyMySQL python-memcached pyuwsgi==2.0.30.post1"
DEBS="mariadb-server rabbitmq-server ovn-central ovn-host openvswitch-switch curl ca-certificates"

log() { printf '%s [lab] %s\n' "$(date +%T)" "$*"; }

# ---------------------------------------------------------------- ports

# Another lab may run on the same machine: this one takes the first block of ports that is free, and keeps it.
ports() { # shift
  P_KEYSTONE=$((15000 + $1)) P_PLACEMENT=$((18778 + $1)) P_GLANCE=$((19292 + $1)) P_NOVA=$((18774 + $1))
  P_NEUTRON=$((19696 + $1)) P_CINDER=$((18776 + $1)) P_HEAT=$((18004 + $1))
  P_RABBIT=$((15673 + $1)) P_EPMD=$((14369 + $1)) P_RABBIT_DIST=$((15674 + $1)); }
ports_free() {
  local p
  for p in $P_KEYSTONE $P_PLACEMENT $P_GLANCE $P_NOVA $P_NEUTRON $P_CINDER $P_HEAT $P_RABBIT $P_EPMD $P_RABBIT_DIST; do
    if tcp "$p"; then return 1; fi
  done; }
choose_ports() {
  local shift
  for shift in "$(cat "$LAB/shift" 2>/dev/null || echo 0)" 0 40 80 120 160 200 240; do
    ports "$shift"
    if alive keystone || ports_free; then echo "$shift" >"$LAB/shift"; return 0; fi
  done
  log "no block of ports is free: stop other labs"; return 1; }
endpoints() { cat <<E
keystone identity http://127.0.0.1:$P_KEYSTONE/v3
placement placement http://127.0.0.1:$P_PLACEMENT
glance image http://127.0.0.1:$P_GLANCE
nova compute http://127.0.0.1:$P_NOVA/v2.1
neutron network http://127.0.0.1:$P_NEUTRON
cinder block-storage http://127.0.0.1:$P_CINDER/v3
heat orchestration http://127.0.0.1:$P_HEAT/v1/%(tenant_id)s
E
}
repoint() { # the databases know addresses of the ports that the golden copy was made with
  local name kind url
  endpoints | while read -r name kind url; do
    echo "update keystone.endpoint e join keystone.service s on e.service_id = s.id set e.url = '$url' where s.type = '$kind';"
  done | sql
  sql -e "update nova_api.cell_mappings set transport_url = 'rabbit://guest:guest@127.0.0.1:$P_RABBIT/' where name = 'cell1'"; }

# ---------------------------------------------------------------- processes

starttime() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; }
alive() { # name: whether the process that we started is still there, by its number and the time of its start
  local p s
  [ -f "$RUN/pids/$1" ] || return 1
  read -r p s <"$RUN/pids/$1"
  [ -n "$s" ] && [ "$(starttime "$p")" = "$s" ]; }
spawn() { # name command...: in a session of its own
  local n=$1
  shift
  alive "$n" && return 0
  setsid "$@" >>"$LOG/$n.log" 2>&1 </dev/null &
  local p=$!
  echo "$p $(starttime $p)" >"$RUN/pids/$n"; }
stopone() { # name...: ask, and after 10 s insist
  local n p s t left
  for n in "$@"; do
    alive "$n" || continue
    read -r p s <"$RUN/pids/$n"
    kill -TERM -- "-$p" 2>/dev/null || kill -TERM "$p" || true
  done
  for t in $(seq 100); do
    left=0
    for n in "$@"; do if alive "$n"; then left=1; fi; done
    [ $left = 0 ] && break
    sleep .1
  done
  for n in "$@"; do
    if alive "$n"; then read -r p s <"$RUN/pids/$n"; kill -KILL -- "-$p" 2>/dev/null || true; fi
    rm -f "$RUN/pids/$n"
  done; }
waitfor() { # seconds what command...
  local t=$1 w=$2 i
  shift 2
  for i in $(seq $((t * 5))); do
    "$@" >/dev/null 2>&1 && return 0
    sleep .2
  done
  log "$w did not come up in $t s; $LOG tells why"; return 1; }
http() { curl --silent --output /dev/null --noproxy '*' --max-time 5 "http://127.0.0.1:$1/$2"; }
tcp() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
db() { echo "mysql+pymysql://root@localhost/$1?unix_socket=$SOCK&charset=utf8"; }
sql() { mariadb --no-defaults -uroot -S "$SOCK" "$@"; }

# ---------------------------------------------------------------- installation

have_debs() {
  local c
  for c in mariadbd epmd ovn-northd ovs-vswitchd ovn-controller curl; do command -v $c >/dev/null || return 1; done
  [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; }
uv() {
  local uv
  uv=$(type -P uv) || uv=$HERE/../../../.tools/bin/uv
  [ -x "$uv" ] || "$HERE/../../../tools/bootstrap-uv" || return 1
  UV_PYTHON_DOWNLOADS=never "$uv" "$@"; }
install() {
  local t=$SECONDS
  mkdir -p "$LAB"
  if ! have_debs; then
    log "Debian's packages: $DEBS"
    install_debs >"$LAB/apt.log" 2>&1 || { tail -20 "$LAB/apt.log"; log "Debian's packages cannot be had (root is needed)"; return 1; }
    have_debs || { tail -20 "$LAB/apt.log"; log "Debian's packages lack a command that the lab needs"; return 1; }
    log "Debian's packages are there after $((SECONDS - t)) s"
  fi
  t=$SECONDS
  if [ "$(cat "$V/.pins" 2>/dev/null)" != "$(pins)" ]; then
    log "PyPI's packages, into $V"
    { uv venv --quiet --clear --python /usr/bin/python3 "$V" &&
      uv pip install --quiet --compile-bytecode --python "$B/python" --constraint "$HERE/constraints.txt" $PINS; } >"$LAB/pypi.log" 2>&1 ||
      { tail -20 "$LAB/pypi.log"; log "PyPI's packages cannot be had"; return 1; }
    pins >"$V/.pins"
    log "PyPI's packages are there after $((SECONDS - t)) s"
  fi; }
pins() { echo "$PINS"; cat "$HERE/constraints.txt"; }
install_debs() { # Debian starts services when it installs them: not here, by a policy that goes again
  local policy=/usr/sbin/policy-rc.d made=0 rc=0
  apt-get update || return 1
  if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' >$policy; chmod +x $policy; made=1; fi
  DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $DEBS || rc=1
  if [ $made = 1 ]; then rm $policy; fi
  return $rc; }
drivers() {
  local site
  site=$(echo "$V"/lib/python3*/site-packages)
  cp "$HERE/virt_driver.py" "$site/nova/virt/labfake.py"
  cp "$HERE/volume_driver.py" "$site/cinder/volume/drivers/labfiles.py"; }

. "$HERE/configuration.sh"
. "$HERE/services.sh"

# ---------------------------------------------------------------- the golden copy

golden() {
  [ -f "$GOLD/ok" ] && return 0
  log "making the databases (once)"
  local t=$SECONDS rc=0 d job jobs=()
  stop >/dev/null
  rm -rf "$DATA/live" "$GOLD" "$DATA/mysql" "$DATA/fernet" "$DATA/credential"
  mkdir -p "$GOLD" "$DATA/mysql" "$DATA/fernet" "$DATA/credential"
  chmod 700 "$DATA/fernet" "$DATA/credential"
  mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$DATA/mysql" --auth-root-authentication-method=normal \
    --skip-test-db >"$LOG/install-db.log" 2>&1
  up_db
  for d in keystone glance placement nova_api nova nova_cell0 neutron cinder heat; do
    sql -e "create database $d character set utf8mb3"
  done
  { schema_neutron && schema_glance && schema_heat; } & jobs+=($!)
  schema_nova & jobs+=($!)
  { schema_placement && schema_keystone && schema_cinder; } & jobs+=($!)
  for job in "${jobs[@]}"; do wait "$job" || rc=1; done
  [ $rc = 0 ] || { log "a schema failed; $LOG/schema-*.log tell why"; return 1; }
  log "schemas are there after $((SECONDS - t)) s"
  up_keystone
  waitfor 60 keystone http $P_KEYSTONE v3
  endpoints | OS_CLIENT_CONFIG_FILE=$LAB/clouds.yaml LAB_PASSWORD=$PW "$B/python3" "$HERE/catalogue.py"
  stopone keystone
  stopone mariadb
  tar -C "$DATA" -cf "$GOLD/data.tar" mysql fernet credential
  touch "$GOLD/ok"
  log "the golden copy is there after $((SECONDS - t)) s"; }
schema_neutron() { "$B/neutron-db-manage" --config-file "$ETC/neutron/neutron.conf" upgrade heads >"$LOG/schema-neutron.log" 2>&1; }
schema_glance() { "$B/glance-manage" --config-file "$ETC/glance/glance-api.conf" db_sync >"$LOG/schema-glance.log" 2>&1; }
schema_heat() { [ "$HEAT" = 0 ] || "$B/heat-manage" --config-file "$ETC/heat/heat.conf" db_sync >"$LOG/schema-heat.log" 2>&1; }
schema_placement() { "$B/placement-manage" --config-file "$ETC/placement/placement.conf" db sync >"$LOG/schema-placement.log" 2>&1; }
schema_cinder() { "$B/cinder-manage" --config-file "$ETC/cinder/cinder.conf" db sync >"$LOG/schema-cinder.log" 2>&1; }
schema_nova() {
  local manage="$B/nova-manage --config-file $ETC/nova/nova.conf"
  { $manage api_db sync && $manage cell_v2 map_cell0 --database_connection "$(db nova_cell0)" && $manage db sync &&
    $manage cell_v2 create_cell --name cell1; } >"$LOG/schema-nova.log" 2>&1; }
schema_keystone() {
  local manage="$B/keystone-manage --config-file $ETC/keystone/keystone.conf" url=http://127.0.0.1:$P_KEYSTONE/v3
  local owner="--keystone-user $(id -un) --keystone-group $(id -gn)"
  { $manage db_sync && $manage fernet_setup $owner && $manage credential_setup $owner &&
    $manage bootstrap --bootstrap-username admin --bootstrap-password $PW --bootstrap-project-name admin \
      --bootstrap-role-name admin --bootstrap-service-name keystone --bootstrap-region-id RegionOne \
      --bootstrap-public-url $url --bootstrap-internal-url $url --bootstrap-admin-url $url; } >"$LOG/schema-keystone.log" 2>&1; }

# ---------------------------------------------------------------- verbs

start() {
  local t=$SECONDS
  [ -f "$V/.pins" ] || install
  choose_ports
  configure
  drivers
  golden
  if [ ! -f "$DATA/live" ]; then
    rm -rf "$DATA/mysql" "$DATA/rabbit" "$DATA/ovn"
    tar -C "$DATA" -xf "$GOLD/data.tar"
    touch "$DATA/live"
  fi
  up_rabbit
  up_db
  repoint
  up_ovn
  up_apis
  waitfor 60 rabbit tcp $P_RABBIT
  log "database, queue and switches are up after $((SECONDS - t)) s"
  up_workers
  up_computes
  waitfor 120 keystone http $P_KEYSTONE v3
  waitfor 120 placement http $P_PLACEMENT ""
  waitfor 120 glance http $P_GLANCE ""
  waitfor 120 nova-api http $P_NOVA ""
  waitfor 120 neutron http $P_NEUTRON ""
  waitfor 120 cinder-api http $P_CINDER ""
  log "the interfaces are up after $((SECONDS - t)) s"
  waitfor 60 "OVN's chassis" chassis_ok
  HOSTS="$(hosts | tr '\n' ' ')" OS_CLIENT_CONFIG_FILE=$LAB/clouds.yaml "$B/python3" "$HERE/readiness.py"
  log "ready after $((SECONDS - t)) s: export OS_CLIENT_CONFIG_FILE=$LAB/clouds.yaml OS_CLOUD=lab (or lab-admin)"; }
names() { ls "$RUN/pids" 2>/dev/null || true; }
stop() { # the services before what they stand on
  local all
  all=$(names)
  [ -n "$all" ] || { log "nothing of this lab runs"; return 0; }
  stopone $(echo "$all" | grep -vE '^(mariadb|rabbit|epmd)$' || true)
  stopone $(echo "$all" | grep -E '^(mariadb|rabbit)$' || true)
  stopone epmd
  log "stopped:" $all; }
reset() {
  stop
  rm -rf "$DATA"/{live,images,ovn,rabbit,nova,neutron,cinder} "$DATA"/compute-* "$LOG"
  log "all state is gone; the golden copy stays"; }
status() {
  local n p s rss total=0
  printf '%-22s %8s %6s %9s\n' NAME PID STATE RSS_MiB
  for n in $(names); do
    read -r p s <"$RUN/pids/$n"
    if alive "$n"; then
      rss=$(ps -o rss= -g "$p" | awk '{s += $1} END {printf "%d", s / 1024}')
      total=$((total + rss))
      printf '%-22s %8s %6s %9s\n' "$n" "$p" up "$rss"
    else
      printf '%-22s %8s %6s\n' "$n" "$p" DEAD
    fi
  done
  echo "in all (pages that are shared count for each): $total MiB"; }
openrc() {
  ports "$(cat "$LAB/shift")"
  cat <<E
export OS_CLIENT_CONFIG_FILE=$LAB/clouds.yaml OS_CLOUD=lab
export OS_AUTH_URL=http://127.0.0.1:$P_KEYSTONE/v3 OS_USERNAME=demo OS_PASSWORD=$PW OS_PROJECT_NAME=demo OS_USER_DOMAIN_ID=default OS_PROJECT_DOMAIN_ID=default OS_IDENTITY_API_VERSION=3 OS_REGION_NAME=RegionOne
E
}
destroy() {
  stop
  rm -rf "$DATA" "$GOLD" "$ETC" "$RUN" "$LOG" "$LAB/shift" "$LAB/clouds.yaml"
  log "gone; what was installed stays"; }

case ${1:-} in
install | start | stop | status | openrc | reset | destroy) "$1" ;;
*) sed -n 2,13p "$0"; exit 2 ;;
esac
