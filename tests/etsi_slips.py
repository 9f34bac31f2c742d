"""Where the published OpenAPI documents differ from the tables and notes of the standard, which count.

Every correction is a JSON merge patch (RFC 7396) of a file; None removes.
"""

from typing import Any

_ADDRESSES = {"oneOf": [{"required": ["addresses"]}, {"required": ["addressRange"]}]}
_WANTED_ADDRESSES = {
    "oneOf": [{"required": [name]} for name in ("fixedAddresses", "numDynamicAddresses", "addressRange")],
}


def _list_of(type_: str) -> dict[str, Any]:
    """Return the correction of an answer that is published as one entry instead of a list of them."""
    reference = f"definitions/SOL003VNFLifecycleManagement_def.yaml#/definitions/{type_}"
    schema = {"$ref": None, "type": "array", "items": {"$ref": reference}}
    return {"content": {"application/json": {"schema": schema}}}


def _one(type_: str, file: str = "SOL003VNFLifecycleManagement_def.yaml") -> dict[str, Any]:
    """Return the correction of an answer that is published as a list of entries instead of one."""
    reference = f"definitions/{file}#/definitions/{type_}"
    return {"content": {"application/json": {"schema": {"$ref": reference, "type": None, "items": None}}}}


def _of_sol002(type_: str) -> dict[str, Any]:
    """Return the list of a type that only SOL002 has, as SOL003's documents would refer to it."""
    file = "SOL002VNFLifecycleManagement_def.yaml"
    reference = f"../../../SOL002/VNFLifecycleManagement/definitions/{file}#/definitions/{type_}"
    return {"type": "array", "items": {"$ref": reference}}


PATHS = {
    "/nslcm/v1/ns_lcm_op_occs/{nsLcmOpOccId}/fail": "/ns_lcm_op_occs/{nsLcmOpOccId}/fail",
    "/nslcm/v1/ns_lcm_op_occs/{nsLcmOpOccId}/cancel": "/ns_lcm_op_occs/{nsLcmOpOccId}/cancel",
}
"""The right path by the published one."""

