"""Two verdicts on one article: what a reader would notice, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from worker.model import Flow, Kind, Reason, Status, Verdict
from worker.pipeline.rehearsal.verdicts import Difference, Outcome, compare

LEASE = Flow("Nordlys", "Helvia", Kind.COMPUTE, 2e9, "EUR")
LOAN = Flow("Granit", "Helvia", Kind.DEBT, 3e8, "EUR")


def deal(*flows: Flow, score: float = 0.9) -> Verdict:
    return Verdict(True, score, flows, (Reason("together", score),))


NONE = Verdict(False, 0.2)


def found(before: Verdict, after: Verdict) -> Difference:
    difference = compare(before, after)
    assert difference is not None
    return difference


def test_a_score_that_moves_is_no_difference() -> None:
    assert compare(deal(LEASE, LOAN), deal(LOAN, LEASE, score=0.6)) is None
    assert compare(NONE, Verdict(False, 0.4, (), (Reason("x", -1.0),))) is None


def test_a_deal_appears_and_vanishes() -> None:
    assert found(NONE, deal(LEASE)).outcome is Outcome.APPEARS
    gone = found(deal(LEASE, LOAN), NONE)
    assert gone.outcome is Outcome.VANISHES
    assert [(one.before, one.after) for one in gone.flows] == [(LEASE, None), (LOAN, None)]


def test_a_deal_without_a_flow_tells_nothing() -> None:
    silent = deal()
    assert compare(silent, silent) is None
    assert (found(NONE, silent).outcome, found(NONE, silent).deal) == (Outcome.CHANGES, True)
    assert found(silent, deal(LEASE)).outcome is Outcome.APPEARS
    assert found(deal(LEASE), silent).outcome is Outcome.VANISHES


def test_each_field_that_changed_is_named() -> None:
    other = replace(LEASE, amount=2.5e9, status=Status.REPORTED)
    (change,) = found(deal(LEASE), deal(other)).flows
    assert (change.before, change.after, change.fields) == (LEASE, other, ("amount", "status"))


def test_a_flow_turned_round_or_of_another_kind_is_the_same_flow_read_otherwise() -> None:
    turned = replace(LEASE, payer="Helvia", payee="Nordlys")
    assert found(deal(LEASE), deal(turned)).flows[0].fields == ("payer", "payee")
    (change,) = found(deal(LEASE), deal(replace(LEASE, kind=Kind.SITE))).flows
    assert change.fields == ("kind",)


def test_flows_are_paired_with_their_likest_and_the_rest_is_new_or_gone() -> None:
    option = replace(LEASE, status=Status.OPTION, amount=None, currency=None)
    after = (replace(option, megawatts=300.0), replace(LEASE, amount=3e9))
    changes = {one.fields for one in found(deal(LEASE, option), deal(*after)).flows}
    assert changes == {("amount",), ("megawatts",)}
    swapped = found(deal(LEASE), deal(LOAN)).flows
    assert [(one.before, one.after) for one in swapped] == [(None, LOAN), (LEASE, None)]


def test_a_name_told_at_last_is_a_changed_side() -> None:
    nameless = replace(LEASE, payer=None)
    (change,) = found(deal(nameless), deal(LEASE)).flows
    assert change.fields == ("payer",)
