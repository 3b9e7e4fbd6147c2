"""Baselines: simple loops with the work that an export and a verification cannot avoid."""

from __future__ import annotations

import io
import sqlite3
import tarfile
from contextlib import closing
from hashlib import sha256
from typing import TYPE_CHECKING

import zstandard

if TYPE_CHECKING:
    from pathlib import Path

# As the archive's, or the two could not be compared.
LEVEL = 3


def read_and_compress(database: Path, out: Path) -> int:
    """Reads and compresses every entry of a journal, one per line; returns their number."""
    count = 0
    with (
        closing(sqlite3.connect(database)) as connection,
        out.open("wb") as file,
        zstandard.ZstdCompressor(level=LEVEL).stream_writer(file) as writer,
    ):
        for (raw,) in connection.execute("SELECT raw FROM journal ORDER BY entry"):
            writer.write(raw + b"\n")
            count += 1
    return count


def read_hash_fold(archive: Path) -> bytes:
    """Reads and hashes the leaves of an archive, and folds the hashes to the root (RFC 6962)."""
    stack: list[bytes] = []
    size = 0
    with tarfile.open(archive) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.name.endswith(".jsonl.zst") else None
            if content is None:
                continue
            with zstandard.ZstdDecompressor().stream_reader(content) as reader:
                for line in io.BufferedReader(reader):
                    node, position = sha256(b"\x00" + line[:-1]).digest(), size
                    while position & 1:
                        node, position = sha256(b"\x01" + stack.pop() + node).digest(), position >> 1
                    stack.append(node)
                    size += 1
    root = stack.pop()
    while stack:
        root = sha256(b"\x01" + stack.pop() + root).digest()
    return root
