"""What the other candidates of an article say of one: of its two parties, of each of them with others, of its kind.

Every table is filled once for an article and holds the best two values, so that a candidate can leave itself out; to
compare each candidate with each other would cost the square of their number.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from worker.pipeline.detection.flows import Gathered

_FAINT = 0.05
_MOST = 2.0


class _Best:
    """The largest value of each key, and the largest but for one owner."""

    def __init__(self) -> None:
        self._held: dict[Hashable, list[tuple[float, Hashable]]] = {}

    def add(self, key: Hashable, owner: Hashable, value: float) -> None:
        held = self._held.setdefault(key, [])
        for place, (other, name) in enumerate(held):
            if name == owner:
                if value > other:
                    held[place] = (value, owner)
                    held.sort(key=lambda pair: -pair[0])
                return
        if len(held) < 2:
            held.append((value, owner))
        elif value > held[1][0]:
            held[1] = (value, owner)
        if len(held) == 2 and held[1][0] > held[0][0]:
            held.reverse()

    def but(self, key: Hashable, owner: Hashable) -> float:
        return next((value for value, name in self._held.get(key, ()) if name != owner), 0.0)


class Rivals:
    """The candidates of one article, each of which may ask for its rivals."""

    def __init__(self, gathered: Sequence[Gathered]) -> None:
        self._most = max((one.raw for one in gathered), default=0.0)
        self._sums: dict[tuple[str, str], float] = defaultdict(float)
        self._kinds, self._pairs, self._names = _Best(), _Best(), _Best()
        self._pays, self._paid = _Best(), _Best()
        self._founders = {one.payer for one in gathered if any(said.how == "founder" for said in one.said)}
        for one in gathered:
            pair = (one.payer, one.payee)
            self._sums[pair] += one.raw
            self._pairs.add(pair, one.key, one.raw)
            self._kinds.add(one.kind, one.key, one.raw)
            for name in {one.payer, one.payee} - {""}:
                self._names.add(name, frozenset(pair), one.raw)
            for scope in (None, one.kind):
                self._pays.add((one.payer, scope), one.payee, one.raw)
                self._paid.add((one.payee, scope), one.payer, one.raw)
            if not one.payee:
                self._pays.add((one.payer, one.kind, "alone"), one.key, one.raw)
            if not one.payer:
                self._paid.add((one.payee, one.kind, "alone"), one.key, one.raw)

    def features(self, one: Gathered) -> dict[str, float]:
        """Return the features of one candidate, each 0 to 2."""
        pair, swapped, both = (one.payer, one.payee), (one.payee, one.payer), frozenset((one.payer, one.payee))
        total = one.raw + 0.01
        payer, payee = self._pays.but((one.payer, None), one.payee), self._paid.but((one.payee, None), one.payer)
        kind = self._pairs.but(pair, one.key)
        swap = self._pairs.but(swapped, None)
        other = max((self._names.but(name, both) for name in both - {""}), default=0.0)
        roles = {
            "pays": self._pays.but((one.payer, one.kind), one.payee),
            "paid": self._paid.but((one.payee, one.kind), one.payer),
            "pays alone": self._pays.but((one.payer, one.kind, "alone"), one.key),
            "paid alone": self._paid.but((one.payee, one.kind, "alone"), one.key),
            "payer is paid": self._paid.but((one.payer, one.kind), one.payee) if one.payer else 0.0,
            "payee pays": self._pays.but((one.payee, one.kind), one.payer) if one.payee else 0.0,
        }
        return {
            "share": one.raw / self._most if self._most else 0.0,
            "rival.kind": kind / (kind + total),
            "rival.swap": swap / (swap + total),
            "rival.other": other / (other + total),
            "share.payer": total / (total + payer),
            "share.payee": total / (total + payee),
            "share.kind": total / (total + self._kinds.but(one.kind, one.key)),
            "share.pair": total / (0.01 + self._sums[pair]),
            "share.turned": total / (total + self._sums.get(swapped, 0.0)),
            "cofounders": float(both <= self._founders),
            "lone.payer": float(payer < _FAINT),
            "lone.payee": float(payee < _FAINT),
            **{f"role.{name}": min(value, _MOST) for name, value in roles.items()},
        }
