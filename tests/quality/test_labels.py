"""The labelled articles keep to the form that the figures rely on."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.quality.corpus import REFERENTS
from tests.quality.flow_labels import roles_of
from worker.model import Bound, Kind, Status
from worker.pipeline.scoring import FIELDS

SLICES = sorted(Path(__file__).resolve().parent.rglob("*.jsonl"))
ROW = {"id", "source", "published", "title", "summary", "text", "deal", "story", "flows"}


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line.strip()]


def faults(row: dict[str, Any]) -> list[str]:
    """Return what is wrong with a row, without a word of its article."""
    found = []
    if set(row) != ROW:
        found.append("other keys than " + ", ".join(sorted(ROW)))
    if row["deal"] not in ("yes", "no", "borderline"):
        found.append("deal")
    if (row["deal"] == "yes") != bool(row["flows"]) or (row["deal"] == "yes") != bool(row["story"]):
        found.append("story and flows belong to deals, and to deals alone")
    date.fromisoformat(row["published"][:10])
    for number, flow in enumerate(row["flows"]):
        found += [f"flow {number}: {fault}" for fault in flow_faults(flow)]
    return found


def flow_faults(flow: dict[str, Any]) -> list[str]:
    """Return what is wrong with a flow."""
    sizes = [flow[name] for name in ("amount", "megawatts", "chips", "years")]
    checks = {
        "keys": set(flow) == {"payer", "payee", "kind", *FIELDS},
        "kind": flow["kind"] in set(Kind),
        "bound": flow["bound"] in set(Bound),
        "status": flow["status"] in set(Status),
        "no party": bool(flow["payer"] or flow["payee"]),
        "amount and currency": (flow["amount"] is None) == (flow["currency"] is None),
        "sizes": all(size is None or size > 0 for size in sizes),
        "bound of nothing": flow["bound"] == "exact" or flow["amount"] or flow["megawatts"] or flow["chips"],
    }
    return [name for name, fine in checks.items() if not fine]


@pytest.mark.parametrize("path", SLICES, ids=lambda path: path.stem)
def test_rows_are_well_formed(path: Path) -> None:
    assert {row["id"]: faults(row) for row in rows_of(path) if faults(row)} == {}


def test_ids_are_unique_across_slices_and_begin_with_their_slice() -> None:
    ids = [(path.stem, row["id"]) for path in SLICES for row in rows_of(path)]
    assert [name for _, name in ids if name.count("-") < 1] == []
    assert [name for stem, name in ids if not name.startswith(f"{stem}-")] == []
    assert [name for name, count in Counter(name for _, name in ids).items() if count > 1] == []


def test_our_own_slice_covers_every_kind_status_and_label() -> None:
    rows = rows_of(next(path for path in SLICES if path.stem == "own"))
    flows = [flow for row in rows for flow in row["flows"]]
    assert {flow["kind"] for flow in flows} == {kind.value for kind in Kind}
    assert {flow["status"] for flow in flows} == {status.value for status in Status}
    labels = Counter(row["deal"] for row in rows)
    assert labels["yes"] >= 18
    assert labels["no"] >= 16
    assert labels["borderline"] >= 6


def test_the_parties_of_our_own_labels_are_named_in_the_article() -> None:
    rows = rows_of(next(path for path in SLICES if path.stem == "own"))
    unnamed = [
        (row["id"], party)
        for row in rows
        for flow in row["flows"]
        for party in (flow["payer"], flow["payee"])
        if party and party.lower() not in " ".join((row["title"], row["summary"], row["text"])).lower()
    ]
    assert unnamed == []


def test_referents_stand_in_their_articles() -> None:
    articles = {row["id"]: row for path in SLICES for row in rows_of(path)}
    labels = rows_of(REFERENTS)
    assert len({label["id"] for label in labels}) == len(labels)
    faulty = []
    for label in labels:
        row, before = articles[label["id"]], 0
        length = len("\n\n".join(part for part in (row["title"], row["summary"], row["text"]) if part))
        for start, end, name in label["referents"]:
            if not before <= start < end <= length or not (name is None or name):
                faulty.append((label["id"], start))
            before = end
    assert faulty == []


def test_labelled_flows_give_their_parties_roles() -> None:
    flows = [("acme", "nimbus", "compute"), ("", "acme", "debt"), ("acme", "zeta", "partnership")]
    assert roles_of("acme", flows) == {
        "payer compute",
        "payer",
        "payee debt",
        "payee",
        "payer partnership",
        "payee partnership",
    }
    assert roles_of("zeta", flows) == {"payer partnership", "payee partnership"}
    assert roles_of("other", flows) == set()
    # The unnamed payer of a loan is no organisation.
    assert roles_of("", flows) == set()
