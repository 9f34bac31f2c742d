"""The log is one event a line, ours and that of libraries alike."""

import json
import logging

import pytest
import structlog

from mano_runtime import structured_log


@pytest.fixture
def configured(capsys):
    """Configure afresh while stderr is captured, and give logging back as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level

    def read(**how):
        structured_log.configure(**how)
        structlog.get_logger("ours").info("vim answered", vim="north", seconds=0.5)
        structlog.get_logger("ours").debug("hidden by default")
        logging.getLogger("theirs").warning("disk %s is full", "sda")
        logging.getLogger("sqlalchemy.engine").info("noise")
        return capsys.readouterr().err.splitlines()

    yield read
    structlog.reset_defaults()
    root.handlers, root.level = handlers, level


def test_json_for_machines(configured):
    """Each line is a JSON object with the event, its level, its logger and its facts."""
    with structlog.contextvars.bound_contextvars(operation="42"):
        ours, theirs = map(json.loads, configured(json=True))
    assert ours["event"] == "vim answered"
    assert (ours["vim"], ours["level"], ours["logger"], ours["operation"]) == ("north", "info", "ours", "42")
    assert (theirs["event"], theirs["level"], theirs["operation"]) == ("disk sda is full", "warning", "42")


def test_text_for_people(configured):
    """A line for people has the same facts."""
    ours, theirs = configured()
    assert "vim answered" in ours
    assert "vim=north" in ours
    assert "disk sda is full" in theirs


def test_the_level_decides_what_is_logged(configured):
    """More or less is logged as the level says."""
    assert len(configured(level="debug")) == 3
    assert len(configured(level="error")) == 0
