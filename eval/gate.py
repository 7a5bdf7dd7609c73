"""The floors that CI holds, in `eval/baseline.json`: no figure of the seed questions falls unless somebody says so.

A floor is the figure that was measured, less what one question weighs (`Baseline.updated`). The answers are the same
at every run, so no sampling error stands between a floor and a figure: the margin is for near ties that another
processor may settle the other way, and for a change that gains three answers and loses one.

The file holds a digest over its floors, so that one changed by hand is told, and every floor that was let fall, from
what to what, so that a review sees it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from rag.errors import UsageError
from rag.evaluate.figures import Figures
from rag.evaluate.measures import ALWAYS_ONE, LOWER_IS_BETTER, Extra, Measure

PIN = "python -m eval.seeds --update-baseline"

NONE_YET = (
    f"no floors are pinned; get eval/baseline.json back from version control, or pin all anew with: {PIN} --lower"
)

EDITED = f"the floors were edited by hand; get them back from version control, or pin all anew with: {PIN} --lower"

FLOORED = (*Measure, Extra.BALANCED, Extra.AUROC, Extra.ERROR_80, Extra.CALIBRATION)
"""All but seconds, which are the machine's."""

WITHOUT_MARGIN = frozenset((*ALWAYS_ONE, Measure.SUPPORTED))
"""Floors of 1. The seeds are answered in their own words: a statement that goes beyond its quote is a fault."""

Floors = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Mode to split to the measure's name to its floor; of the measures where lower is better, its ceiling."""

Settings = Mapping[str, Mapping[str, str | int]]
"""Mode to what the answers depend on beside questions and articles."""

Measured = Mapping[str, Mapping[str, Figures]]
"""Mode to split to figures."""


MOST_MARGIN = 5.0
"""Questions that a margin may forgive: with more, a floor holds nothing."""


