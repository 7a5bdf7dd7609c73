"""Settings: defaults, groundwire.toml, GROUNDWIRE_* variables and flags, the later ones stronger."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag import commands
from rag.config import Settings, load
from rag.errors import ConfigError

BOUNDS = "takes a whole number from 1 to 1000, not"


def settings_file(folder: Path, content: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "groundwire.toml"
    file.write_text(content)
    return file


# -- precedence ------------------------------------------------------------------------------------------------------


def test_defaults(own_folders: Path) -> None:
    assert load(environ={}, folder=own_folders) == Settings(
        corpus=own_folders / "data/groundwire/groundwire.db",
        cache=own_folders / "cache/groundwire",
        model=None,
        k=10,
        words=60,
    )


TEXTS = {"corpus": "/{}/news.db", "cache": "/{}/cache", "model": "{}"}
NUMBERS = {"k": {"file": 3, "variable": 4, "flag": 5}, "words": {"file": 30, "variable": 40, "flag": 50}}


@pytest.mark.parametrize("given", [["file"], ["file", "variable"], ["file", "variable", "flag"], ["file", "flag"]])
def test_each_source_is_stronger_than_the_one_before(tmp_path: Path, given: list[str]) -> None:
    def values(source: str) -> dict[str, object]:
        texts = {name: form.format(source) for name, form in TEXTS.items()}
        return {**texts, **{name: numbers[source] for name, numbers in NUMBERS.items()}}

    settings_file(tmp_path, "\n".join(f"{name} = {value!r}" for name, value in values("file").items()))
    environ = {f"GROUNDWIRE_{name.upper()}": str(value) for name, value in values("variable").items()}
    loaded = load(
        values("flag") if "flag" in given else None,
        environ if "variable" in given else {},
        tmp_path,
    )
    strongest = given[-1]
    assert loaded == Settings(
        corpus=Path(f"/{strongest}/news.db"),
        cache=Path(f"/{strongest}/cache"),
        model=strongest,
        k=NUMBERS["k"][strongest],
        words=NUMBERS["words"][strongest],
    )


def test_a_source_that_says_nothing_of_a_setting_leaves_it_alone(tmp_path: Path) -> None:
    settings_file(tmp_path, "k = 3\nwords = 30\n")
    loaded = load({"k": None, "words": None, "model": "flag"}, {"GROUNDWIRE_WORDS": "40", "GROUNDWIRE_K": ""}, tmp_path)
    assert (loaded.k, loaded.words, loaded.model) == (3, 40, "flag")


def test_the_command_line_is_stronger_than_the_variable(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDWIRE_CORPUS", str(tmp_path / "variable.db"))
    commands.run(["list", "--corpus", str(tmp_path / "flag.db")])
    commands.run(["list"])
    said = capsys.readouterr().err.splitlines()
    assert [line.split("corpus at ")[1].split(";")[0] for line in said] == [
        f"{tmp_path}/flag.db",
        f"{tmp_path}/variable.db",
    ]


# -- where things are found ------------------------------------------------------------------------------------------


def test_the_nearest_corpus_walking_up_is_taken(tmp_path: Path) -> None:
    deep = tmp_path / "one" / "two" / "three"
    deep.mkdir(parents=True)
    (tmp_path / "groundwire.db").touch()
    assert load(environ={}, folder=deep).corpus == tmp_path / "groundwire.db"
    (tmp_path / "one" / "groundwire.db").touch()
    assert load(environ={}, folder=deep).corpus == tmp_path / "one" / "groundwire.db"
    (deep / "groundwire.db").mkdir()  # a folder is no corpus
    assert load(environ={}, folder=deep).corpus == tmp_path / "one" / "groundwire.db"


def test_the_settings_file_is_found_walking_up_and_its_paths_count_from_its_own_folder(tmp_path: Path) -> None:
    settings_file(tmp_path / "project", "corpus = 'press/news.db'\ncache = '../cache'\n")
    deep = tmp_path / "project" / "notes" / "today"
    deep.mkdir(parents=True)
    loaded = load(environ={}, folder=deep)
    assert loaded.corpus == tmp_path / "project/press/news.db"
    assert os.path.normpath(loaded.cache) == str(tmp_path / "cache")


def test_paths_of_variables_and_flags_count_from_the_working_folder(own_folders: Path) -> None:
    settings_file(own_folders.parent, "k = 3\n")
    try:
        loaded = load({"corpus": Path("flag.db")}, {"GROUNDWIRE_CACHE": "cache"})
        assert (loaded.corpus, loaded.cache, loaded.k) == (own_folders / "flag.db", own_folders / "cache", 3)
    finally:
        (own_folders.parent / "groundwire.toml").unlink()


def test_a_tilde_is_the_home_folder_in_every_source(own_folders: Path, tmp_path: Path) -> None:
    settings_file(tmp_path, "corpus = '~/news.db'\n")
    loaded = load(environ={"GROUNDWIRE_CACHE": "~/cache"}, folder=tmp_path)
    assert (loaded.corpus, loaded.cache) == (own_folders / "news.db", own_folders / "cache")


def test_empty_variables_count_as_not_set(own_folders: Path) -> None:
    empty = {f"GROUNDWIRE_{name}": "" for name in ("CORPUS", "CACHE", "MODEL", "K", "WORDS")}
    assert load(environ=empty, folder=own_folders) == load(environ={}, folder=own_folders)


# -- errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("k = 0", f"k {BOUNDS} '0'"),
        ("k = 1001", f"k {BOUNDS} '1001'"),
        ("k = 2.5", f"k {BOUNDS} '2.5'"),
        ("k = true", f"k {BOUNDS} 'True'"),
        ("k = 'ten'", f"k {BOUNDS} 'ten'"),
        ("words = -1", f"words {BOUNDS} '-1'"),
        ("min_confidence = 2", "min_confidence takes a number from 0 to 1, not 2"),
        ("min_confidence = true", "min_confidence takes a number from 0 to 1, not True"),
        ("min_confidence = nan", "min_confidence takes a number from 0 to 1, not nan"),
        ("model = 5", "model takes a text in quotation marks"),
        ("corpus = ''", "corpus takes a text in quotation marks"),
        ("cache = ['a']", "cache takes a text in quotation marks"),
        ("kk = 3", "unknown setting 'kk'; known are corpus, cache, model, k, words, min_confidence"),
        ("[section]\nk = 3", "unknown setting 'section'; known are corpus, cache, model, k, words, min_confidence"),
        ("k = = 3", "cannot be read as TOML (Invalid value (at line 1, column 5)); mend it or move it away"),
        (r'corpus = "a\u0000b"', r"corpus: 'a\x00b' is not a path; it holds a NUL"),
        ("cache = '~nobody-of-this-name/x'", "cache: '~nobody-of-this-name/x' names a home folder that is not known"),
    ],
)
def test_an_error_in_the_settings_file_names_the_file_and_the_setting(tmp_path: Path, content: str, said: str) -> None:
    file = settings_file(tmp_path, content)
    with pytest.raises(ConfigError) as raised:
        load(environ={}, folder=tmp_path)
    assert str(raised.value).startswith(f"{file}: {said}")


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("GROUNDWIRE_K", "0", f"GROUNDWIRE_K: k {BOUNDS} '0'"),
        ("GROUNDWIRE_K", "many", f"GROUNDWIRE_K: k {BOUNDS} 'many'"),
        (
            "GROUNDWIRE_MIN_CONFIDENCE",
            "sure",
            "GROUNDWIRE_MIN_CONFIDENCE: min_confidence takes a number from 0 to 1, not 'sure'",
        ),
        ("GROUNDWIRE_WORDS", "9" * 5000, f"GROUNDWIRE_WORDS: words {BOUNDS} '{'9' * 40}'"),
        ("GROUNDWIRE_CORPUS", "~nobody-of-this-name/x", "GROUNDWIRE_CORPUS: '~nobody-of-this-name/x' names a home"),
        ("GROUNDWIRE_CACHE", "a\0b", r"GROUNDWIRE_CACHE: 'a\x00b' is not a path; it holds a NUL"),
    ],
)
def test_an_error_in_a_variable_names_the_variable(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(environ={name: value}, folder=tmp_path)
    assert str(raised.value).startswith(said)


@pytest.mark.parametrize("value", [0, 1001, "many"])
def test_an_error_in_what_is_passed_names_the_setting(tmp_path: Path, value: object) -> None:
    with pytest.raises(ConfigError, match=f"^k {BOUNDS} '{value}'$"):
        load({"k": value}, {}, tmp_path)


def test_a_bad_file_is_an_error_even_where_a_stronger_source_says_otherwise(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "k = 'ten'")
    with pytest.raises(ConfigError, match=str(file)):
        load({"k": 5}, {}, tmp_path)


def test_the_least_confidence_comes_from_the_flag_else_the_variable_else_the_file(tmp_path: Path):
    assert load({}, {}, tmp_path).min_confidence is None
    settings_file(tmp_path, "min_confidence = 1\n")
    assert load({}, {}, tmp_path).min_confidence == 1.0
    set_ = {"GROUNDWIRE_MIN_CONFIDENCE": "0.25"}
    assert load({"min_confidence": None}, set_, tmp_path).min_confidence == 0.25
    assert load({"min_confidence": 0.0}, set_, tmp_path).min_confidence == 0.0
