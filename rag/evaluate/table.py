"""A run, and a comparison of two, as a person reads them in a terminal or a pipe."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.text import Text

from rag.evaluate.comparing import Comparison, Moved
from rag.evaluate.figures import ALL, Figures
from rag.evaluate.judging import Judged
from rag.evaluate.measures import ALWAYS_ONE, SECTIONS, Extra, Measure
from rag.evaluate.metrics import Figure
from rag.evaluate.questions import SPLITS
from rag.evaluate.running import Run
from rag.render.safe import one_line
from rag.render.terminal import write

BY_KIND = (Measure.IN_ANSWER, Measure.GOLD_CITED, Measure.ARTICLE_FIRST, Measure.REFUSAL_RECALL)
KIND = "kind: "


def report(run: Run, groups: Mapping[str, Figures], console: Console) -> None:
    """The figures with their intervals, what went wrong in what is not locked, and what was not measured."""
    said = ", ".join(f"{name} {value}" for name, value in run.settings.items())
    write(console, Text(f"{run.count} questions of {one_line(run.file)}", "bold"))
    write(console, Text(one_line(said), "dim"))
    for line in lines(groups):
        write(console, line)
    write(console, Text())
    for line in by_kind(groups):
        write(console, line)
    for line in failures(run.judged, run.hidden):
        write(console, line)


def lines(groups: Mapping[str, Figures]) -> Iterator[Text]:
    """A line for each measure, by section; in it the figure of all with its interval, and of each split."""
    splits = [name for name in SPLITS if name in groups]
    everything = groups[ALL]
    unmeasured: list[str] = []
    columns = "".join(f"{name:>8}" for name in splits)
    for section in SECTIONS:
        known = [measure for measure in section.measures if not math.isnan(everything[measure].value)]
        unmeasured += [measure for measure in section.measures if measure not in known]
        if not known:
            continue
        yield Text()
        yield Text(f"{section.title:<26}{'all':>7}  {'95 % interval':<13}{'n':>6}{columns}", "bold")
        for measure in known:
            style = "red" if measure in ALWAYS_ONE and everything[measure].value < 1 else ""
            yield Text(_line(measure, everything[measure], [groups[name][measure] for name in splits]), style)
    if unmeasured:
        yield Text()
        yield Text(f"Not measured: {', '.join(unmeasured)}.", "dim")


def _line(measure: Measure | Extra, figure: Figure, splits: list[Figure]) -> str:
    interval = f"{_number(figure.low)}–{_number(figure.high)}"
    others = "".join(f"{_number(one.value):>8}" for one in splits)
    return f"{measure:<26}{_number(figure.value):>7}  {interval:<13}{figure.count:>6}{others}"


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def by_kind(groups: Mapping[str, Figures]) -> Iterator[Text]:
    """A line for each kind of question, with the few figures that tell kinds apart."""
    kinds = [name for name in groups if name.startswith(KIND)]
    if not kinds:
        return
    yield Text(f"{'By kind':<14}{'n':>5}" + "".join(f"{measure:>21}" for measure in BY_KIND), "bold")
    for name in kinds:
        figures = groups[name]
        values = "".join(f"{_number(figures[measure].value):>21}" for measure in BY_KIND)
        yield Text(f"{one_line(name.removeprefix(KIND))[:13]:<14}{figures[Extra.MEAN].count:>5}{values}")


def failures(judged: tuple[Judged, ...], left_out: int = 0) -> Iterator[Text]:
    """A line for each question that went wrong. Of the locked ones nothing is shown."""
    open_ones = [one for one in judged if one.shown is not None]
    if not open_ones:
        yield Text("\nAll questions are locked: none is shown.", "bold")
        return
    hidden = len(judged) - len(open_ones) + left_out
    besides = f"; {hidden} locked ones are not shown" if hidden else ""
    wrong = [one for one in open_ones if not one.right]
    yield Text(f"\n{len(wrong)} of {len(open_ones)} questions went wrong{besides}", "bold")
    yield from map(_failure, wrong)
    flawed = [one for one in open_ones if one.right and one.faults]
    if flawed:
        yield Text(f"\n{len(flawed)} were right, with something amiss", "bold")
        yield from map(_failure, flawed)


def _failure(one: Judged) -> Text:
    asked = one_line(one.shown.question) if one.shown else ""
    why = one_line("; ".join(one.faults)) or "wrong"
    return Text.assemble((f"{one_line(one.id)}  ", "cyan"), asked, (f"  ({why})", "dim"))


def comparison(found: Comparison, console: Console) -> None:
    """What differs, measure by measure and question by question."""
    write(console, Text())
    write(console, Text(f"Compared over {found.common} questions", "bold"))
    for note in found.notes:
        write(console, Text(f"note: {one_line(note)}", "yellow"))
    write(console, Text(f"{'':<26}{'before':>8}{'now':>8}{'by':>8}{'p':>8}", "bold"))
    same = [one.measure for one in found.differences if one.before == one.after]
    for one in found.differences:
        if one.before != one.after:
            numbers = f"{one.before:>8.3f}{one.after:>8.3f}{one.after - one.before:>+8.3f}{chance(one.chance):>8}"
            write(console, Text(f"{one.measure:<26}{numbers}  {one.verdict}"))
    if same:
        write(console, Text(f"The same: {', '.join(same)}.", "dim"))
    for title, moved, locked in (
        ("Better", found.better, found.locked_better),
        ("Worse", found.worse, found.locked_worse),
    ):
        hidden = f", and {locked} locked" if locked else ""
        write(console, Text(f"\n{title}: {len(moved)}{hidden}", "bold"))
        for each in moved:
            write(console, _moved_line(each))


def chance(p: float) -> str:
    """A p, as it is shown: no more digits than the permutations bear out."""
    return "<.001" if p < 0.001 else f"{p:.3f}"


def _moved_line(one: Moved) -> Text:
    change = f"  ({one_line(one.before)} → {one_line(one.after)})"
    return Text.assemble((f"{one_line(one.id)}  ", "cyan"), one_line(one.question), (change, "dim"))
