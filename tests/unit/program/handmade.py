"""Programs by hand that use every way of moving and copying qubits, with the circuits that they compute.

Three QPUs A, B, C, all joined, with one logical qubit, one spare data qubit and two communication qubits each.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from unit.program.random_cases import network_of
from weft.circuit import Circuit, CircuitBuilder
from weft.program import Pauli, Program, ProgramBuilder, Role

A, B, C, A_SPARE, B_SPARE, C_SPARE = range(6)
A_C, A_D, B_C, B_D, C_C, C_D = range(6, 12)
_QPU = {qubit: "ABC".index(name[0]) for name, qubit in list(globals().items()) if isinstance(qubit, int)}
_LINKS = {(0, 1): 0, (0, 2): 1, (1, 2): 2}

Case = tuple[Program, Circuit]
STATES = ((1.0, 2.0, 3.0), (0.7, -1.0, 0.4), (2.2, 0.3, -0.6))


class Hand(ProgramBuilder):
    """A builder that knows copies; all logical qubits start in random states."""

    def __init__(self, num_clbits: int = 0) -> None:
        super().__init__(network_of("all", [2, 2, 2], 2), num_clbits=num_clbits)
        for name in ("A.d0", "B.d0", "C.d0", "A.d1", "B.d1", "C.d1"):
            self.add_qubit(name, "ABC".index(name[0]))
        for name in ("A.c0", "A.c1", "B.c0", "B.c1", "C.c0", "C.c1"):
            self.add_qubit(name, "ABC".index(name[0]), communication=True)
        for qubit, angles in enumerate(STATES):
            self.gate("u", qubit, angles=angles)

    def pair(self, first: int, second: int) -> None:
        ends = sorted((_QPU[first], _QPU[second]))
        self.entangle(_LINKS[ends[0], ends[1]], first, second)

    def copy(self, source: int, near: int, far: int) -> None:
        """The far qubit becomes a holder of what `source` holds."""
        self.pair(near, far)
        self.gate("cx", source, near)
        self.measure(near, bit := self.new_bit())
        self.correct(Pauli.X, far, [bit])

    def drop(self, holder: int, other: int) -> None:
        """A holder is removed; `other` holds the same."""
        self.measure(holder, bit := self.new_bit(), basis=Pauli.X)
        self.correct(Pauli.Z, other, [bit])


def circuit_of(*gates: tuple, num_clbits: int = 0) -> Circuit:
    """Gates as (name, qubits…, angles or a condition)."""
    builder = CircuitBuilder(3)
    builder.add_bits(num_clbits)
    for qubit, angles in enumerate(STATES):
        builder.gate("u", qubit, angles=angles)
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


def moved_home() -> Case:
    """Qubit 0 moves to B for good, and the place it left is used for a copy of qubit 2."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.gate("cx", B_C, B_SPARE)
    hand.drop(A, B_C)
    hand.drop(B_C, B_SPARE)
    hand.gate("ry", B_SPARE, angles=[0.3])
    hand.gate("cx", B_SPARE, B)
    hand.reset(A)
    hand.copy(C, C_C, A_D)
    hand.gate("cx", A_D, A)
    hand.drop(A_D, A)
    hand.gate("t", A)
    hand.drop(A, C)
    return hand.build(), circuit_of(("ry", 0, (0.3,)), ("cx", 0, 1), ("t", 2))


def reused_spare() -> Case:
    """The same spare qubit is copied onto twice, for two qubits, with a reset between."""
    hand = Hand()
    hand.gate("cx", A, A_SPARE)
    hand.gate("s", A_SPARE)
    hand.drop(A_SPARE, A)
    hand.gate("h", A)
    hand.reset(A_SPARE)
    hand.gate("cx", A, A_SPARE)
    hand.copy(A_SPARE, A_C, C_C)
    hand.drop(A_SPARE, A)
    hand.gate("cry", C_C, C, angles=[0.8])
    hand.drop(C_C, A)
    return hand.build(), circuit_of(("s", 0), ("h", 0), ("cry", 0, 2, (0.8,)))


