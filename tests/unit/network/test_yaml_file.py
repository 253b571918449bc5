"""Network files: what they may say, what is refused, and that the refusal names the file, the key and the line."""

import math
from pathlib import Path

import numpy as np
import pytest

from weft.errors import InvalidNetworkError
from weft.network import yaml_tree
from weft.network.yaml_file import parse_network, read_network

GOOD = """\
name: pair
qpus:
  A: {data_qubits: 2}
  B: {data_qubits: 2}
links:
  - between: [A, B]
    attempt_s: 1e-6
    success_probability: 1e-4
    fidelity: 0.9
"""


def parse(text: str):
    return parse_network(text, "net.yaml")


def with_qpu(keys: str) -> str:
    return GOOD.replace("A: {data_qubits: 2}", f"A: {{data_qubits: 2, {keys}}}")


def with_link(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


def refused(text: str) -> str:
    with pytest.raises(InvalidNetworkError) as caught:
        parse(text)
    message = str(caught.value)
    assert message.startswith("net.yaml: ")
    assert "\n" not in message
    assert len(message) < 600
    return message


def test_a_good_file_is_what_it_says() -> None:
    network = parse(GOOD)
    assert [(qpu.name, qpu.data_qubits, qpu.communication_qubits) for qpu in network.qpus] == [
        ("A", 2, None),
        ("B", 2, None),
    ]
    assert network.links[0].mean_wait_s == pytest.approx(0.01)
    assert network.links[0].pair.fidelity == pytest.approx(0.9)


def test_a_single_qpu_needs_no_links() -> None:
    assert parse("name: one\nqpus: {A: {data_qubits: 1}}\nlinks:\n").links == ()


@pytest.mark.parametrize("text", ["1e1", "10", "10.", "1.0e1", ".1e2", "+10", "1E+1"])
def test_every_way_to_write_ten_is_ten(text: str) -> None:
    assert parse(with_qpu(f"t2_s: {text}")).qpus[0].t2_s == 10


def test_infinite_coherence_may_be_written() -> None:
    assert parse(with_qpu("t1_s: .inf, t2_s: .inf")).qpus[0].t1_s == math.inf


@pytest.mark.parametrize("name", ["NO", "on", "y", "Ψ", '"1"', "'1e6'", "a b", "node-2", "é"])
def test_qpu_names_are_what_the_file_says(name: str) -> None:
    network = parse(GOOD.replace("B:", f"{name}:").replace("[A, B]", f"[A, {name}]"))
    assert network.qpus[1].name == name.strip("'\"")


def test_defaults_lie_under_every_qpu_and_link() -> None:
    text = """
name: three
defaults:
  qpu: {data_qubits: 4, communication_qubits: 1, t2_s: 1}
  link: {attempt_s: 1e-5, rate_hz: 100, fidelity: 0.9, length_m: 20}
qpus: {A: {}, B: {data_qubits: 5, communication_qubits: null}, C: }
links:
  - {between: [A, B]}
  - {between: [B, C], bell_weights: [0.8, 0.2, 0, 0], success_probability: 0.5, classical_latency_s: 0}
"""
    network = parse(text)
    assert [(qpu.data_qubits, qpu.communication_qubits, qpu.t2_s) for qpu in network.qpus] == [
        (4, 1, 1),
        (5, None, 1),
        (4, 1, 1),
    ]
    first, second = network.links
    assert (first.success_probability, second.success_probability) == (pytest.approx(1e-3), 0.5)
    assert (first.classical_latency_s, second.classical_latency_s) == (pytest.approx(1e-7), 0)
    assert second.pair.bell_weights == pytest.approx((0.8, 0.2, 0, 0))


def test_both_forms_of_a_density_matrix_mean_the_same() -> None:
    magnitude = "[[0,0,0,0],[0,.5,.4,0],[0,.4,.5,0],[0,0,0,0]]"
    phase_pi = "[[0,0,0,0],[0,0,.5,0],[0,-.5,0,0],[0,0,0,0]]"
    real = "[[0,0,0,0],[0,.5,0,0],[0,0,.5,0],[0,0,0,0]]"
    imag = "[[0,0,0,0],[0,0,.4,0],[0,-.4,0,0],[0,0,0,0]]"
    polar = f"density_matrix: {{magnitude: {magnitude}, phase_pi: {phase_pi}}}"
    plain = f"density_matrix: {{real: {real}, imag: {imag}}}"
    one, other = (parse(with_link("fidelity: 0.9", text)).links[0].pair for text in (polar, plain))
    np.testing.assert_allclose(one.matrix, other.matrix, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (with_qpu("t2: 1"), ["qpus.A.t2 (line 3)", "did you mean `t2_s`?"]),
        (with_qpu("t1_s: 1, t2_s: 3"), ["qpus.A.t2_s (line 3): must be at most twice `t1_s` = 1, but is 3"]),
        (with_qpu("t2_s: true"), ["qpus.A.t2_s", "must be a number, but is true"]),
        (with_qpu("t2_s: yes"), ['must be a number, but is the text "yes"']),
        (with_qpu("t2_s: inf"), ["infinity is written .inf"]),
        (with_qpu("t2_s: .nan"), ["qpus.A.t2_s", "but is .nan"]),
        (with_qpu("t2_s: 1e999"), ["qpus.A.t2_s", "ordinary size"]),
        (with_qpu("t2_s: " + "9" * 10_000), ["qpus.A.t2_s", "ordinary size"]),
        (with_qpu("t2_s: null"), ["must be a number, but is empty"]),
        (with_qpu("one_qubit_gate_s: .inf"), ["qpus.A.one_qubit_gate_s", "finite"]),
        (with_qpu("coupling: [[0, 1, 2]]"), ["qpus.A.coupling.0", "must have 2 entries, but has 3"]),
        (with_qpu("coupling: [[0, 7]]"), ["qpus.A.coupling", "0 to 1"]),
        (with_qpu("coupling: 3"), ["qpus.A.coupling", "must be a list, but is 3"]),
        (with_qpu("data_qubits: 3"), ["qpus.A.data_qubits", "must be given once"]),
        (GOOD.replace("data_qubits: 2", "data_qubits: 2.0"), ["must be a whole number, but is 2.0"]),
        (GOOD.replace("A: {data_qubits: 2}", "A: {}"), ["qpus.A.data_qubits (line 3): must be given, but is missing"]),
        (GOOD.replace("A: {data_qubits: 2}", "A: 3"), ["qpus.A (line 3): must be a mapping, but is 3"]),
        (GOOD.replace("A: {", "1: {"), ["qpus", 'write "1" in quotes']),
        (GOOD.replace("A: {", "true: {"), ['write "true" in quotes']),
        (GOOD.replace("A: {", "? [A]\n  : {"), ["must have text as keys"]),
        (with_link("[A, B]", "[A, 7]"), ["links.0.between.1 (line 6)", 'write "7" in quotes']),
        (with_link("[A, B]", "[A, Bob]"), ["links.0.between (line 6)", "there is no `Bob`"]),
        (with_link("[A, B]", "[A, A]"), ["links.0.between (line 6)", "two different QPUs"]),
        (with_link("[A, B]", "[A]"), ["links.0.between", "2 entries, but has 1"]),
        (with_link("  - between: [A, B]\n    ", "  - "), ["links.0.between", "must be given"]),
        (with_link("    attempt_s: 1e-6\n", ""), ["links.0.attempt_s", "must be given"]),
        (
            with_link("success_probability: 1e-4", "success_probability: 0"),
            ["links.0.success_probability (line 8)", "never succeeds"],
        ),
        (
            with_link("success_probability: 1e-4", "rate_hz: 2e6"),
            ["links.0.rate_hz (line 8)", "must lie in (0, 1], but is 2"],
        ),
        (with_link("success_probability: 1e-4", "rate_hz: 0"), ["links.0.rate_hz", "but is 0"]),
        (
            with_link("success_probability: 1e-4", "channels: 1"),
            ["exactly one of `success_probability`, `rate_hz`, but has none"],
        ),
        (with_link("fidelity: 0.9", "rate_hz: 1\n    fidelity: 1"), ["but has `success_probability` and `rate_hz`"]),
        (with_link("fidelity: 0.9", "channels: 1"), ["`fidelity`, `bell_weights`, `density_matrix`, but has none"]),
        (
            with_link("fidelity: 0.9", "fidelity: 1\n    bell_weights: [1, 0, 0, 0]"),
            ["but has `fidelity` and `bell_weights`"],
        ),
        (with_link("fidelity: 0.9", "fidelity: 0.1"), ["links.0.fidelity (line 9)", "[0.25, 1]"]),
        (with_link("fidelity: 0.9", "bell_weights: [1, 1, 0, 0]"), ["links.0.bell_weights", "sum to 1"]),
        (with_link("fidelity: 0.9", "density_matrix: {}"), ["links.0.density_matrix", "but has none"]),
        (with_link("fidelity: 0.9", "density_matrix: {reel: []}"), ["did you mean `real`?"]),
        (with_link("fidelity: 0.9", "fidelity: 0.9\n    channels: 0"), ["links.0.channels (line 10)", "at least 1"]),
        (GOOD + "  - {between: [B, A], attempt_s: 1, rate_hz: 1, fidelity: 1}\n", ["links.1 (line 10)", "`channels`"]),
        (GOOD.replace("links:", "lnks:"), ["lnks (line 5)", "did you mean `links`?"]),
        (GOOD.partition("links:")[0], ["`B` cannot be reached from `A`"]),
        ("name: x\nqpus: {}", ["at least 1 QPU"]),
        ("name: x", ["qpus", "must be given"]),
        ("qpus: {A: {data_qubits: 1}}", ["name", "must be given"]),
        ("name: 12\nqpus: {A: {data_qubits: 1}}", ["name (line 1)", 'write "12" in quotes']),
        ('name: "a\\0"\nqpus: {A: {data_qubits: 1}}', ["name of a network must be"]),
        ("name: x\nqpus: {A: {data_qubits: 1000001}}", ["at most 1,000,000 data qubits"]),
        ("name: x\ndefaults: {qpu: {t1_s: 1, t2_s: 5}}\nqpus: {A: {data_qubits: 1}}", ["defaults.qpu.t2_s (line 2)"]),
        ("name: x\ndefaults: {qpus: {}}\nqpus: {A: {data_qubits: 1}}", ["did you mean `qpu`?"]),
        ("name: x\nsources: {a: 1}\nqpus: {A: {data_qubits: 1}}", ["sources.a", "must be text"]),
    ],
)
def test_a_contradiction_is_refused_with_its_place(text: str, parts: list[str]) -> None:
    message = refused(text)
    for part in parts:
        assert part in message


