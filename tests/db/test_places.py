"""So many at a time: in order, each place used once, and nobody waits for ever."""

import asyncio
from random import Random

import pytest

from gql.db.places import Places


async def test_places_are_given_in_order() -> None:
    places = Places(2, seconds=60)
    came: list[int] = []

    async def come(number: int) -> None:
        await places.take()
        came.append(number)

    tasks = [asyncio.create_task(come(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert came == [0, 1]
    for number in (2, 3, 4):
        places.give_back()
        await asyncio.sleep(0.001)
        assert came[-1] == number
    await asyncio.gather(*tasks)


async def test_who_waits_too_long_is_told() -> None:
    places = Places(1, seconds=0.05)
    await places.take()
    for _ in range(2):  # the second time the timer has to be set again
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(places.take(), 5)
    waiting = asyncio.create_task(places.take())
    await asyncio.sleep(0.03)
    places.give_back()
    await asyncio.wait_for(waiting, 5)


async def test_who_comes_later_waits_as_long() -> None:
    places = Places(1, seconds=0.3)
    await places.take()
    first = asyncio.create_task(places.take())
    await asyncio.sleep(0.2)
    second = asyncio.create_task(places.take())
    with pytest.raises(TimeoutError):
        await first
    assert not second.done()
    places.give_back()
    await asyncio.wait_for(second, 5)


async def test_no_place_is_lost_or_taken_twice_by_who_gives_up() -> None:
    """At whatever moment: also when a place has just been given."""
    random, places, inside = Random(7), Places(3, seconds=60), 0

    async def work() -> None:
        nonlocal inside
        await places.take()
        try:
            inside += 1
            assert inside <= 3
            await asyncio.sleep(random.random() / 1000)
        finally:
            inside -= 1
            places.give_back()

    tasks = [asyncio.create_task(work()) for _ in range(300)]
    while not all(task.done() for task in tasks):
        random.choice(tasks).cancel()
        await asyncio.sleep(0)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert not [each for each in found if isinstance(each, Exception)]
    for _ in range(3):
        await asyncio.wait_for(places.take(), 1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(places.take(), 0.05)


async def test_a_place_that_is_given_to_who_just_gave_up_goes_to_the_next() -> None:
    places = Places(1, seconds=60)
    await places.take()
    first, second = asyncio.create_task(places.take()), asyncio.create_task(places.take())
    await asyncio.sleep(0)
    places.give_back()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await asyncio.wait_for(second, 5)
