"""What sampler and estimator share: a machine, the seed of their jobs, and how a job is started."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from qiskit.primitives import PrimitiveJob, PrimitiveResult

from weft.compiler import Effort
from weft.network import Network
from weft.qiskit.machine import Compilations, Machine
from weft.qiskit.seeds import Seed, Seeds, check_seed
from weft.scheduler import Policy
from weft.simulator import Backend


class Primitive:
    """Runs PUBs on a network. Put before the interface of Qiskit's that says what PUBs and results are.

    Args:
        network: or what `weft.load_network` takes.
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
        seed: Seed,
        policy: Policy,
        backend: str | Backend,
        effort: Effort,
    ) -> None:
        check_seed(seed)
        self._seed = seed
        self._machine = Machine(network, policy=policy, backend=backend, effort=effort)

    @property
    def network(self) -> Network:
        """The network that circuits run on."""
        return self._machine.network

    @property
    def seed(self) -> Seed:
        """The seed of all jobs."""
        return self._seed

    @property
    def compilations(self) -> Compilations:
        """How many programs were searched for, and how many were not because something was remembered."""
        return self._machine.compilations

    def _start(self, run_pub: Callable[[Any, int, Seeds], Any], pubs: list[Any]) -> Any:
        """A job, under way, whose results are what `run_pub` gives for each PUB, its index and the seeds of the job."""
        job = PrimitiveJob(self._run_pubs, run_pub, pubs, Seeds.of(self._seed))
        job._submit()  # noqa: SLF001  # as Qiskit's own primitives start it; there is no other way
        return job

    def _run_pubs(self, run_pub: Callable[[Any, int, Seeds], Any], pubs: list[Any], seeds: Seeds) -> Any:
        results = [run_pub(pub, index, seeds) for index, pub in enumerate(pubs)]
        return PrimitiveResult(results, metadata={"version": 2, "network": self.network.name})
