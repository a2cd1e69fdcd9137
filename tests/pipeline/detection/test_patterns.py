"""Expressions that are compiled when asked: every one of them is sound, and can be copied and sent."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest

from worker.pipeline.detection import capacities, countries, quantities, quantity_context, units
from worker.pipeline.detection.patterns import pattern


def sources(value: Any) -> Iterator[str]:
    if type(value).__name__ == "_Pattern":
        yield value._source
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from sources(one)


@pytest.mark.parametrize("module", [capacities, countries, quantities, quantity_context, units])
def test_every_expression_is_sound(module: Any) -> None:
    found = [source for value in vars(module).values() for source in sources(value)]
    assert found
    for source in found:
        re.compile(source)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda one: pickle.loads(pickle.dumps(one))])
def test_a_copy_finds_what_the_expression_finds(copied: Any) -> None:
    made = copied(pattern("a+"))
    found = made.search("baab")
    assert found is not None
    assert found.group() == "aa"
    assert made.sub("-", "baab") == "b-b"


def test_an_expression_that_is_not_sound_says_so_when_asked() -> None:
    with pytest.raises(re.error):
        pattern("(").search("a")