def dropped_original() -> Case:
    """The original goes first; the copy is the qubit then, takes a gate that is not diagonal, and returns."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.drop(A, B_C)
    hand.gate("h", B_C)
    hand.gate("cx", B, B_C)
    hand.copy(B_C, B_D, A_D)
    hand.drop(B_C, A_D)
    hand.reset(A)
    hand.gate("cx", A_D, A)
    hand.drop(A_D, A)
    return hand.build(), circuit_of(("h", 0), ("cx", 1, 0))


def failing_swap() -> Case:
    """A copy over a relay whose swap is tried again until it succeeds."""
    hand = Hand()
    start = len(hand)
    hand.pair(A_C, B_C)
    hand.pair(B_D, C_C)
    hand.gate("cx", B_C, B_D)
    hand.measure(B_C, z := hand.new_bit(), basis=Pauli.X)
    hand.measure(B_D, x := hand.new_bit())
    hand.retry(B_D, start, odds=0.5)
    hand.gate("cx", A, A_C)
    hand.measure(A_C, near := hand.new_bit())
    hand.correct(Pauli.X, C_C, [x, near])
    hand.correct(Pauli.Z, C_C, [z])
    hand.gate("cry", C_C, C, angles=[0.8])
    hand.drop(C_C, A)
    return hand.build(), circuit_of(("cry", 0, 2, (0.8,)))


def joint_cx() -> Case:
    """A CX onto a qubit with copies in three places, each by another holder of the control."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.copy(B_C, B_D, C_C)
    hand.copy(B, B_D, A_C)
    hand.copy(B, B_D, C_D)
    hand.gate("cx", A_C, A)
    hand.gate("t", B)
    hand.drop(A_C, B)
    hand.gate("cx", B, B_C)
    hand.gate("cx", C_D, C_C)
    hand.drop(C_D, B)
    hand.gate("cz", C_C, C)
    hand.drop(C_C, A)
    hand.drop(B_C, A)
    return hand.build(), circuit_of(("cx", 1, 0), ("t", 1), ("cz", 0, 2))


def joint_x() -> Case:
    """An X on a qubit with a copy, between two uses of the copy."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.gate("crx", B_C, B, angles=[0.4])
    hand.gate("x", A)
    hand.gate("x", B_C)
    hand.gate("crx", B_C, B, angles=[0.9])
    hand.drop(B_C, A)
    return hand.build(), circuit_of(("crx", 0, 1, (0.4,)), ("x", 0), ("crx", 0, 1, (0.9,)))


def third_qpu() -> Case:
    """A gate where neither of its qubits lives."""
    hand = Hand()
    hand.copy(A, A_C, C_C)
    hand.copy(B, B_C, C_D)
    hand.gate("cp", C_C, C_D, angles=[0.6])
    hand.drop(C_C, A)
    hand.drop(C_D, B)
    return hand.build(), circuit_of(("cp", 0, 1, (0.6,)))


def commuted() -> Case:
    """Gates in another order: those that are diagonal on the control, and those that share a target."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.copy(A, A_D, C_C)
    hand.gate("cx", C_C, C)
    hand.gate("rz", A, angles=[0.7])
    hand.gate("cp", B_C, B, angles=[0.5])
    hand.drop(C_C, A)
    hand.drop(B_C, A)
    hand.copy(B, B_C, C_C)
    hand.gate("cx", C_C, C)
    hand.drop(C_C, B)
    hand.gate("rx", C, angles=[0.2])
    wanted = circuit_of(
        ("rx", 2, (0.2,)), ("cx", 1, 2), ("cp", 0, 1, (0.5,)), ("rz", 0, (0.3,)), ("cx", 0, 2), ("rz", 0, (0.4,))
    )
    return hand.build(), wanted


def other_bases() -> Case:
    """CX as H CZ H, a CX the other way round, and a CU3 as a controlled phase in its eigenbasis."""
    hand = Hand()
    hand.copy(A, A_C, B_C)
    hand.gate("h", B)
    hand.gate("cz", B_C, B)
    hand.gate("h", B)
    eigenbasis = controlled_u_steps(0.9, 0.4, -1.3)
    for name, operand, angles in eigenbasis:
        hand.gate(name, *((B_C, B) if name == "cp" else ((B_C, B)[operand],)), angles=angles)
    hand.drop(B_C, A)
    hand.gate("h", B)
    hand.gate("h", A)
    hand.copy(B, B_D, A_D)
    hand.gate("cx", A_D, A)
    hand.drop(A_D, B)
    hand.gate("h", A)
    hand.gate("h", B)
    return hand.build(), circuit_of(("cx", 0, 1), ("cu3", 0, 1, (0.9, 0.4, -1.3)), ("cx", 0, 1))


