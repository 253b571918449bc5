"""Dephasing, decoupling, errors of gates, crosstalk and jitter as fields of devices: what is refused, and what survives writing."""

import json
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.program.random_cases import network_of
from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.errors import InvalidNetworkError
from weft.network import QPU, Link, Network, dump_network, keys_of, load_network
from weft.network.yaml_file import parse_network
from weft.program import Program

GAUSSIAN = {"dephasing": "gaussian", "t2_s": 1.0}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"dephasing": "lorentzian"}, "`dephasing` must be exponential or gaussian, but is the text"),
        ({"dephasing": 1}, "`dephasing` must be exponential or gaussian, but is 1"),
        (
            {"t2_s": 1, "decoupling_interval_s": 0.1},
            r"gaussian \(echoes do not slow exponential dephasing\), but is 0.1",
        ),
        ({"dephasing": "gaussian", "decoupling_interval_s": 0.1}, "is finite .there is nothing to undo"),
        (GAUSSIAN | {"decoupling_interval_s": 0}, "`decoupling_interval_s` must be positive, but is 0"),
        (GAUSSIAN | {"decoupling_interval_s": math.nan}, "`decoupling_interval_s` must be positive"),
        (GAUSSIAN | {"decoupling_interval_s": 1.0}, "must be shorter than every finite T2, here 1 s, but is 1.0"),
        (
            GAUSSIAN | {"decoupling_interval_s": 0.2, "communication_t2_s": 0.1},
            "must be shorter than every finite T2, here 0.1 s",
        ),
        (
            GAUSSIAN | {"decoupling_interval_s": 0.01, "one_qubit_gate_s": 0.02},
            "must be at least `one_qubit_gate_s` = 0.02",
        ),
        (
            GAUSSIAN | {"decoupling_interval_s": 0.01, "one_qubit_gate_error": 0.5},
            "`one_qubit_gate_error` must be below 0.5",
        ),
        ({"one_qubit_pauli_errors": {"ZZ": 0.1}}, r"must name Paulis \(XYZ, .*but is the text \"ZZ\""),
        ({"one_qubit_pauli_errors": {"I": 0.1}}, "must name Paulis"),
        ({"two_qubit_pauli_errors": {"II": 0.1}}, r"must name Paulis \(two of IXYZ but not II"),
        ({"two_qubit_pauli_errors": {"xz": 0.1}}, "must name Paulis"),
        ({"two_qubit_pauli_errors": {1: 0.1}}, "must name Paulis"),
        ({"two_qubit_pauli_errors": {"XZ": -0.1}}, "must hold probabilities ≥ 0 that sum to at most 1, but is -0.1"),
        ({"two_qubit_pauli_errors": {"XZ": 0.6, "ZZ": 0.5}}, "sum to at most 1, but is 0.6, 0.5"),
        ({"two_qubit_pauli_errors": {"XZ": math.nan}}, "must hold probabilities"),
        ({"two_qubit_pauli_errors": {"XZ": "much"}}, "must be a number, but is the text"),
        ({"two_qubit_pauli_errors": 0.1}, "must be a mapping of Paulis, but is 0.1"),
        ({"one_qubit_gate_damping": 1.1}, r"`one_qubit_gate_damping` must lie in \[0.0, 1.0\], but is 1.1"),
        ({"two_qubit_gate_damping": -0.1}, "`two_qubit_gate_damping` must lie"),
        ({"one_qubit_over_rotation": 1.5}, r"`one_qubit_over_rotation` must lie in \[-1.0, 1.0\]"),
        ({"two_qubit_over_rotation": math.nan}, "`two_qubit_over_rotation` must lie"),
    ],
)
def test_impossible_noise_of_a_qpu_is_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        QPU(**({"name": "A", "data_qubits": 2} | values))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"crosstalk_flip_probability": 0.6}, r"`crosstalk_flip_probability` must lie in \[0.0, 0.5\]"),
        ({"crosstalk_flip_probability": 0.1, "attempt_s": 0}, "`attempt_s` must be positive where"),
        ({"timing_jitter_s": -1}, "`timing_jitter_s` must be finite and ≥ 0, but is -1"),
        ({"timing_jitter_s": math.inf, "photon_lifetime_s": 1}, "`timing_jitter_s` must be finite"),
        ({"timing_jitter_s": 1e-9}, "`photon_lifetime_s` must be given where `timing_jitter_s` is, but is missing"),
        ({"photon_lifetime_s": 0}, "`photon_lifetime_s` must be positive and finite, but is 0"),
        ({"photon_lifetime_s": math.inf}, "`photon_lifetime_s` must be positive and finite"),
    ],
)
def test_impossible_side_effects_of_a_link_are_refused(values: dict[str, object], text: str) -> None:
    with pytest.raises(InvalidNetworkError, match=text):
        Link(**({"a": "A", "b": "B", "attempt_s": 1.0} | values))


