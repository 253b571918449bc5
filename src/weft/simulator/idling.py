"""What waiting does to a qubit: relaxation, dephasing, and the echo pulses that are meant to hold dephasing back.

During one wait of t, between two instructions, a qubit

1. relaxes: |1⟩ falls to |0⟩ with probability 1 − e^{−t/T1}, and coherence falls by e^{−t/2T1};
2. dephases: coherence falls by e^{−φ}. Exponential dephasing has φ = t (1/T2 − 1/2T1), Gaussian dephasing φ = (t/T2)², which begins
   anew with each wait;
3. if it is decoupled, and t is at least the interval τ between pulses: φ = t τ²/T2³ instead, and the pulses depolarise it by
   e^{−λt} with λ = −ln(1 − 2e)/τ, e being the average infidelity of a pulse.

Assumed of decoupling: pulses take no time, come at all multiples of τ in the wait, and their errors are independent of dephasing;
the T2 of a single echo is `t2_s`, that of free Gaussian decay, though experiments find it longer.

Sources: Nielsen and Chuang, section 8.3.5; de Lange, Wang, Ristè, Dobrovitski, Hanson, Science 330, 60 (2010): with n pulses
coherence is e^{−(t/T2(n))³} and T2(n) = T2 n^{2/3}, which for t = nτ is e^{−t τ²/T2³}.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from weft.network import QPU
from weft.program import Program

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Idling:
    """The constants of waiting, for each qubit of a program; all float64 arrays of shape (qubits,).

    Attributes:
        t1_s: relaxation time; infinite if it does not relax.
        dephasing_rate_hz: 1/T2 − 1/2T1 for exponential dephasing; else 0.
        gaussian_rate_hz: 1/T2 for Gaussian dephasing; else 0.
        interval_s: τ; infinite without decoupling.
        decoupled_rate_hz: τ²/T2³ with decoupling; else 0.
        pulse_rate_hz: λ with decoupling; else 0.
    """

    t1_s: Array
    dephasing_rate_hz: Array
    gaussian_rate_hz: Array
    interval_s: Array
    decoupled_rate_hz: Array
    pulse_rate_hz: Array

    @property
    def relaxes(self) -> bool:
        """Whether any qubit does."""
        return bool(np.any(np.isfinite(self.t1_s)))

    @property
    def is_noisy(self) -> NDArray[np.bool_]:
        """Whether waiting does anything to each qubit, shape (qubits,)."""
        return np.isfinite(self.t1_s) | (self.dephasing_rate_hz > 0) | (self.gaussian_rate_hz > 0)

    def exponents(self, qubit: int, idle_s: Array) -> tuple[Array, Array]:
        """φ and λt of a qubit's waits, each of the shape of `idle_s`."""
        pulsed = idle_s >= self.interval_s[qubit]
        free = idle_s * self.dephasing_rate_hz[qubit] + np.square(idle_s * self.gaussian_rate_hz[qubit])
        dephased = np.where(pulsed, idle_s * self.decoupled_rate_hz[qubit], free)
        return dephased, np.where(pulsed, idle_s * self.pulse_rate_hz[qubit], 0.0)

    def laws(self, *, relaxation: bool) -> Array:
        """Mean numbers of Pauli faults as polynomials of the waiting time: a wait is as many of each as Poisson distributions give.

        A Poisson number of faults with mean h multiplies what anticommutes with them by e^{−2h}. So dephasing by e^{−φ} is Z with
        mean φ/2, depolarising by e^{−λt} is each Pauli with λt/4, and the twirl of relaxation is X and Y with t/4T1 each.

        Args:
            relaxation: whether it is twirled into faults too; otherwise it is left out.

        Returns:
            float64 array, shape (qubits, 6): for t below [3], X and Y come with mean [0] t each and Z with [1] t + [2] t²; from
            there on with [4] t each and with [5] t.

        Source:
            Sarvepalli, Klappenecker, Rötteler, Proc. R. Soc. A 465, 1645 (2009), for the twirl of T1 and T2.
        """
        flips = 0.25 / self.t1_s if relaxation else np.zeros_like(self.t1_s)
        pulses = self.pulse_rate_hz / 4
        before = (flips, self.dephasing_rate_hz / 2, np.square(self.gaussian_rate_hz) / 2)
        after = (flips + pulses, self.decoupled_rate_hz / 2 + pulses)
        return np.column_stack((*before, self.interval_s, *after))

    def hazards(self, qubits: NDArray[np.int64], idle_s: Array, *, relaxation: bool) -> tuple[Array, Array]:
        """The mean numbers of Pauli faults of some waits, by `laws`.

        Args:
            qubits (int64 array, shape (waits,)): that wait.
            idle_s (float64 array, shape (waits, shots)): for how long.
            relaxation: whether it is twirled into faults too; otherwise it is left out.

        Returns:
            (mean number of X, and as many of Y; mean number of Z), each of the shape of `idle_s`.
        """
        laws = self.laws(relaxation=relaxation)[qubits].T[:, :, None]
        flips, phase_flips = laws[0] * idle_s, laws[1] * idle_s
        if np.any(laws[2] > 0):
            phase_flips += laws[2] * np.square(idle_s)
        if np.any(np.isfinite(laws[3])):
            pulsed = idle_s >= laws[3]
            flips = np.where(pulsed, laws[4] * idle_s, flips)
            phase_flips = np.where(pulsed, laws[5] * idle_s, phase_flips)
        return flips, phase_flips


def idling_of(program: Program) -> Idling:
    """The constants of waiting, for each qubit of a program."""
    kinds = np.array(
        [_constants(qpu, communication) for qpu in program.network.qpus for communication in (False, True)]
    )
    columns = kinds[2 * program.qubit_qpus + program.qubit_is_communication].reshape(-1, 6).T
    return Idling(*np.ascontiguousarray(columns))


def _constants(qpu: QPU, communication: bool) -> tuple[float, ...]:
    """Of one kind of qubit on a QPU, in the order of `Idling`."""
    t1, t2 = qpu.coherence(communication)
    if qpu.dephasing == "exponential":
        return t1, max(1 / t2 - 0.5 / t1, 0.0), 0.0, np.inf, 0.0, 0.0
    interval = qpu.decoupling_interval_s
    if interval is None or np.isinf(t2):  # there is nothing to hold back, so there are no pulses
        return t1, 0.0, 1 / t2, np.inf, 0.0, 0.0
    return t1, 0.0, 1 / t2, interval, interval**2 / t2**3, -np.log1p(-2 * qpu.one_qubit_gate_error) / interval
