"""Agreement with tosca-parser, in a process of its own: its state is global."""

import contextlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from descriptors.csar import open_archive
from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.tosca.template import read_template

SHARED = Path(os.environ.get("MANO_SHARED", Path(__file__).parents[4] / "shared"))
TACKER = SHARED / "corpus" / "open" / "packages" / "tacker"

pytestmark = pytest.mark.skipif(not TACKER.is_dir(), reason="the corpus of real packages is not at MANO_SHARED")

OPINION = """
import json, sys, warnings
warnings.simplefilter("ignore")
from toscaparser.tosca_template import ToscaTemplate
template = ToscaTemplate(sys.argv[1], parsed_params={"selected_flavour": "simple"}, a_file=True)
nested = list(template.nested_tosca_tpls_with_topology.values()) if hasattr(
    template, "nested_tosca_tpls_with_topology") else []
facts = {}
for node in template.nodetemplates:
    facts[node.name] = [node.type, sorted(
        [name, target if isinstance(target, str) else target.get("node")]
        for entry in node.requirements for name, target in entry.items())]
print(json.dumps({"nodes": facts, "policies": sorted([p.name, p.type] for p in template.policies)}))
"""


@pytest.mark.parametrize("name", ["sol_v2_common-basic_lcms_min", "sol_v2_common-basic_lcms_max"])
def test_both_read_the_same_nodes_requirements_and_policies(name, tmp_path):
    """What tosca-parser accepts has the same nodes, types, requirements and policies here."""
    package = TACKER / f"{name}.csar"
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
    compared = 0
    for path in sorted((tmp_path / "Definitions").glob("*.yaml")):
        if "types" in path.name:
            continue
        process = subprocess.run(
            [sys.executable, "-c", OPINION, str(path)], capture_output=True, text=True, timeout=60, check=False,
            cwd=tmp_path,
        )  # fmt: skip
        if process.returncode:
            continue  # not accepted there: nothing to agree on
        theirs = json.loads(process.stdout.splitlines()[-1])
        archive_read = open_archive(package, Limits(), Diagnostics())
        assert archive_read is not None
        with contextlib.closing(archive_read):
            template = read_template(archive_read, f"Definitions/{path.name}", Limits(), Diagnostics())
        assert template is not None
        topology = template.topologies[0]
        ours = {
            node.name: [node.type.name, sorted([r.name, r.named] for r in node.requirements)]
            for node in topology.nodes.values()
        }
        assert ours == theirs["nodes"]
        assert sorted([policy.name, policy.type.name] for policy in topology.policies) == theirs["policies"]
        compared += 1
    assert compared, "tosca-parser accepted none of the templates"