def test_t1_limits_t2_only_where_dephasing_is_exponential() -> None:
    assert QPU("A", 1, t1_s=1, t2_s=9, dephasing="gaussian").coherence(communication=False) == (1, 9)
    assert QPU("A", 1, t1_s=1, dephasing="gaussian").coherence(communication=False) == (1, math.inf)
    with pytest.raises(InvalidNetworkError, match="at most twice"):
        QPU("A", 1, t1_s=1, t2_s=9)


def test_pauli_errors_are_equal_however_they_are_given() -> None:
    given = [{"ZZ": 0.01, "XI": 0.002}, {"XI": 0.002, "ZZ": 0.01, "YY": 0}, (("ZZ", 0.01), ("XI", 0.002))]
    qpus = {QPU("A", 1, two_qubit_pauli_errors=errors) for errors in given}
    assert len(qpus) == 1
    assert qpus.pop().two_qubit_pauli_errors == (("XI", 0.002), ("ZZ", 0.01))


def test_what_is_not_set_is_not_written_so_that_old_identities_stay() -> None:
    """The two hashes were taken before the fields existed."""
    assert not {"dephasing", "two_qubit_pauli_errors"} & set(keys_of(QPU("A", 1)))
    assert not {"crosstalk_flip_probability", "photon_lifetime_s"} & set(keys_of(Link("A", "B", 1.0)))
    assert load_network("oxford").id == OXFORD_ID
    builder = CircuitBuilder(4, name="old")
    builder.gate("cx", 0, 3)
    assert compile_circuit(builder.build(), load_network("all:2x2"), seed=1).program.id == OLD_PROGRAM_ID


OXFORD_ID = "ccdf943f3b279f3492143c466d3b1d0680a7d2633ee3051fd070da5d29744883"
OLD_PROGRAM_ID = "caafc6035a1b90b01001aab0687621d030289cafd66ec35d6032ab547d35c655"

rates = st.floats(1e-9, 0.06)
pauli_errors = {
    size: st.dictionaries(st.text("XYZ", min_size=size, max_size=size), rates, max_size=9) for size in (1, 2)
}
qpu_noise = st.fixed_dictionaries(
    {},
    optional={
        "one_qubit_pauli_errors": pauli_errors[1],
        "two_qubit_pauli_errors": pauli_errors[2],
        "one_qubit_gate_damping": rates,
        "two_qubit_gate_damping": rates,
        "one_qubit_over_rotation": rates,
        "two_qubit_over_rotation": st.floats(-1, 1),
    },
) | rates.map(lambda interval: GAUSSIAN | {"decoupling_interval_s": interval})
link_noise = st.fixed_dictionaries({}, optional={"crosstalk_flip_probability": rates, "timing_jitter_s": rates}).map(
    lambda values: values | ({"photon_lifetime_s": 0.1} if "timing_jitter_s" in values else {})
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(qpu_noise, min_size=3, max_size=3), st.lists(link_noise, min_size=2, max_size=2))
def test_files_and_programs_keep_every_field_of_every_device(qpus, links) -> None:
    """Also where most devices share a value that one of them does not have."""
    network = Network(
        "noisy",
        tuple(QPU(name, 1, **values) for name, values in zip("ABC", qpus, strict=True)),
        tuple(Link(a, b, 1e-3, **values) for (a, b), values in zip(("AB", "BC"), links, strict=True)),
    )
    again = parse_network(dump_network(network), "copy")
    assert (again, again.id) == (network, network.id)
    builder = CircuitBuilder(2)
    builder.gate("cx", 0, 1)
    program = compile_circuit(builder.build(), network, effort="fast").program
    assert Program.from_bytes(program.to_bytes()).network == network
    assert Program.from_bytes(program.to_bytes()).id == program.id


