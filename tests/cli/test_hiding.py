"""Log lines, tracebacks and what commands print hold no secret."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from worker.cli import hiding, screen
from worker.cli.screen import Column
from worker.masking import HIDDEN, NOTHING, Mask

SECRET = "k4nari-secret"


@pytest.fixture(autouse=True)
def hidden() -> Iterator[None]:
    hiding.hide(Mask([SECRET]))
    yield
    hiding.hide(NOTHING)


def test_a_log_line_and_its_traceback_are_masked() -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(hiding.Formatter("%(message)s"))
    log = logging.Logger("trial")
    log.addHandler(handler)
    try:
        raise ValueError(f"cannot log in with {SECRET}")
    except ValueError:
        log.exception("%s was refused", SECRET)
    assert SECRET not in said.getvalue()
    assert said.getvalue().startswith(f"{HIDDEN} was refused\nTraceback")
    assert f"ValueError: cannot log in with {HIDDEN}" in said.getvalue()


def test_answers_and_errors_are_masked(capsys: pytest.CaptureFixture[str]) -> None:
    screen.emit({"detail": SECRET})
    screen.emit_line({"detail": SECRET})
    screen.table((Column("column.detail"),), [(SECRET,)])
    screen.facts([("x", SECRET)])
    screen.say("up.event", text=SECRET)
    screen.remark("up.event", text=SECRET)
    screen.fault(SECRET)
    screen.trace(ValueError(SECRET))
    said = "".join(capsys.readouterr())
    assert said.count(HIDDEN) == 8
    assert SECRET not in said
