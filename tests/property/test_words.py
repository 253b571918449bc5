"""Circuits rewritten at random: legal changes leave the canonical form as it is, and whatever leaves it is legal."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from unit.program.handmade import controlled_u_steps
from unit.program.interpreters import run_circuit, same_state
from unit.program.random_cases import dynamic_circuit, random_circuit
from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, GATES, MEASURE, RESET, matrix_of
from weft.errors import VerificationError
from weft.program.canonical_form import form_of_circuit
from weft.program.comparison import compare

Condition = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Step:
    code: int
    qubits: tuple[int, ...]
    angles: tuple[float, ...] = ()
    clbit: int = -1
    condition: Condition = ()

    @property
    def is_gate(self) -> bool:
        return self.code not in {MEASURE, RESET}

    @property
    def bits(self) -> set[int]:
        return {bit for bit, _ in self.condition} | ({self.clbit} if self.clbit >= 0 else set())


def steps_of(circuit: Circuit) -> list[Step]:
    return [
        Step(
            code,
            tuple(qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0),
            tuple(circuit.angles[row].tolist()),
            int(circuit.clbits[row]),
            circuit.condition(row),
        )
        for row, code in enumerate(circuit.opcodes.tolist())
    ]


def circuit_of(steps: list[Step], like: Circuit) -> Circuit:
    builder = CircuitBuilder(like.num_qubits)
    builder.add_bits(like.num_clbits)
    for step in steps:
        builder.append(step.code, step.qubits, step.angles, step.clbit, step.condition)
    return builder.build()


def step(name: str, *qubits: int, angles: tuple[float, ...] = (), condition: Condition = ()) -> Step:
    return Step(CODES[name], qubits, angles, condition=condition)


def on(step: Step, qubits: list[int]) -> np.ndarray:
    """A gate's matrix on up to three qubits."""
    matrix = matrix_of(step.code, step.angles)
    size = len(step.qubits)
    tensor = np.kron(matrix, np.eye(2 ** (len(qubits) - size))).reshape((2,) * (2 * len(qubits)))
    order = [*step.qubits, *(qubit for qubit in qubits if qubit not in step.qubits)]
    places = [order.index(qubit) for qubit in qubits]
    return tensor.transpose(places + [len(qubits) + place for place in places]).reshape(2 ** len(qubits), -1)


APART = {CODES[name] for name in ("swap", "iswap", "dcx", "ecr")}


def commute(first: Step, second: Step) -> bool:
    """Whether two instructions commute by what the canonical form promises to see."""
    if not set(first.qubits) & set(second.qubits):
        return (first.clbit < 0 or first.clbit not in second.bits) and (
            second.clbit < 0 or second.clbit not in first.bits
        )
    unseen = APART & {first.code, second.code} or (len(first.qubits) == 2 and set(first.qubits) == set(second.qubits))
    if not first.is_gate or not second.is_gate or first.condition or second.condition or unseen:
        return False
    qubits = sorted({*first.qubits, *second.qubits})
    a, b = on(first, qubits), on(second, qubits)
    return bool(np.allclose(a @ b, b @ a, rtol=0, atol=1e-12))


def as_u(matrix: np.ndarray) -> tuple[float, float, float]:
    """The angles of `u` for a matrix, up to a phase."""
    theta = 2 * np.arctan2(abs(matrix[1, 0]), abs(matrix[0, 0]))
    if abs(matrix[0, 0]) < 1e-12:
        return float(theta), float(np.angle(matrix[1, 0]) - np.angle(-matrix[0, 1])), 0.0
    zero = np.angle(matrix[0, 0])
    if abs(matrix[1, 0]) < 1e-12:
        return 0.0, float(np.angle(matrix[1, 1]) - zero), 0.0
    return float(theta), float(np.angle(matrix[1, 0]) - zero), float(np.angle(-matrix[0, 1]) - zero)


def exchange(rng: np.random.Generator, steps: list[Step]) -> None:
    for _ in range(10):
        place = int(rng.integers(max(len(steps) - 1, 1)))
        if place + 1 < len(steps) and commute(steps[place], steps[place + 1]):
            steps[place : place + 2] = steps[place : place + 2][::-1]


def fuse(rng: np.random.Generator, steps: list[Step]) -> None:
    places = [
        place
        for place in range(len(steps) - 1)
        if all(len(one.qubits) == 1 and one.is_gate and not one.condition for one in steps[place : place + 2])
        and steps[place].qubits == steps[place + 1].qubits
    ]
    if places:
        place = int(rng.choice(places))
        matrix = on(steps[place + 1], list(steps[place].qubits)) @ on(steps[place], list(steps[place].qubits))
        steps[place : place + 2] = [step("u", *steps[place].qubits, angles=as_u(matrix))]


def put_and_take_back(rng: np.random.Generator, steps: list[Step]) -> None:
    qubit = int(rng.choice([qubit for one in steps for qubit in one.qubits]))
    theta, phi, lam = rng.uniform(-3, 3, 3).tolist()
    place = int(rng.integers(len(steps) + 1))
    steps[place:place] = [step("u", qubit, angles=(theta, phi, lam)), step("u", qubit, angles=(-theta, -lam, -phi))]


