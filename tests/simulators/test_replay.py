"""Playing a recording back, seen from its socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bridge.simulators.replay import Replay


def exchange(target: str, document: Any = None, *, at: float = 0.0, status: int = 200, **more: Any) -> dict[str, Any]:
    """Return one recorded exchange."""
    about = {"at": at, "took_s": 0.01, "method": "GET", "target": target}
    return {**about, "status": status, "headers": {"Content-Type": "application/json"}, "json": document} | more


def recording(*exchanges: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return a recording of these."""
    return {"format": 1, "vendor": "go-e", "tls": False, "configuration": {}, "exchanges": list(exchanges), **more}


@asynccontextmanager
async def playing(*exchanges: dict[str, Any], **options: Any) -> AsyncIterator[Callable[[str], Any]]:
    """Play these for the time of the context; what comes returns status and JSON of a GET."""
    replay = Replay(recording(*exchanges), **options)
    await replay.start()
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http:

            async def get(target: str) -> tuple[int, Any]:
                async with http.get(f"http://{replay.address}{target}") as response:
                    return response.status, await response.json()

            yield get
    finally:
        await replay.stop()


async def test_answers_come_in_order_and_the_last_one_again_and_again() -> None:
    """For each method and target by itself."""
    async with playing(exchange("/a", 1), exchange("/b", "x"), exchange("/a", 2), exchange("/a?q=1", 9)) as get:
        assert [await get("/a") for _ in range(3)] == [(200, 1), (200, 2), (200, 2)]
        assert await get("/b") == (200, "x")
        assert await get("/a?q=1") == (200, 9)


async def test_answers_in_time() -> None:
    """By the clock since the first request, however often is asked; it can run faster."""
    told = [exchange("/a", 1), exchange("/a", 2, at=1000.0), exchange("/a", 3, at=1e9)]
    async with playing(*told, in_time=True) as get:
        assert [await get("/a") for _ in range(3)] == [(200, 1)] * 3
    async with playing(*told, in_time=True, speed=1e9) as get:
        await get("/a")
        assert await get("/a") == (200, 2)


async def test_status_and_headers_are_those_of_the_original() -> None:
    """Also those of a refusal."""
    refusal = exchange("/a", {"x": 1}, status=429, headers={"Retry-After": "7", "Content-Type": "text/html; charset=x"})
    async with playing(refusal) as get:
        with pytest.raises(aiohttp.ContentTypeError) as caught:
            await get("/a")
    assert caught.value.status == 429
    assert caught.value.headers is not None
    assert caught.value.headers["Retry-After"] == "7"


async def test_no_answer_is_none_again() -> None:
    """The connection ends, whatever the reason was."""
    failed = {"at": 0, "took_s": 10, "method": "GET", "target": "/a", "failed": "NoAnswerError", "reason": "no answer"}
    async with playing(failed) as get:
        with pytest.raises(aiohttp.ClientConnectionError):
            await get("/a")


async def test_a_question_in_other_parts_is_put_together() -> None:
    """A later version of the bridge may ask for the keys in another order, or for more of them."""
    parts = exchange("/api/status?filter=a,b", {"a": 1, "b": 2}), exchange("/api/status?filter=c", {"c": 3})
    async with playing(*parts) as get:
        assert await get("/api/status?filter=c,a,new") == (200, {"a": 1, "c": 3})
        assert await get("/api/status?filter=[%22b%22]") == (200, {"b": 2})
        assert await get("/api/status?filter=new") == (200, {})
        assert await get("/api/status") == (200, {"a": 1, "b": 2, "c": 3})


async def test_whoever_logs_in_is_let_in() -> None:
    """Also where a token was there already when it was recorded; anything else was not recorded."""
    async with playing(exchange("/a", 1)) as get:
        status, token = await get("/users/signin")
        assert (status, token["access_token"]) == (200, "recorded")
        assert await get("/b") == (404, {"detail": "this was not recorded", "status": 404})


async def test_what_to_tell_the_bridge() -> None:
    """Its own address stands where that of the original did."""
    replay = Replay(recording(configuration={"chargers": {"x": {"host": "{address}", "keys": ["{address}", 1]}}}))
    await replay.start()
    try:
        assert replay.configuration == {"chargers": {"x": {"host": replay.address, "keys": [replay.address, 1]}}}
    finally:
        await replay.stop()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        ("{", "is not JSON"),
        ("[]", "not a recording"),
        (json.dumps({**recording(), "format": 99}), "another version"),
        (json.dumps(recording({"method": "GET"})), "damaged"),
        (json.dumps(recording(exchange("/a", status="many"))), "damaged"),  # type: ignore[arg-type]
    ],
)
def test_what_is_no_recording_is_refused(content: str | None, words: str, tmp_path: Path) -> None:
    """With a sentence, whatever is wrong with it."""
    path = tmp_path / "file.json"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(ValueError, match=words):
        Replay.of(path)
