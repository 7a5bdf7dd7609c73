"""Imports run one way, and what is heavy is imported by one module alone."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rag

ROOT = Path(rag.__file__).parent

LAYERS = (
    # Each may import what stands above it; those of one layer may import each other only where PEERS says so.
    {"version", "types", "errors"},
    {"near_copies", "config", "dates", "scope", "schema", "locks", "quotes", "seals", "claims"},
    {
        *("load", "clean", "sentences", "split", "weights", "minilm", "catalog", "lexical", "vectors", "query"),
        *("origins", "verify", "render", "node_parser", "encoder", "folding", "alignment", "speakers", "changes"),
        *("webpage", "states", "standing", "repeats"),
    },
    {"stamps"},
    {"agreement", "following"},
    {"indexes", "ingest", "retrieve", "answer"},
    {"query_engine", "binding", "lookup", "sync", "doctor", "check"},
    {"salvage"},
    {"corpus"},
    {"evaluate"},
    {"commands"},
)

PEERS = {
    ("claims", "quotes"),
    ("load", "clean"),
    ("load", "webpage"),
    ("webpage", "clean"),
    ("split", "sentences"),
    ("alignment", "folding"),
    ("changes", "alignment"),
    ("changes", "sentences"),
    ("alignment", "query"),
    ("repeats", "alignment"),
    ("repeats", "sentences"),
    ("speakers", "sentences"),
    ("speakers", "query"),
    ("node_parser", "split"),
    ("encoder", "minilm"),
    ("encoder", "weights"),
    ("minilm", "weights"),
    ("standing", "verify"),
    ("render", "standing"),
    ("render", "verify"),
    ("render", "clean"),
    ("retrieve", "indexes"),
}

ONLY_IMPORTER = {
    "tantivy": {"lexical"},
    "chromadb": {"vectors"},
    "datasketch": {"near_copies"},
    "onnxruntime": {"minilm"},
    "sqlite3": {"catalog", "vectors"},
    "trafilatura": {"webpage"},
    "htmldate": {"webpage"},
}


def modules() -> list[tuple[str, Path]]:
    return [(path.relative_to(ROOT).parts[0].removesuffix(".py"), path) for path in sorted(ROOT.rglob("*.py"))]


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} if node.module == "rag" else {node.module}
    return found


def layer(name: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if name in names)


@pytest.mark.parametrize(("name", "path"), [(n, p) for n, p in modules() if n != "__init__"], ids=str)
def test_imports_run_one_way(name: str, path: Path):
    for target in imported(path):
        if not target.startswith("rag."):
            continue
        other = target.split(".")[1]
        if other == name or (name, other) in PEERS:
            continue
        assert layer(other) < layer(name), f"{path.name} imports rag.{other}"


@pytest.mark.parametrize("package", ONLY_IMPORTER)
def test_each_engine_has_one_importer(package: str):
    found = {name for name, path in modules() if any(t.split(".")[0] == package for t in imported(path))}
    assert found == ONLY_IMPORTER[package]


def test_the_proof_shares_nothing_with_what_makes_answers():
    assert {t for t in imported(ROOT / "verify.py") if t.startswith("rag")} == {"rag.types"}
    assert {t for t in imported(ROOT / "standing.py") if t.startswith("rag")} == {"rag.verify"}
    for path in (ROOT / "answer").glob("*.py"):
        assert not imported(path) & {"rag.verify", "rag.standing"}


def test_the_public_names_are_these():
    assert rag.__all__ == [
        "Answer",
        "Article",
        "Citation",
        "Corpus",
        "Filters",
        "Found",
        "GroundwireError",
        "Hit",
        "NearCopies",
        "Passage",
        "Reference",
        "Span",
        "Statement",
        "Status",
        "__version__",
    ]
    assert all(getattr(rag, name) is not None for name in rag.__all__)
    with pytest.raises(AttributeError, match="Nonsense"):
        _ = rag.Nonsense


def test_the_model_s_runtime_writes_nothing_about_the_user(tmp_path: Path):
    """ONNX Runtime 1.31 would leave a device id and events to send in ~/.cache/Microsoft."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "ORT_"))}
    subprocess.run(
        [sys.executable, "-c", "import rag.minilm"],
        env={**environment, "HOME": str(tmp_path)},
        cwd=ROOT.parent,
        check=True,
    )
    assert list(tmp_path.iterdir()) == []


def test_the_version_is_told_once():
    pyproject = (ROOT.parent / "pyproject.toml").read_text("utf-8")
    assert 'dynamic = ["version"]' in pyproject
    assert 'version = { attr = "rag.version.VERSION" }' in pyproject
