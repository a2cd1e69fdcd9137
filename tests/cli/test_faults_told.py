"""Every sentence that the code can say of a fault or an error has its French: the code itself is read for them."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import worker
from worker.cli import phrases
from worker.cli.faults_told import told
from worker.errors import Fault

_CODE = Path(worker.__file__).parent
# Who says something, and which of their arguments are words: by position, from the one given on.
_SAYERS = {
    "Fault": 2, "note": 1, "warn": 1, "StoreError": 0, "StoreUnavailable": 0, "UsageError": 0, "BrokerUnavailable": 0,
    "DeliveryError": 0, "FetchError": 1, "BlockedAddress": 1, "ParseError": 1, "ParserDied": 1, "ParserBusy": 0,
    "_fail": 3, "on_event": 0,
}  # fmt: skip
_IN_SETTINGS = {**_SAYERS, "ValueError": 0}
# These say parts of a fault, the others whole sentences.
_OF_FAULTS = ("Fault", "note", "warn", "ValueError")
_HOLE = "\0"
# What may be filled in: a number, addresses, a condition, the room of a disk.
_FILLINGS = ("7", "https://h.example/x", "sqlite:///x.db", 'when = "daily"', "1.0 MB free of 2 MB")
_MOST = 64


def _texts(node: ast.expr, names: dict[str, list[str]]) -> list[str]:
    """Return what an expression may say, a digit in the place of whatever is filled in; [] where nothing is known."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.JoinedStr(values=parts):
            pieces = [_texts(part, names) for part in parts]
            return ["".join(one) for one in itertools.islice(itertools.product(*pieces), _MOST)]
        case ast.FormattedValue(value=inner):
            return [text for text in _texts(inner, names) if text] or [_HOLE]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            pairs = itertools.product(_texts(left, names) or [_HOLE], _texts(right, names) or [_HOLE])
            return [before + after for before, after in pairs]
        case ast.BoolOp(values=parts):
            return [text for part in parts for text in _texts(part, names)]
        case ast.IfExp(body=yes, orelse=no):
            return [*_texts(yes, names), *_texts(no, names)]
        case ast.Name(id=name):
            return names.get(name, [])
        case ast.Dict(values=values):
            return [text for value in values if value for text in _texts(value, names)]
    return []


def _names(tree: ast.Module) -> dict[str, list[str]]:
    """Return what each name of a module may stand for, where that is a text."""
    found: dict[str, list[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            texts = _texts(node.value, found)
            if texts and not isinstance(node.value, ast.Dict):
                found.setdefault(node.targets[0].id, []).extend(texts)
    return found


def _called(node: ast.Call) -> str:
    function = node.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _said(path: Path) -> Iterator[tuple[str, str, bool]]:
    """Yield (place, text, whether it is part of a fault) of whatever a file says of faults and errors."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = path.relative_to(_CODE)
    sayers = _IN_SETTINGS if inside.parts[0] == "settings" else _SAYERS
    names = _names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in sayers:
            given = [*node.args[sayers[_called(node)] :], *(k.value for k in node.keywords if k.arg == "error")]
            place, part = f"{inside}:{node.lineno}", _called(node) in _OF_FAULTS
            yield from ((place, text, part) for argument in given for text in _texts(argument, names))


def _is_words(text: str) -> bool:
    """Return whether a text holds a word of its own, and not only what is filled in, a key or a section."""
    return bool(re.search(r"[a-z]{2}", re.sub(r"\[+\w+\]+", "", text)))


_SAID = sorted({said for path in _CODE.rglob("*.py") for said in _said(path) if _is_words(said[1])})


def test_the_code_says_many_things() -> None:
    assert len(_SAID) > 150
    assert sum(place.startswith("settings/") for place, _, _ in _SAID) > 70


def _is_told(text: str, part: bool) -> bool:
    """Return whether `text` is known, and nothing of ours taken for a stranger's words."""
    french = told(Fault("x", "", text)).removeprefix("x : ") if part else told(text)
    return french != text and all(said in _FILLINGS for said in re.findall("⟨(.*?)⟩", french))


@pytest.mark.parametrize(("place", "text", "part"), _SAID)
def test_whatever_the_code_says_of_a_fault_or_an_error_has_its_french(
    place: str, text: str, part: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(phrases.TABLE, "told.foreign", ("⟨{text}⟩", "{text}"))
    pieces = text.split(_HOLE)
    filled = (
        "".join(itertools.chain(*zip(pieces, [*one, ""], strict=True)))
        for one in itertools.product(_FILLINGS, repeat=len(pieces) - 1)
    )
    assert any(_is_told(one, part) for one in filled), f"{place} says what no wording_*.py knows: {text}"