def test_identity_depends_on_every_field() -> None:
    plain = network_of("line", [1, 1], attempt_s=1e-3)
    qpu, link = keys_of(plain.qpus[0]), keys_of(plain.links[0])
    changed = [Network("n", (QPU(**(qpu | change)), plain.qpus[1]), plain.links) for change in QPU_CHANGES]
    changed += [Network("n", plain.qpus, (Link(**(link | change)),)) for change in LINK_CHANGES]
    assert len({network.id for network in [plain, *changed]}) == 1 + len(changed)


QPU_CHANGES = [
    {"dephasing": "gaussian"},
    GAUSSIAN | {"decoupling_interval_s": 0.1},
    GAUSSIAN | {"decoupling_interval_s": 0.2},
    {"one_qubit_pauli_errors": {"Z": 0.1}},
    {"two_qubit_pauli_errors": {"ZZ": 0.1}},
    {"one_qubit_gate_damping": 0.1},
    {"two_qubit_gate_damping": 0.1},
    {"one_qubit_over_rotation": 0.1},
    {"two_qubit_over_rotation": 0.1},
]
LINK_CHANGES = [
    {"crosstalk_flip_probability": 0.1},
    {"photon_lifetime_s": 0.1},
    {"timing_jitter_s": 0.1, "photon_lifetime_s": 0.1},
]

FILE = """
name: lab
defaults:
  qpu: {data_qubits: 1, dephasing: gaussian, t2_s: 1.0}
  link: {attempt_s: 1e-3, success_probability: 0.5, fidelity: 1.0}
qpus:
  A: {two_qubit_pauli_errors: {ZZ: 0.01, XI: 0.002}}
  B: {dephasing: exponential}
links:
  - {between: [A, B], timing_jitter_s: 1e-10, photon_lifetime_s: 1e-9, crosstalk_flip_probability: 1e-4}
"""


def test_a_file_says_where_a_value_is_wrong() -> None:
    with pytest.raises(InvalidNetworkError, match=r"qpus.A.two_qubit_pauli_errors \(line 7\): must name Paulis"):
        parse_network(FILE.replace("ZZ", "ZQ"), "lab.yaml")
    with pytest.raises(InvalidNetworkError, match=r"two_qubit_pauli_errors.ZZ \(line 7\): must be a number"):
        parse_network(FILE.replace("0.01", "often"), "lab.yaml")
    with pytest.raises(
        InvalidNetworkError, match=r"defaults.qpu.dephasing \(line 4\): must be exponential or gaussian"
    ):
        parse_network(FILE.replace("dephasing: gaussian", "dephasing: odd"), "lab.yaml")


def test_the_command_line_shows_the_fields_that_are_set(tmp_path) -> None:
    (tmp_path / "lab.yaml").write_text(FILE)
    environment = {**os.environ, "COLUMNS": "100", "TERM": "dumb", "NO_COLOR": "1"}

    def shown(*options: str) -> str:
        command = [sys.executable, "-m", "weft", "networks", "lab.yaml", *options]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, encoding="utf-8"
        ).stdout

    lines = [" ".join(line.split()) for line in shown().splitlines()]
    assert "two_qubit_pauli_errors XI 0.002, ZZ 0.01" in lines
    assert "fidelity with jitter 0.962479" in lines
    assert not [line for line in lines if "over_rotation" in line]
    data = json.loads(shown("--json"))
    assert data["qpus"]["A"]["two_qubit_pauli_errors"] == {"XI": 0.002, "ZZ": 0.01}
    assert data["links"][0]["crosstalk_flip_probability"] == 1e-4
    assert data["links"][0]["fidelity_with_jitter"] == pytest.approx(0.962479, abs=1e-6)
