"""One article that was read: new, changed, told once more, or held from another file that has as much right to it.

Which of two states is the later is for `rag.states` to say; here is what follows from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from rag.ingest.report import Tally
from rag.ingest.shelf import Shelf
from rag.ingest.writing import Writing
from rag.load import Loaded
from rag.split import passages
from rag.states import are_two_stories, completed, conflicts, is_later
from rag.types import Article, Reference, Rejected


@dataclass(frozen=True, slots=True)
class Entry:
    """The way of articles into the catalog."""

    catalog: Shelf
    size: int
    """Code points of a passage at most."""
    writing: Writing
    tally: Tally
    notice: Callable[[str, Article], None]

    def told_apart(self, loaded: Loaded) -> Loaded:
        """A page as it came; under its file's name where the address that it claims is held by another story.

        A site that names its front page as the canonical address of each of its pages would leave one of them.
        """
        article = loaded.article
        if loaded.own_key is None:
            return loaded
        held = self._held(article.key)
        if held is None or held[1].version == article.version or not _comes_from_another(article, held[1]):
            return loaded
        number, other = held
        if not are_two_stories(article, self.catalog.article(number)):
            return loaded
        said = f"{article.key} is not taken for its address, which is that of another story, in {other.path}"
        return replace(loaded, article=loaded.by_its_file, notes=(*loaded.notes, said))

    def bring(self, loaded: Loaded) -> None:
        """Have what was read become the article's state, as far as it is for this file to say."""
        article, displaced = loaded.article, None
        if found := self._held(article.key):
            number, held = found
            is_another = _comes_from_another(article, held)
            if article.path is None and held.path is not None:  # it came from the web; a file that holds it too stays
                loaded = replace(loaded, article=replace(article, path=held.path))
            article = loaded.article
            same_text = held.version == article.version
            if self._belongs_to_another(article, held):
                if same_text:
                    self.tally.count(unchanged=1)
                else:
                    self.tally.skipped.append(Rejected(article.path or article.key, _taken(article, held)))
                return
            if is_another:
                if not self._is_present(loaded, number, held):
                    self._beside(loaded, number, held)
                    return
                article = completed(article, held)
                loaded = replace(loaded, article=article)
                displaced = held.path if not same_text and article.path != held.path else None
            if same_text and self.catalog.skipped(number, held.version) == article.skipped:
                self._same_text(loaded, held)
                return
        made = passages(article.text, article.skipped, self.size)
        if not made:
            where = article.path or article.key
            self.tally.skipped.append(Rejected(where, "holds no sentence that could be quoted"))
            return
        if displaced is not None:
            self.tally.notes.append(
                f"{article.path}: {article.key}: takes the place of the text in {displaced}, which is kept as an older"
                " version; if they are two articles, one of them states a wrong address"
            )
        self.writing.add(article, loaded.source, made)

    def _held(self, key: str) -> tuple[int, Reference] | None:
        """The article with this key and its number, as it stands after all that came before."""
        if self.writing.holds(key):
            self.writing.flush()  # the same article from two files: the later one is compared with the earlier one
        number = self.catalog.number_of(key)
        return None if number is None else next(self.catalog.references([number]))

    @staticmethod
    def _belongs_to_another(article: Article, held: Reference) -> bool:
        """Whether the article with this id came from another file that is still there. One URL is one article,
        wherever it is found; an id may be given twice by chance, and neither article may push the other out."""
        if "://" in article.key or held.path == article.path or held.path is None:
            return False
        return Path(held.path).exists()

    def _is_present(self, loaded: Loaded, number: int, held: Reference) -> bool:
        """Whether what another file says of an article is its present state, rather than what is held.

        The later date of the two decides, then, of texts that differ, the later file. A text that was set aside once
        stays so: the same files give the same corpus whenever they are read again.
        """
        article, later = loaded.article, is_later(loaded.article.reference, held)
        is_of_now = article.path == held.path  # it came from the web
        if held.version == article.version:
            return later is True
        if article.version in self._added(number) and not is_of_now:
            return False
        return later if later is not None else is_of_now or _changed(article.path) > _changed(held.path)

    def _beside(self, loaded: Loaded, number: int, held: Reference) -> None:
        """Keep what another file says of an article that stays as it is held: what is unknown of it, and the text."""
        article, present = loaded.article, self.catalog.article(number)
        where = f"{article.path}: {article.key}" if article.path != held.path else article.key
        if article.version == held.version:
            if differ := conflicts(article.reference, held):
                self.tally.notes.append(
                    f"{where}: says otherwise of {', '.join(differ)}; what {held.path} says is kept"
                )
        elif article.version not in (added := self._added(number)):
            # Versions are told in the order in which they came: this one stands before the present one.
            before = datetime.fromisoformat(added[held.version]) - timedelta(microseconds=1)
            self.catalog.keep_text(article, loaded.source, before.isoformat(timespec="microseconds"))
            self.tally.notes.append(f"{where}: kept as an older version of what {held.path} holds")
        source = self.catalog.source(number, held.version)
        if source is None:
            self.tally.count(unchanged=1)
        else:
            self._same_text(Loaded(completed(present, article), source), held)

    def _added(self, number: int) -> dict[str, str]:
        return {one.version: one.added for one in self.catalog.dated_versions(number)}

    def _same_text(self, loaded: Loaded, held: Reference) -> None:
        """Write down what else is told of an article now; its passages and vectors stay."""
        article = loaded.article
        if article.reference == held:
            self.tally.count(unchanged=1)
            return
        self.catalog.put_reference(article, loaded.source)
        only_moved = replace(article.reference, path=held.path) == held
        self.tally.count(unchanged=int(only_moved), updated=int(not only_moved))
        if not only_moved:
            self.notice("updated", article)


def _comes_from_another(article: Article, held: Reference) -> bool:
    """Whether the article is held from another file, which is still there. (What a file no longer says, it drops.)"""
    return held.path is not None and held.path != article.path and Path(held.path).exists()


def _changed(file: str | None) -> float:
    """When the file was last written."""
    try:
        return Path(file or "").stat().st_mtime
    except (OSError, ValueError):
        return 0.0


def _taken(article: Article, held: Reference) -> str:
    return f"the id {article.key!r} is that of another article, from {held.path}; give one of them another id"
