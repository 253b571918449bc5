"""Values in place of a file's own, as if the file said so."""

from pathlib import Path
from typing import Any

import pytest

import weft
from weft.errors import InvalidNetworkError
from weft.network import find_source

FILE = """
name: three
defaults:
  qpu: {data_qubits: 2, t1_s: 4, t2_s: 1}
  link: {attempt_s: 1e-5, rate_hz: 100, bell_weights: [0.9, 0.1, 0, 0], channels: 1}
qpus: {A: {}, B.1: {t2_s: 2}, C-2: }
links:
  - between: [A, B.1]
  - {between: [B.1, C-2], fidelity: 0.8}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "three.yaml"
    path.write_text(FILE)
    return path


@pytest.mark.parametrize(
    ("parameters", "before", "after"),
    [
        ({"qpus.*.t2_s": 3}, "C-2: }", "C-2: }"),
        ({"qpus.C-2.t2_s": 3}, "C-2: }", "C-2: {t2_s: 3}}"),
        ({"qpus.B.1.t2_s": 3}, "{t2_s: 2}", "{t2_s: 3}"),
        ({"defaults.qpu.t2_s": 3}, "t2_s: 1}", "t2_s: 3}"),
        ({"links.A-B.1.fidelity": 0.7}, "[A, B.1]", "[A, B.1]\n    fidelity: 0.7"),
        ({"links.C-2-B.1.fidelity": 0.7}, "fidelity: 0.8", "fidelity: 0.7"),
        ({"links.B.1-C-2.bell_weights": [1, 0, 0, 0]}, "fidelity: 0.8", "bell_weights: [1, 0, 0, 0]"),
        ({"links.A-B.1.success_probability": 0.1}, "[A, B.1]", "[A, B.1]\n    success_probability: 0.1"),
        ({"defaults.link.fidelity": 0.7}, "bell_weights: [0.9, 0.1, 0, 0]", "fidelity: 0.7"),
        ({"qpus.A.one_qubit_pauli_errors.X": 0.1}, "{A: {}", "{A: {one_qubit_pauli_errors: {X: 0.1}}"),
    ],
)
def test_a_parameter_is_what_the_file_might_have_said(
    file: Path, parameters: dict[str, Any], before: str, after: str
) -> None:
    assert before in FILE
    edited = FILE.replace(before, after)
    if "qpus.*.t2_s" in parameters:
        edited = FILE.replace("t2_s: 1}", "t2_s: 3}").replace("{t2_s: 2}", "{t2_s: 3}")
    changed = weft.load_network(file, parameters=parameters)
    plain = weft.load_network(file)
    file.write_text(edited)
    assert changed.id == weft.load_network(file).id != plain.id


def test_sources_do_not_claim_what_was_given() -> None:
    network = weft.load_network("oxford", parameters={"links.*.fidelity": 0.9})
    assert find_source(network, "links.0.fidelity") == "assumed: given in place of what the network says"
    assert "given in place" not in str(find_source(network, "links.0.attempt_s"))


def test_shorthands_networks_and_buses_take_parameters_too() -> None:
    ring = weft.load_network("ring:4x2", parameters={"links.*.channels": 2, "qpus.*.data_qubits": 3})
    assert {link.channels for link in ring.links} == {2}
    assert ring.data_qubits == 12
    again = weft.load_network(
        weft.load_network("ring:4x2"), parameters={"links.*.channels": 2, "qpus.*.data_qubits": 3}
    )
    assert again.id == ring.id
    bus = weft.load_network("chiral-bus", parameters={"links.*.channels": 2, "buses.waveguide.derived.end_loss_db": 1})
    assert {link.channels for link in bus.links} == {2}
    assert bus.derivations["A-B"].components["end_loss_db"] == 1


def test_components_by_path_are_components_by_name() -> None:
    by_path = weft.load_network("oxford-derived", parameters={"links.A-B.derived.detector_efficiency": 0.5})
    by_name = weft.load_network("oxford-derived", components={"detector_efficiency": 0.5})
    assert by_path.id == by_name.id


@pytest.mark.parametrize(
    ("source", "path", "words"),
    [
        ("oxford", "t2_s", "must be a path such as"),
        ("oxford", "qpu.A.t2_s", "must be a path such as"),
        ("oxford", "qpus.D.t2_s", r"must name one of the qpus and a key of it.*known: A, B"),
        ("oxford", "qpus.A", "must name one of the qpus and a key of it"),
        ("oxford", "qpus.*.t3_s", "must be one of the known keys.*did you mean `t2_s`"),
        ("oxford", "buses.*.channels", "the network has none"),
        ("oxford", "qpus.A.t2_s.x", "must lead through mappings"),
        ("oxford-derived", "links.*.fidelity", r"links\.\*\.derived\.COMPONENT"),
        ("oxford-derived", "links.*.derived.lens", "must be a component of model"),
    ],
)
def test_paths_that_lead_nowhere_are_refused(source: str, path: str, words: str) -> None:
    with pytest.raises(InvalidNetworkError, match=words):
        weft.load_network(source, parameters={path: 0.5})
