"""`loops`, `ledger` and `export` over a store with a circle, two currencies, every firmness and hostile names."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import pytest

from tests.cli import books
from tests.cli.conftest import Run
from worker.adapters.store import Store
from worker.cli import money, periods, phrases
from worker.errors import UsageError
from worker.model import Flow, Kind
from worker.pipeline import loops
from worker.pipeline.ledger import Sum


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    (tmp_path / "data").mkdir()
    opened = Store(f"sqlite:///{tmp_path / 'data' / 'gigawatch.db'}")
    opened.migrate()
    books.fill(opened)
    yield opened
    opened.close()


def test_a_loop_shows_its_path_and_each_edge(run: Run, store: Store) -> None:
    answer = run("loops")
    assert answer.code == 0
    for shown in (
        "↻ NVIDIA → OpenAI → Oracle → NVIDIA",
        "2025-09-22",
        "jusqu’à\u00a0100\u00a0Md$",
        "Les Nouvelles",
        "tient",
    ):
        assert shown in answer.out
    assert "1 boucle(s), 0 rompue(s)" in answer.err
    (told,) = run("loops", "--json").json
    assert [edge["amount"] for edge in told["edges"]] == [100e9, 300e9, 40e9]
    assert told["edges"][0]["bound"] == "up_to"
    assert (told["broken"], told["broken_at"]) == (False, None)


def test_a_broken_loop_says_which_edge_is_gone_and_since_when(run: Run, store: Store) -> None:
    books.cancel(store)
    (told,) = run("loops", "--json").json
    assert told["broken"] is True
    assert datetime.fromisoformat(told["broken_at"]) == books.NOW
    assert [edge["gone"] for edge in told["edges"]] == [False, True, False]
    assert "ROMPUE depuis le 2026-03-02" in run("loops").out


def test_loops_are_chosen_by_company_and_time(run: Run, store: Store) -> None:
    assert len(run("loops", "--company", "nvidia", "--json").json) == 1
    assert run("loops", "--company", "Mistral AI", "--json").json == []
    assert run("loops", "--since", "2025-11-13", "--json").json == []
    assert run("loops", "--since", "9999999mo").code == 2


def test_the_ledger_of_a_company_keeps_firmness_apart(run: Run, store: Store) -> None:
    told = run("ledger", "nvidia", "--json").json
    assert told["company"] == "NVIDIA"
    assert told["promised"]["total"]["up_to"]["amounts"] == {"USD": 100e9}
    assert told["promised"]["total"]["firm"]["amounts"] == {}
    received = told["received"]["total"]
    assert [received[name]["amounts"].get("USD") for name in ("firm", "option", "reported", "cancelled")] == [
        40e9, 2e9, 6e9, 9e9,
    ]  # fmt: skip
    assert received["firm"]["amounts"]["EUR"] == 1.5e9
    assert received["firm"]["converted"] > 41e9
    assert next(iter(told["received"]["counterparties"])) == "Oracle"
    assert {line["story"] for line in told["received"]["lines"]} == {"chips", "euro", "mixed", "bare"}


def test_the_ledger_reads_well_piped_and_proves_each_line_when_asked(run: Run, store: Store) -> None:
    plain = run("ledger", "Nvidia").out
    assert "40\u00a0Md$ + 1,5\u00a0Md€ (+1)" in plain
    assert "presse.example" not in plain
    proved = run("ledger", "Nvidia", "--proofs").out
    assert "Oracle paie NVIDIA, “c’est signé”." in proved
    assert "https://presse.example/chips" in proved
    assert "2025-11" in proved


def test_the_ledger_alone_names_the_biggest(run: Run, store: Store) -> None:
    shown = run("ledger").out
    payers = shown.split("Les plus payés")[0]
    assert payers.index("OpenAI") < payers.index("Oracle") < payers.index("NVIDIA")
    assert {one["company"] for one in run("ledger", "--json").json["companies"]} >= {"Google", "Granit Énergie"}
    assert "€" in run("ledger", "--currency", "EUR").out


def test_what_the_ledger_does_not_know_is_said_with_help(run: Run, store: Store) -> None:
    slip = run("ledger", "nvidai")
    assert (slip.code, "NVIDIA" in slip.err) == (2, True)
    assert "XXX" in run("ledger", "--currency", "XXX").err


def test_names_that_only_the_store_has_are_proposed(run: Run, store: Store) -> None:
    at = books.day(2026, 1, 5)
    with store.filing(at) as filing:
        told = books.story("neo", Flow("Neoclouds de l’Yser", "NVIDIA", Kind.CHIPS, 1e9, "EUR"), day=at)
        filing.save_story(told, article_id="neo", changes=(), edges=loops.edges(told))
    assert "voulez-vous dire : Neoclouds de l’Yser ?" in run("ledger", "neocloud de l'yser").err
    assert "voulez-vous dire : Neoclouds de l’Yser ?" in run("loops", "--company", "neocloud de l'yser").err
    assert "aucune boucle d’argent ne passe par Neoclouds" in run("loops", "--company", "Neoclouds de l’Yser").err
    unknown = run("loops", "--company", "Personne")
    assert (unknown.code, "aucun flux d’argent de Personne" in unknown.err) == (0, True)


def test_an_empty_store_says_so(run: Run) -> None:
    assert "rien n’est encore inscrit" in run("ledger").err
    assert "aucune boucle" in run("loops").err
    assert run("loops", "--json").json == []
    assert run("export", "--csv").out.count("\r\n") == 1


def test_the_language_follows(run: Run, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(phrases.VARIABLE, "en")
    assert "The biggest payers" in run("ledger").out
    assert "up to" in run("loops").out


def test_exports_hold_every_flow_with_its_story_and_proof(run: Run, store: Store, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(run("export", "--csv").out, newline="")))
    flows = sum(len(one.flows) for one in books.STORIES)
    assert len(rows) == flows
    assert rows[0]["url"] == "https://presse.example/stake"
    assert rows[0]["sentence"].startswith("NVIDIA paie")
    lines = [json.loads(line) for line in run("export", "--jsonl").out.splitlines()]
    assert len(lines) == flows
    assert {"payer", "payee", "kind", "amount", "bound", "status", "evidence", "story", "date", "url"} <= set(lines[0])
    file = tmp_path / "flux.graphml"
    answer = run("export", "--graphml", "--out", str(file))
    assert str(flows) in answer.err
    assert nx.read_graphml(file).nodes["openai"]["label"] == "OpenAI"
    assert [path.name for path in tmp_path.iterdir() if path.suffix == ".part"] == []


def test_an_export_since_a_day_holds_what_was_told_since(run: Run, store: Store) -> None:
    lines = [json.loads(line) for line in run("export", "--jsonl", "--since", "2026-02-20").out.splitlines()]
    assert [line["story"] for line in lines] == ["bare", "nameless"]


@pytest.mark.parametrize("formats", [(), ("--csv", "--jsonl")])
def test_one_format_is_needed(run: Run, formats: tuple[str, ...]) -> None:
    assert run("export", *formats).code == 2


def test_a_file_that_cannot_be_written_is_named(run: Run, store: Store, tmp_path: Path) -> None:
    answer = run("export", "--csv", "--out", str(tmp_path / "nowhere" / "x.csv"))
    assert (answer.code, "nowhere" in answer.err) == (2, True)


@pytest.mark.parametrize(
    ("value", "begins"),
    [
        ("24mo", datetime(2024, 2, 28, 9, 30, tzinfo=UTC)),
        ("1mo", datetime(2026, 1, 28, 9, 30, tzinfo=UTC)),
        ("2y", datetime(2024, 2, 28, 9, 30, tzinfo=UTC)),
        ("7d", datetime(2026, 2, 21, 9, 30, tzinfo=UTC)),
        ("1w", datetime(2026, 2, 21, 9, 30, tzinfo=UTC)),
        ("12h", datetime(2026, 2, 27, 21, 30, tzinfo=UTC)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
        ("999999d", datetime(1, 1, 1, tzinfo=UTC)),
        ("999999y", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_how_far_back(value: str, begins: datetime) -> None:
    last = datetime(2026, 2, 28, 9, 30, tzinfo=UTC)
    assert periods.start(value, last) == begins


def test_a_month_back_from_its_last_day_is_a_day_that_exists() -> None:
    assert periods.start("1mo", datetime(2026, 3, 31, tzinfo=UTC)) == datetime(2026, 2, 28, tzinfo=UTC)


@pytest.mark.parametrize("value", ["soon", "2x", "-3d", "2026-13-01", "9999999mo"])
def test_what_is_no_period_is_refused(value: str) -> None:
    with pytest.raises(UsageError, match="24mo"):
        periods.start(value, books.NOW)


def test_amounts_never_break_over_lines() -> None:
    assert " " not in money.money(1.5e9, "CHF")
    assert money.money(1.5e9, "CHF") == "1,5\u00a0Md\u00a0CHF"
    assert money.sums(Sum({"USD": 2e9}, flows=3, unsized=2)) == "2\u00a0Md$ (+2)"
