"""Run a coroutine from plain code, whether or not an event loop runs already (as in a notebook)."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What the coroutine returns, or raises. In a running loop it gets a thread and a loop of its own."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    with concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="lifedesk-catalogue") as thread:
        return thread.submit(asyncio.run, coroutine).result()


async def in_thread(function: Callable[..., T], *arguments: object) -> T:
    """What `function` returns, run in a thread. Cancelled, it still waits for the thread to end, so that nothing
    goes on writing afterwards."""
    task = asyncio.ensure_future(asyncio.to_thread(function, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
