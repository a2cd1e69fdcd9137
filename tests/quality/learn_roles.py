"""Learn who pays and who is paid: for each side of each kind a regression over the words around a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tests.quality.corpus import article_of
from tests.quality.fitting import fit_words, in_rows
from tests.quality.flow_labels import roles_of, wanted_flows
from tests.quality.parallel import each
from worker.pipeline import scoring
from worker.pipeline.detection import Detector, naming, roles

# By cross-validation, as how much words weigh in `roles`.
_FREEDOM = 0.3
# A word that fewer organisations have around them teaches nothing; a smaller weight would only fill the file.
_RARE, _SMALL = 16, 0.02
# A role that fewer organisations have is not learnt.
_FEW = 5


class Part(NamedTuple):
    """One organisation of one article: its features, the roles that the labels give it, what it counts."""

    values: Mapping[str, float]
    roles: frozenset[str]
    share: float


def read(
    rows: Sequence[dict[str, Any]], folds: Sequence[tuple[Sequence[int], Sequence[int]]], readers: Sequence[Detector]
) -> list[list[Part]]:
    """Return the organisations of each article that is a deal, read by the weights of the fold that never saw it."""
    found: list[list[Part]] = [[] for _ in rows]

    def held(number: int) -> dict[int, list[Part]]:
        places = [place for place in folds[number][1] if rows[place]["deal"] == "yes"]
        return {place: parts(readers[number], rows[place]) for place in places}

    for told in each(held, range(len(folds))):
        for place, listed in told.items():
            found[place] = listed
    return found


def parts(reader: Detector, row: dict[str, Any]) -> list[Part]:
    """Return the organisations of an article."""
    document, reading = reader.read(article_of(row))
    names = naming.called(document)
    told = roles.features(document, reading.modes, reading.logits, reading.central)
    wanted = [key[:3] for key in wanted_flows(row)]
    share = row.get("copy", 1.0)
    return [
        Part(values, frozenset(roles_of(scoring.fold_name(names.get(name, name)) or "", wanted)), share)
        for name, values in told.items()
    ]


def fit(organisations: Sequence[Part]) -> dict[str, Any]:
    """Return the table of all roles, as `Roles` reads it."""
    targets = {role: [role in one.roles for one in organisations] for role in roles.ROLES}
    learnt = {role: labels for role, labels in targets.items() if sum(labels) >= _FEW}
    values, shares = [one.values for one in organisations], [one.share for one in organisations]
    made = fit_words(values, learnt, _FREEDOM, shares, rare=_RARE)
    weights = in_rows([made[role]["weights"] if role in made else {} for role in roles.ROLES], _SMALL)
    bias = [round(made[role]["bias"], 4) if role in made else roles.NOBODY for role in roles.ROLES]
    return {"roles": list(roles.ROLES), "bias": bias, "weights": weights}
