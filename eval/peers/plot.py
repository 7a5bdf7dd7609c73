"""The plots: SVG on white, so that they can be read on a dark page too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.peers.results import HALVES, Results
from eval.peers.systems import SYSTEMS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {"llama": "#b4541a", "part": "#6b7280", "ours": "#1d5fa8"}
"""Told apart by people who see no red and by those who see no green, and on paper by their shapes."""

SHAPES = {"llama": "s", "part": "^", "ours": "o"}

PANELS = (("words@300", "gold in the first 300 words"), ("same reader", "gold in 60 words by the same reader"))


@contextmanager
def drawn(file: Path, panels: int) -> Iterator[list[Axes]]:
    """Axes side by side, written to the file at the end."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot as plt

    # Text as text, and no dates or random names: the same results give the same file.
    mpl.rcParams |= {"svg.fonttype": "none", "svg.hashsalt": "groundwire", "font.size": 12}
    mpl.rcParams["font.family"] = ["DejaVu Sans", "sans-serif"]
    figure, axes = plt.subplots(1, panels, figsize=(5.8 * panels, 5.6), facecolor="white", layout="constrained")
    made: Any = axes if panels > 1 else [axes]
    try:
        yield list(made)
        file.parent.mkdir(exist_ok=True)
        figure.savefig(file, metadata={"Date": None, "Creator": None})
    finally:
        plt.close(figure)


def quality_and_latency(results: Results, file: Path) -> None:
    """Each system as a numbered point with its interval: to the left is faster, up is better."""
    with drawn(file, len(PANELS)) as panels:
        for axes, (measure, label) in zip(panels, PANELS, strict=True):
            for number, system in enumerate(SYSTEMS, 1):
                figure = results.figure(system.name, measure, HALVES[0])
                if figure is None:
                    continue
                kind = "llama" if system.name.startswith("llama") else "part" if system.is_part else "ours"
                axes.errorbar(
                    results.latency[system.name].p50,
                    figure.value,
                    yerr=[[figure.value - figure.low], [figure.high - figure.value]],
                    fmt=SHAPES[kind],
                    color=COLOURS[kind],
                    markersize=8,
                    elinewidth=1,
                    capsize=3,
                    label=f"{number}  {system.label}",
                )
                # Systems that stand in one place have their numbers on both sides of it.
                axes.annotate(
                    str(number),
                    (results.latency[system.name].p50, figure.value),
                    xytext=(8, 5) if number % 2 else (-16, 5),
                    textcoords="offset points",
                    color=COLOURS[kind],
                    fontweight="bold",
                )
            axes.set(xscale="log", xlabel="milliseconds a query (p50), log scale", title=label)
            axes.xaxis.set_major_formatter("{x:g}")
            axes.grid(visible=True, alpha=0.3)
            axes.margins(x=0.15)
        _keyed(panels[0])


def _keyed(axes: Axes) -> None:
    """What the numbers mean, below all the panels."""
    figure: Any = axes.get_figure()
    marks, labels = axes.get_legend_handles_labels()
    figure.legend(marks, labels, loc="outside lower center", ncols=3, frameon=False, fontsize=11)
