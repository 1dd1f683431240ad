import asyncio

from lifedesk_hub.engines.stages import Stage, StageLog


async def test_stages_are_told_as_they_are_reached_to_every_page_that_follows() -> None:
    log = StageLog()

    async def followed() -> list[object]:
        return [event["stage"] async for event in log.follow()]

    early = asyncio.create_task(followed())
    log.enter(Stage.IMAGE)
    await asyncio.sleep(0)
    log.enter(Stage.CONTAINER)
    late = asyncio.create_task(followed())
    await asyncio.sleep(0)
    log.enter(Stage.SERVER)
    log.close()
    assert list(await asyncio.gather(early, late)) == [["image", "container", "server"]] * 2


async def test_an_event_says_how_far_it_is_and_for_how_long() -> None:
    log = StageLog()
    log.enter(Stage.LAB)
    log.close()
    [event] = [event async for event in log.follow()]
    assert event["message"] == "Opening JupyterLab"
    assert event["progress"] == 85
    elapsed = event["elapsed_seconds"]
    assert isinstance(elapsed, float)
    assert 0 <= elapsed < 5
