"""`stories show`: one record, with who vouches for what; `eval --orders`: whether the order of arrival matters."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_scan import _row, _write
from tests.pipeline.telling import NOW, article, flow, tell
from worker.adapters.store import Store
from worker.model import Story


@pytest.fixture
def stored(tmp_path: Path) -> tuple[Story, Story]:
    """Put a disputed story and one that follows it into the store of the command line; returns the two."""
    first = tell([flow(amount=30e9)], name="Gazette")
    disputed = tell([flow(amount=38e9)], first.story, name="Courrier", hours=1)
    further = article("Suite", hours=400, title="Deuxième contrat : des accélérateurs supplémentaires en Norvège")
    follow = tell([flow(amount=90e9)], disputed.story, by=further)
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    store.migrate()
    for filed, name in ((first, "Gazette"), (disputed, "Courrier"), (follow, "Suite")):
        with store.filing(NOW) as filing:
            filing.save_story(filed.story, article_id=name, changes=filed.changes, edges=())
    store.close()
    return disputed.story, follow.story


def test_a_story_says_who_confirms_and_who_disagrees(run: Run, stored: tuple[Story, Story]) -> None:
    disputed, follow = stored
    shown = run("stories", "show", disputed.id[:10])
    assert shown.code == 0, shown.err
    (line,) = [one for one in shown.out.splitlines() if "montant" in one and "≠" in one]
    assert "38 Md$: 1 titre (Courrier), d’abord Courrier" in line
    assert "30 Md$: 1 titre (Gazette), d’abord Gazette" in line
    assert "les sources divergent" in line
    assert "2 titres indépendants (Gazette, Courrier)" in shown.out
    assert "fait suite à" not in shown.out
    assert disputed.id[:8] in next(
        one for one in run("stories", "show", follow.id).out.splitlines() if "fait suite à" in one
    )


def test_the_record_is_whole_in_json(run: Run, stored: tuple[Story, Story]) -> None:
    disputed, follow = (run("stories", "show", one.id, "--json").json for one in stored)
    amount = next(one for one in disputed["flows"][0]["fields"] if one["name"] == "amount")
    assert amount["disputed"] is True
    assert [(one["value"], one["houses"]) for one in amount["claims"]] == [(38e9, ["Courrier"]), (30e9, ["Gazette"])]
    assert [one["article_id"] for one in disputed["accounts"]] == ["Gazette", "Courrier"]
    assert (disputed["earlier"], follow["earlier"]) == ("", disputed["id"])
    assert [one["kind"] for one in disputed["history"]] == ["new_story", "amount"]


def test_eval_files_in_other_orders_of_arrival(run: Run, tmp_path: Path) -> None:
    file = _write(tmp_path / "gold.jsonl", _row(1), _row(2), _row(3))
    orders = run("eval", str(file), "--orders", "5", "--json").json["orders"]
    assert (orders["tried"], orders["identical"], orders["same_terms"], orders["articles"]) == (5, 5, 5, 3)
    assert "5 ordres d’arrivée sur 5" in run("eval", str(file), "--orders", "5").out
    assert "orders" not in run("eval", str(file), "--json").json


def test_the_order_of_the_lines_says_nothing(run: Run, tmp_path: Path) -> None:
    rows = [_row(number) for number in (1, 2, 3, 4)]
    answers = []
    for name, order in (("a", rows), ("b", rows[::-1])):
        out = run("scan", str(_write(tmp_path / f"{name}.jsonl", *order)), "--jsonl").out
        answers.append({row["id"]: row["story"] for row in map(json.loads, out.splitlines())})
    assert answers[0] == answers[1]
