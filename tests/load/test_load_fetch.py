"""Pages by their addresses: what may be fetched, from where, how much and for how long."""

from __future__ import annotations

import gzip
import io
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import httpx
import pytest

import rag
from rag.load import Found, LoadOptions
from rag.load.brought import Brought
from rag.load.fetch import MAX_BYTES, MAX_REDIRECTS, USER_AGENT, Fetcher, Page
from rag.load.public import is_public
from rag.load.source import Unreadable
from rag.types import Rejected

ADDRESSES = {
    "news.example": ["93.184.216.34"],
    "other.example": ["2606:2800:220:1::1", "93.184.216.35"],
    "home.example": ["192.168.1.1"],
    "both.example": ["93.184.216.34", "10.0.0.1"],
    "127.0.0.1": ["127.0.0.1"],
}

PAGE = "<!doctype html><html><body><p>A snowy owl was seen in Gdynia. It left on Monday.</p></body></html>"

Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


class Web:
    """A small web: what each address answers, and what it was asked."""

    def __init__(self, answers: dict[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[httpx.Request] = []
        self.looked_up: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        url = f"{request.url.scheme}://{request.headers['host']}{request.url.raw_path.decode()}"
        answer = self.answers.get(url)
        if answer is None:
            return httpx.Response(404)
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        if host not in ADDRESSES:
            raise OSError("Name or service not known")
        return ADDRESSES[host]

    def fetcher(self, **more: float) -> Fetcher:
        return Fetcher(resolve=self.resolve, transport=httpx.MockTransport(self.answer), **more)

    def fetch(self, url: str, **more: float) -> Page:
        with self.fetcher(**more) as fetcher:
            return fetcher.fetch(url)


def refused(answers: dict[str, Answer], url: str = "https://news.example/a", **more: float) -> str:
    with pytest.raises(Unreadable) as error:
        Web(answers).fetch(url, **more)
    assert "\n" not in str(error.value)
    return str(error.value)


def moved(to: str, status: int = 302) -> httpx.Response:
    return httpx.Response(status, headers={"Location": to})


def page(content: bytes | str = PAGE, **headers: str) -> Answer:
    return streamed([content.encode() if isinstance(content, str) else content], **headers)


def streamed(chunks: Sequence[bytes], **headers: str) -> Answer:
    """Like what comes over a wire: httpx has not read it before we do."""

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=iter(chunks), headers={"content-type": "text/html", **headers})

    return answer


def test_a_page_comes_with_its_address_type_and_encoding() -> None:
    web = Web(
        {
            "https://news.example/a?x=1": page(
                "Gda\u0144sk".encode("iso8859-2"), **{"content-type": "Text/HTML; charset=ISO-8859-2"}
            )
        }
    )
    assert web.fetch("https://news.example/a?x=1#part") == Page(
        "https://news.example/a?x=1#part", b"Gda\xf1sk", "text/html", "iso-8859-2"
    )


def test_the_request_goes_to_the_address_that_was_checked_under_the_name_that_was_asked_for() -> None:
    web = Web({"https://news.example:8443/a": page()})
    web.fetch("https://news.example:8443/a")
    last = web.asked[-1]
    assert (last.url.host, last.url.port, last.headers["host"]) == ("93.184.216.34", 8443, "news.example:8443")
    assert last.extensions["sni_hostname"] == "news.example"
    assert last.headers["user-agent"] == USER_AGENT
    assert "cookie" not in last.headers


def test_no_cookie_is_kept() -> None:
    web = Web(
        {
            "https://news.example/a": httpx.Response(302, headers={"Location": "/b", "Set-Cookie": "id=7"}),
            "https://news.example/b": page(),
        }
    )
    assert web.fetch("https://news.example/a").url == "https://news.example/b"
    assert all("cookie" not in request.headers for request in web.asked)


# -- where from --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        *(
            "127.0.0.1",
            "127.8.8.8",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
        ),
        *("224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1", "203.0.113.9"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "fec0::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "2002:7f00:1::", "64:ff9b::7f00:1", "64:ff9b::a00:1"),
        "2001:0:4136:e378:8000:63bf:80ff:fffe",  # Teredo, of 127.0.0.1
        *("192.0.0.9", "192.0.0.192", "192.88.99.1", "168.63.129.16", "::ffff:168.63.129.16", "64:ff9b::c058:6301"),
        *("3fff::1", "3fff:fff::1", "5f00::1", "64:ff9b:1::1", "::5db8:d822", "4000::1", "100.100.100.200"),
    ],
)
def test_an_address_that_is_not_public_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "93.184.216.34",
        "1.1.1.1",
        "2606:2800:220:1::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
        "168.63.129.17",
        "3ffe::1",
    ],
)
def test_an_address_that_is_public_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "at"),
    [
        ("http://127.0.0.1/", "127.0.0.1"),
        ("https://home.example/", "192.168.1.1"),
        ("https://both.example/", "10.0.0.1"),  # one of two is enough
    ],
)
def test_what_is_not_on_the_public_internet_is_never_asked(url: str, at: str) -> None:
    web = Web({})
    with pytest.raises(Unreadable, match=f"is at {at}, which is not on the public internet"):
        web.fetch(url)
    assert web.asked == []