HOSTILE = {
    "": "is empty",
    "# only a comment\n": "is empty",
    "---\n": "must be a mapping of keys, but is empty",
    "[]": "must be a mapping",
    "text": "must be a mapping",
    GOOD + "---\n" + GOOD: "one YAML document",
    GOOD + "\0": "NUL",
    "a: b: c": "must be YAML",
    "a: 'open": "must be YAML",
    "\t- a": "must be YAML",
    "a: \x07": "must be YAML",
    "%YAML 9.9\n---\na: b": "must be YAML",
    "!!python/object/apply:os.system ['exit 3']": "has the tag",
    "name: !!python/name:os.system": "has the tag",
    "name: !local x": "has the tag",
    "name: !!str x": "has the tag",
    "a: &x 1\nb: *x": "has the anchor `&x`",
    "a: *x": "has the alias `*x`",
    "a: &a [x]\nb: &b [*a, *a]\nc: &c [*b, *b]": "has the anchor",
    "<<: {name: x}": "known keys",
    "name: x\nname: y": "given once",
    "[" * 100_000: "nested at most 20 deep",
    "{a: " * 100_000: "nested at most 20 deep",
    "- " * 10_000: "nested at most 20 deep",
    "? " * 10_000: "must",
    "x" * (4 * 2**20 + 1): "at most 4 MiB",
    "é" * (2**21 + 1): "at most 4 MiB",
}


