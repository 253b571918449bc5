"""A plan that was found for one circuit serves all of its shape."""

import numpy as np
import pytest

import weft
from weft.circuit import CircuitBuilder
from weft.compiler import compile_circuit
from weft.compiler.template import shape_of
from weft.errors import VerificationError


def mixed(rng, two=("rzz", "crx", "swap", "cu3", "iswap", "cx")):
    builder = CircuitBuilder(6)
    layout = np.random.default_rng(1)
    for _ in range(30):
        first, second = layout.permutation(6)[:2].tolist()
        name = two[layout.integers(len(two))]
        count = {"rzz": 1, "crx": 1, "cu3": 3}.get(name, 0)
        builder.gate(name, first, second, angles=rng.uniform(0.1, 3, count).tolist())
        builder.gate("u", first, angles=rng.uniform(0.1, 3, 3).tolist())
    return builder.build()


@pytest.mark.parametrize("network", ["all:3x2", "line:2x3+1", "ring:4x2+2"])
def test_a_template_gives_the_program_that_a_search_gives(network):
    compiled = compile_circuit(mixed(np.random.default_rng(2)), weft.load_network(network), effort="fast")
    other = mixed(np.random.default_rng(3))
    program = compiled.template.program(shape_of(other))  # verified
    assert program.ebits == compiled.program.ebits
    assert program.id == compile_circuit(other, weft.load_network(network), effort="fast").program.id


def test_a_template_routes_on_coupling_maps_too():
    qpus = tuple(weft.QPU(name, 3, coupling=((0, 1), (1, 2))) for name in "AB")
    network = weft.Network("lines", qpus, (weft.Link("A", "B", attempt_s=1e-6),))
    compiled = compile_circuit(mixed(np.random.default_rng(2)), network, effort="fast")
    assert compiled.template.program(shape_of(mixed(np.random.default_rng(3)))).ebits == compiled.program.ebits


def test_shapes_are_equal_where_only_angles_differ():
    one, other = (shape_of(mixed(np.random.default_rng(seed))) for seed in (2, 3))
    assert one.key == other.key
    assert one.key != shape_of(mixed(np.random.default_rng(2), two=("rzz", "cx"))).key


def test_an_angle_that_joins_segments_makes_another_shape():
    def circuit(angle):
        builder = CircuitBuilder(2)
        for _ in range(2):
            builder.gate("rzz", 0, 1, angles=[0.3])
            builder.gate("rx", 0, angles=[angle])
        return builder.build()

    assert shape_of(circuit(0.3)).key == shape_of(circuit(0.4)).key != shape_of(circuit(0.0)).key


def test_a_template_of_another_shape_is_never_taken_at_its_word():
    """The plan is for other gates: what it gives is refused by the verification, or cannot be written at all."""
    compiled = compile_circuit(weft.load_circuit("ghz:6"), weft.load_network("all:3x2"), effort="fast")
    with pytest.raises((VerificationError, IndexError, KeyError)):
        compiled.template.program(shape_of(mixed(np.random.default_rng(2))))
