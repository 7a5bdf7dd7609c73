"""A run as one HTML page that loads nothing: the figures, and each question with what was answered and expected.

Questions and articles are untrusted: every word of theirs goes through `_words`, every attribute is one of our own or a
number. No script; the Content-Security-Policy allows our one style sheet by its hash and nothing else. Of a locked
question there is nothing here but that it was counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from importlib import resources
from itertools import pairwise

from rag.evaluate.comparing import Comparison, Moved
from rag.evaluate.expected import Place
from rag.evaluate.figures import ALL, Figures
from rag.evaluate.judging import Excerpt, Judged, Shown
from rag.evaluate.measures import ABOUT, SECTIONS, Extra, Measure
from rag.evaluate.metrics import Figure, risk_coverage
from rag.evaluate.questions import LOCKED, SPLITS
from rag.evaluate.running import Run
from rag.evaluate.table import BY_KIND, KIND, chance
from rag.render.head import head
from rag.render.safe import one_line, printable

_SECONDS = frozenset((Extra.MEAN, Extra.P50, Extra.P99))


def to_html(run: Run, groups: Mapping[str, Figures], compared: Comparison | None = None) -> str:
    """The whole page, to be written as UTF-8."""
    wrong = [one for one in run.judged if one.shown and not one.right]
    flawed = [one for one in run.judged if one.shown and one.right and one.faults]
    right = [one for one in run.judged if one.shown and one.right and not one.faults]
    locked = run.hidden + sum(one.split == LOCKED for one in run.judged)
    parts = [
        _header(run, (len(wrong), len(flawed), len(right)), locked, compared is not None),
        _figures(groups),
        _curve(run.judged),
        _kinds(groups),
        _compared(compared) if compared else "",
        _questions("wrong", "What went wrong", wrong, opened=True),
        _questions("flawed", "Right, with something amiss", flawed, opened=False),
        _questions("right", "Right", right, opened=False),
        f'<p class="note">{locked} locked questions are in the figures and not on this page.</p>' if locked else "",
    ]
    title = f"Evaluation: {_words(run.file)}"
    body = "\n".join(filter(None, parts))
    return (
        f'<!doctype html>\n<html lang="en">\n{head(title, _style())}\n<body>\n<div class="page wide">\n{body}\n'
        "</main>\n<footer>Made by Groundwire. What each measure is, and where it comes from, stands in "
        f"docs/evaluation.md. Version {_words(run.version)}, {_words(run.made)}.</footer>\n</div>\n</body>\n</html>\n"
    )


def _header(run: Run, counts: tuple[int, int, int], locked: int, compared: bool) -> str:
    told = " · ".join(f"{_words(name)} {_words(str(value))}" for name, value in run.settings.items())
    links = [("#figures", "Figures"), *([("#compared", "Compared")] if compared else [])]
    named = (("wrong", "Went wrong"), ("flawed", "Right, with something amiss"), ("right", "Right"))
    links += [(f"#{name}", f"{said}: {count}") for (name, said), count in zip(named, counts, strict=True)]
    chosen = "".join(f'<a href="{place}">{said}</a>' for place, said in links)
    notes = "".join(f'<p class="note">{_words(note)}</p>' for note in run.notes)
    held = f", {locked} of them locked" if locked else ""
    return (
        f'<header>\n<p class="kicker">An evaluation by Groundwire · {_words(run.made[:10])}</p>\n'
        f'<h1 dir="auto">{run.count} questions of {_words(run.file)}{held}</h1>\n<p class="meta">{told}</p>\n'
        f'{notes}<nav class="jump">{chosen}</nav>\n</header>\n<main>'
    )


# -- figures -------------------------------------------------------------------------------------------------------


def _figures(groups: Mapping[str, Figures]) -> str:
    splits = [name for name in SPLITS if name in groups]
    everything = groups[ALL]
    tables = []
    for section in SECTIONS:
        known = [measure for measure in section.measures if not math.isnan(everything[measure].value)]
        if not known:
            continue
        rows = "\n".join(_row(one, everything[one], [groups[name][one] for name in splits]) for one in known)
        heads = "".join(f'<th scope="col" class="num">{name}</th>' for name in splits)
        tables.append(
            f'<div class="scroll"><table class="even">\n<thead><tr><th scope="col">{section.title}</th>'
            f'<th scope="col" class="num">all</th><th scope="col" class="drawn"></th>'
            f'<th scope="col" class="num">95 % interval</th><th scope="col" class="num">n</th>{heads}</tr></thead>\n'
            f"<tbody>\n{rows}\n</tbody></table></div>"
        )
    unmeasured = [one for section in SECTIONS for one in section.measures if math.isnan(everything[one].value)]
    left_out = f'<p class="note">Not measured: {", ".join(unmeasured)}.</p>' if unmeasured else ""
    return _section("figures", "Figures", "\n".join((*tables, left_out)))


def _row(measure: Measure | Extra, figure: Figure, splits: Sequence[Figure]) -> str:
    drawn = "" if measure in _SECONDS else _drawn(figure)
    others = "".join(f'<td class="num">{_number(one.value)}</td>' for one in splits)
    return (
        f'<tr><th scope="row">{measure}<span class="about">{escape(ABOUT[measure])}</span></th>'
        f'<td class="num value">{_number(figure.value)}</td><td class="drawn">{drawn}</td>'
        f'<td class="num">{_number(figure.low)}–{_number(figure.high)}</td><td class="num">{figure.count}</td>'
        f"{others}</tr>"
    )


def _drawn(figure: Figure) -> str:
    """The interval on a line from 0 to 1, the value as a dot."""
    low, value, high = (round(4 + 92 * min(1.0, max(0.0, x)), 1) for x in (figure.low, figure.value, figure.high))
    return (
        '<svg viewBox="0 0 100 12" aria-hidden="true"><line class="track" x1="4" x2="96" y1="6" y2="6"/>'
        f'<line class="interval" x1="{low}" x2="{high}" y1="6" y2="6"/><circle cx="{value}" cy="6" r="3.4"/></svg>'
    )


def _curve(judged: Sequence[Judged]) -> str:
    """Error over coverage, by confidence: how much is wrong when only the surest questions are answered."""
    if all(one.confidence is None for one in judged):
        return ""
    sure = [one.confidence or 0.0 for one in judged]
    points = risk_coverage(sure, [one.answerable and one.right for one in judged])
    drawn = " ".join(f"{4 + 92 * coverage:.1f},{46 - 42 * error:.1f}" for coverage, error in points)
    told = (
        f"of {len(judged)} questions, the surest first: the share of wrong ones (upwards, to 1) among so many (across)"
    )
    svg = (
        f'<svg class="curve" viewBox="0 0 100 50" role="img" aria-label="{escape(told)}"><path class="track" '
        f'd="M4 4V46H96"/><polyline class="risk" points="{drawn}"/></svg>'
    )
    return _section("risk", "Risk and coverage", f'{svg}<p class="note">Risk and coverage {escape(told)}.</p>')


def _number(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.3f}"


def _kinds(groups: Mapping[str, Figures]) -> str:
    kinds = [name for name in groups if name.startswith(KIND)]
    if not kinds:
        return ""
    heads = "".join(f'<th scope="col" class="num">{measure}</th>' for measure in BY_KIND)
    rows = "\n".join(
        f'<tr><th scope="row">{_words(name.removeprefix(KIND))}</th>'
        f'<td class="num">{groups[name][Extra.MEAN].count}</td>'
        + "".join(f'<td class="num">{_number(groups[name][one].value)}</td>' for one in BY_KIND)
        + "</tr>"
        for name in kinds
    )
    table = (
        f'<div class="scroll"><table>\n<thead><tr><th scope="col">Kind</th><th scope="col" class="num">n</th>{heads}'
        f"</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>"
    )
    return _section("kinds", "By kind of question", table)


# -- a comparison --------------------------------------------------------------------------------------------------


def _compared(found: Comparison) -> str:
    notes = "".join(f"<li>{_words(note)}</li>" for note in found.notes)
    alert = f'<div class="alert" role="note">The runs differ in more than their answers:<ul>{notes}</ul></div>'
    rows = "\n".join(
        f'<tr><th scope="row">{one.measure}</th><td class="num">{one.before:.3f}</td><td class="num">{one.after:.3f}'
        f'</td><td class="num">{one.after - one.before:+.3f}</td><td class="num">{escape(chance(one.chance))}</td>'
        f"<td>{one.verdict}</td></tr>"
        for one in found.differences
        if one.before != one.after
    )
    heads = "".join(f'<th scope="col" class="num">{name}</th>' for name in ("before", "now", "by", "p"))
    table = (
        f'<div class="scroll"><table>\n<thead><tr><th scope="col">Over {found.common} questions</th>{heads}'
        f'<th scope="col"></th></tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'
        if rows
        else '<p class="note">No measure differs.</p>'
    )
    moved = "\n".join(
        _moved(title, some, locked)
        for title, some, locked in (
            ("Better", found.better, found.locked_better),
            ("Worse", found.worse, found.locked_worse),
        )
    )
    return _section("compared", "Compared with the earlier run", (alert if notes else "") + table + moved)


def _moved(title: str, moved: Sequence[Moved], locked: int) -> str:
    items = "".join(
        f'<li><a href="#{_anchor(one.id)}">{_words(one.id)}</a> {_words(one.question)} '
        f'<span class="change">{_words(one.before)} → {_words(one.after)}</span></li>'
        for one in moved
    )
    hidden = f", and {locked} locked" if locked else ""
    return f'<h3>{title}: {len(moved)}{hidden}</h3>\n<ul class="changes">{items}</ul>'


# -- questions -----------------------------------------------------------------------------------------------------


def _questions(name: str, title: str, judged: Sequence[Judged], *, opened: bool) -> str:
    inner = "\n".join(_question(one, one.shown) for one in judged if one.shown) or '<p class="note">None.</p>'
    state = " open" if opened else ""
    key = (
        '<p class="key">In the articles: <mark>quoted</mark>, <span class="gold">gold</span>, '
        '<mark><span class="gold">both</span></mark>, <span class="gold version">a side of a disagreement</span>.</p>'
        if any(one.shown and one.shown.excerpts for one in judged)
        else ""
    )
    return (
        f'<details class="group" id="{name}"{state}>\n<summary>{title}: {len(judged)}</summary>\n'
        f"{key}{inner}\n</details>"
    )


def _question(one: Judged, shown: Shown) -> str:
    faults = "".join(f'<span class="badge moved">{_words(fault)}</span>' for fault in one.faults)
    verdict = '<span class="badge exact">right</span>' if one.right else '<span class="badge changed">wrong</span>'
    about = " · ".join(filter(None, (_words(one.id), _words(one.kind), _confidence(one))))
    excerpts = "\n".join(_excerpt(each, shown) for each in shown.excerpts)
    articles = f"<details><summary>In the articles</summary>{excerpts}</details>" if excerpts else ""
    return (
        f'<article class="question" id="{_anchor(one.id)}">\n<p class="meta">{about}</p>\n'
        f'<h3 dir="auto">{_words(shown.question)}</h3>\n<p class="badges">{verdict}{faults}</p>\n'
        f'<dl><dt>Answered</dt><dd dir="auto">{_answered(one, shown)}</dd>'
        f'<dt>Expected</dt><dd dir="auto">{_expected(shown)}</dd></dl>\n{articles}\n</article>'
    )


_FEW = 3
"""Gold spans that stand for what is expected; the others are marked in the articles."""


def _expected(shown: Shown) -> str:
    gold = list(dict.fromkeys(_words(f"“{place.quote}”") for place in shown.gold))
    told = " · ".join(gold[:_FEW]) + (f" · {len(gold) - _FEW} more" if len(gold) > _FEW else "")
    return _words(shown.expected) or told or "an answer"


def _confidence(one: Judged) -> str:
    return "" if one.confidence is None else f"confidence {one.confidence:.2f}"


def _answered(one: Judged, shown: Shown) -> str:
    if one.refused:
        return '<span class="refused">refused</span>'
    short = f"<strong>{_words(shown.short)}</strong> — " if shown.short else ""
    said = " ".join(
        f"{_words(each.text)}" + "".join(f'<span class="n">[{number}]</span>' for number in each.citations)
        for each in shown.statements
    )
    inexact = [quote for quote in shown.quotes if not quote.exact]
    broken = "".join(f'<br><span class="badge changed">[{each.number}] is not exact</span>' for each in inexact)
    return short + said + broken


def _excerpt(excerpt: Excerpt, shown: Shown) -> str:
    quoted = [quote.place for quote in shown.quotes]
    marked = "".join(_pieces(excerpt, quoted, shown.gold, shown.sides))
    cut = ("… " if excerpt.start else "", "" if excerpt.ends else " …")
    return (
        f'<p class="meta" dir="auto">{_words(excerpt.name)}</p>'
        f'<blockquote dir="auto" lang=""><p>{cut[0]}{marked}{cut[1]}</p></blockquote>'
    )


def _pieces(excerpt: Excerpt, quoted: Iterable[Place], gold: Iterable[Place], sides: Iterable[Place]) -> Iterator[str]:
    """The excerpt in pieces, each marked as what it is of."""
    spans = [
        (kind, max(0, one.start - excerpt.start), min(len(excerpt.text), one.end - excerpt.start))
        for kind, places in (("quote", quoted), ("gold", gold), ("side", sides))
        for one in places
        if one.article == excerpt.article
    ]
    spans = [span for span in spans if span[1] < span[2]]
    for left, right in pairwise(sorted({0, len(excerpt.text), *(edge for span in spans for edge in span[1:])})):
        kinds = {kind for kind, start, end in spans if start <= left and right <= end}
        words = escape(printable(excerpt.text[left:right], newlines=True))
        if kinds & {"gold", "side"}:
            words = f'<span class="gold{" version" if "side" in kinds else ""}">{words}</span>'
        yield f"<mark>{words}</mark>" if "quote" in kinds else words


def _anchor(id: str) -> str:
    """An element's id for any question's id."""
    return f"q-{sha256(id.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


def _section(name: str, title: str, inner: str) -> str:
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{title}</h2>\n{inner}\n</section>'


def _words(text: str | None) -> str:
    """Words on one line, as text: nothing of them can become an element or an entity."""
    return escape(one_line(text or ""))


@cache
def _style() -> str:
    """The look of every page of the house, then what is this page's own."""
    own = resources.files(__package__).joinpath("report.css").read_text("utf-8")
    return resources.files("rag.render").joinpath("page.css").read_text("utf-8") + own
