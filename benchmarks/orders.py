"""Order servers of a hub as its own pages do, and time them."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx

from benchmarks.hubs import Hub

START_SECONDS = 240.0


async def start(client: httpx.AsyncClient, user: str) -> float:
    """Seconds from the order to the server's first answer through the proxy. Raises `httpx.HTTPError`."""
    began = time.perf_counter()
    answer = await client.post(f"/hub/api/users/{user}/server")
    answer.raise_for_status()
    if answer.status_code == 202:
        await _until_ready(client, user)
    while True:
        answer = await client.get(f"/user/{user}/api")
        if answer.status_code == 200 and "version" in answer.text:
            return time.perf_counter() - began
        if time.perf_counter() - began > START_SECONDS:
            raise httpx.ReadTimeout(f"{user}'s server did not answer within {START_SECONDS:.0f} s")
        await asyncio.sleep(0.05)


async def _until_ready(client: httpx.AsyncClient, user: str) -> None:
    """Follow the events that the pending page follows."""
    async with client.stream("GET", f"/hub/api/users/{user}/server/progress") as events:
        events.raise_for_status()
        async for line in events.aiter_lines():
            if not line.startswith("data:"):
                continue
            event = json.loads(line.removeprefix("data:"))
            if event.get("ready"):
                return
            if event.get("failed"):
                raise httpx.HTTPError(str(event.get("message")))


async def stop(client: httpx.AsyncClient, user: str) -> None:
    """Stop the person's server and wait until it is gone."""
    await client.delete(f"/hub/api/users/{user}/server")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = await client.get(f"/hub/api/users/{user}")
        if not answer.json().get("servers"):
            return
        await asyncio.sleep(0.1)


def stop_now(hub: Hub, user: str) -> None:
    """The same from where another event loop runs, such as Playwright's."""

    async def stop_it() -> None:
        async with hub.client() as client:
            await stop(client, user)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, stop_it()).result()
