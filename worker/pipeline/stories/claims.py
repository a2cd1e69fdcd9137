"""Who vouches for what: each field of a story's flows with its values, who said them first, and how many independent
houses stand by each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from worker import text
from worker.model import Bound, Claim, Field, Flow, Source, Status, Story, StoryFlow
from worker.pipeline.stories.accounts import unpack
from worker.pipeline.stories.likeness import ANEW_DAYS, FIRM, Figures, apart, compare_sizes, pair
from worker.pipeline.stories.tellings import MOST_ACCOUNTS

FIELDS = ("amount", "megawatts", "chips", "years", "status")
_MOST = 8
_ANEW = timedelta(days=ANEW_DAYS)

_Said = tuple[Source, Flow, bool]


@dataclass(frozen=True, slots=True)
class _Word:
    """One value that one article gives for a field. `bound` is what to compare by, `shown` what the article says;
    `voice` is whose word it is; `revised` says that the article tells of terms that were changed."""

    value: float | str
    currency: str | None
    bound: Bound
    shown: Bound
    source: Source
    voice: str
    revised: bool

    @property
    def at(self) -> datetime:
        return self.source.published or self.source.seen_at


@dataclass(slots=True)
class _Cluster:
    """The words that mean one value, the oldest first; `last` says which voices mean it still."""

    value: float | str
    currency: str | None
    bound: Bound
    shown: Bound
    words: list[_Word] = field(default_factory=list)


def vouched(story: Story) -> Story:
    """Return the story with the fields of each of its flows, drawn from what its articles said.

    Feeds of one house count once, and so does a copy of another article: it is the word of the house that it copies. A
    house that gives another figure later stands by the later one alone. Accounts of articles that the story does not
    cite, as where it is shown as it once stood, have no say. Where it is not known what some article said, as in a
    story stored before accounts were kept, no field is given: those that are known would speak for all.
    """
    accounts = [unpack(one) for one in story.accounts]
    known = {source.article_id: source for source in story.sources}
    if not known.keys() <= {one.article_id for one in accounts} and len(accounts) < MOST_ACCOUNTS:
        return story
    told: list[list[_Said]] = [[] for _ in story.flows]
    held = [one.flow for one in story.flows]
    for account in (one for one in accounts if one.article_id in known):
        for place, other in pair(account.flows, held).items():
            told[other].append((known[account.article_id], account.flows[place], account.revised))
    flows = tuple(_vouched(one, said, known) for one, said in zip(story.flows, told, strict=True))
    return replace(story, flows=flows)


def voice(source: Source, known: dict[str, Source]) -> str:
    """Return whose word an article is, folded: its house's, or that of the article it copies."""
    seen = {source.article_id}
    while source.copy_of and source.copy_of not in seen:
        if source.copy_of not in known:
            return f"copy of {source.copy_of}"
        source = known[source.copy_of]
        seen.add(source.article_id)
    return text.fold(source.house or source.source) or source.article_id


def _vouched(held: StoryFlow, said: Sequence[_Said], known: dict[str, Source]) -> StoryFlow:
    found = []
    for name in FIELDS:
        words = [
            _Word(value, *_sense(flow, name), source, voice(source, known), revised)
            for source, flow, revised in said
            if (value := getattr(flow, name)) is not None
        ]
        if words:
            found.append(_field(name, held.flow, words))
    return replace(held, fields=tuple(found))


def _sense(flow: Flow, name: str) -> tuple[str | None, Bound, Bound]:
    """Return what goes with one field of a flow: its currency, the bound to compare by, the bound as told."""
    if name == "amount":
        return flow.currency, flow.bound, flow.bound
    if name == "megawatts" and flow.amount is None:
        return None, flow.bound, flow.bound
    # With an amount, the bound is the amount's; a number of chips has none of its own and is rounded freely.
    return None, Bound.ABOUT if name in ("megawatts", "chips") else Bound.EXACT, Bound.EXACT


def _field(name: str, flow: Flow, words: Sequence[_Word]) -> Field:
    clusters: list[_Cluster] = []
    value = getattr(flow, name)
    if value is not None:
        clusters.append(_Cluster(value, *_sense(flow, name)))
    last: dict[str, _Cluster] = {}
    for word in words:
        cluster = _fitting(clusters, word)
        if cluster is None:
            cluster = _Cluster(word.value, word.currency, word.bound, word.shown)
            clusters.append(cluster)
        cluster.words.append(word)
        last[word.voice] = cluster
    standing = [one for one in clusters if any(cluster is one for cluster in last.values())]
    first = [one for one in clusters[:1] if one.words and value is not None]
    rest = sorted(
        (one for one in standing if one not in first), key=lambda one: (-len(_voices(one, last)), one.words[0].at)
    )
    disputed = bool(first) and any(_contradicts(name, first[0], one, last) for one in rest)
    return Field(name, tuple(_claim(one, last) for one in [*first, *rest][:_MOST]), disputed)


def _fitting(clusters: Sequence[_Cluster], word: _Word) -> _Cluster | None:
    def likeness(one: _Cluster) -> Figures:
        if isinstance(one.value, str) or isinstance(word.value, str):
            return Figures.AGREE if one.value == word.value else Figures.CLASH
        if one.currency != word.currency:
            return Figures.UNKNOWN
        return compare_sizes(one.value, word.value, one.bound, word.bound)

    fitting = [one for one in clusters if likeness(one) > Figures.UNKNOWN]
    return max(fitting, key=likeness, default=None)


def _voices(cluster: _Cluster, last: dict[str, _Cluster]) -> dict[str, _Word]:
    """Return the voices that stand by a value, with the word by which each first did."""
    found: dict[str, _Word] = {}
    for word in cluster.words:
        if last[word.voice] is cluster:
            found.setdefault(word.voice, word)
    return found


def _contradicts(name: str, held: _Cluster, other: _Cluster, last: dict[str, _Cluster]) -> bool:
    """True where two values cannot both be so. A rumour that was confirmed, a deal before its end and terms before they
    were revised are no contradiction; who says so afterwards makes one."""
    if name == "status":
        ends = [one for one in (held, other) if one.value == Status.CANCELLED.value]
        if len(ends) != 1:
            return False
        alive = other if ends[0] is held else held
        return any(word.at >= ends[0].words[0].at for word in _latest(alive, last))
    if _is_superseded(other, held, last):
        return False
    if isinstance(held.value, str) or isinstance(other.value, str) or held.currency != other.currency:
        return False
    if name == "years":
        return apart(held.value, other.value) > FIRM
    return compare_sizes(held.value, other.value, held.bound, other.bound) is Figures.CLASH


def _is_superseded(old: _Cluster, new: _Cluster, last: dict[str, _Cluster]) -> bool:
    """True where a value was given only before another took its place: by an article that tells of revised terms, or so
    much later that it is no other reading of the same announcement."""
    first = new.words[0]
    before = max(word.at for word in _latest(old, last))
    return before < first.at and (first.revised or first.at - before >= _ANEW)


def _latest(cluster: _Cluster, last: dict[str, _Cluster]) -> list[_Word]:
    return [word for word in cluster.words if last[word.voice] is cluster]


def _claim(cluster: _Cluster, last: dict[str, _Cluster]) -> Claim:
    first = cluster.words[0].source
    houses = [word.source.house or word.source.source for word in _voices(cluster, last).values()]
    return Claim(
        value=str(cluster.value) if isinstance(cluster.value, str) else cluster.value,
        houses=tuple(houses),
        article_id=first.article_id,
        source=first.source,
        at=cluster.words[0].at,
        currency=cluster.currency,
        bound=cluster.shown,
    )
