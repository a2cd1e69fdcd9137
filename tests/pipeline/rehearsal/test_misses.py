"""What stopped an article, and whether little was missing; verdicts by the real detector where it gives them."""

from __future__ import annotations

import pytest

from worker.model import Article, Flow, Kind, Reason, Verdict
from worker.pipeline.detection import Detector
from worker.pipeline.detection.gate import BIAS
from worker.pipeline.rehearsal.misses import Miss, Stop, gated, missed
from worker.runtime import load_detector
from worker.settings import Settings


def stopped(verdict: Verdict) -> Miss:
    miss = missed(verdict, threshold=0.5, bias=BIAS)
    assert miss is not None
    return miss


@pytest.fixture
def detector(settings: Settings) -> Detector:
    return load_detector(settings)


def judged(detector: Detector, title: str, text: str = "") -> Verdict:
    return detector.judge(Article("x", title, "", text))


def test_what_was_told_was_not_stopped() -> None:
    assert missed(Verdict(True, 0.9, (Flow("A", "B", Kind.SITE),)), threshold=0.5, bias=BIAS) is None


def test_a_deal_without_flow_is_the_nearest_miss() -> None:
    miss = stopped(Verdict(True, 0.8, (), (Reason("a", 1.0), Reason("b", -0.5))))
    assert (miss.stop, miss.near, miss.margin) == (Stop.NO_FLOW, True, 0.0)
    assert [reason.code for reason in miss.reasons] == ["b", "a"]


def test_below_the_threshold_by_how_much() -> None:
    near, far = (stopped(Verdict(False, score, (), (Reason("together", -1.0),))) for score in (0.45, 0.05))
    assert (near.stop, near.near, far.near) == (Stop.THRESHOLD, True, False)
    assert near.margin == pytest.approx(0.2, abs=0.01)
    assert sorted([near, far], key=lambda one: one.rank) == [far, near]


def test_the_gate_of_the_real_detector(detector: Detector) -> None:
    gate = detector.gate("Recette de la tarte aux pommes", "Pour six personnes, une heure au four.")
    assert not gate.passed
    verdict = judged(detector, "Recette de la tarte aux pommes", "Pour six personnes, une heure au four.")
    miss = stopped(verdict)
    assert miss.stop is Stop.GATE
    assert miss.margin > 0
    assert gated(gate.reasons, bias=BIAS).stop is Stop.GATE


def test_nothing_to_read_is_stopped_at_the_gate() -> None:
    assert stopped(Verdict(False, 0.0)).stop is Stop.GATE


def test_off_the_subject_by_how_much() -> None:
    miss = stopped(Verdict(False, 0.0, (), (Reason("words.deal", -6.4, "-6.00"),)))
    assert (miss.stop, miss.near, miss.margin) == (Stop.SUBJECT, True, 0.4)
    assert not stopped(Verdict(False, 0.0, (), (Reason("words.deal", -9.0, "-6.00"),))).near


def test_the_later_the_sieve_the_nearer_at_equal_scores() -> None:
    gate = gated((Reason("gate.far", -1.8),), bias=BIAS)
    subject = stopped(Verdict(False, 0.0, (), (Reason("words.deal", -6.1, "-6.00"),)))
    assert gate.rank < subject.rank < stopped(Verdict(True, 0.6)).rank
