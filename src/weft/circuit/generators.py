"""Circuits by name, for where a file could stand: `qft:16`, `ghz:8`, `grover:2x01`.

They come without measurements; `Circuit.measured` adds them. The same name and seed give the same circuit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from weft.circuit.adder import adder
from weft.circuit.blocks import INSTRUCTION_LIMIT, Block, of_gate, toffoli, too_many
from weft.circuit.circuit import Circuit, CircuitBuilder, Register
from weft.circuit.gates import CODES
from weft.errors import InvalidCircuitError

QUBIT_LIMIT = 100_000
"""The most qubits of a generated circuit."""
GROVER_LIMIT = 10
"""The most qubits of a Grover search; the gates grow as 2^(n/2)."""
VOLUME_LIMIT = 1_000
"""The most qubits of a quantum-volume circuit."""


class Generator(NamedTuple):
    """A family of circuits.

    Attributes:
        function: from a builder's seed and the sizes in the name to a circuit.
        help: one line on what it makes.
        form: of the sizes after the colon.
    """

    function: Callable[..., Circuit]
    help: str
    form: str


def qft(qubits: int) -> Circuit:
    """The quantum Fourier transform, without the swaps at its end.

    Qubit k of the result holds output bit n − 1 − k of the transform of Σ_k 2^k q_k, as in most benchmark files.
    """
    if qubits * (qubits + 1) // 2 > INSTRUCTION_LIMIT:
        raise InvalidCircuitError(too_many(qubits * (qubits + 1) // 2))
    builder = CircuitBuilder(qubits)
    for target in reversed(range(qubits)):
        builder.gate("h", target)
        for control in reversed(range(target)):
            builder.gate("cp", control, target, angles=(math.ldexp(math.pi, control - target),))
    return builder.build()


def ghz(qubits: int) -> Circuit:
    """The state (|0…0⟩ + |1…1⟩)/√2, by a chain of cx."""
    builder = CircuitBuilder(qubits)
    builder.gate("h", 0)
    for qubit in range(qubits - 1):
        builder.gate("cx", qubit, qubit + 1)
    return builder.build()


def w_state(qubits: int) -> Circuit:
    """The equal superposition of all states with one qubit in |1⟩, by passing a share of the one along."""
    builder = CircuitBuilder(qubits)
    builder.gate("x", 0)
    for qubit in range(qubits - 1):
        kept = 1 / (qubits - qubit)
        builder.gate("cry", qubit, qubit + 1, angles=(2 * math.acos(math.sqrt(kept)),))
        builder.gate("cx", qubit + 1, qubit)
    return builder.build()


def bernstein_vazirani(qubits: int) -> Circuit:
    """Finds a hidden string, with every third bit 0, in one query; the last qubit is the oracle's and ends in |0⟩."""
    if qubits < 2:
        raise InvalidCircuitError(f"`bv` must have at least 2 qubits, but has {qubits}")
    data = range(qubits - 1)
    registers = (Register("data", tuple(data)), Register("oracle", (qubits - 1,)))
    builder = CircuitBuilder(qubits, qubit_registers=registers)
    builder.gate("x", qubits - 1)
    for qubit in range(qubits):
        builder.gate("h", qubit)
    for qubit in data:
        if qubit % 3 != 1:
            builder.gate("cx", qubit, qubits - 1)
    for qubit in range(qubits):
        builder.gate("h", qubit)
    builder.gate("x", qubits - 1)
    return builder.build()


def grover(qubits: int, marked: str | None = None) -> Circuit:
    """Grover's search for one marked string, all ones by default, with the number of iterations that serves best.

    Args:
        qubits: 2 … `GROVER_LIMIT`.
        marked: bits as counts print them, qubit 0 rightmost.

    Source:
        Boyer, Brassard, Høyer, Tapp, Fortschr. Phys. 46, 493 (1998), section 3.
    """
    marked = "1" * qubits if marked is None else marked
    if not 2 <= qubits <= GROVER_LIMIT or len(marked) != qubits or set(marked) - {"0", "1"}:
        raise InvalidCircuitError(
            f"`grover` must have 2 … {GROVER_LIMIT} qubits and mark as many bits, but has {qubits} and marks `{marked}`"
        )
    builder = CircuitBuilder(qubits)
    flip = _multi_controlled_z(qubits)
    zeros = [qubit for qubit in range(qubits) if marked[qubits - 1 - qubit] == "0"]
    everything = range(qubits)
    _all(builder, "h", everything)
    for _ in range(math.floor(math.pi / 4 / math.asin(2 ** (-qubits / 2)))):
        _all(builder, "x", zeros)
        _emit(builder, flip)
        _all(builder, "x", zeros)
        _all(builder, "h", everything)
        _all(builder, "x", everything)
        _emit(builder, flip)
        _all(builder, "x", everything)
        _all(builder, "h", everything)
    return builder.build()


