"""What the command line prints for people."""

from __future__ import annotations

from collections.abc import Callable

from rich.console import Group
from rich.table import Table
from rich.text import Text

from weft.compiler import Approximation, Compilation
from weft.network import QPU, Link, Network, find_source, keys_of, path_of_link
from weft.program.traffic import Traffic, traffic, trusted_nodes_of
from weft.report.names import counted, duration
from weft.report.plain_table import named_rows, plain_table
from weft.scheduler import Supply
from weft.simulator import Result

_MOST_COUNTS = 8
_MOST_LINKS = 12
_MOST_NAMES = 12
_MOST_PLACES = 3
_CAUSE_WORDS = {
    "bell_pairs": "Bell pairs",
    "local_gates": "local gates",
    "waiting": "waiting",
    "measurement_and_feed_forward": "measurement and feed-forward",
}


def compilation_table(compilation: Compilation) -> Table:
    """What compiling found."""
    program, circuit = compilation.program, compilation.circuit
    by_link = sorted(program.ebits_by_link.items(), key=lambda item: (-item[1], item[0]))
    links = ", ".join(f"{name} {count}" for name, count in by_link[:_MOST_LINKS])
    if len(by_link) > _MOST_LINKS:
        links += f", and {len(by_link) - _MOST_LINKS} more links"
    peaks = {name: peak for name, peak in program.peak_communication_qubits.items() if peak}
    busiest = ", ".join(
        f"{name} {peak}" for name, peak in sorted(peaks.items(), key=lambda item: -item[1])[:_MOST_LINKS]
    )
    bound = compilation.lower_bound_ebits
    passed = "passed" if compilation.verification.passed else "failed"
    near = compilation.approximation
    dropped = [] if near is None else [("approximation", _approximation(near))]
    passed_nodes = trusted_nodes_of(program)
    trusted = (
        [("trusted nodes", f"{', '.join(passed_nodes)}; who runs these can read the data")] if passed_nodes else []
    )
    return named_rows(
        (
            "circuit",
            f"{circuit.name}: {counted(circuit.num_qubits, 'qubit')}, {counted(compilation.two_qubit_gates, 'two-qubit gate')}",
        ),
        *dropped,
        (
            "network",
            f"{program.network.name}: {counted(len(program.network.qpus), 'QPU')}, {counted(len(program.network.links), 'link')}",
        ),
        (
            "across QPUs",
            f"{counted(compilation.nonlocal_gates, 'gate')}, carried out with {counted(program.ebits, 'ebit')}",
        ),
        ("lower bound", "none known" if bound is None else counted(bound, "ebit")),
        ("how", _how(traffic(program, circuit.num_qubits))),
        ("ebits by link", links or "none"),
        ("communication qubits", f"at most {busiest} at once" if busiest else "none"),
        *trusted,
        ("verified", f"{passed} ({compilation.verification.method})"),
        ("compiled in", f"{duration(compilation.cpu_seconds)} of CPU"),
    )


def _approximation(near: Approximation) -> str:
    """What was left out."""
    merged = counted(near.merged_gates, "two-qubit gate")
    return f"{merged} merged, {near.dropped_gates:,} dropped; off by at most {near.error_bound:.3g} in operator norm"


def _how(counts: Traffic) -> str:
    """Such as `12 packets, 3 moves, 0 gates on a third QPU`; swaps within QPUs only if there are some."""
    parts = [counted(counts.copies, "packet"), counted(counts.moves, "move")]
    parts.append(f"{counted(counts.hub_gates, 'gate')} on a third QPU")
    if counts.local_swaps:
        parts.append(f"{counted(counts.local_swaps, 'swap')} within QPUs")
    return ", ".join(parts)


def result_table(result: Result, network: Network) -> Group:
    """What simulating found, on which network."""
    fidelity, makespan = result.fidelity, result.makespan
    value = "not estimated"
    if fidelity.value is not None:
        value = _with_error(fidelity.value, fidelity.stderr)
    how = (
        result.backend
        if result.samples >= result.shots
        else f"{result.backend} on {counted(result.samples, 'timeline')}"
    )
    parts: list[Table | Text] = [
        named_rows(
            ("shots", f"{result.shots:,} (backend {how}, seed {', '.join(map(str, result.seeds))})"),
            ("fidelity", f"{value}   {fidelity.definition}"),
            (
                "makespan",
                f"mean {duration(makespan.mean)}, median {duration(makespan.p50)}, 95 % within {duration(makespan.p95)}",
            ),
            *_retries(result.supply),
        ),
        Text(),
        _budget_table(result),
    ]
    if result.supply is not None and result.ebits:
        parts += [Text(), _supply_table(network, result.supply)]
    if result.counts:
        parts += [Text(), _counts_table(result)]
    parts += [Text(f"note: {note}", style="yellow") for note in result.notes]
    return Group(*parts)


