"""Weights of several labels by feature, parsed when first met."""

from __future__ import annotations

import pytest

from worker.errors import ConfigError
from worker.pipeline.detection.rows import Rows


def test_a_feature_adds_to_the_labels_that_its_row_names() -> None:
    rows = Rows({"loue": "0 1.5 2 -0.5", "vend": "1 2.0"}, 3)
    for _ in range(2):
        assert rows.totals([0.0, -1.0, 1.0], {"loue": 2.0, "vend": 1.0, "inconnu": 9.0}) == [3.0, 1.0, 0.0]
    assert rows.totals([0.5, 0.5, 0.5], {}) == [0.5, 0.5, 0.5]


@pytest.mark.parametrize("row", ["0", "0 x", "x 1", "3 1.0", "-1 1.0", "0 1.0 2"])
def test_a_faulty_row_is_named_when_it_is_met(row: str) -> None:
    rows = Rows({"loue": row, "vend": "1 2.0"}, 3)
    assert rows.totals([0.0, 0.0, 0.0], {"vend": 1.0}) == [0.0, 2.0, 0.0]
    with pytest.raises(ConfigError, match=r"detector\.json.*loue"):
        rows.totals([0.0, 0.0, 0.0], {"loue": 1.0})