CORRECTIONS: dict[str, dict[str, Any]] = {
    "SOL003_def.yaml": {
        "definitions": {
            # The level is required as scaleLevel and declared as scaleToLevel, an identifier.
            "ScaleInfo": {"properties": {"scaleToLevel": None, "scaleLevel": {"type": "integer", "minimum": 0}}},
            # Note 2 is about the entries of ipAddresses, the schema applies it one level above, and to another name.
            "IpOverEthernetAddressData": {"oneOf": None, "properties": {"ipAddresses": {"items": _WANTED_ADDRESSES}}},
            # Published as a text with the remark that no definition was found; SOL005 has the structure.
            "Checksum": {
                "type": "object",
                "required": ["algorithm", "hash"],
                "properties": {"algorithm": {"type": "string"}, "hash": {"type": "string"}},
            },
        },
    },
    "SOL003VNFLifecycleManagement_def.yaml": {
        "definitions": {
            # Note 2 says "not more than one", the schema "exactly one".
            "VnfLcmOpOcc": {
                "oneOf": None,
                "not": {"required": ["changedInfo", "modificationsTriggeredByVnfPkgChange"]},
            },
            # Note 2 is about the entries of ipAddresses, the schema applies it one level above.
            "IpOverEthernetAddressInfo": {"oneOf": None, "properties": {"ipAddresses": {"items": _ADDRESSES}}},
            # The parent of what a trunk carries is of a connection point (it speaks of "the present CP instance"),
            # the schema declares it one level above.
            "VnfcResourceInfo": {
                "properties": {
                    "parentCpId": None,
                    "vnfcCpInfo": {"items": {"properties": {"parentCpId": {"type": "string"}}}},
                }
            },
            # Required under names that earlier drafts had.
            "CreateVnfSnapshotRequest": {"required": ["vnfSnapshotInfoId"]},
            # Its vnfInstance and vnfcSnapshots are required as well, and left out of lists by default.
            "VnfSnapshot": {"required": ["id", "vnfInstanceId", "creationStartedAt", "vnfdId"]},
            "VnfcSnapshotInfo": {"required": ["id", "vnfcInstanceId", "creationStartedAt", "vnfcResourceInfoId"]},
            # No slip, but our reading of 1..N: what is attached to nothing has no external connection point.
            # Nor this: one interface serves SOL002 as well, and who has not heard of an attribute passes it over.
            "VnfInstance": {
                "properties": {
                    "instantiatedVnfInfo": {
                        "properties": {"extCpInfo": {"minItems": None}, "vnfcInfo": _of_sol002("VnfcInfo")}
                    }
                },
            },
            "VnfInfoModifications": {"properties": {"vnfcInfoModifications": _of_sol002("VnfcInfoModifications")}},
        },
    },
    # The same slips as in SOL003's.
    "SOL002_def.yaml": {
        "definitions": {
            "IpOverEthernetAddressData": {"oneOf": None, "properties": {"ipAddresses": {"items": _WANTED_ADDRESSES}}},
        },
    },
    "SOL002VNFLifecycleManagement_def.yaml": {
        "definitions": {
            "VnfLcmOpOcc": {
                "oneOf": None,
                "not": {"required": ["changedInfo", "modificationsTriggeredByVnfPkgChange"]},
            },
            "IpOverEthernetAddressInfo": {"oneOf": None, "properties": {"ipAddresses": {"items": _ADDRESSES}}},
            "CreateVnfSnapshotRequest": {"required": ["vnfSnapshotInfoId"]},
        },
    },
    "VNFLifecycleManagement.yaml": {
        "components": {
            "responses": {
                "VnfLcmOpOccs.Get.200": _list_of("VnfLcmOpOcc"),
                "Subscriptions.Get.200": _list_of("LccnSubscription"),
                "IndividualVnfSnapshot.Get.200": _one("VnfSnapshotInfo"),
                # The text says that the body shall be empty, the schema declares one.
                "IndividualVnfInstance.Patch.202": {"content": None},
            }
        },
    },
    "VNFPackageManagement.yaml": {  # that of SOL003; the one of SOL005 has no response of this name
        "components": {
            "responses": {
                "Subscriptions.Post.201": _one("PkgmSubscription", "SOL003VNFPackageManagement_def.yaml"),
            }
        },
    },
    "SOL005VNFPackageManagement_def.yaml": {
        "definitions": {
            # Published as one; the table says: as many as there are. What a response shall not have is required there.
            "ExternalArtifactsAccessConfig": {
                "properties": {
                    "artifact": {
                        "type": "array",
                        "required": None,
                        "properties": None,
                        "items": {
                            "type": "object",
                            "required": ["artifactUri"],
                            "properties": {
                                "artifactUri": {"type": "string"},
                                "overrideUri": {"type": "string"},
                                "authType": {"type": "string", "enum": ["OAUTH2_CLIENT_CREDENTIALS"]},
                                "paramsOauth2ClientCredentials": {
                                    "type": "object",
                                    "required": ["clientId"],
                                    "properties": {
                                        "clientId": {"type": "string"},
                                        "clientPassword": {"type": "string"},
                                        "tokenEndpoint": {"type": "string"},
                                    },
                                },
                            },
                        },
                    }
                }
            },
            # Published as a URI; the table says: an identifier.
            "PkgmSubscription": {"properties": {"id": {"$ref": None, "type": "string"}}},
            # The note says "should not be used together", the schema "exactly one"; the table says 0..N types.
            "PkgmNotificationsFilter": {
                "oneOf": None,
                "properties": {"notificationTypes": {"type": "array", "enum": None, "items": {"type": "string"}}},
            },
        },
    },
    "SOL005NSDescriptorManagement_def.yaml": {
        "definitions": {
            # The note says "at least one of them", the schema "exactly one"; userDefinedData are published as a list.
            "NsdInfoModifications": {
                "oneOf": None,
                "anyOf": [{"required": ["nsdOperationalState"]}, {"required": ["userDefinedData"]}],
                "properties": {"userDefinedData": {"type": "object", "items": None}},
            },
            # A letter is missing.
            "PnfdInfo": {"properties": {"pnfdersion": None, "pnfdVersion": {"type": "string"}}},
            # Described as ONBOARDED, and published as ONBOARDING.
            "PnfdOnboardingStateType": {"enum": ["CREATED", "UPLOADING", "PROCESSING", "ONBOARDED", "ERROR"]},
        },
    },
    # Of release 2.6.1: the same slips, user data as a list, and a required attribute of which a key got stuck.
    "NSDManagement-API/NsdInfoModification": {"properties": {"userDefinedData": {"type": "object", "items": None}}},
    "NSDManagement-API/PnfdInfo": {
        "properties": {
            "pnfdersion": None,
            "pnfdVersion": {"type": "string"},
            "pnfdOnboardingState": {"enum": ["CREATED", "UPLOADING", "PROCESSING", "ONBOARDED"]},
            "userDefinedData": {"type": "object", "items": None},
            "onboardingFailureDetails": {"required": ["status", "detail"]},
        },
    },
    **{
        f"NSDManagement-API/{it}OnboardingFailureNotification": {
            "properties": {"onboardingFailureDetails": {"required": ["status", "detail"]}}
        }
        for it in ("Nsd", "Pnfd")
    },
    "SOL005NSLifecycleManagement_def.yaml": {
        "definitions": {
            "NsLcmOpOcc": {
                "properties": {
                    # Published as the name of the operation; the text says: the request's data type.
                    "operationParams": {"enum": None, "type": "object"},
                    # Required as statusEnteredTime and declared as stateEnteredTime.
                    "statusEnteredTime": {"type": "string", "format": "date-time"},
                }
            },
            # The condition belongs to changedInfo, which may be absent.
            "AffectedVnf": {"anyOf": None},
            # The table says 1..N, as SOL003 does.
            "ExtVirtualLinkInfo": {
                "properties": {
                    "currentVnfExtCpData": {
                        "$ref": None,
                        "type": "array",
                        "items": {"$ref": "#/definitions/VnfExtCpData"},
                    }
                }
            },
        },
    },
}
"""Corrections by file."""


def corrected(file: str, document: dict[str, Any]) -> dict[str, Any]:
    """Return the document of a file as the standard means it."""
    return _merged(document, CORRECTIONS.get(file, {}))


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged = dict(target) if isinstance(target, dict) else {}
    for name, change in patch.items():
        if change is None:
            merged.pop(name, None)
        else:
            merged[name] = _merged(merged.get(name), change)
    return merged
