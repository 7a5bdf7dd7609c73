"""Web pages, by their addresses: the one place where articles come over the network, those that the user names.

A page may lead anywhere, by a redirect or by what its name resolves to. So each hop's name is resolved here, refused
unless all of its addresses are on the public internet, and the connection is made to the very address that was
checked: a name that resolves otherwise a moment later leads nowhere. Time and size are bounded, what is packed is
unpacked within bounds, no cookie is kept, proxies are not used, and robots.txt is obeyed.
"""

from __future__ import annotations

import socket
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread, Timer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

from rag.load.public import is_public
from rag.load.robots import Robots, parsed
from rag.load.source import MAX_ARTICLE_BYTES, MEGABYTE, Unreadable
from rag.load.url import is_web_url
from rag.version import VERSION

AGENT = "Groundwire"
USER_AGENT = f"{AGENT}/{VERSION} (reads single pages that its user names)"

MAX_BYTES = MAX_ARTICLE_BYTES
MAX_REDIRECTS = 5
SECONDS = 30.0
"""For one address, with its redirects and robots.txt."""

_ROBOTS_BYTES = 512 * 1024  # RFC 9309, section 2.5: at least 500 KiB are to be read
_HEADERS = {
    "User-Agent": USER_AGENT,
    "Accept": "text/html, application/xhtml+xml, application/pdf;q=0.9, text/plain;q=0.8, */*;q=0.5",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}
_LATE = "took too long to fetch; try again later"
_MOVED = {301, 302, 303, 307, 308}

Trace = Callable[[str, Mapping[str, Any]], None]
Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host, for a port. Raises OSError where there are none."""


@dataclass(frozen=True, slots=True)
class Page:
    """What an address gave."""

    url: str
    """Where it was found, after redirects."""
    content: bytes
    type: str
    """The media type in lower case, without its parameters; empty where none was told."""
    charset: str | None


def system_addresses(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says."""
    return list(dict.fromkeys(str(one[4][0]) for one in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))


class Fetcher:
    """Fetches pages. `resolve` and `transport` stand for the network: tests put their own in their place."""

    def __init__(
        self,
        *,
        resolve: Resolve = system_addresses,
        transport: httpx.BaseTransport | None = None,
        seconds: float = SECONDS,
    ) -> None:
        self._resolve, self._seconds = resolve, seconds
        # No proxy and no password file of the environment: the connection goes to the address that was checked.
        # And no connection serves twice: they are told apart by address, and a certificate is checked once for each.
        self._client = httpx.Client(
            transport=transport,
            trust_env=False,
            follow_redirects=False,
            headers=_HEADERS,
            limits=httpx.Limits(max_keepalive_connections=0),
        )
        self._robots: dict[str, Robots] = {}

    def close(self) -> None:
        """Let go of every connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def fetch(self, url: str) -> Page:
        """The page at an address. Raises Unreadable, which says why there is none and what to do."""
        if not is_web_url(url):
            raise Unreadable("is no http or https address; give one, or a path")
        until = time.monotonic() + self._seconds
        with self._followed(url, until, self._allow) as (at, response):
            if response.status_code != 200:
                raise Unreadable(_refused(response.status_code))
            content, is_whole = _body(response, MAX_BYTES, until)
            if not is_whole:
                raise Unreadable(f"holds more than {MAX_BYTES // MEGABYTE} MB, too much for one article")
            told, _, _ = response.headers.get("content-type", "").partition(";")
            return Page(at, content, told.strip().lower(), response.charset_encoding)

    @contextmanager
    def _followed(
        self, url: str, until: float, allow: Callable[[str, float], None]
    ) -> Iterator[tuple[str, httpx.Response]]:
        """The answer that an address leads to; `allow` raises where a hop may not be made."""
        for _ in range(MAX_REDIRECTS + 1):
            if not is_web_url(url):
                raise Unreadable(f"leads to {url[:80]!r}, which is no http or https address")
            _check(url)
            allow(url, until)
            with self._answered(url, until) as response:
                location = response.headers.get("location")
                if response.status_code not in _MOVED or not location:
                    yield url, response
                    return
                url = _joined(url, location)
        raise Unreadable(f"leads on more than {MAX_REDIRECTS} times; give the address where the page is")

    @contextmanager
    def _answered(self, url: str, until: float) -> Iterator[httpx.Response]:
        """One request, to an address that was checked."""
        named = httpx.URL(url)
        failed: Exception | None = None
        for address in self._addresses(named, until):
            with _cut_off(until) as trace:
                request = self._client.build_request(
                    "GET",
                    named.copy_with(host=address),
                    headers={"Host": named.netloc.decode("ascii")},
                    timeout=_left(until),
                    # The certificate has to be that of the name.
                    extensions={"sni_hostname": named.raw_host.decode("ascii"), "trace": trace},
                )
                try:
                    response = self._client.send(request, stream=True)
                except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                    failed = error
                    continue
                except (httpx.HTTPError, httpx.InvalidURL) as error:
                    raise Unreadable(_failed(error, until)) from error
                try:
                    yield response
                except httpx.HTTPError as error:
                    raise Unreadable(_failed(error, until)) from error
                finally:
                    response.close()
                    self._client.cookies.clear()
                return
        raise Unreadable(_failed(failed, until)) from failed

    def _addresses(self, url: httpx.URL, until: float) -> Sequence[str]:
        """The addresses of the host, all of them public."""
        host, port = url.raw_host.decode("ascii").strip("[]"), url.port or (443 if url.scheme == "https" else 80)
        found: list[Sequence[str] | Exception] = []

        def look_up() -> None:
            try:
                found.append(self._resolve(host, port))
            except (OSError, UnicodeError) as error:
                found.append(error)

        thread = Thread(target=look_up, daemon=True)  # the system's resolver knows no time limit
        thread.start()
        thread.join(_left(until))
        if not found:
            raise Unreadable("has a host that could not be looked up in time; try again later")
        addresses = found[0]
        if isinstance(addresses, Exception) or not addresses:
            raise Unreadable("has a host that is not known; check the address, and the network")
        for address in addresses:
            if not is_public(address):
                raise Unreadable(f"is at {address}, which is not on the public internet; nothing is fetched from there")
        return addresses

    def _allow(self, url: str, until: float) -> None:
        """Raise Unreadable where robots.txt says that programs are not to read this."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._robots:
            self._robots[origin] = self._rules(origin, until)
        # The path as it is asked for: httpx takes the steps of "/a/../b" out.
        if not self._robots[origin].may_fetch(httpx.URL(url).raw_path.decode("ascii")):
            raise Unreadable("is closed to programs by its site's robots.txt; save it in a browser and add the file")

    def _rules(self, origin: str, until: float) -> Robots:
        """What robots.txt says; where there is none, all is allowed (RFC 9309, section 2.3.1)."""
        with self._followed(f"{origin}/robots.txt", until, lambda url, until: None) as (_, response):
            if response.status_code >= 500 or response.status_code == 429:
                raise Unreadable(f"is of a site that cannot be asked now ({response.status_code}); try again later")
            text = b""
            if response.status_code == 200:
                text, _ = _body(response, _ROBOTS_BYTES, until)
        return parsed(text.decode("utf-8", "replace"), AGENT)


