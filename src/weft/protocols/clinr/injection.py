"""Injection: the data go through the circuit of a block by a Bell measurement between them and its input side.

Its bits say which Pauli X^a Z^b stands before the block's circuit. Between QPUs the measurement acts through a Bell pair of a link
for each qubit: the data are teleported to the next QPU and measured there with the input side, with nothing waiting in between.

Sources: Delfosse and Tham, arXiv 2407.06583; Dobbs, Delfosse and Brodutch, arXiv 2512.10693, between QPUs; Gottesman and Chuang,
Nature 402, 390 (1999), for gates by teleportation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from weft.protocols.clinr.block_circuit import hop_operations, injection_operations
from weft.protocols.clinr.pauli_frame import PauliFrame
from weft.protocols.clinr.rows import add_rows
from weft.protocols.clinr.workspace import Wires, Workspace

Lanes = Mapping[int, Sequence[tuple[int, int]]]
"""For each link, pairs of communication qubits, the one at the link's `a` first."""


def inject(workspace: Workspace, inputs: Wires, side: Wires, lanes: Lanes, frame: PauliFrame) -> None:
    """Appends the Bell measurement between the data and the input side of a block.

    Args:
        workspace: of the program.
        inputs: where the data are; they leave it.
        side: input side of the block.
        lanes: communication qubits for the hop, if it is one.
        frame: of the data; takes up what the measurement leaves before the block's circuit.
    """
    size, builder = workspace.size, workspace.builder
    if inputs.qpu == side.qpu:
        readings = add_rows(builder, injection_operations(size), (*inputs.qubits, *side.qubits))
    else:
        link = workspace.link(inputs.qpu, side.qpu)
        starts_here = workspace.network.link_ends[link, 0] == inputs.qpu
        ends = [pair if starts_here else pair[::-1] for pair in lanes[link]]
        near, far = ([ends[place % len(ends)][end] for place in range(size)] for end in (0, 1))
        readings = add_rows(builder, hop_operations(size), (*inputs.qubits, *near, *far, *side.qubits), link=link)
    frame.add(xs=[readings[size + place] for place in range(size)], zs=[readings[place] for place in range(size)])
