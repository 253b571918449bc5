"""Words of logical instructions are equal where they are the same operator written differently, and only there."""

import numpy as np
import pytest

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import GATES
from weft.errors import VerificationError
from weft.program import gate_forms
from weft.program.canonical_form import form_of_circuit
from weft.program.comparison import compare
from weft.program.diagonal import ALWAYS, BY_ANGLE, diagonal_rules, is_diagonal

HALF = np.pi / 2


def word(*gates: tuple) -> Circuit:
    """Gates as (name, qubits…, tuple of angles, list of conditions), on three qubits and three bits."""
    builder = CircuitBuilder(3)
    builder.add_bits(3)
    for name, *rest in gates:
        qubits = [item for item in rest if isinstance(item, int)]
        angles = next((item for item in rest if isinstance(item, tuple)), ())
        condition = next((item for item in rest if isinstance(item, list)), [])
        if name == "measure":
            builder.measure(*qubits, condition=condition)
        elif name == "reset":
            builder.reset(*qubits, condition=condition)
        else:
            builder.gate(name, *qubits, angles=angles, condition=condition)
    return builder.build()


def equal(first: Circuit, second: Circuit) -> bool:
    answers = []
    for one, other in ((first, second), (second, first)):
        try:
            compare(one, form_of_circuit(one), form_of_circuit(other))
            answers.append(True)
        except VerificationError:
            answers.append(False)
    assert answers[0] == answers[1]
    return answers[0]


