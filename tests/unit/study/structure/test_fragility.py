"""What spoilt pairs cost: by hand, predicted in two ways, and simulated on three backends."""

import numpy as np
import pytest

from weft import compile as compile_for
from weft.circuit import CircuitBuilder, load_circuit
from weft.program import Op
from weft.program.whereabouts import find_whereabouts
from weft.simulator import choose_backend, simulate
from weft.simulator.dense.tracing_out import trace_out
from weft.study.structure import injection, prediction
from weft.study.structure.fragility import Fragility, fragility_of
from weft.study.structure.injection import INFIDELITY, Injections
from weft.study.structure.moments import moments_of
from weft.study.structure.places import _logical_gates, _numbered, places_of_pairs
from weft.study.structure.prediction import predicted_losses

CASES = [
    ("ghz:6", "line:3x2"),
    ("bv:9", "all:3x3"),
    ("qft:6", "all:2x3"),
    ("qft:9", "line:3x3"),
    ("wstate:8", "all:4x2"),
    ("qaoa:8x2", "grid:2x2x2"),
    ("grover:4", "line:2x2"),
    ("qv:6", "all:2x3"),
    ("clifford:9x60", "ring:3x3+3"),
    ("clifford:12x100", "all:3x4"),
]


def fragility(name: str, network: str) -> Fragility:
    circuit = load_circuit(name, seed=1)
    found = fragility_of(compile_for(circuit, network, seed=1, effort="fast"), moments_of(circuit), 1)
    assert isinstance(found, Fragility)
    return found


@pytest.mark.parametrize(("name", "network"), CASES)
def test_simulation_agrees_with_prediction(name: str, network: str) -> None:
    """By Hoeffding, a mean of n losses in [0, 1] is off by more than t with probability 2 e^(−2nt²): with t² = 9/n it is 3·10⁻⁸ for
    each of fewer than 200 pairs, and the seed is fixed."""
    found = fragility(name, network)
    assert found.compared == min(len(found.pairs), 100)
    for pair in found.pairs:
        if pair.simulated is None:
            continue
        assert pair.predicted is not None
        assert abs(pair.simulated - pair.predicted) * INFIDELITY <= 3 / np.sqrt(found.shots)
        assert 0 <= pair.predicted <= 1 + 1e-6


