"""What the decode child may do: read the folders it is told, compute, and answer. Nothing else.

Three layers, each in force where the kernel has it: resource limits, Landlock (kernel 5.13), and a
seccomp filter. Best effort by design: a container or an old kernel may lack one, and the child is
still a process that can be killed. `confine` returns which layers hold.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import struct
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import photostore
from photostore.base.memory import own_budget

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Of addresses, which are more than what is used: libraries alone take half a GiB of them.
MIN_MEMORY_BYTES, MAX_MEMORY_BYTES = 1 << 30, 4 << 30
# If memory runs out all the same, the kernel is to end the child and not the library.
OOM_SCORE = b"600"
PACKAGE = os.path.dirname(photostore.__file__)
SYSTEM = ("/usr", "/lib", "/lib64")
PR_SET_NO_NEW_PRIVS = 38

# Landlock: system calls (the same number everywhere) and rights, from linux/landlock.h.
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ALL_RIGHTS_V1 = (1 << 13) - 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
PATH_BENEATH = 1

# seccomp: linux/seccomp.h and linux/bpf_common.h.
SET_MODE_FILTER, FILTER_FLAG_TSYNC = 1, 1
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
EPERM, ENOSYS = 1, 38
LOAD, JUMP_EQUAL, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06
OFFSET_NUMBER, OFFSET_ARCH, OFFSET_ARGUMENTS = 0, 4, 16
CLONE_THREAD = 0x10000
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


@dataclass(frozen=True, slots=True)
class Machine:
    """Numbers of one architecture; `open` is None where there is only `openat`."""

    arch: int  # as in linux/audit.h
    seccomp: int
    clone: int
    open: int | None
    openat: int
    denied: tuple[int, ...]


# Denied: sockets (socket, connect, bind, listen), processes (fork, vfork, execve, execveat, kill,
# ptrace, process_vm_writev), changes to files (all of rename, mkdir, rmdir, creat, link, symlink,
# unlink, chmod, chown, truncate, mount and their *at forms, openat2) and io_uring.
X86_64 = Machine(
    arch=0xC000003E,
    seccomp=317,
    clone=56,
    open=2,
    openat=257,
    denied=(
        *(41, 42, 49, 50, 57, 58, 59, 62, 76, 82, 83, 84, 85, 86, 87, 88, 90, 91, 92, 93, 94),
        *(101, 165, 258, 260, 263, 264, 265, 266, 268, 311, 316, 322, 425, 437),
    ),
)
AARCH64 = Machine(
    arch=0xC00000B7,
    seccomp=277,
    clone=220,
    open=None,
    openat=56,
    denied=(
        *(34, 35, 36, 37, 38, 40, 45, 46, 52, 53, 54, 55, 117, 129, 198, 200, 201, 203, 221),
        *(271, 276, 281, 425, 437),
    ),
)
MACHINES = {"x86_64": X86_64, "aarch64": AARCH64}
CLONE3 = 435


def confine(readable: Sequence[bytes]) -> list[str]:
    """Give up all rights but reading below `readable` (and Python's own files); for good."""
    layers = ["limits"]
    memory = min(MAX_MEMORY_BYTES, max(MIN_MEMORY_BYTES, memory_bytes()))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if not sys.platform.startswith("linux"):
        return layers
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "wb") as file:
        file.write(OOM_SCORE)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return layers
    own = [os.fsencode(path) for path in (PACKAGE, sys.prefix, sys.base_prefix, *SYSTEM)]
    if _restrict_files(libc, [*own, b"/proc/self", b"/etc/ld.so.cache", *readable]):
        layers.append("landlock")
    # What reads files of its own at import does so before the filter; threads come after it.
    import photostore.decode.examination  # noqa: F401, PLC0415

    if _filter_calls(libc):
        layers.append("seccomp")
    return layers


def memory_bytes() -> int:
    """Memory of this machine, or of the container if that is less."""
    return own_budget().machine.memory_bytes


def _restrict_files(libc: ctypes.CDLL, readable: Sequence[bytes]) -> bool:
    """Allow reading below some paths and no other use of the file system."""
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return False
    handled = struct.pack("=Q", ALL_RIGHTS_V1)
    ruleset = libc.syscall(CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow_reading(libc, ruleset, path)
        return bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: bytes) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # it is not there, so there is nothing to allow
    try:
        rights = READ_FILE | READ_DIR if os.path.isdir(path) else READ_FILE
        rule = struct.pack("=Qi", rights, descriptor)
        libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)


def _filter_calls(libc: ctypes.CDLL) -> bool:
    """Refuse the system calls that a decoder has no use for, in all threads."""
    machine = MACHINES.get(platform.machine())
    if machine is None:
        return False
    instructions = list(_program(machine))
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in instructions)
    buffer = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(instructions), ctypes.addressof(buffer))
    done = libc.syscall(machine.seccomp, SET_MODE_FILTER, FILTER_FLAG_TSYNC, program)
    return bool(done == 0)


def _program(machine: Machine) -> Iterator[tuple[int, int, int, int]]:
    """The filter as (code, jump if true, jump if false, value)."""
    yield LOAD, 0, 0, OFFSET_ARCH
    yield JUMP_EQUAL, 1, 0, machine.arch
    yield RETURN, 0, 0, ERRNO | ENOSYS  # a foreign architecture's calls have other numbers
    yield LOAD, 0, 0, OFFSET_NUMBER
    for number in machine.denied:
        yield JUMP_EQUAL, 0, 1, number
        yield RETURN, 0, 0, ERRNO | EPERM
    # The C library falls back from clone3, whose flags a filter cannot see, to clone.
    yield JUMP_EQUAL, 0, 1, CLONE3
    yield RETURN, 0, 0, ERRNO | ENOSYS
    yield from _check_argument(machine.clone, 0, CLONE_THREAD, allowed_if_set=True)
    yield from _check_argument(machine.openat, 2, WRITING, allowed_if_set=False)
    yield from _check_argument(machine.open, 1, WRITING, allowed_if_set=False)
    yield RETURN, 0, 0, ALLOW


def _check_argument(
    number: int | None, argument: int, bits: int, *, allowed_if_set: bool
) -> Iterator[tuple[int, int, int, int]]:
    """Let a call through depending on bits of one argument (little-endian low half)."""
    if number is None:
        return
    yield JUMP_EQUAL, 0, 4, number
    yield LOAD, 0, 0, OFFSET_ARGUMENTS + 8 * argument
    yield JUMP_ANY_BIT, *((1, 0) if allowed_if_set else (0, 1)), bits
    yield RETURN, 0, 0, ERRNO | EPERM
    yield RETURN, 0, 0, ALLOW
