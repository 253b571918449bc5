"""Unitaries of one qubit up to a phase, as quaternions: (w, x, y, z) is w − i(xX + yY + zZ).

An axis is a unit vector m and stands for the operator m·σ. A rotation by a tiny angle about an axis keeps its relative precision,
which matrix entries next to 1 would lose.
"""

from __future__ import annotations

import math

from weft.program.jit import jit

PARALLEL = 1e-9
"""How far apart two axes may be and still count as the same; also the tolerance of unitaries and of angles."""
_BOUNDARY = 0.5234567  # less than 1/√3, and no component that an ordinary angle gives


@jit
def product(a, b):
    """The unitary that acts as `b` and then as `a`, kept on the unit sphere."""
    w = a[0] * b[0] - a[1] * b[1] - a[2] * b[2] - a[3] * b[3]
    x = a[0] * b[1] + a[1] * b[0] + a[2] * b[3] - a[3] * b[2]
    y = a[0] * b[2] + a[2] * b[0] + a[3] * b[1] - a[1] * b[3]
    z = a[0] * b[3] + a[3] * b[0] + a[1] * b[2] - a[2] * b[1]
    scale = 1.0 / math.sqrt(w * w + x * x + y * y + z * z)
    return (w * scale, x * scale, y * scale, z * scale)


@jit
def rotation(axis, angle):
    """The unitary exp(−i angle/2 axis·σ)."""
    cosine, sine = math.cos(angle / 2), math.sin(angle / 2)
    return (cosine, sine * axis[0], sine * axis[1], sine * axis[2])


@jit
def pulled_back(u, axis):
    """The axis of U† (axis·σ) U: what the axis was before U acted. Lengths stay as they are."""
    w, x, y, z = u[0], -u[1], -u[2], -u[3]
    # twice the cross product of the vector part and the axis
    a = 2 * (y * axis[2] - z * axis[1])
    b = 2 * (z * axis[0] - x * axis[2])
    c = 2 * (x * axis[1] - y * axis[0])
    return (
        axis[0] + w * a + y * c - z * b,
        axis[1] + w * b + z * a - x * c,
        axis[2] + w * c + x * b - y * a,
    )


@jit
def length(vector):
    """The Euclidean length of a vector."""
    return math.sqrt(vector[0] * vector[0] + vector[1] * vector[1] + vector[2] * vector[2])


@jit
def alignment(first, second):
    """1 if two axes are the same, −1 if they are opposite, 0 otherwise."""
    a = first[1] * second[2] - first[2] * second[1]
    b = first[2] * second[0] - first[0] * second[2]
    c = first[0] * second[1] - first[1] * second[0]
    if max(abs(a), abs(b), abs(c)) > PARALLEL:
        return 0
    return 1 if first[0] * second[0] + first[1] * second[1] + first[2] * second[2] > 0 else -1


@jit
def sign_of(axis):
    """Which of an axis and its opposite is the one to name both by: the sign of its first large component."""
    for component in axis:
        if abs(component) > _BOUNDARY:
            return 1 if component > 0 else -1
    return 1  # not reached: a unit vector has a component of 1/√3
