"""The HTTP client: whatever goes wrong on a real socket, it is one of the family, and nothing is sent twice."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from bridge.demo.broker import free_port
from bridge.errors import BadAnswerError, ChargerError, NoAnswerError, UnreachableError
from bridge.http import MAX_BODY_BYTES, Answer, Http
from tests.support.waiting import until
from tests.vendors.raw_server import answer, raw_server

ENOUGH_S = 20.0
"""A limit that is never meant to be reached."""

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
async def http() -> AsyncIterator[Http]:
    """The client, open."""
    async with Http() as client:
        yield client


# Answers


@pytest.mark.parametrize("status", [200, 204, 400, 403, 404, 409, 418, 429, 500, 503])
async def test_every_status_is_an_answer(http: Http, status: int) -> None:
    """What a status means is for the vendor to say."""
    body = b"" if status == 204 else b"some words"
    async with raw_server(answer(body, status, "X-Thing: yes")) as server:
        found = await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)
    assert (found.status, found.body, found.headers["x-thing"]) == (status, body, "yes")


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([OK + b"\r\n", b'{"a', b'":1}'], id="without a length, until the connection ends"),
        pytest.param([OK + b"Content-Length: 7\r\n\r\n", b'{"a"', b":1}"], id="with a length"),
        pytest.param(
            [OK + b'Transfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n', b"4\r\n", b'":1}\r\n0\r\n\r\n'], id="in chunks"
        ),
        pytest.param([b'HTTP/1.0 200 OK\r\n\r\n{"a":1}'], id="HTTP 1.0"),
        pytest.param([b"HTTP/1.1 100 Continue\r\n\r\n", *answer('{"a":1}')], id="after a continue"),
    ],
)
async def test_an_answer_may_come_in_any_form(http: Http, pieces: list[bytes]) -> None:
    """Chunks, lengths and pieces do not matter."""
    async with raw_server(pieces) as server:
        found = await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)
    assert found.json() == {"a": 1}


@pytest.mark.parametrize(
    ("how", "kind"),
    [({"body": {"a": "b c"}}, "application/json"), ({"form": {"a": "b c"}}, "application/x-www-form-urlencoded")],
)
async def test_a_body_is_json_or_a_form(http: Http, how: dict[str, Any], kind: str) -> None:
    """And says which of them it is."""
    async with raw_server(answer("{}")) as server:
        await http.call("POST", f"http://{server.address}/", timeout_s=ENOUGH_S, **how)
        assert f"Content-Type: {kind}" in server.heads[0]


async def test_redirects_are_not_followed(http: Http) -> None:
    """A charger does not send its client elsewhere; a captive portal does."""
    async with raw_server(lambda _: answer("", 302, "Location: /elsewhere")) as server:
        found = await http.call("GET", f"http://{server.address}/here", timeout_s=ENOUGH_S)
        assert (found.status, server.targets) == (302, ["/here"])


async def test_compression_is_neither_asked_for_nor_undone(http: Http) -> None:
    """So a small answer cannot become a large one; compressed all the same, it is no JSON."""
    squeezed = gzip.compress(b"{}")
    async with raw_server(answer(squeezed, 200, "Content-Encoding: gzip")) as server:
        found = await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)
        assert "Accept-Encoding: identity" in server.heads[0]
    assert found.body == squeezed
    with pytest.raises(BadAnswerError, match=r"^the answer \(HTTP 200\) is not JSON$"):
        found.json()


@pytest.mark.parametrize("target", ["/api/set?fna=%22a%20b%22&x=%2B", "/a/../b?x=1,2:3", "/?x=%e2%82%ac", "/?a=%"])
async def test_the_address_is_sent_as_it_stands(http: Http, target: str) -> None:
    """Who calls has encoded it; a second encoding would change the value."""
    async with raw_server(answer("{}")) as server:
        await http.call("GET", f"http://{server.address}{target}", timeout_s=ENOUGH_S)
        assert server.targets == [target]


async def test_a_body_goes_out_as_json_with_the_headers_that_were_asked_for(http: Http) -> None:
    """The method and the headers are the vendor's."""
    async with raw_server(answer("{}")) as server:
        url = f"http://{server.address}/things"
        await http.call("PUT", url, timeout_s=ENOUGH_S, headers={"X-Token": "t"}, body={"a": 1})
    head = server.heads[0]
    assert head.startswith("PUT /things HTTP/1.1\r\n")
    assert "X-Token: t\r\n" in head
    assert "Content-Type: application/json\r\n" in head
    assert "Content-Length: 8\r\n" in head


