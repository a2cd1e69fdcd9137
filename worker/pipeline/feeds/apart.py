"""Items read each by itself, for documents in which a damaged one takes its neighbours along.

A closing tag that is broken, or a processing instruction that never ends, makes one item of several: the ones behind it
would be lost for as long as the damaged one stands in the feed. Where one item begins, the one before it has ended.
"""

from __future__ import annotations

from collections.abc import Sequence

from worker.pipeline.feeds import plain
from worker.pipeline.feeds.entries import RawItem
from worker.pipeline.feeds.prepared import ITEM


def complete(found: Sequence[RawItem], text: str) -> list[RawItem]:
    """Return the items of the feed document `text`: those of `found`, which a parser read from the whole, and those
    that it did not tell from their neighbours. One that swallowed others is read anew."""
    starts = [match.start() for match in ITEM.finditer(text)]
    if len(found) >= len(starts):
        return list(found)
    by_name = {name: one for one in reversed(found) for name in (one.link, one.guid) if name}
    result: list[RawItem] = []
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        piece = text[start:end]
        for item in plain.read(f"<channel>{piece}</channel>")[1]:
            known = by_name.get(item.guid) or by_name.get(item.link)
            # More text than stands there is text of others.
            whole = known is not None and len(known.summary) + len(known.content) <= len(piece)
            result.append(known if known is not None and whole else item)
    missed = [one for one in found if not {one.guid, one.link} & {name for r in result for name in (r.guid, r.link)}]
    return [*result, *missed]
