"""The names that users may rely on, and what importing them costs."""

import subprocess
import sys

import pytest

import weft


def test_every_public_name_exists() -> None:
    for name in weft.__all__:
        assert getattr(weft, name) is not None


def test_the_public_names_are_these() -> None:
    assert sorted(weft.__all__) == [
        "BellPair", "Circuit", "CircuitBuilder", "ClassicalLink", "Distillation", "Link", "Network", "Policy", "Program",
        "ProgramBuilder", "QPU", "Result", "WeftError", "__version__", "compare", "compile", "cut", "gate_fidelity", "inspect",
        "load_circuit", "load_network", "run", "schedule", "simulate", "study", "where_to_cut",
    ]  # fmt: skip


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="entangle_the_moon"):
        _ = weft.entangle_the_moon


def test_importing_weft_loads_nothing_heavy() -> None:
    """The promise of a quick import, without a clock: none of the slow libraries is there afterwards."""
    code = "import sys, weft; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = set(
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    )
    assert not loaded & {"numpy", "numba", "qiskit", "matplotlib", "scipy", "stim", "pydantic", "yaml", "rich"}


def test_the_way_through_in_python() -> None:
    circuit = weft.load_circuit("ghz:4")
    network = weft.load_network("line:2x2")
    program = weft.compile(circuit, network, seed=1)
    result = weft.simulate(program, shots=300, seed=1)
    assert result.shots == sum(result.counts.values()) == 300
    assert result.ebits == program.ebits == 1
    assert weft.run(circuit, network, shots=300, seed=1).counts == result.counts
    more = result + weft.simulate(program, shots=200, seed=2)
    assert more.shots == 500
