"""The splitter as LlamaIndex takes it: a `NodeParser` that makes passages of any `Document`.

The work is done by `rag.split`; this module only dresses its passages as nodes. Importing it imports LlamaIndex.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llama_index.core.bridge.pydantic import Field
from llama_index.core.node_parser import NodeParser
from llama_index.core.schema import BaseNode, Document, MetadataMode, NodeRelationship, RelatedNodeInfo, TextNode

from rag.split import SIZE, passages
from rag.types import Passage, SkipKind, SkippedSpan, article_id, span_id, text_version

ARTICLE_ID = "article_id"
"""Metadata of a document, optional: the id of its article; without it, the id is made from the document's id."""
SKIPPED = "skipped"
"""Metadata of a document, optional: the spans that are not its body, each [start, end] or [start, end, kind]."""
SENTENCES = "sentences"
"""Metadata of a node: its sentences, each [start, end] in the document's text; not shown to models."""


class PassageSplitter(NodeParser):
    """Documents to nodes with exact offsets: `node.text == document.text[node.start_char_idx:node.end_char_idx]`.

    Node ids are `rag.types.span_id` and so equal from run to run. Nodes inherit the document's metadata, but for
    `skipped`, and carry `article_id` and `sentences`. Raises ValueError where `skipped` is malformed.
    """

    size: int = Field(default=SIZE, ge=1, description="The most code points in a passage of more than one sentence.")

    @classmethod
    def class_name(cls) -> str:
        """The name under which LlamaIndex serializes this parser."""
        return "PassageSplitter"

    def _parse_nodes(self, nodes: Sequence[BaseNode], show_progress: bool = False, **kwargs: Any) -> list[BaseNode]:
        return [made for node in nodes for made in self._nodes_of(node)]

    def _nodes_of(self, document: BaseNode) -> list[BaseNode]:
        text = document.get_content(metadata_mode=MetadataMode.NONE)
        article = str(document.metadata.get(ARTICLE_ID) or article_id(document.node_id))
        version = text_version(text)
        # Made once: it hashes the whole document.
        source = document.as_related_node_info()
        return [
            _node(document, source, text, passage, article=article, version=version)
            for passage in passages(text, _skipped(document), self.size)
        ]

    def _postprocess_parsed_nodes(self, nodes: list[BaseNode], parent_doc_map: dict[str, Document]) -> list[BaseNode]:
        # The base class looks each text up again with `str.find`, which may hit an equal text in a skipped span, and
        # merges the document's metadata back in: keep its relationships, restore ours.
        offsets = [(node.start_char_idx, node.end_char_idx) for node in nodes if isinstance(node, TextNode)]
        nodes = super()._postprocess_parsed_nodes(nodes, parent_doc_map)
        for node, (start, end) in zip(nodes, offsets, strict=True):
            if isinstance(node, TextNode):
                node.start_char_idx, node.end_char_idx = start, end
            node.metadata.pop(SKIPPED, None)
        return nodes


def _node(
    document: BaseNode, source: RelatedNodeInfo, text: str, passage: Passage, *, article: str, version: str
) -> TextNode:
    hidden = (ARTICLE_ID, SENTENCES)
    return TextNode(
        id_=span_id(article, version, passage.start, passage.end),
        text=text[passage.start : passage.end],
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            **{key: value for key, value in document.metadata.items() if key != SKIPPED},
            ARTICLE_ID: article,
            SENTENCES: [[span.start, span.end] for span in passage.sentences],
        },
        excluded_embed_metadata_keys=_with(document.excluded_embed_metadata_keys, hidden),
        excluded_llm_metadata_keys=_with(document.excluded_llm_metadata_keys, hidden),
        relationships={NodeRelationship.SOURCE: source},
    )


def _with(keys: list[str], more: Sequence[str]) -> list[str]:
    return [*keys, *(key for key in more if key not in keys)]


def _skipped(document: BaseNode) -> list[SkippedSpan]:
    """The document's skipped spans, as its metadata lists them."""
    found = []
    for item in document.metadata.get(SKIPPED) or []:
        try:
            start, end, kind = (*item, SkipKind.BOILERPLATE)[:3]
            found.append(SkippedSpan(int(start), int(end), SkipKind(kind)))
        except (TypeError, ValueError) as error:
            raise ValueError(
                f"document {document.node_id}: `{SKIPPED}` lists [start, end] or [start, end, kind], not {item!r}"
            ) from error
    return found
