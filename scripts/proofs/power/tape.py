"""What a run asked of the disk, in order, in terms of folders, names and files instead of paths.

A folder as it was before the run and the journal of the run make a tape. Played to its end it gives the folder as the
run has left it, byte for byte: what the journal had missed would show there.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from proofs.shim.journal import Call

ROOT = 0  # the folder itself

Name = tuple[int, str]  # a folder and a name in it


@dataclass(slots=True)
class Node:
    """A file, a folder or a symlink, by whatever name."""

    is_folder: bool = False
    content: bytes = b""  # before the run; of a symlink, what it names
    is_link: bool = False
    is_socket: bool = False
    changed_ns: int | None = None  # its time of change before the run; None: the run made it
    is_mapped: bool = False  # written through a mapping as well, which no journal sees


@dataclass(frozen=True, slots=True)
class Naming:
    """A change of names that happens whole or not at all."""

    at: int  # the place of the call in the journal
    effects: tuple[tuple[Name, int | None], ...]  # what the names stand for from then on; None: nothing


@dataclass(frozen=True, slots=True)
class Writing:
    """Some bytes, at a place in a file."""

    at: int
    node: int
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Sizing:
    """A file cut off or made larger."""

    at: int
    node: int
    size: int


@dataclass(frozen=True, slots=True)
class Syncing:
    """From here on a file's content, or a folder's names, survive."""

    at: int
    node: int


Step = Naming | Writing | Sizing | Syncing


class Unknown(Exception):
    """The journal speaks of something that it has not told of: the shim has missed a call."""


@dataclass(slots=True)
class Tape:
    """The nodes that were there or came, and the steps."""

    root: Path
    nodes: list[Node] = field(default_factory=list)
    first: dict[int, dict[str, int]] = field(default_factory=dict)  # the names before the run, by folder
    steps: list[Step] = field(default_factory=list)
    _names: dict[int, dict[str, int]] = field(default_factory=dict)  # as of the last step
    _by_inode: dict[int, int] = field(default_factory=dict)

    @classmethod
    def of_folder(cls, root: Path) -> Tape:
        """A tape that begins with the folder as it is now; call `record` when the run has ended."""
        tape = cls(root)
        tape._walk(root)
        tape._names = {folder: dict(names) for folder, names in tape.first.items()}
        return tape

    def record(self, calls: Iterable[Call]) -> None:
        """Add what the calls did, in order. Raises `Unknown`."""
        for at, call in enumerate(calls):
            if not call.failed:
                try:
                    self._take(at, call)
                except (KeyError, ValueError) as error:
                    raise Unknown(f"call {at}: {call.named} on {call.path}: {error!r}") from error

    def node_of(self, name: str) -> int | None:
        """What stands at a path relative to the root after the last step; None where nothing does."""
        try:
            return self._find(self.root / name)
        except KeyError:
            return None

    def _walk(self, place: Path) -> int:
        status = place.lstat()
        node = Node(changed_ns=status.st_mtime_ns)
        node.is_folder, node.is_link, node.is_socket = place.is_dir(), place.is_symlink(), place.is_socket()
        number = self._new(node, status.st_ino)
        if node.is_link:
            node.content = os.fsencode(place.readlink())
        elif node.is_folder:
            self.first[number] = {one.name: self._walk(one) for one in sorted(place.iterdir())}
        elif not node.is_socket:
            node.content = place.read_bytes()
        return number

    def _new(self, node: Node, inode: int) -> int:
        self.nodes.append(node)
        self._by_inode[inode] = len(self.nodes) - 1
        return len(self.nodes) - 1

    def _name(self, path: str | Path) -> Name:
        """The folder and the name that a path means now."""
        parts = Path(os.path.normpath(path)).relative_to(self.root).parts
        folder = ROOT
        for part in parts[:-1]:
            folder = self._names[folder][part]
        return folder, parts[-1]

    def _find(self, path: str | Path) -> int:
        if Path(path) == self.root:
            return ROOT
        folder, name = self._name(path)
        return self._names[folder][name]

    def _rename(self, at: int, *effects: tuple[Name, int | None]) -> None:
        self.steps.append(Naming(at, effects))
        for (folder, name), node in effects:
            if node is None:
                del self._names[folder][name]
            else:
                self._names[folder][name] = node

    def _take(self, at: int, call: Call) -> None:
        match call.call:
            case "open":
                self._opened(at, call)
            case "mkdir":
                node = self._new(Node(is_folder=True), call.inode)
                self.first[node] = {}
                self._names[node] = {}
                self._rename(at, (self._name(call.path), node))
            case "bind":
                self._rename(at, (self._name(call.path), self._new(Node(is_socket=True), call.inode)))
            case "symlink":
                node = self._new(Node(is_link=True, content=os.fsencode(call.path)), call.inode)
                self._rename(at, (self._name(call.second), node))
            case "link":
                self._rename(at, (self._name(call.second), self._find(call.path)))
            case "unlink" | "rmdir":
                self._rename(at, (self._name(call.path), None))
            case "rename":
                old, new = self._name(call.path), self._name(call.second)
                if self._names[new[0]].get(new[1]) != self._names[old[0]][old[1]]:  # else nothing happens
                    self._rename(at, (new, self._names[old[0]][old[1]]), (old, None))
            case _:
                self._changed(at, call)

    def _opened(self, at: int, call: Call) -> None:
        name = self._name(call.path)
        node = self._names[name[0]].get(name[1])
        if node is None:
            self._rename(at, (name, self._new(Node(), call.inode)))
        elif self._by_inode.get(call.inode) != node:
            raise ValueError("another file than the one that was there")
        elif call.flags & os.O_TRUNC:
            self.steps.append(Sizing(at, node, 0))

    def _changed(self, at: int, call: Call) -> None:
        node = self._by_inode[call.inode]
        match call.call:
            case "write" | "pwrite" | "writev" | "pwritev" | "sendfile" | "copy_range":
                self.steps.append(Writing(at, node, call.offset, call.data))
            case "fallocate":  # room for so much, and none of it said: a write of nothing at its end
                self.steps.append(Writing(at, node, call.offset + call.size, b""))
            case "ftruncate":
                self.steps.append(Sizing(at, node, call.size))
            case "fsync" | "fdatasync":
                self.steps.append(Syncing(at, node))
            case "mmap":
                self.nodes[node].is_mapped = True
            case other:
                raise ValueError(f"{other} is not understood")


def played(content: bytes, steps: Sequence[Writing | Sizing]) -> bytes:
    """A file's content after these steps."""
    file = bytearray(content)
    for step in steps:
        end = step.size if isinstance(step, Sizing) else step.offset + len(step.data)
        if len(file) < end:
            file.extend(bytes(end - len(file)))
        if isinstance(step, Sizing):
            del file[step.size :]
        else:
            file[step.offset : end] = step.data
    return bytes(file)
