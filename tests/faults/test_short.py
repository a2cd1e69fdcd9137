"""The fault tests that end within 20 s, as tests."""

from __future__ import annotations

import pytest

from tests.faults import catalogue
from tests.faults.lab import Lab

_SHORT = [case for case in catalogue.cases().values() if case.short]


@pytest.mark.parametrize("case", _SHORT, ids=[f"{case.number:02d}" for case in _SHORT])
def test_holds(case: catalogue.Case) -> None:
    with Lab() as lab:
        case.run(lab)
    assert lab.figures
    assert not lab.faults, (lab.faults, lab.figures)
