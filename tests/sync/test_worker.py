"""What goes through a decode child, and what ends when its time is over: SPEC 5.7."""

from __future__ import annotations

import threading
import time

import pytest

from photostore.base.errors import UnreadableError
from photostore.decode.child import CrashedError, DecodeChild
from photostore.decode.examination import examine
from photostore.store.files import WorkFile
from photostore.sync import pipeline, worker
from photostore.sync.pipeline import Importer, Pace
from tests.decode.test_doubt import JXL
from tests.samples import make_photo
from tests.sync.shop import old, read_only


class FakeChild(DecodeChild):
    """Looks at files in this process, and notes them."""

    def __init__(self, fault: Exception | None = None) -> None:
        super().__init__([])
        self.seen: list[bytes] = []
        self.fault = fault
        self.at_once = self.most_at_once = 0

    def examine(self, request, stage):
        self.seen.append(request.path.rpartition(b"/")[2])
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        time.sleep(0.05)
        self.at_once -= 1
        if self.fault:
            stage.name = "crash"
            raise self.fault
        return examine(request, stage)


@pytest.fixture
def child(real_shop):
    made = FakeChild()
    real_shop.children = (made,)
    return made


async def test_doubtful_files_go_through_a_child_and_others_do_not(real_shop, child):
    for name in ("a.jpg", "b.jpg"):
        old(make_photo(real_shop.photos / name))
    real_shop.write("c.jxl", "d.jxl", content=JXL)
    await real_shop.sync()
    assert sorted(child.seen) == [b"c.jxl", b"d.jxl"]
    assert child.most_at_once == 1
    states = await real_shop.states()
    assert states["a.jpg"] == states["b.jpg"] == "ready"


async def test_a_file_that_failed_is_tried_again_in_a_child(real_shop, child, monkeypatch):
    def fail(*_, **__):
        raise UnreadableError(b"/a.jpg", "damaged")

    monkeypatch.setattr("photostore.sync.journey.examine", fail)
    old(make_photo(real_shop.photos / "a.jpg"))
    await real_shop.sync()
    assert child.seen == []
    async with real_shop.database.write() as transaction:
        await transaction.execute("UPDATE file SET state = 'pending'")
    await real_shop.sync()
    assert child.seen == [b"a.jpg"]
    assert await real_shop.states() == {"a.jpg": "ready"}


async def test_a_file_that_its_child_does_not_survive_is_not_tried_again(real_shop):
    """Row 11: the decoder crashes, the server lives, the file is set aside."""
    fault = CrashedError(b"c.jxl", "its decoder crashed (SIGSEGV)")
    real_shop.children = (FakeChild(fault),)
    real_shop.write("c.jxl", content=JXL)
    await real_shop.sync()
    assert (await real_shop.problems())["c.jxl"] == ("crash", "its decoder crashed (SIGSEGV)")
    async with real_shop.database.read() as reading:
        assert await reading.fetch_value("SELECT retry_at FROM problem") is None


async def test_a_thread_that_is_over_its_time_ends(shop, monkeypatch):
    ended = threading.Event()

    def travel(work, workshop):
        try:
            while work.path.endswith(b"endless.jpg"):
                time.sleep(0.01)
        finally:
            ended.set()
        return read_only(work, workshop)

    monkeypatch.setattr(pipeline, "travel", travel)
    monkeypatch.setattr(worker, "FILE_LIMIT_S", 0.3)
    shop.write("endless.jpg")
    await shop.sync()
    assert ended.wait(5)
    assert (await shop.problems())["endless.jpg"][1] == "given up after 0 s"


async def test_children_may_read_what_is_scanned(real_shop, child):
    workshop = real_shop.make_engine().importer._workshop
    Importer(real_shop.shared, workshop, Pace(1)).allow([b"/photos"])
    assert child._readable == (b"/photos",)


async def test_who_waits_for_a_file_that_is_added_once_more_is_answered(real_shop):
    """SPEC 9.2: what was copied beside us a moment ago, and is added in the browser as well."""
    importer = real_shop.make_engine().importer
    waiting = await importer.import_soon(WorkFile(7, b"/photos/a.jpg", 1, 1, 0, unfiltered=False))
    importer.claim(7)
    importer.release(7)
    assert waiting.done()
