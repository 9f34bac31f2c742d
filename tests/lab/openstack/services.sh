# The lab's services, from database to hosts. Read by lab.sh, whose variables and functions it uses.

up_db() { alive mariadb && return 0
  spawn mariadb mariadbd --defaults-file="$ETC/my.cnf"
  waitfor 60 mariadb sql -e 'select 1'; }
up_rabbit() { alive rabbit && return 0
  mkdir -p "$DATA/rabbit"
  spawn epmd epmd -port $P_EPMD -address 127.0.0.1
  spawn rabbit env HOME="$DATA/rabbit" ERL_EPMD_PORT=$P_EPMD RABBITMQ_NODENAME=oslab@localhost \
    RABBITMQ_NODE_IP_ADDRESS=127.0.0.1 RABBITMQ_NODE_PORT=$P_RABBIT RABBITMQ_DIST_PORT=$P_RABBIT_DIST \
    RABBITMQ_MNESIA_BASE="$DATA/rabbit" RABBITMQ_LOG_BASE="$LOG" RABBITMQ_LOGS=- RABBITMQ_CONF_ENV_FILE=/dev/null \
    RABBITMQ_CONFIG_FILE="$ETC/rabbitmq" RABBITMQ_ENABLED_PLUGINS_FILE="$ETC/rabbit-enabled-plugins" \
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1} +sbwt none +sbwtdcpu none +sbwtdio none +S 2:2' \
    /usr/lib/rabbitmq/bin/rabbitmq-server; }
up_ovn() {
  local d=$DATA/ovn r=$RUN/ovn i h; mkdir -p "$d"
  [ -f "$d/nb.db" ] || ovsdb-tool create "$d/nb.db" /usr/share/ovn/ovn-nb.ovsschema
  [ -f "$d/sb.db" ] || ovsdb-tool create "$d/sb.db" /usr/share/ovn/ovn-sb.ovsschema
  export OVS_RUNDIR=$r OVN_RUNDIR=$r OVS_LOGDIR=$LOG OVN_LOGDIR=$LOG
  spawn ovn-nb ovsdb-server --remote="punix:$r/nb.sock" --unixctl="$r/nb.ctl" -vconsole:warn "$d/nb.db"
  spawn ovn-sb ovsdb-server --remote="punix:$r/sb.sock" --unixctl="$r/sb.ctl" -vconsole:warn "$d/sb.db"
  waitfor 20 ovn-nb test -S "$r/nb.sock"; waitfor 20 ovn-sb test -S "$r/sb.sock"
  spawn ovn-northd ovn-northd --ovnnb-db="unix:$r/nb.sock" --ovnsb-db="unix:$r/sb.sock" --unixctl="$r/northd.ctl" -vconsole:warn
  i=0; for h in $(hosts); do i=$((i+1)); up_chassis "$h" "$i"; done
}
chassis_ok() { [ "$(ovn-sbctl --db="unix:$RUN/ovn/sb.sock" --no-leader-only --bare --columns=name list Chassis | grep -c .)" = "$(hosts | wc -l)" ]; }
hosts() { for i in $(seq "$COMPUTES"); do echo "compute-$i"; done; if [ "$FAULT_COMPUTES" = 1 ]; then echo compute-fault; fi; }
up_chassis() { # a real OVN chassis on a dummy-datapath OVS (no kernel module, no root needed)
  local h=$1 n=$2 r=$RUN/ovn/$1 d=$DATA/ovn/$1; mkdir -p "$r" "$d"
  [ -f "$d/conf.db" ] || ovsdb-tool create "$d/conf.db" /usr/share/openvswitch/vswitch.ovsschema
  local E="env OVS_RUNDIR=$r OVN_RUNDIR=$r OVS_LOGDIR=$LOG OVN_LOGDIR=$LOG OVS_DBDIR=$d OVS_SYSCONFDIR=$r"
  spawn "ovsdb-$h" $E ovsdb-server --remote="punix:$r/db.sock" --unixctl="$r/ovsdb.ctl" -vconsole:warn "$d/conf.db"
  waitfor 20 "ovsdb-$h" test -S "$r/db.sock"
  ovs-vsctl --db="unix:$r/db.sock" --no-wait -- init -- set Open_vSwitch . \
     external_ids:system-id="$h" external_ids:hostname="$h" external_ids:ovn-remote="unix:$RUN/ovn/sb.sock" \
     external_ids:ovn-encap-type=geneve external_ids:ovn-encap-ip="127.0.1.$n" \
     external_ids:ovn-bridge-mappings=public:br-ex,physnet1:br-p1,physnet2:br-p2 external_ids:ovn-cms-options=enable-chassis-as-gw \
     -- --may-exist add-br br-int -- --may-exist add-br br-ex -- --may-exist add-br br-p1 -- --may-exist add-br br-p2
  spawn "ovs-$h" $E ovs-vswitchd --enable-dummy=override --disable-system --unixctl="$r/vswitchd.ctl" -vconsole:warn "unix:$r/db.sock"
  spawn "ovnc-$h" $E ovn-controller -vconsole:warn "unix:$r/db.sock"
}
uw() { # name port module threads [--config-file...]
  local n=$1 p=$2 m=$3 t=$4; shift 4
  spawn "$n" env OS_KEYSTONE_CONFIG_DIR="$ETC/keystone" OS_PLACEMENT_CONFIG_DIR="$ETC/placement" OS_GLANCE_CONFIG_DIR="$ETC/glance" \
    OS_NOVA_CONFIG_DIR="$ETC/nova" OS_NOVA_CONFIG_FILES="api-paste.ini;nova.conf" OS_NEUTRON_CONFIG_DIR="$ETC/neutron" OS_NEUTRON_CONFIG_FILES=neutron.conf \
    "$B/uwsgi" --http-socket "127.0.0.1:$p" --module "$m" --master --processes "${WORKERS:-1}" --threads "$t" --enable-threads --thunder-lock \
    --lazy-apps --die-on-term --need-app --buffer-size 65535 --listen 128 --add-header "Connection: close" --disable-logging --log-5xx "$@"; }
