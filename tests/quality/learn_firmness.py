"""Learn what sources only say from what is official."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.model_selection import GroupKFold

from tests.quality.corpus import article_of, tables
from tests.quality.fitting import Strength, fit, logit
from tests.quality.flow_labels import key_of, statuses
from worker.pipeline.detection import Detector, firmness
from worker.pipeline.detection.lexicon import Lexicon

_STRENGTH = Strength(1.0, 3.0)
_FOLDS = 5
Table = dict[str, Any]


def train(reader: Detector, rows: Sequence[Table]) -> Table:
    """Return the weights that tell what sources only say from what is official; print the cross-validated share."""
    table: list[Mapping[str, float]] = []
    target: list[bool] = []
    groups: list[int] = []
    homes = {row["id"]: place for place, row in enumerate(rows)}
    lexicon = Lexicon(tables()["lexicon"])
    for row in rows:
        wanted = {(*key[:3],): status for key, status in statuses(row).items() if status in ("announced", "reported")}
        seen = reader.explain(article_of(row)) if wanted else None
        for one in seen.kept if seen else ():
            assert seen is not None
            if not one.option and key_of(one, seen.names)[:3] in wanted:
                told = firmness.features(seen.document, one, seen.modes, lexicon)
                table.append({**told, **seen.reading.words})
                target.append(wanted[key_of(one, seen.names)[:3]] == "reported")
                groups.append(homes[row["id"]])
    right = 0
    for learnt, held in GroupKFold(_FOLDS).split(table, target, groups):
        made = fit([table[i] for i in learnt], [target[i] for i in learnt], _STRENGTH)
        right += sum((logit(made, table[i]) > 0) == target[i] for i in held)
    print(f"cross-validated status: {right / len(target):.3f} of {len(target)} flows")
    return fit(table, target, _STRENGTH)
