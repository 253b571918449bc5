"""What a circuit is: columns that do not change, and an identity."""

import numpy as np
import pytest

from weft.circuit import CircuitBuilder, load_circuit
from weft.errors import InvalidCircuitError, InvalidValueError


def _bell(name="bell", angle=0.5):
    builder = CircuitBuilder(2, name=name)
    builder.gate("h", 0)
    builder.gate("cp", 0, 1, angles=(angle,))
    return builder.build()


def test_circuits_are_equal_when_they_compute_the_same_whatever_their_names() -> None:
    assert _bell("a") == _bell("b")
    assert hash(_bell("a")) == hash(_bell("b"))
    assert _bell(angle=0.5) != _bell(angle=0.25)
    assert _bell().renamed("other").name == "other"


def test_columns_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="read-only"):
        _bell().angles[0, 0] = 1


def test_measured_adds_one_register_of_all_qubits_and_keeps_what_was_there() -> None:
    builder = CircuitBuilder(2)
    builder.add_bits(1)
    builder.add_register("meas", 2)
    builder.gate("x", 1, condition=((0, 0),))
    circuit = builder.build().measured()
    assert [(register.name, register.bits) for register in circuit.registers] == [("meas", (1, 2)), ("meas0", (3, 4))]
    assert circuit.condition(0) == ((0, 0),)
    assert circuit.clbits.tolist() == [-1, 3, 4]
    assert circuit.measured() is circuit


def test_qubits_may_be_added_later() -> None:
    builder = CircuitBuilder(0)
    assert builder.add_qubits("a", 2).bits == (0, 1)
    assert builder.add_qubits("b", 1).bits == (2,)
    assert builder.build().num_qubits == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda builder: builder.gate("cx", 0, 0), r"distinct qubits in 0 … 1, but are \(0, 0\)"),
        (lambda builder: builder.gate("x", 2), r"distinct qubits in 0 … 1, but are \(2,\)"),
        (lambda builder: builder.gate("rx", 0), "takes 1 qubits and 1 angles, but got 1 and 0"),
        (lambda builder: builder.gate("foo", 0), "a gate must be one of .*, but is `foo`"),
        (lambda builder: builder.measure(0, 0), "a classical bit must lie in"),
        (lambda builder: builder.gate("x", 0, condition=((0, 1),)), "a condition must read bits in"),
    ],
)
def test_a_builder_refuses_what_does_not_exist(call, message) -> None:
    with pytest.raises(InvalidValueError, match=message):
        call(CircuitBuilder(2))


def test_a_circuit_has_a_qubit() -> None:
    with pytest.raises(InvalidCircuitError, match="at least 1 qubit, but has 0"):
        CircuitBuilder(0).build()


def test_two_qubit_gates_are_counted() -> None:
    circuit = load_circuit("ghz:5").measured()
    assert circuit.two_qubit_gates == 4
    assert np.count_nonzero(circuit.clbits >= 0) == 5


def test_a_condition_asks_for_0_or_1() -> None:
    builder = CircuitBuilder(1)
    builder.add_register("c", 1)
    with pytest.raises(InvalidValueError, match="must ask for 0 or 1, but asks bit 0 for 2"):
        builder.gate("x", 0, condition=[(0, 2)])
