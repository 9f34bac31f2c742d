"""Import graphs that grow: twice the files must take twice the time, however often they import each other."""

import statistics
import tempfile
import time
from pathlib import Path

from descriptors.onboarding import read_package
from descriptors.tosca import documents

_HEAD = "tosca_definitions_version: tosca_simple_yaml_1_3\n"


def diamonds(layers=(10, 20, 40, 80, 160)):
    """Return CPU milliseconds by the number of files: two in each layer, each importing both of the next."""
    result = {}
    for count in layers:
        with tempfile.TemporaryDirectory() as directory:
            _write(Path(directory), count)
            spent = []
            for _ in range(5):
                documents.forget()
                begun = time.process_time()
                found = read_package(Path(directory, "top.yaml"), siblings=True)
                spent.append(1000 * (time.process_time() - begun))
            assert len(found.definitions) == 2 * count + 1, found.diagnostics
        result[2 * count + 1] = statistics.median(spent)
    return result


def _write(directory, count):
    for layer in range(count):
        below = f"imports: [ {layer + 1}a.yaml, {layer + 1}b.yaml ]\n" if layer + 1 < count else ""
        for side in "ab":
            type_ = f"node_types: {{ my.T{layer}{side}: {{ derived_from: tosca.nodes.nfv.VduCp }} }}\n"
            Path(directory, f"{layer}{side}.yaml").write_text(_HEAD + below + type_)
    (directory / "top.yaml").write_text(
        _HEAD + "imports: [ 0a.yaml, 0b.yaml ]\ntopology_template: { node_templates: { a: { type: my.T0a } } }\n"
    )
