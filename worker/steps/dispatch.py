"""Whose alert leaves next: many receivers are sent to side by side, and none takes the others' places.

Theory: a slow receiver costs nothing but the place that it waits in. So all that is under way stands in one loop; each
receiver has a fixed share of its places, and work for the others goes on, and is taken in, while it keeps its own. A
turn ends soon after nothing but slow receivers is left, so that other work of the process gets its time.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from worker.model import ChannelKind
from worker.ports import AlertRow

# Places in all, for one channel where it has one way out, and for one receiver.
PLACES = 32
_OF_CHANNEL = {ChannelKind.EMAIL: 8, ChannelKind.CHAT: 8}
SHARE = {ChannelKind.CONSOLE: 1, ChannelKind.EMAIL: 1, ChannelKind.WEBHOOK: 4, ChannelKind.CHAT: 1}
# An answer that took longer is a slow receiver's; to such a one a turn begins nothing more after TURN_S. In seconds.
SLOW_S, TURN_S = 2.0, 10.0
# A receiver that answers sooner is sent one alert after the other: in order, and a crash doubles one at most. Where
# more than so many wait, being through counts more.
PATIENCE_S, QUEUE = 0.15, 16
_LOOK_S = 0.1


class Dispatch:
    """One turn. `send` sends and records one alert; `share` is how many of a receiver's may be under way.

    Nothing is begun after `limit_s`, or once `leaving` says that the worker was told to stop.

    Alerts of one story go to a receiver one after the other.
    """

    def __init__(
        self,
        send: Callable[[AlertRow], Awaitable[None]],
        *,
        share: Callable[[AlertRow], int],
        limit_s: float,
        leaving: Callable[[], bool] = lambda: False,
    ) -> None:
        self._send, self._share, self._limit_s, self._leaving = send, share, limit_s, leaving
        self._waiting: dict[str, deque[AlertRow]] = {}
        self._running: dict[asyncio.Task[None], AlertRow] = {}
        self._begun: dict[str, float] = {}
        self._known: set[str] = set()
        self._slow: set[str] = set()
        self._error: BaseException | None = None

    def add(self, rows: Iterable[AlertRow]) -> int:
        """Take in alerts but those that wait or are under way already; returns how many."""
        fresh = [row for row in rows if row.alert.id not in self._known]
        for row in fresh:
            self._known.add(row.alert.id)
            self._waiting.setdefault(row.alert.recipient_id, deque()).append(row)
        return len(fresh)

    def waiting(self, recipient_id: str) -> int:
        """Return how many of a receiver's alerts wait to be begun."""
        return len(self._waiting.get(recipient_id, ()))

    def drop(self, recipient_id: str) -> None:
        """Forget what waits for a receiver; what is under way goes on."""
        for row in self._waiting.pop(recipient_id, ()):
            self._known.discard(row.alert.id)

    async def run(self, look: Callable[[], None]) -> tuple[str, ...]:
        """Send all there is; returns the ids that were not begun. `look` is called now and then: it may add to them.

        Raises what `send` raised, once all that was under way has ended.
        """
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(PLACES, thread_name_prefix="send"))
        begun = loop.time()
        while True:
            self._start(loop.time() - begun)
            if not self._running:
                break
            done, _ = await asyncio.wait(self._running, timeout=_LOOK_S, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                row = self._running.pop(task)
                self._known.discard(row.alert.id)
                self._error = self._error or task.exception()
            self._look(look)
        if self._error is not None:
            raise self._error
        return tuple(row.alert.id for rows in self._waiting.values() for row in rows)

    def _look(self, look: Callable[[], None]) -> None:
        try:
            if self._error is None:
                look()
        except Exception as error:
            # What is under way must not be cut off: its receivers have it already.
            self._error = error

    def _start(self, spent: float) -> None:
        if self._error is not None or spent >= self._limit_s or self._leaving():
            return
        busy = Counter(row.alert.recipient_id for row in self._running.values())
        kinds = Counter(row.alert.channel for row in self._running.values())
        open_to = [name for name in self._waiting if spent < TURN_S or name not in self._slow]
        while open_to and len(self._running) < PLACES:
            name = open_to.pop(0)
            row = self._next(name, busy[name], kinds)
            if row is None:
                continue
            busy[name] += 1
            kinds[row.alert.channel] += 1
            self._running[asyncio.ensure_future(self._timed(row))] = row
            open_to.append(name)  # one each in turn

    def _next(self, name: str, busy: int, kinds: Counter[ChannelKind]) -> AlertRow | None:
        rows = self._waiting.get(name)
        if not rows:
            self._waiting.pop(name, None)
            return None
        now = asyncio.get_running_loop().time()
        if busy and len(rows) <= QUEUE and now - self._begun[name] < PATIENCE_S:
            return None
        under_way = {row.alert.story_id for row in self._running.values() if row.alert.recipient_id == name}
        for place, row in enumerate(rows):
            channel = row.alert.channel
            if busy >= self._share(row) or kinds[channel] >= _OF_CHANNEL.get(channel, PLACES):
                return None
            if row.alert.story_id is None or row.alert.story_id not in under_way:
                del rows[place]
                self._begun[name] = now
                return row
        return None

    async def _timed(self, row: AlertRow) -> None:
        loop = asyncio.get_running_loop()
        name, begun = row.alert.recipient_id, loop.time()
        # Slow from the moment that it keeps somebody waiting, not from its answer on.
        mark = loop.call_later(SLOW_S, self._slow.add, name)
        try:
            await self._send(row)
        finally:
            mark.cancel()
            if loop.time() - begun < SLOW_S:
                self._slow.discard(name)