async def test_nothing_is_remembered_between_calls(http: Http) -> None:
    """A cookie of one charger is not sent to it again, and never to another on the same address."""
    async with raw_server(lambda _: answer("{}", 200, "Set-Cookie: a=b; Path=/"), stays=True) as server:
        for _ in range(2):
            await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)
        assert len(server.heads) == 2
        assert all("Cookie" not in head for head in server.heads)


@pytest.mark.parametrize(("once", "connections"), [(False, 1), (True, 5)])
async def test_a_connection_is_used_again_unless_it_must_not_be(http: Http, *, once: bool, connections: int) -> None:
    """Some devices close it after each answer without saying so; then whoever uses it again finds it lost."""
    async with raw_server(lambda _: answer("{}"), stays=True) as server:
        for _ in range(5):
            await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S, once=once)
        assert server.connections == connections
        assert all(("Connection: close\r\n" in head) is once for head in server.heads)


async def test_a_proxy_of_the_environment_is_not_used(http: Http, monkeypatch: pytest.MonkeyPatch) -> None:
    """Chargers are in the local network; what they say is nobody else's business."""
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{free_port()}")
    async with raw_server(answer("{}")) as server:
        assert (await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)).json() == {}


# Failures


async def test_a_refused_connection(http: Http) -> None:
    """Nobody listens there: certain that nothing changed."""
    port = free_port()
    with pytest.raises(UnreachableError, match=f"^no connection to 127.0.0.1:{port}: connection refused$"):
        await http.call("GET", f"http://127.0.0.1:{port}/", timeout_s=ENOUGH_S)


async def test_an_unknown_name(http: Http) -> None:
    """A name that nobody can resolve."""
    with pytest.raises(UnreachableError, match=r"^no connection to nosuch.invalid:80: the name is not known$"):
        await http.call("GET", "http://nosuch.invalid/", timeout_s=ENOUGH_S)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:99999", "a..b", ".", "x" * 64 + ".lan", "256.1.1.1", "1.2.3.4.5", "[1.2.3.4]", "[::1", "", "a b"],
)
async def test_an_address_that_is_none(http: Http, host: str) -> None:
    """A slip in the configuration costs this charger, not the daemon."""
    with pytest.raises(UnreachableError, match=r"the address is not valid|the name is not known"):
        await http.call("GET", f"http://{host}/", timeout_s=ENOUGH_S)


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port where connecting takes for ever: its queue of connections that nobody accepts is full."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        address = listener.getsockname()
        for _ in range(20):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0.2)
            try:
                caller.connect(address)
            except TimeoutError:
                break
        else:
            pytest.skip("this system takes connections without end")
        yield address[1]


async def test_a_host_that_does_not_take_the_connection(http: Http, deaf_port: int) -> None:
    """Told from one that does not answer, because nothing was sent: at 0.8 of the time limit, at most 5 s."""
    with pytest.raises(UnreachableError, match=f"^no connection to 127.0.0.1:{deaf_port}: it does not answer$"):
        await http.call("GET", f"http://127.0.0.1:{deaf_port}/", timeout_s=2)


