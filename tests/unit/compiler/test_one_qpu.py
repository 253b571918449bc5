"""On a single QPU a program is the circuit itself."""

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.circuit.gates import CODES, GATES
from weft.compiler import compile_circuit
from weft.errors import DoesNotFitError
from weft.program import Op
from weft.simulator.exact_outcomes import exact_outcomes


def everything(seed, qubits=4):
    """Every gate there is, some under conditions, with measurements and resets on the way."""
    rng = np.random.default_rng(seed)
    builder = CircuitBuilder(qubits)
    bits = builder.add_register("c", 3).bits
    for code in rng.permutation(len(GATES)).tolist():
        gate = GATES[code]
        operands = rng.permutation(qubits)[: gate.qubits].tolist()
        angles = rng.uniform(0.1, 3, gate.angles).tolist()
        condition = [(bits[0], 1), (bits[1], 0)] if rng.random() < 0.2 else []
        builder.append(code, operands, angles, -1, condition)
        if rng.random() < 0.1:
            builder.measure(int(rng.integers(qubits)), bits[int(rng.integers(2))])
        if rng.random() < 0.05:
            builder.reset(int(rng.integers(qubits)))
    builder.measure(0, bits[2])
    return builder.build()


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_instruction_is_kept_and_a_swap_is_three_cx(seed):
    circuit = everything(seed)
    compilation = compile_circuit(circuit, weft.load_network("all:1x6"))  # verified
    program = compilation.program
    assert (compilation.nonlocal_gates, program.ebits, compilation.lower_bound_ebits) == (0, 0, 0)
    kinds = program.kinds[program.opcodes == Op.GATE]
    assert CODES["swap"] not in kinds
    assert len(program) == len(circuit) + 2
    assert program.qubit_names == tuple(f"A.d{number}" for number in range(4))


@pytest.mark.parametrize("seed", range(3))
def test_it_gives_what_the_circuit_gives(seed):
    """The total variation distance of 20,000 shots is below 0.025; 2⁸ exp(−2 · 20,000 · 0.025²): by chance not once in 10⁸."""
    circuit = everything(seed, qubits=3)
    exact = exact_outcomes(circuit)
    truth = {"".join(map(str, bits[::-1])): p for bits, p in zip(exact.bits.tolist(), exact.probabilities, strict=True)}
    found = weft.run(circuit, weft.Network("perfect", (weft.QPU("A", 3),), ()), shots=20_000, seed=seed)
    assert set(found.counts) <= set(truth)
    assert sum(abs(found.counts.get(key, 0) / 20_000 - p) for key, p in truth.items()) / 2 < 0.025


def test_swaps_on_a_coupling_map_are_routed():
    network = weft.Network("line", (weft.QPU("A", 4, coupling=((0, 1), (1, 2), (2, 3))),), ())
    assert compile_circuit(everything(1), network).local_swaps > 0


def test_a_circuit_without_gates_and_one_that_is_too_large():
    network = weft.load_network("all:1x2")
    assert len(compile_circuit(CircuitBuilder(2).build(), network).program) == 2
    with pytest.raises(DoesNotFitError, match="has 3 qubits and network `all:1x2` has 2 data qubits"):
        compile_circuit(weft.load_circuit("ghz:3"), network)
