"""Counting outcomes gives what NumPy's slow way gives."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from weft.simulator.distinct_outcomes import distinct_rows


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    st.integers(0, 60),
    st.sampled_from([0, 1, 2, 7, 8, 15, 16, 17, 63, 64, 65, 130]),
    st.floats(0, 1),
    st.integers(0, 2**20),
)
def test_rows_index_and_times(shots, columns, density, seed):
    rng = np.random.default_rng(seed)
    bits = (rng.random((shots, columns)) < density).astype(np.uint8)
    bits = bits[rng.integers(0, max(shots // 4, 1), shots)] if shots else bits
    rows, index, times = distinct_rows(bits)
    assert np.array_equal(rows[index], bits)
    assert times.sum() == shots
    assert np.array_equal(np.bincount(index, minlength=len(rows)), times)
    assert len({row.tobytes() for row in rows}) == len(rows)
    assert rows.tolist() == sorted(rows.tolist())
