"""The system calls that a process which parses PDFs has no use for, with their numbers.

By theme: name, number on x86-64, number on 64-bit ARM ("-" where there is none), from the kernel's own tables
arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h (Linux 6.18, read 2026-11-23). Numbers are
never given anew, so that an older kernel only lacks some of them.
"""

from __future__ import annotations

from typing import Final

_NETWORK = """
socket 41 198, socketpair 53 199, connect 42 203, accept 43 202, accept4 288 242, bind 49 200, listen 50 201,
sendto 44 206, sendmsg 46 211, sendmmsg 307 269, recvmmsg 299 243,
io_uring_setup 425 425, io_uring_enter 426 426, io_uring_register 427 427
"""
_PROGRAMS = """
execve 59 221, execveat 322 281, fork 57 -, vfork 58 -
"""
_OTHER_PROCESSES = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, process_madvise 440 440, kcmp 312 272,
kill 62 129, tkill 200 130, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,
pidfd_open 434 434, pidfd_getfd 438 438, pidfd_send_signal 424 424,
setpriority 141 140, sched_setattr 314 274, sched_setparam 142 118, sched_setscheduler 144 119,
sched_setaffinity 203 122, ioprio_set 251 30, migrate_pages 256 238, move_pages 279 239,
mq_open 240 180, shmget 29 194, shmat 30 196, semget 64 190, msgget 68 186
"""
_FILES = """
openat2 437 437, creat 85 -, truncate 76 45, rename 82 -, renameat 264 38, renameat2 316 276,
mkdir 83 -, mkdirat 258 34, rmdir 84 -, unlink 87 -, unlinkat 263 35, link 86 -, linkat 265 37,
symlink 88 -, symlinkat 266 36, mknod 133 -, mknodat 259 33,
chmod 90 -, fchmod 91 52, fchmodat 268 53, fchmodat2 452 452, chown 92 -, fchown 93 55, lchown 94 -, fchownat 260 54,
utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88,
setxattr 188 5, lsetxattr 189 6, fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16,
name_to_handle_at 303 264, open_by_handle_at 304 265,
fanotify_init 300 262, inotify_init 253 -, inotify_init1 294 26
"""
_MACHINE = """
mount 165 40, umount2 166 39, mount_setattr 442 442, move_mount 429 429, open_tree 428 428, fsopen 430 430,
fsconfig 431 431, fsmount 432 432, fspick 433 433, pivot_root 155 41, chroot 161 51, unshare 272 97, setns 308 268,
bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, keyctl 250 219, add_key 248 217, request_key 249 218,
init_module 175 105, finit_module 313 273, delete_module 176 106, kexec_load 246 104, kexec_file_load 320 294,
swapon 167 224, swapoff 168 225, reboot 169 142, quotactl 179 60, acct 163 89, settimeofday 164 170,
clock_settime 227 112, adjtimex 159 171, clock_adjtime 305 266, sethostname 170 161, setdomainname 171 162,
ioperm 173 -, iopl 172 -
"""
_LOOKED_INTO = """
open 2 -, openat 257 56, clone 56 220, clone3 435 435, tgkill 234 131, prlimit64 302 261
"""


def _numbers(rows: str, column: int) -> dict[str, int]:
    named = [row.split() for row in rows.replace("\n", " ").split(",")]
    return {row[0]: int(row[column]) for row in named if row[column] != "-"}


class Machine:
    """One kind of processor: how the kernel's audit calls it, and its numbers."""

    def __init__(self, audit: int, column: int, *, x32_from: int | None = None) -> None:
        """`audit` is its AUDIT_ARCH of linux/audit.h; from `x32_from` on the numbers are those of another ABI."""
        self.audit = audit
        self.x32_from = x32_from
        self._column = column

    def refused(self) -> list[int]:
        """The numbers of what is refused whatever its arguments."""
        rows = (_NETWORK, _PROGRAMS, _OTHER_PROCESSES, _FILES, _MACHINE)
        return sorted(number for row in rows for number in _numbers(row, self._column).values())

    def looked_into(self) -> dict[str, int]:
        """Names and numbers of what is allowed with some arguments only."""
        return _numbers(_LOOKED_INTO, self._column)


MACHINES: Final = {
    "x86_64": Machine(0xC000003E, 1, x32_from=0x40000000),
    "aarch64": Machine(0xC00000B7, 2),
}
"""By what `os.uname().machine` says."""
