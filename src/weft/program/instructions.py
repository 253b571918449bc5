"""The kinds of instruction, and the small codes that the columns of a Program hold.

| instruction | meaning |
|---|---|
| `gate` | a named local unitary on one QPU, possibly conditioned on classical bits |
| `reset` | prepare a qubit in the state zero; an empty communication qubit then holds that, without a pair |
| `entangle` | take one Bell pair Φ+ from a link: one communication qubit at each end |
| `measure` | in Z, X or Y; yields a bit |
| `correct` | a Pauli applied if the parity of some bits is 1 |
| `retry` | closes a block that prepares fresh qubits: unless it succeeded, the block runs again |
"""

from enum import IntEnum


class Op(IntEnum):
    """What an instruction is."""

    GATE = 0
    RESET = 1
    ENTANGLE = 2
    MEASURE = 3
    CORRECT = 4
    RETRY = 5


class Pauli(IntEnum):
    """A Pauli operator; also the basis of a measurement."""

    X = 1
    Y = 2
    Z = 3


class Role(IntEnum):
    """Why an instruction reads a bit."""

    IF_ZERO = 0
    """A condition: the instruction happens only if the bit is 0."""
    IF_ONE = 1
    """A condition: the instruction happens only if the bit is 1."""
    PARITY = 2
    """The bit counts in the parity that decides a correction, or whether a block is run again."""