@pytest.mark.parametrize("to", ["http://127.0.0.1/admin", "https://home.example/", "//both.example/x"])
def test_nor_is_it_after_a_redirect(to: str) -> None:
    web = Web({"https://news.example/a": moved(to)})
    with pytest.raises(Unreadable, match="not on the public internet"):
        web.fetch("https://news.example/a")
    assert {request.url.host for request in web.asked} == {"93.184.216.34"}


def test_a_name_that_resolves_otherwise_the_second_time_leads_nowhere() -> None:
    """The connection is to the address that was checked, and each look-up is checked."""
    web = Web({"https://news.example/a": page()})
    answers = iter([["93.184.216.34"], ["127.0.0.1"]])

    def rebinding(host: str, port: int) -> Sequence[str]:
        return next(answers)

    with (
        Fetcher(resolve=rebinding, transport=httpx.MockTransport(web.answer)) as fetcher,
        pytest.raises(Unreadable, match=r"is at 127\.0\.0\.1"),
    ):
        fetcher.fetch("https://news.example/a")
    assert [str(request.url) for request in web.asked] == ["https://93.184.216.34/robots.txt"]


def test_the_second_address_is_tried_where_the_first_does_not_answer() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if ":" in request.url.host:
            raise httpx.ConnectError("no route", request=request)
        return httpx.Response(200, content=iter([PAGE.encode()]))

    web = Web({"https://other.example/a": answer, "https://other.example/robots.txt": answer})
    assert web.fetch("https://other.example/a").content == PAGE.encode()


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://news.example/a", "is no http or https address"),
        ("file:///etc/passwd", "is no http or https address"),
        ("https://", "is no http or https address"),
        ("https://me:secret@news.example/", "holds a name or password, which would be kept with the article"),
        ("https://nobody.example/", "has a host that is not known"),
        ("https://news.example:99999/", "is no address that can be fetched"),
        ("https://a..b/", "has a host that is not known"),
    ],
)
def test_what_is_no_address_is_refused(url: str, reason: str) -> None:
    assert refused({}, url).startswith(reason)


# -- redirects ---------------------------------------------------------------------------------------------------------


def test_redirects_are_followed_up_to_a_number() -> None:
    answers: dict[str, Answer] = {f"https://news.example/{n}": moved(f"{n + 1}", 301 + n % 2) for n in range(9)}
    answers[f"https://news.example/{MAX_REDIRECTS}"] = page()
    assert Web(answers).fetch("https://news.example/0").url == f"https://news.example/{MAX_REDIRECTS}"
    answers[f"https://news.example/{MAX_REDIRECTS}"] = moved("/again")
    assert refused(answers, "https://news.example/0").startswith(f"leads on more than {MAX_REDIRECTS} times")


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "javascript:alert(1)", "https://me:pw@news.example/", "https://[::1"]
)
def test_a_redirect_to_something_else_is_refused(to: str) -> None:
    said = refused({"https://news.example/a": moved(to)})
    assert said.startswith(("leads to", "holds a name", "cannot be fetched ("))


