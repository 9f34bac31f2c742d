"""The judge itself: ETSI's documents can be read, and what violates them is found."""

import pytest

BASICS = {
    "id": "1",
    "vnfdId": "2",
    "vnfProvider": "p",
    "vnfProductName": "n",
    "vnfSoftwareVersion": "1",
    "vnfdVersion": "1",
}
VNF = BASICS | {
    "instantiationState": "NOT_INSTANTIATED",
    "_links": {"self": {"href": "http://localhost/vnflcm/v2/vnf_instances/1"}},
}

INTERFACES = [
    "SOL003/VNFLifecycleManagement",
    "SOL003/VNFLifecycleOperationGranting",
    "SOL003/VNFPackageManagement",
    "SOL005/NSDManagement",
    "SOL005/NSLifecycleManagement",
    "SOL005/VNFPackageManagement",
]


@pytest.fixture
def vnflcm(etsi):
    return etsi("SOL003/VNFLifecycleManagement")


@pytest.mark.parametrize("name", INTERFACES)
def test_every_schema_of_a_document_is_found(etsi, name):
    """No reference of a document that we judge by leads nowhere: nonsense is refused for what it is, everywhere."""
    document = etsi(name)
    assert document.operations
    for method, path in document.operations:
        operation, _ = document._operation(method, path)
        for status in operation["responses"]:
            with pytest.raises(AssertionError) as refusal:
                document.check_answer(method, path, int(status), [{"unheard": 1}] * 2)
            assert "which does not exist" not in str(refusal.value)


def test_a_correct_representation_passes(vnflcm):
    """A minimal VNF instance conforms, by template and by real path, alone and in a list."""
    vnflcm.check_answer("GET", "/vnf_instances/{vnfInstanceId}", 200, VNF)
    vnflcm.check_answer("GET", "/vnf_instances/0a1b", 200, VNF)
    vnflcm.check_answer("GET", "/vnf_instances", 200, [VNF, VNF])
    vnflcm.check_answer("POST", "/vnf_instances/0a1b/instantiate", 202)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"instantiationState": "DREAMT_UP"}, r"\$.instantiationState"),
        ({"vnfdId": 7}, r"\$.vnfdId"),
        ({"vnfdIdentifier": "7"}, r"\$.vnfdIdentifier: the document has no such attribute"),
        ({"_links": {}}, r"\$._links.*'self'"),
        ({"vnfdId": None}, r"\$.vnfdId"),
    ],
)
def test_a_wrong_attribute_is_named(vnflcm, change, complaint):
    """A wrong value, a misspelt name and a missing attribute are told with their path."""
    with pytest.raises(AssertionError, match=complaint):
        vnflcm.check_answer("GET", "/vnf_instances/1", 200, VNF | change)


def test_what_the_document_does_not_foresee_is_refused(vnflcm):
    """Statuses, methods, paths and bodies that the document lacks are violations."""
    with pytest.raises(AssertionError, match="answers 299"):
        vnflcm.check_answer("GET", "/vnf_instances/1", 299, VNF)
    with pytest.raises(AssertionError, match="no PUT"):
        vnflcm.check_answer("PUT", "/vnf_instances/1", 200, VNF)
    with pytest.raises(AssertionError, match="no path"):
        vnflcm.check_answer("GET", "/vnf_dreams", 200, [])
    with pytest.raises(AssertionError, match="no JSON body"):
        vnflcm.check_answer("DELETE", "/vnf_instances/1", 204, {"x": 1})


def test_requests_are_judged_too(vnflcm):
    """A request body is judged by the same rules."""
    vnflcm.check_request("POST", "/vnf_instances", {"vnfdId": "1"})
    with pytest.raises(AssertionError, match="vnfdId"):
        vnflcm.check_request("POST", "/vnf_instances", {})
