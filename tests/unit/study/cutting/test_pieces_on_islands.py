"""On an island of several QPUs a piece is compiled once, and its slots are filled in the program."""

import numpy as np
import pytest

from unit.protocols.cutting.cut_cases import random_circuit, random_plan
from weft.errors import DoesNotFitError, InvalidValueError
from weft.network import QPU, ClassicalLink, Link, Network
from weft.simulator.density import outcomes_with_pairs_only
from weft.simulator.exact_outcomes import exact_outcomes
from weft.study.cutting.experiment import Experiment
from weft.study.cutting.machine import Machine
from weft.study.cutting.plan_cuts import plan_cuts

ISLANDS = Network(
    "two islands",
    tuple(QPU(name, 2) for name in "ABCD"),
    (Link("A", "B", attempt_s=1e-3), Link("C", "D", attempt_s=1e-3)),
    classical_links=(ClassicalLink("B", "C", 0.0, real_time=True),),
)


def distribution(bits, weights, count):
    found = {}
    for row, weight in zip(bits[:, :count].tolist(), weights.tolist(), strict=True):
        found[tuple(row)] = found.get(tuple(row), 0.0) + weight
    return {key: value for key, value in found.items() if value > 1e-12}


@pytest.mark.parametrize("joint", [False, True])
def test_a_filled_program_gives_what_the_filled_circuit_gives(joint):
    """Exactly, for every way to fill the slots of random circuits, gates and wires cut; with and without joint cuts."""
    rng = np.random.default_rng(3)
    machine, seen, pairs = Machine(ISLANDS, effort="fast"), 0, 0
    while seen < 150:
        circuit = random_circuit(rng, 5, 6, classical=0.0).measured()
        plan = random_plan(rng, circuit, 2, change=0.15)
        if not 1 <= len(plan.gate_cuts) + len(plan.wire_cuts(circuit)) <= 2:
            continue
        try:
            cutting = plan_cuts(circuit, ISLANDS, measured=True, plan=plan, joint=joint)
        except (DoesNotFitError, InvalidValueError):
            continue
        for run in Experiment(cutting).runs:
            job = run[0].job(10, 1)
            program = machine.program_of(job)
            found = outcomes_with_pairs_only(program, machine.policy)
            exact = exact_outcomes(job.circuit)
            columns = np.arange(found.table.shape[1])
            given = distribution(found.rows(columns, program.num_clbits), found.table[0], program.num_clbits)
            assert given == pytest.approx(
                distribution(exact.bits, exact.probabilities, job.circuit.num_clbits), abs=1e-9
            )
            seen, pairs = seen + 1, pairs + program.ebits
    assert pairs > 20