def _retries(supply: Supply | None) -> list[tuple[str, str]]:
    """How often blocks ran again, if there are any."""
    if supply is None or not len(supply.block_runs):
        return []
    blocks, runs = len(supply.block_runs), supply.block_runs.sum() / supply.shots
    text = f"{blocks:,} block{'' if blocks == 1 else 's'} that may run again, {runs:.3g} runs a shot"
    if supply.blocks_given_up.any():
        text += f"; given up {supply.blocks_given_up.sum() / supply.shots:.3g} times a shot"
    return [("retries", text)]


def _budget_table(result: Result) -> Table:
    table = plain_table()
    table.add_column("what spoils it", header_style="dim")
    table.add_column("fidelity lost", justify="right", header_style="dim")
    table.add_column("", header_style="dim")
    table.add_column("mostly at", header_style="dim", overflow="fold")
    errors = result.error_budget_stderr
    for cause, loss in result.error_budget.items():
        error = errors[cause]
        text, bar = "not estimated", 0
        if loss is not None:
            text, bar = _with_error(loss, error), round(40 * max(loss, 0.0))
        table.add_row(_CAUSE_WORDS[cause], text, Text("█" * bar, style="red"), _worst_places(result, cause))
    return table


def _supply_table(network: Network, supply: Supply) -> Table:
    """What became of the pairs of the busiest links, per shot; fates that none had are left out."""
    table = plain_table()
    fates = ["used", *(fate for fate in ("expired", "discarded", "held") if getattr(supply, fate).any())]
    for header in ("link", *(f"pairs {fate}" for fate in fates), "attempts", "busy", "queued", "waited"):
        table.add_column(header, header_style="dim", justify="left" if header == "link" else "right")
    order = sorted(range(len(network.links)), key=lambda place: (-supply.used[place], place))
    for place in [place for place in order if supply.generated[place]][:_MOST_LINKS]:
        counts = [f"{getattr(supply, fate)[place] / supply.shots:.3g}" for fate in (*fates, "attempts")]
        times = [duration(supply.mean_queue_s[place]), duration(supply.mean_wait_s[place])]
        table.add_row(network.links[place].name, *counts, f"{supply.utilisation[place]:.0%}", *times)
    return table


def _with_error(value: float, error: float | None) -> str:
    return f"{value:.4f}" + (" (one shot: error unknown)" if error is None else f" ± {error:.4f}")


def _worst_places(result: Result, cause: str) -> str:
    """Such as `A-B 55 %, B-C 30 %`: where most of a cause's loss comes from."""
    places = list(result.strengths.get(cause, {}).items())
    total = sum(strength for _, strength in places)
    worst = sorted(places, key=lambda place: (-place[1], place[0]))[:_MOST_PLACES]
    return ", ".join(f"{name} {strength / total:.0%}" for name, strength in worst)


def _counts_table(result: Result) -> Table:
    table = plain_table()
    table.add_column("outcome", header_style="dim", overflow="fold")
    table.add_column("counts", justify="right", header_style="dim")
    table.add_column("share", justify="right", header_style="dim")
    common = sorted(result.counts.items(), key=lambda item: (-item[1], item[0]))
    for key, count in common[:_MOST_COUNTS]:
        table.add_row(key, str(count), f"{count / result.shots:.1%}")
    rest = common[_MOST_COUNTS:]
    if rest:
        left = sum(count for _, count in rest)
        table.add_row(f"({len(rest):,} more)", str(left), f"{left / result.shots:.1%}")
    return table


def networks_table(networks: list[Network]) -> Table:
    """Presets, one a line."""
    table = plain_table()
    for header in ("name", "platform", "fidelity", "pairs per s", "length", "what it is"):
        table.add_column(header, header_style="dim", no_wrap=header != "what it is", overflow="fold")
    for network in networks:
        link = network.links[0]
        rate = f"{1 / link.mean_wait_s:.3g}" if link.mean_wait_s else "any"
        length = f"{link.length_m / 1000:g} km" if link.length_m >= 1000 else f"{link.length_m:g} m"
        table.add_row(
            network.name, network.platform, f"{link.delivered_pair.fidelity:.4g}", rate, length, network.description
        )
    return table


