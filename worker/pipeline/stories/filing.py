"""Articles into stories: join the story that an article tells, or open one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from worker import text
from worker.model import Article, Change, ChangeKind, Flow, Loop, Source, Status, Story, StoryFlow, Verdict
from worker.pipeline.stories import merging
from worker.pipeline.stories.likeness import Figures, Likeness, Parties, compare, content_words, shared

# What a pair of flows that agree is worth. One firm's site with no partner named needs words or figures besides: the
# large ones announce several a month. Figures that agree add to a pair, words in common to the whole.
_SAME_PAIR, _ONE_NAME, _NAME_MISSING, _NAMELESS = 3.0, 2.0, 1.5, 0.5
_FIGURES, _WORDS = 2.0, 3.0
_ENOUGH = 3.0
# Time only chooses between stories that fit: how old a story may be to be told still is the caller's to say.
_AGE = 0.5
_DAY_S = 86400.0
_MONTH_DAYS = 30.0
_FEW_WORDS, _HARDLY_ANY = 0.25, 0.1
# Within a week the press still settles on the figures of one announcement.
_SOON_DAYS = 7.0
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
class Filing:
    """One article filed. `changes` are the material ones, all of `story.version`; `reasons` are for `--explain`."""

    story: Story
    changes: tuple[Change, ...]
    joined: bool
    reasons: tuple[str, ...]


def file(article: Article, verdict: Verdict, candidates: Sequence[Story], *, now: datetime) -> Filing:
    """Put an article that reports a deal into the best fitting of `candidates`, or open a story with it.

    `candidates` are the stories young enough to be told still. A story's version grows if and only if `changes` is
    not empty. An article that the story has already changes nothing.
    """
    words = content_words(article, [name for flow in verdict.flows for name in flow.parties])
    fits = [(_fit(article, verdict.flows, words, story), story) for story in candidates]
    fits = [(fit, story) for fit, story in fits if fit.score >= _ENOUGH or _has(story, article)]
    if not fits:
        return _open(article, verdict, words, now)
    fit, story = max(
        fits, key=lambda one: (_has(one[1], article), one[0].rank, -one[1].opened_at.timestamp(), one[1].id)
    )
    if _has(story, article):
        return Filing(story, (), joined=True, reasons=("the story has this article already",))
    others = [one for one in candidates if one.id != story.id]
    return _join(article, _own_news(verdict.flows, story, others), story, fit, now)


def apply_loops(filing: Filing, loops: Sequence[Loop]) -> Filing:
    """Return `filing` with a LOOP_CLOSED change for each of `loops` that the story has not told with the same terms.

    A change's version is the one that the filing brought, or the next where it brought none.
    """
    story = filing.story
    held = {loop.id: loop for loop in story.loops}
    fresh = [loop for loop in loops if loop.id not in held or _said(held[loop.id]) != _said(loop)]
    if not fresh:
        return filing
    version = story.version if filing.changes else story.version + 1
    held.update((loop.id, loop) for loop in fresh)
    changes = tuple(Change(ChangeKind.LOOP_CLOSED, story.id, version, loop=loop) for loop in fresh)
    return replace(
        filing,
        story=replace(story, loops=tuple(held.values()), version=version),
        changes=filing.changes + changes,
        reasons=(*filing.reasons, f"closes {len(fresh)} loop(s)"),
    )


def _said(loop: Loop) -> list[tuple[object, ...]]:
    # When and where an edge was read again is no news of a loop; who pays whom how much for what is.
    return [(edge.payer, edge.payee, edge.kind, edge.amount, edge.currency, edge.status) for edge in loop.edges]


@dataclass(frozen=True, slots=True)
class _Fit:
    score: float
    days: float
    reasons: tuple[str, ...]

    @property
    def rank(self) -> float:
        return self.score - _AGE * min(1.0, self.days / _MONTH_DAYS)


def _has(story: Story, article: Article) -> bool:
    return any(source.article_id == article.id for source in story.sources)


def _fit(article: Article, flows: Sequence[Flow], words: frozenset[str], story: Story) -> _Fit:
    """Return how well an article fits a story, judged by the flows that opened it."""
    common = shared(words, story.words)
    further = _is_further(article, common, story)
    reasons = []
    score = 0.0
    for told, place in merging.pair(flows, story.founding).items():
        flow, founding = flows[told], story.founding[place]
        like = compare(flow, founding)
        if further(flow) and _clashes(flow, story):
            reasons.append(f"a further contract of {_name(flow)}, with its own amount")
            continue
        agrees = like.figures is Figures.AGREE
        score += _worth(like, flow) + (_FIGURES if agrees else 0.0)
        reasons.append(f"same {_name(flow)}" + (" and figures" if agrees else ""))
    if not score:
        return _Fit(0.0, 0.0, tuple(reasons))
    reasons.append(f"{common:.0%} of the words in common")
    return _Fit(score + _WORDS * common, _days(article, story), tuple(reasons))


def _worth(like: Likeness, flow: Flow) -> float:
    if like.parties is Parties.SAME:
        if len(flow.parties) > 1:
            return _SAME_PAIR
        return _NAMELESS if like.figures is Figures.CLASH else _ONE_NAME
    return _NAME_MISSING if like.parties is Parties.PART else _NAMELESS


def _days(article: Article, story: Story) -> float:
    """Return how many days lie between an article and the first of the story; 0 where the article has no date."""
    if article.published is None:
        return 0.0
    return abs((article.published - _published(story)).total_seconds()) / _DAY_S


def _published(story: Story) -> datetime:
    return next((one.published for one in story.sources if one.published is not None), story.opened_at)


def _is_further(article: Article, common: float, story: Story) -> Callable[[Flow], bool]:
    """Return whether a flow of `article` whose size clashes with the story's is a further contract, not an update.

    It is where the article calls it one, or where both are official, days apart and worded differently: rumours are
    corrected, signed contracts are followed by others. Never where the article says that terms were revised.
    """
    read = text.fold(f"{article.title} {article.summary} {article.text[:_LEAD]}")
    revision = _is_revision(article)
    called = common < _FEW_WORDS and bool(_FURTHER.search(read)) and not revision
    days = _days(article, story)
    official = {Status.ANNOUNCED, Status.OPTION}

    def further(flow: Flow) -> bool:
        if called or revision or common >= _HARDLY_ANY or days < _SOON_DAYS:
            return called
        known = [held.flow.status for held in story.flows if compare(held.flow, flow).same]
        return flow.status in official and bool(known) and official.issuperset(known)

    return further


def _is_revision(article: Article) -> bool:
    return bool(_REVISED.search(text.fold(f"{article.title} {article.summary}")))


def _clashes(flow: Flow, story: Story) -> bool:
    """True where a flow's figures clash with all that the story ever had for it."""
    known = [*story.founding, *(held.flow for held in story.flows)]
    likes = [like for like in (compare(flow, other) for other in known) if like.same]
    return bool(likes) and all(like.figures is Figures.CLASH for like in likes)