def controlled_u_steps(theta: float, phi: float, lam: float) -> list[tuple[str, int, list[float]]]:
    """A CU3 as a phase of the control, and a controlled phase in the eigenbasis of U on the target."""
    cosine, sine = np.cos(theta / 2), np.sin(theta / 2)
    u = np.array([[cosine, -np.exp(1j * lam) * sine], [np.exp(1j * phi) * sine, np.exp(1j * (phi + lam)) * cosine]])
    values, vectors = np.linalg.eig(u)
    (a, _), (b, _) = vectors
    polar, azimuth = 2 * np.arctan2(abs(b), abs(a)), float(np.angle(b) - np.angle(a))
    first, second = np.angle(values)
    return [
        ("p", 0, [first]),
        ("u", 1, [-polar, 0.0, -azimuth]),
        ("cp", 1, [second - first]),
        ("u", 1, [polar, azimuth, 0.0]),
    ]


def dynamic() -> Case:
    """Measured where it moved to, reset there, and gates under conditions in other words."""
    hand = Hand(num_clbits=2)
    hand.copy(A, A_C, B_C)
    hand.gate("cx", B_C, B_SPARE)
    hand.drop(A, B_C)
    hand.drop(B_C, B_SPARE)
    hand.measure(B_SPARE, 0)
    hand.gate("x", B_SPARE, condition=[(0, Role.IF_ONE)])
    hand.gate("ry", B_SPARE, angles=[0.4])
    for name, operand, angles in controlled_u_steps(0.9, 0.4, -1.3):
        condition = [] if name == "u" else [(0, Role.IF_ONE)]
        hand.gate(
            name, *((B_SPARE, B) if name == "cp" else ((B_SPARE, B)[operand],)), angles=angles, condition=condition
        )
    for control, target in ((B_SPARE, B), (B, B_SPARE), (B_SPARE, B)):
        hand.gate("cx", control, target, condition=[(0, Role.IF_ZERO)])
    hand.measure(B_SPARE, 1, condition=[(0, Role.IF_ONE)])
    hand.reset(B_SPARE)
    hand.gate("h", B_SPARE)
    wanted = circuit_of(
        ("measure", 0, 0),
        ("x", 0, [(0, 1)]),
        ("ry", 0, (0.4,)),
        ("cu3", 0, 1, (0.9, 0.4, -1.3), [(0, 1)]),
        ("swap", 0, 1, [(0, 0)]),
        ("measure", 0, 1, [(0, 1)]),
        ("reset", 0),
        ("h", 0),
        num_clbits=2,
    )
    return hand.build(), wanted


def exchanged() -> Case:
    """Swaps inside a QPU: of a qubit with an empty place, of one that has copies, and of a place known to be zero."""
    hand = Hand()
    hand.gate("swap", A, A_SPARE)
    hand.gate("h", A_SPARE)
    hand.copy(A_SPARE, A_C, B_C)
    hand.gate("cx", A_SPARE, A)
    hand.gate("t", A)
    hand.drop(A, B_C)
    hand.gate("cx", B, B_C)
    hand.copy(B, B_D, A_D)
    hand.gate("swap", A_SPARE, A)
    hand.gate("cx", A_D, A)
    hand.drop(A_D, B)
    hand.gate("swap", B, B_SPARE)
    hand.gate("cz", B_C, B_SPARE)
    hand.drop(B_C, A)
    hand.gate("cx", B_SPARE, B)
    hand.drop(B_SPARE, B)
    hand.gate("swap", A_SPARE, A)
    hand.gate("sx", A_SPARE)
    return hand.build(), circuit_of(("h", 0), ("t", 0), ("cx", 1, 0), ("cz", 0, 1), ("sx", 0))


CASES: dict[str, Callable[[], Case]] = {
    make.__name__: make
    for make in (
        moved_home, reused_spare, dropped_original, joint_cx, joint_x, third_qpu, commuted, other_bases, dynamic,
        exchanged,
    )
}  # fmt: skip
