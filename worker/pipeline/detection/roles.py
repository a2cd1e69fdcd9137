"""Who of an article is likely to pay and who to be paid, for each kind of flow, by all the words around its mentions.

Theory: a deal told at length names its parties apart. One sentence says who lacks capacity, a later one who has it, and
no verb joins them; but each of them has the words of its side around it wherever it stands: tenants rent, move in and
want power, landlords build, cash in and have room. Logistic models over these words, the organisation's trade and what
the article is about give every organisation a logit for each side of each kind. Weights: `roles` in
config/detector.json, trained.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from worker.errors import ConfigError, Fault
from worker.model import Kind
from worker.pipeline.detection.document import BACKGROUND, Document, Sentence, Token
from worker.pipeline.detection.modality import Mode
from worker.pipeline.detection.rows import Rows, are_written
from worker.pipeline.detection.wording import tokens

PAYER, PAYEE = "payer", "payee"
SIDES = (PAYER, PAYEE)
# Each side of each kind, and each side of whatever kind.
ROLES = (*(f"{side} {kind}" for side in SIDES for kind in Kind), *SIDES)
# Whoever is not named has no words; nor is a party whose logit is no better.
NOBODY = -4.0
# Words looked at before and after a mention; nearer ones count again.
_LEFT, _RIGHT, _AT_LEFT, _AT_RIGHT = 6, 8, 2, 3
# What all words around an organisation weigh together, and those of the sentences beside: by cross-validation.
_SCALE, _NEIGHBOUR = 5.0, 2.0
# Logits of the subject beside words, which are 0 to 1.
_PRIOR_SCALE = 3.0
# Two whose sum is lower are no parties of one flow; of so many a side, and so many pairs in all, the likeliest count.
_BOTH, _MOST, _PAIRS = -5.0, 5, 60


def features(
    document: Document, modes: Mapping[int, Mode], logits: Mapping[str, float], central: Mapping[str, float]
) -> dict[str, dict[str, float]]:
    """Return the features of each organisation that the article's own news names, by its name.

    logits: what the article is about, as of `Subject.logits`; central: how central each organisation is, 0 to 1.
    """
    told = {one.number: one for one in document.sentences if modes[one.number].recalled < BACKGROUND}
    read = {number: tokens(document, one) for number, one in told.items()}
    near: dict[str, set[str]] = {}
    beside: dict[str, set[str]] = {}
    trades: dict[str, str] = {}
    for number, sentence in told.items():
        if not sentence.mentions:
            continue
        for mention in sentence.mentions:
            if mention.name:
                trades.setdefault(mention.name, mention.type.value)
        around = _around(sentence, read[number])
        whole = {f"said:{token.word}" for token in read[number]}
        neighbours = {
            f"{place}:{token.word}"
            for place, other in (("next", number + 1), ("last", number - 1))
            if other in told and told[other].part == sentence.part
            for token in read[other]
        }
        for name, words in around.items():
            near.setdefault(name, set()).update(words, whole)
            beside.setdefault(name, set()).update(neighbours)
    priors = {f"prior:{kind}": logits[kind.value] / _PRIOR_SCALE for kind in Kind}
    found: dict[str, dict[str, float]] = {}
    for name, words in near.items():
        trade = f"trade:{trades[name]}"
        found[name] = {
            **dict.fromkeys(beside[name], _NEIGHBOUR / math.sqrt(max(len(beside[name]), 1))),
            **dict.fromkeys(words, _SCALE / math.sqrt(max(len(words), 1))),
            **priors,
            **{f"{trade}*{prior}": value for prior, value in priors.items()},
            trade: 1.0,
            "central:": central.get(name, 0.0),
        }
    return found


def _around(sentence: Sentence, told: Sequence[Token]) -> dict[str, set[str]]:
    """Return the words around the organisations of a sentence, marked by where they stand."""
    found: dict[str, set[str]] = {}
    for place, token in enumerate(told):
        if not token.name:
            continue
        after = [one.word for one in told[place + 1 : place + 1 + _RIGHT]]
        before = [one.word for one in told[max(0, place - _LEFT) : place]][::-1]
        words = found.setdefault(token.name, set())
        words.update(f"after:{word}" for word in after)
        words.update(f"before:{word}" for word in before)
        words.update(f"then:{word}" for word in after[:_AT_RIGHT])
        words.update(f"at:{word}" for word in before[:_AT_LEFT])
        if sentence.part != "text":
            words.add("head:")
            words.update(f"head after:{word}" for word in after[:1] or ["$"])
            words.update(f"head before:{word}" for word in before[:1] or ["^"])
    return found


class Roles:
    """The trained models. Without them (in training) nobody has a role.

    table: `roles`, their names; `bias`, one each; `weights`, for each feature a text of places among the roles, each
    with its weight ("3 0.25 11 -0.5"): few of its thousands of words stand in one article, so that they are read when
    they do. Raises ConfigError if the roles are not those of this version, or their weights not written so.
    """

    def __init__(self, table: Mapping[str, Any]) -> None:
        self._names = tuple(str(name) for name in table.get("roles", ()))
        self._bias = [float(value) for value in table.get("bias", ())]
        rows = table.get("weights", {})
        written = are_written(rows)
        if table and (self._names != ROLES or len(self._bias) != len(ROLES) or not written):
            shipped = "the file that comes with this version"
            raise ConfigError((Fault("detector.json", "roles", "weights of another version", shipped),))
        self._rows = Rows(rows, len(ROLES))

    def cast(
        self,
        document: Document,
        modes: Mapping[int, Mode],
        logits: Mapping[str, float],
        central: Mapping[str, float],
    ) -> Cast:
        """Return the organisations of an article with their roles. Arguments: as of `features`."""
        if not self._names:
            return Cast({})
        found = features(document, modes, logits, central)
        return Cast({name: self._logits(values) for name, values in found.items()})

    def _logits(self, values: Mapping[str, float]) -> dict[str, float]:
        return dict(zip(self._names, self._rows.totals(self._bias, values), strict=True))


class Cast:
    """The organisations of one article. logits: of each role, by the name of the organisation."""

    def __init__(self, logits: Mapping[str, Mapping[str, float]]) -> None:
        self._logits = logits
        self._leading = {
            role: sorted(((one[role], name) for name, one in logits.items()), reverse=True)[:2] for role in ROLES
        }

    def likely(self, payer: str, payee: str, kind: Kind) -> float:
        """Return the sum of the logits of both sides; "" is nobody."""
        return self._logit(payer, f"{PAYER} {kind}") + self._logit(payee, f"{PAYEE} {kind}")

    def pairs(self) -> list[tuple[str, str, Kind]]:
        """Return payer, payee and kind of the flows that the roles make thinkable, the likeliest first."""
        found: list[tuple[float, str, str, Kind]] = []
        for kind in Kind:
            payers, payees = (self._able(f"{side} {kind}") for side in SIDES)
            for payer in payers:
                for payee in payees:
                    likely = self.likely(payer, payee, kind)
                    if payer != payee and likely >= _BOTH:
                        found.append((likely, payer, payee, kind))
        found.sort(key=lambda one: -one[0])
        return [one[1:] for one in found[:_PAIRS]]

    def _able(self, role: str) -> list[str]:
        able = [name for name, one in self._logits.items() if one[role] > NOBODY]
        return sorted(able, key=lambda name: -self._logits[name][role])[:_MOST]

    def features(self, payer: str, payee: str, kind: Kind) -> dict[str, float]:
        """Return the features of a flow: the logits of both sides, of the sides swapped, of any kind, and how far each
        party is ahead of the next organisation in its role and of itself in other kinds.

        Who is named in old news alone counts as nobody.
        """
        if not self._logits:
            return {}
        found = {**self._party(payer, PAYER, PAYEE, kind), **self._party(payee, PAYEE, PAYER, kind)}
        first, second = found["cast.payer"], found["cast.payee"]
        way = first + second - self.likely(payee, payer, kind)
        return {**found, "cast.least": min(first, second), "cast.sum": first + second, "cast.way": way}

    def _party(self, name: str, side: str, other: str, kind: Kind) -> dict[str, float]:
        role, key = f"{side} {kind}", f"cast.{side}"
        here = self._logit(name, role)
        found = {key: here, f"{key}.gap": here - self._best_but(name, role)}
        own = self._logits.get(name)
        if own is None:
            return {**found, f"{key}.else": self._best_but(name, side)}
        return {
            **found,
            f"{key}.any": own[side],
            f"{key}.turned": own[f"{other} {kind}"],
            f"{key}.turned.any": own[other],
            f"{key}.kinds": here - max(own[f"{side} {one}"] for one in Kind if one is not kind),
        }

    def _best_but(self, name: str, role: str) -> float:
        """Return the best logit of another organisation in a role."""
        return next((logit for logit, other in self._leading[role] if other != name), NOBODY)

    def _logit(self, name: str, role: str) -> float:
        one = self._logits.get(name)
        return one[role] if one is not None else NOBODY
