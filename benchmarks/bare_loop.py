"""The yardstick: what the same readings cost without a bridge: `python -m benchmarks.bare_loop`.

aiohttp GET on a fresh connection (the charger closes it), `json.loads`, one aiomqtt publish of what came. Both clients
have the options that make them cheapest.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket

import aiohttp
import aiomqtt
from yarl import URL

from bridge.vendors.goe.reading import LIVE_KEYS

SECONDS_BETWEEN_FIRST_READS = 0.005
"""As the bridge does it."""


async def read_and_publish(
    session: aiohttp.ClientSession, client: aiomqtt.Client, port: int, *, wait_s: float, interval_s: float, qos: int
) -> None:
    """Read one charger and publish its answer, again and again."""
    loop = asyncio.get_running_loop()
    url = URL(f"http://127.0.0.1:{port}/api/status?filter={','.join(LIVE_KEYS)}", encoded=True)
    due = loop.time() + wait_s
    while True:
        await asyncio.sleep(max(0.0, due - loop.time()))
        due += interval_s
        async with session.get(url, headers={"Connection": "close"}) as answer:
            body = await answer.read()
        json.loads(body)
        await client.publish(f"bare/{qos}/{port}", body, qos=qos, retain=True)


async def _run(options: argparse.Namespace) -> None:
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session,
        aiomqtt.Client(
            "127.0.0.1",
            options.broker,
            protocol=aiomqtt.ProtocolVersion.V5,
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        ) as client,
        asyncio.TaskGroup() as tasks,
    ):
        client.pending_calls_threshold = len(options.ports)  # many are meant to publish at once
        for number, port in enumerate(options.ports):
            wait_s = number * SECONDS_BETWEEN_FIRST_READS
            tasks.create_task(
                read_and_publish(session, client, port, wait_s=wait_s, interval_s=options.interval, qos=options.qos)
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--broker", type=int, required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--qos", type=int, required=True)
    parser.add_argument("ports", type=int, nargs="+")
    asyncio.run(_run(parser.parse_args()))
