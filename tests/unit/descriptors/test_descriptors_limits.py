from descriptors.limits import Limits
from descriptors.onboarding import read_package

HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\n"


def test_documents_share_one_budget_of_nodes(package):
    """Many documents that are each within bounds are refused together, with the one that was too much."""
    files = {"vnfd.yaml": f"{HEAD}imports: [ Definitions/1.yaml, Definitions/2.yaml ]\n"}
    for name in "12":
        files[f"Definitions/{name}.yaml"] = f"{HEAD}metadata: {{ a: [ {'x, ' * 60} ] }}\n"
    path = package(files)
    refused = read_package(path, limits=Limits(total_nodes=100))
    assert [(f.code, f.file) for f in refused.diagnostics if "all documents" in f.message] == [
        ("yaml-limit", "Definitions/2.yaml")
    ]
    assert not [f for f in read_package(path).diagnostics if f.code == "yaml-limit"]


def test_the_values_of_documents_are_never_changed(package, vnfd_text):
    """What the cache of documents holds is what the text says, whatever was read from it."""
    path = package({"vnfd.yaml": vnfd_text})
    first = read_package(path)
    assert read_package(path) == first
    assert first.vnfd is not None
