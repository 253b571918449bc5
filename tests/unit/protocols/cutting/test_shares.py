"""Shares of terms are overlaps of Choi matrices, and say what wrong signs leave of a process."""

import math

import numpy as np
import pytest

from weft.circuit import Circuit, CircuitBuilder
from weft.circuit.gates import CODES, matrix_of
from weft.protocols.cutting import gate_cuts
from weft.protocols.cutting.choi import operation_choi
from weft.protocols.cutting.cuts import Cut, gate_cut_at, wire_cut_at
from weft.protocols.cutting.operations import Operation
from weft.study.cutting.hybrid_plan import GateCut

Gates = list[tuple[str, tuple[float, ...]]]


def random_run(seed: int) -> Gates:
    """Three CX with rotations between them: any unitary."""
    rng = np.random.default_rng(seed)
    return [
        gate for _ in range(3) for gate in (("cx", ()), ("rzz", (rng.uniform(0, 2),)), ("rxx", (rng.uniform(0, 2),)))
    ]


MOMENTS: dict[str, list[Gates]] = {
    "cx": [[("cx", ())]],
    "cz": [[("cz", ())]],
    "cp": [[("cp", (0.3,))]],
    "swap": [[("swap", ())]],
    "iswap": [[("iswap", ())]],
    "rxx rzz": [[("rxx", (0.7,)), ("rzz", (0.4,))]],
    "rxx ryy": [[("rxx", (0.5,)), ("ryy", (0.5,))]],
    **{f"run {seed}": [random_run(seed)] for seed in range(4)},
    "two cx": [[("cx", ())], [("cx", ())]],
    "two cp": [[("cp", (0.9,))], [("cp", (0.4,))]],
    "rzz and cx": [[("rzz", (0.2,))], [("cx", ())]],
    "run and cx": [random_run(5), [("cx", ())]],
}
WIRES = [(wires, communication) for wires in (1, 2, 3) for communication in (False, True)]


def gate_cut(moment: list[Gates], *, ancillas: bool = True) -> Cut:
    builder, runs = CircuitBuilder(2 * len(moment)), []
    for place, gates in enumerate(moment):
        first = sum(map(len, moment[:place]))
        runs.append(tuple(range(first, first + len(gates))))
        for name, angles in gates:
            builder.gate(name, 2 * place, 2 * place + 1, angles=angles)
    circuit: Circuit = builder.build()
    return gate_cut_at(circuit, runs, tuple(range(0, 2 * len(moment), 2)), (0, 1), ancillas=ancillas)


def wire_cut(wires: int, communication: bool) -> Cut:
    return wire_cut_at([(wire, wire) for wire in range(wires)], (0, 1), communication=communication)


def matrix_between(moment: list[Gates]) -> np.ndarray:
    """The unitary of one or two runs, as a matrix from what the right end does to what the left end does."""
    unitaries = []
    for gates in moment:
        unitary = np.eye(4)
        for name, angles in gates:
            unitary = matrix_of(CODES[name], angles) @ unitary
        unitaries.append(unitary.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3))  # left out, left in, right out, right in
    if len(unitaries) == 1:
        return unitaries[0].reshape(4, 4)
    both = np.multiply.outer(*unitaries)  # out and in of: left 0, right 0, left 1, right 1
    return both.transpose(0, 4, 1, 5, 2, 6, 3, 7).reshape(16, 16)


def after(operation: Operation, seen: tuple[int, ...] = (), wrong: float = 0.0) -> np.ndarray:
    """What an operation does if each bit of its sign is read wrong so often."""
    parts, outcomes = operation_choi(operation), np.arange(2**operation.bits)
    for bit in set(operation.sign):
        parts = (1 - wrong) * parts + wrong * parts[outcomes ^ 1 << bit]
    total = np.zeros_like(parts[0])
    for outcome in outcomes.tolist():
        bits = [outcome >> bit & 1 for bit in range(operation.bits)]
        if tuple(bits[: len(seen)]) == seen:
            total += (-1) ** sum(bits[bit] for bit in operation.sign) * parts[outcome]
    return total


def overlaps(cut: Cut, unitary: np.ndarray | None, wrong: float = 0.0) -> np.ndarray:
    """The part of each term in the process fidelity: with a unitary, or with the identity of wires."""
    d = 2 ** cut.left[0].wires
    result = np.zeros(cut.coefficients.shape)
    left = [after(cut.left[number], seen, wrong) for number, seen in cut.entries]
    right = [after(operation, (), wrong) for operation in cut.right]
    for i, j in np.argwhere(cut.coefficients).tolist():
        if unitary is None:
            effect = np.einsum("oioj->ij", left[i].reshape(d, d, d, d))
            overlap = (effect * right[j].reshape(d, d, d, d)[:, 0, :, 0]).sum() / d**2
        else:
            overlap = np.einsum("xy,xX,yY,XY->", unitary.conj(), left[i], right[j], unitary, optimize=True) / d**4
        result[i, j] = cut.coefficients[i, j] * overlap.real
    return result


