"""`doctor`: is the corpus whole, do both indexes agree with it, is the model the right one; and putting it right.

What can be derived is derived again: passages and vectors from the text, an article from the bytes that it was read
from, the indexes from the catalog. What cannot is taken out and named, so that it can be added anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from rag.catalog import Catalog, Place, StoredPassage
from rag.config import PASSAGE_SIZE
from rag.dates import date_range
from rag.errors import CorpusDamaged, ModelError
from rag.indexes import Indexes
from rag.ingest import Encode
from rag.load import Loaded, Pool, reread
from rag.scope import UNDATED_FIRST, UNDATED_LAST
from rag.split import passages
from rag.types import Article, Passage, Reference, article_id
from rag.vectors import pack, unpack

_TOLD = frozenset(one.name for one in fields(Article)) - {"key"}
"""What an article says of itself, where a reference says it too."""

UNIT = 0.01
"""How far a vector's length may be from 1: half precision moves it by less than 0.001."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, in one line, or what was done about it."""

    line: str
    mended: bool = False
    """Whether the line says what was put right."""


class Doctor:
    """Examines and mends one corpus."""

    def __init__(
        self,
        catalog: Catalog,
        indexes: Indexes,
        encoder: Callable[[], Encode | None],
        prove_weights: Callable[[], None],
    ) -> None:
        self._catalog, self._indexes = catalog, indexes
        self._encoder, self._prove_weights = encoder, prove_weights

    def examine(self) -> list[Finding]:
        """Everything that is wrong; [] when all is whole. Raises CorpusDamaged where the file cannot be read."""
        return [Finding(line) for line in self._faults()]

    def _faults(self) -> Iterator[str]:
        for line in self._catalog.integrity():
            yield f"SQLite: {line}"
        named = set[int]()
        for number in self._catalog.all_numbers():
            for line in self._article_faults(number):
                named.add(number)
                yield f"article {self._name(number)}: {line}"
        for damage in self._catalog.damaged_rows():
            if self._catalog.owner(damage) not in named:
                yield f"the {damage.table} row {damage.name!r} is not what was written"
        with suppress(CorpusDamaged):  # told above
            yield from self._catalog.copies_faults()
        try:
            yield from self._indexes.disagreements()
        except CorpusDamaged as error:
            if not named:
                yield str(error)
        try:
            self._prove_weights()
        except ModelError as error:
            yield str(error)

    def _name(self, number: int) -> str:
        remains = self._catalog.remains(number)
        return f"{number} ({remains.key})" if remains else str(number)

    # -- one article -------------------------------------------------------------------------------------------

    def _article_faults(self, number: int) -> Iterator[str]:
        try:
            (place,) = self._catalog.places([number])
        except CorpusDamaged:
            yield "what is known of it is not what was written"
            return
        yield from _reference_faults(place)
        yield from self._text_faults(place)
        try:
            text = self._catalog.present_text(number, place.reference.version)
            stored = self._catalog.passages_of(number)
            vectors = self._catalog.vectors_of(number)
        except CorpusDamaged as error:
            yield _cause(error)
            return
        yield from _passage_faults(text, stored)
        yield from _vector_faults(vectors)

    def _text_faults(self, place: Place) -> Iterator[str]:
        """Each version's text, source and spans; the present text itself is read by the caller."""
        try:
            versions = self._catalog.versions(place.number)
        except CorpusDamaged:
            yield "what is known of its text is not what was written"
            return
        for version in versions:
            try:
                text = self._catalog.present_text(place.number, version)
            except CorpusDamaged:
                if version != place.reference.version:
                    yield f"an older version of its text ({version[:12]}) is damaged"
                continue
            try:
                skipped = self._catalog.skipped(place.number, version)
            except CorpusDamaged:
                yield f"which spans are not its body is not what was written ({version[:12]})"
                continue
            if any(not 0 <= span.start < span.end <= len(text) for span in skipped):
                yield "spans that are not its body lie outside its text"
            source = self._catalog.source(place.number, version)
            if source is None or sha256(source).hexdigest() != self._catalog.source_hash(place.number, version):
                yield f"the bytes that it was read from are damaged ({version[:12]})"

    # -- mending -----------------------------------------------------------------------------------------------

    def repair(self) -> list[Finding]:
        """What was put right, then what is still wrong."""
        done: list[str] = []
        copies = self._are_copies_wrong()
        if copies:  # before all else: whatever is written is compared with them
            self._catalog.forget_copies()
        if self._catalog.integrity():
            self._catalog.reindex()
            self._catalog.drop_orphans()
        damaged = [one for one in self._catalog.damaged_rows() if self._catalog.owner(one) is None]
        for damage in damaged:
            if damage.table in {"file", "change", "outlet", "meta"} and self._catalog.mend_row(damage):
                done.append(f"the {damage.table} row {damage.name!r} was put right")
        owners = {self._catalog.owner(one) for one in self._catalog.damaged_rows()}
        for number in self._catalog.all_numbers():
            if number in owners or any(self._article_faults(number)):
                done.append(self._mended(number))
        self._catalog.drop_orphans()
        if copies or list(self._catalog.copies_faults()):
            self._catalog.forget_copies()
            done.append("the clusters of near copies were found anew")
        self._catalog.compare_waiting(lambda: True)
        done.extend(self._mended_indexes())
        left = self.examine()
        return [*(Finding(line, mended=True) for line in done), *left]

    def _are_copies_wrong(self) -> bool:
        if any(damage.table == "sketch" for damage in self._catalog.damaged_rows()):
            return True
        with suppress(CorpusDamaged):
            return any(self._catalog.copies_faults())
        return False

    def _mended_indexes(self) -> Iterator[str]:
        wrong = self._indexes.disagreements()
        if wrong and self._indexes.rebuild():
            yield "both search indexes were built anew"
        else:
            self._indexes.follow()

    def _mended(self, number: int) -> str:
        """Put one article right, or take it out; gives the line that says so."""
        name = self._name(number)
        for version in self._lost_versions(number):
            self._catalog.drop_version(number, version)
        if not any(self._article_faults(number)):
            return f"article {name}: an older version of its text was damaged and was taken out"
        article, source = self._present(number) or self._from_source(number) or (None, b"")
        if article is None:
            remains = self._catalog.remains(number)
            self._catalog.remove(number)
            where = f" from {remains.path}" if remains and remains.path else ""
            return f"article {name}: its text is lost; it was taken out: add it anew{where}"
        made = passages(article.text, article.skipped, PASSAGE_SIZE)
        vectors = self._vectors(number, article, made)
        try:
            self._catalog.restore(number, article, source, made, vectors)
        except CorpusDamaged:  # another article, which it is to be compared with, is damaged too: that waits
            self._catalog.forget_copies()
            self._catalog.restore(number, article, source, made, vectors)
        return f"article {name}: what was damaged was derived again"

    def _lost_versions(self, number: int) -> Iterator[str]:
        with suppress(CorpusDamaged):
            (place,) = self._catalog.places([number])
            for version in self._catalog.versions(number):
                if version != place.reference.version:
                    try:
                        self._catalog.present_text(number, version)
                        self._catalog.skipped(number, version)
                    except CorpusDamaged:
                        yield version

    def _present(self, number: int) -> tuple[Article, bytes] | None:
        """The article as the catalog has it, where all that it says of itself is proved."""
        try:
            (place,) = self._catalog.places([number])
            if any(_reference_faults(place)) or any(self._text_faults(place)):
                return None
            source = self._catalog.source(number, place.reference.version)
            article = self._catalog.article(number)
        except CorpusDamaged:
            return None
        return None if source is None else (article, source)

    def _from_source(self, number: int) -> tuple[Article, bytes] | None:
        """The article read anew from its newest source bytes, where these give the very text that was held."""
        remains = self._catalog.remains(number)
        if remains is None or not remains.sources:
            return None
        known = self._known(number)
        present = [one for one in remains.sources if known is not None and one[0] == known.version]
        version, source = (present or remains.sources)[0]
        # What is one of several goes by its own name: a member of an archive, a row of a table in it.
        names = [remains.key, remains.key.rpartition("#")[0]]
        with suppress(CorpusDamaged):
            file = self._catalog.file(remains.path or "")
            names = [file.key_path, *names] if file is not None else names
        with Pool() as pool:
            for name in filter(None, dict.fromkeys(names)):
                try:
                    loaded = reread(Path(remains.path or remains.key), name, source, pool)
                except ValueError:
                    continue
                if not isinstance(loaded, Loaded) or loaded.article.version != version:
                    continue
                article = loaded.by_its_file if loaded.own_key == remains.key else loaded.article
                # The key or the id may be what was damaged: one of them has to agree.
                if article.key == remains.key or article_id(article.key) == remains.identity:
                    return _as_known(article, known), source
        return None

    def _known(self, number: int) -> Reference | None:
        """What is known of an article, where that is proved."""
        with suppress(CorpusDamaged, ValueError):
            return next((reference for _, reference in self._catalog.references([number])), None)
        return None

    def _vectors(self, number: int, article: Article, made: Sequence[Passage]) -> list[bytes] | None:
        """The passages' vectors: those that are whole are kept; None where one is missing and no model is here."""
        kept = self._whole_vectors(number)
        missing = [one for one in made if (one.start, one.end) not in kept]
        encode = self._encoder() if missing else None
        if missing and encode is None:
            return None
        if missing and encode is not None:
            packed = pack(encode([article.text[one.start : one.end] for one in missing]))
            kept.update({(one.start, one.end): vector for one, vector in zip(missing, packed, strict=True)})
        return [kept[one.start, one.end] for one in made]

    def _whole_vectors(self, number: int) -> dict[tuple[int, int], bytes]:
        found: dict[tuple[int, int], bytes] = {}
        numbers = [passage for passage, article in self._catalog.passage_articles().items() if article == number]
        for one in numbers:
            with suppress(CorpusDamaged):
                stored, vectors = self._catalog.passages([one]), self._catalog.vectors_at([one])
                if one in stored and one in vectors and not any(_vector_faults([(one, vectors[one])])):
                    found[stored[one].passage.start, stored[one].passage.end] = vectors[one]
        return found


