"""What the trials share: articles, an embedding that costs nothing, children that may be killed."""

from __future__ import annotations

import json
import os
import random
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import chromadb  # noqa: F401 (loaded once here: the children are forked, and begin at once)
import numpy as np
from llama_index.core.embeddings import MockEmbedding

import rag.answer.compose
import rag.doctor
import rag.retrieve
import rag.sync  # noqa: F401 (as above)
from rag import Corpus
from rag.config import Settings
from rag.errors import GroundwireError
from rag.load import Found, Loaded, Source

DIMENSIONS = 16

SUBJECTS = ("The mayor", "A ferry", "The snowy owl", "The union", "A storm", "The bridge", "The minister", "A court")
VERBS = ("closed", "reached", "praised", "delayed", "inspected", "left", "criticised", "opened")
PLACES = ("Gdynia", "Ostrava", "Split", "Kolin", "Oslo", "Turin", "Bergen", "Porto")


class MadeUp(MockEmbedding):
    """Unit vectors that depend on the text alone."""

    def _vector(self, text: str) -> list[float]:
        seed = int.from_bytes(sha256(text.encode()).digest()[:8], "big")
        made = np.random.default_rng(seed).normal(size=DIMENSIONS)
        unit: list[float] = (made / np.linalg.norm(made)).tolist()
        return unit

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [self._vector(text) for text in texts]

    def _get_query_embedding(self, query: str) -> list[float]:
        return self._vector(query)


@contextmanager
def opened(settings: Settings, *, create: bool = False) -> Iterator[Corpus]:
    """The corpus, with the made-up embedding."""
    with opened_by_name(settings, create=create) as corpus:
        yield corpus


def opened_by_name(chosen: Settings, *, create: bool = False) -> Corpus:
    """In the place of what the commands open a corpus with."""
    return Corpus.open(settings=chosen, create=create, embedding=MadeUp(embed_dim=DIMENSIONS))


def written(chance: random.Random, sentences: int) -> str:
    """A text that no other has."""
    lines = [
        f"{chance.choice(SUBJECTS)} {chance.choice(VERBS)} the harbour of {chance.choice(PLACES)} on day "
        f"{chance.randrange(10**6)}, officials said."
        for _ in range(sentences)
    ]
    return "\n\n".join(" ".join(lines[first : first + 4]) for first in range(0, sentences, 4)) + "\n"


def write_article(file: Path, text: str) -> None:
    """As plain text or, where its name says so, as a web page: another process reads these."""
    if file.suffix == ".html":
        paragraphs = "".join(f"<p>{one}</p>" for one in text.split("\n\n"))
        text = f"<!doctype html><html><head><title>The harbour</title></head><body>{paragraphs}</body></html>"
    file.write_text(text)


def text_of(file: Path) -> str:
    """The text of the file's article, as it is when nothing is killed."""
    if file.suffix == ".txt":
        return file.read_text()
    (one,) = Source(Found(file, file.name)).articles()
    if not isinstance(one, Loaded):
        raise RuntimeError(f"{one.where}: {one.reason}")
    return one.article.text


def contents(corpus: Corpus) -> dict[str, Any]:
    """All that a corpus says of its articles, by key: what two corpora are compared by."""
    catalog = corpus._catalog
    told: dict[str, Any] = {}
    for number in catalog.all_numbers():
        article = catalog.article(number)
        vectors = dict(catalog.vectors_of(number))
        told[article.key] = [
            article.text,
            article.title,
            article.published,
            Path(article.path or "").name,
            [
                (one.passage.start, one.passage.end, len(one.passage.sentences), vectors.get(one.number, b"").hex())
                for one in catalog.passages_of(number)
            ],
        ]
    return told


class Child:
    """Work in a process of its own, forked, so that it begins at once and may be killed."""

    def __init__(self, work: Callable[[], Any]) -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        self._reading, writing = os.pipe()
        self.pid = os.fork()
        if not self.pid:
            code = 1
            try:
                os.close(self._reading)
                told = json.dumps(work()).encode()
                with os.fdopen(writing, "wb") as pipe:
                    pipe.write(told)
                code = 0
            except GroundwireError:
                code = 2
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)
        os.close(writing)

    def kill(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def result(self) -> tuple[int, Any]:
        """Its exit status (negative: the signal that ended it) and what its work gave."""
        with os.fdopen(self._reading, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        return code, json.loads(told) if told and code == 0 else None


def in_child(work: Callable[[], Any]) -> Any:
    """What the work gives, done in a process of its own. Raises RuntimeError where that fails."""
    code, told = Child(work).result()
    if code:
        raise RuntimeError(f"a child ended with {code}")
    return told
