"""Programs whose pairs are dressed, or replaced by products, run the same on all backends, with all noise."""

import numpy as np
import pytest
from kraus_interpreter import Interpreter
from noisy_cases import CLIFFORD, GENERAL, PAULI_NOISE, RELAXATION, compiled, exact, pair_of_qpus, static_circuit
from test_backends_agree import disagreements

from weft.network import BellPair
from weft.protocols.cutting.dressed_programs import dressed_program, pair_rows
from weft.protocols.cutting.pairs import assisted_pair
from weft.scheduler import schedule
from weft.simulator.backend import STAGES, is_static
from weft.simulator.noise import CAUSES, noise_of
from weft.simulator.stabilizer import Stabilizer
from weft.simulator.statevector import StateVector

BIASED = BellPair.bell_diagonal([0.9, 0.06, 0.03, 0.01])
TERMS = assisted_pair(BIASED).terms
COMPARISONS = 2 * STAGES * 4


def dressed(seed, names, hardware):
    network = pair_of_qpus((2, 1), communication=1, pair=BIASED, hardware=hardware, attempt_s=0.01, success=0.2)
    program = compiled(static_circuit(seed, 3, 5, names), network)
    rng = np.random.default_rng(seed)
    terms = [TERMS[place] for place in rng.integers(len(TERMS), size=len(pair_rows(program)))]
    made = dressed_program(program, terms)
    assert sum(not term.real for term in terms) > 0
    assert made.ebits == sum(term.real for term in terms)
    return made


@pytest.mark.parametrize("names", [CLIFFORD, GENERAL], ids=["clifford", "general"])
def test_density_matrices_are_those_of_kraus_operators(names):
    program = dressed(1, names, RELAXATION)
    assert not is_static(program)
    timelines = schedule(program, 1, 1)
    _, tables, bits = exact(program, timelines)
    for stage in (0, STAGES - 1):
        player = Interpreter(program, timelines, 0, CAUSES[:stage])
        player.run()
        wanted = np.zeros(tables[stage].shape[1])
        for values, probability in player.distribution().items():
            wanted[int("".join(str(values[bit]) for bit in bits), 2)] += probability
        np.testing.assert_allclose(tables[stage][0], wanted, atol=1e-12)


@pytest.mark.parametrize(
    ("names", "backend"),
    [(CLIFFORD, StateVector()), (CLIFFORD, Stabilizer()), (GENERAL, StateVector())],
    ids=["clifford-statevector", "clifford-stabilizer", "general-statevector"],
)
def test_backends_that_sample_agree_with_density_matrices(names, backend):
    """False alarm below 1e-7 for all cases together; see `test_backends_agree`."""
    program = dressed(2, names, PAULI_NOISE)
    assert backend.refusal(program) is None
    noise = noise_of(program)
    assert not list(disagreements(program, backend, noise, noise, 2, COMPARISONS))
