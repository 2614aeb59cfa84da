"""Changes are gathered, and new folders looked at twice: SPEC 5.5."""

from __future__ import annotations

from photostore.sync import changes as module
from photostore.sync.changes import Changes, Due


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_paths_are_gathered_once_and_forgotten():
    changes = Changes(b"/r", Clock())
    changes.add([b"/r/b", b"/r/a"])
    changes.add([b"/r/a"])
    assert changes.take() == Due((b"/r/a", b"/r/b"))
    assert not changes.take()


def test_new_folders_are_looked_at_again_a_second_later():
    clock = Clock()
    changes = Changes(b"/r", clock)
    changes.look_again([b"/r/a/b", b"/r/a", b"/r/a-b", b"/r/a/b/c"])
    assert not changes.take()
    clock.now += 1
    assert changes.take() == Due((), (b"/r/a", b"/r/a-b"))
    assert not changes.take()


def test_too_many_paths_become_the_whole_root(monkeypatch):
    monkeypatch.setattr(module, "MAX_PATHS", 10)
    clock = Clock()
    changes = Changes(b"/r", clock)
    changes.look_again([b"/r/a"])
    changes.add(b"/r/%d" % number for number in range(11))
    assert changes.take() == Due((), (b"/r",))
