"""Passages: whole sentences, the body once and nothing else, exact offsets; and the same as LlamaIndex nodes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llama_index.core.ingestion import IngestionPipeline
from llama_index.core.schema import Document, MetadataMode, NodeRelationship, TextNode

from rag.node_parser import PassageSplitter
from rag.sentences import MAX_SENTENCE, SPACE, sentences
from rag.split import passages, splitter_id
from rag.types import Passage, SkipKind, SkippedSpan, Span, article_id, span_id, text_version

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))


def shown(text: str, found: list[Passage]) -> list[str]:
    return [text[passage.start : passage.end] for passage in found]


def skip(text: str, part: str) -> SkippedSpan:
    start = text.index(part)
    return SkippedSpan(start, start + len(part), SkipKind.CAPTION)


def sentence(length: int) -> str:
    """A sentence of so many code points, made of one word."""
    return "A" + "b" * (length - 2) + "."


def test_a_short_body_is_one_passage() -> None:
    text = "One is here. Two is here."
    assert passages(text, []) == [Passage(0, 25, (Span(0, 12), Span(13, 25)))]


@pytest.mark.parametrize("text", ["", " \n\u200b "])
def test_no_body_no_passages(text: str) -> None:
    assert passages(text, []) == []


def test_a_wholly_skipped_text_has_no_passages() -> None:
    assert passages("All of it.", [SkippedSpan(0, 10, SkipKind.BOILERPLATE)]) == []


def test_passages_are_of_even_size_and_leave_no_tiny_last_one() -> None:
    text = " ".join([sentence(99)] * 10)  # 999 code points, so two passages
    assert [passage.end - passage.start for passage in passages(text, [], 900)] == [499, 499]


@pytest.mark.parametrize("blank", ["\n\n", "\r\n\r\n"], ids=["LF", "CRLF"])
def test_a_passage_rather_ends_with_a_paragraph(blank: str) -> None:
    paragraphs = [" ".join([sentence(99)] * 6), " ".join([sentence(99)] * 4)]
    text = blank.join(paragraphs)
    assert shown(text, passages(text, [], 900)) == paragraphs


def test_a_passage_is_no_longer_than_its_size_but_for_one_long_sentence() -> None:
    text = " ".join([sentence(100), sentence(950), sentence(100)])
    assert [passage.end - passage.start for passage in passages(text, [], 900)] == [100, 950, 100]


def test_a_skipped_span_parts_passages_and_stands_in_none() -> None:
    text = "Rockets fell. No one died. A photo. AP The army denied it."
    skipped = [skip(text, "A photo. AP")]
    assert shown(text, passages(text, skipped)) == ["Rockets fell. No one died.", "The army denied it."]


def test_a_skipped_span_inside_a_sentence_parts_it() -> None:
    text = "The army (photo) denied it."
    assert shown(text, passages(text, [skip(text, "(photo)")])) == ["The army", "denied it."]


def test_skipped_spans_may_overlap_and_come_in_any_order() -> None:
    text = "Zero. One. Two. Three."
    skipped = [
        SkippedSpan(11, 15, SkipKind.BYLINE),
        SkippedSpan(6, 13, SkipKind.DATE),
        SkippedSpan(16, 99, SkipKind.MARKUP),
    ]
    assert shown(text, passages(text, skipped)) == ["Zero."]


def test_text_wrapped_as_a_whole_is_read_as_wrapped_between_skipped_spans() -> None:
    lines = [
        "A day after their deployment in western Iraq, Patriot batteries",
        "intercepted two rockets targeting Ain al-Asad base, which hosts the",
        "troops of the United States.",
    ]
    text = "\n".join([*lines, "", "Photo", "", *lines[:2]])
    found = passages(text, [skip(text, "Photo")])
    assert [len(passage.sentences) for passage in found] == [1, 1]


def test_size_must_be_positive() -> None:
    with pytest.raises(ValueError, match="at least 1 code point"):
        passages("text", [], 0)


def test_the_splitter_id_names_algorithm_size_and_versions() -> None:
    assert splitter_id() == "sentences-900/1.1"
    assert splitter_id(400) == "sentences-400/1.1"


TEXTS = st.text() | st.lists(
    st.sampled_from(["The end.", "U.S.", "troops", "“Why?”", "\n", "\n\n", "\r\n", "•", "x" * 90, "\u200b", "…"]),
    max_size=80,
).map(" ".join)
SKIPS = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 60)), max_size=4).map(
    lambda drawn: [SkippedSpan(start, start + length, SkipKind.MARKUP) for start, length in drawn]
)


@given(TEXTS, SKIPS, st.integers(1, 1200))
def test_passages_hold_the_body_once_and_nothing_else(text: str, skipped: list[SkippedSpan], size: int) -> None:
    found = passages(text, skipped, size)
    covered = [0] * len(text)
    for passage in found:
        assert passage.start == passage.sentences[0].start
        assert passage.end == passage.sentences[-1].end
        assert passage.end - passage.start <= (size if len(passage.sentences) > 1 else MAX_SENTENCE)
        assert not any(passage.start < span.end and span.start < passage.end for span in skipped)
        for span in passage.sentences:
            for at in range(span.start, span.end):
                covered[at] += 1
    assert all(left.end <= right.start for left, right in pairwise(found))
    for at, char in enumerate(text):
        in_body = not any(span.start <= at < span.end for span in skipped)
        assert covered[at] <= in_body
        assert covered[at] == 1 or not in_body or char in SPACE


@given(TEXTS, st.integers(1, 1200))
def test_without_skipped_spans_the_sentences_are_those_of_the_text(text: str, size: int) -> None:
    assert [span for passage in passages(text, [], size) for span in passage.sentences] == sentences(text)


# LlamaIndex.


def run(*documents: Document, size: int = 900) -> list[TextNode]:
    nodes = IngestionPipeline(transformations=[PassageSplitter(size=size)]).run(documents=list(documents))
    assert all(isinstance(node, TextNode) for node in nodes)
    return [node for node in nodes if isinstance(node, TextNode)]


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name[:3])
def test_nodes_of_a_pipeline_have_exact_offsets(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    nodes = run(Document(text=text))
    assert len(nodes) > 1
    for node in nodes:
        assert node.text == text[node.start_char_idx : node.end_char_idx]
        sentences_of_node = [text[start:end] for start, end in node.metadata["sentences"]]
        assert node.text.startswith(sentences_of_node[0])
        assert node.text.endswith(sentences_of_node[-1])


def test_a_node_is_not_mistaken_for_the_same_words_in_a_skipped_span() -> None:
    text = "Rockets hit base.\n\nRockets hit base.\n\nNo one died."
    (node,) = run(Document(text=text, metadata={"skipped": [[0, 17, "title"]]}))
    assert (node.start_char_idx, node.end_char_idx) == (19, len(text))
    (node,) = run(Document(text="Rockets hit base. Rockets hit base.", metadata={"skipped": [[0, 18]]}))
    assert (node.start_char_idx, node.end_char_idx) == (18, 35)


def test_node_ids_are_those_of_the_spans_and_stable() -> None:
    text = "One is here. Two is here."
    document = Document(text=text, doc_id="paper/1", metadata={"article_id": "0123456789abcdef"})
    assert [node.node_id for node in run(document, size=12)] == [
        span_id("0123456789abcdef", text_version(text), 0, 12),
        span_id("0123456789abcdef", text_version(text), 13, 25),
    ]
    (node,) = run(Document(text=text, doc_id="paper/1"))
    assert node.node_id == span_id(article_id("paper/1"), text_version(text), 0, 25)


def test_metadata_is_inherited_and_offsets_are_hidden_from_models() -> None:
    document = Document(
        text="One is here.",
        metadata={"publisher": "AP", "path": "a.txt", "skipped": []},
        excluded_embed_metadata_keys=["path"],
        excluded_llm_metadata_keys=["path"],
    )
    (node,) = run(document)
    assert node.metadata == {
        "publisher": "AP",
        "path": "a.txt",
        "article_id": article_id(document.doc_id),
        "sentences": [[0, 12]],
    }
    assert node.get_content(metadata_mode=MetadataMode.EMBED) == "publisher: AP\n\nOne is here."
    assert node.get_content(metadata_mode=MetadataMode.LLM) == "publisher: AP\n\nOne is here."
    assert document.metadata["skipped"] == []
    assert document.excluded_embed_metadata_keys == ["path"]


def test_nodes_know_their_document_and_their_neighbours() -> None:
    document = Document(text="One is here. Two is here.")
    one, two, other = run(document, Document(text="Three is elsewhere."), size=12)
    assert one.ref_doc_id == two.ref_doc_id == document.doc_id != other.ref_doc_id
    assert one.next_node is not None and one.next_node.node_id == two.node_id
    assert two.prev_node is not None and two.prev_node.node_id == one.node_id
    assert NodeRelationship.NEXT not in two.relationships
    assert NodeRelationship.PREVIOUS not in other.relationships


@pytest.mark.parametrize("skipped", [[[1]], [["a", "b"]], [[0, 1, "nothing"]], [7]])
def test_malformed_skipped_spans_are_named(skipped: object) -> None:
    with pytest.raises(ValueError, match="document d1: `skipped` lists"):
        run(Document(text="One is here.", doc_id="d1", metadata={"skipped": skipped}))


def test_the_splitter_names_itself_and_its_size_when_serialized() -> None:
    assert {"class_name": "PassageSplitter", "size": 400}.items() <= PassageSplitter(size=400).to_dict().items()
