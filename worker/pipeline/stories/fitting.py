"""How well an article fits a story, judged by the flows that opened it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from worker.model import Flow, Kind, Status, Story
from worker.pipeline.stories.accounts import unpack
from worker.pipeline.stories.likeness import Figures, Likeness, Parties, compare, figures, pair, same_two, shared
from worker.pipeline.stories.tellings import Telling, asides, founder, is_complete

# What a pair of flows that agree is worth. One firm's site with no partner named needs words or figures besides: the
# large ones announce several a month. Figures that agree add to a pair, words in common to the whole.
_SAME_PAIR, _ONE_NAME, _NAME_MISSING, _NAMELESS = 3.0, 2.0, 1.5, 0.5
# Two parties whose flow another account does not name as such: a mere tie-up, or the money that comes back for it.
_SAME_TWO = 2.0
_FIGURES, _WORDS, _SAME_DAYS = 2.0, 3.0, 1.0
ENOUGH = 3.0
# Time only chooses between stories that fit: how old a story may be to be told still is the caller's to say.
_AGE = 0.5
_DAY_S = 86400.0
_MONTH_DAYS = 30.0
_FEW_WORDS, _HARDLY_ANY = 0.25, 0.1
# Within a week the press still settles on the figures of one announcement.
_SOON_DAYS = 7.0
_NEXT_DAYS = 3.0
# In the first days outlets choose different sides of one deal for their headlines.
_ASIDE_DAYS = 2.0
# A story that nobody told for longer takes only what names its figures again. A late end without them is a story of
# its own: told all the same, where to end the wrong story would be worse than to thread none.
_QUIET_DAYS = 45.0


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit: enough from ENOUGH on; `days` lie between the article and the story; `follows` says that the article tells
    of a further contract of the story's parties; `reasons` are for people."""

    score: float
    days: float
    reasons: tuple[str, ...]
    follows: bool = False

    @property
    def rank(self) -> float:
        """What to choose by among stories that fit."""
        return self.score - _AGE * min(1.0, self.days / _MONTH_DAYS)


def fit(told: Telling, story: Story, *, window_days: float = float("inf")) -> Fit:
    """Return how well an article fits a story, judged by the flows that the story was founded on.

    A story takes nothing that lies more than `window_days` from all of its articles.
    """
    quiet = _quiet_days(told, story)
    if quiet > window_days:
        return Fit(0.0, 0.0, ("is out of the story's time",))
    words = frozenset(told.account.words)
    common = shared(words, story.words)
    days = _days(told, story)
    objection = _objections(told, story, common)
    reasons = []
    score = 0.0
    follows = False
    pairs = pair(told.flows, story.founding)
    for place, other in pairs.items():
        flow, founding = told.flows[place], story.founding[other]
        like = compare(flow, founding)
        if against := objection(flow, founding, like):
            follows |= against in (_IS_FURTHER, _IS_LONG_AGO) and like.parties is Parties.SAME and like.kind
            reasons.append(f"{_name(flow)} {against}")
            continue
        agrees = like.figures is Figures.AGREE
        score += _worth(like, flow) + (_FIGURES if agrees else 0.0)
        reasons.append(f"same {_name(flow)}" + (" and figures" if agrees else ""))
    for flow in (flow for place, flow in enumerate(told.flows) if place not in pairs):
        if quiet <= _QUIET_DAYS and _ties(flow, story):
            score += _SAME_TWO
            reasons.append(f"same two parties as {_name(flow)}")
    if not score:
        return Fit(0.0, 0.0, tuple(reasons), follows)
    reasons.append(f"{common:.0%} of the words in common")
    score += _WORDS * common + (_SAME_DAYS if days <= _NEXT_DAYS else 0.0)
    return Fit(score, days, tuple(reasons), follows)


_IS_FURTHER = "is a further contract, with its own amount"
_IS_LONG_AGO = "is long ago, and no figure is the same"


