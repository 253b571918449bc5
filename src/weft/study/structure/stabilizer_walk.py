"""Entanglement of stabilizer states, exactly: Stim follows the circuit, ranks give the entropies.

Of a stabilizer state on n qubits, S_A = rank(G_A) − |A| bits, with G_A the n × 2|A| matrix of bits of its generators on the
qubits of A (D. Fattal et al., arXiv:quant-ph/0406168; A. Nahum et al., Phys. Rev. X 7, 031016 (2017), appendix). All Rényi
entropies are equal.
"""

from __future__ import annotations

import numpy as np
import stim
from numpy.typing import NDArray

from weft.circuit import Circuit
from weft.circuit.clifford import clifford_tableau
from weft.circuit.gates import GATES, MEASURE, RESET
from weft.study.structure.cuts import Cut
from weft.study.structure.rank_kernel import rank


def is_clifford(circuit: Circuit) -> bool:
    """Whether every gate is Clifford."""
    gates = circuit.opcodes < len(GATES)
    keys = np.unique(np.column_stack((circuit.opcodes[gates], circuit.angles[gates])), axis=0)
    return all(_tableau(int(key[0]), tuple(key[1:].tolist())) is not None for key in keys)


def _tableau(code: int, angles: tuple[float, ...]) -> stim.Tableau | None:
    return clifford_tableau(code, angles[: GATES[code].angles])


class StabilizerWalk:
    """The state of one shot of a Clifford circuit.

    Args:
        circuit: all of whose gates are Clifford.
        seed: of the outcomes of measurements.
    """

    def __init__(self, circuit: Circuit, seed: int) -> None:
        self._circuit = circuit
        self._simulator = stim.TableauSimulator(seed=seed)
        self._simulator.set_num_qubits(circuit.num_qubits)
        self._bits = [0] * circuit.num_clbits

    def apply(self, rows: NDArray[np.int64]) -> None:
        """Executes instructions, in order."""
        circuit, simulator = self._circuit, self._simulator
        for row in rows.tolist():
            if any(self._bits[bit] != value for bit, value in circuit.condition(row)):
                continue
            code = int(circuit.opcodes[row])
            qubits = [qubit for qubit in circuit.qubits[row].tolist() if qubit >= 0]
            if code == MEASURE:
                self._bits[int(circuit.clbits[row])] = int(simulator.measure(qubits[0]))
            elif code == RESET:
                simulator.reset(qubits[0])
            else:
                simulator.do_tableau(_tableau(code, tuple(circuit.angles[row].tolist())), qubits)

    def entropies(self, cuts: list[Cut], bounds: list[float]) -> list[float]:  # noqa: ARG002  # ranks need no bounds
        """The entropy across each cut, in bits."""
        # Symplectic matrices are inverted by transposing their blocks: the generators' bits on a qubit are rows of the inverse.
        x2x, _, z2x, *_ = self._simulator.current_inverse_tableau().to_numpy(bit_packed=True)
        return [_entropy(z2x, x2x, cut) for cut in cuts]

    @staticmethod
    def cost(cuts: list[Cut]) -> float:
        """About how many seconds `entropies` takes."""
        return sum((2 * cut.size) ** 2 * (len(cut.side) / 64 + 1) for cut in cuts) / 2e9


def _entropy(xs: NDArray[np.uint8], zs: NDArray[np.uint8], cut: Cut) -> float:
    inside = int(np.count_nonzero(cut.side))
    smaller = cut.side if inside == cut.size else ~cut.side
    chosen = np.concatenate((xs[smaller], zs[smaller]))
    padded = np.zeros((len(chosen), -(-chosen.shape[1] // 8) * 8), dtype=np.uint8)
    padded[:, : chosen.shape[1]] = chosen
    return float(rank(padded.view(np.uint64)) - cut.size)