def _as_known(article: Article, known: Reference | None) -> Article:
    """The article with what was known of it: its message or another file may have told more than its source."""
    if known is None or known.version != article.version or known.id != article.id:
        return article
    return replace(article, **{one.name: getattr(known, one.name) for one in fields(Reference) if one.name in _TOLD})


def _cause(error: CorpusDamaged) -> str:
    return str(error).partition(" is damaged: ")[2].partition(";")[0] or str(error)


def _reference_faults(place: Place) -> Iterator[str]:
    known = place.reference
    if known.id != article_id(known.key):
        yield "its id is not its key's"
    days = date_range(known.published) if known.published else (UNDATED_FIRST, UNDATED_LAST)
    if days != (place.first_day, place.last_day):
        yield "its days are not those of its date"


def _passage_faults(text: str, stored: Sequence[StoredPassage]) -> Iterator[str]:
    at = 0
    for one in stored:
        passage = one.passage
        edges = [point for span in passage.sentences for point in (span.start, span.end)]
        whole = edges[0] == passage.start and edges[-1] == passage.end and edges == sorted(edges)
        if not whole or any(span.start >= span.end for span in passage.sentences):
            yield f"the sentences of passage {one.number} are not in order"
        if not at <= passage.start < passage.end <= len(text):
            yield f"passage {one.number} lies outside its text or in another passage"
        at = passage.end


def _vector_faults(vectors: Sequence[tuple[int, bytes]]) -> Iterator[str]:
    if not vectors:
        return
    if len({len(vector) for _, vector in vectors}) > 1 or any(len(vector) % 2 for _, vector in vectors):
        yield "its vectors are not of one length"
        return
    lengths = np.linalg.norm(unpack([vector for _, vector in vectors]), axis=1)
    for (number, _), length in zip(vectors, lengths.tolist(), strict=True):
        if not (abs(length - 1) < UNIT or length == 0):  # also where it is not a number
            yield f"the vector of passage {number} has the length {length:.3g}, not 1"
