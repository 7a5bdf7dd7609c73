"""A run as JSON, and back: the record that is compared with a later one.

Written for others to read, too: the figures are in it. Locked questions are in the figures and nowhere else, or what
each earned could be tuned on; who keeps records may ask for them, and has no word of theirs. What is read back is a
user's file: checked, and named where it is wrong.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, NoReturn

from rag.errors import UsageError
from rag.evaluate.comparing import Comparison
from rag.evaluate.expected import Place
from rag.evaluate.figures import ALL, Figures
from rag.evaluate.judging import Excerpt, Judged, Quote, Share, Shown
from rag.evaluate.measures import Extra, Measure
from rag.evaluate.metrics import Figure
from rag.evaluate.questions import LOCKED, SPLITS
from rag.evaluate.running import Run
from rag.types import Statement, StatementKind

SCHEMA = "groundwire.evaluation/1"

LEFT_OUT = "locked questions left out"


def to_json(
    run: Run, groups: Mapping[str, Figures], compared: Comparison | None = None, *, with_locked: bool = False
) -> str:
    """The run with its figures by group, as indented JSON; what was not measured is null, and
    what would tell of single locked questions.

    Locked questions are counted, and told one by one only `with_locked`.
    """
    questions = [one for one in run.judged if with_locked or one.split != LOCKED]
    told = {
        "schema": SCHEMA,
        "made": run.made,
        "version": run.version,
        "file": run.file,
        "settings": dict(run.settings),
        "sha256": {"questions": run.questions, "articles": run.articles},
        "notes": list(run.notes),
        "figures": {group: figures_to_dict(figures) for group, figures in groups.items()},
        **({"compared": _compared_to_dict(compared)} if compared else {}),
        LEFT_OUT: run.hidden + len(run.judged) - len(questions),
        "questions": [_judged_to_dict(one) for one in questions],
    }
    return json.dumps(told, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def figures_to_dict(figures: Figures) -> dict[str, dict[str, float | int | None]]:
    """By name: value, both ends of the 95 % interval, and over how many questions; null where nothing is told."""
    return {
        name: {
            "value": _finite(one.value),
            "low": _finite(one.low),
            "high": _finite(one.high),
            "count": one.count,
        }
        for name, one in figures.items()
    }


def _finite(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 6)


def _compared_to_dict(found: Comparison) -> dict[str, Any]:
    return {
        "questions": found.common,
        "notes": list(found.notes),
        "differences": [
            {
                "measure": one.measure,
                "before": round(one.before, 6),
                "after": round(one.after, 6),
                "p": _finite(one.chance),
                "verdict": one.verdict,
            }
            for one in found.differences
        ],
        "better": [one.id for one in found.better],
        "worse": [one.id for one in found.worse],
        "locked": {"better": found.locked_better, "worse": found.locked_worse},
    }


def _judged_to_dict(one: Judged) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": one.id,
        "digest": one.digest,
        "split": one.split,
        "kind": one.kind,
        "expect": "answer" if one.answerable else "refuse",
        "refused": one.refused,
        "right": one.right,
        "confidence": one.confidence,
        "seconds": round(one.seconds, 6),
        "shares": {measure: [share.part, share.whole] for measure, share in one.shares.items()},
    }
    if one.shown is not None:
        told["faults"] = list(one.faults)
        told["shown"] = asdict(one.shown)
    return told


# -- back ----------------------------------------------------------------------------------------------------------


def is_run(text: str) -> bool:
    """Whether the text is a run, of this format or another, rather than questions."""
    try:
        found = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        return False
    schema = found.get("schema") if isinstance(found, dict) else None
    return isinstance(schema, str) and schema.startswith(f"{SCHEMA.partition('/')[0]}/")


def from_json(text: str, file: str) -> Run:
    """The run in a text. Raises UsageError, naming the file, where it is none, or of another format."""
    try:
        found = json.loads(text.removeprefix("\ufeff"), parse_constant=_no_number)
        if found["schema"] != SCHEMA:
            raise UsageError(f"{file}: is of format {str(found['schema'])[:40]!r}, this version reads {SCHEMA!r}")
        hidden = int(_within(found.get(LEFT_OUT, 0), 0))
        return Run(
            made=str(found["made"]),
            version=str(found["version"]),
            file=str(found["file"]),
            settings={str(name): value for name, value in found["settings"].items() if isinstance(value, str | int)},
            questions=str(found["sha256"]["questions"]),
            articles=str(found["sha256"]["articles"]),
            judged=tuple(map(_judged, found["questions"])),
            notes=tuple(map(str, found["notes"])),
            hidden=hidden,
            kept=_kept(found["figures"]) if hidden else {},
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, OverflowError) as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:120]
        raise UsageError(f"{file}: is no run that groundwire eval --json wrote ({told})") from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _within(value: object, low: float, high: float = 1e15) -> float:
    """The number. Raises ValueError for one outside (an infinite one, too: 1e999 is), TypeError for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{str(value)[:40]!r} is no number")
    if not low <= value <= high:
        raise ValueError(f"{value} is not within {low:g} and {high:g}")
    return float(value)


