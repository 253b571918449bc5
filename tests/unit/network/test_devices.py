"""QPUs and links refuse numbers that no device can have, with the key, the limit and what was found."""

import math

import numpy as np
import pytest

from weft.errors import InvalidNetworkError
from weft.network import QPU, Link


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"data_qubits": -1}, "`data_qubits` must be at least 0, but is -1"),
        ({"data_qubits": 1.5}, "`data_qubits` must be a whole number"),
        ({"data_qubits": True}, "`data_qubits` must be a whole number"),
        ({"communication_qubits": -2}, "`communication_qubits` must be at least 0"),
        ({"one_qubit_gate_s": -1e-9}, "`one_qubit_gate_s` must be a finite number of seconds"),
        ({"reset_s": math.inf}, "`reset_s` must be a finite"),
        ({"measurement_s": math.nan}, "`measurement_s` must be a finite"),
        ({"measurement_s": "1"}, "`measurement_s` must be a number, but is the text"),
        ({"one_qubit_gate_error": 0.6}, r"`one_qubit_gate_error` must lie in \[0, 0.5\]"),
        ({"two_qubit_gate_error": 0.8}, r"`two_qubit_gate_error` must lie in \[0, 0.75\]"),
        ({"measurement_error": 1.1}, r"`measurement_error` must lie in \[0, 1.0\]"),
        ({"t1_s": 0, "t2_s": 0}, "`t1_s` must be positive"),
        ({"t1_s": 1, "t2_s": 2.1}, "`t2_s` must be at most twice `t1_s` = 1, but is 2.1"),
        ({"t2_s": 10**400}, "of ordinary size"),
        ({"communication_t1_s": 1, "t2_s": 3}, "`communication_t2_s` must be at most twice"),
        ({"coupling": [(0, 2)]}, "`coupling` must join two different data qubits of 0 to 1"),
        ({"coupling": [(0, 0)]}, "`coupling` must join"),
        ({"coupling": [(0,)]}, "`coupling` must hold pairs"),
        ({"name": ""}, "name of a QPU must be"),
        ({"name": "A\n"}, "name of a QPU must be"),
        ({"name": "A" * 65}, "name of a QPU must be"),
    ],
)
def test_an_impossible_qpu_is_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        QPU(**({"name": "A", "data_qubits": 2} | values))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"b": "A"}, "must name two different QPUs"),
        ({"b": None}, "must join QPUs by name"),
        ({"attempt_s": -1}, "`attempt_s` must be finite and ≥ 0"),
        ({"attempt_s": math.inf}, "`attempt_s` must be finite"),
        ({"success_probability": 0}, "a link that never succeeds cannot be part of a network"),
        ({"success_probability": 1.5}, r"must lie in \(0, 1\]"),
        ({"success_probability": math.nan}, r"must lie in \(0, 1\]"),
        ({"success_probability": 5e-324}, "must be finite"),
        ({"channels": 0}, "`channels` must be at least 1"),
        ({"channels": 1.0}, "`channels` must be a whole number"),
        ({"classical_latency_s": math.nan}, "`classical_latency_s` must be finite"),
        ({"length_m": -1}, "`length_m` must be finite"),
    ],
)
def test_an_impossible_link_is_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        Link(**({"a": "A", "b": "B", "attempt_s": 1.0} | values))


def test_the_same_number_of_another_type_is_the_same_device() -> None:
    assert repr(QPU("A", np.int64(3), t2_s=10)) == repr(QPU("A", 3, t2_s=np.float32(10)))
    assert repr(Link("A", "B", 1, classical_latency_s=-0.0)) == repr(Link("A", "B", np.float64(1.0)))


def test_communication_qubits_live_as_long_as_data_qubits_unless_told() -> None:
    qpu = QPU("A", 1, t1_s=4, t2_s=3, communication_t2_s=1)
    assert qpu.coherence(communication=False) == (4, 3)
    assert qpu.coherence(communication=True) == (4, 1)


def test_mean_wait_is_the_mean_of_a_geometric_law() -> None:
    assert Link("A", "B", attempt_s=1e-6, success_probability=1e-4).mean_wait_s == pytest.approx(1e-2)


@pytest.mark.parametrize("coupling", [[[0, 1]], ((0, 1),), [(np.int32(0), 1)]])
def test_coupling_is_kept_as_pairs_of_plain_integers(coupling: object) -> None:
    assert QPU("A", 2, coupling=coupling).coupling == ((0, 1),)
