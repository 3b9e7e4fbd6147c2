"""``VERIFY.md``: how to check an archive with openssl and other people's tools alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reporting.audit.archive import Manifest

TEXT = """# How to check this archive

Platform `{platform}`, log `{origin}`, {size} leaves, root `{root}`.

**Take the public key from somewhere else.** Nothing in this archive may vouch for itself: ask the ministry, a province
or an earlier audit for `public.vkeys`. A line is `NAME+ID+BASE64`; the Base64 holds one byte 01 and the Ed25519 key.

## With our tool

    ksad-audit verify ARCHIVE.tar --key public.vkeys --since CHECKPOINT-YOU-KEPT --feed 33=OUR-FEED.sqlite

## With openssl and a shell

1. Every file is what was packed: `sha256sum --quiet -c manifest-sha256.txt`
2. The signature. `data/log/checkpoint` is a text, an empty line and a signature line `— NAME BASE64`:

        cd data/log
        sed '/^$/,$d' checkpoint > text
        tail -n 1 checkpoint | cut -d' ' -f3 | base64 -d | tail -c 64 > signature
        grep -F "$(head -n 1 text)+" /path/to/public.vkeys | cut -d+ -f3- | base64 -d | tail -c 32 > key
        printf '302a300506032b6570032100' | xxd -r -p | cat - key > key.der
        openssl pkeyutl -verify -pubin -inkey key.der -keyform DER -rawin -in text -sigfile signature

3. The tree (RFC 6962): a leaf's hash is SHA-256 of the byte 00 and the line in `data/events/` without its newline; a
   node's is SHA-256 of the byte 01 and its two children. `data/log/tile/` has them as C2SP tlog-tiles, which Go's
   `golang.org/x/mod/sumdb/tlog` and other implementations read. The root is the third line of the checkpoint.

        zstd -dc data/events/000000.jsonl.zst | sed -n 1p | tr -d '\\n' | (printf '\\000'; cat) | sha256sum
        xxd -p -l 32 -c 32 data/log/tile/0/000{partial}

4. A document is named by its own SHA-256: `data/documents/SERVICE/ab/cdef…` hashes to `abcdef…`.

## What is where

`data/events/*.jsonl.zst` the facts, one CloudEvent per line, in the order of the log; `data/log/` the signed head and
the tree; `data/feeds/NN/checkpoint` the signed head of what province NN was sent; `data/documents/` documents by their
hash; `data/schemas/` what the events mean; `data/positions/` ids that the services gave, for a restore, not evidence.
"""


def guide(manifest: Manifest) -> str:
    """The text of ``VERIFY.md`` for one archive."""
    partial = f".p/{manifest.size}" if manifest.size < 256 else ""  # noqa: PLR2004 - the width of a tile
    return TEXT.format(**manifest._asdict(), partial=partial)
