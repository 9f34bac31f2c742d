"""What a check of a package tells, in each format, and what it exits with."""

import io
import json
import re
import subprocess
import sys
import zipfile
from xml.etree import ElementTree as ET

import jsonschema
import pytest

from descriptors.diagnostics import Diagnostic, Severity
from nfvo.cli.descriptor_check import Asked, FailOn, Format, asked, check
from nfvo.cli.descriptor_report import Report, extent
from nfvo.cli.errors import ExitCode, InputError
from nfvo.cli.main import main

BROKEN = """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    vdu:
      type: tosca.nodes.nfv.Vdu.Compute
      properties: { name: "a,b", boot_order: two, description: x }  # far too short
      other: 1
"""

SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "properties": {
                    "tool": {
                        "required": ["driver"],
                        "properties": {
                            "driver": {
                                "required": ["name", "rules"],
                                "properties": {
                                    "rules": {
                                        "uniqueItems": True,
                                        "items": {
                                            "required": ["id", "shortDescription", "help"],
                                            "properties": {
                                                "shortDescription": {"$ref": "#/$defs/message"},
                                                "help": {"$ref": "#/$defs/message"},
                                            },
                                        },
                                    }
                                },
                            }
                        },
                    },
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "artifacts": {
                        "items": {
                            "required": ["location"],
                            "properties": {"parentIndex": {"type": "integer", "minimum": 0}},
                        }
                    },
                    "results": {"items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}},
        "result": {
            "required": ["message", "ruleId", "ruleIndex", "level", "locations"],
            "properties": {
                "message": {"$ref": "#/$defs/message"},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "locations": {
                    "minItems": 1,
                    "items": {
                        "properties": {
                            "physicalLocation": {
                                "required": ["artifactLocation"],
                                "properties": {
                                    "artifactLocation": {
                                        "required": ["uri", "index"],
                                        "properties": {"uri": {"type": "string", "pattern": r"^[^ \\]+$"}},
                                    },
                                    "region": {
                                        "required": ["startLine"],
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1},
                                        },
                                    },
                                },
                            }
                        }
                    },
                },
            },
        },
    },
}
"""What SARIF 2.1.0 requires of the parts that we write (clauses 3.13, 3.14, 3.19, 3.24, 3.27, 3.28, 3.30, 3.49)."""


