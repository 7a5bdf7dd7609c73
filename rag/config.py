"""Settings, from the weakest to the strongest: defaults, groundwire.toml, GROUNDWIRE_* variables, flags.

Knows nothing of what the settings are for. Reads the environment and groundwire.toml, and nothing else.
"""

from __future__ import annotations

import math
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from platformdirs import user_cache_path, user_data_path

from rag.errors import ConfigError

CORPUS_NAME = "groundwire.db"
SETTINGS_NAME = "groundwire.toml"

PASSAGE_SIZE = 900
"""Code points; about 200 tokens of the 256 that the default model reads."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run goes by."""

    corpus: Path
    cache: Path
    model: str | None = None
    """The embedding model by name; None: the one the corpus was made with, else the default."""
    k: int = 10
    """Passages that retrieval gives."""
    words: int = 60
    """How long an answer may become, in words."""
    min_confidence: float | None = None
    """The confidence below which there is no answer, 0 to 1; None: the one that ships with the reader."""


DEFAULT_MODEL = "minilm"

NO_MODEL = "none"
"""The model's name for doing without one: words alone."""

PRECISIONS: dict[str, Literal["fp32", "int8"]] = {"minilm": "fp32", "minilm-int8": "int8"}
"""One set of weights, in two precisions."""

_NUMBERS = {"k": (1, 1000), "words": (1, 1000)}
_SHARES = ("min_confidence",)
_TEXTS = ("corpus", "cache", "model")


def load(
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] = os.environ,
    folder: Path | None = None,
) -> Settings:
    """Put the settings together; `flags` that are None count as not given.

    Raises ConfigError, naming the setting and where it was set.
    """
    folder = folder or _working_folder()
    chosen: dict[str, object] = {}
    settings_file = _upwards(folder, SETTINGS_NAME)
    if settings_file is not None:
        chosen |= _from_file(settings_file)
    chosen |= _from_environment(environ, folder)
    chosen |= {name: value for name, value in (flags or {}).items() if value is not None}
    return Settings(
        corpus=_path("corpus", chosen.get("corpus"), folder) or _default_corpus(folder),
        cache=_path("cache", chosen.get("cache"), folder) or user_cache_path("groundwire", appauthor=False),
        model=_text(chosen.get("model")),
        k=_number("k", chosen.get("k", 10)),
        words=_number("words", chosen.get("words", 60)),
        min_confidence=_share("min_confidence", chosen.get("min_confidence")),
    )


def _from_file(file: Path) -> dict[str, object]:
    """The known settings of a groundwire.toml; its relative paths count from its own folder."""
    try:
        found = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{file}: cannot be read as TOML ({error}); mend it or move it away") from error
    for name, value in found.items():
        if name in _NUMBERS:
            _number(name, value, f"{file}: ")
        elif name in _SHARES:
            _share(name, value, f"{file}: ")
        elif name not in _TEXTS:
            known = ", ".join((*_TEXTS, *_NUMBERS, *_SHARES))
            raise ConfigError(f"{file}: unknown setting {name!r}; known are {known}")
        elif not isinstance(value, str) or not value:
            raise ConfigError(f"{file}: {name} takes a text in quotation marks")
        elif name != "model":
            found[name] = str(_path(f"{file}: {name}", value, file.parent))
    return found


def _from_environment(environ: Mapping[str, str], folder: Path) -> dict[str, object]:
    """GROUNDWIRE_CORPUS, GROUNDWIRE_CACHE, GROUNDWIRE_MODEL, GROUNDWIRE_K, GROUNDWIRE_WORDS,
    GROUNDWIRE_MIN_CONFIDENCE; empty is not set."""
    found: dict[str, object] = {}
    for name in (*_TEXTS, *_NUMBERS, *_SHARES):
        variable = f"GROUNDWIRE_{name.upper()}"
        value = environ.get(variable)
        if value:
            if name in _NUMBERS:
                found[name] = _number(name, value, f"{variable}: ")
            elif name in _SHARES:
                found[name] = _share(name, value, f"{variable}: ")
            else:
                found[name] = value if name == "model" else _path(variable, value, folder)
    return found


def _share(name: str, value: object, where: str = "") -> float | None:
    if value is None:
        return None
    try:
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        found = math.nan
    if isinstance(value, bool) or not 0 <= found <= 1:
        raise ConfigError(f"{where}{name} takes a number from 0 to 1, not {value!r}")
    return found


def _number(name: str, value: object, where: str = "") -> int:
    lowest, highest = _NUMBERS[name]
    try:
        number = int(value) if isinstance(value, (int, str)) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None or not lowest <= number <= highest:
        raise ConfigError(f"{where}{name} takes a whole number from {lowest} to {highest}, not {str(value)[:40]!r}")
    return number


def _text(value: object) -> str | None:
    return str(value) if value else None


def _path(where: str, value: object, folder: Path) -> Path | None:
    """The path, from `folder` where it is relative; None where none is given."""
    if not value:
        return None
    try:
        if "\0" in str(value):
            raise ConfigError(f"{where}: {str(value)[:80]!r} is not a path; it holds a NUL")
        return folder / Path(str(value)).expanduser()
    except RuntimeError as error:
        raise ConfigError(
            f"{where}: {str(value)[:80]!r} names a home folder that is not known; write it out"
        ) from error


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise ConfigError("the working folder is gone or may not be read; change to another one") from error


def _default_corpus(folder: Path) -> Path:
    """The nearest groundwire.db walking up, else the one in the user's data folder."""
    return _upwards(folder, CORPUS_NAME) or user_data_path("groundwire", appauthor=False) / CORPUS_NAME


def _upwards(folder: Path, name: str) -> Path | None:
    """The nearest file of this name in the folder or above it."""
    for place in (folder, *folder.parents):
        try:
            if (place / name).is_file():
                return place / name
        except OSError:
            continue  # a folder that may not be looked into
    return None
