"""`scan` and `eval`: every kind of input, one line per article, and faults that name their place."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run, World
from worker.pipeline import scoring

_FIELDS = {"payer", "payee", "kind", "amount", "currency", "megawatts", "chips", "years", "bound", "status", "evidence"}
_TITLE = "Mistral achète 18 000 GPU à NVIDIA pour 1,2 milliard d’euros"
_BODY = "La start-up d’IA Mistral a annoncé lundi l’achat de 18 000 puces à NVIDIA, pour 1,2 milliard d’euros."


def _row(number: int, **changes: Any) -> dict[str, Any]:
    row = {
        "id": f"t-{number}", "source": "essai", "published": f"2026-03-0{number}", "title": _TITLE, "summary": "",
        "text": _BODY, "deal": "yes", "story": "s",
        "flows": [{"payer": "Mistral", "payee": "NVIDIA", "kind": "chips", "amount": 1.2e9, "currency": "EUR",
                   "megawatts": None, "chips": 18000, "years": None, "bound": "exact", "status": "announced"}],
    }  # fmt: skip
    return {**row, **changes}


_RECIPE: dict[str, Any] = {
    "title": "Tarte aux pommes : notre recette de grand-mère", "text": "Épluchez les pommes, puis beurrez le moule.",
    "deal": "no", "story": None, "flows": [],
}  # fmt: skip


def _write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_jsonl_answers_one_line_per_article_in_the_order_given(run: Run, tmp_path: Path) -> None:
    file = _write(tmp_path / "a.jsonl", _row(2), _row(3, **_RECIPE), _row(1))
    answer = run("scan", str(file), "--jsonl")
    lines = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert [line["id"] for line in lines] == ["t-2", "t-3", "t-1"]
    assert [line["deal"] for line in lines] == [True, False, True]
    assert lines[0]["story"] == lines[2]["story"]
    assert lines[1]["story"] is None
    assert lines[1]["flows"] == []
    flow = lines[0]["flows"][0]
    assert set(flow) == _FIELDS
    assert (flow["payee"], flow["kind"], flow["amount"], flow["chips"]) == ("NVIDIA", "chips", 1200000000, 18000)
    for proof in flow["evidence"]:
        part = {"title": _TITLE, "text": _BODY}[proof["part"]]
        assert part[proof["start"] : proof["end"]] == proof["quote"]
    assert all({"code", "weight", "detail"} == set(reason) for reason in lines[1]["reasons"])


def test_a_story_is_opened_by_the_earliest_article_whatever_the_order_of_the_file(run: Run, tmp_path: Path) -> None:
    def stories(*numbers: int) -> dict[str, str]:
        file = _write(tmp_path / "a.jsonl", *(_row(number) for number in numbers))
        return {
            line["id"]: line["story"] for line in map(json.loads, run("scan", str(file), "--jsonl").out.splitlines())
        }

    assert stories(1, 2, 3) == stories(3, 1, 2)


def test_nothing_is_stored(run: Run, tmp_path: Path) -> None:
    assert run("scan", str(_write(tmp_path / "a.jsonl", _row(1)))).code == 0
    assert not (tmp_path / "data").exists()


def test_text_and_html_files_and_standard_input(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = tmp_path / "a.txt"
    text.write_text(f"{_TITLE}\n\n{_BODY}\n", encoding="utf-8")
    page = tmp_path / "a.html"
    paragraphs = f"<p>{_BODY}</p>" * 4
    page.write_text(
        f"<html lang=fr><head><title>{_TITLE}</title></head>"
        f"<body><article><h1>{_TITLE}</h1>{paragraphs}</article></body>",
        encoding="utf-8",
    )
    both = run("scan", str(text), str(page), "--json").json
    assert [one["deal"] for one in both] == [True, True]
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.read_bytes())))
    assert [one["deal"] for one in run("scan", "-", "--json").json] == [True]


def test_an_address_is_fetched_through_the_guard(run: Run, world: World) -> None:
    url = world.newsroom.base + "/nuages-serveurs/cassiopee-outremer-cloud.html"
    found = run("scan", url, "--json", config=world.config)
    assert found.code == 0
    assert found.json[0]["deal"] is True
    refused = run("scan", url, "--json")
    assert refused.code == 1
    assert "127.0.0.1" in refused.err
    missing = run("scan", world.newsroom.base + "/rien.html", config=world.config)
    assert (missing.code, "404" in missing.err) == (1, True)


def test_explain_shows_proof_and_reasons(run: Run, tmp_path: Path) -> None:
    answer = run("scan", str(_write(tmp_path / "a.jsonl", _row(1))), "--explain")
    assert answer.code == 0
    assert "▸" in answer.out
    assert "NVIDIA" in answer.out
    assert "1,2 Md€" in answer.out
    assert "montant : « 1,2 milliard d’euros »" in answer.out
    assert "Flux retenus et leurs preuves" in answer.out


def test_explain_says_of_what_is_no_deal_that_its_flows_are_not_told(run: Run, tmp_path: Path) -> None:
    opinion = "Kelvan achète déjà beaucoup de puces à NVIDIA, note un analyste, pour qui rien ne change cette année."
    row = _row(1, title="Ce que pèse NVIDIA", summary="", text=f"{opinion}\n\n" + "Le cours de Bourse recule. " * 9)
    answer = run("scan", str(_write(tmp_path / "a.jsonl", row)), "--explain")
    assert "pas un accord" in answer.out
    assert "Flux envisagés, aucun signalé" in answer.out


def test_explain_tells_which_look_kept_an_article(run: Run, tmp_path: Path) -> None:
    summary = "Les élus ont voté le budget de la commune, les tarifs de la cantine et la réfection du stade."
    aside = {"title": "Conseil municipal : ce qu’il faut retenir", "summary": summary, "text": "Il est voté. " * 99}
    told_late = {**aside, "text": f"{aside['text']}{_TITLE}. {_BODY}"}

    def sieve(**changes: str) -> str:
        answer = run("scan", str(_write(tmp_path / "a.jsonl", _row(1, **changes))), "--explain")
        return next(line for line in answer.out.splitlines() if line.startswith("Premier tri"))

    assert "lu en entier" in sieve()
    assert "écarté sur le titre – " in sieve(**aside)
    assert "écarté sur le titre, retenu sur le texte – " in sieve(**told_late)


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b'{"id": "a", "title": "x"}\n{oops\n', "bad.jsonl:2 : pas du JSON"),
        (b'{"id": "a", "title": "x"}\n[1]\n', "bad.jsonl:2 : il faut un objet JSON"),
        (b'{"title": "x"}\n', "bad.jsonl:1 : id : absent"),
        (b'{"id": "a"}\n', "bad.jsonl:1 : title, summary et text : tous vides"),
        (b'{"id": "a", "title": 3}\n', "bad.jsonl:1 : title : il faut un texte, pas int"),
        (b'{"id": "a", "title": "x", "published": "hier"}\n', "bad.jsonl:1 : published : 'hier' n’est pas une date"),
        (b'{"id": "a", "title": "\xff"}\n', "bad.jsonl:1 : pas de l’UTF-8"),
    ],
)
def test_a_bad_line_is_named_with_its_place(run: Run, tmp_path: Path, content: bytes, wanted: str) -> None:
    file = tmp_path / "bad.jsonl"
    file.write_bytes(content)
    answer = run("scan", str(file), "--jsonl")
    assert answer.code == 2
    assert wanted in answer.err
    assert "Traceback" not in answer.err
    assert answer.out == ""


def test_missing_files_and_folders_are_named(run: Run, tmp_path: Path) -> None:
    assert (run("scan", "/no/such.html").code, "/no/such.html" in run("scan", "/no/such.html").err) == (2, True)
    assert run("scan", str(tmp_path)).code == 2
    assert run("scan", "x", "--json", "--explain").code == 2


def test_eval_prints_the_scorer_s_figures(run: Run, tmp_path: Path) -> None:
    rows = [_row(1), _row(2), _row(3, **_RECIPE), _row(4, deal="borderline", story=None, flows=[])]
    file = _write(tmp_path / "gold.jsonl", *rows)
    lines = [json.loads(line) for line in run("scan", str(file), "--jsonl").out.splitlines()]
    wanted = scoring.score(rows, {line["id"]: line for line in lines}).as_dict()
    assert run("eval", str(file), "--json").json == json.loads(json.dumps(wanted))
    shown = run("eval", str(file), "--errors", "3")
    assert shown.code == 0
    assert f"{wanted['detection']['f1']:.3f}" in shown.out


def test_eval_compares_with_an_earlier_answer(run: Run, tmp_path: Path) -> None:
    file = _write(tmp_path / "gold.jsonl", _row(1), _row(2))
    before = _write(tmp_path / "before.jsonl", {"id": "t-1", "deal": False, "flows": []})
    answer = run("eval", str(file), "--diff", str(before))
    assert "t-1" in answer.out
    assert "mieux" in answer.out
    assert "t-2" not in answer.out


@pytest.mark.parametrize(("row", "wanted"), [(_row(1, deal="oui"), "deal : 'oui'"), (_row(1, flows=None), "flows :")])
def test_eval_names_a_bad_label(run: Run, tmp_path: Path, row: dict[str, Any], wanted: str) -> None:
    answer = run("eval", str(_write(tmp_path / "gold.jsonl", row)))
    assert (answer.code, wanted in answer.err, "gold.jsonl:1" in answer.err) == (2, True, True)


def test_an_input_that_is_wrong_keeps_no_other_back(run: Run, tmp_path: Path) -> None:
    good, bad = _write(tmp_path / "a.jsonl", _row(1)), tmp_path / "none.html"
    for form in ("--jsonl", "--explain"):
        answer = run("scan", str(bad), str(good), form)
        assert answer.code == 2
        assert "none.html : ce fichier n’existe pas" in answer.err
        assert "NVIDIA" in answer.out
    nothing = run("scan", str(bad), str(tmp_path), "--json")
    assert (nothing.code, nothing.out) == (2, "")
    assert "c’est un dossier" in nothing.err
