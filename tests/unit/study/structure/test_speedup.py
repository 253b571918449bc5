"""Limits are the laws, and simulated speed-ups are ratios of makespans under the same convention."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weft.circuit import CircuitBuilder, load_circuit
from weft.network import load_network
from weft.study.structure import Speedup, inspect
from weft.study.structure.replay import replay
from weft.study.structure.speedup import limits_of, program_on_one


@given(work=st.floats(1e-6, 10), share=st.floats(1e-3, 1), qpus=st.integers(1, 1000))
def test_amdahl_lies_between_one_and_both_ceilings(work: float, share: float, qpus: int) -> None:
    limits = limits_of(work, share * work, qpus)
    assert 1 - 1e-9 <= limits.amdahl <= min(qpus, limits.mean_width) * (1 + 1e-9)
    assert limits.amdahl <= limits.gustafson * (1 + 1e-9)
    assert limits.gustafson <= qpus * (1 + 1e-9)


def test_a_chain_gains_nothing_and_independent_gates_gain_all() -> None:
    chain = inspect("ghz:8", seed=1).limits
    assert (chain.serial_fraction, chain.amdahl, chain.gustafson) == (1, 1, 1)
    builder = CircuitBuilder(64)
    for qubit in range(32):
        builder.gate("cx", 2 * qubit, 2 * qubit + 1)
    hardware = load_network("all:1x1").qpus[0]
    gate, measurement = hardware.two_qubit_gate_s, hardware.measurement_s
    wide = inspect(builder.build(), seed=1).limits
    # Final measurements of early pairs pass beside later gates; that of the last pair comes after all gates.
    assert wide.serial_fraction == pytest.approx((gate + measurement) / (32 * gate + measurement))


def test_one_big_qpu_does_one_gate_after_the_other_or_all_at_once() -> None:
    network, circuit = load_network("all:2x3"), load_circuit("clifford:6x30", seed=1)
    program = program_on_one(circuit, network)
    hardware = network.qpus[0]
    serial, parallel = (replay(program, 0, one_at_a_time=wanted).makespan_s[0] for wanted in (True, False))
    assert 30 * hardware.two_qubit_gate_s <= serial
    assert parallel <= serial <= parallel + 30 * hardware.two_qubit_gate_s


def test_a_network_that_splits_nothing_gains_nothing_and_loses_nothing() -> None:
    found = inspect("qft:4", "line:2x4", seed=1)
    assert isinstance(found.speedup, Speedup)
    for gain in found.speedup.gains:
        assert gain.speedup == pytest.approx(1)
        assert gain.stderr == 0


def test_two_circuits_side_by_side_are_twice_as_fast_one_gate_at_a_time() -> None:
    """Nothing crosses, so that communication costs nothing, and each QPU has half of the gates."""
    builder = CircuitBuilder(6)
    for _ in range(40):
        for first in (0, 3):
            for a, b in ((0, 1), (1, 2), (2, 0)):
                builder.gate("cx", first + a, first + b)
    found = inspect(builder.build(), "line:2x3", seed=1).speedup
    assert found is not None
    serial, parallel = found.gains
    assert serial.speedup == pytest.approx(2, rel=0.02)
    assert parallel.speedup == pytest.approx(1)
    assert found.limits.amdahl == pytest.approx(
        4 / 3, rel=0.02
    )  # Amdahl's law takes the critical path as work that is not shared
