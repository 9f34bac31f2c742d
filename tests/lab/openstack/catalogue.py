"""Fill a new identity service: roles, projects, users, and the catalogue of the lab's services."""

import os
import sys

import openstack

PASSWORD = os.environ["LAB_PASSWORD"]

cloud = openstack.connect(cloud="lab-admin")
identity = cloud.identity

roles = {role.name: role for role in identity.roles()}
for name in ("service", "heat_stack_user", "heat_stack_owner"):
    if name not in roles:
        roles[name] = identity.create_role(name=name)

services = identity.create_project(name="service", domain_id="default")
demo = identity.create_project(name="demo", domain_id="default")
service_user = identity.create_user(name="svc", password=PASSWORD, domain_id="default", default_project_id=services.id)
demo_user = identity.create_user(name="demo", password=PASSWORD, domain_id="default", default_project_id=demo.id)
administrator = identity.find_user("admin")
for project, user, role in (
    (services, service_user, "admin"),
    (services, service_user, "service"),
    (demo, demo_user, "member"),
    (demo, demo_user, "reader"),
    (demo, demo_user, "heat_stack_owner"),
    (demo, administrator, "admin"),
):
    identity.assign_project_role_to_user(project, user, roles[role])

heat_domain = identity.create_domain(name="heat")
heat_administrator = identity.create_user(name="heat_domain_admin", password=PASSWORD, domain_id=heat_domain.id)
identity.assign_domain_role_to_user(heat_domain, heat_administrator, roles["admin"])

for line in sys.stdin:
    name, kind, url = line.split()
    if kind == "identity":  # made by keystone's own bootstrap
        continue
    service = identity.create_service(name=name, type=kind)
    for interface in ("public", "internal", "admin"):
        identity.create_endpoint(service_id=service.id, interface=interface, url=url, region_id="RegionOne")
