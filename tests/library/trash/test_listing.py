"""What is in a trash, whoever put it there."""

from __future__ import annotations

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from photostore.library.trash import EntryState, TrashPlace, TrashStyle, find_trash, list_trash
from tests.library.trash.disk import NOW, put


def fill(disk, name: bytes, info: bytes | None, content: bytes | None = b"x") -> None:
    place = find_trash(disk.put(b"a.jpg").path, disk.around)
    if info is not None:
        put(place.info + b"/" + name + b".trashinfo", info)
    if content is not None:
        put(place.files + b"/" + name, content)


def test_every_state_is_told(disk):
    date = b"\nDeletionDate=2024-05-03T14:30:15\n"
    fill(disk, b"whole", b"[Trash Info]\nPath=d/whole" + date)
    fill(disk, b"orphan", None)
    fill(disk, b"empty", b"Path=empty" + date, None)
    fill(disk, b"junk", b"\xff\x00")
    entries = {entry.name: entry for entry in disk.entries()}
    states = {name: entry.state for name, entry in entries.items()}
    assert states == {
        b"whole": EntryState.WHOLE,
        b"orphan": EntryState.ORPHAN,
        b"empty": EntryState.EMPTY,
        b"junk": EntryState.UNREADABLE,
    }
    whole = entries[b"whole"]
    assert (whole.path, whole.deleted_at) == (os.path.join(disk.top, b"d/whole"), NOW)
    assert (whole.size_bytes, whole.problem) == (1, None)
    # The name in the trash is never taken for where a file was.
    assert entries[b"orphan"].path is None
    assert all(entries[name].problem for name in (b"orphan", b"empty", b"junk"))
    assert [entry.deleted_at for entry in disk.entries()] == [NOW, NOW, None, None]


def test_junk_among_the_info_files(disk):
    fill(disk, b"a", b"Path=a")
    info = disk.own + b"/info"
    os.mkfifo(info + b"/fifo.trashinfo")
    os.mkdir(info + b"/folder.trashinfo")
    os.symlink(b"/etc/passwd", info + b"/link.trashinfo")
    put(info + b"/.trashinfo")
    put(info + b"/readme.txt")
    for name in (b"fifo", b"folder", b"link"):
        put(disk.own + b"/files/" + name)
    states = {entry.name: entry.state for entry in disk.entries()}
    assert states.pop(b"a") is EntryState.WHOLE
    assert set(states) == {b"fifo", b"folder", b"link"}
    assert set(states.values()) == {EntryState.UNREADABLE}


def test_sizes_of_folders_are_taken_where_they_are_known(disk):
    for name in (b"known", b"stale", b"un known"):
        fill(disk, name, b"Path=" + name, None)
        put(disk.own + b"/files/" + name + b"/a.jpg")
        os.utime(disk.own + b"/info/" + name + b".trashinfo", (1000, 1000))
    lines = b"\xff junk\n12 1000 known\n13 999 stale\n14 1000 un%20known\n99\n"
    put(disk.own + b"/directorysizes", lines)
    sizes = {entry.name: entry.size_bytes for entry in disk.entries()}
    assert sizes == {b"known": 12, b"stale": None, b"un known": 14}
    assert all(entry.is_folder for entry in disk.entries())


@settings(max_examples=50)
@given(content=st.binary(max_size=200))
def test_no_content_of_an_info_file_is_an_error(tmp_path_factory, content):
    folder = os.fsencode(tmp_path_factory.mktemp("t"))
    put(folder + b"/info/a.trashinfo", b"Path=" + content)
    put(folder + b"/files/a")
    for top in (folder, None):
        (entry,) = list_trash(TrashPlace(folder, top, TrashStyle.OWN))
        inside = top is None or entry.path is None or entry.path.startswith(top + b"/")
        assert inside
