"""The embedding model of one corpus: which it is, whether it can be used here, and that it is never another one.

A corpus is bound to the model and the splitter with which its first passages were made. Knows the catalog's notes on
these, and where weights lie; loads LlamaIndex only when the model is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import RLock, Thread
from typing import TYPE_CHECKING, Literal

from rag import weights
from rag.catalog import Catalog
from rag.config import DEFAULT_MODEL, NO_MODEL, PASSAGE_SIZE, PRECISIONS, Settings
from rag.errors import CorpusMismatch, GroundwireError, ModelError
from rag.split import splitter_id

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

    from rag.answer.model import ReaderModel
    from rag.vectors import Vector

GIVEN = "given"
"""Names, in a corpus, a model that was given to `Corpus.open`, and has no name by which it could be had again."""

WORDS_ALONE = "searching by words alone"
NO_WEIGHTS = f"{WORDS_ALONE}: the embedding model's weights are not here; get them once with: groundwire model fetch"
NOT_GIVEN = f"{WORDS_ALONE}: the corpus was made with a model of the program's own; give it to Corpus.open"
NO_VECTORS = f"{WORDS_ALONE}: the articles were added without a model; run groundwire add again"

Encode = Callable[[Sequence[str]], "Vector"]


class Binding:
    """The model that a corpus was made with, or will be. Safe to use from several threads."""

    def __init__(self, catalog: Catalog, settings: Settings, given: BaseEmbedding | None) -> None:
        """`given`: a model in place of the one that the settings name. Raises CorpusMismatch for another name than
        the corpus's own."""
        self._catalog, self._settings, self._given = catalog, settings, given
        # What takes long to load is loaded when it is first wanted, once, whichever thread wants it.
        self._guard = RLock()
        self._loaded: BaseEmbedding | None = None
        self._reader: ReaderModel | None = None
        made_with, wanted = catalog.meta("model_name"), settings.model
        if made_with and wanted not in {None, made_with, NO_MODEL} and given is None:
            raise CorpusMismatch(
                f"{catalog.path} was made with the model {made_with!r}, not {wanted!r}; leave the model out, or make "
                "another corpus with it: groundwire add PATH --corpus OTHER.db"
            )

    @property
    def name(self) -> str:
        """The model's name: the corpus's own, else the one that the settings name; "none" where none is wanted."""
        wanted = self._settings.model
        return NO_MODEL if wanted == NO_MODEL else self._catalog.meta("model_name") or wanted or DEFAULT_MODEL

    @property
    def fingerprint(self) -> str:
        """Model, splitter and format: what passages and vectors were made with."""
        model = self._catalog.meta("model") or "no vectors"
        return f"{model};{self._catalog.meta('splitter') or splitter_id(PASSAGE_SIZE)};format-{self._catalog.format}"

    @property
    def usable(self) -> bool:
        """Whether the model can be used here."""
        if self.name == GIVEN:
            return self._given is not None
        if self._given is not None or self.name not in PRECISIONS:
            return self.name != NO_MODEL
        return weights.present(self._settings.cache)

    @property
    def missing(self) -> str | None:
        """Why searching is by words alone, in one line; None where it is not, or where that was asked for."""
        if self.name == NO_MODEL:
            return None
        if not self.usable:
            return NOT_GIVEN if self.name == GIVEN else NO_WEIGHTS
        return NO_VECTORS if self._catalog.meta("model") is None else None

    @property
    def model(self) -> BaseEmbedding | None:
        """The model; None where it cannot be used here. Raises CorpusMismatch when it is not the corpus's own, and
        ModelError when its weights are not the right ones."""
        with self._guard:
            if self._loaded is None and (self._given is not None or self.usable):
                self._loaded = self._checked()
            return self._loaded

    def _checked(self) -> BaseEmbedding:
        from rag import encoder

        model = self._given or encoder.by_name(self.name, self._settings.cache)
        made_with, found = self._catalog.meta("model"), encoder.model_id(model)
        if made_with and made_with != found:
            raise CorpusMismatch(
                f"{self._catalog.path} was made with the model {made_with}, not {found}; use that one, or make another "
                "corpus with this one: groundwire add PATH --corpus OTHER.db"
            )
        return model

    @property
    def asked(self) -> BaseEmbedding | None:
        """The model for queries; None where the corpus has no vectors to compare with."""
        return None if self._catalog.meta("model") is None else self.model

    def query_vector(self, text: str) -> Vector | None:
        """The query's unit vector; None where there is no model to ask with."""
        from rag.retrieve import embed_query

        model = self.asked
        return None if model is None else embed_query(model, text)

    def encode(self, texts: Sequence[str]) -> Vector:
        """The texts' unit vectors, shape (n, dimensions). Raises ModelError without a model."""
        from rag.retrieve import embed_texts

        model = self.model
        if model is None:
            raise ModelError(NO_WEIGHTS)
        return embed_texts(model, texts)

    def bind(self) -> Encode | None:
        """The encoder for writing, after the corpus is bound to splitter and model; None without a model.

        Raises CorpusMismatch for another splitter or model than the corpus's own.
        """
        splitter, bound = splitter_id(PASSAGE_SIZE), self._catalog.meta("splitter")
        if bound is None:
            self._catalog.set_meta("splitter", splitter)
        elif bound != splitter:
            raise CorpusMismatch(
                f"{self._catalog.path} was made with the splitter {bound}, this version has {splitter}; add the "
                "articles to another corpus: groundwire add PATH --corpus OTHER.db"
            )
        model = self.model
        if model is None:
            return None
        if self._catalog.meta("model") is None:
            from rag import encoder

            self._catalog.set_meta("model_name", self.name if self._given is None else GIVEN)
            self._catalog.set_meta("model", encoder.model_id(model))
        return self.encode

    def encode_or_none(self) -> Encode | None:
        """The encoder, where the corpus has vectors and the right model can be used here."""
        with suppress(ModelError, CorpusMismatch):
            return None if self.asked is None else self.encode
        return None

    @property
    def reader(self) -> ReaderModel | None:
        """The trained reader; None where no model is wanted, or MiniLM's weights, which it leans on, are not here.

        Raises ModelError when these are not the right ones.
        """
        with self._guard:
            if self._reader is None and self.name != NO_MODEL and weights.present(self._settings.cache):
                from rag.answer import model

                self._reader = model.load(weights.load(self._settings.cache))
            return self._reader

    def prove_weights(self) -> None:
        """Raise ModelError where weights lie in the cache and are not the right ones."""
        there = weights.folder(self._settings.cache)
        if self._given is None and self.name in PRECISIONS and there.is_dir():
            weights.load(self._settings.cache, anew=True)

    def warm(self) -> None:
        """Begin to load the model on another thread, while this one imports what else asking needs.

        For programs that ask one question and end; what goes wrong is said when the model is wanted.
        """
        precision = PRECISIONS.get(self.name)
        if self._given is None and precision is not None and self.usable:
            Thread(target=_load_ahead, args=(self._settings.cache, precision), daemon=True).start()


def _load_ahead(cache: Path, precision: Literal["fp32", "int8"]) -> None:
    with suppress(GroundwireError):
        from rag import minilm

        proved = weights.load(cache)
        minilm.load(proved, precision)
        from rag.answer import model

        model.load(proved)
