"""What is written down of an act, and what is made of it after a crash."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from photostore.library.trash import (
    Act,
    ActKind,
    DiskJournal,
    Outcome,
    forget_act,
    read_acts,
    recover,
    restore,
    trash_files,
)
from photostore.library.trash.acts import Step, new_act
from tests.library.trash.disk import NOW, SET, put, read

texts = st.binary(min_size=1, max_size=40).filter(lambda text: b"\0" not in text)
step_list = st.lists(
    st.builds(Step, texts, texts, texts, texts, st.none() | st.integers(0), st.integers()),
    min_size=1,
    max_size=3,
)


class Stop(BaseException):
    """As if the process was killed."""


def interrupt(disk, point, times=1):
    """A record of an act that ended at the n-th time a point was reached."""
    left = [times]

    def reach(reached):
        left[0] -= reached == point
        if left[0] == 0:
            raise Stop

    return reach


def crash(disk, point, times=1):
    files = disk.put_set()
    with pytest.raises(Stop):
        trash_files(
            files,
            disk.around,
            journal=disk.journal,
            now=NOW,
            reach=interrupt(disk, point, times),
        )
    return files


def mend(disk):
    return recover(read_acts(disk.acts).acts, disk.around.mounts)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=step_list, context=st.dictionaries(st.text(), st.text(), max_size=2))
def test_what_is_written_is_what_is_read(tmp_path, monkeypatch, steps, context):
    monkeypatch.setattr(os, "fsync", lambda _: None)
    folder = tmp_path / "acts"
    journal = DiskJournal(folder)
    act = new_act(ActKind.TRASH, NOW, context)
    journal.begin(act, steps)
    journal.step_done(0)
    journal.redirect(0, b"/other\xff")
    (found,) = read_acts(folder).acts
    assert (found.act, found.outcome) == (act, None)
    assert found.steps[0].source == b"/other\xff"
    assert found.steps[1:] == tuple(steps[1:])
    journal.end(Outcome.DONE)
    assert read_acts(folder).acts[0].outcome is Outcome.DONE
    forget_act(folder, act.id)
    forget_act(folder, act.id)
    assert read_acts(folder) == ((), ())


def test_every_line_may_be_torn(disk):
    before_files = crash(disk, "moved", 2)
    (name,) = disk.records()
    whole = (disk.acts / name).read_bytes()
    first = whole.index(b"\n") + 1
    for end in (*range(first + 1, len(whole), 3), first):
        (disk.acts / name).write_bytes(whole[:end])
        (found,) = read_acts(disk.acts).acts
        assert len(found.steps) == 3
        DiskJournal.go_on(found).redirect(2, b"/x")
        assert read_acts(disk.acts).acts[0].steps[2].source == b"/x"
    (disk.acts / name).write_bytes(whole[:first])
    assert [one.outcome for one in mend(disk)] == [Outcome.UNDONE]
    assert all(read(file.path) for file in before_files)


def test_an_act_that_never_began_leaves_nothing(disk):
    crash(disk, "begun")
    (name,) = disk.records()
    content = (disk.acts / name).read_bytes()
    (disk.acts / name).write_bytes(content.split(b"\n")[0][:-1])
    assert mend(disk) == ()
    assert disk.records() == []


@pytest.mark.parametrize("content", [b"{}\n", b'{"version":2}\n', b"[]\n", b"\xff\n", b"1\n"])
def test_what_is_not_understood_is_left_alone(disk, content):
    disk.acts.mkdir(parents=True)
    (disk.acts / "x.jsonl").write_bytes(content)
    assert read_acts(disk.acts) == ((), (disk.acts / "x.jsonl",))
    assert (disk.acts / "x.jsonl").read_bytes() == content


def test_it_is_for_a_person_to_read_too(disk):
    crash(disk, "moved")
    (name,) = disk.records()
    lines = (disk.acts / name).read_text("ascii").splitlines()
    begun = json.loads(lines[0])
    assert (begun["kind"], len(begun["steps"])) == ("trash", 3)
    assert begun["steps"][0]["source"].endswith("/2024/may/IMG_1.jpg")
    assert (disk.acts / name).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b"])
def test_only_names_are_forgotten(tmp_path, name):
    with pytest.raises(ValueError, match=r"x|b"):
        forget_act(tmp_path, name)


def test_an_act_that_ended_is_told_until_it_is_forgotten(disk):
    done = trash_files(
        disk.put_set(), disk.around, journal=disk.journal, now=NOW, context={"assets": "1,2"}
    )
    for _ in range(2):
        (told,) = mend(disk)
        assert (told.act, told.outcome) == (done.act, Outcome.DONE)
        assert told.act.context == {"assets": "1,2"}
    assert isinstance(told.act, Act)
    forget_act(disk.acts, done.act.id)
    assert mend(disk) == ()


def test_all_moved_is_done(disk):
    crash(disk, "moved", 3)
    (told,) = mend(disk)
    assert told.outcome is Outcome.DONE
    assert len(disk.entries()) == 3


def test_a_place_that_was_taken_meanwhile(disk):
    files = crash(disk, "moved", 2)
    new = disk.put(b"2024/may/IMG_1.jpg", b"new")
    (told,) = mend(disk)
    assert told.outcome is Outcome.UNDONE
    assert "beside another file" in told.notes[0]
    assert read(new.path) == b"new"
    beside = os.path.join(os.path.dirname(new.path), b"IMG_1-1.jpg")
    assert b"content of" in read(beside)
    assert read(files[1].path)
    assert disk.entries() == []


def test_what_others_did_meanwhile_is_told(disk):
    crash(disk, "moved", 2)
    os.unlink(disk.own + b"/files/IMG_1.jpg")
    (told,) = mend(disk)
    assert told.outcome is Outcome.UNDONE
    assert "another program" in told.notes[0]
    assert len(os.listdir(os.path.join(disk.top, b"2024/may"))) == 2
    assert disk.entries() == []


def test_a_volume_that_is_away_is_waited_for(disk, tmp_path):
    files = crash(disk, "moved", 2)
    top = Path(os.fsdecode(disk.top))
    top.rename(tmp_path / "away")
    top.mkdir()
    for _ in range(2):
        (told,) = mend(disk)
        assert told.outcome is Outcome.WAITING
        assert "mount its volume" in told.notes[0]
    top.rmdir()
    (tmp_path / "away").rename(top)
    (told,) = mend(disk)
    assert told.outcome is Outcome.UNDONE
    assert all(read(file.path) for file in files)


def test_a_deletion_waits_for_its_volume_too(disk, tmp_path):
    files = disk.put_set()
    steps = [Step(file.path, b"", b"", b"", file.size_bytes, file.mtime_ns) for file in files]
    disk.journal.begin(new_act(ActKind.ERASE, NOW), steps)
    top = Path(os.fsdecode(disk.top))
    top.rename(tmp_path / "away")
    (told,) = mend(disk)
    assert told.outcome is Outcome.WAITING
    (tmp_path / "away").rename(top)
    disk.put(b"2024/may/IMG_1.raf", b"changed")
    (told,) = mend(disk)
    assert told.outcome is Outcome.DONE
    assert "was changed meanwhile" in told.notes[0]
    assert list(disk.tree()) == [b"2024/may/IMG_1.raf"]


def test_folders_that_went_away_are_made_again(disk):
    crash(disk, "moved", 2)
    os.rename(os.path.join(disk.top, b"2024/may/IMG_1.jpg.xmp"), disk.top + b"/other.xmp")
    os.rmdir(os.path.join(disk.top, b"2024/may"))
    mend(disk)
    assert len(os.listdir(os.path.join(disk.top, b"2024/may"))) == 2


def test_a_restore_is_finished_or_taken_back(disk):
    for point, times, outcome in (("moved", 2, Outcome.UNDONE), ("info settled", 1, Outcome.DONE)):
        done = trash_files(disk.put_set(), disk.around, journal=disk.journal, now=NOW)
        forget_act(disk.acts, done.act.id)
        with pytest.raises(Stop):
            restore(
                disk.entries(),
                journal=disk.journal,
                now=NOW,
                reach=interrupt(disk, point, times),
            )
        (told,) = mend(disk)
        assert told.outcome is outcome
        assert len(disk.entries()) == (3 if outcome is Outcome.UNDONE else 0)
        if outcome is Outcome.UNDONE:
            shutil.rmtree(disk.own)
        assert len(disk.tree()) in (0, 3)


def test_a_name_in_the_trash_that_is_taken_makes_a_restore_wait(disk):
    done = trash_files(disk.put_set(), disk.around, journal=disk.journal, now=NOW)
    forget_act(disk.acts, done.act.id)
    entries = sorted(disk.entries(), key=lambda entry: SET.index(entry.name))
    with pytest.raises(Stop):
        restore(entries, journal=disk.journal, now=NOW, reach=interrupt(disk, "moved"))
    put(entries[0].file, b"intruder")
    (told,) = mend(disk)
    assert told.outcome is Outcome.WAITING
    assert read(entries[0].file) == b"intruder"
    os.unlink(entries[0].file)
    assert mend(disk)[0].outcome is Outcome.UNDONE
    assert len(disk.entries()) == 3
