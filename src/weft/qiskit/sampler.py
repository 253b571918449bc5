"""Qiskit's `SamplerV2` on a network."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.primitives import BaseSamplerV2, SamplerPubResult
from qiskit.primitives.containers import BitArray, DataBin
from qiskit.primitives.containers.sampler_pub import SamplerPub

from weft.compiler import Effort
from weft.errors import InvalidValueError
from weft.network import Network
from weft.qiskit.circuits import circuit_of
from weft.qiskit.machine import Shots
from weft.qiskit.metadata import metadata_of
from weft.qiskit.primitive import Primitive
from weft.qiskit.seeds import Seed, Seeds
from weft.scheduler import AS_SOON_AS_POSSIBLE, Policy
from weft.simulator import Backend


class Sampler(Primitive, BaseSamplerV2):  # type: ignore[misc]  # Qiskit's types are skipped
    """Samples circuits on a network of QPUs, by the interface of Qiskit's `SamplerV2`.

    Circuits may measure and branch on their way. The order of shots is drawn, because results count outcomes; see `Shots`.

    Args:
        network: or what `weft.load_network` takes.
        default_shots: for PUBs that do not say how many, in jobs that do not say.
        seed: a whole number gives every job the same random numbers; a NumPy generator or None do not.
        policy: of the links.
        backend: of the simulator, as `weft.simulate` takes it.
        effort: of the compiler.

    Raises:
        InvalidValueError, InvalidNetworkError: for arguments that cannot be.
    """

    def __init__(
        self,
        network: Network | str | Path,
        *,
        default_shots: int = 1024,
        seed: Seed = None,
        policy: Policy = AS_SOON_AS_POSSIBLE,
        backend: str | Backend = "auto",
        effort: Effort = "default",
    ) -> None:
        if isinstance(default_shots, bool) or not isinstance(default_shots, int | np.integer) or default_shots < 1:
            raise InvalidValueError(f"`default_shots` must be a whole number of at least 1, but is {default_shots!r}")
        super().__init__(network, seed=seed, policy=policy, backend=backend, effort=effort)
        self._default_shots = int(default_shots)

    @property
    def default_shots(self) -> int:
        """Shots of PUBs that do not say how many, in jobs that do not say."""
        return self._default_shots

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> Any:
        """Starts a job.

        Args:
            pubs: circuits, or tuples of a circuit, parameter values and shots, the last two of which may be left out.
            shots: for PUBs that do not say how many.

        Returns:
            A job whose `result()` has a `SamplerPubResult` for each PUB: a `BitArray` for each classical register, and
            `metadata` with the cost and the errors as `weft.qiskit.metadata` says. What goes wrong while it runs is
            raised by `result()`.
        """
        coerced = [SamplerPub.coerce(pub, self._default_shots if shots is None else shots) for pub in pubs]
        for index, pub in enumerate(coerced):
            if not pub.circuit.cregs:
                warnings.warn(
                    f"a circuit must have a classical register for its outcomes to be seen, but that of PUB {index} has "
                    "none and its result will be empty; `measure_all()` adds one",
                    UserWarning,
                    stacklevel=2,
                )
        return self._start(self._run_pub, coerced)

    def _run_pub(self, pub: Any, index: int, seeds: Seeds) -> Any:
        bound = pub.parameter_values.bind_all(pub.circuit)
        runs = [
            self._machine.run(circuit_of(circuit), pub.shots, seeds.at(index, binding))
            for binding, circuit in enumerate(bound.ravel())
        ]
        return SamplerPubResult(
            DataBin(**_registers(pub, runs), shape=pub.shape),
            metadata={
                "shots": pub.shots,
                "circuit_metadata": pub.circuit.metadata,
                **metadata_of([[run] for run in runs], pub.shape),
            },
        )


def _registers(pub: Any, runs: list[Shots]) -> dict[str, Any]:
    """The bits of each classical register of a circuit. All registers have their shots in the same order."""
    shots = [run.in_some_order() for run in runs]
    position = {bit: index for index, bit in enumerate(pub.circuit.clbits)}
    found = {}
    for register in pub.circuit.cregs:
        bits = [position[bit] for bit in register]
        packed = [packed_bits(rows[:, bits]) for rows in shots]
        shape = (*pub.shape, pub.shots, -(-len(bits) // 8))
        found[register.name] = BitArray(np.array(packed, dtype=np.uint8).reshape(shape), len(bits))
    return found


def packed_bits(rows: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Rows of bits, bit 0 first, as bytes in the order that `BitArray` has: the last bit is the first and most significant."""
    padding = -rows.shape[1] % 8
    return np.packbits(np.pad(rows[:, ::-1], ((0, 0), (padding, 0))), axis=1)
