"""Old items in new clothes, and too many at once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from worker.model import Entry
from worker.pipeline.feeds import Habit, again, is_flood, is_suspect, is_too_much

KNOWN = Entry(
    "gazette",
    "1",
    "https://gazette.example/1",
    "Nordlys signe un contrat de 300 millions d’euros avec Helvia Cloud",
    "Pendant trois ans, la start-up d’IA louera des GPU à l’hébergeur suisse.",
)


def retold(title: str = KNOWN.title, summary: str = KNOWN.summary) -> Entry:
    return replace(KNOWN, guid="2", url="https://neuf.example/2", title=title, summary=summary)


@pytest.mark.parametrize(
    "entry",
    [
        retold(),
        retold(title=f"Info : {KNOWN.title} (actualisé)"),
        retold(title="Contrat de 300 millions d’euros entre Nordlys et Helvia Cloud"),
    ],
)
def test_what_says_the_same_is_known(entry: Entry) -> None:
    assert again([entry], [KNOWN]) == {"2"}


@pytest.mark.parametrize(
    "entry",
    [
        retold(title="Nordlys signe un contrat de 400 millions d’euros avec Helvia Cloud"),
        retold(title="Nordlys signe un contrat de 300 millions d’euros avec Basalte Cloud"),
        retold(summary="Le tribunal a suspendu la location de GPU entre les deux entreprises, qui font appel."),
        retold(title="Nordlys annule un contrat de 300 millions d’euros avec Helvia Cloud", summary=""),
    ],
)
def test_another_figure_name_or_turn_is_news(entry: Entry) -> None:
    assert again([entry], [KNOWN, replace(KNOWN, guid="3", summary="")]) == frozenset()


def test_only_half_of_a_document_under_new_guids_is_suspect() -> None:
    assert is_suspect(15, 30)
    assert not is_suspect(14, 30)
    assert not is_suspect(9, 9)


@pytest.mark.parametrize(
    ("new", "opened", "habit", "found"),
    [
        (50, 50, Habit(), False),
        (51, 0, Habit(), True),
        (10, 0, Habit(new=491), True),
        (10, 10, Habit(new=300, opened=191), True),
        # A wire is what it is.
        (40, 40, Habit(new=600, opened=300, usual=500.0, usual_opened=150.0), False),
        (40, 40, Habit(new=1_000, opened=300, usual=900.0, usual_opened=150.0), True),
    ],
)
def test_a_flood_is_what_no_habit_explains(new: int, opened: int, habit: Habit, found: bool) -> None:
    assert is_flood(new, opened, habit) is found


def test_there_is_an_end_to_what_is_kept() -> None:
    assert is_too_much(Habit(held=1_000))
    assert not is_too_much(Habit(held=999))
