"""Articles as references for Zotero, JabRef and a bibliography: BibTeX, RIS, CSL-JSON, or formatted in a CSL style.

What is not known is left out and named (`Entry.missing`), never invented.
"""

from __future__ import annotations

from rag.render.references.bibtex import to_bibtex
from rag.render.references.csl import to_csl_json
from rag.render.references.entry import Cited, Entry, Name, entries
from rag.render.references.ris import to_ris
from rag.render.references.style import STYLES, formatted

__all__ = ["STYLES", "Cited", "Entry", "Name", "entries", "formatted", "to_bibtex", "to_csl_json", "to_ris"]
