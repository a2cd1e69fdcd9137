"""The figures, each on a case small enough to count by hand, and all of them against the reference scorer."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from worker.pipeline.scoring import FIELDS, Error, fold_name, group_figures, score

Row = dict[str, Any]


def flow(payer: str | None, payee: str | None, kind: str = "compute", **fields: Any) -> Row:
    plain = dict.fromkeys(FIELDS) | {"bound": "exact", "status": "announced"}
    return {"payer": payer, "payee": payee, "kind": kind, **plain, **fields}


def labelled(name: str, *flows: Row, deal: str = "yes", story: str | None = None) -> Row:
    return {"id": name, "title": f"Titre {name}", "deal": deal, "story": story, "flows": list(flows)}


def told(*flows: Row, deal: bool = True, story: str | None = None) -> Row:
    return {"deal": deal, "story": story, "flows": list(flows)}


ORDER = flow("OpenAI", "Oracle", amount=30_000_000_000, currency="USD")
STAKE = flow("NVIDIA", "OpenAI", "equity", amount=100_000_000_000, currency="USD", bound="up_to")


def test_nothing_scored_gives_zeros() -> None:
    assert score([], {}).as_dict() == {
        "articles": 0,
        "borderline": 0,
        "detection": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "tp": 0, "fp": 0, "fn": 0},
        "flows": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "tp": 0, "fp": 0, "fn": 0},
        "direction": 0.0,
        "fields": dict.fromkeys(FIELDS, 0.0),
        "record": 0.0,
        "stories": {"precision": 0.0, "recall": 0.0, "f1": 0.0, "items": 0},
    }


def test_detection_leaves_borderline_out_and_takes_silence_for_no() -> None:
    gold = [
        labelled("found", ORDER),
        labelled("found-too", ORDER),
        labelled("silent", ORDER),
        labelled("alarm", deal="no"),
        labelled("quiet", deal="no"),
        labelled("between", deal="borderline"),
    ]
    predictions = {name: told(ORDER) for name in ("found", "found-too", "alarm", "between")} | {
        "quiet": told(deal=False)
    }
    figures = score(gold, predictions)
    assert (figures.articles, figures.borderline) == (5, 1)
    assert (figures.detection.tp, figures.detection.fp, figures.detection.fn) == (2, 1, 1)
    assert figures.detection.precision == pytest.approx(2 / 3)
    assert figures.detection.recall == pytest.approx(2 / 3)
    assert figures.detection.f1 == pytest.approx(2 / 3)


def test_flows_count_over_deals_and_others() -> None:
    gold = [labelled("a", ORDER, STAKE), labelled("b", deal="no")]
    figures = score(gold, {"a": told(ORDER), "b": told(flow("Meta", "Google", "chips"))})
    assert (figures.flows.tp, figures.flows.fp, figures.flows.fn) == (1, 1, 1)
    assert figures.flows.f1 == pytest.approx(0.5)


def test_flows_of_an_article_called_no_deal_do_not_count_as_found() -> None:
    figures = score([labelled("a", ORDER)], {"a": told(ORDER, deal=False)})
    assert (figures.flows.tp, figures.flows.fp, figures.flows.fn) == (0, 0, 1)


def test_an_unnamed_party_matches_an_unnamed_party_alone() -> None:
    gold = [labelled("a", flow("Meta", None)), labelled("b", flow("Meta", None))]
    figures = score(gold, {"a": told(flow("Meta", None)), "b": told(flow("Meta", "Google"))})
    assert (figures.flows.tp, figures.flows.fp, figures.flows.fn) == (1, 1, 1)


def test_a_partnership_has_no_direction() -> None:
    figures = score([labelled("a", flow("SAP", "Mistral AI", "partnership"))], {"a": told(
        flow("Mistral", "SAP", "partnership"))})  # fmt: skip
    assert figures.flows.tp == 1
    assert figures.direction == 0.0  # nothing directed to be right about


def test_direction_is_the_share_that_points_the_right_way() -> None:
    turned = flow("Oracle", "OpenAI")
    gold = [labelled("a", ORDER, STAKE), labelled("b", ORDER), labelled("c", ORDER)]
    figures = score(gold, {"a": told(ORDER, STAKE), "b": told(turned), "c": told(flow("Meta", "Oracle"))})
    assert figures.direction == pytest.approx(2 / 3)


def test_fields_agree_within_half_a_per_cent_and_null_with_null_alone() -> None:
    wanted = flow("OpenAI", "Oracle", amount=1000, currency="USD", megawatts=None, chips=200, years=5, bound="about")
    got = flow("OpenAI", "Oracle", amount=1005, currency="EUR", megawatts=10, chips=202, years=None, bound="about")
    figures = score([labelled("a", wanted)], {"a": told(got)})
    assert figures.fields == {
        "amount": 1.0,
        "currency": 0.0,
        "megawatts": 0.0,
        "chips": 0.0,
        "years": 0.0,
        "bound": 1.0,
        "status": 1.0,
    }


def test_fields_are_shares_of_the_matched_flows_alone() -> None:
    gold = [labelled("a", ORDER, STAKE), labelled("b", ORDER)]
    figures = score(gold, {"a": told(ORDER), "b": told(flow("OpenAI", "Oracle", currency="USD"))})
    assert figures.fields["amount"] == pytest.approx(0.5)
    assert figures.fields["currency"] == 1.0


@pytest.mark.parametrize("name", ["amount", "currency", "megawatts", "status"])
def test_a_record_is_spoilt_by_an_essential_field(name: str) -> None:
    figures = score([labelled("a", ORDER)], {"a": told(ORDER | {name: "reported" if name == "status" else 7})})
    assert figures.record == 0.0


@pytest.mark.parametrize(("name", "value"), [("chips", 7), ("years", 7), ("bound", "about")])
def test_a_record_survives_the_other_fields(name: str, value: object) -> None:
    assert score([labelled("a", ORDER)], {"a": told(ORDER | {name: value})}).record == 1.0


def test_a_record_is_spoilt_by_a_flow_too_many_or_too_few() -> None:
    gold = [labelled("a", ORDER), labelled("b", ORDER, STAKE), labelled("c", ORDER), labelled("d", deal="no")]
    predictions = {"a": told(ORDER, STAKE), "b": told(ORDER), "c": told(ORDER), "d": told(ORDER)}
    assert score(gold, predictions).record == pytest.approx(1 / 3)


def test_the_firm_flow_and_the_option_find_their_own() -> None:
    firm = flow("Meta", "Google", amount=5e9, currency="USD")
    option = flow("Meta", "Google", amount=20e9, currency="USD", bound="up_to", status="option")
    figures = score([labelled("a", firm, option)], {"a": told(option, firm)})
    assert figures.record == 1.0
    assert set(figures.fields.values()) == {1.0}


def test_two_flows_of_one_key_need_two_found() -> None:
    figures = score([labelled("a", ORDER, ORDER)], {"a": told(ORDER)})
    assert (figures.flows.tp, figures.flows.fn) == (1, 1)


def test_stories_count_deals_found_and_an_untold_story_stands_alone() -> None:
    gold = [
        labelled("a", ORDER, story="one"),
        labelled("b", ORDER, story="one"),
        labelled("c", ORDER, story="two"),
        labelled("missed", ORDER, story="two"),
        labelled("unlabelled", ORDER),
    ]
    predictions = {"a": told(story="x"), "b": told(), "c": told(story="x"), "unlabelled": told(story="x")}
    stories = score(gold, predictions).stories
    # x holds a and c, so each is half right, and b alone is right; story one is found by halves, c has all of its own.
    assert stories.items == 3
    assert stories.precision == pytest.approx((1 / 2 + 1 + 1 / 2) / 3)
    assert stories.recall == pytest.approx((1 / 2 + 1 / 2 + 1) / 3)


def test_one_story_for_everything_keeps_recall_and_loses_precision() -> None:
    figures = group_figures([("one", "x"), ("one", "x"), ("two", "x"), ("three", "x")])
    assert figures.recall == 1.0
    assert figures.precision == pytest.approx((2 / 4 + 2 / 4 + 1 / 4 + 1 / 4) / 4)
    assert figures.f1 == pytest.approx(2 * 0.375 / 1.375)


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        (None, None),
        ("Azure", "microsoft"),
        ("Google DeepMind", "google"),
        ("Mistral AI", "mistral"),
        ("Amazon Web Services, Inc.", "amazon"),
        ("Groupe Iliad", "iliad"),
        ("SoftBank Group Corp.", "softbank"),
        ("Électricité de France SA", "electricitedefrance"),
        ("Group", "group"),
        ("Seagate", "seagate"),
        ("Dell Technologies", "dell"),
    ],
)
def test_names_fold_to_the_group(name: str | None, folded: str | None) -> None:
    assert fold_name(name) == folded


def test_errors_name_the_article_and_what_is_wrong() -> None:
    gold = [labelled("a", ORDER), labelled("b", deal="no"), labelled("c", ORDER, STAKE)]
    predictions = {"b": told(STAKE), "c": told(ORDER | {"amount": 1, "bound": "about"})}
    assert score(gold, predictions).errors == (
        Error("a", "missed deal", "Titre a"),
        Error("a", "missed flow", "('openai', 'oracle', 'compute') Titre a"),
        Error("b", "false alarm", "Titre b"),
        Error("b", "wrong flow", "('nvidia', 'openai', 'equity') Titre b"),
        Error("c", "missed flow", "('nvidia', 'openai', 'equity') Titre c"),
        Error("c", "field amount", "('openai', 'oracle', 'compute'): wanted 30000000000, got 1"),
        Error("c", "field bound", "('openai', 'oracle', 'compute'): wanted 'exact', got 'about'"),
    )


# --- against the reference


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_figures_and_errors_as_the_reference(extra: Path, tmp_path: Path, seed: int) -> None:
    corpus = extra / "corpus"
    gold = [json.loads(line) for path in sorted(corpus.glob("dev-*.jsonl")) for line in path.open(encoding="utf-8")]
    assert len(gold) > 100
    predictions = list(_perturbed(gold, random.Random(seed)))
    files = [tmp_path / "gold.jsonl", tmp_path / "told.jsonl"]
    for path, rows in zip(files, (gold, predictions), strict=True):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    ours = score(gold, {row["id"]: row for row in predictions})
    theirs = _reference(corpus / "score.py", *files, "--json")
    figures, end = json.JSONDecoder().raw_decode(theirs)
    # Compared as (path, number) so that no failure shows an article.
    assert dict(_leaves(ours.as_dict())) == pytest.approx(dict(_leaves(figures)), rel=0, abs=1e-12)
    assert list(dict(_leaves(ours.as_dict()))) == list(dict(_leaves(figures)))
    listed = _reference(corpus / "score.py", *files, "--json", "--errors", "1000000")[end:].strip()
    same = listed == "\n".join(" | ".join(error) for error in ours.errors)
    assert same, "the list of errors differs from the reference's"


def _reference(program: Path, *arguments: object) -> str:
    command = [sys.executable, str(program), *map(str, arguments)]
    return subprocess.run(
        command, check=True, capture_output=True, encoding="utf-8", env={"PYTHONIOENCODING": "utf-8"}
    ).stdout


def _leaves(tree: dict[str, Any], path: str = "") -> Iterator[tuple[str, float]]:
    for name, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{path}{name}.")
        else:
            yield path + name, value


def _perturbed(gold: list[Row], dice: random.Random) -> Iterator[Row]:
    """Yield predictions that are right at times, and wrong in each way that the figures tell apart."""
    spare = [one for row in gold for one in row["flows"]]
    for row in gold:
        if dice.random() < 0.05:
            continue
        deal = (row["deal"] == "yes") ^ (dice.random() < 0.15)
        flows = [_mutated(one, dice) for one in row["flows"] if dice.random() < 0.85]
        flows += [dict(dice.choice(spare)) for _ in range(dice.choice((0, 0, 0, 1, 2)))]
        dice.shuffle(flows)
        story = dice.choice((row["story"], row["story"], None, f"story-{dice.randrange(8)}"))
        yield {"id": row["id"], "deal": deal, "score": None, "story": story, "flows": flows}


def _mutated(one: Row, dice: random.Random) -> Row:
    spellings = {"Microsoft": "Azure", "Amazon": "AWS, Inc.", "Google": "Google Cloud", "Mistral AI": "Mistral"}
    found = {name: spellings.get(value, value) if dice.random() < 0.3 else value for name, value in one.items()}
    if dice.random() < 0.15:
        found["payer"], found["payee"] = found["payee"], found["payer"]
    if dice.random() < 0.1:
        found[dice.choice(("payer", "payee"))] = dice.choice((None, "Société Inconnue SA"))
    if dice.random() < 0.1:
        found["kind"] = dice.choice(("chips", "compute", "equity", "partnership"))
    for name in FIELDS:
        if dice.random() < 0.12:
            value = found[name]
            changes = [value * 1.004, value * 1.006, None] if isinstance(value, int | float) else [None, "about", 12]
            found[name] = dice.choice(changes)
    return found
