"""The phrase table: complete in both languages, and nothing asked for that it lacks."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from worker.cli import phrases, usage
from worker.cli.app import main
from worker.model import AlertType, Bound, Cause, ChangeKind, Kind, Status

_CODE = Path(phrases.__file__).parent
_ASKED = re.compile(r'(?:phrase|say|remark|Column|progress)\(\s*"([a-z_]+(?:\.[a-z_0-9]+)+)"')


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", sorted(phrases.TABLE))
def test_both_languages_take_the_same_values(key: str) -> None:
    french, english = phrases.TABLE[key]
    assert _fields(french) == _fields(english)


def test_every_phrase_asked_for_exists() -> None:
    asked = {key for path in _CODE.glob("*.py") for key in _ASKED.findall(path.read_text(encoding="utf-8"))}
    assert len(asked) > 100
    assert asked - set(phrases.TABLE) == set()


@pytest.mark.parametrize(
    ("prefix", "kinds"),
    [
        ("cause", Cause), ("kind", Kind), ("status", Status), ("bound", Bound), ("change", ChangeKind),
        ("type", AlertType),
    ],
)  # fmt: skip
def test_every_value_of_the_vocabulary_has_a_word(prefix: str, kinds: type) -> None:
    assert [value for value in kinds if f"{prefix}.{value}" not in phrases.TABLE] == []  # type: ignore[attr-defined]


def test_the_language_is_french_unless_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phrases._Choice, "language", "fr")
    assert phrases.phrase("eval.worse") == "moins bien"
    phrases.choose("en")
    assert phrases.phrase("eval.worse") == "worse"
    phrases.choose("xx")
    assert phrases.phrase("eval.worse") == "moins bien"


def test_values_are_put_in() -> None:
    assert "x42" in phrases.phrase("feeds.unknown", id="x42")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["storie"], "commande inconnue : 'storie' (voulez-vous dire 'stories', 'restore' ?)"),
        (["rules", "frob"], "commande inconnue : 'frob'"),
        (["scan"], "il manque 'INPUT...'"),
        (["scan", "--jsno", "x"], "option inconnue : --jsno (voulez-vous dire --json, --jsonl ?)"),
        (["ledger", "--limit"], "il manque la valeur de l’option '--limit'"),
        (["ledger", "--limit", "x"], "valeur refusée pour '--limit' / '-n' : un nombre entier est attendu"),
        (["ledger", "--limit", "0"], "valeur refusée pour '--limit' / '-n' : au moins 1"),
        (["ledger", "a", "b"], "de trop : b"),
        (["scan", "x", "--json=1"], "l’option '--json' ne prend pas de valeur"),
    ],
)
def test_a_wrong_command_line_is_answered_in_french(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert told in " ".join(capsys.readouterr().err.split())


def test_help_has_french_titles(capsys: pytest.CaptureFixture[str]) -> None:
    main(["loops", "--help"])
    shown = capsys.readouterr().out
    assert "par défaut : 50" in shown
    for arguments in (["--help"], ["loops", "--help"], ["feeds", "--help"], ["feeds", "list", "-h"]):
        main(arguments)
        shown = capsys.readouterr().out
        assert "Affiche cette aide" in shown
        assert "Show this" not in shown


def test_a_sentence_of_no_known_shape_stays() -> None:
    assert usage.told("Something else.") == "Something else."
