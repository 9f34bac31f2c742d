# The configuration of the lab's services. Read by lab.sh, whose variables it uses.

authtoken() { cat <<E
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$P_KEYSTONE/v3
$(svcauth)
service_token_roles = service
service_token_roles_required = true
token_cache_time = 600
[oslo_concurrency]
lock_path = $RUN/lock
[oslo_messaging_notifications]
driver = noop
[oslo_messaging_rabbit]
rabbit_quorum_queue = false
heartbeat_in_pthread = false
[oslo_policy]
enforce_scope = true
E
}
svcauth() { cat <<E
auth_type = password
auth_url = http://127.0.0.1:$P_KEYSTONE/v3
username = svc
password = $PW
user_domain_id = default
project_name = service
project_domain_id = default
region_name = RegionOne
E
}
configure() {
  mkdir -p "$ETC"/{keystone,nova,neutron,glance,placement,cinder,heat} "$RUN"/{pids,lock,ovn} "$LOG" "$DATA"/{images,nova,neutron,cinder}
  local mq="rabbit://guest:guest@127.0.0.1:$P_RABBIT/" pool=$'max_pool_size = 10\nmax_overflow = 40\nconnection_recycle_time = 280'
  cat >"$ETC/my.cnf" <<E
[mariadbd]
datadir=$DATA/mysql
socket=$SOCK
pid-file=$RUN/mysqld.pid
user=root
skip-networking
skip-log-bin
skip-name-resolve
innodb_buffer_pool_size=256M
innodb_flush_log_at_trx_commit=0
innodb_doublewrite=0
innodb_log_file_size=64M
sync_binlog=0
performance_schema=off
max_connections=800
character-set-server=utf8mb3
E
  cat >"$ETC/keystone/keystone.conf" <<E
[DEFAULT]
use_stderr = true
[database]
connection = $(db keystone)
$pool
[token]
provider = fernet
[fernet_tokens]
key_repository = $DATA/fernet
[fernet_receipts]
key_repository = $DATA/fernet
[credential]
key_repository = $DATA/credential
[identity]
password_hash_rounds = 4
[cache]
enabled = true
backend = dogpile.cache.memory
[oslo_messaging_notifications]
driver = noop
E
  cat >"$ETC/placement/placement.conf" <<E
[api]
auth_strategy = keystone
[placement_database]
connection = $(db placement)
$pool
$(authtoken)
E
  cat >"$ETC/glance/glance-api.conf" <<E
[DEFAULT]
use_stderr = true
enabled_backends = disk:file
workers = 0
bind_host = 127.0.0.1
worker_self_reference_url = http://127.0.0.1:$P_GLANCE
public_endpoint = http://127.0.0.1:$P_GLANCE
[database]
connection = $(db glance)
$pool
[glance_store]
default_backend = disk
[disk]
filesystem_store_datadir = $DATA/images
[os_glance_tasks_store]
filesystem_store_datadir = $DATA/glance-tasks
[os_glance_staging_store]
filesystem_store_datadir = $DATA/glance-staging
[paste_deploy]
flavor = keystone
config_file = $V/etc/glance/glance-api-paste.ini
$(authtoken)
E
  cp "$V/etc/nova/api-paste.ini" "$ETC/nova/"
  cat >"$ETC/nova/nova.conf" <<E
[DEFAULT]
use_stderr = true
transport_url = $mq
my_ip = 127.0.0.1
state_path = $DATA/nova
compute_driver = labfake.LabDriver
default_schedule_zone = az1
allow_resize_to_same_host = true
vif_plugging_is_fatal = false
vif_plugging_timeout = 5
rpc_response_timeout = 60
instance_usage_audit = false
ram_allocation_ratio = 1.0
cpu_allocation_ratio = 4.0
disk_allocation_ratio = 1.0
update_resources_interval = 0
sync_power_state_interval = -1
heal_instance_info_cache_interval = -1
max_concurrent_builds = 20
[api]
auth_strategy = keystone
[wsgi]
api_paste_config = $V/etc/nova/api-paste.ini
[api_database]
connection = $(db nova_api)
$pool
[database]
connection = $(db nova)
$pool
[conductor]
workers = 1
[scheduler]
workers = 1
discover_hosts_in_cells_interval = 3
max_attempts = 10
[filter_scheduler]
shuffle_best_same_weighed_hosts = true
enabled_filters = ComputeFilter,ComputeCapabilitiesFilter,ImagePropertiesFilter,ServerGroupAntiAffinityFilter,ServerGroupAffinityFilter,SameHostFilter,DifferentHostFilter
[quota]
instances = 500
cores = 2000
ram = 4000000
server_groups = 500
server_group_members = 500
[glance]
$(svcauth)
[placement]
$(svcauth)
[neutron]
$(svcauth)
service_metadata_proxy = false
[service_user]
send_service_user_token = true
$(svcauth)
[cinder]
catalog_info = block-storage::publicURL
$(svcauth)
[vnc]
enabled = false
$(authtoken)
E
  for i in $(seq "$COMPUTES"); do mkdir -p "$DATA/compute-$i"
    printf '[DEFAULT]\nhost = compute-%s\nstate_path = %s\n' "$i" "$DATA/compute-$i" >"$ETC/nova/compute-$i.conf"; done
  mkdir -p "$DATA/compute-fault"
  printf '[DEFAULT]\nhost = compute-fault\nstate_path = %s\n' "$DATA/compute-fault" >"$ETC/nova/compute-fault.conf"
  cat >"$ETC/neutron/neutron.conf" <<E
[DEFAULT]
use_stderr = true
core_plugin = ml2
service_plugins = ovn-router,trunk,qos,segments,port_forwarding
transport_url = $mq
api_paste_config = $V/etc/neutron/api-paste.ini
auth_strategy = keystone
state_path = $DATA/neutron
global_physnet_mtu = 1500
notify_nova_on_port_status_changes = true
notify_nova_on_port_data_changes = true
rpc_workers = 0
rpc_state_report_workers = 0
[database]
connection = $(db neutron)
$pool
[nova]
$(svcauth)
[placement]
$(svcauth)
[quotas]
quota_network = 500
quota_subnet = 500
quota_port = 2000
quota_router = 200
quota_floatingip = 200
quota_security_group = 500
quota_security_group_rule = 5000
[ml2]
mechanism_drivers = ovn
type_drivers = local,flat,vlan,geneve
tenant_network_types = geneve
extension_drivers = port_security,qos,dns_domain_ports
overlay_ip_version = 4
[ml2_type_geneve]
vni_ranges = 1:65536
max_header_size = 38
[ml2_type_flat]
flat_networks = public
[ml2_type_vlan]
network_vlan_ranges = physnet1:100:1000,physnet2:100:1000
[ovn]
ovn_nb_connection = unix:$RUN/ovn/nb.sock
ovn_sb_connection = unix:$RUN/ovn/sb.sock
ovn_metadata_enabled = false
enable_distributed_floating_ip = true
[ovs]
ovsdb_connection = unix:$RUN/ovn/compute-1/db.sock
$(authtoken)
E
  cat >"$ETC/cinder/cinder.conf" <<E
[DEFAULT]
use_stderr = true
transport_url = $mq
auth_strategy = keystone
host = lab
state_path = $DATA/cinder
api_paste_config = $V/etc/cinder/api-paste.ini
resource_query_filters_file = $V/etc/cinder/resource_filters.json
glance_api_servers = http://127.0.0.1:$P_GLANCE
storage_availability_zone = az1
default_volume_type = files
enabled_backends = files
volume_name_template = volume-%s
quota_volumes = 500
quota_snapshots = 500
quota_gigabytes = 4000
[files]
volume_driver = cinder.volume.drivers.labfiles.LabFiles
volume_backend_name = files
[database]
connection = $(db cinder)
$pool
[coordination]
backend_url = file://$DATA/cinder/coordination
[nova]
$(svcauth)
[service_user]
send_service_user_token = true
$(svcauth)
$(authtoken)
E
  cat >"$ETC/heat/heat.conf" <<E
[DEFAULT]
use_stderr = true
transport_url = $mq
heat_metadata_server_url = http://127.0.0.1:$P_HEAT
stack_domain_admin = heat_domain_admin
stack_domain_admin_password = $PW
stack_user_domain_name = heat
region_name_for_services = RegionOne
num_engine_workers = 1
convergence_engine = true
auth_encryption_key = 0123456789abcdef0123456789abcdef
environment_dir = $V/etc/heat/environment.d
template_dir = $V/etc/heat/templates
[paste_deploy]
api_paste_config = $V/etc/heat/api-paste.ini
[database]
connection = $(db heat)
$pool
[trustee]
auth_type = password
auth_url = http://127.0.0.1:$P_KEYSTONE/v3
username = svc
password = $PW
user_domain_id = default
[clients]
endpoint_type = publicURL
[clients_keystone]
auth_uri = http://127.0.0.1:$P_KEYSTONE
$(authtoken)
E
  cat >"$ETC/rabbit-enabled-plugins" <<<'[].'
  cat >"$LAB/clouds.yaml" <<E
clouds:
  lab-admin:
    auth: {auth_url: "http://127.0.0.1:$P_KEYSTONE/v3", username: admin, password: $PW, project_name: admin, user_domain_id: default, project_domain_id: default}
    region_name: RegionOne
    identity_api_version: 3
  lab:
    auth: {auth_url: "http://127.0.0.1:$P_KEYSTONE/v3", username: demo, password: $PW, project_name: demo, user_domain_id: default, project_domain_id: default}
    region_name: RegionOne
    identity_api_version: 3
E
}
