"""The fast engine and the ordinary simulator, given the same checks and the same noise, find the same numbers.

The engine samples faults that it pulled back; the simulator plays a Program, with restarts, and asks for stabilizers of what comes
out. A program prepares |+⟩ by a gate and the engine at once, so one-qubit gates are perfect where numbers are sharp. On three
qubits all 63 stabilizers are asked, and errors are those of counting: 6 standard errors, false alarms of 2·10⁻⁹. On twenty, 32 are
drawn, and their spread is that of Student's t with 31 degrees of freedom: 8 standard errors, false alarms of 5·10⁻⁹. There are 28
comparisons, so that all together are below 10⁻⁶. `benchmarks/clinr_engines.py` prints how many standard errors they are apart.
"""

import itertools
import math

import numpy as np
import pytest

import weft
from unit.protocols.clinr.clinr_cases import choi_generators
from weft.protocols.clinr import (
    Noise,
    Probe,
    Ring,
    Scheme,
    Verification,
    VerifiedCircuit,
    choose_checks,
    clinr_program,
    compare,
    cut,
    direct_program,
    logical_error,
    part_runs,
    random_clifford_circuit,
    ring_machine,
    with_reference,
)
from weft.protocols.clinr.blocks import make_blocks

ENGINE_SHOTS = 200_000


def deviation(share: float, trials: int) -> float:
    return math.sqrt(share * (1 - share) / trials)


def all_probes(circuit) -> list[Probe]:
    """Every stabilizer of the circuit with its reference but the identity."""
    generators, probes = choi_generators(circuit), []
    for chosen in itertools.product((False, True), repeat=len(generators)):
        if any(chosen):
            product = math.prod(itertools.compress(generators, chosen), start=generators[0] * generators[0])
            probes.append(Probe(np.array(list(product), dtype=np.uint8), product.sign == -1))
    return probes


def some_probes(circuit, count: int) -> list[Probe]:
    chosen = choose_checks(circuit, count, seed=9)
    return [Probe(pauli, sign) for pauli, sign in zip(chosen.paulis, chosen.signs.tolist(), strict=True)]


def simulated(program_of, circuit, noise, probes: list[Probe], shots: int):
    """Logical error, its standard error by counting and from the spread of probes, and the parts' runs under each probe."""
    programs = [program_of(probe) for probe in probes]
    results = [weft.simulate(each, shots=shots, seed=seed, backend="stabilizer") for seed, each in enumerate(programs)]
    lost = np.array([(1 - 2 * noise.measurement) ** probe.readings for probe in probes])
    wrong = [result.counts.get("1", 0) for result in results]
    runs = [part_runs(each, result.supply.block_runs, shots) for each, result in zip(programs, results, strict=True)]
    error, spread = logical_error(wrong, shots, circuit.num_qubits, lost)
    counting = 2 * np.array([deviation(count / shots, shots) for count in wrong]) / lost
    return error, float(np.linalg.norm(counting)) / len(probes), spread, runs


def engine(circuit, scheme: Scheme, noise: Noise, qpus: int):
    comparison = compare(circuit, noise, scheme, Ring(qpus=max(qpus, 2)), shots=ENGINE_SHOTS, seed=3)
    return (comparison.one_qpu if qpus == 1 else comparison.distributed)[-1]


def programs(circuit, scheme: Scheme, noise: Noise, qpus: int):
    """The program for a probe, with just the checks that the engine has measured."""
    parts = [
        VerifiedCircuit(part, block.checks)
        for part, block in zip(cut(circuit, scheme.blocks), make_blocks(circuit, scheme, seed=3), strict=True)
    ]
    machine = ring_machine(qpus, circuit.num_qubits, noise, ancillas=scheme.verification.ancillas)
    network = with_reference(machine, circuit.num_qubits)
    return lambda probe: clinr_program(
        parts, network, verification=scheme.verification, injection="any_order", boundary=probe
    )


def check_acceptance(measures, runs, sigmas: float) -> None:
    for number, acceptance in enumerate(measures.acceptance):
        accepted, prepared = (sum(run[number][place] for run in runs) for place in (0, 1))
        errors = deviation(accepted / prepared, prepared), deviation(acceptance.value, ENGINE_SHOTS)
        assert abs(accepted / prepared - acceptance.value) < sigmas * math.hypot(*errors)


def check_error(measures, error: float, spread: float, sigmas: float) -> None:
    known = measures.logical_error.value
    sampled = int(measures.residual_weights.sum())
    assert abs(error - known) < sigmas * math.hypot(spread, deviation(known, sampled))


@pytest.mark.parametrize(
    ("qpus", "strategy", "verification"),
    [
        (1, "uniform", Verification()),
        (3, "uniform", Verification()),
        (3, "generators", Verification("interleaved", 2)),
        (1, "uniform", Verification("cat", 2)),
    ],
)
def test_both_find_the_same_acceptance_and_logical_error(qpus: int, strategy, verification: Verification) -> None:
    noise = Noise.uniform(5e-3, one_qubit=0.0, pair=0.03, preparation=0.01)
    circuit = random_clifford_circuit(3, 30, seed=7)
    scheme = Scheme(blocks=3, checks=2, strategy=strategy, verification=verification)
    program_of = programs(circuit, scheme, noise, qpus)
    error, spread, _, runs = simulated(program_of, circuit, noise, all_probes(circuit), 500)
    measures = engine(circuit, scheme, noise, qpus)
    check_acceptance(measures, runs, 6)
    check_error(measures, error, spread, 6)
    assert spread < 0.01


@pytest.mark.slow
@pytest.mark.parametrize("qpus", [1, 4])
def test_both_find_the_same_for_twenty_qubits(qpus: int) -> None:
    """Noise of one-qubit gates included: the gate that makes |+⟩ shifts acceptance by 2·10⁻⁴, a tenth of a standard error."""
    circuit, scheme, noise = random_clifford_circuit(20, 400, seed=1), Scheme(), Noise.uniform(1e-3)
    program_of = programs(circuit, scheme, noise, qpus)
    error, _, spread, runs = simulated(program_of, circuit, noise, some_probes(circuit, 32), 500)
    measures = engine(circuit, scheme, noise, qpus)
    check_acceptance(measures, runs, 8)
    check_error(measures, error, spread, 8)
    assert spread < 0.02


def test_both_find_the_same_for_the_direct_circuit() -> None:
    circuit, noise = random_clifford_circuit(3, 30, seed=7), Noise.uniform(5e-3)
    network = with_reference(ring_machine(1, 3, noise), 3)
    error, spread, *_ = simulated(
        lambda probe: direct_program(circuit, network, boundary=probe), circuit, noise, all_probes(circuit), 500
    )
    check_error(compare(circuit, noise, Scheme(1, 0), shots=ENGINE_SHOTS, seed=3).direct, error, spread, 6)
