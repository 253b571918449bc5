"""Programs with blocks that may run again, by hand."""

from collections.abc import Sequence

from weft.circuit import Register
from weft.network import QPU, BellPair, Link, Network
from weft.program import Pauli, Program, ProgramBuilder


def chain_network(
    links: int, *, p: float = 0.1, attempt_s: float = 1.0, latency_s: float = 0.0, **qpu: float
) -> Network:
    """Two ends with a data qubit each, and repeaters between them."""
    qpus = [QPU(f"N{k}", 0 if 0 < k < links else 1, 2, **qpu) for k in range(links + 1)]
    ends = [
        Link(f"N{k}", f"N{k + 1}", attempt_s=attempt_s, success_probability=p, classical_latency_s=latency_s)
        for k in range(links)
    ]
    return Network("chain", tuple(qpus), tuple(ends))


def nested_chain(network: Network, odds: float, most_runs: int = 0) -> Program:
    """A long pair over all links of a chain, whose swaps succeed with `odds`, measured at both ends."""
    builder, links = ProgramBuilder(network), len(network.links)
    left = [builder.add_qubit(f"N{k}.c0", k, communication=True) for k in range(links)]
    right = [builder.add_qubit(f"N{k + 1}.c1", k + 1, communication=True) for k in range(links)]
    bits: list[tuple[int, int]] = []

    def join(low: int, high: int) -> None:
        if high - low == 1:
            builder.entangle(low, left[low], right[low])
            return
        start, middle = len(builder), (low + high) // 2
        join(low, middle)
        join(middle, high)
        x, z = builder.new_bit(), builder.new_bit()
        builder.gate("cx", right[middle - 1], left[middle])
        builder.measure(right[middle - 1], z, basis=Pauli.X)
        builder.measure(left[middle], x)
        bits.append((x, z))
        builder.retry(left[middle], start, odds=odds, most_runs=most_runs)

    join(0, links)
    builder.correct(Pauli.X, right[-1], [x for x, _ in bits])
    builder.correct(Pauli.Z, right[-1], [z for _, z in bits])
    for qubit in (left[0], right[-1]):
        builder.measure(qubit, builder.new_bit())
    return builder.build()


def checked_pair(
    pair: BellPair, *, angle: float | None = None, most_runs: int = 0, latency_s: float = 0.0, **qpu: float
) -> Program:
    """A pair that is checked by another one, again until both ends agree, and moved into data qubits; measured in X.

    With an `angle`, a rotation about Z makes the program none of Clifford gates, outside its block.
    """
    qpus = tuple(QPU(name, 1, 2, **qpu) for name in "AB")
    link = Link("A", "B", attempt_s=1e-3, success_probability=0.3, pair=pair, channels=2, classical_latency_s=latency_s)
    builder = ProgramBuilder(Network("two", qpus, (link,)), registers=(Register("c", (0, 1)),), num_clbits=2)
    data = [builder.add_qubit(f"{name}.d0", place) for place, name in enumerate("AB")]
    kept, spent = (
        [builder.add_qubit(f"{name}.c{k}", place, communication=True) for place, name in enumerate("AB")]
        for k in (0, 1)
    )
    builder.entangle(0, *kept)
    builder.entangle(0, *spent)
    for one, other in zip(kept, spent, strict=True):
        builder.gate("cx", one, other)
    checks = _measured(builder, spent, Pauli.Z)
    builder.retry(kept[0], 0, checks, most_runs=most_runs)
    for one, other in zip(kept, data, strict=True):
        builder.gate("cx", one, other)
    for qubit, bit in zip(data, _measured(builder, kept, Pauli.X), strict=True):
        builder.correct(Pauli.Z, qubit, (bit,))
    if angle is not None:
        builder.gate("rz", data[0], angles=(angle,))
        builder.gate("rz", data[1], angles=(-angle,))
    for bit, qubit in enumerate(data):
        builder.gate("h", qubit)
        builder.measure(qubit, bit)
    return builder.build()


def _measured(builder: ProgramBuilder, qubits: Sequence[int], basis: Pauli) -> list[int]:
    bits = [builder.new_bit() for _ in qubits]
    for qubit, bit in zip(qubits, bits, strict=True):
        builder.measure(qubit, bit, basis=basis)
    return bits
