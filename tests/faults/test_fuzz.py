"""A small part of test 30's damaged inputs, the same ones each time."""

from __future__ import annotations

from tests.faults import f30_fuzz_and_secrets, fuzz
from tests.faults.lab import Lab

_INPUTS = 400


def test_damaged_news_passes_through_the_steps() -> None:
    with Lab() as lab:
        environ = f30_fuzz_and_secrets.environment(lab)
        # No bound on the whole: what a busy machine does not reach would be another part each time.
        outcome = fuzz.run(environ, lab.folder, most=_INPUTS, seconds=600, seed=7, limit_s=5, database="")
        f30_fuzz_and_secrets.judge(lab, [outcome], _INPUTS)
    assert outcome.deals > 10
    assert not lab.faults, (lab.faults, lab.figures)
