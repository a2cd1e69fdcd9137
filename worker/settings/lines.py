"""Where in a TOML text each key stands.

`tomli` gives values without places, and a fault without its line makes people search. The text has been read by
`tomli` before, so this scanner may trust that it is well formed; of inline tables it knows the outer key's line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

Path = tuple[str | int, ...]

_KEY_PART = re.compile(r"""\s*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))\s*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|' + r"'''.*?'{3,5}(?!')|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'", re.DOTALL
)


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}
        self.table: Path = ()

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def run(self) -> dict[Path, int]:
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in " \t\r\n":
                self.at += 1
            elif char == "#":
                self._skip_comment()
            elif char == "[":
                self._header()
            else:
                self._pair()
        return self.lines

    def _skip_comment(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _key(self) -> tuple[str, ...]:
        parts = []
        while match := _KEY_PART.match(self.text, self.at):
            self.at = match.end()
            parts.append(next(group for group in match.groups() if group is not None))
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return tuple(parts)

    def _resolve(self, names: Sequence[str], *, last: bool) -> Path:
        """Turn `feed.pages` into ("feed", 3, "pages") where `feed` is an array of tables now at its fourth."""
        path: Path = ()
        for position, name in enumerate(names):
            path = (*path, name)
            if path in self.counts and (last or position < len(names) - 1):
                path = (*path, self.counts[path])
        return path

    def _header(self) -> None:
        line, array = self.line(), self.text.startswith("[[", self.at)
        self.at += 2 if array else 1
        names = self._key()
        path = self._resolve(names, last=not array)
        if array:
            self.counts[path] = self.counts.get(path, -1) + 1
            self.lines.setdefault(path, line)
            path = (*path, self.counts[path])
        self.table = path
        self.lines.setdefault(path, line)
        self.at += 2 if array else 1

    def _pair(self) -> None:
        line, names = self.line(), self._key()
        if not names:  # not TOML; never met after tomli, and never a reason to loop
            self.at = len(self.text)
            return
        for size in range(1, len(names) + 1):
            self.lines.setdefault((*self.table, *names[:size]), line)
        self.at += 1
        self._value()

    def _value(self) -> None:
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char == "\n" and not depth:
                return
            if char == "#":
                self._skip_comment()
                continue
            string = _STRING.match(self.text, self.at) if char in "\"'" else None
            depth += (char in "[{") - (char in "]}")
            self.at = string.end() if string else self.at + 1


def line_numbers(text: str) -> dict[Path, int]:
    """Return the line, from 1, of every table and key of a TOML text; elements of `[[x]]` are ("x", 0), ("x", 1) ..."""
    return _Scanner(text.replace("\r\n", "\n")).run()


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """Return the line of `path`, else of the nearest thing around it."""
    for size in range(len(path), 0, -1):
        if path[:size] in lines:
            return lines[path[:size]]
    return None
