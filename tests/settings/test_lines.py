"""The scanner that knows where each key stands."""

from __future__ import annotations

import json
import tomllib

from hypothesis import given
from hypothesis import strategies as st

from worker.settings.lines import line_numbers, line_of


def test_the_line_of_each_key() -> None:
    text = (
        'a = 1\nb.c = """\n[not.a.table]\nd = 2\n"""\n# [nor.this]\n[t]\n'
        '"quoted key" = [ # ]\n  "]", \'[\',\n]\ne = { f = 1 }\n'
        "[[x]]\ni = 0\n[x.sub]\nj = '''\nk = 1'''\n[[x]]\ni = 1\n[[x.y]]\nz = 1\n[[x.y]]\nz = 2\n"
    )
    tomllib.loads(text)
    lines = line_numbers(text)
    assert {path: line for path, line in lines.items() if path[-1] in {"a", "c", "quoted key", "e", "i", "j", "z"}} == {
        ("a",): 1,
        ("b", "c"): 2,
        ("t", "quoted key"): 8,
        ("t", "e"): 11,
        ("x", 0, "i"): 13,
        ("x", 0, "sub", "j"): 15,
        ("x", 1, "i"): 18,
        ("x", 1, "y", 0, "z"): 20,
        ("x", 1, "y", 1, "z"): 22,
    }
    assert line_of(lines, ("t", "e", "f")) == 11
    assert line_of(lines, ("nowhere",)) is None


@given(
    st.recursive(
        st.one_of(st.integers(), st.booleans(), st.text(max_size=8)),
        lambda inner: st.lists(inner, max_size=3),
        max_leaves=5,
    )
)
def test_the_scanner_passes_over_any_value(value: object) -> None:
    text = f"first = {json.dumps(value)}\nsecond = 1\n"
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:  # JSON writes a few characters that TOML does not allow
        return
    assert line_numbers(text)[("second",)] == 2
