"""The machine that CliNR is studied on: QPUs on a ring, as a network for the ordinary scheduler and simulator."""

from __future__ import annotations

import math

from weft.errors import InvalidValueError
from weft.network import QPU, BellPair, Link, Network
from weft.protocols.clinr.noise import Noise

GATE_S = 1.0
"""Duration of a two-qubit gate on the machine, which is the unit of time; nothing else but pairs takes any."""


def ring_machine(qpus: int, size: int, noise: Noise, *, tau_e: float = 1.0, ancillas: int = 1) -> Network:
    """QPUs on a ring whose links make one Bell pair at a time, with just as many qubits as CliNR on one QPU needs.

    Probabilities of Paulis become average infidelities: p is 5/4 of that of a two-qubit gate, 3/2 of that of a one-qubit gate
    (Nielsen, Phys. Lett. A 303, 249 (2002)). A depolarising wait is T1 = T2 with e^(−1/T) = 1 − 4q/3 for q per gate time.

    Args:
        qpus: how many.
        size: n, qubits of the circuit; each QPU has 3n and the ancillas, and any number of communication qubits.
        noise: how often operations fail.
        tau_e: gate times that a Bell pair takes.
        ancillas: of each QPU.

    Raises:
        InvalidValueError: if `remote` differs from `two_qubit`, because a program does not tell such gates apart; or without QPUs.
        InvalidNetworkError: if numbers are outside what QPUs and links may have.

    Source:
        Dobbs, Delfosse and Brodutch, arXiv 2512.10693, for the ring.
    """
    if qpus < 1:
        raise InvalidValueError(f"`qpus` must be at least 1, but is {qpus}")
    if noise.remote != noise.two_qubit:
        raise InvalidValueError(
            f"`remote` must be as `two_qubit` = {noise.two_qubit} in a program, whose QPUs have one kind of two-qubit gate, but is "
            f"{noise.remote}"
        )
    decay = 1 - 4 / 3 * noise.idle
    coherence_s = math.inf if noise.idle == 0 else -GATE_S / math.log(max(decay, 1e-300))
    names = [f"Q{place}" for place in range(qpus)]
    machines = tuple(
        QPU(
            name,
            3 * size + ancillas,
            two_qubit_gate_s=GATE_S,
            two_qubit_gate_error=noise.two_qubit * 4 / 5,
            one_qubit_gate_error=noise.one_qubit * 2 / 3,
            measurement_error=noise.measurement,
            reset_error=noise.preparation,
            t1_s=coherence_s,
            t2_s=coherence_s,
        )
        for name in names
    )
    pair = BellPair.werner(1 - noise.pair)
    links = tuple(
        Link(names[place], names[(place + 1) % qpus], attempt_s=tau_e * GATE_S, pair=pair)
        for place in range(qpus if qpus > 2 else qpus - 1)
    )
    return Network(f"ring of {qpus} QPUs", machines, links)
