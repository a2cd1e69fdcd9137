"""How well an article fits a story, judged by the flows that opened it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from worker import text
from worker.model import Article, Flow, Kind, Status, Story
from worker.pipeline.stories.likeness import Figures, Likeness, Parties, compare, figures, same_two, shared
from worker.pipeline.stories.merging import pair

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
_LEAD = 600

# How French news says that a contract comes on top of an earlier one, and that terms of one were changed. Folded text.
_FURTHER = re.compile(
    r"\b(nouveau contrat|nouvel accord|nouvelle commande|nouvelle tranche|autre contrat|autre accord"
    r"|(second|seconde|deuxieme|troisieme) (contrat|accord|commande|tranche|partenariat)"
    r"|contrat (supplementaire|additionnel|distinct)|accord (supplementaire|additionnel|distinct)"
    r"|commande (supplementaire|additionnelle)|(vient|viennent) s'ajouter|s'ajoute(nt)? a)\b"
)
_REVISED = re.compile(
    r"\b(au lieu de|contre \d+|revoit|revoient|revise|revises|revisee|revu a la (hausse|baisse)|rabote\w*|renegoci\w+"
    r"|porte(nt)? (a|de)|portee? a|ramene\w*|reduit\w*|reduction|elargi\w*|etend\w*|etendu\w*|finalement|initialement"
    r"|initial|prevus|envisages?|loin des)\b"
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fit: enough from ENOUGH on; `days` lie between the article and the story; `reasons` are for people."""

    score: float
    days: float
    reasons: tuple[str, ...]

    @property
    def rank(self) -> float:
        """What to choose by among stories that fit."""
        return self.score - _AGE * min(1.0, self.days / _MONTH_DAYS)


def fit(article: Article, flows: Sequence[Flow], words: frozenset[str], story: Story) -> Fit:
    """Return how well an article fits a story, judged by the flows that opened it."""
    common = shared(words, story.words)
    days, quiet = _days(article, story), _quiet_days(article, story)
    objection = _objections(article, flows, story, common)
    reasons = []
    score = 0.0
    pairs = pair(flows, story.founding)
    for told, place in pairs.items():
        flow, founding = flows[told], story.founding[place]
        like = compare(flow, founding)
        if against := objection(flow, founding, like):
            reasons.append(f"{_name(flow)} {against}")
            continue
        agrees = like.figures is Figures.AGREE
        score += _worth(like, flow) + (_FIGURES if agrees else 0.0)
        reasons.append(f"same {_name(flow)}" + (" and figures" if agrees else ""))
    for flow in (flow for told, flow in enumerate(flows) if told not in pairs):
        if quiet <= _QUIET_DAYS and _ties(flow, story):
            score += _SAME_TWO
            reasons.append(f"same two parties as {_name(flow)}")
    if not score:
        return Fit(0.0, 0.0, tuple(reasons))
    reasons.append(f"{common:.0%} of the words in common")
    score += _WORDS * common + (_SAME_DAYS if days <= _NEXT_DAYS else 0.0)
    return Fit(score, days, tuple(reasons))


def _objections(
    article: Article, flows: Sequence[Flow], story: Story, common: float
) -> Callable[[Flow, Flow, Likeness], str]:
    """Return what speaks against a told flow being a founding one, "" for nothing, although the two look the same."""
    days, quiet = _days(article, story), _quiet_days(article, story)
    further = _is_further(article, common, story)
    # Whichever was published later may recall the other.
    later = article.published is None or article.published >= _published(story)
    asides = _asides(flows, article.title) if later else _asides(story.founding, story.title)

    def objection(flow: Flow, founding: Flow, like: Likeness) -> str:
        if days > _ASIDE_DAYS and (flow if later else founding) in asides:
            return "is told beside another deal"
        if further(flow) and _clashes(flow, story):
            return "is a further contract, with its own amount"
        if quiet > _QUIET_DAYS and like.figures is not Figures.AGREE:
            return "is long ago, and no figure is the same"
        return ""

    return objection


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


def _asides(flows: Sequence[Flow], title: str) -> tuple[Flow, ...]:
    """Return the flows that a headline passes over for others: some party of theirs is not in it, while another flow
    has all of its parties there. None of it where the headline names no flow's parties."""
    read = f" {' '.join(text.words(title))} "

    def is_headed(flow: Flow) -> bool:
        in_title = {one.field for one in flow.evidence if one.span.part == "title"}
        sides = (("payer", flow.payer), ("payee", flow.payee))
        return all(side in in_title or f" {' '.join(text.words(name))} " in read for side, name in sides if name)

    headed = [flow for flow in flows if len(flow.parties) > 1 and is_headed(flow)]
    return tuple(flow for flow in flows if not is_headed(flow)) if headed else ()


def _worth(like: Likeness, flow: Flow) -> float:
    if like.parties is Parties.SAME:
        if len(flow.parties) > 1:
            return _SAME_PAIR
        return _NAMELESS if like.figures is Figures.CLASH else _ONE_NAME
    return _NAME_MISSING if like.parties in (Parties.PART, Parties.TURNED) else _NAMELESS


def _days(article: Article, story: Story) -> float:
    """Return how many days lie between an article and the first of the story; 0 where the article has no date."""
    if article.published is None:
        return 0.0
    return abs((article.published - _published(story)).total_seconds()) / _DAY_S


def _quiet_days(article: Article, story: Story) -> float:
    """Return how many days lie between an article and the nearest of the story; 0 where dates are missing."""
    dates = [one.published for one in story.sources if one.published is not None]
    if article.published is None or not dates:
        return 0.0
    return min(abs((article.published - date).total_seconds()) for date in dates) / _DAY_S


def _published(story: Story) -> datetime:
    return next((one.published for one in story.sources if one.published is not None), story.opened_at)


def _is_further(article: Article, common: float, story: Story) -> Callable[[Flow], bool]:
    """Return whether a flow of `article` whose size clashes with the story's is a further contract, not an update.

    It is where the article calls it one, or where both are official, days apart and worded differently: rumours are
    corrected, signed contracts are followed by others. Never where the article says that terms were revised.
    """
    read = text.fold(f"{article.title} {article.summary} {article.text[:_LEAD]}")
    revision = is_revision(article)
    called = common < _FEW_WORDS and bool(_FURTHER.search(read)) and not revision
    days = _days(article, story)
    official = {Status.ANNOUNCED, Status.OPTION}

    def further(flow: Flow) -> bool:
        if called or revision or common >= _HARDLY_ANY or days < _SOON_DAYS:
            return called
        known = [held.flow.status for held in story.flows if compare(held.flow, flow).same]
        return flow.status in official and bool(known) and official.issuperset(known)

    return further


def is_revision(article: Article) -> bool:
    """Return whether title or summary say that terms known before were changed."""
    return bool(_REVISED.search(text.fold(f"{article.title} {article.summary}")))


def _clashes(flow: Flow, story: Story) -> bool:
    """True where a flow's figures clash with all that the story ever had for it."""
    known = [*story.founding, *(held.flow for held in story.flows)]
    likes = [like for like in (compare(flow, other) for other in known) if like.same]
    return bool(likes) and all(like.figures is Figures.CLASH for like in likes)


def _name(flow: Flow) -> str:
    return f"{flow.payer or '?'} -> {flow.payee or '?'} {flow.kind.value}"