# -- how much, how long ------------------------------------------------------------------------------------------------


def test_what_is_packed_is_unpacked() -> None:
    answers = {"https://news.example/a": page(gzip.compress(PAGE.encode()), **{"content-encoding": "gzip"})}
    assert Web(answers).fetch("https://news.example/a").content == PAGE.encode()


def test_what_is_too_long_is_not_read_to_its_end() -> None:
    given = 0

    def endless() -> Iterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(65536)

    answer = httpx.Response(200, content=endless())
    assert refused({"https://news.example/a": answer}) == "holds more than 20 MB, too much for one article"
    assert given <= MAX_BYTES // 65536 + 2


def test_what_unpacks_to_too_much_is_not_unpacked() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(200)) + packer.flush()
    answer = streamed([bomb], **{"content-encoding": "gzip"})
    assert refused({"https://news.example/a": answer}) == "holds more than 20 MB, too much for one article"


@pytest.mark.parametrize("packing", ["br", "gzip, gzip", "zstd"])
def test_what_is_packed_otherwise_is_refused(packing: str) -> None:
    answer = streamed([b"x"], **{"content-encoding": packing})
    assert refused({"https://news.example/a": answer}).startswith("came packed as")


def test_a_damaged_body_is_said() -> None:
    answer = streamed([b"no gzip"], **{"content-encoding": "gzip"})
    assert refused({"https://news.example/a": answer}) == "came damaged; try again later"


@pytest.mark.parametrize("length", [1, 10, 18, 40, -8, -1])
def test_a_packed_body_without_its_end_is_not_taken_for_whole(length: int) -> None:
    packed = gzip.compress(PAGE.encode())
    answer = streamed([packed[:length]], **{"content-encoding": "gzip"})
    assert refused({"https://news.example/a": answer}) == "came only in part; try again later"


@pytest.mark.parametrize("between", [b"", bytes(512)])
@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_all_members_of_a_packed_body_are_unpacked(size: int, between: bytes) -> None:
    body = gzip.compress(b"One. ") + between + gzip.compress(b"") + gzip.compress(b"Two.") + between
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    answers = {"https://news.example/a": streamed(chunks, **{"content-encoding": "gzip"})}
    assert Web(answers).fetch("https://news.example/a").content == b"One. Two."
    half = streamed([*chunks, gzip.compress(b"Three.")[:-9]], **{"content-encoding": "gzip"})
    assert refused({"https://news.example/a": half}) == "came only in part; try again later"


def test_nothing_packed_is_nothing() -> None:
    """Servers say gzip of an empty body too."""
    answers = {"https://news.example/a": page(b"", **{"content-encoding": "gzip"})}
    assert Web(answers).fetch("https://news.example/a").content == b""


def test_members_that_are_small_each_are_too_long_together() -> None:
    member = gzip.compress(bytes(1 << 20))
    answer = streamed([member] * (MAX_BYTES // (1 << 20) + 1), **{"content-encoding": "gzip"})
    assert refused({"https://news.example/a": answer}) == "holds more than 20 MB, too much for one article"


def test_what_takes_too_long_is_given_up() -> None:
    def slow() -> Iterator[bytes]:
        while True:
            yield b""
            yield b"x"

    answer = httpx.Response(200, content=slow())
    assert refused({"https://news.example/a": answer}, seconds=0.2) == "took too long to fetch; try again later"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(404), "is not there (404 Not Found); check the address"),
        (httpx.Response(403), "was not given (403 Forbidden); save it in a browser and add the file"),
        (httpx.Response(429), "cannot be had now (429 Too Many Requests); try again later"),
        (httpx.Response(503), "cannot be had now (503 Service Unavailable); try again later"),
        (httpx.Response(204), "was not given (204 No Content)"),
        (httpx.ReadTimeout("slow"), "did not answer in time; try again later"),
        (httpx.ConnectError("certificate\nverify failed"), "cannot be fetched (certificate verify failed); check"),
        (httpx.RemoteProtocolError("nonsense"), "cannot be fetched (nonsense); check the address, and the network"),
    ],
)
def test_what_goes_wrong_is_one_line_that_says_what_to_do(answer: Answer, reason: str) -> None:
    assert refused({"https://news.example/a": answer}).startswith(reason)