def _check(url: str) -> None:
    """Raise Unreadable for an address that is not asked for."""
    try:
        parts, _ = urlsplit(url), httpx.URL(url)
        _ = parts.port
    except (ValueError, httpx.InvalidURL):
        raise Unreadable("is no address that can be fetched; check it") from None
    if parts.username or parts.password:
        raise Unreadable("holds a name or password, which would be kept with the article; leave it out")


def _joined(url: str, location: str) -> str:
    try:
        return urljoin(url, location).partition("#")[0]
    except ValueError:
        raise Unreadable(f"leads to {location[:80]!r}, which is no http or https address") from None


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise Unreadable(_LATE)
    return min(left, 10.0)


@contextmanager
def _cut_off(until: float) -> Iterator[Trace]:
    """Shut the connection at the deadline, whatever is being waited for: httpx bounds each read, not their sum.

    The socket is found through httpx's trace. It is shut by a copy, which stays good when TLS takes the first over.
    """
    copies: list[socket.socket] = []
    over = Event()

    def shut() -> None:
        over.set()
        for copy in list(copies):
            with suppress(OSError):  # the other side was faster
                copy.shutdown(socket.SHUT_RDWR)

    def trace(event: str, about: Mapping[str, Any]) -> None:
        if event == "connection.connect_tcp.complete":
            copies.append(about["return_value"].get_extra_info("socket").dup())
            if over.is_set():
                shut()

    # Never before the deadline, so that the clock says why the connection ended.
    timer = Timer(until - time.monotonic() + 0.01, shut)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    finally:
        timer.cancel()
        timer.join()
        for copy in copies:
            copy.close()


def _body(response: httpx.Response, most: int, until: float) -> tuple[bytes, bool]:
    """So much of the body, unpacked, and whether that is all of it."""
    packing = response.headers.get("content-encoding", "identity").strip().lower()
    if packing not in {"identity", "", "gzip", "x-gzip"}:
        raise Unreadable(f"came packed as {packing[:20]!r}, which was not asked for; save it in a browser")
    chunks = _in_time(response, until)
    content = bytearray()
    for chunk in _unpacked(chunks, most + 1) if packing.endswith("gzip") else chunks:
        content += chunk
        if len(content) > most:
            return bytes(content[:most]), False
    return bytes(content), True


def _in_time(response: httpx.Response, until: float) -> Iterator[bytes]:
    """The body as it comes in, however little at a time."""
    for chunk in response.iter_raw():
        _left(until)
        yield chunk
    _left(until)  # a connection that was cut off looks like a body's end


def _unpacked(chunks: Iterable[bytes], most: int) -> Iterator[bytes]:
    """What gzip packed, of all its members, at most so much at a time. Raises Unreadable where the last has no end."""
    member = None
    for chunk in chunks:
        rest = chunk
        while rest:
            if member is None:
                rest = rest.lstrip(b"\0")  # what some pad a member with
                if not rest:
                    break
                member = zlib.decompressobj(16 + zlib.MAX_WBITS)
            try:
                yield member.decompress(rest, most)
            except zlib.error:
                raise Unreadable("came damaged; try again later") from None
            rest = member.unconsumed_tail or member.unused_data
            if member.eof:
                member = None
    if member is not None:
        raise Unreadable("came only in part; try again later")


def _refused(status: int) -> str:
    told = f"{status} {httpx.codes.get_reason_phrase(status)}".strip()
    if status in {404, 410}:
        return f"is not there ({told}); check the address"
    if status == 429 or status >= 500:
        return f"cannot be had now ({told}); try again later"
    return f"was not given ({told}); save it in a browser and add the file"


def _failed(error: Exception | None, until: float) -> str:
    if time.monotonic() >= until:
        return _LATE
    if isinstance(error, httpx.TimeoutException):
        return "did not answer in time; try again later"
    said = " ".join(str(error).split())[:150]
    return f"cannot be fetched ({said or type(error).__name__}); check the address, and the network"