def signs_read(cut: Cut) -> np.ndarray:
    """How many readings give the sign of each term."""
    left, right = [len(cut.left[number].sign) for number, _ in cut.entries], [len(one.sign) for one in cut.right]
    return np.add.outer(left, right)


@pytest.mark.parametrize("ancillas", [True, False])
@pytest.mark.parametrize("name", MOMENTS)
def test_shares_of_gates_are_a_distribution_that_overlaps_confirm(name: str, ancillas: bool) -> None:
    """Term by term but for senses of rotation, which read nothing; so they are added up by what is read."""
    cut = gate_cut(MOMENTS[name], ancillas=ancillas)
    expected, read = overlaps(cut, matrix_between(MOMENTS[name])), signs_read(cut)
    assert cut.shares.sum() == pytest.approx(1, abs=1e-12)
    assert cut.shares.min() >= 0
    assert not cut.shares[cut.coefficients == 0].any()
    for number in np.unique(read):
        assert cut.shares[read == number].sum() == pytest.approx(expected[read == number].sum(), abs=1e-10)
    if name in ("cx", "cz", "cp"):
        np.testing.assert_allclose(cut.shares, expected, atol=1e-12)


@pytest.mark.parametrize(("wires", "communication"), WIRES)
def test_shares_of_wires_are_overlaps(wires: int, communication: bool) -> None:
    cut = wire_cut(wires, communication)
    np.testing.assert_allclose(cut.shares, overlaps(cut, None), atol=1e-12)
    assert cut.shares.sum() == pytest.approx(1, abs=1e-12)
    assert cut.shares.min() >= -1e-12


def test_some_terms_by_themselves_are_worth_less_than_nothing() -> None:
    """Rotations of two qubits in opposite senses, beside gates of different strengths, are what shares are averaged for."""
    moment = MOMENTS["two cp"]
    assert overlaps(gate_cut(moment), matrix_between(moment)).min() < -1e-3


@pytest.mark.parametrize("wrong", [0.01, 0.2, 0.5])
@pytest.mark.parametrize("name", MOMENTS)
def test_shares_say_what_wrong_signs_leave_of_gates(name: str, wrong: float) -> None:
    cut = gate_cut(MOMENTS[name])
    left = overlaps(cut, matrix_between(MOMENTS[name]), wrong).sum()
    assert (cut.shares * (1 - 2 * wrong) ** signs_read(cut)).sum() == pytest.approx(left, abs=1e-10)


@pytest.mark.parametrize("wires", [1, 2, 3])
def test_shares_say_what_wrong_signs_leave_of_wires(wires: int) -> None:
    """Of each wire, one of four Paulis reads nothing."""
    cut = wire_cut(wires, False)
    kept = (cut.shares * 0.9 ** signs_read(cut)).sum()
    assert kept == pytest.approx(overlaps(cut, None, 0.05).sum(), abs=1e-12)
    assert kept == pytest.approx(((1 + 3 * 0.9) / 4) ** wires, abs=1e-12)


@pytest.mark.parametrize("angle", [0.05, 0.3, 1.0, 3.0])
def test_small_angles_are_nearly_the_identity(angle: float) -> None:
    """CP(θ) is 1 with the weight cos²(θ/4), Z⊗Z with sin²(θ/4), and coherence, which is 2 sin² cos² of the process."""
    cut = gate_cut([[("cp", (angle,))]])
    signs = cut.shares[signs_read(cut) > 0].sum()
    assert signs == pytest.approx(math.sin(angle / 2) ** 2 / 2)
    drawn = np.abs(cut.coefficients)[signs_read(cut) > 0].sum() / cut.overhead
    assert signs < drawn


def test_gates_of_hybrid_links_gain_as_pieces_do() -> None:
    """A cut within one program is the same sum."""
    mine = GateCut(0, gate_cuts.gate_cut(matrix_of(CODES["cp"], (0.3,))))
    shares = np.abs(mine.by.coefficients[tuple(mine.cells.T)]) / mine.by.overhead * mine.gains
    assert np.sort(shares) == pytest.approx(np.sort(gate_cut(MOMENTS["cp"]).shares[np.nonzero(mine.by.coefficients)]))
    assert shares.sum() == pytest.approx(1)
