"""The ledger: one name per organisation, sums by firmness that are never added, exports that programs can read."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.books import FORMULA, STORIES
from worker.model import Bound, Flow, Kind, Status
from worker.pipeline import exporting, ledger
from worker.pipeline.ledger import Currency, Firmness, Names

COMPANIES = {
    "company": [
        {"name": "NVIDIA", "aliases": ["Nvidia Corp"], "brands": ["Blackwell"]},
        {"name": "Google", "aliases": ["Google Cloud"]},
        {"name": "DeepMind", "group": "Google", "aliases": ["Google DeepMind"]},
    ]
}
USD = Currency("USD", {"USD": 1.0, "EUR": 1.2})


def lines(names: Names | None = None) -> list[ledger.Entry]:
    return [line for story in STORIES for line in ledger.entries(story, names or Names(COMPANIES))]


@pytest.mark.parametrize(
    ("flow", "firmness"),
    [
        (Flow("A", "B", Kind.DEBT, 1.0), Firmness.FIRM),
        (Flow("A", "B", Kind.DEBT, 1.0, bound=Bound.ABOUT), Firmness.FIRM),
        (Flow("A", "B", Kind.DEBT, 1.0, bound=Bound.UP_TO), Firmness.UP_TO),
        (Flow("A", "B", Kind.DEBT, 1.0, bound=Bound.UP_TO, status=Status.REPORTED), Firmness.REPORTED),
        (Flow("A", "B", Kind.DEBT, 1.0, status=Status.OPTION), Firmness.OPTION),
        (Flow("A", "B", Kind.DEBT, 1.0, status=Status.CANCELLED), Firmness.CANCELLED),
    ],
)
def test_how_firm_a_flow_is(flow: Flow, firmness: Firmness) -> None:
    assert ledger.firmness(flow) is firmness


def test_names_fold_to_one_and_groups_roll_up_when_asked() -> None:
    names, grouped = Names(COMPANIES), Names(COMPANIES, groups=True)
    assert [names.of(one) for one in ("nvidia corp", "BLACKWELL", "Google DeepMind", "Énergie Sud", "energie sud")] == [
        "NVIDIA", "NVIDIA", "DeepMind", "Énergie Sud", "Énergie Sud",
    ]  # fmt: skip
    assert grouped.of("Google DeepMind") == "Google"
    assert set(grouped.spellings("google")) >= {"Google", "DeepMind", "Google DeepMind", "Google Cloud"}
    assert "DeepMind" not in names.spellings("Google")


def test_asking_for_a_name_does_not_decide_how_it_is_written() -> None:
    names = Names(COMPANIES)
    assert names.spellings("granit energie") == ("granit energie",)
    assert names.of("Granit Énergie") == "Granit Énergie"


def test_sums_of_different_firmness_and_currency_stand_side_by_side() -> None:
    received = ledger.account("NVIDIA", lines(), USD).received
    assert {one.value: (dict(held.amounts), held.flows, held.unsized) for one, held in received.total.items()} == {
        "firm": ({"USD": 40e9, "EUR": 1.5e9}, 3, 1),
        "up_to": ({}, 0, 0),
        "option": ({"USD": 2e9}, 1, 0),
        "reported": ({"USD": 6e9}, 1, 0),
        "cancelled": ({"USD": 9e9}, 1, 0),
    }
    assert received.total[Firmness.FIRM].converted == pytest.approx(41.8e9)
    assert list(received.years) == ["2025", "2026"]
    assert list(received.others) == ["Oracle", "Mistral AI", "Google", "-Étoile Calcul"]


def test_a_partnership_moves_no_money_and_a_group_pays_itself_nothing() -> None:
    assert all(line.flow.kind is not Kind.PARTNERSHIP for line in ledger.account("Google", lines(), USD).promised.lines)
    inner = replace(STORIES[0].flows[0], flow=Flow("Google", "DeepMind", Kind.EQUITY, 1e9, "USD"))
    told = replace(STORIES[0], flows=(inner,))
    assert ledger.account("Google", ledger.entries(told, Names(COMPANIES)), USD).promised.lines
    assert not ledger.account("Google", ledger.entries(told, Names(COMPANIES, groups=True)), USD).promised.lines


def test_a_currency_without_a_rate_is_named_and_left_out_of_the_converted_sum() -> None:
    (paid,) = (one for one in ledger.biggest(lines(), USD) if one.name == "Granit Énergie")
    held = paid.received[Firmness.FIRM]
    assert (dict(held.amounts), held.converted, held.unconverted) == ({"CHF": 3.5e6}, None, ("CHF",))


@given(st.lists(st.tuples(st.sampled_from(list(Status)), st.floats(0, 1e12)), max_size=20))
def test_every_amount_is_counted_once(flows: list[tuple[Status, float]]) -> None:
    base = lines()[0]
    made = [Flow("A", "B", Kind.DEBT, amount, "USD", status=status) for status, amount in flows]
    row = ledger.totals([replace(base, flow=flow, firmness=ledger.firmness(flow)) for flow in made], USD)
    assert sum(held.flows for held in row.values()) == len(flows)
    assert sum(held.converted or 0.0 for held in row.values()) == pytest.approx(sum(amount for _, amount in flows))


def test_the_proof_is_the_sentence_of_the_amount_with_its_article() -> None:
    line = lines()[1]
    assert line.proof == "OpenAI paie Oracle, “c’est signé”."
    assert line.url == "https://presse.example/rent"
    assert line.date == datetime(2025, 10, 10, 8, tzinfo=UTC)


def test_csv_is_read_back_and_holds_no_formula() -> None:
    whole = exporting.csv_header() + "".join(exporting.csv_line(line) for line in lines())
    assert whole.count("\r\n") == len(lines()) + 1
    rows = list(csv.DictReader(io.StringIO(whole, newline="")))
    assert [row["title"] for row in rows if "HYPERLINK" in row["title"]] == ["'" + FORMULA]
    assert {row["payer"] for row in rows} >= {"'-Étoile Calcul", ""}
    assert not [value for row in rows for value in row.values() if value[:1] in tuple("=+-@")]
    assert {row["amount"] for row in rows} >= {"100000000000", "1500000000", ""}


@pytest.mark.parametrize(
    ("value", "shown"),
    [("=1+1", "'=1+1"), ("+33 1", "'+33 1"), ("\t@SUM", "'@SUM"), ("-x", "'-x"), ("a\r\nb", "a b"), ("1-2", "1-2")],
)
def test_cells_of_text(value: str, shown: str) -> None:
    assert exporting.cell(value) == shown


@pytest.mark.parametrize(("value", "shown"), [(-5.0, "-5"), (1e12, "1000000000000"), (0.25, "0.25"), (None, "")])
def test_numbers_stay_numbers(value: float | None, shown: str) -> None:
    assert exporting.number(value) == shown


def test_graphml_has_a_node_per_company_and_numbers_as_numbers() -> None:
    network = nx.parse_graphml(exporting.graphml(lines()).decode(), force_multigraph=True)
    assert network.nodes["nvidia"]["label"] == "NVIDIA"
    assert "google cloud" not in network
    assert len(network.edges("google", data=True)) == 4
    (rent,) = (held for _, _, held in network.edges("openai", data=True))
    assert (rent["amount"], rent["megawatts"], rent["kind"]) == (300e9, 4500.0, "compute")
    assert "chips" not in rent