@dataclass(frozen=True, slots=True)
class Lowered:
    """A floor that was let fall (a ceiling: rise); `now` is None where it went altogether."""

    mode: str
    split: str
    measure: str
    before: float
    now: float | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The floors, and the data and settings that they were measured with."""

    hashes: Mapping[str, str] = field(default_factory=dict)
    """File name to SHA-256."""
    settings: Settings = field(default_factory=dict)
    floors: Floors = field(default_factory=dict)
    lowered: tuple[Lowered, ...] = ()
    """All that ever was, the latest last."""
    is_edited: bool = False
    """Whether the floors that were read are not those that were written."""

    @classmethod
    def read(cls, file: Path) -> Baseline:
        """The baseline in a file; one without floors where there is none yet.

        Raises UsageError, naming the file, where it is none or a floor is no number from 0 to 1.
        """
        if not file.exists():
            return cls()
        try:
            found = json.loads(file.read_text("utf-8"))
            lowered = tuple(Lowered(**one) for one in found.get("lowered", ()))
            floors = {
                str(mode): {str(split): _checked(mode, split, names) for split, names in splits.items()}
                for mode, splits in found["floors"].items()
            }
            hashes, settings = dict(found["sha256"]), {mode: dict(one) for mode, one in found["settings"].items()}
        except OSError as error:
            raise UsageError(f"{file}: {error.strerror or error}") from error
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            told = " ".join(f"{type(error).__name__}: {error}".split())[:160]
            raise UsageError(f"{file}: is no baseline ({told}); get it back from version control") from error
        return cls(hashes, settings, floors, lowered, found.get("floors_sha256") != _digest(floors, lowered))

    def write(self, file: Path) -> None:
        """Write beside the file and move into place."""
        told = {
            "sha256": self.hashes,
            "settings": self.settings,
            "floors": self.floors,
            "lowered": [asdict(one) for one in self.lowered],
            "floors_sha256": _digest(self.floors, self.lowered),
        }
        beside = file.with_name(file.name + ".new")
        beside.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
        beside.replace(file)

    def problems(self, measured: Measured, hashes: Mapping[str, str], settings: Settings) -> list[str]:
        """What does not hold, a line each, with what to do; empty where all is well."""
        if not (self.floors or self.is_edited):
            return [NONE_YET]
        found = [*self._other_data(hashes), *self._other_settings(settings), *self.below(measured)]
        return [EDITED, *found] if self.is_edited else found

    def _other_data(self, hashes: Mapping[str, str]) -> Iterator[str]:
        for name in sorted(self.hashes.keys() | hashes.keys()):
            if self.hashes.get(name) != hashes.get(name):
                yield (
                    f"{name}: not the file that the floors were pinned on; undo the change, or, where it is meant, pin "
                    f"anew with: {PIN} (and --lower where floors have to fall)"
                )

    def _other_settings(self, settings: Settings) -> Iterator[str]:
        for mode, now in settings.items():
            pinned = self.settings.get(mode)
            if pinned is None:
                yield f"{mode}: it is not told what its floors were pinned with; pin them anew with: {PIN}"
                continue
            for name in sorted(pinned.keys() | now.keys()):
                if pinned.get(name) != now.get(name):
                    yield (
                        f"{mode}: {name} is {now.get(name, 'not told')}, the floors were pinned with "
                        f"{pinned.get(name, 'none')}; where that is meant, pin anew with: {PIN}"
                    )

    def below(self, measured: Measured) -> list[str]:
        """A line for each figure below its floor, without one, or no longer measured.

        Modes that were not measured are left alone.
        """
        lines: list[str] = []
        for mode, splits in measured.items():
            for split, figures in splits.items():
                floors = self.floors.get(mode, {}).get(split, {})
                measured_now = [name for name in FLOORED if not math.isnan(figures[name].value)]
                new = [name for name in measured_now if name not in floors]
                if new:
                    lines.append(f"{mode}, {split}: no floor for {', '.join(new)}; pin with: {PIN}")
                for name in FLOORED:
                    line = _verdict(name, figures[name].value, floors[name]) if name in floors else None
                    lines += [f"{mode}, {split}: {line}"] if line else []
        return lines

    def hold_nothing(self, modes: Iterable[str]) -> list[str]:
        """The floors of 0, and the ceilings of 1, which no figure can break: a line each."""
        return [
            f"{mode}, {split}: {name}"
            for mode in modes
            for split, names in self.floors.get(mode, {}).items()
            for name, pinned in names.items()
            if pinned == (1 if name in LOWER_IS_BETTER else 0)
        ]

    def check_update(self, *, lower: bool) -> None:
        """Raise UsageError where it is not known what the floors were, so that they could fall unseen; not if `lower`.

        That is so where they were edited by hand, and where there are none: a file that was removed is as good as one
        whose floors were all let fall.
        """
        if not lower and self.is_edited:
            raise UsageError(EDITED)
        if not lower and not self.floors:
            raise UsageError(NONE_YET)

    def updated(
        self, measured: Measured, hashes: Mapping[str, str], settings: Settings, *, margin: float, lower: bool
    ) -> Baseline:
        """With the measured figures for floors, less the weight of `margin` questions; none falls unless `lower`.

        What is promised always has no margin. Floors are rounded to four digits, away from the figure. Those of modes
        that were not measured stay, and with `lower` those of measures that are no longer measured go. What falls is
        added to `lowered`. Raises UsageError for a margin out of range, and as `check_update` does.
        """
        self.check_update(lower=lower)
        if not 0 <= margin <= MOST_MARGIN:
            raise UsageError(f"--margin takes 0 to {MOST_MARGIN:g} questions, not {margin:g}")
        floors = {mode: {split: dict(names) for split, names in some.items()} for mode, some in self.floors.items()}
        for mode, splits in measured.items():
            for split, figures in splits.items():
                old = floors.get(mode, {}).get(split, {})
                new = {} if lower else dict(old)
                for name in FLOORED:
                    value = figures[name].value
                    if not math.isnan(value):
                        wanted = _floor(name, value, margin / figures[name].count)
                        new[name] = wanted if lower or name not in old else _stricter(name, wanted, old[name])
                floors.setdefault(mode, {})[split] = new
        fallen = tuple(_fallen(self.floors, floors))
        return Baseline(hashes, {**self.settings, **settings}, floors, (*self.lowered, *fallen))


def _verdict(name: Measure | Extra, value: float, pinned: float) -> str | None:
    """What is wrong with a figure beside its floor; None where nothing is."""
    if math.isnan(value):
        return f"{name} has a floor of {pinned:.4f} and was not measured"
    if name in LOWER_IS_BETTER:
        return f"{name} is {value:.4f}, above its ceiling of {pinned:.4f}" if not value <= pinned else None
    return f"{name} is {value:.4f}, below its floor of {pinned:.4f}" if not value >= pinned else None


def _checked(mode: str, split: str, told: Mapping[str, Any]) -> dict[str, float]:
    for name, value in told.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
            raise ValueError(f"{mode}, {split}: the floor of {name} is {value}, no number from 0 to 1")
    return {str(name): float(value) for name, value in told.items()}


def _digest(floors: Floors, lowered: Iterable[Lowered]) -> str:
    """SHA-256 over both, in any order of names."""
    told = json.dumps([floors, [asdict(one) for one in lowered]], sort_keys=True)
    return sha256(told.encode("utf-8")).hexdigest()


def _fallen(old: Floors, new: Floors) -> Iterator[Lowered]:
    for mode, splits in old.items():
        for split, names in splits.items():
            for name, before in names.items():
                now = new.get(mode, {}).get(split, {}).get(name)
                looser = now is None or (now > before if name in LOWER_IS_BETTER else now < before)
                if looser:
                    yield Lowered(mode, split, name, before, now)


def _floor(name: Measure | Extra, value: float, margin: float) -> float:
    if name in WITHOUT_MARGIN:
        return 1.0
    if name in LOWER_IS_BETTER:
        return min(1.0, math.ceil((value + margin) * 1e4) / 1e4)
    return max(0.0, math.floor((value - margin) * 1e4) / 1e4)


def _stricter(name: Measure | Extra, one: float, other: float) -> float:
    return min(one, other) if name in LOWER_IS_BETTER else max(one, other)