IF = [(0, 1)]
SAME = {
    "x through cz": ([("x", 0), ("cz", 0, 1)], [("cz", 0, 1), ("x", 0), ("z", 1)]),
    "half turns of cp": ([("cz", 0, 1)], [("cp", 0, 1, (np.pi,))]),
    "backwards half turn": ([("cz", 0, 1)], [("cp", 1, 0, (-np.pi,))]),
    "whole turn more": ([("cp", 0, 1, (0.3,))], [("cp", 0, 1, (0.3 + 2 * np.pi,))]),
    "cx as h cz h": ([("cx", 0, 1)], [("h", 1), ("cz", 1, 0), ("h", 1)]),
    "cx turned round": ([("cx", 0, 1)], [("h", 0), ("h", 1), ("cx", 1, 0), ("h", 0), ("h", 1)]),
    "cy": ([("cy", 0, 1)], [("sdg", 1), ("cx", 0, 1), ("s", 1)]),
    "ch": ([("ch", 0, 1)], [("ry", 1, (-np.pi / 4,)), ("cz", 0, 1), ("ry", 1, (np.pi / 4,))]),
    "crx": ([("crx", 0, 1, (0.7,))], [("h", 1), ("crz", 0, 1, (0.7,)), ("h", 1)]),
    "crz as cp": ([("crz", 0, 1, (0.7,))], [("p", 0, (-0.35,)), ("cp", 0, 1, (0.7,))]),
    "cry": ([("cry", 1, 2, (0.7,))], [("rx", 2, (HALF,)), ("crz", 1, 2, (0.7,)), ("rx", 2, (-HALF,))]),
    "cu3": ([("cu3", 0, 1, (0.7, -HALF, HALF))], [("crx", 0, 1, (0.7,))]),
    "rxx": ([("rxx", 0, 1, (0.7,))], [("h", 0), ("h", 1), ("rzz", 0, 1, (0.7,)), ("h", 1), ("h", 0)]),
    "rzx": ([("rzx", 0, 1, (0.7,))], [("h", 1), ("rzz", 0, 1, (0.7,)), ("h", 1)]),
    "rzz": ([("rzz", 0, 1, (0.7,))], [("cp", 0, 1, (-1.4,)), ("p", 0, (0.7,)), ("p", 1, (0.7,))]),
    "sign of an angle": ([("x", 0), ("rzz", 0, 1, (0.7,)), ("x", 0)], [("rzz", 0, 1, (-0.7,))]),
    "swap": ([("swap", 0, 1)], [("cx", 0, 1), ("cx", 1, 0), ("cx", 0, 1)]),
    "dcx": ([("dcx", 0, 1)], [("cx", 0, 1), ("cx", 1, 0)]),
    "shared control": ([("cx", 0, 1), ("cx", 0, 2)], [("cx", 0, 2), ("cx", 0, 1)]),
    "shared target": ([("cx", 0, 2), ("crx", 1, 2, (0.4,))], [("crx", 1, 2, (0.4,)), ("cx", 0, 2)]),
    "same pair": ([("cp", 0, 1, (0.3,)), ("cz", 0, 1)], [("cz", 1, 0), ("cp", 1, 0, (0.3,))]),
    "local gates fused": ([("s", 0), ("h", 0), ("t", 0)], [("u", 0, (HALF, np.pi / 4, 3 * HALF))]),
    "a gate that does nothing": ([("cp", 0, 1, (0.0,)), ("cx", 0, 1)], [("cx", 0, 1)]),
    "a gate that is local": ([("crx", 0, 1, (2 * np.pi,))], [("z", 0)]),
    "controlled minus one": ([("cu3", 0, 1, (2 * np.pi, 0.0, 0.0))], [("z", 0)]),
    "a reset forgets the axis": ([("h", 0), ("reset", 0), ("h", 0)], [("h", 0), ("reset", 0), ("u", 0, (HALF, 0.0, np.pi))]),
    "conditional swap": (
        [("swap", 0, 1, IF)],
        [("cx", 0, 1, IF), ("cx", 1, 0, IF), ("cx", 0, 1, IF)],
    ),
    "conditional rxx": (
        [("rxx", 0, 1, (0.7,), IF)],
        [("h", 0, IF), ("h", 1, IF), ("rzz", 0, 1, (0.7,), IF), ("h", 0, IF), ("h", 1, IF)],
    ),
    "conditional rxx in bases that are always changed": (
        [("rxx", 0, 1, (0.7,), IF)],
        [("h", 0), ("h", 1), ("rzz", 0, 1, (0.7,), IF), ("h", 0), ("h", 1)],
    ),
    "conditional cp taken apart": (
        [("crz", 0, 1, (0.7,), IF), ("cz", 0, 2)],
        [("cp", 0, 1, (0.7,), IF), ("cz", 0, 2), ("p", 0, (-0.35,), IF)],
    ),
    "conditional phases in another order": (
        [("p", 0, (0.2,), IF), ("p", 0, (0.3,), [(1, 1)]), ("p", 0, (0.4,), IF), ("h", 0)],
        [("p", 0, (0.3,), [(1, 1)]), ("p", 0, (0.6,), IF), ("h", 0)],
    ),
    "a conditional gate passes what commutes": ([("z", 0, IF), ("cz", 0, 1)], [("cz", 0, 1), ("z", 0, IF)]),
    "bits of a condition in another order": ([("x", 0, [(0, 1), (1, 0)])], [("x", 0, [(1, 0), (0, 1)])]),
    "measurements of different qubits": ([("measure", 0, 0), ("measure", 1, 1)], [("measure", 1, 1), ("measure", 0, 0)]),
    "a read of what is written later": (
        [("measure", 0, 0), ("x", 1, IF), ("h", 2), ("measure", 2, 1)],
        [("h", 2), ("measure", 2, 1), ("measure", 0, 0), ("x", 1, IF)],
    ),
}  # fmt: skip
DIFFERENT = {
    "x through cz alone": ([("x", 0), ("cz", 0, 1)], [("cz", 0, 1), ("x", 0)]),
    "h past cz": ([("h", 0), ("cz", 0, 1)], [("cz", 0, 1), ("h", 0)]),
    "target and control": ([("cx", 0, 1), ("cx", 1, 2)], [("cx", 1, 2), ("cx", 0, 1)]),
    "a gate less": ([("cz", 0, 1), ("cz", 0, 1), ("cz", 0, 1)], [("cz", 0, 1)]),
    "sign of theta": ([("rzz", 0, 1, (0.7,))], [("rzz", 0, 1, (-0.7,))]),
    "sign of a phase": ([("cp", 0, 1, (0.7,))], [("cp", 0, 1, (-0.7,))]),
    "a nearby angle": ([("cp", 0, 1, (0.7,))], [("cp", 0, 1, (0.7 + 1e-8,))]),
    "a nearby basis": ([("rx", 0, (0.7,)), ("cz", 0, 1)], [("rx", 0, (0.7 + 1e-8,)), ("cz", 0, 1)]),
    "another pair": ([("cz", 0, 1)], [("cz", 0, 2)]),
    "other local gates": ([("cz", 0, 1), ("s", 0)], [("cz", 0, 1), ("sdg", 0)]),
    "a tiny rotation": ([("cp", 0, 1, (2e-17,))], []),
    "a tiny rotation of another pair": ([("cp", 0, 1, (2e-17,))], [("cp", 0, 2, (2e-17,))]),
    "a tiny rotation about x": ([("cp", 0, 1, (2e-17,))], [("crx", 0, 1, (2e-17,))]),
    "controlled minus one is not nothing": ([("crz", 0, 1, (2 * np.pi,))], []),
    "a measurement less": ([("measure", 0, 0)], []),
    "another bit": ([("measure", 0, 0)], [("measure", 0, 1)]),
    "the same bit again": ([("measure", 0, 1), ("measure", 1, 2)], [("measure", 0, 2), ("measure", 1, 1)]),
    "bits and versions": ([("measure", 0, 1), ("measure", 1, 2)], [("measure", 0, 1), ("measure", 1, 1)]),
    "opposite outcome": ([("x", 0), ("measure", 0, 0)], [("measure", 0, 0), ("x", 0)]),
    "order of writes": ([("measure", 0, 0), ("measure", 1, 0)], [("measure", 1, 0), ("measure", 0, 0)]),
    "gate through measurement": ([("h", 0), ("measure", 0, 0)], [("measure", 0, 0), ("h", 0)]),
    "gate through reset": ([("reset", 0), ("h", 0)], [("h", 0), ("reset", 0)]),
    "a reset less": ([("reset", 0)], []),
    "read before a write": ([("measure", 0, 0), ("x", 1, IF)], [("x", 1, IF), ("measure", 0, 0)]),
    "read between writes": (
        [("measure", 0, 0), ("x", 2, IF), ("measure", 1, 0)],
        [("measure", 0, 0), ("measure", 1, 0), ("x", 2, IF)],
    ),
    "condition": ([("x", 0, IF)], [("x", 0)]),
    "no condition twice": ([("x", 0, [(0, 1), (0, 1)])], [("x", 0)]),
    "value of a condition": ([("x", 0, IF)], [("x", 0, [(0, 0)])]),
    "condition of a cx": ([("cx", 0, 1, IF)], [("cx", 0, 1)]),
    "condition of a measurement": ([("measure", 0, 1, IF)], [("measure", 0, 1)]),
    "condition of a reset": ([("reset", 0, IF)], [("reset", 0)]),
    "order of conditional gates": ([("x", 0, IF), ("h", 0, IF)], [("h", 0, IF), ("x", 0, IF)]),
    "a conditional x past cz": ([("x", 0, IF), ("cz", 0, 1)], [("cz", 0, 1), ("x", 0, IF)]),
    "a conditional gate past a local one": ([("x", 0, IF), ("h", 0)], [("h", 0), ("x", 0, IF)]),
    "a conditional phase of a control": ([("cp", 0, 1, (0.7,), IF)], [("crz", 0, 1, (0.7,), IF)]),
}  # fmt: skip


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_the_same_operator_in_other_words(pair: tuple[list, list]) -> None:
    assert equal(word(*pair[0]), word(*pair[1]))


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_the_same_operator_between_other_gates(pair: tuple[list, list]) -> None:
    before = [("u", 0, (0.4, 1.0, 2.0)), ("cx", 0, 1), ("cry", 1, 2, (0.6,)), ("u", 1, (1.4, -1.0, 2.0)), ("cz", 0, 2)]
    after = [("u", 0, (0.2, 0.1, 0.5)), ("cx", 1, 2), ("cx", 0, 2), ("measure", 0, 0), ("cz", 0, 2)]
    assert equal(word(*before, *pair[0], *after), word(*before, *pair[1], *after))