@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize("text", HOSTILE, ids=[repr(text[:30]) for text in HOSTILE])
def test_a_hostile_file_is_refused_by_either_parser(text: str, loader: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if not hasattr(yaml_tree.yaml, loader):
        pytest.skip("PyYAML without its parser in C")
    monkeypatch.setattr(yaml_tree, "_LOADER", getattr(yaml_tree.yaml, loader))
    assert HOSTILE[text] in refused(text)


def test_lines_are_those_of_the_keys() -> None:
    message = refused("name: x\n\n# comment\nqpus:\n  A:\n    data_qubits: 1\n\n    t2_s: [1]\n")
    assert "qpus.A.t2_s (line 8): must be a number" in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\xff\xfe", "UTF-8"),
        (GOOD.encode() + b"\n# \xe9\n", r"UTF-8, but is not \(line 11\)"),
        (b"a" * (4 * 2**20 + 1), "4 MiB"),
        (b"", "is empty"),
    ],
)
def test_a_file_that_is_no_text_is_refused(content: bytes, reason: str, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(content)
    with pytest.raises(InvalidNetworkError, match=reason) as caught:
        read_network(file)
    assert str(file) in str(caught.value)


def test_a_byte_order_mark_is_harmless(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert read_network(file) == parse(GOOD)


@pytest.mark.parametrize(
    ("name", "reason"), [("", "is a directory"), ("missing.yaml", "No such file"), ("a\0b", "can be read")]
)
def test_a_file_that_cannot_be_read_is_refused(name: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidNetworkError, match=reason):
        read_network(tmp_path / name)
