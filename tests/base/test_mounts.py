"""Roots found among the mounts of a container: SPEC 2.2, 5.1, 4.2."""

from __future__ import annotations

import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from photostore.base.mounts import find_bind_mounts, parse_mountinfo

CONTAINER = """\
640 603 0:71 / / rw,relatime master:314 - overlay overlay rw,lowerdir=/a:/b,upperdir=/c
641 640 0:74 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw
642 640 0:75 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755
643 642 0:76 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw,gid=5,mode=620
644 640 0:77 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro
645 640 254:1 /docker/abc/resolv.conf /etc/resolv.conf rw,relatime - ext4 /dev/vda1 rw
646 640 254:1 /docker/abc/hosts /etc/hosts rw,relatime - ext4 /dev/vda1 rw
647 640 8:1 /secrets /run/secrets ro,relatime - ext4 /dev/sda1 rw
648 640 8:1 /lib /ps/library rw,relatime - ext4 /dev/sda1 rw
649 648 8:1 /lib2 /ps/library/more rw,relatime - ext4 /dev/sda1 rw
650 640 8:1 /orig /ps/originals ro,relatime - ext4 /dev/sda1 rw
651 640 8:1 /cache /ps/tmp rw,relatime - ext4 /dev/sda1 rw
652 640 8:1 /extra /ps/photos rw,relatime - ext4 /dev/sda1 rw
653 640 0:80 / /mnt/My\\040Photos\\012\\134 rw,relatime shared:1 master:2 - nfs4 nas:/p rw
654 640 8:2 /a /albums ro,relatime - btrfs /dev/sdb rw
655 654 8:2 /b /albums/2020 ro,relatime - btrfs /dev/sdb rw
656 640 8:2 /t /home/node/.local/share/Trash rw,relatime - ext4 /dev/sdb rw
657 640 0:90 / /scratch rw - tmpfs tmpfs rw
658 640 0:91 /shared /from-memory rw - tmpfs tmpfs rw
659 640 8:2 /t /tmp rw - ext4 /dev/sdb rw
"""


def test_only_what_a_person_mounted_is_a_root() -> None:
    assert find_bind_mounts(CONTAINER) == (
        Path("/albums"),
        Path("/from-memory"),
        Path("/mnt/My Photos\n\\"),
        Path("/ps/originals"),
        Path("/ps/photos"),
    )


def test_read_only_mounts_are_known() -> None:
    by_path = {mount.path: mount for mount in parse_mountinfo(CONTAINER)}
    assert by_path[Path("/albums")].is_read_only
    assert by_path[Path("/albums")].type == "btrfs"
    assert not by_path[Path("/ps/library")].is_read_only


def test_names_of_any_bytes_survive() -> None:
    line = b"1 2 8:1 / /caf\xe9\x0b\xc2\x85x rw - ext4 /dev/sda1 rw\n"
    (path,) = find_bind_mounts(line.decode("utf-8", "surrogateescape"))
    assert os.fsencode(path) == b"/caf\xe9\x0b\xc2\x85x"


@given(st.text())
def test_nonsense_gives_nothing_and_no_error(text: str) -> None:
    find_bind_mounts(text)


def test_this_machine_can_be_read() -> None:
    text = Path("/proc/self/mountinfo").read_text("utf-8", "surrogateescape")
    assert parse_mountinfo(text)
