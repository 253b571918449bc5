"""Generated circuits compute what their names say."""

from pathlib import Path

import numpy as np
import pytest

from weft.circuit import GENERATORS, load_circuit
from weft.circuit.adder import adder_inputs
from weft.circuit.blocks import Block
from weft.circuit.gates import CODES
from weft.errors import InvalidCircuitError

ADDER_FILE = Path(__file__).parents[3] / "examples" / "adder_28.qasm"


def _unitary(circuit):
    """Qubit 0 the least significant."""
    block = Block(circuit.num_qubits)
    for code, qubits, angles in zip(circuit.opcodes, circuit.qubits.tolist(), circuit.angles.tolist(), strict=True):
        mirrored = tuple(circuit.num_qubits - 1 - qubit for qubit in qubits if qubit >= 0)
        block.gate(int(code), mirrored, tuple(angles))
    return block.matrix()


def _count(circuit, name):
    return int(np.count_nonzero(circuit.opcodes == CODES[name]))


def test_qft_is_the_discrete_fourier_transform_with_its_bits_reversed() -> None:
    size = 2**4
    k = np.arange(size)
    fourier = np.exp(2j * np.pi * np.outer(k, k) / size) / np.sqrt(size)
    reversed_bits = [int(f"{number:04b}"[::-1], 2) for number in k]
    assert np.allclose(_unitary(load_circuit("qft:4"))[reversed_bits], fourier, atol=1e-12)


def test_qft_is_the_benchmark_files_circuit() -> None:
    assert load_circuit("qft:16").two_qubit_gates == 120


def test_ghz_is_all_zeros_and_all_ones() -> None:
    state = _unitary(load_circuit("ghz:5"))[:, 0]
    assert np.abs(state[[0, -1]]) == pytest.approx([0.5**0.5] * 2)
    assert state[0] == pytest.approx(state[-1])


def test_wstate_has_one_1_equally_often_anywhere() -> None:
    state = _unitary(load_circuit("wstate:5"))[:, 0]
    assert state[[1, 2, 4, 8, 16]] == pytest.approx([0.2**0.5] * 5)


@pytest.mark.parametrize("marked", ["00", "01", "10", "11"])
def test_grover_on_two_qubits_is_certain_after_two_cz(marked) -> None:
    circuit = load_circuit(f"grover:2x{marked}")
    assert abs(_unitary(circuit)[int(marked, 2), 0]) ** 2 == pytest.approx(1, abs=1e-12)
    assert circuit.two_qubit_gates == _count(circuit, "cz") == 2


@pytest.mark.parametrize(("qubits", "marked"), [(3, "111"), (4, "0110"), (6, "010111")])
def test_grover_succeeds_as_often_as_theory_says(qubits, marked) -> None:
    state = _unitary(load_circuit(f"grover:{qubits}x{marked}"))[:, 0]
    angle = np.arcsin(2 ** (-qubits / 2))
    expected = np.sin((2 * np.floor(np.pi / 4 / angle) + 1) * angle) ** 2
    assert abs(state[int(marked, 2)]) ** 2 == pytest.approx(expected, abs=1e-9)


def test_bernstein_and_vazirani_find_every_third_bit_0() -> None:
    state = _unitary(load_circuit("bv:6"))[:, 0]
    assert abs(state[0b01101]) == pytest.approx(1)


def _classical(circuit, start=0):
    """Runs a circuit of x, cx and Toffolis from a basis state, by matrix."""
    column = _unitary(circuit)[:, start]
    assert np.max(np.abs(column)) == pytest.approx(1)
    return int(np.argmax(np.abs(column)))


@pytest.mark.parametrize("qubits", [4, 6, 8, 10])
def test_adder_leaves_the_sum_in_b_and_the_carry(qubits) -> None:
    bits = (qubits - 2) // 2
    a, b = adder_inputs(bits)
    final = _classical(load_circuit(f"adder:{qubits}"))
    assert final & 1 == 0
    assert final >> 1 & (2**bits - 1) == a
    assert final >> (bits + 1) == a + b


