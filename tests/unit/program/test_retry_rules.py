"""What a block that may run again may be, and how it is written."""

import pytest

from unit.program.retry_cases import chain_network, checked_pair, nested_chain
from weft.errors import InvalidProgramError, VerificationError
from weft.network import BellPair
from weft.program import Op, Pauli, Program, ProgramBuilder
from weft.program.export import to_openqasm
from weft.program.replay import replay


def builder_with_block() -> tuple[ProgramBuilder, int, int]:
    """Two qubits of a data QPU, the first reset and measured into the first bit."""
    builder = ProgramBuilder(chain_network(1), num_clbits=2)
    first, second = builder.add_qubit("N0.d0", 0), builder.add_qubit("N1.d0", 1)
    builder.reset(first)
    builder.measure(first, 0)
    return builder, first, second


def test_a_block_is_read_back_as_it_was_written() -> None:
    program = checked_pair(BellPair.werner(0.9), most_runs=7)
    assert Program.from_bytes(program.to_bytes()) == program
    (retry,) = program.retries
    assert (retry.start, retry.bits, retry.wanted, retry.odds, retry.most_runs) == (0, (2, 3), 0, 1.0, 7)
    assert program.opcodes[retry.row] == Op.RETRY


def test_nested_blocks_are_listed_by_the_rows_that_close_them() -> None:
    retries = nested_chain(chain_network(4), 0.5).retries
    assert [(retry.start, retry.row) for retry in retries] == [(0, 5), (6, 11), (0, 15)]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"parity": (0,), "odds": 0.0}, r"odds of its block must lie in \(0, 1\], but are 0"),
        ({"parity": (0,), "wanted": 2}, "parity that it wants must be 0 or 1, but is 2"),
        ({"parity": (0,), "most_runs": -1}, "runs must be a whole number"),
        ({"parity": (0,), "start": 2}, "must hold 1 to 2 rows before it, but holds 0"),
        ({"parity": (0,), "start": -3}, "must hold 1 to 2 rows before it, but holds 5"),
        ({"parity": (1,)}, "must write one of the bits that decide, but writes none"),
        ({}, "its block cannot fail"),
        ({"parity": (5,)}, "every bit that is read must lie in 0 … 1"),
    ],
)
def test_what_a_retry_says_must_make_sense(wrong: dict, message: str) -> None:
    builder, first, _ = builder_with_block()
    builder.retry(first, **({"start": 0} | wrong))
    with pytest.raises(InvalidProgramError, match=message):
        builder.build()


def test_a_block_must_not_touch_what_was_there_before() -> None:
    builder, first, _ = builder_with_block()
    builder.gate("h", first)
    builder.measure(first, 1)
    builder.retry(first, 2, (1,))
    with pytest.raises(
        InvalidProgramError, match=r"must begin with a reset or an entangle of each of its qubits, .* N0.d0"
    ):
        builder.build()


def test_a_reset_under_a_condition_does_not_make_a_qubit_fresh() -> None:
    builder, _first, second = builder_with_block()
    builder.reset(second, condition=[(0, 1)])
    builder.measure(second, 1)
    builder.retry(second, 2, (1,))
    with pytest.raises(InvalidProgramError, match=r"begin with a reset .* N1.d0"):
        builder.build()


def test_a_block_must_not_read_what_only_its_last_run_wrote() -> None:
    builder, _first, second = builder_with_block()
    builder.reset(second)
    builder.correct(Pauli.X, second, (1,))
    builder.measure(second, 1)
    builder.retry(second, 2, (1,))
    with pytest.raises(
        InvalidProgramError,
        match="before it has surely written it, but instruction 3",
    ):
        builder.build()


def test_blocks_must_not_overlap() -> None:
    builder, first, second = builder_with_block()
    builder.retry(first, 0, (0,))
    builder.reset(second)
    builder.measure(second, 1)
    builder.retry(second, 1, (1,))
    with pytest.raises(InvalidProgramError, match="blocks must be nested or apart"):
        builder.build()


def test_openqasm_writes_a_block_as_a_loop() -> None:
    text = to_openqasm(checked_pair(BellPair.werner(0.9), most_runs=3))
    assert "bool again_6 = true;\nwhile (again_6) {\n// Bell pair from link A-B" in text
    assert "// at most 3 runs\nagain_6 = (m[0] ^ m[1]) == true;\n}" in text
    chain = to_openqasm(nested_chain(chain_network(2), 0.5))
    assert "// a step that succeeds with probability 0.5, and runs again if it fails" in chain
    assert "while" not in chain


def test_verification_refuses_what_depends_on_measured_bits() -> None:
    """A swap that fails by itself leaves the logic alone; a check decides which state is kept."""
    with pytest.raises(VerificationError, match="must do so only where a swap failed"):
        replay(checked_pair(BellPair.werner(0.9)), 2)
