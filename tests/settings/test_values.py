"""Durations and sizes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.masking import HIDDEN
from worker.settings import values
from worker.settings.whole import mask_address


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("15m", 900),
        ("2s", 2),
        ("1h30m", 5400),
        ("1h 30min", 5400),
        ("500ms", 0.5),
        ("7d", 604800),
        (900, 900),
        ("1.5", 1.5),
    ],
)
def test_durations(value: object, seconds: float) -> None:
    assert values.read_duration(value) == seconds


@pytest.mark.parametrize("value", ["", "s", "-5s", "5 parsecs", True, None, [1], "1h30", "m15"])
def test_what_is_no_duration(value: object) -> None:
    with pytest.raises(ValueError, match="a duration such as"):
        values.read_duration(value)


@pytest.mark.parametrize(
    ("value", "size"), [("10 MiB", 10485760), ("10MB", 10**7), ("1.5 kib", 1536), (7, 7), ("7", 7), ("1 GiB", 2**30)]
)
def test_sizes(value: object, size: int) -> None:
    assert values.read_size(value) == size


@given(st.integers(0, 400), st.integers(0, 23), st.integers(0, 59), st.integers(0, 59))
def test_a_duration_is_the_sum_of_its_parts(days: int, hours: int, minutes: int, seconds: int) -> None:
    text = f"{days}d{hours}h {minutes}m{seconds}s"
    assert values.read_duration(text) == ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def test_the_address_of_a_file_keeps_its_slashes_and_others_lose_their_secrets() -> None:
    assert mask_address("sqlite:////srv/gw.db") == "sqlite:////srv/gw.db"
    assert mask_address("sqlite:///gw.db") == "sqlite:///gw.db"
    masked = mask_address("postgresql://gw:geheim@db.example:5432/watch?sslkey=x")
    assert masked == f"postgresql://gw:{HIDDEN}@db.example:5432/watch?{HIDDEN}"
    assert mask_address("redis://127.0.0.1:6379/0") == "redis://127.0.0.1:6379/0"