def test_the_example_file_is_the_generated_adder_and_its_sum_is_stated() -> None:
    circuit, generated = load_circuit(ADDER_FILE), load_circuit("adder:28")
    gates = len(generated)
    assert circuit.opcodes[:gates].tolist() == generated.opcodes.tolist()
    assert circuit.qubits[:gates].tolist() == generated.qubits.tolist()
    assert len(circuit) == gates + 14
    a, b = adder_inputs(13)
    assert f"{a} + {b} = {a + b}" in ADDER_FILE.read_text(encoding="utf-8")
    assert f"{a + b:014b}" in ADDER_FILE.read_text(encoding="utf-8")


def test_the_example_file_computes_its_sum() -> None:
    """Bit by bit on classical states: only x, cx and ccx occur in the file."""
    bits: dict[str, int] = {}
    result = ["0"] * 14
    for line in ADDER_FILE.read_text(encoding="utf-8").splitlines():
        statement = line.partition("//")[0].strip().rstrip(";")
        name, _, rest = statement.partition(" ")
        operands = [operand.strip() for operand in rest.replace("->", ",").split(",")]
        if name == "measure":
            result[13 - int(operands[1][4:-1])] = str(bits.get(operands[0], 0))
        elif name in {"x", "cx", "ccx"} and all(bits.get(control, 0) for control in operands[:-1]):
            bits[operands[-1]] = 1 - bits.get(operands[-1], 0)
    assert int("".join(result), 2) == sum(adder_inputs(13))


def test_qaoa_has_three_edges_at_each_vertex_in_each_layer() -> None:
    circuit = load_circuit("qaoa:12x2", seed=4)
    edges = circuit.qubits[circuit.opcodes == CODES["rzz"]]
    assert np.bincount(edges.ravel()).tolist() == [6] * 12
    assert len({tuple(edge) for edge in edges.tolist()}) == 18
    assert _count(circuit, "rx") == 24


def test_clifford_has_the_two_qubit_gates_that_its_name_says() -> None:
    circuit = load_circuit("clifford:20x400")
    assert circuit.two_qubit_gates == _count(circuit, "cx") + _count(circuit, "cz") == 400
    assert not circuit.angles.any()


def test_quantum_volume_has_three_cx_per_pair_and_layer() -> None:
    circuit = load_circuit("qv:5", seed=2)
    assert circuit.two_qubit_gates == _count(circuit, "cx") == 5 * 2 * 3


@pytest.mark.parametrize("name", ["qaoa:8x1", "clifford:5x30", "qv:4"])
def test_a_seed_decides_random_circuits(name) -> None:
    assert load_circuit(name, seed=1) == load_circuit(name, seed=1)
    assert load_circuit(name, seed=1) != load_circuit(name, seed=2)


@pytest.mark.parametrize("name", ["qft:64", "ghz:1000", "adder:28", "wstate:100", "bv:50"])
def test_generators_do_not_measure_and_carry_their_name(name) -> None:
    circuit = load_circuit(name)
    assert not circuit.has_measurements
    assert circuit.name == name
    assert circuit.num_qubits == int(name.partition(":")[2])
    assert circuit.measured().has_measurements


@pytest.mark.parametrize("family", GENERATORS)
@pytest.mark.parametrize("sizes", ["", "-1", "1e9", "x", "3x", "٣", "4x4x4", "99999999999"])
def test_malformed_sizes_are_answered_with_the_form(family, sizes) -> None:
    with pytest.raises(InvalidCircuitError, match=rf"`{family}` must be written `{family}:N"):
        load_circuit(f"{family}:{sizes}")


OUT_OF_RANGE = """qft:0 ghz:100001 qft:99999 adder:3 adder:2 qaoa:5x1 qaoa:4x0 qaoa:100000x100000 grover:1 grover:11
grover:2x1 qv:1 qv:99999 clifford:1x4 clifford:4x0 clifford:9x99999999 bv:1"""


@pytest.mark.parametrize("name", OUT_OF_RANGE.split())
def test_sizes_out_of_range_are_refused(name) -> None:
    with pytest.raises(InvalidCircuitError, match="must"):
        load_circuit(name)