def other_words(rng: np.random.Generator, steps: list[Step]) -> None:
    """A two-qubit gate in another basis or taken apart; basis changes need no condition, but may have one."""
    places = [place for place, one in enumerate(steps) if len(one.qubits) == 2]
    if not places:
        return
    place = int(rng.choice(places))
    one = steps[place]
    (a, b), c = one.qubits, one.condition
    free = c if rng.random() < 0.5 else ()
    match GATES[one.code].name:
        case "cx":
            new = [step("h", b, condition=free), step("cz", b, a, condition=c), step("h", b, condition=free)]
        case "cz" if not c:
            new = [step("x", a), step("cz", a, b), step("z", b), step("x", a)]
        case "crx":
            new = [step("h", b), step("p", a, angles=(-one.angles[0] / 2,), condition=c)]
            new += [step("cp", a, b, angles=one.angles[:1], condition=c), step("h", b)]
        case "cu3":
            new = [
                step(
                    name,
                    *((a, b) if name == "cp" else ((a, b)[operand],)),
                    angles=tuple(angles),
                    condition=free if name == "u" else c,
                )
                for name, operand, angles in controlled_u_steps(*one.angles)
            ]
        case "swap":
            new = [step("cx", *pair, condition=c) for pair in ((a, b), (b, a), (a, b))]
        case "rxx":
            turns = [step("h", qubit, condition=free) for qubit in (a, b)]
            new = [*turns, replace(one, code=CODES["rzz"], qubits=(b, a)), *turns]
        case _:
            return
    steps[place : place + 1] = new


LEGAL = (exchange, fuse, put_and_take_back, other_words)


def delete(rng: np.random.Generator, steps: list[Step]) -> None:
    del steps[int(rng.integers(len(steps)))]


def move(rng: np.random.Generator, steps: list[Step]) -> None:
    one = steps.pop(int(rng.integers(len(steps))))
    steps.insert(int(rng.integers(len(steps) + 1)), one)


def change_angle(rng: np.random.Generator, steps: list[Step]) -> None:
    places = [place for place, one in enumerate(steps) if one.is_gate and GATES[one.code].angles]
    if places:
        place = int(rng.choice(places))
        angles = list(steps[place].angles)
        angles[0] += float(rng.choice([1e-5, np.pi, -2 * angles[0]]))
        steps[place] = replace(steps[place], angles=tuple(angles))


def exchange_operands(rng: np.random.Generator, steps: list[Step]) -> None:
    place = int(rng.integers(len(steps)))
    steps[place] = replace(steps[place], qubits=steps[place].qubits[::-1])


def exchange_any(rng: np.random.Generator, steps: list[Step]) -> None:
    place = int(rng.integers(len(steps)))
    steps[place : place + 2] = steps[place : place + 2][::-1]


def drop_condition(rng: np.random.Generator, steps: list[Step]) -> None:
    places = [place for place, one in enumerate(steps) if one.condition]
    if places:
        place = int(rng.choice(places))
        steps[place] = replace(steps[place], condition=steps[place].condition[1:])


ILLEGAL = (delete, move, change_angle, exchange_operands, exchange_any, drop_condition)


def equal(one: Circuit, other: Circuit) -> bool:
    try:
        compare(one, form_of_circuit(one), form_of_circuit(other))
    except VerificationError:
        return False
    return True


def same_runs(one: Circuit, other: Circuit, trials: int) -> bool:
    """Whether random runs of one circuit are runs of the other."""
    for seed in range(trials):
        found = run_circuit(one, seed)
        try:
            wanted = run_circuit(other, seed, found.events)
        except LookupError:
            return False
        if found.events != wanted.events or found.bits != wanted.bits or not same_state(found, wanted):
            return False
        if not np.isclose(found.probability, wanted.probability, rtol=1e-6, atol=0):
            return False
    return True


def start(rng: np.random.Generator, qubits: int, size: int, dynamic: bool) -> tuple[Circuit, list[Step]]:
    circuit = (dynamic_circuit if dynamic else random_circuit)(rng, qubits, size)
    return circuit, steps_of(circuit)


arguments = {
    "seed": st.integers(0, 2**32),
    "qubits": st.integers(1, 4),
    "size": st.integers(0, 25),
    "dynamic": st.booleans(),
}


@settings(max_examples=200, deadline=None)
@given(**arguments)
def test_legal_changes_are_accepted(seed: int, qubits: int, size: int, dynamic: bool) -> None:
    rng = np.random.default_rng(seed)
    circuit, steps = start(rng, qubits, size, dynamic)
    for _ in range(int(rng.integers(1, 40))):
        LEGAL[int(rng.integers(len(LEGAL)))](rng, steps)
    rewritten = circuit_of(steps, circuit)
    assert same_runs(circuit, rewritten, 2)
    compare(circuit, form_of_circuit(circuit), form_of_circuit(rewritten))


@settings(max_examples=400, deadline=None)
@given(**arguments)
def test_what_is_accepted_is_right(seed: int, qubits: int, size: int, dynamic: bool) -> None:
    rng = np.random.default_rng(seed)
    circuit, steps = start(rng, qubits, size, dynamic)
    for _ in range(int(rng.integers(3))):
        LEGAL[int(rng.integers(len(LEGAL)))](rng, steps)
    ILLEGAL[int(rng.integers(len(ILLEGAL)))](rng, steps)
    changed = circuit_of(steps, circuit)
    assert not equal(circuit, changed) or same_runs(circuit, changed, 12)