def _kept(told: Mapping[str, Any]) -> Mapping[str, Figures]:
    """The figures by group, all of them: of what the file does not say nothing is known."""
    groups: dict[str, Figures] = {
        str(group): {name: _figure(name, some.get(name) or {}) for name in (*Measure, *_extras(group))}
        for group, some in told.items()
    }
    if ALL not in groups:
        raise KeyError(ALL)
    return groups


def _extras(group: str) -> tuple[Extra, ...]:
    return tuple(Extra) if group in (ALL, *SPLITS) else (Extra.MEAN,)  # a kind of question has no more


def _figure(name: str, told: Mapping[str, Any]) -> Figure:
    values = (told.get(end) for end in ("value", "low", "high"))
    value, low, high = (math.nan if one is None else _within(one, 0) for one in values)
    return Figure(name, value, low, high, int(_within(told.get("count", 0), 0)))


def _share(part: object, whole: object) -> tuple[float, float]:
    """Raises ValueError for a part that is more than the whole, by more than adding up makes it."""
    of = _within(whole, 0)
    return _within(part, 0, of + 1e-9), of


def _judged(told: Mapping[str, Any]) -> Judged:
    shares = {
        Measure(name): Share(*_share(part, whole))
        for name, (part, whole) in told["shares"].items()
        if name in set(Measure)  # one of a later version is left out
    }
    shares.setdefault(Measure.EXACT, Share(0, 0))
    return Judged(
        id=str(told["id"]),
        digest=str(told["digest"]),
        split=str(told["split"]),
        kind=str(told["kind"]),
        answerable=told["expect"] == "answer",
        refused=bool(told["refused"]),
        right=bool(told["right"]),
        confidence=None if told["confidence"] is None else _within(told["confidence"], 0, 1),
        seconds=_within(told["seconds"], 0),
        shares=shares,
        faults=tuple(map(str, told.get("faults", ()))),
        shown=_shown(told["shown"]) if told.get("shown") and told["split"] != LOCKED else None,
    )


def _shown(told: Mapping[str, Any]) -> Shown:
    return Shown(
        question=str(told["question"]),
        expected=str(told["expected"]),
        statements=tuple(_statement(one) for one in told["statements"]),
        short=None if told["short"] is None else str(told["short"]),
        quotes=tuple(
            Quote(
                number=int(one["number"]),
                place=_place(one["place"]),
                counted=_place(one["counted"]),
                exact=bool(one["exact"]),
                golden=bool(one["golden"]),
            )
            for one in told["quotes"]
        ),
        gold=tuple(map(_place, told["gold"])),
        sides=tuple(map(_place, told["sides"])),
        excerpts=tuple(
            Excerpt(str(one["article"]), str(one["name"]), int(one["start"]), str(one["text"]), bool(one.get("ends")))
            for one in told["excerpts"]
        ),
    )


def _place(told: Mapping[str, Any]) -> Place:
    return Place(str(told["article"]), int(told["start"]), int(told["end"]), str(told["quote"]))


def _statement(told: Mapping[str, Any]) -> Statement:
    speaker = None if told["speaker"] is None else str(told["speaker"])
    return Statement(str(told["text"]), tuple(map(int, told["citations"])), StatementKind(told["kind"]), speaker)
