"""How the kernels of this room are compiled: once for all runs, and so that threads may run beside them."""

import numba

jit = numba.njit(cache=True, nogil=True)
"""A decorator for kernels."""
