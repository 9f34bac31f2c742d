"""The JSON schemas of release 2.6.1 that ETSI publishes for answers, as a judge with the face of ``etsi_openapi``.

They cover what is answered with success and what is notified; of requests, and of what is refused, they say nothing.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from aiohttp import ClientResponse
from etsi_openapi import PROBLEM_MEMBERS, covering, violations
from etsi_slips import corrected

Schema = dict[str, Any]

VNFLCM: Mapping[tuple[str, str], Mapping[int, str | None]] = {
    ("GET", "/api_versions"): {200: "ApiVersionInformation"},
    ("POST", "/vnf_instances"): {201: "vnfInstance"},
    ("GET", "/vnf_instances"): {200: "vnfInstances"},
    ("GET", "/vnf_instances/{vnfInstanceId}"): {200: "vnfInstance"},
    ("PATCH", "/vnf_instances/{vnfInstanceId}"): {202: None},
    ("DELETE", "/vnf_instances/{vnfInstanceId}"): {204: None},
    **{
        ("POST", f"/vnf_instances/{{vnfInstanceId}}/{task}"): {202: None}
        for task in (
            "instantiate",
            "scale",
            "scale_to_level",
            "change_flavour",
            "terminate",
            "heal",
            "operate",
            "change_ext_conn",
        )
    },
    ("GET", "/vnf_lcm_op_occs"): {200: "VnfLcmOpOccs"},
    ("GET", "/vnf_lcm_op_occs/{vnfLcmOpOccId}"): {200: "vnfLcmOpOcc"},
    ("POST", "/vnf_lcm_op_occs/{vnfLcmOpOccId}/retry"): {202: None},
    ("POST", "/vnf_lcm_op_occs/{vnfLcmOpOccId}/rollback"): {202: None},
    ("POST", "/vnf_lcm_op_occs/{vnfLcmOpOccId}/fail"): {200: "vnfLcmOpOcc"},
    ("POST", "/vnf_lcm_op_occs/{vnfLcmOpOccId}/cancel"): {202: None},
    ("POST", "/subscriptions"): {201: "LccnSubscription", 303: None},
    ("GET", "/subscriptions"): {200: "subscriptions"},
    ("GET", "/subscriptions/{subscriptionId}"): {200: "LccnSubscription"},
    ("DELETE", "/subscriptions/{subscriptionId}"): {204: None},
}
"""Which schema an answer has (etsi/RESOURCES.md says which resources release 2.6.1 has); None: no body of JSON."""

_READ = {200: None, 206: None}

VNFPKGM_FOR_OSS: Mapping[tuple[str, str], Mapping[int, str | None]] = {
    ("GET", "/api_versions"): {200: "ApiVersionInformation"},
    ("POST", "/vnf_packages"): {201: "vnfPkgInfo"},
    ("GET", "/vnf_packages"): {200: "[vnfPkgInfo]"},
    ("GET", "/vnf_packages/{vnfPkgId}"): {200: "vnfPkgInfo"},
    ("PATCH", "/vnf_packages/{vnfPkgId}"): {200: "VnfPkgInfoModification"},
    ("DELETE", "/vnf_packages/{vnfPkgId}"): {204: None},
    ("GET", "/vnf_packages/{vnfPkgId}/vnfd"): {200: None},
    ("GET", "/vnf_packages/{vnfPkgId}/package_content"): _READ,
    ("PUT", "/vnf_packages/{vnfPkgId}/package_content"): {202: None},
    ("POST", "/vnf_packages/{vnfPkgId}/package_content/upload_from_uri"): {202: None},
    ("GET", "/vnf_packages/{vnfPkgId}/artifacts/{artifactPath}"): _READ,
    ("POST", "/subscriptions"): {201: "PkgmSubscription", 303: None},
    ("GET", "/subscriptions"): {200: "[PkgmSubscription]"},
    ("GET", "/subscriptions/{subscriptionId}"): {200: "PkgmSubscription"},
    ("DELETE", "/subscriptions/{subscriptionId}"): {204: None},
}
"""The schema of a list of packages is no JSON as it is published: its entries are judged one by one."""

VNFPKGM_FOR_VNFMS: Mapping[tuple[str, str], Mapping[int, str | None]] = {
    ("GET", "/api_versions"): {200: "ApiVersionInformation"},
    **{
        ("GET", f"{resource}{below}"): answer
        for resource in ("/vnf_packages/{vnfPkgId}", "/onboarded_vnf_packages/{vnfdId}")
        for below, answer in {
            "": {200: "vnfPkgInfo"},
            "/vnfd": {200: None},
            "/package_content": _READ,
            "/artifacts/{artifactPath}": _READ,
        }.items()
    },
    ("GET", "/vnf_packages"): {200: "vnfPkgsInfo"},
    ("GET", "/onboarded_vnf_packages"): {200: "vnfPkgsInfo"},
    ("POST", "/subscriptions"): {201: "PkgmSubscription", 303: None},
    ("GET", "/subscriptions"): {200: "[PkgmSubscription]"},
    ("GET", "/subscriptions/{subscriptionId}"): {200: "PkgmSubscription"},
    ("DELETE", "/subscriptions/{subscriptionId}"): {204: None},
}

NSD: Mapping[tuple[str, str], Mapping[int, str | None]] = {
    ("GET", "/api_versions"): {200: "ApiVersionInformation"},
    ("POST", "/ns_descriptors"): {201: "NsdInfo"},
    ("GET", "/ns_descriptors"): {200: "[NsdInfo]"},
    ("GET", "/ns_descriptors/{nsdInfoId}"): {200: "NsdInfo"},
    ("PATCH", "/ns_descriptors/{nsdInfoId}"): {200: "NsdInfoModification"},
    ("DELETE", "/ns_descriptors/{nsdInfoId}"): {204: None},
    ("GET", "/ns_descriptors/{nsdInfoId}/nsd_content"): _READ,
    ("PUT", "/ns_descriptors/{nsdInfoId}/nsd_content"): {202: None},
    ("POST", "/pnf_descriptors"): {201: "PnfdInfo"},
    ("GET", "/pnf_descriptors"): {200: "[PnfdInfo]"},
    ("GET", "/pnf_descriptors/{pnfdInfoId}"): {200: "PnfdInfo"},
    ("PATCH", "/pnf_descriptors/{pnfdInfoId}"): {200: "PnfdInfoModification"},
    ("DELETE", "/pnf_descriptors/{pnfdInfoId}"): {204: None},
    ("GET", "/pnf_descriptors/{pnfdInfoId}/pnfd_content"): _READ,
    ("PUT", "/pnf_descriptors/{pnfdInfoId}/pnfd_content"): {202: None},
    ("POST", "/subscriptions"): {201: "NsdmSubscription", 303: None},
    ("GET", "/subscriptions"): {200: "[NsdmSubscription]"},
    ("GET", "/subscriptions/{subscriptionId}"): {200: "NsdmSubscription"},
    ("DELETE", "/subscriptions/{subscriptionId}"): {204: None},
}


class Schemas:
    """An interface in release 2.6.1: what it answers."""

    def __init__(self, folder: Path, root: str, answers: Mapping[tuple[str, str], Mapping[int, str | None]]) -> None:
        self._folder = folder
        self._answers = answers
        self.root = root

    @property
    def operations(self) -> list[tuple[str, str]]:
        """Every method and path template of the interface."""
        return list(self._answers)

    def template(self, path: str) -> str:
        """Return the path template that stands for ``path``, which may be one and may have a query."""
        path = path.partition("?")[0]
        return next(template for _, template in self._answers if template == path or covering(path)(template))

    def schema(self, name: str) -> Schema:
        """Return the schema of this name."""
        return _schema(self._folder / f"{name}.schema.json")

    def check_request(self, method: str, path: str, body: Any) -> None:
        """There is nothing to judge requests by."""

    async def check(self, response: ClientResponse) -> Any:
        """Judge an answer and return its JSON body (None without one)."""
        is_json = response.content_type.endswith("json")
        body = await response.json(content_type=None) if is_json else None
        if response.status >= 400:
            assert response.content_type == "application/problem+json", response.content_type
            self.check_body("ProblemDetails", body, strict=False)
            return body
        template = self.template(response.url.path.removeprefix(self.root))
        answers = self._answers[(response.method, template)]
        assert response.status in answers, f"{response.method} {template} answers {response.status}"
        if (name := answers[response.status]) is None:
            assert body is None
        else:
            self.check_body(name, body)
        return body

    def check_body(self, name: str, body: Any, *, strict: bool = True) -> None:
        """Assert that a body is as the schema of this name has it, and with ``strict`` that it has nothing else.

        ``[name]`` stands for a list of such bodies.
        """
        if name.startswith("["):
            assert isinstance(body, list)
            for entry in body:
                self.check_body(name[1:-1], entry, strict=strict)
            return
        schema = self.schema(name)
        found = violations(schema, body) + (list(_undeclared(schema, body, "$")) if strict else [])
        assert not found, f"{name} of release 2.6.1:\n  " + "\n  ".join(found)


def _undeclared(schema: Schema, value: Any, where: str) -> Iterator[str]:
    """Yield the attributes that the schema does not have; what is declared without any is free."""
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from _undeclared(schema.get("items", {}), element, f"{where}[{index}]")
    elif isinstance(value, dict) and (declared := schema.get("properties")):
        for name, member in value.items():
            if name in declared:
                yield from _undeclared(declared[name], member, f"{where}.{name}")
            elif not declared.keys() >= PROBLEM_MEMBERS:  # which may have further members (RFC 9457 3.2)
                yield f"{where}.{name}: release 2.6.1 has no such attribute"


@functools.cache
def _schema(file: Path) -> Schema:
    content = file.read_bytes()
    try:
        text = content.decode()
    except UnicodeDecodeError:  # some of them are in the code page of their author's machine
        text = content.decode("cp1252")
    schema: Schema = json.loads(text)
    return corrected(f"{file.parent.name}/{file.name.partition('.')[0]}", schema)