def _name(flow: Flow) -> str:
    return f"{flow.payer or '?'} -> {flow.payee or '?'} {flow.kind.value}"


def _own_news(flows: Sequence[Flow], story: Story, others: Sequence[Story]) -> tuple[Flow, ...]:
    """Return `flows` without those that another story opened with: an article recalls them, it does not report them."""
    ours = merging.pair(flows, [held.flow for held in story.flows])

    def is_recalled(flow: Flow) -> bool:
        likes = (compare(flow, founding) for other in others for founding in other.founding)
        return any(
            like.same and like.kind and like.parties is Parties.SAME and like.figures is not Figures.CLASH
            for like in likes
        )

    return tuple(flow for place, flow in enumerate(flows) if place in ours or not is_recalled(flow))


def _join(article: Article, flows: tuple[Flow, ...], story: Story, fit: _Fit, now: datetime) -> Filing:
    telling = merging.Telling(article, flows, now, corrects=_is_revision(article))
    held, changes = merging.merge(story, telling)
    joined = replace(
        story,
        version=story.version + 1 if changes else story.version,
        flows=held,
        status=_status(held),
        sources=(*story.sources, _source(article, now)),
        updated_at=now,
    )
    return Filing(joined, changes, joined=True, reasons=fit.reasons)


def _open(article: Article, verdict: Verdict, words: frozenset[str], now: datetime) -> Filing:
    story_id = text.digest("story", article.id)
    flows = tuple(StoryFlow(flow, article.id, article.source, first_seen=now) for flow in verdict.flows)
    story = Story(
        id=story_id,
        title=article.title,
        version=1,
        status=_status(flows),
        flows=flows,
        founding=tuple(replace(flow, evidence=()) for flow in verdict.flows),
        sources=(_source(article, now),),
        opened_at=now,
        updated_at=now,
        words=words,
    )
    change = Change(ChangeKind.NEW_STORY, story_id, 1, after={"status": story.status.value})
    return Filing(story, (change,), joined=False, reasons=("no known story has these parties and terms",))


def _status(flows: Sequence[StoryFlow]) -> Status:
    """Return the firmest status of the flows; a story without flows is only reported."""
    return max((held.flow.status for held in flows), key=merging.FIRMNESS.index, default=Status.REPORTED)


def _source(article: Article, now: datetime) -> Source:
    return Source(
        article_id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        house=article.house,
        published=article.published,
        seen_at=now,
        origin=article.origin,
        limits=article.limits,
    )
