"""Ranges begin and end where they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.errors import InvalidValueError
from weft.ranges import is_range, range_values

number = st.floats(1e-6, 1e6)


@given(number, number, st.integers(2, 50))
def test_steps_are_equal_or_of_equal_ratio(low: float, high: float, count: int) -> None:
    for suffix, expected in (("", np.linspace(low, high, count)), (":log", np.geomspace(low, high, count))):
        values = range_values(f"{low!r}:{high!r}:{count}{suffix}", "x", 50)
        assert (values[0], values[-1], len(values)) == (low, high, count)
        np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12)


def test_one_value_is_the_first() -> None:
    assert range_values("3:4:1", "x", 9) == [3]


@pytest.mark.parametrize("text", ["qft:8", "1:2", "1:2:3:lin", "a:2:3", "1:2:3.5", "", "dejmps:1", "1:2:3:4"])
def test_other_texts_are_no_ranges(text: str) -> None:
    assert not is_range(text)
    with pytest.raises(InvalidValueError, match="must be LOW:HIGH:N"):
        range_values(text, "x", 9)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1:2:0", "must have 1 to 9 values"),
        ("1:2:10", "but has 10"),
        ("0:2:3:log", "above 0"),
        ("1:1e999:3", "ordinary size"),
    ],
)
def test_ranges_that_cannot_be_are_refused(text: str, words: str) -> None:
    with pytest.raises(InvalidValueError, match=f"`x` .*{words}"):
        range_values(text, "x", 9)