@pytest.fixture
def broken(tmp_path, monkeypatch):
    """A descriptor with faults, named relative to the current directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "vnfd.yaml").write_text(BROKEN)
    return asked(["vnfd.yaml"]).package


def told(**wanted):
    out = io.StringIO()
    code = check(Asked(**wanted), out)
    return code, out.getvalue()


def test_the_report_shows_the_line_and_underlines_the_place(broken):
    """Place, message and code on one line, the source below, carets under the entry, and a summary at the end."""
    code, text = told(package=broken)
    assert code is ExitCode.FAILED
    lines = text.splitlines()
    at = next(index for index, line in enumerate(lines) if "tosca-wrong-type" in line)
    assert lines[at : at + 3] == [
        "vnfd.yaml:6:34: error: 'two' is not a boolean [tosca-wrong-type]",
        ' 6 |       properties: { name: "a,b", boot_order: two, description: x }  # far too short',
        "   |                                  ^^^^^^^^^^^^^^^",
    ]
    places = [int(line.split(":")[1]) for line in lines if line.startswith("vnfd.yaml:")]
    assert places == sorted(places)
    assert re.fullmatch(r"✘ not usable in mode etsi: \d+ errors?, \d+ warnings?", lines[-1])


@pytest.mark.parametrize(
    ("line", "column", "path", "underlined"),
    [
        ("      - a: [ b, { c: d } ]  # why", 9, "x/a", "a: [ b, { c: d } ]"),
        ("    a: { b: c, d: [ e ] }", 10, "a/b", "b: c"),
        ("    a: { b: c, d: [ e ] }", 16, "a/d", "d: [ e ]"),
        ("    a: [ 'x, ]', z ]", 10, "a/0", "'x, ]'"),
        ("    a:", 5, "a", "a:"),
        ("    a: this, and that", 5, "a", "a: this, and that"),
        ("  Source: x  ", 0, "", "Source: x"),
        ("  a: b: c", 7, "", ":"),
        ("", 1, "", ""),
        ("short", 99, "a", ""),
    ],
)
def test_the_underline_ends_with_the_entry(line, column, path, underlined):
    """Commas and brackets of the collection around it, and comments, are not part of what is wrong."""
    finding = Diagnostic(severity=Severity.ERROR, code="c", message="m", line=1, column=column, path=path)
    start, end = extent(line, finding)
    assert line[start:end] == underlined
    assert end > start


def test_a_package_cannot_write_to_the_terminal():
    """Escape sequences from a file or from names in it are shown, not obeyed; wide letters keep the carets in place."""
    finding = Diagnostic(
        severity=Severity.ERROR, code="c", message="bad \x1b[2J name", file="a\x07", line=1, column=8, path="x"
    )
    lines = list(Report(lambda _: ["日本\t\x1b]: x"], color=False).finding(finding))
    assert "\x1b" not in "".join(lines)
    assert "\x07" not in "".join(lines)
    assert lines[-1].endswith(" | " + " " * 9 + "^")
    colored = list(Report(lambda _: [], color=True).finding(finding))
    assert "\x1b[1;31merror: \x1b[0m" in colored[0]


def test_long_lines_are_cut_around_the_place():
    """A descriptor of one line, as machines write them, does not flood the screen."""
    finding = Diagnostic(severity=Severity.ERROR, code="c", message="m", file="f", line=1, column=5001, path="x")
    lines = list(Report(lambda _: ["x" * 5000 + "here: 1, " + "y" * 5000], color=False).finding(finding))
    assert max(map(len, lines)) < 150
    assert "here: 1" in lines[1]
    assert lines[1].index("here") == lines[2].index("^")


def test_the_exit_code_follows_the_severity(broken, tmp_path, vnfd):
    """Errors fail by default; with --fail-on warnings do, or nothing does; input that is not there is refused."""
    assert told(package=broken, fail_on=FailOn.NEVER)[0] is ExitCode.DONE
    assert told(package=vnfd)[0] is ExitCode.DONE
    assert told(package=vnfd, fail_on=FailOn.WARNING)[0] is ExitCode.FAILED
    with pytest.raises(InputError):
        told(package=tmp_path / "nothing")


@pytest.fixture
def vnfd(tmp_path):
    """A descriptor that is accepted, with a warning."""
    path = tmp_path / "good.yaml"
    path.write_text(
        """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    vnf:
      type: tosca.nodes.nfv.VNF
      properties: { descriptor_id: a, provider: b, product_name: c, software_version: "1", descriptor_version: "1",
                    flavour_id: d, flavour_description: e, vnfm_info: [ "1:x" ] }
    vdu:
      type: tosca.nodes.nfv.Vdu.Compute
      properties: { name: n, description: d, vdu_profile: { min_number_of_instances: 1, max_number_of_instances: 1 } }
      capabilities:
        virtual_compute:
          properties: { virtual_cpu: { num_virtual_cpu: 1 }, virtual_memory: { virtual_mem_size: 1 GB } }
