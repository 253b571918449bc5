"""Any circuit on any network that has room: the program computes it, and nothing else comes out than a Weft error."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.program.interpreters import agrees
from unit.program.random_cases import dynamic_circuit, network_of, random_circuit
from weft.compiler import compile_circuit
from weft.compiler.anneal import Annealing, Refiner
from weft.errors import DoesNotFitError
from weft.program import Program
from weft.program.verify import verify

limits = st.one_of(st.none(), st.integers(0, 3))


@settings(max_examples=120, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    qubits=st.integers(1, 7),
    size=st.integers(0, 20),
    dynamic=st.booleans(),
    kind=st.sampled_from(["all", "line", "ring", "star", "grid"]),
    qpus=st.lists(st.tuples(st.integers(0, 4), limits), min_size=1, max_size=5),
    refiner=st.sampled_from([None, Annealing(1e5), Annealing(2e6), Annealing(2e6, active=1)]),
)
def test_compile_or_refuse(
    seed: int,
    qubits: int,
    size: int,
    dynamic: bool,
    kind: str,
    qpus: list[tuple[int, int | None]],
    refiner: Refiner | None,
) -> None:
    rng = np.random.default_rng(seed)
    circuit = (dynamic_circuit if dynamic else random_circuit)(rng, qubits, size)
    network = network_of(kind, [data for data, _ in qpus], [communication for _, communication in qpus])
    try:
        compilation = compile_circuit(circuit, network, seed=seed, effort="fast", refiner=refiner)
    except DoesNotFitError:
        plenty = all(communication is None or communication >= 2 for _, communication in qpus)
        assert not plenty or network.data_qubits < qubits
        return
    program = compilation.program
    assert agrees(program, compilation.circuit, seed)
    assert verify(program, compilation.circuit).passed
    assert Program.from_bytes(program.to_bytes()) == program
    assert compile_circuit(circuit, network, seed=seed, effort="fast", refiner=refiner).program.id == program.id
    assert (program.ebits == 0) == (compilation.nonlocal_gates == 0)
    for qpu in network.qpus:
        peak = program.peak_communication_qubits[qpu.name]
        assert qpu.communication_qubits is None or peak <= qpu.communication_qubits
