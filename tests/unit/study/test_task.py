"""A task's identity: the same while the answer must be the same, another as soon as it may differ."""

import dataclasses
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import weft
from weft.compiler import OBJECTIVES
from weft.errors import EngineError, InvalidValueError
from weft.scheduler import Distillation, Policy
from weft.study import Task
from weft.study.outcome import measure

GHZ = weft.load_circuit("ghz:4")
LINE = weft.load_network("line:2x2")
TASK = Task(GHZ, LINE)

ingredients = st.fixed_dictionaries(
    {},
    optional={
        "circuit": st.sampled_from([GHZ, weft.load_circuit("qft:4")]),
        "network": st.sampled_from([LINE, weft.load_network("line:2x2", parameters={"qpus.B.t2_s": 0.5})]),
        "effort": st.sampled_from(["fast", "default"]),
        "objective": st.sampled_from(["pairs", "duration"]),
        "approximation": st.sampled_from([0.0, 0.01]),
        "compile_seed": st.integers(0, 2),
        "policy": st.sampled_from(
            [Policy(), Policy("prefetch"), Policy(cutoff_s=1.0), Policy(distillation=Distillation())]
        ),
        "backend": st.sampled_from(["auto", "estimate"]),
        "shots": st.integers(1000, 1001),
        "seed": st.integers(0, 2),
        "counts": st.booleans(),
        "version": st.sampled_from([TASK.version, "another"]),
    },
)


@given(ingredients, ingredients)
def test_the_identity_changes_exactly_when_an_ingredient_does(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = dataclasses.replace(TASK, **one), dataclasses.replace(TASK, **other)
    names = [field.name for field in dataclasses.fields(Task) if field.name != "parameters"]
    same = all(getattr(first, name) == getattr(second, name) for name in names)
    assert (first.id == second.id) == (first == second) == same


def test_what_is_for_people_is_no_part_of_the_identity() -> None:
    renamed = dataclasses.replace(LINE, name="another", description="of the same numbers")
    assert dataclasses.replace(TASK, network=renamed, parameters={"n": 4}).id == TASK.id
    assert dataclasses.replace(TASK, policy=Policy(cutoff_s=1)) == dataclasses.replace(
        TASK, policy=Policy(cutoff_s=1.0)
    )


def test_a_task_travels() -> None:
    there = pickle.loads(pickle.dumps(TASK))
    assert there == TASK
    assert dataclasses.replace(there, parameters={}).id == TASK.id


def test_a_task_gives_what_the_two_words_give() -> None:
    task = Task(weft.load_circuit("qft:4"), LINE, objective="duration", compile_seed=3, seed=5, shots=300, counts=True)
    program = weft.compile("qft:4", "line:2x2", seed=3, objective=OBJECTIVES["duration"])
    expected, found = weft.simulate(program, shots=300, seed=5), measure(task)
    assert (found.fidelity, found.fidelity_stderr) == (expected.fidelity.value, expected.fidelity.stderr)
    assert (found.makespan_s, found.makespan_p95_s) == (expected.makespan.mean, expected.makespan.p95)
    assert found.counts == expected.counts
    assert found.error_budget == expected.error_budget
    assert found.ebits == expected.ebits


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"effort": "fsat"}, "did you mean `fast`"),
        ({"objective": "cost"}, "`objective` must be one of pairs, duration, infidelity"),
        ({"backend": "statevec"}, "did you mean `statevector`"),
        ({"shots": 0}, "`shots` must be a whole number in 1"),
        ({"shots": True}, "`shots` must be a whole number"),
        ({"seed": -1}, "`seed` must be a whole number in 0"),
        ({"seed": 1.5}, "but is 1.5"),
        ({"approximation": "much"}, "`approximation` must be"),
        ({"policy": "prefetch"}, "`policy` must be a Policy"),
    ],
)
def test_impossible_ingredients_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidValueError, match=words):
        dataclasses.replace(TASK, **given)


def test_a_task_of_another_version_is_not_run() -> None:
    with pytest.raises(EngineError, match="must have the same Weft"):
        measure(dataclasses.replace(TASK, version="0.0.0"))


def test_what_goes_wrong_is_in_the_outcome() -> None:
    found = measure(dataclasses.replace(TASK, circuit=weft.load_circuit("ghz:5")))
    assert found.failed
    assert found.fidelity is None
    assert str(found.error).startswith("DoesNotFitError: the circuit must fit")
