"""Sixteen neighbouring amplitudes at once: the one operation of the dense state vector that Numba is told how to vectorise.

A state is two arrays, real and imaginary parts. A row of sixteen amplitudes is a vector; the four low bits of an index say where in
a row an amplitude stands (its *lane*), the others say in which row. A gate on a high bit mixes rows, a gate on a low bit mixes the
lanes of one row, so it multiplies the row and its shuffled self by coefficients that differ from lane to lane. LLVM lays vectors of
sixteen out on whatever the processor has.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

LANES = 16
LANE_BITS = 4
_FUSED = ("contract",)  # a product and a sum may be rounded once


@intrinsic(prefer_literal=True)  # type: ignore[untyped-decorator]
def mix(
    typing_context: Any,  # noqa: ARG001
    re: Any,
    im: Any,
    new_re: Any,
    new_im: Any,
    start: Any,  # noqa: ARG001  # Numba counts the arguments
    near: Any,  # noqa: ARG001
    far: Any,  # noqa: ARG001
    coefficients: Any,
    first: Any,
    second: Any,
) -> Any:
    """A two-qubit gate on the rows that belong together, from (`re`, `im`) to (`new_re`, `new_im`), which may be the same arrays.

    Args:
        typing_context: Numba's.
        re (float32 array, shape (2ⁿ,)): real parts before.
        im (float32 array, shape (2ⁿ,)): imaginary parts before.
        new_re (float32 array, shape (2ⁿ,)): real parts after.
        new_im (float32 array, shape (2ⁿ,)): imaginary parts after.
        start: index of the first amplitude of the first row.
        near: distance of the two rows that differ in the first bit, if that is no lane bit.
        far: distance of the two rows that differ in the second bit, if that is no lane bit.
        coefficients (float32 array, shape (4, 4, 2, 16)): of each new row, of each old value relative to the new one, real and
            imaginary, lane by lane.
        first: literal; 2ᵇ if the first bit is lane bit b, 0 if it is none.
        second: literal; the same of the second bit.
    """
    masks = (first.literal_value, second.literal_value)
    signature = types.void(
        re, im, new_re, new_im, types.intp, types.intp, types.intp, coefficients, first, second
    )  # fmt: skip

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        vector = ir.VectorType(ir.FloatType(), LANES)
        data = {
            index: context.make_array(signature.args[index])(context, builder, arguments[index]).data
            for index in (0, 1, 2, 3, 7)
        }
        start, *distances = arguments[4:7]

        def place(array: int, index: Any) -> Any:
            return builder.bitcast(builder.gep(data[array], [index]), vector.as_pointer())

        def shuffled(value: Any, mask: int) -> Any:
            order = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane ^ mask for lane in range(LANES)])
            return builder.shuffle_vector(value, value, order) if mask else value

        row_starts = [start]
        for mask, distance in zip(masks, distances, strict=True):
            if not mask:
                row_starts += [builder.add(row, distance) for row in row_starts]
        old = [tuple(builder.load(place(part, row), align=4) for part in (0, 1)) for row in row_starts]
        for row, row_start in enumerate(row_starts):
            sums: list[Any] = [None, None]
            for value in range(4):
                source, lanes = _source(row, value, masks)
                real, imaginary = (shuffled(part, lanes) for part in old[source])
                at = [ir.Constant(ir.IntType(64), (8 * row + 2 * value + part) * LANES) for part in (0, 1)]
                c_real, c_imaginary = (builder.load(place(7, index), align=4) for index in at)
                for part, (x, y, combine) in enumerate(
                    ((real, imaginary, builder.fsub), (imaginary, real, builder.fadd))
                ):
                    term = builder.fmul(c_real, x, flags=_FUSED)
                    total = term if sums[part] is None else builder.fadd(sums[part], term, flags=_FUSED)
                    sums[part] = combine(total, builder.fmul(c_imaginary, y, flags=_FUSED), flags=_FUSED)
            for part in (0, 1):
                builder.store(sums[part], place(2 + part, row_start), align=4)
        return context.get_dummy_value()

    return signature, generate


def _source(row: int, value: int, masks: tuple[int, int]) -> tuple[int, int]:
    """The row, and the XOR of lanes, where the old amplitudes stand whose two bits differ by `value` from the new one's.

    Bit 0 of `value` is the first qubit's. Rows are numbered by the bits that are no lane bits, the first lowest.
    """
    lanes, distance = 0, 1
    for position, mask in enumerate(masks):
        differs = value >> position & 1
        if mask:
            lanes ^= mask * differs
        else:
            row ^= distance * differs
            distance *= 2
    return row, lanes
