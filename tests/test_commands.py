"""Every command does what its help says: exit codes, what goes to standard output and what to standard error."""

from __future__ import annotations

import gzip
import io
import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest
from places import SEEDS

from rag import commands

ROOT = Path(__file__).parent.parent
SCHEMA = json.loads((ROOT / "rag/render/answer.schema.json").read_text("utf-8"))
LEXICAL = "groundwire: searching by words alone"
ESCAPE = "\x1b"

DENIED = "Who denied that the base was the target?"
DENIAL = "Maj. Gen. Qassim al-Muhammadi denied that the attack targeted Ain al-Asad base."
NOWHERE = "Which composer wrote the opera about Timbuktu?"

BRIDGE = "The mayor of Ostrava opened the new bridge on Friday. The bridge cost nine million euros and took four years."
STRIKE = (
    "Ferry workers in Split began a strike over pay. The union said the strike would last until the ferries are safe."
)
OWL = "A snowy owl was seen in the harbour of Gdynia. Biologists said the owl had probably followed a cargo ship south."
WEIR = "Heavy rain damaged the weir at Kolin. Engineers closed the weir and asked boats to wait at the lock."

ARTICLES = (
    {"id": "bridge", "title": "Bridge opens", "publisher": "The Harbour Post", "published": "2021-03-05"},
    {"id": "strike", "title": "Ferries stand still", "publisher": "Coast Daily", "published": "2022-06"},
    {"id": "owl", "title": "An owl comes south"},
    {"url": "https://www.river.example/weir?utm_source=x", "title": "Weir closed", "publisher": "Coast Daily"},
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> list[str]:
        """The lines on standard error, but for the one that says that there are no model weights."""
        return [line for line in self.err.splitlines() if not line.startswith(LEXICAL)]


Groundwire = Callable[..., Told]


@pytest.fixture
def groundwire(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Groundwire:
    """Runs a command in this process; `stdin` is what is piped in."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Told:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = commands.run([str(one) for one in arguments])
        told = capsys.readouterr()
        return Told(code, told.out, told.err)

    return run


@pytest.fixture
def seeded(groundwire: Groundwire) -> Groundwire:
    """With the five seeds in the corpus of the user's data folder."""
    assert groundwire("add", SEEDS).code == 0
    return groundwire


@pytest.fixture
def news(groundwire: Groundwire, tmp_path: Path) -> Path:
    """Four articles in a JSON Lines file, which are in the corpus; two have no date."""
    file = tmp_path / "news.jsonl"
    texts = (BRIDGE, STRIKE, OWL, WEIR)
    lines = (json.dumps({**known, "text": text}) for known, text in zip(ARTICLES, texts, strict=True))
    file.write_text("\n".join(lines) + "\n", "utf-8")
    assert groundwire("add", file).code == 0
    return file


def checked(raw: str) -> dict[str, object]:
    """The answer in a text, which keeps the contract."""
    answer = json.loads(raw)
    jsonschema.validate(answer, SCHEMA)
    return answer


def in_subprocess(*arguments: str | Path, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "cli.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **options)


# -- add -------------------------------------------------------------------------------------------------------------


def test_add_reports_what_went_in_and_what_was_skipped_and_why(groundwire: Groundwire, tmp_path: Path) -> None:
    folder = tmp_path / "press"
    folder.mkdir()
    (folder / "bridge.txt").write_text(BRIDGE)
    (folder / "owl.md").write_text(f"# An owl\n\n{OWL}\n")
    (folder / "strike.jsonl.gz").write_bytes(gzip.compress(json.dumps({"text": STRIKE}).encode()))
    (folder / "table.xlsx").write_text("a,b\n")

    told = groundwire("add", folder)

    assert told.code == 7
    assert told.out.startswith("3 added, 1 skipped in ")
    skipped = [line for line in told.said if line.startswith("skipped ")]
    assert len(skipped) == 1
    assert skipped[0].startswith(f"skipped {folder}/table.xlsx: is not a format that Groundwire reads: .xlsx")


def test_add_says_where_a_new_corpus_is_and_says_it_once(groundwire: Groundwire, own_folders: Path) -> None:
    new = f"groundwire: the corpus is new: {own_folders}/data/groundwire/groundwire.db"
    assert groundwire("add", SEEDS).said == [new]
    assert groundwire("add", SEEDS).said == []


def test_add_works_only_on_what_is_new_or_changed(groundwire: Groundwire, tmp_path: Path) -> None:
    folder, corpus = tmp_path / "press", tmp_path / "news.db"
    folder.mkdir()
    for name, text in (("bridge", BRIDGE), ("owl", OWL), ("strike", STRIKE)):
        (folder / f"{name}.txt").write_text(text)
    add = ("add", folder, "--corpus", corpus)

    def articles_written() -> int:
        with sqlite3.connect(corpus) as db:
            return int(db.execute("SELECT count(*) FROM change").fetchone()[0])

    assert groundwire(*add).out.startswith("3 added in ")
    assert articles_written() == 3
    again = groundwire(*add)
    assert (again.code, again.out.split(" in ")[0]) == (0, "0 added, 3 unchanged")
    assert articles_written() == 3
    (folder / "owl.txt").write_text(OWL.replace("snowy", "tawny"))
    (folder / "weir.txt").write_text(WEIR)
    assert groundwire(*add).out.startswith("1 added, 1 updated, 2 unchanged in ")
    assert articles_written() == 5
    assert "A tawny owl was seen" in groundwire("ask", "Where was the owl seen?", "--corpus", corpus).out


def test_an_empty_path_is_not_the_working_folder(groundwire: Groundwire, own_folders: Path) -> None:
    (own_folders / "private.txt").write_text(BRIDGE)
    told = groundwire("add", "")
    assert told.code == 2
    assert told.said == ["groundwire: a PATH is empty; name a file or a folder, such as . for this one"]
    assert not (own_folders / "data").exists()


# -- ask -------------------------------------------------------------------------------------------------------------


def test_an_answer_names_publisher_title_date_quote_and_place(seeded: Groundwire) -> None:
    told = seeded("ask", DENIED)
    file = SEEDS / "000_2ce9419c5abb0b4f.txt"
    start = file.read_text("utf-8").index(DENIAL)

    assert told.code == 0
    answer, _, sources = told.out.partition("\n\nSources\n")
    assert answer == f"{DENIAL} [1]"
    byline, quote, place = (line.strip() for line in sources.splitlines())
    title = "Conflicting News About US Patriot System Intercepting Rockets in Iraq"
    assert byline == f"[1] Asharq Al-awsat · {title} · 2020-04-01T10:15:00"
    assert quote == f"“{DENIAL}”"
    assert place.startswith(f"{file}, characters {start}–{start + len(DENIAL)} · id: ")
    assert told.said == []
    assert told.err.count(LEXICAL) == 1  # no weights here: said, in one line


def test_an_answer_as_json_keeps_the_contract_and_its_quotes_are_exact(seeded: Groundwire) -> None:
    told = seeded("ask", DENIED, "--json")
    answer = checked(told.out)
    assert told.code == 0
    assert answer["answered"] is True
    assert [one["text"] for one in answer["statements"]] == [DENIAL]
    for citation in answer["citations"]:
        text = Path(answer["articles"][citation["article"]]["path"]).read_text("utf-8")
        assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_an_answer_as_markdown_has_the_question_as_heading_and_quotes_as_blocks(seeded: Groundwire) -> None:
    told = seeded("ask", DENIED, "--markdown")
    assert told.code == 0
    lines = told.out.splitlines()
    assert lines[0] == f"# {DENIED}"
    assert f"{DENIAL} \\[1\\]" in lines
    assert f"> {DENIAL}" in lines


@pytest.mark.parametrize("form", [[], ["--json"], ["--markdown"]])
def test_what_the_articles_do_not_answer_is_refused_with_code_3(seeded: Groundwire, form: list[str]) -> None:
    told = seeded("ask", NOWHERE, *form)
    assert told.code == 3
    assert "The articles do not answer this question." in told.out
    assert told.said == []


def test_a_refusal_names_the_words_that_stand_nowhere_and_cites_nothing(seeded: Groundwire) -> None:
    refused = seeded("ask", "Who denied the rockets of Timbuktu and Xanadu in opera?", "--json")
    answer = checked(refused.out)
    assert refused.code == 3
    assert {"Timbuktu", "Xanadu", "opera"} <= set(answer["unknown_words"])
    assert (answer["answered"], answer["statements"], answer["citations"]) == (False, [], [])
    assert answer["passages"]


def test_without_a_question_each_line_of_a_pipe_is_one(seeded: Groundwire) -> None:
    told = seeded("ask", stdin=f"{DENIED}\n\n{NOWHERE}\n".encode())
    assert told.code == 0
    first, second = told.out.split("\nSources\n")
    assert first == f"{DENIAL} [1]\n"
    assert "The articles do not answer this question." in second
    assert told.err.count(LEXICAL) == 1


def test_without_a_question_json_is_one_line_for_each_line_of_a_pipe(seeded: Groundwire) -> None:
    told = seeded("ask", "--json", stdin=f"{DENIED}\n{NOWHERE}".encode())
    answers = [checked(line) for line in told.out.splitlines()]
    assert [(one["question"], one["answered"]) for one in answers] == [(DENIED, True), (NOWHERE, False)]


def test_a_line_of_a_pipe_that_is_not_utf8_is_named_and_the_others_are_answered(seeded: Groundwire) -> None:
    told = seeded("ask", "--json", stdin=b"caf\xe9?\n" + DENIED.encode())
    assert told.code == 7
    assert len(told.out.splitlines()) == 1
    assert len(told.said) == 1
    assert "the byte 0xe9, which is not UTF-8" in told.said[0]


def test_a_person_is_prompted_and_an_empty_line_ends(seeded: Groundwire) -> None:
    keyboard, terminal = pty.openpty()
    os.write(keyboard, f"{DENIED}\n\n".encode())
    told = in_subprocess("ask", stdin=terminal)
    os.close(keyboard)
    os.close(terminal)
    assert told.returncode == 0
    assert told.stdout.startswith(f"{DENIAL} [1]\n")
    assert "groundwire: ask a question and press Enter; an empty line, or Ctrl-D, ends" in told.stderr
    assert told.stderr.count("? ") == 2


def test_json_and_markdown_exclude_each_other(seeded: Groundwire) -> None:
    told = seeded("ask", DENIED, "--json", "--markdown")
    assert (told.code, told.out) == (2, "")
    assert told.said == ["groundwire: --json and --markdown exclude each other; choose one"]


def test_words_bounds_the_answer(seeded: Groundwire) -> None:
    long, short = (
        checked(seeded("ask", "What struck the Ain al-Asad base?", "--json", *more).out)
        for more in ([], ["--words", "5"])
    )
    assert len(short["statements"]) == 1  # the best sentence is always given
    assert len(long["statements"]) > 1
    assert sum(len(one["text"].split()) for one in long["statements"]) <= 60


# -- ask --batch -----------------------------------------------------------------------------------------------------

QUESTIONS = (
    {"question": DENIED, "id": "z"},
    {"question": NOWHERE, "id": 7},
    {"question": "Where was the owl seen?"},
)


def as_lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def test_a_batch_is_answered_in_order_with_its_ids_one_line_each(seeded: Groundwire, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + as_lines(*QUESTIONS))
    told = seeded("ask", "--batch", file)
    answers = [checked(line) for line in told.out.splitlines()]
    assert told.code == 0  # every question was dealt with, refused ones too
    assert [(one["question"], one.get("id")) for one in answers] == [
        (DENIED, "z"),
        (NOWHERE, "7"),
        ("Where was the owl seen?", None),
    ]
    assert [one["answered"] for one in answers] == [True, False, False]
    assert told.said == []
    assert seeded("ask", "--batch", "-", stdin=file.read_bytes()).out.count("\n") == 3


def test_bad_lines_of_a_batch_are_named_and_the_others_answered(seeded: Groundwire) -> None:
    bad = {
        2: b"not json",
        3: b'["question"]',
        4: b'{"question": 5}',
        5: b'{"question": "  "}',
        6: b'{"question": "x", "id": {}}',
        7: b'{"question": "x", "date": "soon"}',
        8: b'{"question": "caf\xe9"}',
        9: b'{"question": "\\ud800"}',
        10: b"[" * 100_000,
        11: b'{"question": "' + b"x" * 1_000_001 + b'"}',
    }
    lines = [json.dumps(QUESTIONS[0]).encode(), *bad.values(), b"", json.dumps(QUESTIONS[1]).encode()]
    told = seeded("ask", "--batch", "-", stdin=b"\n".join(lines))
    assert told.code == 7
    assert [json.loads(line)["id"] for line in told.out.splitlines()] == ["z", "7"]
    assert len(told.said) == len(bad)
    for number, line in zip(bad, told.said, strict=True):
        assert line.startswith(f"groundwire: -, line {number}: ")
        assert line.endswith("; passed over")


def test_a_line_separator_inside_a_question_does_not_end_the_line(seeded: Groundwire) -> None:
    question = "Who denied that the base\u2028was the target?"
    line = json.dumps({"question": question}, ensure_ascii=False).encode()
    told = seeded("ask", "--batch", "-", stdin=line)
    assert (told.code, checked(told.out)["question"]) == (0, question)


def test_a_batch_without_questions_says_so(seeded: Groundwire) -> None:
    told = seeded("ask", "--batch", "-", stdin=b"\n\n")
    assert (told.code, told.out) == (0, "")
    assert told.said == ['groundwire: -: holds no question; a line looks like {"question": "…", "id": "…"}']


@pytest.mark.parametrize("more", [["A question?"], ["--markdown"]])
def test_a_batch_takes_neither_a_question_nor_markdown(seeded: Groundwire, more: list[str]) -> None:
    told = seeded("ask", *more, "--batch", "-")
    assert (told.code, told.out, len(told.said)) == (2, "", 1)


def test_a_filter_that_fits_nothing_stops_a_batch_at_once(seeded: Groundwire) -> None:
    told = seeded("ask", "--batch", "-", "--publisher", "Nobody", stdin=as_lines(*QUESTIONS))
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith("groundwire: no article is by publisher 'Nobody'; publishers here: Asharq Al-awsat")


@pytest.mark.parametrize("name", ["gone.jsonl", "."])
def test_a_batch_file_that_cannot_be_read_is_named(seeded: Groundwire, name: str) -> None:
    told = seeded("ask", "--batch", name)
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: {name}: ")
    assert "--batch takes a JSON Lines file, or - for standard input" in told.said[0]


def test_the_results_of_a_batch_do_not_go_to_the_progress_bar(seeded: Groundwire) -> None:
    keyboard, terminal = pty.openpty()
    command = [sys.executable, str(ROOT / "cli.py"), "ask", "--batch", "-"]
    told = subprocess.run(
        command, input=as_lines(*QUESTIONS), stdout=subprocess.PIPE, stderr=terminal, check=False, timeout=60
    )
    os.close(terminal)
    shown = os.read(keyboard, 100_000)
    os.close(keyboard)
    assert told.returncode == 0
    assert told.stdout.count(b"\n") == 3
    assert b"asked" in shown
    assert b"groundwire.answer/1" not in shown


# -- filters ---------------------------------------------------------------------------------------------------------


def titles(told: Told) -> set[str]:
    """Of the articles that `search --json` found passages of."""
    return {article["title"] for article in json.loads(told.out)["articles"].values()}


# A word of each article, so that nothing but a filter keeps one out.
ALL = "bridge ferry owl weir"


@pytest.mark.parametrize(
    ("flags", "found", "undated"),
    [
        ([], {"Bridge opens", "Ferries stand still", "An owl comes south", "Weir closed"}, 0),
        (["--since", "2022"], {"Ferries stand still"}, 2),
        (["--since", "2022-06-15"], {"Ferries stand still"}, 2),  # "2022-06" may be that day or later
        (["--since", "2022-07"], set(), 2),
        (["--until", "2021-03-05"], {"Bridge opens"}, 2),
        (["--until", "5 March 2021"], {"Bridge opens"}, 2),
        (["--until", "2021-03-04"], set(), 2),
        (["--since", "2021", "--until", "2022"], {"Bridge opens", "Ferries stand still"}, 2),
        (["--since", "2022", "--undated"], {"Ferries stand still", "An owl comes south", "Weir closed"}, 0),
        (["--publisher", "Coast Daily"], {"Ferries stand still", "Weir closed"}, 0),
        (["--publisher", "harbour post"], {"Bridge opens"}, 0),
        (["--publisher", "river.example"], {"Weir closed"}, 0),
        (
            ["--publisher", "Coast Daily", "--publisher", "The Harbour Post", "--since", "2022"],
            {"Ferries stand still"},
            1,
        ),
        (["--article", "owl"], {"An owl comes south"}, 0),
        (["--article", "owl", "--article", "bridge"], {"An owl comes south", "Bridge opens"}, 0),
        (["--article", "owl", "--since", "2000"], set(), 1),
        (["-k", "1"], {"An owl comes south"}, 0),
    ],
)
def test_filters_keep_to_what_they_name_and_undated_articles_left_out_are_counted(
    groundwire: Groundwire, news: Path, flags: list[str], found: set[str], undated: int
) -> None:
    query = "owl" if "-k" in flags else ALL
    told = groundwire("search", query, "--json", *flags)
    assert titles(told) == found
    assert told.code == (0 if found else 3)
    counted = [line for line in told.said if "without a date" in line]
    many = {1: "1 article without a date was", 2: "2 articles without a date were"}
    assert counted == ([f"groundwire: {many[undated]} left out; keep with --undated"] if undated else [])


def test_filters_hold_for_ask_too(groundwire: Groundwire, news: Path) -> None:
    question = "Where was the owl seen?"
    assert groundwire("ask", question).code == 0
    kept_out = groundwire("ask", question, "--since", "2000")
    assert kept_out.code == 3
    assert kept_out.said == ["groundwire: 2 articles without a date were left out; keep with --undated"]
    assert groundwire("ask", question, "--since", "2000", "--undated").code == 0


def test_filters_that_no_article_is_within_are_told(groundwire: Groundwire, news: Path) -> None:
    told = groundwire("ask", "Where was the owl seen?", "--since", "2030")
    assert told.code == 3
    assert "groundwire: no article is within these filters" in told.said


@pytest.mark.parametrize(
    ("flags", "code", "said"),
    [
        (["--since", "soon"], 2, "--since: not a date: 'soon'; write it as 2020, 2020-04 or 2020-04-01"),
        (["--until", "2020-13"], 2, "--until: not a date: '2020-13'; write it as 2020, 2020-04 or 2020-04-01"),
        (["--since", ""], 2, "--since: not a date: ''; write it as 2020, 2020-04 or 2020-04-01"),
        (
            ["--publisher", "Nobody"],
            2,
            "no article is by publisher 'Nobody'; publishers here: Coast Daily, The Harbour Post",
        ),
        (["--publisher", ""], 2, "--publisher is empty; name one after it, or leave it out"),
        (["--article", "nope"], 4, "there is no article 'nope'; see: groundwire list"),
        (["-k", "0"], 2, "Invalid value for '-k'"),
        (["-k", "many"], 2, "Invalid value for '-k'"),
    ],
)
@pytest.mark.parametrize("command", ["ask", "search"])
def test_a_filter_that_cannot_be_is_said(
    groundwire: Groundwire, news: Path, command: str, flags: list[str], code: int, said: str
) -> None:
    told = groundwire(command, "owl", *flags)
    assert (told.code, told.out, len(told.said)) == (code, "", 1)
    assert told.said[0].startswith(f"groundwire: {said}")


# -- search ----------------------------------------------------------------------------------------------------------


def test_search_ranks_passages_with_score_engine_and_place(groundwire: Groundwire, news: Path) -> None:
    told = groundwire("search", "snowy owl")
    assert told.code == 0
    rank, byline, passage, place = (line.strip() for line in told.out.splitlines())
    assert rank == f"1. {1 / 61:.4f}  lexical #1"  # one engine, its first: 1 / (60 + 1)
    assert byline == "publisher unknown · An owl comes south · undated"
    assert passage == OWL
    assert place.startswith(f"{news}, characters 0–{len(OWL)} · id: ")


def test_search_as_json_gives_exact_passages_best_first(groundwire: Groundwire, news: Path) -> None:
    found = json.loads(groundwire("search", ALL, "--json").out)
    assert (found["schema"], found["query"]) == ("groundwire.search/1", ALL)
    scores = [hit["score"] for hit in found["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert {hit["text"] for hit in found["hits"]} == {BRIDGE, STRIKE, OWL, WEIR}
    assert [hit["lexical_rank"] for hit in found["hits"]] == [1, 2, 3, 4]
    assert {hit["dense_rank"] for hit in found["hits"]} == {None}


def test_search_that_finds_nothing_says_so_with_code_3(groundwire: Groundwire, news: Path) -> None:
    told = groundwire("search", "Timbuktu")
    assert (told.code, told.out, told.said) == (3, "", ["groundwire: no passage matches the query"])


# -- list, show ------------------------------------------------------------------------------------------------------


def test_list_piped_is_tab_separated_by_date_the_undated_last(groundwire: Groundwire, news: Path) -> None:
    told = groundwire("list")
    assert (told.code, told.err) == (0, "")
    rows = [line.split("\t") for line in told.out.splitlines()]
    assert [row[1:] for row in rows] == [
        ["2021-03-05", "The Harbour Post", "Bridge opens", "bridge"],
        ["2022-06", "Coast Daily", "Ferries stand still", "strike"],
        ["", "Coast Daily", "Weir closed", "https://www.river.example/weir"],
        ["", "", "An owl comes south", "owl"],
    ]
    assert all(len(row[0]) == 16 and set(row[0]) <= set("0123456789abcdef") for row in rows)


def test_list_as_json_is_one_article_a_line(groundwire: Groundwire, news: Path) -> None:
    listed = [json.loads(line) for line in groundwire("list", "--json").out.splitlines()]
    assert [(one["title"], one["published"]) for one in listed][:2] == [
        ("Bridge opens", "2021-03-05"),
        ("Ferries stand still", "2022-06"),
    ]
    assert listed[3]["publisher"] is None


def test_show_takes_a_key_the_beginning_of_an_id_a_url_and_a_path(groundwire: Groundwire, news: Path) -> None:
    identity = groundwire("list").out.split("\t")[0]
    for name in ("bridge", identity, identity[:6]):
        told = groundwire("show", name)
        assert (told.code, told.err) == (0, "")
        assert "title      Bridge opens" in told.out
        assert told.out.endswith(f"\n\n{BRIDGE}\n")
    for address in ("https://www.river.example/weir", "https://www.river.example/weir?utm_source=other#top"):
        assert groundwire("show", address).out.endswith(f"\n\n{WEIR}\n")
    assert groundwire("add", SEEDS).code == 0
    file = SEEDS / "000_2ce9419c5abb0b4f.txt"
    for path in (file, os.path.relpath(file)):
        assert DENIAL in groundwire("show", path).out


def test_show_marks_what_cleaning_skipped(seeded: Groundwire) -> None:
    told = seeded("show", SEEDS / "002_97a80949d63a5cbb.txt")
    (line,) = (line for line in told.out.splitlines() if "2 min read" in line)
    assert line.startswith("⟦")
    assert line.endswith("⟧")


def test_show_marks_the_span_that_is_asked_for(groundwire: Groundwire, news: Path) -> None:
    start, end = OWL.index("snowy"), OWL.index("snowy") + len("snowy owl")
    assert f"\n\nA »snowy owl«{OWL[end:]}\n" in groundwire("show", "owl", "--span", f"{start}:{end}").out


@pytest.mark.parametrize("span", ["", "5", "9:5", "5:5", "0:1000", "-1:5", "a:b"])
def test_a_span_that_is_none_is_said_with_what_would_be_one(groundwire: Groundwire, news: Path, span: str) -> None:
    told = groundwire("show", "owl", f"--span={span}")
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: --span takes START:END within 0:{len(OWL)}, such as 0:80")


def test_an_article_that_is_not_there_is_code_4_and_several_are_named(groundwire: Groundwire, news: Path) -> None:
    missing = groundwire("show", "nope")
    assert (missing.code, missing.out) == (4, "")
    assert missing.said == ["groundwire: there is no article 'nope'; see: groundwire list"]
    several = groundwire("show", news)
    assert (several.code, several.out, len(several.said)) == (2, "", 1)
    assert several.said[0].startswith(f"groundwire: 4 articles go by '{news}'; name one by its id: ")


# -- verify ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def saved(groundwire: Groundwire, tmp_path: Path) -> Path:
    """The owl's article from a file of its own, and an answer about it, saved."""
    source = tmp_path / "press" / "owl.txt"
    source.parent.mkdir()
    source.write_text(OWL)
    assert groundwire("add", source.parent).code == 0
    answer = groundwire("ask", "Where was the owl seen?", "--json")
    assert answer.code == 0
    file = tmp_path / "answer.json"
    file.write_text(answer.out)
    return file


def standings(told: Told) -> list[str]:
    return [citation["standing"] for answer in json.loads(told.out) for citation in answer["citations"]]


def test_verify_an_untouched_answer_is_exact(groundwire: Groundwire, saved: Path) -> None:
    told = groundwire("verify", saved)
    assert (told.code, told.err) == (0, "")
    assert told.out.splitlines()[0].startswith("[1] exact ")
    assert told.out.splitlines()[-1] == "1 citation: 1 exact"
    assert groundwire("verify", "-", stdin=saved.read_bytes()).out == told.out


def test_verify_words_that_stand_elsewhere_now_have_moved(groundwire: Groundwire, saved: Path) -> None:
    source = saved.parent / "press" / "owl.txt"
    before = "The harbour master is on leave. "
    source.write_text(before + OWL)
    assert groundwire("add", source.parent).out.startswith("0 added, 1 updated")
    told = groundwire("verify", saved)
    end = OWL.index(".") + 1
    assert told.code == 0
    assert f"now characters {len(before)}–{len(before) + end}" in told.out
    assert standings(groundwire("verify", saved, "--json")) == ["moved"]


def test_verify_words_that_were_rewritten_have_changed_with_code_5(groundwire: Groundwire, saved: Path) -> None:
    source = saved.parent / "press" / "owl.txt"
    source.write_text(OWL.replace("Gdynia", "Gdansk"))
    groundwire("add", source.parent)
    told = groundwire("verify", saved)
    assert told.code == 5
    assert told.out.splitlines()[-1] == "1 citation: 1 changed"
    assert standings(groundwire("verify", saved, "--json")) == ["changed"]


def test_verify_an_article_that_was_removed_is_gone_with_code_5(groundwire: Groundwire, saved: Path) -> None:
    assert groundwire("remove", "owl.txt").code == 0
    told = groundwire("verify", saved)
    assert told.code == 5
    assert told.out.splitlines()[-1] == "1 citation: 1 gone"
    assert standings(groundwire("verify", saved, "--json")) == ["gone"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("the quote", '"quote": "A snowy owl', '"quote": "A tawny owl'),
        ("the sentence", '"text": "A snowy owl was seen', '"text": "A tawny owl was seen'),
        ("the place", '"start": 0,', '"start": 1,'),
    ],
)
def test_verify_finds_out_an_answer_that_was_tampered_with(
    groundwire: Groundwire, saved: Path, name: str, old: str, new: str
) -> None:
    raw = saved.read_text()
    assert old in raw, name
    saved.write_text(raw.replace(old, new, 1))
    told = groundwire("verify", saved)
    assert (told.code, told.err) == (5, "")


def test_verify_takes_what_a_batch_printed(seeded: Groundwire, tmp_path: Path) -> None:
    file = tmp_path / "answers.ndjson"
    file.write_text(seeded("ask", "--batch", "-", stdin=as_lines(*QUESTIONS[:2])).out)
    told = seeded("verify", file)
    assert told.code == 0
    assert told.out.splitlines()[-1] == "1 citation: 1 exact"


# -- status, remove --------------------------------------------------------------------------------------------------


def test_status_says_what_is_indexed_and_with_what(groundwire: Groundwire, news: Path, own_folders: Path) -> None:
    told = groundwire("status")
    shown = dict(line.split(maxsplit=1) for line in told.out.splitlines() if " " in line.strip())
    assert told.code == 0
    assert shown["corpus"] == f"{own_folders}/data/groundwire/groundwire.db"
    assert (shown["articles"], shown["passages"], shown["undated"]) == ("4", "4", "2")
    assert shown["dates"] == "2021-03-05 to 2022-06"
    as_json = json.loads(groundwire("status", "--json").out)
    assert (as_json["articles"], as_json["with_vectors"], as_json["weights_here"]) == (4, 0, False)
    assert as_json["indexes"].startswith(f"{own_folders}/cache/groundwire/indexes/")


def test_remove_takes_articles_out_and_says_which(groundwire: Groundwire, news: Path) -> None:
    told = groundwire("remove", "owl", "https://www.river.example/weir")
    assert told.code == 0
    assert [line.split("  ")[1] for line in told.out.splitlines()] == ["An owl comes south", "Weir closed"]
    assert [line.split("\t")[3] for line in groundwire("list").out.splitlines()] == [
        "Bridge opens",
        "Ferries stand still",
    ]
    assert groundwire("search", "owl weir").code == 3
    assert groundwire("ask", "Where was the owl seen?").code == 3


def test_remove_takes_none_out_when_one_is_unknown(groundwire: Groundwire, news: Path) -> None:
    told = groundwire("remove", "owl", "nope")
    assert (told.code, told.out) == (4, "")
    assert told.said == ["groundwire: there is no article 'nope'; see: groundwire list"]
    assert len(groundwire("list").out.splitlines()) == 4


def test_remove_a_path_takes_out_all_that_came_from_it(groundwire: Groundwire, news: Path) -> None:
    assert groundwire("remove", news).out.count("removed ") == 4
    assert groundwire("list").out == ""
    assert groundwire("add", news).out.startswith("4 added in ")


@pytest.mark.parametrize(
    "command", [["ask", "x?"], ["ask"], ["search", "x"], ["list"], ["show", "x"], ["status"], ["remove", "x"]]
)
def test_without_a_corpus_every_command_but_add_is_code_4_and_says_what_to_do(
    groundwire: Groundwire, own_folders: Path, command: list[str]
) -> None:
    told = groundwire(*command)
    assert (told.code, told.out) == (4, "")
    place = f"{own_folders}/data/groundwire/groundwire.db"
    assert told.said == [
        f"groundwire: nothing is indexed: there is no corpus at {place}; begin with: groundwire add PATH"
    ]
    assert not Path(place).exists()


# -- model -----------------------------------------------------------------------------------------------------------


def test_model_show_says_that_the_weights_are_not_here_and_how_to_get_them(groundwire: Groundwire) -> None:
    told = groundwire("model", "show")
    assert (told.code, told.err) == (0, "")
    assert "not here; get them once with: groundwire model fetch" in told.out


def test_model_show_proves_the_weights(
    groundwire: Groundwire, model_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDWIRE_CACHE", str(model_cache))
    assert "weights  here, proved by their sha256" in groundwire("model", "show").out.splitlines()


def test_model_import_takes_the_weights_from_a_folder(
    groundwire: Groundwire, model_cache: Path, own_folders: Path
) -> None:
    told = groundwire("model", "import", model_cache / "models" / "all-MiniLM-L6-v2")
    place = own_folders / "cache/groundwire/models/all-MiniLM-L6-v2"
    assert (told.code, told.err) == (0, "")
    assert told.out == f"weights from the file given, 91 MB, in {place}\n"
    assert sorted(file.name for file in place.iterdir()) == ["model.safetensors", "tokenizer.json"]
    assert "weights  here, proved by their sha256" in groundwire("model", "show").out.splitlines()


def test_model_import_refuses_what_is_not_the_model(groundwire: Groundwire, tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"x")
    (tmp_path / "tokenizer.json").write_bytes(b"{}")
    told = groundwire("model", "import", tmp_path)
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: {tmp_path}: its tokenizer.json is not the right one")


@pytest.mark.parametrize("name", ["gone", "empty", "text"])
def test_model_import_names_what_it_cannot_use(groundwire: Groundwire, tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text").write_text("no zip file")
    told = groundwire("model", "import", tmp_path / name)
    assert (told.code, told.out, len(told.said)) == (2, "", 1)
    assert told.said[0].startswith(f"groundwire: {tmp_path}/{name}: ")


# -- the front door --------------------------------------------------------------------------------------------------


def on_a_terminal(*arguments: str, **environ: str) -> str:
    """What the command shows on a terminal of 80 columns."""
    keyboard, terminal = pty.openpty()
    command = [sys.executable, str(ROOT / "cli.py"), *arguments]
    surroundings = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "80", **environ}
    process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL, env=surroundings)
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(keyboard, 65536):
            shown += piece
    except OSError:  # EIO: Linux's way to say that the other side is closed
        pass
    finally:
        process.wait(60)
        os.close(keyboard)
    return shown.decode()


def test_an_answer_has_colours_on_a_terminal_and_none_with_no_color(seeded: Groundwire) -> None:
    assert ESCAPE in on_a_terminal("ask", DENIED)
    plain = on_a_terminal("ask", DENIED, NO_COLOR="1")
    assert "Maj. Gen. Qassim al-Muhammadi denied" in plain
    assert ESCAPE not in plain


def test_nothing_that_is_piped_holds_an_escape_sequence(groundwire: Groundwire, news: Path) -> None:
    for arguments in (
        ["ask", "Where was the owl seen?"],
        ["ask", NOWHERE],
        ["search", ALL],
        ["list"],
        ["show", "owl"],
        ["status"],
        ["add", str(news)],
        ["model", "show"],
        ["--help"],
        ["ask", "--help"],
        ["nonsense"],
    ):
        told = groundwire(*arguments)
        assert told.out + told.err
        assert ESCAPE not in told.out + told.err


def test_json_is_utf8_whatever_the_terminal_has(seeded: Groundwire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    question = "Who said “Claims about the Patriot system intercepting the rockets are not true”?"
    command = [sys.executable, str(ROOT / "cli.py"), "ask", question, "--json"]
    told = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert checked(told.stdout.decode("utf-8"))["question"] == question


def test_version_and_help_of_the_program_in_a_clone() -> None:
    version = in_subprocess("--version")
    assert (version.returncode, version.stderr) == (0, "")
    assert version.stdout.startswith("groundwire 0.")
    told = in_subprocess("--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert told.stdout.startswith("Usage: groundwire [OPTIONS] COMMAND")
    assert "Exit codes: 0 done" in told.stdout


def test_help_imports_nothing_heavy() -> None:
    heavy = ("llama_index", "chromadb", "onnxruntime", "tantivy", "numpy", "rich", "sqlite3", "httpx")
    script = (
        "import sys\nfrom rag.commands import run\n"
        "code = run(['--help'])\n"
        f"print([name for name in {heavy!r} if name in sys.modules], code, file=sys.stderr)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert told.stderr == "[] 0\n"


COMMANDS = ["add", "ask", "search", "list", "show", "verify", "status", "remove", "model"]


@pytest.mark.parametrize("command", [[name] for name in COMMANDS] + [["model", n] for n in ("show", "fetch", "import")])
def test_every_command_has_help_with_a_first_sentence_that_fits_the_overview(
    groundwire: Groundwire, command: list[str]
) -> None:
    told = groundwire(*command, "--help")
    assert (told.code, told.err) == (0, "")
    assert told.out.startswith(f"Usage: groundwire {' '.join(command)} ")
    overview = groundwire(*command[:-1], "--help").out
    (line,) = (line for line in overview.splitlines() if line.startswith(f"  {command[-1]} "))
    assert not line.endswith("...")


def test_no_command_shows_the_help_and_is_code_2(groundwire: Groundwire) -> None:
    told = groundwire()
    assert told.code == 2
    assert "Usage: groundwire" in told.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'; see: groundwire --help"),
        (["ask", "--xyz"], "No such option: --xyz; see: groundwire ask --help"),
        (["add"], "Missing argument 'PATH|URL…'; see: groundwire add --help"),
        (["show"], "Missing argument 'ARTICLE'; see: groundwire show --help"),
        (["ask", "a", "b"], "Got unexpected extra argument(s) (b); see: groundwire ask --help"),
        (["model", "import"], "Missing argument 'PATH'; see: groundwire model import --help"),
    ],
)
def test_a_wrong_command_line_is_one_line_that_names_the_help(
    groundwire: Groundwire, arguments: list[str], said: str
) -> None:
    told = groundwire(*arguments)
    assert (told.code, told.out, told.said) == (2, "", [f"groundwire: {said}"])
