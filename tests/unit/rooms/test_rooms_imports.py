"""Every module of every room can be imported alone: none relies on another having been imported before.

Importing each in an interpreter of its own takes minutes. It follows from two things that take seconds: all of them
can be imported, and no module imports, at whatever distance, itself.
"""

import subprocess
import sys
from graphlib import TopologicalSorter

import grimp
from checkout import PACKAGES, ROOT

IMPORT_ALL = """
import importlib, pathlib, sys
for package in map(pathlib.Path, sys.argv[1:]):
    for file in sorted(package.rglob("*.py")):
        if "migrations" not in file.parts and file.name != "__main__.py":  # these are run, never imported
            importlib.import_module(".".join(file.with_suffix("").parts).removesuffix(".__init__"))
"""


def test_every_module_can_be_imported():
    """No module prints, warns or fails when it is imported."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, *PACKAGES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_no_module_imports_itself_over_others():
    """The graph of imports has no cycle, so that it does not matter where importing begins."""
    imports = grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)
    TopologicalSorter(
        {module: imports.find_modules_directly_imported_by(module) for module in imports.modules}
    ).prepare()  # raises a CycleError that has the cycle
