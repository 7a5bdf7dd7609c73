"""What a run goes by: the data, the modes and splits, the cache, and the corpora that are made once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from eval.bench.progress import say
from eval.bench.sources import Sources
from rag import Corpus, weights
from rag.config import DEFAULT_MODEL, NO_MODEL, Settings
from rag.errors import UsageError

if TYPE_CHECKING:
    from eval.remembered import Remembered

Mode = Literal["hybrid", "lexical"]
"""With the embedding model, or by words alone."""

PASSAGES, WORDS = 10, 60
"""Groundwire's defaults, written out: what stands in the user's own settings does not count here."""


@dataclass(frozen=True, slots=True)
class Options:
    """The command line, checked."""

    sources: Sources
    cache: Path
    """The benchmarks' own folder: corpora and remembered vectors."""
    weights: Path
    """The user's cache folder, where the model's weights and the indexes are."""
    modes: tuple[Mode, ...] = ("hybrid", "lexical")
    splits: tuple[str, ...] = ("dev", "test")
    limit: int | None = None
    """Questions at most; None: as many as the benchmark finds enough; 0: all."""
    corpus: Path | None = None
    """For RealTimeQA, in place of the one in `cache`."""

    def questions(self, usual: int) -> int:
        """How many to ask, `usual` unless something else was asked for; 0: all."""
        return usual if self.limit is None else self.limit

    def settings(self) -> dict[str, object]:
        """What the figures depend on, for the record."""
        return {"modes": list(self.modes), "splits": list(self.splits), "passages": PASSAGES, "words": WORDS}

    @contextmanager
    def model(self) -> Iterator[Remembered]:
        """The embedding model. Raises UsageError where its weights are not here."""
        if not weights.present(self.weights):
            raise UsageError(
                "hybrid mode needs the embedding model's weights, which are not here; get them once with: groundwire "
                "model fetch; or measure with --mode lexical"
            )
        from eval.remembered import Remembered, model

        remembered = Remembered(model(self.weights), self.cache / "vectors.sqlite", names_model=True)
        try:
            yield remembered
        finally:
            remembered.close()

    @contextmanager
    def opened(self, file: Path, mode: Mode) -> Iterator[Corpus]:
        """A corpus that is there, for asking in a mode."""
        settings = Settings(file, self.weights, NO_MODEL if mode == "lexical" else None, k=PASSAGES, words=WORDS)
        if mode == "lexical":
            with Corpus.open(settings=settings) as corpus:
                yield corpus
        else:
            with self.model() as model, Corpus.open(settings=settings, embedding=model) as corpus:
                yield corpus

    def made(self, file: Path, articles: Path, expected: Mapping[str, str]) -> Path:
        """The corpus of exactly the expected articles (id to version), made of the file `articles` where it is not
        there; what an interrupted run began is carried on.

        Raises UsageError for a corpus that holds anything else.
        """
        dense = "hybrid" in self.modes
        if dense and not weights.present(self.weights):
            with self.model():  # says what is missing
                pass
        settings = Settings(file, self.weights, DEFAULT_MODEL if dense else NO_MODEL)
        if not file.is_file() or self._unfinished(file, expected, dense):
            say(f"making {file}: {len(expected):,} articles; embedding takes a second for some thirty passages")
            file.parent.mkdir(parents=True, exist_ok=True)
            with Corpus.open(settings=settings, create=True) as corpus:
                report = corpus.add([articles])
            if report.skipped:
                first = report.skipped[0]
                raise UsageError(f"{first.where}: {first.reason}; the benchmark's articles are not all read")
            if self._unfinished(file, expected, dense):
                raise UsageError(f"{file} does not hold the benchmark's articles although they were added")
        return file

    def _unfinished(self, file: Path, expected: Mapping[str, str], dense: bool) -> bool:
        """Whether articles or vectors are lacking. Raises UsageError where there are articles of other origin."""
        with Corpus.open(settings=Settings(file, self.weights)) as corpus:
            held = {one.id: one.version for one in corpus.articles()}
            counts = corpus.status().counts
        foreign = sum(expected.get(id) != version for id, version in held.items())
        if foreign:
            raise UsageError(
                f"{file} holds {foreign:,} articles that are not the benchmark's; name another file, or none: it is "
                "made where there is none"
            )
        return len(held) < len(expected) or (dense and counts.vectors < counts.passages)