"""
    )
    return path


def test_json_is_what_the_server_tells_too(broken):
    """The findings have the members of `diagnostics` in problem details."""
    document = json.loads(told(package=broken, format=Format.JSON)[1])
    assert (document["file"], document["mode"], document["usable"]) == ("vnfd.yaml", "etsi", False)
    assert {"severity", "code", "message", "file", "line", "column", "path"} <= set(document["diagnostics"][0])


def test_sarif_has_what_the_schema_requires(broken):
    """Code scanning services take the report; rules are told once, and results name them."""
    document = json.loads(told(package=broken, format=Format.SARIF)[1])
    jsonschema.validate(document, SARIF)
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    wrong = next(result for result in run["results"] if result["ruleId"] == "tosca-wrong-type")
    place = wrong["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "vnfd.yaml", "index": 0},
        "region": {"startLine": 6, "startColumn": 34},
    }
    assert run["invocations"][0]["exitCode"] == ExitCode.FAILED


def test_sarif_names_files_where_a_forge_finds_them(broken, tmp_path):
    """In a directory by their path from here, in an archive nested in it; spaces are escaped."""
    for package, uri, nested in (("my pkg", "my%20pkg/my%20vnfd.yaml", False), ("pkg.csar", "/my%20vnfd.yaml", True)):
        if nested:
            with zipfile.ZipFile(tmp_path / package, "w") as archive:
                archive.writestr("my vnfd.yaml", BROKEN)
        else:
            (tmp_path / package).mkdir()
            (tmp_path / package / "my vnfd.yaml").write_text(BROKEN)
        document = json.loads(told(package=broken.with_name(package), format=Format.SARIF)[1])
        jsonschema.validate(document, SARIF)
        files = document["runs"][0]["artifacts"]
        assert files[1]["location"]["uri"] == uri
        assert ("parentIndex" in files[1]) == nested


def test_junit_counts_what_fails(broken, vnfd):
    """A CI system shows each finding as a test case; those that do not weigh enough pass."""
    report = ET.fromstring(told(package=broken, format=Format.JUNIT)[1])
    (suite,) = report
    assert int(suite.get("failures")) == len(suite.findall("testcase/failure")) > 0
    assert int(suite.get("tests")) == len(suite.findall("testcase"))
    failure = suite.find("testcase/failure[@type='tosca-wrong-type']")
    assert "vnfd.yaml:6:34" in failure.text
    passed = ET.fromstring(told(package=vnfd, format=Format.JUNIT)[1])
    assert passed.get("failures") == "0"


def test_the_quick_way_reads_what_the_full_command_line_reads():
    """What it does not know for sure is left to the full command line: help, slips, further options."""
    assert asked(["--mode", "strict", "a.yaml", "--output=junit", "--fail-on", "warning", "--no-color"]) == Asked(
        asked(["a.yaml"]).package, "strict", Format.JUNIT, FailOn.WARNING, color=False
    )
    for line in (["--help"], ["a", "b"], [], ["a", "--mode", "loose"], ["a", "--new"], ["a", "-h"], ["a", "--output"]):
        assert asked(line) is None


@pytest.mark.parametrize("output", ["human", "json", "sarif", "junit"])
def test_both_ways_say_the_same(broken, monkeypatch, capsys, output):
    """The full command line gives the same report and exit code as the quick way."""
    results = []
    for quick in (True, False):
        monkeypatch.setattr(sys, "argv", ["mano", "descriptor", "check", "vnfd.yaml", "--output", output])
        if not quick:
            monkeypatch.setattr("nfvo.cli.main.asked", lambda _: None)
        with pytest.raises(SystemExit) as left:
            main()
        results.append((int(left.value.code), capsys.readouterr().out))
    assert results[0] == results[1]
    assert results[0][0] == ExitCode.FAILED


def test_a_check_loads_none_of_the_large_libraries(vnfd):
    """It is over before they would be imported."""
    heavy = ["typer", "rich", "pydantic", "sqlalchemy", "aiohttp", "asyncio", "importlib.metadata"]
    code = (
        "import sys; from nfvo.cli.main import main; sys.argv[1:] = ['descriptor', 'check', sys.argv[1]]\n"
        "try: main()\n"
        f"finally: print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(vnfd)], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


SERVICE = """\
tosca_definitions_version: tosca_simple_yaml_1_3
topology_template:
  node_templates:
    machine: { type: tosca.nodes.Compute }
"""


@pytest.fixture
def service(tmp_path):
    """A service template with nothing wrong in it."""
    path = tmp_path / "service.yaml"
    path.write_text(SERVICE)
    return path


def test_a_second_opinion_stands_below_the_verdict(service, broken):
    """tosca-parser's verdict is told beside ours, and changes nothing of it."""
    pytest.importorskip("toscaparser")
    code, text = told(package=service, second_opinion=True)
    assert code is ExitCode.DONE
    assert text.splitlines()[-1] == "✔ second opinion: tosca-parser accepts it and found the same"
    code, text = told(package=broken, second_opinion=True)
    assert code is ExitCode.FAILED
    assert text.splitlines()[-1].startswith("✔ second opinion: tosca-parser refuses it: ")
    _, text = told(package=service, second_opinion=True, format=Format.JSON)
    assert json.loads(text)["secondOpinion"] == {
        "reader": "tosca-parser", "accepted": True, "why": "", "differences": [],
    }  # fmt: skip


def test_a_second_opinion_that_cannot_be_had_is_refused(service, monkeypatch):
    """What to install is told; formats that have no place for it are refused."""
    with pytest.raises(InputError, match="sarif has none"):
        told(package=service, second_opinion=True, format=Format.SARIF)
    monkeypatch.setattr("descriptors.second_opinion.opinion.available", lambda: False)
    with pytest.raises(InputError, match="tosca-parser is not installed") as refused:
        told(package=service, second_opinion=True)
    assert "mano-stack[second-opinion]" in refused.value.hint
