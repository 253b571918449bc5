"""A term in place of each pair makes an ordinary program of an ordinary program."""

import numpy as np
import pytest

import weft
from weft.errors import InvalidProgramError, InvalidValueError
from weft.network import QPU, BellPair, Link, Network
from weft.program import Op, ProgramBuilder
from weft.protocols.cutting.cancellation import cancelled_pair
from weft.protocols.cutting.dressed_programs import dressed_program, pair_rows
from weft.protocols.cutting.pairs import PairTerm, virtual_pair

AS_IT_IS = PairTerm(1.0, True, (), ())
WERNER = BellPair.werner(0.9)


def a_program(network="line:3x2", circuit="qft:5"):
    return weft.compile(circuit, network, seed=1, effort="fast")


def test_pairs_as_they_are_leave_a_program_as_it_is() -> None:
    program = a_program()
    assert program.ebits > 2
    assert dressed_program(program, [AS_IT_IS] * program.ebits) == program


def test_gates_come_right_behind_the_pair_and_products_instead_of_it() -> None:
    program = a_program()
    dressing = cancelled_pair(WERNER).terms[2]  # an X on the second half
    prepared = virtual_pair().terms[2]
    terms = [dressing, prepared, *[AS_IT_IS] * (program.ebits - 2)]
    made = dressed_program(program, terms)
    assert made.ebits == program.ebits - 1
    assert made.network == program.network
    first, second = pair_rows(program)[:2].tolist()
    assert made.opcodes[first : first + 2].tolist() == [Op.ENTANGLE, Op.GATE]
    assert made.qubits[first + 1].tolist() == [program.qubits[first, 1], -1]
    resets = slice(second + 1, second + 3)
    assert made.opcodes[resets].tolist() == [Op.RESET, Op.RESET]
    assert made.qubits[resets, 0].tolist() == program.qubits[second].tolist()
    kept = np.delete(
        made.opcodes, np.r_[first + 1, second + 1 : second + 3 + len(prepared.first) + len(prepared.second)]
    )
    assert kept.tolist() == np.delete(program.opcodes, second).tolist()
    assert made.read_bits.tolist() == program.read_bits.tolist()


def test_as_many_terms_as_pairs() -> None:
    program = a_program()
    with pytest.raises(InvalidValueError, match=f"one for each of {program.ebits} pairs, but hold 1"):
        dressed_program(program, [AS_IT_IS])


def test_blocks_whose_swaps_may_fail_grow() -> None:
    repeater = QPU("B", 0, 4, swap_success_probability=0.5)
    qpus = (QPU("A", 2), repeater, QPU("C", 2))
    network = Network("chain", qpus, tuple(Link(a, b, 1e-5, 0.5, pair=WERNER) for a, b in ("AB", "BC")))
    program = a_program(network, "qft:4")
    assert program.retries
    made = dressed_program(program, [virtual_pair().terms[1]] * program.ebits)
    for before, after in zip(program.retries, made.retries, strict=True):
        pairs = np.count_nonzero(program.opcodes[before.start : before.row] == Op.ENTANGLE)
        resets = np.count_nonzero(made.opcodes[after.start : after.row] == Op.RESET)
        assert resets == 2 * pairs
        assert after.row - after.start > before.row - before.start
    assert weft.simulate(made, shots=20, seed=1, backend="statevector").ebits == 0


def test_a_block_that_depends_on_what_it_measured_is_refused() -> None:
    """The terms would decide how often it succeeds, and what comes out would no longer be linear in them."""
    builder = ProgramBuilder(weft.load_network("line:2x1"))
    a, b = (builder.add_qubit(f"{name}.c0", qpu, communication=True) for qpu, name in enumerate("AB"))
    builder.entangle(0, a, b)
    bits = [builder.new_bit(), builder.new_bit()]
    builder.measure(a, bits[0])
    builder.measure(b, bits[1])
    builder.retry(a, 0, bits)
    with pytest.raises(InvalidProgramError, match="depends on what it measured"):
        dressed_program(builder.build(), [AS_IT_IS])
