"""The Python API: make a corpus of the seeds, ask it, and check every quote yourself.

Run from the repository: python examples/ask.py
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from rag import Corpus, Filters

SEEDS = Path(__file__).parent.parent / "seeds"


def main() -> None:
    """Add, ask, check."""
    with tempfile.TemporaryDirectory() as folder, Corpus.open(Path(folder) / "news.db", create=True) as corpus:
        report = corpus.add([SEEDS])
        print(f"{report.added} articles, {report.passages} passages")

        answer = corpus.ask("Who denied that Ain al-Asad was the target of the rockets?")
        print(answer.text)
        for citation in answer.citations:
            article = corpus.article(citation.article)
            assert article.text[citation.start : citation.end] == citation.quote
            print(f"[{citation.number}] {article.publisher}, {article.title}, {article.published}")

        dated = corpus.search("rockets", filters=Filters(since="2020"), k=3)
        print(len(dated.hits), "passages since 2020;", *dated.notes)


if __name__ == "__main__":
    main()