def _objections(told: Telling, story: Story, common: float) -> Callable[[Flow, Flow, Likeness], str]:
    """Return what speaks against a told flow being a founding one, "" for nothing, although the two look the same."""
    days, quiet = _days(told, story), _quiet_days(told, story)
    further = _is_further(told, common, story)
    # Whichever was published later may recall the other.
    later = told.source.published is None or told.source.published >= _published(story)
    aside: set[Flow] = set()
    if days > _ASIDE_DAYS:
        aside = {told.account.flows[place] for place in told.account.asides} if later else _founding_asides(story)

    def objection(flow: Flow, founding: Flow, like: Likeness) -> str:
        if aside and _bare(flow if later else founding) in aside:
            return "is told beside another deal"
        if further(flow) and _clashes(flow, story):
            return _IS_FURTHER
        if quiet > _QUIET_DAYS and like.figures is not Figures.AGREE:
            return _IS_LONG_AGO
        return ""

    return objection


def _bare(flow: Flow) -> Flow:
    return replace(flow, evidence=()) if flow.evidence else flow


def _founding_asides(story: Story) -> set[Flow]:
    if is_complete(story):
        first = unpack(story.accounts[0])
        return {first.flows[place] for place in first.asides}
    return set(asides(story.founding, story.title))


def _ties(flow: Flow, story: Story) -> bool:
    """True for a tie-up of two parties of one founding flow, and for money of the same amount the other way round."""
    return any(
        same_two(flow, founding)
        and (
            Kind.PARTNERSHIP in (flow.kind, founding.kind)
            or (flow.amount is not None and figures(flow, founding) is Figures.AGREE)
        )
        for founding in story.founding
    )


def _worth(like: Likeness, flow: Flow) -> float:
    if like.parties is Parties.SAME:
        if len(flow.parties) > 1:
            return _SAME_PAIR
        return _NAMELESS if like.figures is Figures.CLASH else _ONE_NAME
    return _NAME_MISSING if like.parties in (Parties.PART, Parties.TURNED) else _NAMELESS


def _days(told: Telling, story: Story) -> float:
    """Return how many days lie between an article and the first of the story; 0 where the article has no date."""
    if told.source.published is None:
        return 0.0
    return abs((told.source.published - _published(story)).total_seconds()) / _DAY_S


def _quiet_days(told: Telling, story: Story) -> float:
    """Return how many days lie between an article and the nearest of the story; 0 where dates are missing."""
    dates = [one.published for one in story.sources if one.published is not None]
    if told.source.published is None or not dates:
        return 0.0
    return min(abs((told.source.published - date).total_seconds()) for date in dates) / _DAY_S


def _published(story: Story) -> datetime:
    first = founder(story).published
    return first or next((one.published for one in story.sources if one.published is not None), story.opened_at)


def _is_further(told: Telling, common: float, story: Story) -> Callable[[Flow], bool]:
    """Return whether a flow of an article whose size clashes with the story's is a further contract, not an update.

    It is where the article calls it one, or where both are official, days apart and worded differently: rumours are
    corrected, signed contracts are followed by others. Never where the article says that terms were revised.
    """
    revision = told.account.revised
    called = common < _FEW_WORDS and told.account.further and not revision
    days = _days(told, story)
    official = {Status.ANNOUNCED, Status.OPTION}

    def further(flow: Flow) -> bool:
        if called or revision or common >= _HARDLY_ANY or days < _SOON_DAYS:
            return called
        known = [held.flow.status for held in story.flows if compare(held.flow, flow).same]
        return flow.status in official and bool(known) and official.issuperset(known)

    return further


def _clashes(flow: Flow, story: Story) -> bool:
    """True where a flow's figures clash with all that the story ever had for it."""
    known = [*story.founding, *(held.flow for held in story.flows)]
    likes = [like for like in (compare(flow, other) for other in known) if like.same]
    return bool(likes) and all(like.figures is Figures.CLASH for like in likes)


def _name(flow: Flow) -> str:
    return f"{flow.payer or '?'} -> {flow.payee or '?'} {flow.kind.value}"
