"""What was measured at each size as a table, its place in `docs/peers.md`, and the plots."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.growth.measure import Measured
from eval.peers.plot import drawn
from eval.peers.report import DOCS, PAGE, put, table
from rag.errors import UsageError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

QUERIES = {
    "lexical": "lexical index",
    "dense": "HNSW",
    "exact": "exact, all vectors",
    "fused": "both fused",
    "words": "search, words alone",
    "ask_words": "ask, words alone",
}

PARTS = {"catalog": "catalog", "lexical": "lexical index", "dense": "HNSW", "end": "closing, sealing"}

COLOURS = ("#1d5fa8", "#b4541a", "#6b7280", "#0f766e", "#7c3aed", "#be185d")
SHAPES = "os^Dv*"


def write(results: Path) -> None:
    """Put the tables into the page, and draw the plots. Raises UsageError where nothing was measured."""
    stands = read(results)
    if not stands:
        raise UsageError(f"{results}: nothing is measured there; measure with: python -m eval.growth --corpus FILE")
    put(PAGE, "growth", tables(stands))
    plot(stands, DOCS / "plots" / "growth.svg")


def read(results: Path) -> list[Measured]:
    """Every size that was measured, by the passages that are in, with what adding took from the beginning; and under
    `each_…` the CPU milliseconds a passage that growing to it took, from the size before."""
    found = [json.loads(file.read_text("utf-8")) for file in results.glob("*.json")]
    stands: list[Measured] = []
    for series in sorted({one["series"] for one in found}):
        summed: dict[str, float] = {}
        for one in sorted((one for one in found if one["series"] == series), key=lambda one: one["size"]):
            # What was lost (null) is not a number, nor is a sum with it.
            step = {
                name: math.nan if value is None else value for name, value in one.items() if not isinstance(value, str)
            }
            spent = {name: sum(step[f"{part}_{name}"] for part in PARTS) for name in ("seconds", "cpu")}
            step |= spent
            step |= {f"each_{name}": 1000 * step[f"{name}_cpu"] / step["passages"] for name in PARTS}
            step["each_passage"] = 1000 * spent["cpu"] / step["passages"]
            for name in ("articles", "passages", "source_bytes", *spent, *(f"{part}_cpu" for part in PARTS)):
                summed[name] = summed.get(name, 0) + step[name]
            stands.append(step | summed)
    return sorted(stands, key=lambda one: one["passages"])


def tables(stands: Sequence[Measured]) -> str:
    """Adding, from the beginning and from size to size, and asking."""
    adding = table(
        [
            "passages",
            "seconds to add",
            "CPU seconds",
            *(f"of these: {label}" for label in PARTS.values()),
            "one article more",
            *("corpus", "lexical index", "HNSW", "bytes a passage", "peak memory, adding"),
        ],
        (_adding(one) for one in stands),
    )
    each = table(
        ["up to, passages", "all", *PARTS.values()],
        ([f"{one['passages']:,}", *(_exact(one[f"each_{name}"]) for name in ("passage", *PARTS))] for one in stands),
    )
    asking = table(
        [
            "passages",
            *(f"{label}: CPU, p50 / p99" for label in QUERIES.values()),
            *("HNSW finds of the exact 10", "first ask, words alone", "first search, both"),
            *("peak memory, words alone", "with vectors"),
        ],
        (_asking(one) for one in stands),
    )
    loads = [one[name] for one in stands for name in ("load_before", "load_after")]
    said = f"Load of the machine meanwhile: {min(loads):.1f} to {max(loads):.1f} on two cores (1 is one busy core)."
    parts = ["Adding, from the first passage on, embedding apart:", adding]
    parts += ["CPU milliseconds a passage, of those added since the size before:", each]
    return "\n\n".join([*parts, "Asking, in milliseconds:", asking, said])


def plot(stands: Sequence[Measured], file: Path) -> None:
    """Cost against size; only what adding a passage takes is small enough for an axis that is not logarithmic."""
    with drawn(file, 3) as (latency, adding, size):
        for place, (name, label) in enumerate(QUERIES.items()):
            _line(latency, stands, [one[f"query_{name}_cpu"] for one in stands], label, place)
        latency.set(title="CPU milliseconds a query, on average")
        for place, (name, label) in enumerate({"passage": "all", **PARTS}.items()):
            _line(adding, stands, [one[f"each_{name}"] for one in stands], label, place)
        adding.set(title="CPU milliseconds to add a passage more")
        sizes = {"corpus_bytes": "corpus", "lexical_bytes": "lexical index", "dense_bytes": "HNSW"}
        memory = {"peak_words": "memory: words alone", "peak_vectors": "memory: with vectors", "peak": "memory: adding"}
        for place, (name, label) in enumerate((sizes | memory).items()):
            _line(size, stands, [one[name] / 1e6 for one in stands], label, place)
        size.set(title="megabytes, on disk and in memory")
        for axes in (latency, size):
            axes.set(yscale="log")
            low, high = axes.get_ylim()
            axes.set_ylim(low, high * (high / low) ** 0.45)
        adding.set_ylim(0, 1.8 * adding.get_ylim()[1])
        for axes in (latency, adding, size):  # with room for the legend above what it is of
            axes.set(xscale="log", xlabel="passages")
            axes.grid(visible=True, alpha=0.3)
            axes.legend(fontsize=10, loc="upper left")


def _line(axes: Axes, stands: Sequence[Measured], values: Iterable[float], label: str, place: int) -> None:
    sizes = [one["passages"] for one in stands]
    axes.plot(sizes, list(values), color=COLOURS[place], marker=SHAPES[place], markersize=5, label=label)


def _adding(one: Measured) -> list[str]:
    everything = one["corpus_bytes"] + one["lexical_bytes"] + one["dense_bytes"]
    return [
        f"{one['passages']:,}",
        *(_known(one[name]) for name in ("seconds", "cpu", *(f"{part}_cpu" for part in PARTS))),
        f"{one['one_more_seconds']:.2f} s",
        *(f"{one[f'{name}_bytes'] / 1e6:,.0f} MB" for name in ("corpus", "lexical", "dense")),
        f"{everything / one['passages']:,.0f}",
        f"{one['peak'] / 1e6:,.0f} MB",
    ]


def _asking(one: Measured) -> list[str]:
    return [
        f"{one['passages']:,}",
        *(_query(one, name) for name in QUERIES),
        f"{one['hnsw_recall']:.3f}",
        f"{one['open'] + one['first_ask_words']:.2f} s",
        f"{one['first_fused']:.2f} s",
        *(f"{one[name] / 1e6:,.0f} MB" for name in ("peak_words", "peak_vectors")),
    ]


def _known(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:,.0f}"


def _exact(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _query(one: Measured, name: str) -> str:
    """CPU milliseconds, and those that passed; no digits that mean nothing."""
    return "{}, {} / {}".format(*(_rounded(one[f"query_{name}_{kind}"]) for kind in ("cpu", "p50", "p99")))


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.2g}" if value < 10 else f"{value:.0f}"
