import pytest

from descriptors.diagnostics import Severity
from descriptors.mode import LENIENT_WARNINGS, STRICT_ERRORS, Mode, weight
from descriptors.onboarding import read_package


@pytest.fixture
def judge(tmp_path):
    """Read one YAML document in a mode."""

    def read(text, mode):
        path = tmp_path / "vnfd.yaml"
        path.write_text(text)
        return read_package(path, mode=mode)

    return read


def test_known_slips_are_errors_in_strict_mode(judge, vnfd_text, finding):
    """What `etsi` reads as it is meant, `strict` refuses; what deviates from nothing stays a warning."""
    slip = vnfd_text.replace("software_version: ", "software_version: 1.10 #")
    accepted, refused = judge(slip, Mode.ETSI), judge(slip, Mode.STRICT)
    assert (accepted.failed, refused.failed) == (False, True)
    assert finding(accepted, "tosca-number-as-text").severity is Severity.WARNING
    assert finding(refused, "tosca-number-as-text").severity is Severity.ERROR
    assert finding(refused, "image-not-in-package").severity is Severity.WARNING
    assert not judge(vnfd_text, Mode.STRICT).failed


def test_strict_mode_finds_no_less(judge, vnfd_text):
    """An error that only `strict` sees does not keep the rest of the descriptor from being read."""
    slips = vnfd_text.replace("software_version: ", "software_version: 1.10 #").replace(
        "        - virtual_binding: worker\n        - virtual_link: inside\n", "        - virtual_link: inside\n"
    )
    found = {mode: [finding.code for finding in judge(slips, mode).diagnostics] for mode in Mode}
    assert found[Mode.STRICT] == found[Mode.ETSI] == found[Mode.LENIENT]
    assert "sol001-unbound-connection-point" in found[Mode.STRICT]


def test_lenient_mode_gives_a_model_of_what_can_be_looked_at(judge, vnfd_text, finding):
    """A value out of bounds or a missing property leaves a model; what it rests on stays an error."""
    poor = vnfd_text.replace("order: 0", "order: -1").replace("{ num_virtual_cpu: 2 }", "{ cpu_architecture: x86 }")
    assert judge(poor, Mode.ETSI).failed
    lenient = judge(poor, Mode.LENIENT)
    assert lenient.vnfd is not None
    assert finding(lenient, "tosca-constraint").severity is Severity.WARNING
    assert judge(poor.replace("Vdu.Compute", "Vdu.Computer"), Mode.LENIENT).failed


def test_no_mode_touches_what_it_does_not_name():
    """Safety of the archive weighs the same everywhere, and information never becomes an error."""
    for mode in Mode:
        assert weight("csar-path-escapes", Severity.ERROR, mode) is Severity.ERROR
        assert weight("more-findings", Severity.INFO, mode) is Severity.INFO
    assert not any(code.startswith("csar-") or code == "manifest-digest" for code in STRICT_ERRORS | LENIENT_WARNINGS)
