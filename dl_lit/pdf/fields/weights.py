"""The model's file: a line of JSON that says what follows, then the arrays, one behind the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAGIC = b"dl_lit fields 1\n"
Array = NDArray[np.float32]


def write(path: Path, arrays: Mapping[str, NDArray[Any]], about: Mapping[str, Any]) -> None:
    """Write `arrays` (each keeps its type) and `about`; the same input gives the same bytes."""
    names = sorted(arrays)
    header = {
        "about": about,
        "arrays": [[name, arrays[name].dtype.str, list(arrays[name].shape)] for name in names],
    }
    body = b"".join(np.ascontiguousarray(arrays[name]).tobytes() for name in names)
    path.write_bytes(MAGIC + json.dumps(header, sort_keys=True).encode() + b"\n" + body)


def read(path: Path) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """What `write` wrote; ValueError where the file is not one of these or is cut off."""
    content = path.read_bytes()
    if not content.startswith(MAGIC):
        raise ValueError(f"{path} is no model of the fields")
    end = content.index(b"\n", len(MAGIC))
    header = json.loads(content[len(MAGIC) : end])
    arrays: dict[str, NDArray[Any]] = {}
    position = end + 1
    for name, kind, shape in header["arrays"]:
        dtype = np.dtype(kind)
        count = int(np.prod(shape, dtype=np.int64))
        arrays[name] = np.frombuffer(content, dtype, count, position).reshape(shape)
        position += count * dtype.itemsize
    return arrays, header["about"]


def packed(weights: Mapping[str, Array]) -> dict[str, NDArray[Any]]:
    """The weights as small numbers: the large tables as bytes with a scale for each column, the rest as halves."""
    small: dict[str, NDArray[Any]] = {}
    for name, table in weights.items():
        if table.ndim == 2 and len(table) >= 1_000:
            scale = np.maximum(np.abs(table).max(axis=0), np.float32(1e-8)) / np.float32(127)
            small[name] = np.rint(table / scale).astype(np.int8)
            small[name + ".scale"] = scale.astype(np.float32)
        else:
            small[name] = table.astype(np.float16)
    return small


def unpacked(small: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """The weights again: floats, but for the large tables, which stay bytes beside their scales."""
    return {
        name: array if array.dtype == np.int8 else array.astype(np.float32) for name, array in sorted(small.items())
    }
