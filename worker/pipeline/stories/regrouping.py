"""An article that arrives behind later ones: who would have stood where, had it arrived in its turn.

Grouping is defined as what comes out when articles are filed in the order of publication. An article published before
others that are filed already may found a story that some of them tell, or fill the gap that kept two stories apart. So
what comes behind it is filed again, but only where it can matter: an account whose story is as it was moves only when a
story that is not as it was fits it better, and only then is its old story opened as well.
Known exception: stories beyond the candidates of the new article are out of sight, so an account that is set free finds
its place among those alone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from worker import text
from worker.model import Change, ChangeKind, Flow, Loop, Status, Story, StoryFlow
from worker.pipeline.stories import merging, placing
from worker.pipeline.stories.accounts import unpack
from worker.pipeline.stories.fitting import Fit, fit
from worker.pipeline.stories.likeness import pair
from worker.pipeline.stories.placing import Filing
from worker.pipeline.stories.tellings import Order, Telling, accounts, is_complete, order

# So many accounts are looked at again at most, those next behind the new one first: a filing must stay cheap however
# far back the article lies. Half a day of all the press brings fewer.
MOST = 400

Late = tuple[tuple[Telling, str], ...]


def late(new: Telling, candidates: Sequence[Story], fixed: Collection[str]) -> Late:
    """Return the accounts that were published behind `new` and may move, in order, each with the id of its story."""
    found = [
        (told, story.id)
        for story in candidates
        if story.id not in fixed and is_complete(story) and max(map(order, story.sources)) > new.order
        for told in accounts(story)
        if told.order > new.order
    ]
    found.sort(key=lambda one: one[0].order)
    # A story is opened whole or not at all.
    far = {home for _, home in found[MOST:]}
    return tuple(one for one in found if one[1] not in far)


def regroup(new: Telling, candidates: Sequence[Story], late: Late, *, window_days: float) -> Filing:
    """Return `new` filed before the accounts of `late`, with all that moves in consequence."""
    before = _Before(candidates, {home for _, home in late})
    standing: dict[str, Story] = {}
    opened: set[str] = set()

    def put(told: Telling) -> Filing:
        pool = [*standing.values(), *before.all(told.order, without={*standing, *opened})]
        placed = placing.place(told, pool, window_days=window_days)
        if not placed.joined:
            # The id that a story would have by its first article may be that of a stored one which others continue.
            placed = replace(placed, story=replace(placed.story, id=f"new {told.source.article_id}"))
        standing[placed.story.id] = placed.story
        opened.add(placed.story.id)
        return placed

    first = put(new)
    for told, home in late:
        if home not in opened:
            rivals = [(fit(told, story, window_days=window_days), story) for story in standing.values()]
            own = before.at(home, told.order)
            if not _moves(told, own, rivals, window_days=window_days):
                continue
            opened.add(home)
            if own is not None:
                standing[home] = own
        put(told)
    taken = {one.id for one in candidates}
    return _told(
        new, first, tuple(standing.values()), {one.id: one for one in candidates if one.id in opened}, taken=taken
    )


def _moves(told: Telling, own: Story | None, rivals: Sequence[tuple[Fit, Story]], *, window_days: float) -> bool:
    """True where an account is to be filed again: one of `rivals` fits it better than the story that it has; it founded
    its story, and one of them turns out to be the earlier contract; or it told of one of them what it only recalls."""
    rival = placing.best(rivals)
    if own is None:
        return rival is not None or any(one.follows for one, _ in rivals)
    if any(placing.is_recalled(flow, [story for _, story in rivals]) for flow in told.flows):
        return True
    if rival is None:
        return False
    chosen = placing.best([(fit(told, own, window_days=window_days), own), rival])
    return chosen is not None and chosen[1] is not own


class _Before:
    """Candidates as they stood before some moment, had all articles arrived in order."""

    def __init__(self, candidates: Sequence[Story], movable: Collection[str]) -> None:
        self._stories = {story.id: story for story in candidates}
        self._tellings = {name: accounts(self._stories[name]) for name in movable}
        self._known: dict[tuple[str, int], Story | None] = {}

    def at(self, story_id: str, moment: Order) -> Story | None:
        """Return a story with only what was published before `moment`; None for nothing."""
        told = [one for one in self._tellings.get(story_id, ()) if one.order < moment]
        if story_id not in self._tellings or len(told) == len(self._tellings[story_id]):
            return self._stories[story_id]
        key = story_id, len(told)
        if key not in self._known:
            self._known[key] = _rebuilt(self._stories[story_id], told)
        return self._known[key]

    def all(self, moment: Order, *, without: Collection[str]) -> list[Story]:
        found = (self.at(name, moment) for name in self._stories if name not in without)
        return [story for story in found if story is not None]


def _rebuilt(story: Story, told: Sequence[Telling]) -> Story | None:
    """Return a story from some of its accounts, under its own id."""
    if not told:
        return None
    made = replace(placing.place(told[0], (), window_days=float("inf")).story, id=story.id, earlier=story.earlier)
    for one in told[1:]:
        made = placing.join(one, made, fit(one, made), ()).story
    return made


def _told(
    new: Telling, first: Filing, standing: Sequence[Story], before: Mapping[str, Story], *, taken: Collection[str]
) -> Filing:
    """Return the filing: every story that stands now under the id and with the past of a stored one, where there is
    one, and the changes of that which took the new article. `before` are the stored ones that were opened again;
    `taken` are the ids of all that are known."""
    names = _names(standing, before, taken)
    holder = {one.article_id: name for story, name in zip(standing, names, strict=True) for one in story.sources}
    gone = tuple((name, holder[opener(story)]) for name, story in before.items() if name not in names)
    renamed = dict(gone) | {story.id: name for story, name in zip(standing, names, strict=True)}
    filings = [_as_of(story, before, name, new, renamed) for story, name in zip(standing, names, strict=True)]
    for name, into in gone:
        filings = [_with_loops(filing, before[name].loops) if filing.story.id == into else filing for filing in filings]
    filings = [_renamed(filing, dict(gone)) for filing in filings]
    own = next(filing for filing in filings if holder[new.source.article_id] == filing.story.id)
    others = tuple(filing for filing in filings if filing is not own)
    return replace(own, reasons=first.reasons, others=others, gone=gone)


def _with_loops(filing: Filing, loops: Sequence[Loop]) -> Filing:
    """Return a filing whose story closes the loops of a dissolved one too."""
    held = {loop.id: loop for loop in (*loops, *filing.story.loops)}
    return replace(filing, story=replace(filing.story, loops=tuple(held.values())))


def _renamed(filing: Filing, names: Mapping[str, str]) -> Filing:
    loops = tuple(loop.renamed(names) for loop in filing.story.loops)
    return replace(filing, story=replace(filing.story, loops=loops))


def opener(story: Story) -> str:
    """Return the id of the article that opened a story under its id; of the first to arrive where none did."""
    known = [one.article_id for one in story.sources]
    return next((one for one in known if text.digest("story", one) == story.id), known[0])


def _names(standing: Sequence[Story], stored: Mapping[str, Story], taken: Collection[str]) -> list[str]:
    """Return the id of each story: that of the eldest stored one whose opening article it has, else of one that nobody
    else continues and that it shares most articles with, else its own."""
    held = [{one.article_id for one in story.sources} for story in standing]
    eldest = sorted(stored.values(), key=lambda story: (story.opened_at, story.id))
    names = [next((one.id for one in eldest if opener(one) in articles), "") for articles in held]
    for place, articles in enumerate(held):
        if not names[place]:
            heirs = [(-len(articles & {one.article_id for one in story.sources}), story.id) for story in eldest]
            heirs = [heir for heir in heirs if heir[0] and heir[1] not in names]
            names[place] = min(heirs)[1] if heirs else _fresh(standing[place], {*taken, *names})
    return names


def _fresh(story: Story, taken: Collection[str]) -> str:
    """Return an id for a story that continues none: by its first article, as if that had opened it; by all of its
    articles where an earlier regrouping left that id to another story."""
    ids = [unpack(one).article_id for one in story.accounts]
    return next(
        name for name in (text.digest("story", ids[0]), text.digest("story", *ids, "apart")) if name not in taken
    )


Past = Mapping[tuple[str, str, str, bool], Sequence[StoryFlow]]


def _proofs(stored: Collection[Story]) -> Past:
    found: dict[tuple[str, str, str, bool], list[StoryFlow]] = {}
    for story in stored:
        for held in story.flows:
            found.setdefault(held.flow.key, []).append(held)
    return found


def _as_of(story: Story, before: Mapping[str, Story], name: str, new: Telling, renamed: Mapping[str, str]) -> Filing:
    """Return a regrouped story with the past of the stored one that it continues, that of id `name` in `before`, and
    what is new in it."""
    old, past = before.get(name), _proofs(before.values())
    sources = tuple(sorted(story.sources, key=lambda one: (one.seen_at, order(one))))
    is_own = any(one.article_id == new.source.article_id for one in sources)
    earlier = renamed.get(story.earlier, story.earlier)
    whole = replace(
        story,
        id=name,
        flows=tuple(_proven(held, past) for held in story.flows),
        sources=sources,
        opened_at=min(one.seen_at for one in sources),
        updated_at=max(one.seen_at for one in sources),
        version=1,
        earlier="" if earlier == name else earlier,
    )
    if old is None:
        change = Change(ChangeKind.NEW_STORY, name, 1, after={"status": whole.status.value})
        return Filing(whole, (change,), joined=False, reasons=())
    changes = _changes(old, [one for one in before.values() if one is not old], whole) if is_own else ()
    version = old.version + 1 if changes else old.version
    whole = replace(whole, title=old.title, opened_at=old.opened_at, loops=old.loops, version=version)
    return Filing(whole, changes, joined=True, reasons=())


def _proven(held: StoryFlow, past: Past) -> StoryFlow:
    """Return a flow with the proof and the age that a stored story had for it."""
    known = past.get(held.flow.key, ())
    seen = min([held.first_seen, *(one.first_seen for one in known)])
    proof = next((one for one in known if one.flow.evidence), None)
    if held.flow.evidence or proof is None:
        return replace(held, first_seen=seen)
    flow = replace(held.flow, evidence=proof.flow.evidence)
    return replace(held, flow=flow, article_id=proof.article_id, source=proof.source, first_seen=seen)


def _changes(old: Story, others: Sequence[Story], new: Story) -> tuple[Change, ...]:
    """Return what is materially new in a story since it was stored. What it lost to another story is no news, and no
    more is what it has from one of `others`: that was told of there."""
    flows: list[Flow] = [held.flow for held in new.flows]
    stored = [held.flow for story in (old, *others) for held in story.flows]
    pairs = pair(flows, stored)
    found: list[Change] = []
    for place, flow in enumerate(flows):
        if place in pairs:
            known = stored[pairs[place]]
            # An older account exercises no right: it told one loosely, as a duty.
            loose = known.status is Status.OPTION and flow.status is Status.ANNOUNCED
            known = replace(known, status=flow.status) if loose else known
            found += merging.differences(old, known, flow, extends=False)
        elif merging.is_news(flow, stored):
            found.append(merging.new_flow(old, flow))
    return tuple(found)
