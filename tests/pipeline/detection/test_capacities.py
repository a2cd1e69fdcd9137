"""Megawatts of a place are told from megawatts that a deal moves."""

from __future__ import annotations

import pytest

from worker.pipeline.detection.capacities import of_place


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("Les puces seront installées sur son campus de ", True),
        ("Elle loge ses serveurs dans le centre de données normand de près de ", True),
        ("Les machines iront sur un site, à Oslo, d'une capacité de ", True),
        ("Kelvan loue un campus de ", False),
        ("Kelvan loue un centre de données d'une puissance de ", False),
        ("Kelvan investit 3 milliards d'euros dans un site de ", False),
        ("Kelvan mettra 3 milliards dans un campus de ", False),
        ("", False),
    ],
)
def test_what_stands_before_a_power(before: str, expected: bool) -> None:
    assert of_place(before) is expected
