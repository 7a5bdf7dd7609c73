"""`cite` and `export` as they are typed: exit codes, what goes where, and one clear line for whatever is wrong."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import bibtexparser
import pytest
import rispy
from places import SEEDS

from rag import commands
from rag.corpus import Corpus

ROOT = Path(__file__).parent.parent
DENIED = "Who denied that the base was the target?"
DENIAL = "Maj. Gen. Qassim al-Muhammadi denied that the attack targeted Ain al-Asad base."


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on standard error, but for those that have nothing to do with citing."""
        passed_over = ("groundwire: searching by words alone", "groundwire: the corpus is new")
        return [line for line in self.err.splitlines() if not line.startswith(passed_over)]


Groundwire = Callable[..., Told]


@pytest.fixture
def groundwire(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Groundwire:
    """Runs a command in this process, and holds that it never shows a traceback nor blames itself."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Told:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = commands.run([str(one) for one in arguments])
        told = capsys.readouterr()
        assert "a fault of ours" not in told.err
        assert "Traceback" not in told.err
        return Told(code, told.out, told.err)

    return run


@pytest.fixture
def press(groundwire: Groundwire, tmp_path: Path) -> Path:
    """The seeds in a folder, which are in the corpus."""
    folder = tmp_path / "press"
    folder.mkdir()
    for seed in SEEDS.glob("*.txt"):
        (folder / seed.name).write_bytes(seed.read_bytes())
    assert groundwire("add", folder).code == 0
    return folder


@pytest.fixture
def answer(groundwire: Groundwire, press: Path, tmp_path: Path) -> Path:
    """A saved answer with one citation."""
    told = groundwire("ask", DENIED, "--json", "--words", "20")
    assert told.code == 0
    file = tmp_path / "answer.json"
    file.write_text(told.out, "utf-8")
    return file


def citation_of(answer: Path) -> str:
    (citation,) = json.loads(answer.read_text("utf-8"))["citations"]
    return str(citation["id"])


def today() -> str:
    return date.today().isoformat()


# -- cite --------------------------------------------------------------------------------------------------------


def test_a_citation_is_cited_with_its_quote(groundwire: Groundwire, answer: Path) -> None:
    told = groundwire("cite", citation_of(answer))
    assert (told.code, told.said) == (0, ["groundwire: asharq2020conflicting: missing: URL"])
    (entry,) = bibtexparser.parse_string(told.out).entries
    assert entry.key == "asharq2020conflicting"
    assert (entry["author"], entry["date"], entry["urldate"]) == ("Mustafa, Hamza", "2020-04-01", today())
    assert entry["annote"] == f"“{DENIAL}”"


def test_an_article_is_cited_by_any_of_its_names(groundwire: Groundwire, press: Path, answer: Path) -> None:
    (file,) = press.glob("000_*")
    named = citation_of(answer).partition("@")[0]
    outputs = {groundwire("cite", name, "--format", "ris").out for name in (file, file.name, named, named[:6])}
    (written,) = outputs
    (entry,) = rispy.loads(written)
    assert entry["type_of_reference"] == "NEWS"
    assert "notes" not in entry


def test_several_are_cited_in_one_file(groundwire: Groundwire, press: Path) -> None:
    told = groundwire("cite", *sorted(press.iterdir()), "--format", "csl-json", "--accessed", "2024-05-31")
    items = json.loads(told.out)
    assert len({item["id"] for item in items}) == 5
    assert {tuple(item["accessed"]["date-parts"][0]) for item in items} == {(2024, 5, 31)}
    assert len(told.said) == 5


def test_all_citations_of_a_saved_answer_are_cited(groundwire: Groundwire, answer: Path) -> None:
    told = groundwire("cite", "--from", answer, "--style", "chicago")
    assert told.code == 0
    assert told.out == (
        "Mustafa, Hamza. “Conflicting News About US Patriot System Intercepting Rockets in Iraq.” Asharq Al-awsat, "
        "April 1, 2020.\n"
    )
    assert groundwire("cite", "--from", "-", stdin=answer.read_bytes()).code == 0


def test_a_quote_of_an_older_version_is_cited_while_that_is_held(
    groundwire: Groundwire, press: Path, answer: Path
) -> None:
    change(groundwire, press)
    for told in (groundwire("cite", citation_of(answer)), groundwire("cite", "--from", answer)):
        assert told.code == 0
        assert f"“{DENIAL}”" in told.out


def test_what_no_longer_holds_is_named_and_left_out(groundwire: Groundwire, press: Path, answer: Path) -> None:
    groundwire("remove", citation_of(answer).partition("@")[0])
    told = groundwire("cite", "--from", answer)
    assert (told.code, told.out) == (5, "")
    assert told.said == [f"groundwire: {answer}: citation 1 no longer holds (gone)"]


def test_a_forged_quote_is_not_cited(groundwire: Groundwire, answer: Path) -> None:
    forge(answer, "denied", "stated")
    told = groundwire("cite", "--from", answer)
    assert (told.code, told.out) == (5, "")


def test_what_a_citation_stands_for(answer: Path) -> None:
    with Corpus.open(Path.home() / "data" / "groundwire" / "groundwire.db") as corpus:
        found = corpus.cited(citation_of(answer))
    assert (found.quote, found.reference.publisher, found.added[:4]) == (DENIAL, "Asharq Al-awsat", today()[:4])


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ((), 2, "name citations or articles, or a saved answer with --from"),
        (("x", "--from", "y"), 2, "one of the two"),
        (("nobody.txt",), 4, "there is no article 'nobody.txt'"),
        (("0123456789abcdef@0123456789ab:0-5",), 4, "there is no article"),
        (("fe224e52100de2ed@0123456789ab:0-5",), 4, "this version of the article is not held"),
        (("fe224e52100de2ed@dbafd01d99a6:0-99999",), 4, "characters; give the id of a citation whole"),
        (("fe224e52100de2ed@dbafd01d99a6:9-9",), 4, "characters; give the id of a citation whole"),
        (("fe224e52100de2ed", "--accessed", "May 2020"), 2, "--accessed takes a day"),
        (("fe224e52100de2ed", "--style", "nature"), 2, "there is no style 'nature' here"),
        (("fe224e52100de2ed", "--style", "nature.csl"), 2, "No such file"),
        (("fe224e52100de2ed", "--style", "apa", "--format", "ris"), 2, "exclude each other"),
        (("fe224e52100de2ed", "--format", "pdf"), 2, "pdf"),
        (("--from", "missing.json"), 2, "No such file"),
        (("--from", "."), 2, "Is a directory"),
    ],
)
def test_what_cannot_be_cited(
    groundwire: Groundwire, press: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    named = [name.replace("fe224e52100de2ed", seed_id(groundwire)) for name in arguments]
    told = groundwire("cite", *named)
    assert (told.code, told.out) == (code, "")
    (line,) = told.said
    assert said in line


# -- export ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "begins"), [("page.html", "<!doctype html>"), ("page.md", f"# {DENIED}"), ("page.jsonld", "{\n")]
)
def test_the_format_is_read_from_the_ending(
    groundwire: Groundwire, answer: Path, tmp_path: Path, name: str, begins: str
) -> None:
    told = groundwire("export", answer, "-o", tmp_path / name)
    assert (told.code, told.out, told.said) == (0, "", [])
    assert (tmp_path / name).read_text("utf-8").startswith(begins)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(["answer.json", "press", name])


@pytest.mark.parametrize("format_", ["markdown", "html", "annotations"])
def test_standard_output_and_input(groundwire: Groundwire, answer: Path, format_: str) -> None:
    told = groundwire("export", "-", "--format", format_, stdin=answer.read_bytes())
    assert told.code == 0
    assert DENIAL in told.out


def test_the_seed_answer_stands_in_its_article(groundwire: Groundwire, answer: Path) -> None:
    page = groundwire("export", answer, "--format", "html").out
    assert f"<mark>{DENIAL}</mark>" in page
    assert '<span class="skipped">' in page
    assert "no longer" not in page


def test_a_changed_article_is_said_to_be_so(groundwire: Groundwire, press: Path, answer: Path, tmp_path: Path) -> None:
    change(groundwire, press)
    told = groundwire("export", answer, "-o", tmp_path / "page.html")
    assert told.code == 5
    assert told.said == [f"groundwire: {answer}: citation 1 no longer holds (changed); it is marked"]
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "<mark>" not in page
    assert "confirmed that the attack targeted" in page


def test_an_answer_that_contradicts_itself_is_said_to(groundwire: Groundwire, answer: Path) -> None:
    told_before = json.loads(answer.read_text("utf-8"))
    told_before["statements"][0]["text"] = "Nobody denied it."
    answer.write_text(json.dumps(told_before))
    told = groundwire("export", answer, "--format", "html")
    assert told.code == 5
    assert "Not all of this answer holds" in told.out


def test_an_article_is_found_by_its_id_alone(groundwire: Groundwire, press: Path, answer: Path) -> None:
    """A file that names a path or a key of the corpus for an id does not get that article's text."""
    (file,) = press.glob("004_*")
    for name in (str(file), file.name, "\ud800", "e6c1"):
        told = json.loads(answer.read_text("utf-8"))
        (known,) = (told["articles"][one["article"]] for one in told["citations"])
        told["articles"] = {name: {**known, "id": name}}
        told["citations"][0]["article"] = name
        told["passages"] = []
        page = groundwire("export", "-", "--format", "html", stdin=json.dumps(told).encode())
        assert page.code == 5
        assert "battening down" not in page.out


def test_nothing_that_it_is_made_from_is_replaced(groundwire: Groundwire, answer: Path) -> None:
    corpus = Path.home() / "data" / "groundwire" / "groundwire.db"
    before = [file.read_bytes() for file in (answer, corpus)]
    for target in (answer, corpus):
        told = groundwire("export", answer, "--format", "html", "-o", target)
        assert (told.code, len(told.said)) == (2, 1)
        assert "is what the page is made from" in told.err
    assert [file.read_bytes() for file in (answer, corpus)] == before


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("ANSWER",), 2, "name a format"),
        (("ANSWER", "-o", "page.pdf"), 2, "name a format"),
        (("ANSWER", "-o", "nowhere/page.html"), 2, "in a folder that is there"),
        (("ANSWER", "-o", ".", "--format", "html"), 2, "Is a directory"),
        (("missing.json", "-o", "page.html"), 2, "No such file"),
        (("bad.json", "-o", "page.html"), 2, "this is not JSON"),
        (("latin.json", "-o", "page.html"), 2, "not UTF-8"),
        (("many.json", "-o", "page.html"), 2, "export takes one"),
        (("empty.json", "-o", "page.html"), 2, "is empty"),
    ],
)
def test_what_cannot_be_exported(
    groundwire: Groundwire, answer: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    here = Path.cwd()
    (here / "bad.json").write_text("{")
    (here / "latin.json").write_bytes(b'{"question": "\xe9"}')
    (here / "empty.json").write_text("\n")
    line = json.dumps(json.loads(answer.read_text("utf-8")))
    (here / "many.json").write_text(f"{line}\n{line}\n")
    told = groundwire("export", *(str(answer) if one == "ANSWER" else one for one in arguments))
    assert (told.code, told.out) == (code, "")
    (line,) = told.said
    assert said in line
    assert not (here / "page.html").exists()


def test_the_page_replaces_an_older_one_whole(groundwire: Groundwire, answer: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("x" * 100_000)
    assert groundwire("export", answer, "-o", page).code == 0
    assert page.read_text("utf-8").endswith("</html>\n")


def test_help_loads_nothing_heavy() -> None:
    told = subprocess.run(
        [sys.executable, "-X", "importtime", str(ROOT / "cli.py"), "cite", "--help"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert not re.findall(r"\| +(citeproc|lxml|llama_index|rag\.render\.references|rag\.corpus)\b", told.stderr)


# -- helpers -----------------------------------------------------------------------------------------------------


def seed_id(groundwire: Groundwire) -> str:
    return next(line.split("\t")[0] for line in groundwire("list").out.splitlines() if "Asharq" in line)


def change(groundwire: Groundwire, press: Path) -> None:
    """What the cited sentence says is turned round, and the file added again."""
    (file,) = press.glob("000_*")
    text = file.read_text("utf-8")
    file.write_text(text.replace("denied that the attack targeted", "confirmed that the attack targeted"), "utf-8")
    assert groundwire("add", press).code == 0


def forge(answer: Path, old: str, new: str) -> None:
    told = json.loads(answer.read_text("utf-8"))
    for each in (*told["citations"], *told["statements"]):
        name = "quote" if "quote" in each else "text"
        each[name] = each[name].replace(old, new)
    told["answer"] = told["answer"].replace(old, new)
    answer.write_text(json.dumps(told), "utf-8")