def network_table(network: Network) -> Group:
    """One network in full, with the source of each number where it is known; devices that are alike share a table."""
    parts: list[Table | Text] = [
        named_rows(
            ("network", network.name),
            ("", network.description),
            ("QPUs", f"{len(network.qpus):,} with {network.data_qubits:,} data qubits together"),
            ("links", _links(network)),
        )
    ]
    alike: dict[tuple[tuple[str, str, str], ...], list[str]] = {}
    for qpu in network.qpus:
        alike.setdefault(_qpu_numbers(network, qpu), []).append(f"QPU {qpu.name}")
    for position, link in enumerate(network.links):
        alike.setdefault(_link_numbers(network, position, link), []).append(f"link {link.name}")
    for position, wire in enumerate(network.classical_links):
        alike.setdefault(_classical_numbers(network, position), []).append(f"link {wire.name}")
    for numbers, names in alike.items():
        table = plain_table()
        table.title, table.title_justify = _title(names), "left"
        table.add_column("number", header_style="dim", style="dim", no_wrap=True)
        table.add_column("value", header_style="dim", no_wrap=True)
        table.add_column("source", header_style="dim", overflow="fold")
        for row in numbers:
            table.add_row(*row)
        parts += [Text(), table]
    return Group(*parts)


def _title(names: list[str]) -> str:
    kind = names[0].split(" ", 1)[0]
    plain = [name.split(" ", 1)[1] for name in names]
    if len(plain) == 1:
        return names[0]
    shown = ", ".join(plain[:_MOST_NAMES])
    more = f" and {len(plain) - _MOST_NAMES:,} more" if len(plain) > _MOST_NAMES else ""
    return f"{kind}s {shown}{more}, all alike"


def _qpu_numbers(network: Network, qpu: QPU) -> tuple[tuple[str, str, str], ...]:
    set_keys = {key: value for key, value in keys_of(qpu).items() if key != "name" and value is not None}
    return tuple(
        (key, _value(value), find_source(network, f"qpus.{qpu.name}.{key}") or "") for key, value in set_keys.items()
    )


def _value(value: object) -> str:
    """A number as it is, Pauli errors as `ZZ 0.01, XI 0.002`."""
    return ", ".join(f"{key} {number}" for key, number in value.items()) if isinstance(value, dict) else str(value)


def _link_numbers(network: Network, position: int, link: Link) -> tuple[tuple[str, str, str], ...]:
    path = path_of_link(network, position)

    def source(*keys: str) -> str:
        return next((found for key in keys if (found := find_source(network, f"{path}.{key}"))), "")

    rate = f"{1 / link.mean_wait_s:.6g} per s" if link.mean_wait_s else "at once"
    state = source("density_matrix", "bell_weights", "fidelity")
    weights = ", ".join(f"{weight:.4g}" for weight in link.pair.bell_weights)
    return (
        ("attempt_s", f"{link.attempt_s:g}", source("attempt_s")),
        ("success_probability", f"{link.success_probability:.6g}", source("success_probability", "rate_hz")),
        ("pairs", f"{rate}, one per {duration(link.mean_wait_s)}", source("rate_hz", "success_probability")),
        ("fidelity with Φ+", f"{link.pair.fidelity:.6g}", state),
        ("weights Φ+ Φ- Ψ+ Ψ-", weights, state),
        ("channels", str(link.channels), source("channels")),
        ("classical_latency_s", f"{link.classical_latency_s:g}", source("classical_latency_s")),
        ("length_m", f"{link.length_m:g}", source("length_m")),
        *_side_effects(link, source),
    )


def _links(network: Network) -> str:
    """How many there are; of classical ones only where there are any."""
    classical = f" of {len(network.islands):,} islands, and {len(network.classical_links):,} classical between them"
    return f"{len(network.links):,}" + (classical if network.classical_links else "")


def _classical_numbers(network: Network, position: int) -> tuple[tuple[str, str, str], ...]:
    link, path = network.classical_links[position], f"classical_links.{position}"
    source = find_source(network, f"{path}.classical_latency_s") or ""
    return (
        ("kind", "classical: what crosses it has to be cut", ""),
        ("classical_latency_s", f"{link.classical_latency_s:g}", source),
        ("real_time", "yes" if link.real_time else "no: the QPUs run apart", ""),
    )


def _side_effects(link: Link, source: Callable[..., str]) -> list[tuple[str, str, str]]:
    """Crosstalk and jitter, where a link has them."""
    keys = ("crosstalk_flip_probability", "timing_jitter_s", "photon_lifetime_s")
    rows = [(key, f"{getattr(link, key):g}", source(key)) for key in keys if getattr(link, key)]
    if link.visibility < 1:
        rows.append(("fidelity with jitter", f"{link.delivered_pair.fidelity:.6g}", source("timing_jitter_s")))
    return rows