def _multi_controlled_z(qubits: int) -> Block:
    if qubits == 2:
        return of_gate(CODES["cz"], ())
    if qubits == 3:
        block = Block(3)
        block.named("h", 2)
        block.call(toffoli(), (0, 1, 2))
        block.named("h", 2)
        return block
    from weft.circuit.qiskit_gates import multi_controlled_phase

    return multi_controlled_phase(math.pi, qubits - 1)


def _all(builder: CircuitBuilder, name: str, qubits: range | list[int]) -> None:
    for qubit in qubits:
        builder.gate(name, qubit)


def _emit(builder: CircuitBuilder, block: Block) -> None:
    for code, qubits, angles in block.ops(range(block.num_qubits)):
        builder.append(code, qubits, angles, -1, ())


def qaoa(qubits: int, layers: int, *, seed: int = 0) -> Circuit:
    """QAOA for MaxCut on a random 3-regular graph, with random angles.

    Args:
        qubits: even, at least 4; one per vertex.
        layers: of a phase separator, one rzz per edge, and a mixer, one rx per vertex.
        seed: of the graph and the angles.
    """
    if qubits < 4 or qubits % 2:
        raise InvalidCircuitError(f"a 3-regular graph must have an even number of vertices ≥ 4, but has {qubits}")
    if qubits * layers * 5 // 2 > INSTRUCTION_LIMIT:
        raise InvalidCircuitError(too_many(qubits * layers * 5 // 2))
    rng = np.random.default_rng(seed)
    edges = _three_regular_graph(qubits, rng)
    builder = CircuitBuilder(qubits)
    _all(builder, "h", range(qubits))
    for _ in range(layers):
        gamma, beta = rng.uniform(0.1, 1.4, size=2).tolist()
        for first, second in edges:
            builder.gate("rzz", first, second, angles=(gamma,))
        for qubit in range(qubits):
            builder.gate("rx", qubit, angles=(2 * beta,))
    return builder.build()


def _three_regular_graph(vertices: int, rng: np.random.Generator) -> list[tuple[int, int]]:
    """A random cycle through all vertices and a random matching that shares no edge with it."""
    cycle = rng.permutation(vertices).tolist()
    edges = {_edge(cycle[k], cycle[k - 1]) for k in range(vertices)}
    while True:
        ends = rng.permutation(vertices).tolist()
        chords = {_edge(ends[k], ends[k + 1]) for k in range(0, vertices, 2)}
        if not chords & edges:
            return sorted(edges | chords)


def _edge(a: int, b: int) -> tuple[int, int]:
    return min(a, b), max(a, b)


def clifford(qubits: int, gates: int, *, seed: int = 0) -> Circuit:
    """Random Clifford gates.

    Args:
        qubits: at least 2.
        gates: how many cx and cz, in equal shares on the average, each after a random one-qubit Clifford per operand.
        seed: of the choice.
    """
    if qubits < 2:
        raise InvalidCircuitError(f"`clifford` must have at least 2 qubits, but has {qubits}")
    if 3 * gates > INSTRUCTION_LIMIT:
        raise InvalidCircuitError(too_many(3 * gates))
    rng = np.random.default_rng(seed)
    one, two = ("h", "s", "sdg", "x", "y", "z", "sx", "sxdg"), ("cx", "cz")
    builder = CircuitBuilder(qubits)
    first = rng.integers(qubits, size=gates)
    second = (first + rng.integers(1, qubits, size=gates)) % qubits
    local, entangling = rng.integers(len(one), size=(gates, 2)).tolist(), rng.integers(2, size=gates).tolist()
    for a, b, (on_a, on_b), which in zip(first.tolist(), second.tolist(), local, entangling, strict=True):
        builder.gate(one[on_a], a)
        builder.gate(one[on_b], b)
        builder.gate(two[which], a, b)
    return builder.build()


def quantum_volume(qubits: int, *, seed: int = 0) -> Circuit:
    """As many layers as qubits, each a random pairing with a Haar-random SU(4) on each pair, as u and three cx.

    Source:
        Cross, Bishop, Sheldon, Nation, Gambetta, Phys. Rev. A 100, 032328 (2019).
    """
    if not 2 <= qubits <= VOLUME_LIMIT:
        raise InvalidCircuitError(f"`qv` must have 2 … {VOLUME_LIMIT} qubits, but has {qubits}")
    from weft.circuit.qiskit_gates import two_qubit_unitary

    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits)
    for _ in range(qubits):
        order = rng.permutation(qubits).tolist()
        for k in range(0, qubits - 1, 2):
            for code, operands, angles in two_qubit_unitary(_haar(rng)).ops(order[k : k + 2]):
                builder.append(code, operands, angles, -1, ())
    return builder.build()


def _haar(rng: np.random.Generator) -> np.typing.NDArray[np.complex128]:
    """A Haar-random unitary: Mezzadri, Notices AMS 54, 592 (2007), section 5."""
    gauss = rng.standard_normal((4, 4)) + 1j * rng.standard_normal((4, 4))
    unitary, upper = np.linalg.qr(gauss)
    diagonal = np.diagonal(upper)
    result: np.typing.NDArray[np.complex128] = unitary * (diagonal / np.abs(diagonal))
    return result


GENERATORS: dict[str, Generator] = {
    "adder": Generator(adder, "ripple-carry adder of two fixed numbers of (N − 2)/2 bits", "N"),
    "bv": Generator(bernstein_vazirani, "Bernstein and Vazirani's search for a hidden string", "N"),
    "clifford": Generator(clifford, "random Clifford gates, M of them cx or cz (seeded)", "NxM"),
    "ghz": Generator(ghz, "(|0…0⟩ + |1…1⟩)/√2", "N"),
    "grover": Generator(grover, "Grover's search for the string BITS, all ones by default", "N[xBITS]"),
    "qaoa": Generator(qaoa, "QAOA with P layers for MaxCut on a random 3-regular graph (seeded)", "NxP"),
    "qft": Generator(qft, "quantum Fourier transform without final swaps", "N"),
    "qv": Generator(quantum_volume, "quantum volume: N layers of random two-qubit unitaries (seeded)", "N"),
    "wstate": Generator(w_state, "equal superposition of all states with one 1", "N"),
}
"""The generators by name."""

_SEEDED = {"clifford", "qaoa", "qv"}
_SIZES = {
    "N": r"(\d{1,9})",
    "NxM": r"(\d{1,9})x(\d{1,9})",
    "NxP": r"(\d{1,9})x(\d{1,9})",
    "N[xBITS]": r"(\d{1,9})(?:x([01]+))?",
}


def generate(name: str, *, seed: int = 0) -> Circuit:
    """Makes the circuit that a name such as `qaoa:32x3` stands for.

    Raises:
        InvalidCircuitError: if there is no such generator, or the sizes are malformed or out of range.
    """
    family, _, sizes = name.partition(":")
    generator = GENERATORS.get(family)
    if generator is None:
        raise InvalidCircuitError(f"a generator must be one of {', '.join(GENERATORS)}, but is `{family[:40]}`")
    match = re.fullmatch(_SIZES[generator.form], sizes, re.ASCII)
    if match is None:
        raise InvalidCircuitError(
            f"`{family}` must be written `{family}:{generator.form}` with whole numbers, but is `{name[:80]}`"
        )
    values = [group if index and family == "grover" else int(group or 0) for index, group in enumerate(match.groups())]
    if not 1 <= int(values[0] or 0) <= QUBIT_LIMIT or (family != "grover" and 0 in values):
        raise InvalidCircuitError(
            f"the sizes of a generator must be at least 1 and its qubits at most {QUBIT_LIMIT:,}, but are `{sizes}`"
        )
    options = {"seed": seed} if family in _SEEDED else {}
    return generator.function(*values, **options).renamed(name)
