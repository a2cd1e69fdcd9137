"""Regular expressions that are compiled when first asked: those for figures alone take a tenth of the detector's start,
and most articles need few of them."""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "split")


class _Pattern:
    def __init__(self, source: str) -> None:
        self._source = source

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        # Only what the instance lacks is asked for here: once compiled, these methods are its own.
        compiled = re.compile(self._source)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)

    def __reduce__(self) -> tuple[Any, ...]:
        return pattern, (self._source,)


def pattern(source: str) -> re.Pattern[str]:
    """Return what behaves as the compiled expression; a fault in `source` shows when it is first used."""
    return cast("re.Pattern[str]", _Pattern(source))