@pytest.mark.parametrize("pair", DIFFERENT.values(), ids=DIFFERENT)
def test_another_operator(pair: tuple[list, list]) -> None:
    assert not equal(word(*pair[0]), word(*pair[1]))


def test_the_first_instruction_that_differs_is_named() -> None:
    wanted = word(("h", 0), ("cx", 0, 1), ("rzz", 1, 2, (0.3,)), ("cz", 0, 2))
    found = word(("h", 0), ("cx", 0, 1), ("rzz", 1, 2, (0.4,)), ("cz", 0, 2))
    with pytest.raises(VerificationError, match=r"instruction 2 of the circuit \(rzz on 1, 2\) must be computed"):
        compare(wanted, form_of_circuit(wanted), form_of_circuit(found))


def test_more_than_the_circuit_is_refused() -> None:
    wanted, found = word(("cz", 0, 1)), word(("cz", 0, 1), ("cz", 0, 2))
    with pytest.raises(VerificationError, match="but does more"):
        compare(wanted, form_of_circuit(wanted), form_of_circuit(found))


def test_a_local_gate_at_the_end_is_named_by_its_qubit() -> None:
    wanted, found = word(("cz", 0, 1), ("h", 1)), word(("cz", 0, 1), ("t", 1), ("h", 1))
    with pytest.raises(VerificationError, match="but do not on qubit 1"):
        compare(wanted, form_of_circuit(wanted), form_of_circuit(found))


