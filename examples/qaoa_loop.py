"""QAOA for MaxCut on 8 vertices, over two QPUs: Qiskit and SciPy as ever, with Weft's estimator and sampler in the place of others.

python examples/qaoa_loop.py
"""

from qiskit.circuit.library import qaoa_ansatz
from qiskit.quantum_info import SparsePauliOp
from scipy.optimize import minimize

from weft.qiskit import Estimator, Sampler

EDGES = [*((vertex, (vertex + 1) % 8) for vertex in range(8)), (0, 3), (1, 4), (2, 6), (5, 7)]
NETWORK = "all:2x4"


def cut(bits: str) -> int:
    """How many edges join vertices whose bits differ; vertex 0 is the last bit."""
    return sum(bits[-1 - a] != bits[-1 - b] for a, b in EDGES)


def main() -> None:
    """Optimises the angles, then samples the best cut."""
    cost = SparsePauliOp.from_sparse_list(
        [("ZZ", edge, 0.5) for edge in EDGES], 8
    )  # of edges: half their number − the cut
    ansatz = qaoa_ansatz(cost, reps=2).decompose()
    estimator, energies = Estimator(NETWORK, default_precision=0.1, seed=1), []

    def energy(angles: list[float]) -> float:
        (result,) = estimator.run([(ansatz, cost, angles)]).result()
        energies.append(float(result.data.evs))
        return energies[-1]

    found = minimize(energy, [0.15, 0.1, -0.1, -0.15], method="COBYLA", options={"maxiter": 40, "rhobeg": 0.4})

    ansatz.measure_all()
    (sampled,) = Sampler(NETWORK, default_shots=2000, seed=1).run([(ansatz, found.x)]).result()
    counts, about = sampled.data.meas.get_counts(), sampled.metadata
    cuts = {key: cut(key) for key in counts}
    mean = sum(cuts[key] * count for key, count in counts.items()) / 2000
    done = estimator.compilations
    print(
        f"edges cut on average  {len(EDGES) / 2 - energies[0]:.2f} of {len(EDGES)} at first, {mean:.2f} after {len(energies)} steps"
    )
    print(
        f"best cut sampled      {max(cuts.values())} edges; no cut has more than {max(cut(f'{k:08b}') for k in range(256))}"
    )
    print(f"compiled              {done.searched} by a search, {done.refilled} with its plan, {done.found} not again")
    print(f"Bell pairs per shot   {about['bell_pairs']} {about['bell_pairs_by_link']}")
    print(
        f"makespan              {1e3 * about['makespan_s']['mean']:.0f} ms, 95 % within {1e3 * about['makespan_s']['p95']:.0f} ms"
    )
    print(f"fidelity              {about['fidelity']['value']:.3f} ± {about['fidelity']['stderr']:.3f}")
    for cause, loss in about["error_budget"].items():
        print(f"  lost to {cause.replace('_', ' '):29} {loss:.3f}")


if __name__ == "__main__":
    main()
