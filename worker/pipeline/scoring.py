"""How good predictions are on labelled articles: detection, flows, direction, fields, whole records, stories.

Labels and predictions are rows as in the corpus, one article a row: `id`, `deal`, `story` and `flows`, each flow with
`payer`, `payee`, `kind` and the fields of `FIELDS`. A label's `deal` is "yes", "no" or "borderline"; a prediction's is
true or false.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

Row = Mapping[str, Any]

FIELDS = ("amount", "currency", "megawatts", "chips", "years", "bound", "status")
# A record is wrong as a whole where one of these is: what a reader would act on.
_ESSENTIAL = frozenset({"amount", "currency", "megawatts", "status"})
# Sources round: 22.37 billion is told as 22.4. Beyond half a per cent it is another number.
_TOLERANCE = 0.005

# The names under which one group appears in labels, folded. Part of the measure: adding one changes the figures.
_SPELLINGS = {
    "amazon": ("aws", "amazonwebservices"),
    "brookfield": ("brookfieldassetmanagement",),
    "edf": ("edfpulse",),
    "google": ("alphabet", "googlecloud", "deepmind", "googledeepmind"),
    "iliad": ("iliadgroup", "groupeiliad"),
    "meta": ("facebook", "metaplatforms"),
    "microsoft": ("azure", "microsoftazure"),
    "mistral": ("mistralai",),
    "nvidia": ("nvidiacorp",),
    "oracle": ("oraclecloud", "oci"),
    "samsung": ("samsungelectronics",),
    "softbank": ("softbankgroup",),
    "xai": ("xaiholdings",),
}
_CANONICAL = {spelling: group for group, spellings in _SPELLINGS.items() for spelling in spellings}
_LEGAL_FORMS = "ag|co|company|corp|corporation|groupe?|holdings?|inc|llc|ltd|nv|plc|sas?|se|technologies"
_LEGAL_FORM = re.compile(rf"\b(?:{_LEGAL_FORMS})\b\.?")
_NOT_NAME = re.compile("[^a-z0-9]")


class Error(NamedTuple):
    """One way in which a prediction differs from its label: article, what went wrong, and the particulars."""

    id: str
    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Ratio:
    """Right, wrongly found and missed, with the three ratios over them; a ratio over nothing is 0."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    @property
    def precision(self) -> float:
        """Return the share of what was found that is right, 0 to 1."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """Return the share of what was there that was found, 0 to 1."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return _harmonic(self.precision, self.recall)

    def as_dict(self) -> dict[str, Any]:
        """Return the ratios and the counts, JSON-ready."""
        ratios = {"precision": self.precision, "recall": self.recall, "f1": self.f1}
        return {**ratios, "tp": self.tp, "fp": self.fp, "fn": self.fn}


@dataclass(frozen=True, slots=True)
class Grouping:
    """B-cubed figures of a grouping into stories, over `items` articles (Bagga and Baldwin, 1998)."""

    precision: float = 0.0
    recall: float = 0.0
    items: int = 0

    @property
    def f1(self) -> float:
        """Return the harmonic mean of precision and recall."""
        return _harmonic(self.precision, self.recall)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures, JSON-ready."""
        return {"precision": self.precision, "recall": self.recall, "f1": self.f1, "items": self.items}


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures over a set of labelled articles; shares are 0 to 1, `errors` in the order of the articles.

    `articles` counts what was scored, so without the `borderline` ones. `direction` is the share of flows between the
    right parties, of the right kind, that point the right way; `fields` the share right of each field of the flows
    found; `record` the share of deal articles without a fault in parties, kind, amount, currency, megawatts, status.
    """

    articles: int
    borderline: int
    detection: Ratio
    flows: Ratio
    direction: float
    fields: Mapping[str, float]
    record: float
    stories: Grouping
    errors: tuple[Error, ...] = field(default=(), repr=False)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures without the errors, JSON-ready."""
        return {
            "articles": self.articles,
            "borderline": self.borderline,
            "detection": self.detection.as_dict(),
            "flows": self.flows.as_dict(),
            "direction": self.direction,
            "fields": dict(self.fields),
            "record": self.record,
            "stories": self.stories.as_dict(),
        }


def score(gold: Sequence[Row], predictions: Mapping[str, Row]) -> Figures:
    """Compare `predictions`, by id, with the labelled rows `gold`; an article without a prediction is no deal.

    Borderline articles count neither way. Raises KeyError for a labelled row without `id`, `deal` or `flows`.
    """
    judged = [row for row in gold if row["deal"] != "borderline"]
    results = [_compare(row, predictions.get(row["id"], {})) for row in judged]
    calls = Counter((result.wanted, result.found) for result in results)
    matches = [match for result in results for match in result.matched]
    directed = sum(_directed(wanted) for wanted, _ in matches)
    turned = sum(result.turned for result in results)
    agree = Counter(name for wanted, got in matches for name in FIELDS if _same(wanted.get(name), got.get(name)))
    return Figures(
        articles=len(judged),
        borderline=len(gold) - len(judged),
        detection=Ratio(tp=calls[True, True], fp=calls[False, True], fn=calls[True, False]),
        flows=Ratio(
            tp=len(matches),
            fp=sum(len(result.wrong) for result in results),
            fn=sum(len(result.missed) for result in results),
        ),
        direction=_share(directed, directed + turned),
        fields={name: _share(agree[name], len(matches)) for name in FIELDS},
        record=_share(sum(result.whole for result in results), sum(result.wanted for result in results)),
        stories=group_figures([result.stories for result in results if result.stories]),
        errors=tuple(error for result in results for error in result.errors()),
    )


def fold_name(value: object) -> str | None:
    """Return an organisation's name as it is compared: ASCII letters and digits, no legal form, one name per group."""
    if value is None:
        return None
    plain = unicodedata.normalize("NFKD", str(value)).encode("ascii", "ignore").decode("ascii").lower()
    # "Group" alone would leave nothing: then the legal form is the name.
    bare = _NOT_NAME.sub("", _LEGAL_FORM.sub("", plain)) or _NOT_NAME.sub("", plain)
    return _CANONICAL.get(bare, bare)


