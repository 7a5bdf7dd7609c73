"""The results as Markdown tables, and their place in `docs/peers.md`. The words around them are written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from eval.peers import plot
from eval.peers.cost import Latency
from eval.peers.quality import MEASURES
from eval.peers.results import HALVES, Results
from eval.peers.systems import OURS, SYSTEMS, System
from rag.evaluate.metrics import Figure

DOCS = Path(__file__).parent.parent.parent / "docs"
PAGE = DOCS / "peers.md"

COMPARED = ("hit@1", "hit@5", "hit@10", "words@100", "words@300", "words@1000", "article@10", "same reader")
"""What systems are compared by with Groundwire."""


def write(results: Results) -> None:
    """Put the tables into the page, and draw the plot."""
    put(PAGE, "peers", tables(results))
    plot.quality_and_latency(results, DOCS / "plots" / "peers.svg")


def put(page: Path, name: str, text: str) -> None:
    """Replace what stands between the page's two comments of this name. Raises ValueError where they are missing."""
    first, last = f"<!-- {name}: made by the program -->", f"<!-- {name}: end -->"
    before, begun, rest = page.read_text("utf-8").partition(first)
    _, ended, after = rest.partition(last)
    if not begun or not ended:
        raise ValueError(f"{page} has no {first} … {last}")
    page.write_text(f"{before}{first}\n{text.strip()}\n{last}{after}", "utf-8")


def tables(results: Results) -> str:
    """Quality, what is more than chance, each half, cost."""
    systems = [one for one in SYSTEMS if one.name in results.outcomes]
    counts = {name: len(bits) for name, bits in results.dev.items()}
    parts = [
        f"Quality, {counts['answerable']} questions ({counts['evidence']} for the gold article), with 95 % intervals:",
        _quality(results, systems),
        "Less or more than Groundwire, and in brackets how likely so much is by chance (paired permutations):",
        _differences(results, systems),
        *_halves(results, systems),
        "Cost:",
        _cost(results, systems),
        _said(results),
    ]
    return "\n\n".join(parts)


def _quality(results: Results, systems: Sequence[System]) -> str:
    measures = [one for one in MEASURES if any(one.name in made for made in results.outcomes.values())]
    rows = (
        [_label(one), *(_interval(results.figure(one.name, measure.name, HALVES[0])) for measure in measures)]
        for one in systems
    )
    return table(["", *(one.label for one in measures)], rows)


def _differences(results: Results, systems: Sequence[System]) -> str:
    if OURS not in results.outcomes:
        return "(Groundwire was not asked.)"
    labels = {one.name: one.label for one in MEASURES}
    rows = (
        [_label(one), *(_difference(results.difference(one.name, OURS, name, HALVES[0])) for name in COMPARED)]
        for one in systems
        if one.name != OURS
    )
    return table(["", *(labels[name] for name in COMPARED)], rows)


def _halves(results: Results, systems: Sequence[System]) -> Iterable[str]:
    for half in HALVES[1:]:
        figures = [[results.figure(one.name, measure.name, half) for measure in MEASURES] for one in systems]
        rows = ([_label(one), *map(_value, some)] for one, some in zip(systems, figures, strict=True))
        count = next((one.count for some in figures for one in some if one), 0)
        yield f"The same, {half.name} ({count} questions):"
        yield table(["", *(one.label for one in MEASURES)], rows)


def _cost(results: Results, systems: Sequence[System]) -> str:
    head = ["", "words of a passage", "query p50 / p99", "CPU", "answer p50 / p99", "CPU", "peak memory, asking"]
    head += ["passages", "indexing, embedding apart", "CPU", "embedding, CPU", "on disk", "peak memory, indexing"]
    return table(head, (_cost_row(results, one) for one in systems))


def _cost_row(results: Results, system: System) -> list[str]:
    query, answer = results.latency[system.name], results.answer_latency.get(system.name)
    row = [_label(system), f"{results.words[system.name]:.0f}", *_latency(query)]
    row += _latency(answer) if answer else ["", ""]
    row.append(f"{results.peak[system.name] / 1e6:.0f} MB")
    if system.is_part:
        return [*row, "", "", "", "", "", ""]
    makings = [results.makings[store] for store in system.stores]
    embedding = sum(results.embedding.get(store, 0) * results.makings[store].passages for store in system.stores)
    return [
        *row,
        f"{makings[0].passages:,}",
        f"{sum(one.spent.seconds for one in makings):.0f} s",
        f"{sum(one.spent.cpu for one in makings):.0f} s",
        f"{embedding:,.0f} s" if embedding else "none",
        f"{sum(one.bytes for one in makings) / 1e6:.0f} MB",
        f"{max(one.peak for one in makings) / 1e6:.0f} MB",
    ]


def _latency(latency: Latency) -> list[str]:
    return [f"{latency.p50:.1f} / {latency.p99:.1f} ms", f"{latency.cpu:.1f} ms"]


def _said(results: Results) -> str:
    loads = " to ".join(f"{load:.1f}" for load in results.loads)
    building = [one.load for one in results.makings.values()]
    versions = ", ".join(f"{name} {number}" for name, number in results.versions.items())
    return (
        f"Our HNSW index gives {results.hnsw_recall:.3f} of the exact ten nearest. "
        f"Measured on {results.machine}; load while timing {loads}, while indexing {min(building):.1f} to "
        f"{max(building):.1f} (1 is one busy core). {versions}."
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _label(system: System) -> str:
    return f"**{system.label}**" if system.name == OURS else system.label


def _interval(figure: Figure | None) -> str:
    if figure is None:
        return ""
    return f"{_share(figure.value)} ({_share(figure.low)}–{_share(figure.high)})"


def _value(figure: Figure | None) -> str:
    return "" if figure is None else _share(figure.value)


def _difference(found: tuple[float, float] | None) -> str:
    if found is None:
        return ""
    value, chance = found
    sign = "−" if value < 0 else "+"
    likely = "<.001" if chance < 0.001 else _share(chance)
    told = f"{sign}{_share(abs(value))} ({likely})"
    return f"**{told}**" if chance < 0.05 else told


def _share(value: float) -> str:
    """.612, and 1 as it is."""
    return f"{value:.3f}".removeprefix("0") if value < 1 else f"{value:.0f}"
