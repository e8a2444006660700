"""A real Chromium without a window, driven over its DevTools protocol. It sees nothing but this machine."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
)
NEEDS_CHROMIUM = [
    pytest.mark.skipif(
        CHROMIUM is None,
        reason="CHROMIUM IS NOT INSTALLED: nobody looked whether the status page works in a browser, updates itself,"
        " can be used by keyboard, and passes axe-core",
    ),
    pytest.mark.timeout(180),
]
WITHIN_S = 20.0
"""How long a page may take for anything, on a machine that does other things too."""

_SWITCHES = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)
_KEYS = {"Tab": 9, "Enter": 13, " ": 32}


@contextmanager
def started(folder: Path) -> Iterator[str]:
    """Run a browser for the time of the context; yields the address of its DevTools."""
    assert CHROMIUM is not None
    log = (folder / "log").open("wb")
    process = subprocess.Popen([CHROMIUM, *_SWITCHES, f"--user-data-dir={folder}"], stdout=log, stderr=log)
    try:
        port_file, deadline = folder / "DevToolsActivePort", time.monotonic() + 30
        while not port_file.exists() or len(port_file.read_text().splitlines()) < 2:
            assert process.poll() is None, (folder / "log").read_text(errors="replace")
            assert time.monotonic() < deadline, "Chromium did not start within 30 s"
            time.sleep(0.05)
        port, path = port_file.read_text().splitlines()[:2]
        yield f"ws://127.0.0.1:{port}{path}"
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


class Tab:
    """One tab, with cookies of its own."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, base: str) -> None:
        self.base = base
        self.complaints: list[str] = []
        """What the browser had to say against the page: errors of scripts, refusals by the policy, dialogs."""
        self._socket = socket
        self._session: str | None = None
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}

    async def listen(self) -> None:
        """Take what the browser says, until it is closed."""
        async for message in self._socket:
            told = json.loads(message.data)
            waiting = self._answers.pop(told.get("id", 0), None)
            if waiting is not None and not waiting.done():
                waiting.set_result(told)
            self._note(told.get("method", ""), told.get("params", {}))

    def _note(self, method: str, told: dict[str, Any]) -> None:
        if method == "Runtime.exceptionThrown":
            details = told["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and told["entry"]["level"] == "error":
            self.complaints.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
        elif method == "Page.javascriptDialogOpening":
            self.complaints.append(f"dialog: {told['message']}")

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the protocol."""
        self._number += 1
        waiting = self._answers[self._number] = asyncio.get_running_loop().create_future()
        call: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            call["sessionId"] = self._session
        await self._socket.send_json(call)
        async with asyncio.timeout(WITHIN_S):
            answer = await waiting
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    async def open(self) -> str:
        """Open the tab; returns what to close it by."""
        context = (await self.call("Target.createBrowserContext"))["browserContextId"]
        target = await self.call("Target.createTarget", url="about:blank", browserContextId=context)
        attached = await self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            await self.call(f"{domain}.enable")
        # A tab that is not in front is otherwise slowed down and cannot be typed into.
        await self.call("Emulation.setFocusEmulationEnabled", enabled=True)
        return str(context)

    async def close(self, context: str) -> None:
        """Close the tab and forget its cookies."""
        self._session = None
        await self.call("Target.disposeBrowserContext", browserContextId=context)

    async def go(self, path: str) -> None:
        """Load a page of ours."""
        await self.run("window.isOld = true")
        await self.call("Page.navigate", url=self.base + path)
        await self.until("!window.isOld && document.readyState === 'complete'")

    async def run(self, expression: str) -> Any:
        """Return what an expression comes to in the page."""
        told = await self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in told, f"{expression[:200]}: {told['exceptionDetails']}"
        return told["result"].get("value")

    async def until(self, expression: str, within: float = WITHIN_S) -> Any:
        """Wait until an expression holds, and return what it came to."""
        found: Any = None
        try:
            async with asyncio.timeout(within):
                while not found:
                    try:
                        found = await self.run(expression)
                    except AssertionError:  # the page was being exchanged
                        found = None
                    await asyncio.sleep(0 if found else 0.03)
        except TimeoutError:
            shown = await self.run("document.body.innerText")
            raise AssertionError(f"not within {within} s: {expression}\n{shown}") from None
        return found

    async def text(self, selector: str) -> str:
        """Return the text of the first element that matches."""
        return str(await self.run(f"document.querySelector({json.dumps(selector)})?.textContent.trim()"))

    async def until_text(self, selector: str, text: str) -> None:
        """Wait until an element holds a text somewhere."""
        await self.until(f"document.querySelector({json.dumps(selector)})?.textContent.includes({json.dumps(text)})")

    async def press(self, key: str, *, shift: bool = False) -> None:
        """Press a key."""
        known = {"key": key, "code": "Space" if key == " " else key, "windowsVirtualKeyCode": _KEYS[key]}
        known |= {"modifiers": 8 if shift else 0}
        text = {"Enter": "\r", " ": " "}.get(key)
        await self.call("Input.dispatchKeyEvent", type="keyDown", **known, **({"text": text} if text else {}))
        await self.call("Input.dispatchKeyEvent", type="keyUp", **known)

    async def type(self, text: str) -> None:
        """Type a text in the place of what the field holds."""
        await self.run("document.activeElement.select?.()")
        await self.call("Input.insertText", text=text)

    async def tab_to(self, selector: str, most: int = 60) -> None:
        """Press Tab until an element has the focus."""
        for _ in range(most):
            if await self.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
            await self.press("Tab")
        where = await self.run("document.activeElement.outerHTML")
        raise AssertionError(f"{selector} is not reached by {most} times Tab; the last was {where[:200]}")

    async def look(self, *, width: int, dark: bool, scripts: bool = True) -> None:
        """Choose a screen."""
        await self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        await self.call("Emulation.setScriptExecutionDisabled", value=not scripts)


@asynccontextmanager
async def tab(devtools: str, base: str) -> AsyncIterator[Tab]:
    """Open a tab for pages below `base`, for the time of the context."""
    async with (
        aiohttp.ClientSession() as http,
        http.ws_connect(devtools, max_msg_size=64 * 1024 * 1024) as socket,
        asyncio.TaskGroup() as tasks,
    ):
        found = Tab(socket, base)
        tasks.create_task(found.listen(), name="chromium")
        context = await found.open()
        try:
            yield found
        finally:
            await found.close(context)
            await socket.close()


async def sign_in(page: Tab, token: str) -> None:
    """Sign in, which leads to the page of the charger `garage`."""
    await page.go("/login?charger=garage")
    await page.run(f"document.querySelector('#token').value = {json.dumps(token)}")
    await page.run("document.querySelector('main form').requestSubmit()")
    await page.until("location.pathname === '/chargers/garage' && document.readyState === 'complete'")


async def is_live(page: Tab) -> None:
    """Wait until the page is told of changes."""
    await page.until_text("#connection", "Live")