def test_a_long_life_is_followed_exactly() -> None:
    """A hundred thousand gates on three qubits, fused in one word and not in the other."""
    rng = np.random.default_rng(3)
    one, other = CircuitBuilder(3), CircuitBuilder(3)
    for _ in range(25_000):
        qubit, (a, b) = int(rng.integers(3)), rng.choice(3, 2, replace=False).tolist()
        first, second = rng.uniform(-3, 3, 2).tolist()
        one.gate("rz", qubit, angles=[first])
        one.gate("ry", qubit, angles=[second])
        other.gate("u", qubit, angles=[second, 0.0, first])
        one.gate("cx", a, b)
        other.gate("h", b)
        other.gate("cz", b, a)
        other.gate("h", b)
    assert equal(one.build(), other.build())


@pytest.mark.parametrize("angle", [0.0, 2 * np.pi, 0.3, np.pi, 1e-9])
def test_diagonal_operands_are_those_of_the_matrix(angle: float) -> None:
    for code, gate in enumerate(GATES):
        blocks = np.array(gate.entries(*(angle, 0.4, -0.7)[: gate.angles])).reshape((2,) * (2 * gate.qubits))
        for operand in range(gate.qubits):
            moved = np.moveaxis(blocks, (operand, gate.qubits + operand), (0, 1))
            wanted = max(np.abs(moved[0, 1]).max(), np.abs(moved[1, 0]).max()) < 1e-12
            assert is_diagonal(diagonal_rules(), code, operand, angle) == wanted, gate.name
    assert {ALWAYS, BY_ANGLE} <= set(diagonal_rules().ravel().tolist())


def test_a_wrong_form_of_a_gate_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(gate_forms._TURNS, "sx", ((1.0, 0.0, 0.0), 0.5, 0))
    with pytest.raises(VerificationError, match="that of `sx` is not"):
        gate_forms.forms.__wrapped__()


def test_a_gate_without_a_form_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(gate_forms._STEPS, "swap")
    with pytest.raises(VerificationError, match="`swap` has none"):
        gate_forms.forms.__wrapped__()