# -- robots.txt --------------------------------------------------------------------------------------------------------


def test_robots_txt_is_obeyed() -> None:
    answers: dict[str, Answer] = {
        "https://news.example/robots.txt": page(
            "User-agent: *\nDisallow: /private\nUser-agent: Groundwire\nDisallow: /a"
        ),
        "https://news.example/a": page(),
        "https://news.example/b": page(),
    }
    web = Web(answers)
    assert refused(answers).startswith("is closed to programs by its site's robots.txt")
    with web.fetcher() as fetcher:
        for _ in range(2):
            fetcher.fetch("https://news.example/b")
    assert [request.url.path for request in web.asked] == ["/robots.txt", "/b", "/b"]  # and asked for once


def test_robots_txt_is_asked_about_the_path_that_would_be_fetched() -> None:
    web = Web(
        {
            "https://news.example/robots.txt": page("User-agent: *\nDisallow: /*/shut\nAllow: /a/shut/open"),
            "https://news.example/a/shut/open": page(),
        }
    )
    with web.fetcher() as fetcher:
        assert fetcher.fetch("https://news.example/a/shut/open").content == PAGE.encode()
        for url in ("https://news.example/a/shut", "https://news.example/a/shut/open/../b"):
            with pytest.raises(Unreadable, match="is closed to programs"):
                fetcher.fetch(url)


def test_robots_txt_of_each_hop_is_obeyed() -> None:
    answers: dict[str, Answer] = {
        "https://news.example/a": moved("https://other.example/b"),
        "https://other.example/robots.txt": page("User-agent: *\nDisallow: /"),
        "https://other.example/b": page(),
    }
    assert "robots.txt" in refused(answers)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (httpx.Response(503), "is of a site that cannot be asked now (503); try again later"),
        (httpx.ReadTimeout("slow"), "did not answer in time; try again later"),
        (moved("http://127.0.0.1/robots.txt"), "is at 127.0.0.1, which is not on the public internet"),
    ],
)
def test_where_robots_txt_cannot_be_read_nothing_is(answer: Answer, reason: str) -> None:
    assert refused({"https://news.example/robots.txt": answer, "https://news.example/a": page()}).startswith(reason)


@pytest.mark.parametrize("answer", [httpx.Response(403), page("<html>no rules here"), page(b"\xff\0" * 999_999)])
def test_where_there_is_no_robots_txt_all_is_allowed(answer: Answer) -> None:
    web = Web({"https://news.example/robots.txt": answer, "https://news.example/a": page()})
    assert web.fetch("https://news.example/a").content == PAGE.encode()


# -- on the way to the loaders -----------------------------------------------------------------------------------------


def test_a_page_and_a_stream_become_files_that_are_gone_afterwards() -> None:
    web = Web({"https://news.example/a.php?utm_source=x": page(**{"content-type": "text/html; charset=utf-8"})})
    with Brought(LoadOptions({"text": "body"}), None, web.fetcher()) as brought:
        found, stream, gone = brought.all(
            ["https://news.example/a.php?utm_source=x", io.BytesIO(b"By pipe."), "https://news.example/gone"]
        )
        assert isinstance(found, Found)
        assert isinstance(stream, Found)
        assert (found.file, found.key_path) == (Path("page.html"), "https://news.example/a.php")
        assert found.options == LoadOptions({"text": "body"}, "https://news.example/a.php", "utf-8")
        assert found.where == "https://news.example/a.php"
        assert (stream.where, stream.key_path) == ("standard input", "standard-input-ced9c7024da9")
        assert gone == Rejected("https://news.example/gone", "is not there (404 Not Found); check the address")
        files = [found.bytes_at, stream.bytes_at]
        assert [file.read_bytes() for file in files if file] == [PAGE.encode(), b"By pipe."]
    assert not any(file.exists() for file in files if file)