@pytest.mark.parametrize(("name", "network"), [("ghz:4", "line:2x2"), ("qft:4", "line:2x2"), ("qaoa:4x1", "all:2x2")])
def test_the_exact_backend_agrees_exactly(name: str, network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(injection, "choose_backend", lambda program: choose_backend(program, "density"))
    found = fragility(name, network)
    assert found.shots == 1
    for pair in found.pairs:
        assert pair.predicted == pytest.approx(pair.simulated, abs=1e-5)
        assert pair.stderr == 0


@pytest.mark.parametrize(
    ("name", "network"), [("clifford:8x40", "line:2x4"), ("ghz:6", "line:3x2"), ("bv:8", "all:2x4")]
)
def test_two_ways_to_predict_agree(name: str, network: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauli frames through the whole program, and state vectors of the circuit on data qubits."""
    injections = Injections(compile_for(name, network, seed=1, effort="fast"), 0)
    assert trace_out(injections.program, 20) is not None
    frames = predicted_losses(injections.program, injections.pair_rows)
    monkeypatch.setattr(prediction, "is_clifford_program", lambda _: False)
    vectors = predicted_losses(injections.program, injections.pair_rows)
    assert np.allclose(frames, vectors, atol=1e-5)


def test_a_remote_gate_by_hand() -> None:
    """cp(π/2) between |+⟩ and |0⟩. Z on the copy is Z on the qubit: it costs 1 − ⟨Z⟩². X lets the gate see the other value: on
    |+⟩ nothing comes of it, on |0⟩ the other qubit is turned by π/2, which costs 1 − |(1 + i)/2|² = 1/2."""
    builder = CircuitBuilder(2)
    builder.gate("h", 1)
    builder.gate("cp", 0, 1, angles=(np.pi / 2,))
    circuit = builder.build()
    found = fragility_of(compile_for(circuit, "line:2x1", seed=1), moments_of(circuit), 1)
    assert isinstance(found, Fragility)
    [pair] = found.pairs
    expected = {1: (0.0, 1.0, 1.0), 0: (0.5, 0.5, 0.0)}[pair.qubit if pair.qubit is not None else -1]
    assert pair.by_pauli == pytest.approx(expected, abs=1e-6)
    assert pair.moment == 0


def test_fragilities_add_up_to_the_loss_of_a_whole_program() -> None:
    """To first order: with pairs of infidelity 10⁻³ on otherwise perfect devices, the exact loss is Σ fragility · 10⁻³."""
    from dataclasses import replace

    from weft.network import BellPair

    circuit = load_circuit("qft:4")
    program = compile_for(circuit, "line:2x2", seed=1)
    quiet = injection.perfect(program.network)
    links = tuple(replace(link, pair=BellPair.werner(0.999)) for link in quiet.links)
    noisy = replace(program, network=replace(quiet, links=links))
    lost = 1 - (simulate(noisy, shots=1, seed=1, backend="density").fidelity.value or 0)
    found = fragility_of(program, moments_of(circuit), 1)
    assert isinstance(found, Fragility)
    assert lost == pytest.approx(1e-3 * sum(pair.predicted or 0 for pair in found.pairs), rel=2e-3)


def test_places_of_noise_change_nothing() -> None:
    program = compile_for("qft:4", "line:2x2", seed=1)
    injected = Injections(program, 0).program
    assert len(injected) == len(program) + 2 * program.ebits
    assert injected.ebits == program.ebits
    for row in np.flatnonzero(injected.opcodes == Op.ENTANGLE).tolist():
        assert injected.qubits[row + 1].tolist() == injected.qubits[row + 2].tolist() == [injected.qubits[row, 1], -1]
    assert simulate(injected, shots=20, seed=1).fidelity.value == pytest.approx(1, abs=1e-6)
    kept = np.delete(np.arange(len(injected)), np.flatnonzero(injected.opcodes == Op.ENTANGLE)[:, None] + [1, 2])
    assert [injected.reads(row) for row in kept.tolist()] == [program.reads(row) for row in range(len(program))]


@pytest.mark.parametrize(("name", "network"), CASES)
def test_programs_do_the_gates_of_their_circuit_in_its_order(name: str, network: str) -> None:
    circuit = load_circuit(name, seed=1)
    program = compile_for(circuit, network, seed=1, effort="fast")
    done = _logical_gates(find_whereabouts(program, circuit.num_qubits))
    gates = circuit.qubits[circuit.qubits[:, 1] >= 0].tolist()
    assert _numbered(done[:, 1:].tolist(), gates) is not None


def test_a_pair_is_used_after_the_moment_before_its_first_gate() -> None:
    circuit = load_circuit("ghz:6")
    program = compile_for(circuit, "line:3x2", seed=1)
    qubits, at = places_of_pairs(program, moments_of(circuit))
    assert at.tolist() == [1, 3]
    assert qubits.tolist() == [1, 3]


def test_what_has_no_fragility_says_why() -> None:
    alone = load_circuit("ghz:3")
    assert "nothing is split" in str(fragility_of(compile_for(alone, "line:2x3"), moments_of(alone), 0))


def test_a_circuit_too_large_for_state_vectors_is_simulated_where_it_can_be() -> None:
    found = fragility("wstate:24", "line:2x12")
    assert found.backend == "statevector"
    assert [pair.predicted for pair in found.pairs] == [None] * len(found.pairs)
    assert found.mean is not None
    assert found.agrees is None
    assert found.note == f"predicted for 0 of {len(found.pairs)} pairs"


def test_if_time_is_short_some_pairs_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prediction, "_MOST_AMPLITUDES", 1e4)
    found = fragility("qv:6", "all:2x3")
    known = [pair for pair in found.pairs if pair.predicted is not None]
    assert 0 < len(known) < len(found.pairs)
    assert found.compared == len(known)
    assert "predicted for" in found.note
    assert "simulated for" in found.note
