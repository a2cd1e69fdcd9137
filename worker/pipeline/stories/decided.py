"""What an operator decided of stories, kept when articles are filed; stories built anew from their articles.

An article that fits a story which was merged into another goes to that other one: `file` is shown the story once more
under the face of each story that it took in, with the founding facts and words of that one. A story that was split off
is always compared along with the one that it left, however old either is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from worker import text
from worker.model import Account, Article, Change, ChangeKind, Edge, Flow, Loop, Rulings, Source, Status, Story, Verdict
from worker.pipeline.stories.filing import file
from worker.pipeline.stories.placing import Filing


def file_ruled(
    article: Article,
    verdict: Verdict,
    candidates: Sequence[Story],
    rulings: Rulings,
    *,
    now: datetime,
    window: timedelta | None = None,
) -> Filing:
    """File an article as `stories.file` does, among `candidates` and as `rulings` say of them.

    Near stories that an operator merged or split, no article that is filed already moves. A muted story keeps its
    articles, and takes no other story in: what nobody muted would fall silent with it.
    """
    known = {story.id: story for story in (*candidates, *rulings.rivals)}
    faces = [_face(known[name], old) for name, olds in rulings.faces.items() if name in known for old in olds]
    fixed = known.keys() if rulings.faces or rulings.apart else rulings.muted
    if rulings.rivals:
        # These are older than any story that is told still, and have to be compared all the same.
        window = None
    shown = (*known.values(), *faces)
    filed = file(article, verdict, shown, now=now, window=window, fixed=fixed)
    if any(into in rulings.muted for _, into in filed.gone):
        filed = file(article, verdict, shown, now=now, window=window, fixed=known.keys())
    held = known.get(filed.story.id)
    if held is None or held.id not in rulings.faces:
        return filed
    return replace(filed, story=_unmasked(filed.story, held, article.id))


def _face(story: Story, old: Story) -> Story:
    cited = {source.article_id for source in old.sources}
    first = [source for source in story.sources if source.article_id in cited]
    rest = [source for source in story.sources if source.article_id not in cited]
    return replace(story, founding=old.founding, words=old.words, sources=(*first, *rest))


def _unmasked(masked: Story, held: Story, article_id: str) -> Story:
    known = {source.article_id for source in held.sources}
    new = [source for source in masked.sources if source.article_id == article_id and article_id not in known]
    return replace(masked, founding=held.founding, words=held.words, sources=(*held.sources, *new))


def rebuilt(
    accounts: Sequence[Account], faces: Sequence[Story], *, story_id: str, version: int, uncited: Sequence[Source] = ()
) -> Story:
    """Return the story that `accounts`, at least one, tell together, filed in order of publication.

    All of them belong to it, also what the machine would have filed elsewhere. `faces` are stories that it takes the
    place of, `uncited` sources whose articles are gone. Sources stay as they were cited; loops are the caller's.
    """
    first, *later = sorted(accounts, key=_order)
    opened = file(first.article, first.verdict, (), now=first.source.seen_at).story
    story = replace(opened, id=story_id)
    for account in later:
        story = _joined(account, story, faces)
    cited = {account.article.id: account.source for account in accounts}
    seen = [account.source.seen_at for account in accounts]
    return replace(
        story,
        version=version,
        sources=(*(cited.get(source.article_id, source) for source in story.sources), *uncited),
        opened_at=min(seen),
        updated_at=max(seen),
        loops=(),
    )


def _order(account: Account) -> tuple[datetime, str]:
    return account.article.published or account.source.seen_at, account.article.id


def _joined(account: Account, story: Story, faces: Sequence[Story]) -> Story:
    article, verdict, now = account.article, account.verdict, account.source.seen_at
    rulings = Rulings({story.id: tuple(faces)})
    filed = file_ruled(article, verdict, [story], rulings, now=now)
    if filed.joined:
        return filed.story
    # It fits by nobody's word but the operator's: the story is shown to it in its own words, on its own day. Without
    # amounts, so that another figure is a change of terms and no clash.
    own = filed.story
    founding = tuple(replace(flow, amount=None, currency=None) for flow in own.founding)
    masked = replace(
        story,
        founding=founding,
        words=own.words,
        sources=(*(replace(source, article_id="") for source in own.sources), *story.sources),
    )
    filed = file(article, verdict, [masked], now=now)
    if filed.joined:
        return _unmasked(filed.story, story, article.id)
    return replace(
        story,
        flows=story.flows + own.flows,
        sources=story.sources + own.sources,
        accounts=story.accounts + own.accounts,
    )


def dealt_out(accounts: Sequence[Account], olds: Sequence[Story]) -> dict[str, tuple[Account, ...]]:
    """Return, by story, which accounts of a merged story belong to each of `olds` that it was made of.

    Articles that came after the merge go to the one that they fit best, and to the first where they fit none.
    """
    owner = {source.article_id: old.id for old in olds for source in old.sources}
    groups: dict[str, list[Account]] = {old.id: [] for old in olds}
    later = []
    for account in sorted(accounts, key=_order):
        if account.article.id in owner:
            groups[owner[account.article.id]].append(account)
        else:
            later.append(account)
    for account in later:
        filed = file(account.article, account.verdict, olds, now=account.source.seen_at)
        groups[filed.story.id if filed.joined else olds[0].id].append(account)
    return {name: tuple(group) for name, group in groups.items() if group}


def differences(before: Story, after: Story) -> tuple[Change, ...]:
    """Return what `after` says and `before`, an earlier version of it, did not: flows, sizes, statuses, loops."""
    changes = [
        found for held in after.flows for found in _flow_changes(held.flow, [old.flow for old in before.flows], after)
    ]
    told = {loop.id for loop in before.loops}
    changes += [
        Change(ChangeKind.LOOP_CLOSED, after.id, after.version, loop=loop)
        for loop in after.loops
        if loop.id not in told
    ]
    return tuple(changes)


def _flow_changes(flow: Flow, olds: Sequence[Flow], story: Story) -> list[Change]:
    def change(kind: ChangeKind, before: dict[str, object], after: dict[str, object]) -> Change:
        return Change(kind, story.id, story.version, flow=flow, before=before, after=after)

    old = next((one for one in olds if one.key == flow.key), None)
    if old is None:
        kind = ChangeKind.CANCELLED if flow.status is Status.CANCELLED else ChangeKind.NEW_FLOW
        return [change(kind, {}, {**_size(flow), "status": flow.status.value})]
    found = []
    if flow.status is not old.status:
        kind = ChangeKind.CANCELLED if flow.status is Status.CANCELLED else ChangeKind.STATUS
        found.append(change(kind, {"status": old.status.value}, {"status": flow.status.value}))
    if _size(flow) != _size(old):
        found.append(change(ChangeKind.AMOUNT, _size(old), _size(flow)))
    return found


def _size(flow: Flow) -> dict[str, object]:
    return {
        "amount": flow.amount,
        "currency": flow.currency,
        "megawatts": flow.megawatts,
        "bound": flow.bound.value,
    }


def mended(loop: Loop, standing: Sequence[Edge], *, regrouped: frozenset[str], window_days: int) -> Loop | None:
    """Return a loop over the edges that stand after the stories `regrouped` were built anew, None where it is broken.

    Edges of other stories stay as they were told; in the place of one of those stories' comes the latest between the
    same two parties in `standing`, of the same kind before others.
    """
    edges = []
    for edge in loop.edges:
        if edge.story_id not in regrouped:
            edges.append(edge)
            continue
        same = [one for one in standing if _pair(one) == _pair(edge)]
        if not same:
            return None
        edges.append(max(same, key=lambda one: (one.kind is edge.kind, one.date, one.story_id)))
    dates = [edge.date for edge in edges]
    if max(dates) - min(dates) > timedelta(days=window_days):
        return None
    return replace(loop, edges=tuple(edges))


def _pair(edge: Edge) -> tuple[str, str]:
    return text.fold(edge.payer), text.fold(edge.payee)