ON_THIS_MACHINE = """
import threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer

import httpx
from rag.load.fetch import Fetcher
from rag.load.source import Unreadable

class ToHere(httpx.HTTPTransport):
    def __init__(self, server):
        super().__init__()
        self.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()

    def handle_request(self, request):
        assert request.url.host == "93.184.216.34"
        request.url = request.url.copy_with(host="127.0.0.1", port=self.port)
        return super().handle_request(request)

def fetcher(server, **more):
    return Fetcher(resolve=lambda host, port: ["93.184.216.34"], transport=ToHere(server), **more)
"""

A_SITE = """
class Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        seen.append((self.path, self.headers["Host"], self.headers["User-Agent"], self.client_address))
        self.send_response(302 if self.path == "/a" else 200)
        self.send_header("Location", "http://other.example/b")
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", "12")
        self.send_header("Connection", "keep-alive")
        self.end_headers()
        self.wfile.write(b"over sockets")

    def handle_one_request(self):
        try:
            super().handle_one_request()
        except ConnectionResetError:  # the page is read, and nobody waits for another
            self.close_connection = True

    def log_message(self, *rest):
        pass

seen = []
with fetcher(ThreadingHTTPServer(("127.0.0.1", 0), Site)) as fetching:
    page = fetching.fetch("http://news.example/a")
assert all(agent.startswith("Groundwire/") for _, _, agent, _ in seen)
print(page.url, page.content.decode(), *[f"{path} {host}" for path, host, _, _ in seen])
print(len({client for _, _, _, client in seen}))
"""

A_SLOW_SITE = """
NONE = b"HTTP/1.1 404 Not Found\\r\\nContent-Length: 0\\r\\n\\r\\n"
FOUND = b"HTTP/1.1 200 OK\\r\\n"
CASES = {  # what comes at once, for robots.txt and for the page, before a byte at a time
    "a body": (NONE, FOUND + b"Content-Length: 9999\\r\\n\\r\\n"),
    "a body of no told length, then silence": (NONE, FOUND + b"\\r\\n"),
    "a header": (NONE, FOUND + b"A: "),
    "the first line": (NONE, b""),
    "robots.txt": (FOUND + b"Content-Length: 9999\\r\\n\\r\\n", b""),
    "a greeting by TLS": (b"\\x16\\x03\\x03\\x40\\x00\\x02\\x00\\x3f\\x00", b""),
}

class Site(BaseRequestHandler):
    def handle(self):
        pauses = [9, 0.1]
        at_once = case[b"/robots.txt" not in self.request.recv(65536) and not is_tls]
        try:
            self.request.sendall(at_once)
            while at_once != NONE:
                self.request.sendall(b"x")
                time.sleep(pauses.pop() if "silence" in name else 0.01)
        except OSError:
            pass

server = ThreadingTCPServer(("127.0.0.1", 0), Site)
server.daemon_threads = True
with fetcher(server, seconds=0.25) as fetching:
    for name, case in CASES.items():
        is_tls = "TLS" in name
        started = time.monotonic()
        try:
            print(name, fetching.fetch("https://news.example/a" if is_tls else "http://news.example/a"))
        except Unreadable as error:
            print(f"{name}: {error}" if 0.25 <= time.monotonic() - started < 2 else f"{name} was read too long")
"""


def on_this_machine(script: str) -> list[str]:
    """What a script prints, in a process of its own: the suite's own sockets are blocked."""
    done = subprocess.run(
        [sys.executable, "-c", ON_THIS_MACHINE + script],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=Path(rag.__file__).parent.parent,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_it_works_over_sockets_too_and_no_connection_serves_twice() -> None:
    """Two names at one address would share a connection, and the second's certificate would go unchecked."""
    assert on_this_machine(A_SITE) == [
        "http://other.example/b over sockets"
        " /robots.txt news.example /a news.example /robots.txt other.example /b other.example",
        "4",
    ]


def test_the_time_limit_holds_whatever_comes_a_byte_at_a_time() -> None:
    assert on_this_machine(A_SLOW_SITE) == [
        f"{name}: took too long to fetch; try again later"
        for name in (
            *("a body", "a body of no told length, then silence", "a header", "the first line", "robots.txt"),
            "a greeting by TLS",
        )
    ]