up_keystone() { uw keystone $P_KEYSTONE keystone.wsgi.api:application 8 --post-buffering 65536; }
up_apis() {
  up_keystone
  uw placement $P_PLACEMENT placement.wsgi.api:application 8 --post-buffering 65536
  uw glance $P_GLANCE glance.wsgi.api:application 8 --http-chunked-input
  uw nova-api $P_NOVA nova.wsgi.osapi_compute:application 16 --post-buffering 65536
  uw neutron $P_NEUTRON neutron.wsgi.api:application 16 --post-buffering 65536
  uw cinder-api $P_CINDER cinder.wsgi.api:application 8 --post-buffering 65536 --pyargv "--config-file $ETC/cinder/cinder.conf"
  if [ "$HEAT" = 1 ]; then uw heat-api $P_HEAT heat.wsgi.api:application 4 --post-buffering 65536 --pyargv "--config-file $ETC/heat/heat.conf"; fi
}
up_workers() {
  spawn nova-conductor "$B/nova-conductor" --config-file "$ETC/nova/nova.conf"
  spawn nova-scheduler "$B/nova-scheduler" --config-file "$ETC/nova/nova.conf"
  spawn cinder-scheduler "$B/cinder-scheduler" --config-file "$ETC/cinder/cinder.conf"
  spawn cinder-volume "$B/cinder-volume" --config-file "$ETC/cinder/cinder.conf"
  if [ "$HEAT" = 1 ]; then spawn heat-engine "$B/heat-engine" --config-file "$ETC/heat/heat.conf"; fi
}
up_computes() { local h; for h in $(hosts); do
  spawn "nova-$h" env LAB_OVN_RUN="$RUN/ovn" LAB_FAULT="$([ "$h" = compute-fault ] && echo spawn_abort)" "$B/nova-compute" --config-file "$ETC/nova/nova.conf" --config-file "$ETC/nova/$h.conf"; done; }
