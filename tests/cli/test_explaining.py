"""What `scan --explain` shows has words in both languages for everything that the detector may say."""

from __future__ import annotations

from tests.quality.corpus import tables
from worker.cli import phrases
from worker.pipeline.detection import gate, verdict


def test_every_reason_has_a_phrase() -> None:
    reasons = [f"reason.{name}" for name in (*tables()["weights"]["weights"], verdict.TOGETHER)]
    sieve = [f"reason.gate.{name}" for name in gate.WEIGHTS]
    proved = [f"explain.field.{name}" for name in ("kind", "payer", "payee", "amount", "megawatts", "chips", "years")]
    assert len(reasons) > 30
    assert [name for name in (*reasons, *sieve, *proved) if not phrases.known(name)] == []
