"""Learn what sources only say from what is official."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sklearn.model_selection import GroupKFold

from tests.quality.corpus import article_of, tables
from tests.quality.fitting import Strength, fit, logit
from tests.quality.flow_labels import key_of, statuses
from tests.quality.parallel import each
from worker.pipeline.detection import Detector, firmness
from worker.pipeline.detection.lexicon import Lexicon

_STRENGTH = Strength(1.0, 3.0)
_FOLDS = 5
Table = dict[str, Any]


def train(reader: Detector, rows: Sequence[Table]) -> Table:
    """Return the weights that tell what sources only say from what is official; print the cross-validated share."""
    lexicon = Lexicon(tables()["lexicon"])
    found = each(lambda place: _read(reader, rows[place], lexicon), range(len(rows)))
    table = [values for told in found for values, _ in told]
    target = [label for told in found for _, label in told]
    groups = [row["news"] for row, told in zip(rows, found, strict=True) for _ in told]
    right = 0
    for learnt, held in GroupKFold(_FOLDS).split(table, target, groups):
        made = fit([table[i] for i in learnt], [target[i] for i in learnt], _STRENGTH)
        right += sum((logit(made, table[i]) > 0) == target[i] for i in held)
    print(f"cross-validated status: {right / len(target):.3f} of {len(target)} flows")
    return fit(table, target, _STRENGTH)


def _read(reader: Detector, row: Table, lexicon: Lexicon) -> list[tuple[Mapping[str, float], bool]]:
    """Return of each flow that is found and labelled firm its features, and whether sources only tell it."""
    wanted = {(*key[:3],): status for key, status in statuses(row).items() if status in ("announced", "reported")}
    if not wanted:
        return []
    seen = reader.explain(article_of(row))
    return [
        (
            {**firmness.features(seen.document, one, seen.modes, lexicon), **seen.reading.words},
            wanted[key_of(one, seen.names)[:3]] == "reported",
        )
        for one in seen.kept
        if not one.option and key_of(one, seen.names)[:3] in wanted
    ]
