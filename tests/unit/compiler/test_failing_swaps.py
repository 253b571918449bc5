"""Relays whose swaps may fail: compiled into blocks that run again."""

import dataclasses

import pytest

import weft
from unit.program.retry_cases import chain_network
from weft.circuit import load_circuit
from weft.compiler import compile_circuit
from weft.network import QPU, Network

_END = {"data_qubits": 4, "coupling": ((0, 1), (1, 2), (2, 3)), "two_qubit_gate_error": 1e-3}


def repeaters(links: int, odds: float, **end: object) -> Network:
    """A chain whose ends hold data and whose repeaters' swaps succeed with `odds`."""
    network = chain_network(links, p=0.5, attempt_s=1e-5, latency_s=1e-6)
    ends = {0, links}
    qpus = tuple(
        QPU(qpu.name, communication_qubits=4, **({"data_qubits": 4} | end))
        if place in ends
        else dataclasses.replace(qpu, swap_success_probability=odds)
        for place, qpu in enumerate(network.qpus)
    )
    return dataclasses.replace(network, qpus=qpus)


@pytest.mark.parametrize("links", [2, 3, 4, 5])
def test_every_long_pair_is_a_block_and_the_program_verifies(links: int) -> None:
    compiled = compile_circuit(load_circuit("qft:6"), repeaters(links, 0.5))
    retries = compiled.program.retries
    assert compiled.verification.passed
    assert len(retries) == compiled.program.ebits // links * (links - 1)
    assert all(retry.odds == 0.5 and not retry.bits for retry in retries)


def test_blocks_stay_in_one_piece_where_qubits_are_routed_within_qpus() -> None:
    compiled = compile_circuit(load_circuit("qft:6"), repeaters(4, 0.5, **_END))
    assert compiled.local_swaps > 0
    assert len(compiled.program.retries) == compiled.program.ebits // 4 * 3


def test_swaps_that_always_succeed_leave_the_program_as_it_was() -> None:
    never_fail = compile_circuit(load_circuit("qft:6"), repeaters(3, 1.0)).program
    assert not never_fail.retries


def test_failing_swaps_cost_time_and_pairs_but_no_fidelity_without_decay() -> None:
    """Two links with swaps of one half: 2 runs and as many pairs of each link; all backends agree."""
    circuit = weft.load_circuit("ghz:5")
    results = {
        backend: weft.run(circuit, repeaters(2, 0.5), shots=300, seed=1, backend=backend)
        for backend in ("density", "stabilizer", "statevector")
    }
    sure = weft.run(circuit, repeaters(2, 1.0), shots=300, seed=1)
    for result in results.values():
        assert result.fidelity.value == pytest.approx(1.0)
        assert result.makespan.mean > 1.6 * sure.makespan.mean
        assert result.supply.used.sum() == pytest.approx(2 * sure.supply.used.sum(), rel=0.25)
