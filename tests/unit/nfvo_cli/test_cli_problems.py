"""What a person is told when something goes wrong."""

import pytest

from nfvo.cli.errors import ExitCode, NotFoundError, OperationError, RefusedError, refusal
from nfvo.cli.problems import problem_lines


def told(error):
    return "\n".join(line.plain for line in problem_lines(error))


def test_problem_details_are_told_with_place_and_next_step():
    """Title, status, the attribute, each finding (which the detail repeats) with its hint, and what to do next."""
    error = refusal(
        422,
        {
            "type": "urn:mano:problem:onboarding-failed",
            "title": "The VNF package cannot be onboarded",
            "detail": "Definitions/a.yaml:7:3: no such type",
            "attribute": "$.vnfdId",
            "diagnostics": [
                {
                    "severity": "error",
                    "code": "tosca-unknown-type",
                    "message": "no such type",
                    "file": "Definitions/a.yaml",
                    "line": 7,
                    "column": 3,
                    "hint": "is it spelt right?",
                    "clause": "SOL001 6.8",
                }
            ],
            "hint": "Mend it.",
        },
    )
    assert told(error).splitlines() == [
        "error: The VNF package cannot be onboarded (422)",
        "  attribute: $.vnfdId",
        "Definitions/a.yaml:7:3: error: no such type [tosca-unknown-type] (SOL001 6.8)",
        "    hint: is it spelt right?",
        "next: Mend it.",
    ]


def test_failed_steps_of_an_operation_are_told():
    """The VIM's own words reach the person, step by step, and a flood of them is cut."""
    steps = [{"path": f"vdu/a/{n}/server", "detail": "no host has 64 vcpus left"} for n in range(7)]
    lines = told(OperationError("INSTANTIATE ended as FAILED_TEMP", "7 steps failed", problem={"steps": steps}))
    assert lines.count("no host has 64 vcpus left") == 5
    assert "and 2 more" in lines


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (404, NotFoundError, ExitCode.NOT_FOUND),
        (409, RefusedError, ExitCode.REFUSED),
        (400, RefusedError, ExitCode.REFUSED),
        (503, RefusedError, ExitCode.UNREACHABLE),
    ],
)
def test_the_status_decides_the_exit_code(status, kind, code):
    """Scripts can tell a wrong name from a refusal and from a broken server."""
    error = refusal(status, {"title": "t"})
    assert isinstance(error, kind)
    assert error.code == code


def test_an_error_is_json_for_machines():
    """Machines get problem details with the exit code."""
    document = refusal(409, {"title": "Busy", "detail": "d", "operation": "1"}).document()
    assert document == {"title": "Busy", "detail": "d", "status": 409, "operation": "1", "hint": "", "exitCode": 3}