def group_figures(pairs: Sequence[tuple[str, str]]) -> Grouping:
    """Return the B-cubed figures of (labelled story, predicted story), one pair per article."""
    if not pairs:
        return Grouping()
    labelled, predicted, both = Counter(a for a, _ in pairs), Counter(b for _, b in pairs), Counter(pairs)
    precision = sum(both[pair] / predicted[pair[1]] for pair in pairs) / len(pairs)
    recall = sum(both[pair] / labelled[pair[0]] for pair in pairs) / len(pairs)
    return Grouping(precision, recall, len(pairs))


@dataclass(frozen=True, slots=True)
class _Result:
    """One article compared: flows as (wanted, found) pairs, labelled flows missed, predicted flows that fit none."""

    row: Row
    wanted: bool
    found: bool
    story: str
    matched: tuple[tuple[Row, Row], ...]
    missed: tuple[Row, ...]
    wrong: tuple[Row, ...]

    @property
    def turned(self) -> int:
        """Count the missed flows that were found, but the other way round."""
        reverse = {(payee, payer, kind) for payer, payee, kind in map(_key, self.wrong)}
        return sum(_directed(flow) and _key(flow) in reverse for flow in self.missed)

    @property
    def whole(self) -> bool:
        """True if nothing that a reader would act on is wrong; never for an article that is no deal."""
        if not (self.wanted and self.found) or self.missed or self.wrong:
            return False
        return all(_same(wanted.get(name), got.get(name)) for wanted, got in self.matched for name in _ESSENTIAL)

    @property
    def stories(self) -> tuple[str, str] | None:
        """Return (labelled story, predicted story) of a deal found; an article told no story stands alone."""
        if not (self.wanted and self.found and self.row.get("story")):
            return None
        return str(self.row["story"]), self.story or f"alone:{self.row['id']}"

    def errors(self) -> Iterable[Error]:
        """Yield what differs: the verdict first, then flows, then the fields of the flows found."""
        name = self.row["id"]
        title = self.row.get("title") or self.row.get("title_gist") or ""
        if self.wanted != self.found:
            yield Error(name, "missed deal" if self.wanted else "false alarm", title)
        yield from (Error(name, "missed flow", f"{_key(flow)} {title}") for flow in self.missed)
        yield from (Error(name, "wrong flow", f"{_key(flow)} {title}") for flow in self.wrong)
        for wanted, got in self.matched:
            for part in FIELDS:
                if not _same(wanted.get(part), got.get(part)):
                    told = f"wanted {wanted.get(part)!r}, got {got.get(part)!r}"
                    yield Error(name, f"field {part}", f"{_key(wanted)}: {told}")


def _compare(row: Row, prediction: Row) -> _Result:
    found = bool(prediction.get("deal"))
    labelled = list(row["flows"])
    predicted = list(prediction.get("flows") or ()) if found else []
    pairs = _pairs(labelled, predicted)
    taken, used = {first for first, _ in pairs}, {second for _, second in pairs}
    return _Result(
        row=row,
        wanted=row["deal"] == "yes",
        found=found,
        story=prediction.get("story") or "",
        matched=tuple((labelled[first], predicted[second]) for first, second in pairs),
        missed=tuple(flow for index, flow in enumerate(labelled) if index not in taken),
        wrong=tuple(flow for index, flow in enumerate(predicted) if index not in used),
    )


def _pairs(labelled: Sequence[Row], predicted: Sequence[Row]) -> list[tuple[int, int]]:
    """Pair flows of the same key one to one by index, the most alike first; ties in the order given."""
    candidates = [
        (-_likeness(wanted, got), first, second)
        for first, wanted in enumerate(labelled)
        for second, got in enumerate(predicted)
        if _key(wanted) == _key(got)
    ]
    pairs: dict[int, int] = {}
    for _, first, second in sorted(candidates):
        if first not in pairs and second not in pairs.values():
            pairs[first] = second
    return list(pairs.items())


def _likeness(wanted: Row, got: Row) -> int:
    # The status counts twice: it is what tells a firm flow from an option between the same parties.
    agreeing = sum(_same(wanted.get(name), got.get(name)) for name in FIELDS)
    return agreeing + (wanted.get("status") == got.get("status"))


def _key(flow: Row) -> tuple[str | None, str | None, Hashable]:
    payer, payee = fold_name(flow.get("payer")), fold_name(flow.get("payee"))
    kind = flow.get("kind")
    if not _directed(flow):
        first, second = sorted((payer or "", payee or ""))
        return first, second, kind
    return payer, payee, kind


def _directed(flow: Row) -> bool:
    return flow.get("kind") != "partnership"


def _same(wanted: object, got: object) -> bool:
    if isinstance(wanted, int | float) and isinstance(got, int | float):
        return abs(wanted - got) <= _TOLERANCE * abs(wanted)
    return wanted == got


def _share(part: int, total: int) -> float:
    return part / total if total else 0.0


def _harmonic(precision: float, recall: float) -> float:
    total = precision + recall
    return 2 * precision * recall / total if total else 0.0
