"""A corpus and a folder against a plain dictionary, through whatever order of doings Hypothesis thinks of."""

from __future__ import annotations

import json
import os
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from eval.reliability.world import DIMENSIONS, MadeUp, written
from rag.config import Settings
from rag.corpus import Corpus
from rag.errors import NotFound

NAMES = st.sampled_from([f"a{number}.txt" for number in range(6)])
TEXTS = st.integers(0, 15)


def stamp_of(file: Path) -> dict[str, Any]:
    """What the stamp says; nothing where it is none, or was broken before."""
    try:
        told: dict[str, Any] = json.loads(file.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return told


class Machine(RuleBasedStateMachine):
    """What the folder holds, what the corpus is to hold, and the corpus."""

    @initialize()
    def begin(self) -> None:
        self.place = Path(tempfile.mkdtemp())
        self.news = self.place / "news"
        self.news.mkdir()
        self.folder: dict[str, str] = {}
        self.oracle: dict[str, str] = {}
        self.settings = Settings(self.place / "news.db", self.place / "cache")
        self.corpus = self._opened()

    def _opened(self) -> Corpus:
        return Corpus.open(settings=self.settings, create=True, embedding=MadeUp(embed_dim=DIMENSIONS))

    @rule(name=NAMES, text=TEXTS)
    def write_a_file(self, name: str, text: int) -> None:
        self.folder[name] = written(random.Random(text), 5) + f"This is text number {text} indeed.\n"
        (self.news / name).write_text(self.folder[name])

    @rule(name=NAMES)
    def delete_a_file(self, name: str) -> None:
        (self.news / name).unlink(missing_ok=True)
        self.folder.pop(name, None)

    @rule()
    def add(self) -> None:
        self.corpus.add([self.news])
        self.oracle.update(self.folder)

    @rule()
    def sync(self) -> None:
        said = self.corpus.sync(self.news, rehearse=True, even_if_empty=True)
        done = self.corpus.sync(self.news, even_if_empty=True)
        assert (said.changes, said.moved, said.removed) == (done.changes, done.moved, done.removed)
        # A file that is gone while a new one has its bytes has moved: its article keeps its key. So names may differ
        # from the folder's, and texts may not.
        assert sorted(self._held().values()) == sorted(self.folder.values())
        self.oracle = self._held()

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        if name in self.oracle:
            self.corpus.remove([name])
            del self.oracle[name]
        else:
            try:
                self.corpus.remove([name])
            except NotFound:
                return
            raise AssertionError(f"{name} was removed and was not there")

    @rule()
    def rebuild(self) -> None:
        assert self.corpus.rebuild()

    @rule(index=st.sampled_from(["lexical", "vectors"]), how=st.sampled_from(["unclean", "gone", "cut", "stamp"]))
    def be_killed(self, index: str, how: str) -> None:
        """Nothing is closed, and an index is left as a kill may leave it; then another process opens the corpus."""
        folder = self.corpus.status().indexes
        # The locks of a process that is killed are let go; its files stay as they are.
        self.corpus.close()
        stamp = folder / f"{index}.json"
        told = stamp_of(stamp)
        if told:
            files = sorted(path for path in (folder / told["folder"]).rglob("*") if path.is_file())
            if how == "unclean":
                stamp.write_text(json.dumps({**told, "clean": False}))
            elif how == "gone":
                shutil.rmtree(folder / told["folder"], ignore_errors=True)
            elif how == "cut" and files:
                os.truncate(files[0], files[0].stat().st_size // 2)
            else:
                stamp.write_text(stamp.read_text()[:-9])
        self.corpus = self._opened()

    @rule(text=TEXTS)
    def ask(self, text: int) -> None:
        if not self.oracle:
            return
        wanted = {key for key, held in self.oracle.items() if f"text number {text} indeed" in held}
        hits = self.corpus.search(f"text number {text} indeed", k=50).hits
        for hit in hits:
            assert hit.text in self.oracle[hit.article.key]
        assert wanted <= {hit.article.key for hit in hits}

    def _held(self) -> dict[str, str]:
        return {reference.key: self.corpus.article(reference.key).text for reference in self.corpus.articles()}

    @invariant()
    def the_corpus_holds_what_the_dictionary_holds(self) -> None:
        if hasattr(self, "corpus"):
            assert self._held() == self.oracle

    def teardown(self) -> None:
        if hasattr(self, "corpus"):
            assert all(finding.mended for finding in self.corpus.doctor(repair=True))
            assert self._held() == self.oracle
            self.corpus.close()
            shutil.rmtree(self.place)


TestStateMachine = Machine.TestCase
TestStateMachine.settings = settings(
    max_examples=int(os.environ.get("GROUNDWIRE_RUNS", "12")),
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