async def test_a_connection_is_not_waited_for_as_long_as_an_answer(
    http: Http, deaf_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever time the answer may take, a host that is there takes a connection soon."""
    monkeypatch.setattr("bridge.http.CONNECT_TIMEOUT_S", 0.1)
    async with asyncio.timeout(ENOUGH_S):
        with pytest.raises(UnreachableError, match=r"it does not answer$"):
            await http.call("GET", f"http://127.0.0.1:{deaf_port}/", timeout_s=300)


async def test_a_host_that_never_answers(http: Http) -> None:
    """The time limit is kept, and nobody can know what became of the request."""
    async with raw_server(None) as server:
        with pytest.raises(NoAnswerError, match=r"^no answer within 0\.2 s$"):
            await http.call("GET", f"http://{server.address}/", timeout_s=0.2)
        assert server.targets == ["/"]


async def test_an_answer_that_never_ends_is_limited_in_time(http: Http) -> None:
    """The limit is for the whole answer, not for the wait between two bytes."""
    over = asyncio.Event()

    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK + b"\r\n")
        try:
            while not over.is_set():
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.02)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NoAnswerError, match=r"^no answer within 0\.3 s$"):
            await http.call("GET", f"http://127.0.0.1:{port}/", timeout_s=0.3)
    finally:
        over.set()
        server.close()


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([], id="closed without a word"),
        pytest.param([b"HTTP/1.1 20"], id="cut in the status line"),
        pytest.param([OK + b"Content-Le"], id="cut in a header"),
        pytest.param([OK + b'Content-Length: 10\r\n\r\n{"a"'], id="cut in the body"),
        pytest.param([OK + b'Transfer-Encoding: chunked\r\n\r\n5\r\n{"a"'], id="cut in a chunk"),
        pytest.param([OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"], id="cut before the last chunk"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_a_lost_connection_is_no_answer_and_no_second_try(http: Http, pieces: list[bytes], method: str) -> None:
    """The request may have been carried out, so it is not sent again: to some chargers a GET is a write."""
    async with raw_server(lambda _: pieces) as server:
        with pytest.raises(NoAnswerError, match=r"^the connection was lost before the answer was complete$"):
            await http.call(method, f"http://{server.address}/", timeout_s=ENOUGH_S)
        assert server.targets == ["/"]


async def test_a_connection_that_is_used_again_and_lost_is_no_second_try_either(http: Http) -> None:
    """Nobody knows whether the charger closed it before or after it took the request."""
    answers: Iterator[Iterable[bytes]] = iter([answer("{}"), []])
    async with raw_server(lambda _: next(answers), stays=True) as server:
        await http.call("GET", f"http://{server.address}/first", timeout_s=ENOUGH_S)
        with pytest.raises(NoAnswerError):
            await http.call("GET", f"http://{server.address}/second", timeout_s=ENOUGH_S)
        assert (server.targets, server.connections) == (["/first", "/second"], 1)


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([b"hello\r\n\r\n"], id="no HTTP at all"),
        pytest.param([b"\x15\x03\x01\x00\x02\x02\x46"], id="TLS"),
        pytest.param([b"\x00" * 100], id="zeros"),
        pytest.param([b"HTTP/9.9 200 OK\r\n\r\n"], id="another HTTP"),
        pytest.param([b"HTTP/1.1 99999 Odd\r\n\r\n"], id="a senseless status"),
        pytest.param([OK + b"Content-Length: abc\r\n\r\n{}"], id="a senseless length"),
        pytest.param([OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}"], id="two lengths"),
        pytest.param([OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"], id="a senseless chunk"),
        pytest.param([OK + b"X: " + b"x" * 20_000 + b"\r\n\r\n"], id="a very long header"),
        pytest.param([OK, *[b"X%d: y\r\n" % number for number in range(20_000)], b"\r\n"], id="very many headers"),
    ],
)
async def test_what_is_no_http_is_a_bad_answer(http: Http, pieces: list[bytes]) -> None:
    """Something else listens on that port."""
    async with raw_server(pieces) as server:
        with pytest.raises(BadAnswerError, match=r"^the answer is not valid HTTP"):
            await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)


_PIECE = b" " * 65_536


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param(answer(b" " * (MAX_BODY_BYTES + 1)), id="announced"),
        pytest.param([OK + b"\r\n", *[_PIECE] * 17], id="until the connection ends"),
        pytest.param(
            [OK + b"Transfer-Encoding: chunked\r\n\r\n", *[b"10000\r\n" + _PIECE + b"\r\n"] * 17], id="in chunks"
        ),
    ],
)
async def test_more_than_a_mebibyte_is_a_bad_answer(http: Http, pieces: list[bytes]) -> None:
    """No charger has so much to say; memory is not filled."""
    async with raw_server(pieces) as server:
        with pytest.raises(BadAnswerError, match=r"^the answer is larger than 1 MiB$"):
            await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)


async def test_a_mebibyte_is_an_answer(http: Http) -> None:
    """The limit itself is allowed."""
    async with raw_server(answer(b" " * MAX_BODY_BYTES)) as server:
        found = await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)
    assert len(found.body) == MAX_BODY_BYTES


async def test_a_call_can_be_cancelled_and_the_client_goes_on(http: Http) -> None:
    """The end of a task is no failure of the charger."""
    async with raw_server(None) as deaf, raw_server(answer("{}")) as server:
        waiting = asyncio.create_task(http.call("GET", f"http://{deaf.address}/", timeout_s=ENOUGH_S))
        await until(lambda: deaf.targets)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert (await http.call("GET", f"http://{server.address}/", timeout_s=ENOUGH_S)).json() == {}


async def test_many_calls_at_once(http: Http) -> None:
    """One slow charger does not hold the others up."""
    async with raw_server(None) as deaf, raw_server(lambda target: answer(f'"{target}"')) as server:
        waiting = [asyncio.create_task(http.call("GET", f"http://{deaf.address}/", timeout_s=5)) for _ in range(60)]
        await until(lambda: len(deaf.targets) == 60)
        async with asyncio.TaskGroup() as group:
            calls = [
                group.create_task(http.call("GET", f"http://{server.address}/{n}", timeout_s=ENOUGH_S))
                for n in range(60)
            ]
        assert [call.result().json() for call in calls] == [f"/{n}" for n in range(60)]
        deaf.end()
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {NoAnswerError}


async def test_a_client_that_is_not_open_is_a_bug() -> None:
    """Not one of the family: it is to be seen."""
    client = Http()
    with pytest.raises(RuntimeError, match="not open"):
        await client.call("GET", "http://127.0.0.1/", timeout_s=1)
    async with client:
        pass
    with pytest.raises(RuntimeError, match="not open"):
        await client.call("GET", "http://127.0.0.1/", timeout_s=1)


# What an answer says


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<!DOCTYPE html><html></html>", id="HTML"),
        pytest.param(b'{"a":1', id="cut"),
        pytest.param(b'{"a":1}}', id="too much"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":-Infinity}', id="-Infinity"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param('{"a":"ü"}'.encode("latin-1"), id="Latin 1"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'\xef\xbb\xbf{"a":1}', id="a byte order mark"),
        pytest.param(b'{"a":"\x00"}', id="a control character"),
        pytest.param(b"[" * 500_000 + b"]" * 500_000, id="very deep"),
        pytest.param(b'{"a":' * 150_000 + b"1" + b"}" * 150_000, id="very deep objects"),
        pytest.param(b'{"a":' + b"1" * 10_000 + b"}", id="a number of 10,000 digits"),
        pytest.param(b"\x00" * 1_000, id="zeros"),
    ],
)
def test_what_is_no_json_is_a_bad_answer(body: bytes) -> None:
    """One error for all of it, with the status and without the body."""
    with pytest.raises(BadAnswerError, match=r"^the answer \(HTTP 200\) is not JSON$"):
        Answer(200, {}, body).json()


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"", ""),
        (b"  couldn't take\r\n\tapi lock  ", "couldn't take api lock"),
        (b"bad \x1b[31mred\x00 \xff", "bad [31mred \N{REPLACEMENT CHARACTER}"),
        (b"x" * 1_000, "x" * 200),
        ("ü".encode() * 300, "ü" * 200),
    ],
)
def test_the_text_of_an_answer_is_one_printable_line(body: bytes, shown: str) -> None:
    """It goes to logs and results, so it cannot move a cursor or fill a page."""
    assert Answer(500, {}, body).text() == shown


def test_the_family_says_what_a_caller_does_next() -> None:
    """What never got there is told from what may have been carried out."""
    assert not issubclass(UnreachableError, NoAnswerError)
    assert not issubclass(NoAnswerError, UnreachableError)
    assert all(issubclass(kind, ChargerError) for kind in (UnreachableError, NoAnswerError, BadAnswerError))
