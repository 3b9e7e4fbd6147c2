"""``VERIFY.md``: how to check an archive with openssl and other common tools, without this platform."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ksad.ledger.log.tiles import WIDTH

if TYPE_CHECKING:
    from ksad.ledger.archive.archive import Manifest

TEXT = r"""# How to check this archive

Platform `{platform}`, log `{origin}`, {size} leaves, root `{root}`.

**Take the public key from somewhere else.** Nothing in this archive may vouch for itself: ask the ministry, a province
or an earlier audit for `public.vkeys`. A line is `NAME+ID+BASE64`; the Base64 holds one byte 01 and the Ed25519 key.
Behind it may stand the days from and until which it holds: a head is of the day on which its newest fact was recorded.
So does this text: whoever forges an archive can forge it, too. The same steps stand in `docs/verifying-by-hand.md` of
the release that wrote the archive; `ksad-audit verify` says whether this text is that one.

## With our tool

    ksad-audit verify ARCHIVE.tar --key public.vkeys --since CHECKPOINT-YOU-KEPT --feed 33=OUR-FEED.sqlite

## With openssl and a shell

Unpack the archive, put `public.vkeys` beside it, and stand in it: `tar -xf ARCHIVE.tar; cd ksad-archive`.

1. Every file is what was packed:

        sha256sum --quiet -c manifest-sha256.txt

2. The signature. `data/log/checkpoint` is a text, an empty line and signature lines `— NAME BASE64`; the Base64 holds
   the key's ID and the signature. A witness may have added lines; only those with the log's name count, which is the
   first line of the text. If there are several keys or signatures of that name, try each pair:

        sed '/^$/,$d' data/log/checkpoint > ../text
        log=$(head -n 1 ../text)
        awk -v name="— $log " 'index($0, name) == 1' data/log/checkpoint | head -n 1 > ../line
        awk -v name="$log+" 'index($0, name) == 1' ../public.vkeys | head -n 1 > ../vkey
        cut -d' ' -f3 ../line | base64 -d | tail -c 64 > ../signature
        cut -d' ' -f1 ../vkey | cut -d+ -f3- | base64 -d | tail -c 32 > ../key
        (printf '\060\052\060\005\006\003\053\145\160\003\041\000'; cat ../key) > ../key.der
        openssl pkeyutl -verify -pubin -inkey ../key.der -keyform DER -rawin -in ../text -sigfile ../signature

3. The tree (RFC 6962): a leaf's hash is SHA-256 of the byte 00 and the line in `data/events/` without its newline; a
   node's is SHA-256 of the byte 01 and its two children; the root is the third line of the checkpoint:

        cat > ../root.py <<'END'
        import base64, hashlib, sys
        h = lambda data: hashlib.sha256(data).digest()
        stack = []
        for number, line in enumerate(sys.stdin.buffer):
            node = h(bytes([0]) + line[:-1])
            while number & 1:
                node, number = h(bytes([1]) + stack.pop() + node), number >> 1
            stack.append(node)
        root = stack.pop()
        while stack:
            root = h(bytes([1]) + stack.pop() + root)
        print(base64.b64encode(root).decode())
        END
        zstd -dcq data/events/*.jsonl.zst | python3 ../root.py > ../root
        sed -n 3p data/log/checkpoint | diff - ../root

   `data/log/tile/` has the same tree as C2SP tlog-tiles, which Go's `golang.org/x/mod/sumdb/tlog` and other
   implementations read. The first hash in it is that of the first leaf:

        zstd -dcq data/events/000000000.jsonl.zst | head -n 1 | tr -d '\n' > ../leaf
        (printf '\000'; cat ../leaf) | openssl dgst -sha256 -binary > ../hash
        head -c 32 data/log/tile/0/000{partial} | cmp - ../hash

4. A document is named by its own SHA-256: `data/documents/SERVICE/ab/cdef…` hashes to `abcdef…`:

        find data/documents -type f | sed 's|.*/\(..\)/\(.*\)|\1\2  &|' | sha256sum --quiet -c -

## What is where

`data/events/*.jsonl.zst` the facts, one CloudEvent per line, in the order of the log; `data/log/` the signed head and
the tree; `data/feeds/NN/checkpoint` the signed head of what province NN was sent; `data/documents/` documents by their
hash; `data/schemas/` what the events mean; `data/positions/` ids that the services gave, for a restore, not evidence.
"""


HEADLINE = "Platform `{platform}`, log `{origin}`, {size} leaves, root `{root}`."
TILE = "data/log/tile/0/000{partial} |"
"""The parts of the guide with values of one archive. Their wording is the same in all releases."""


def guide(manifest: Manifest) -> str:
    """The text of ``VERIFY.md`` for one archive."""
    return TEXT.replace(HEADLINE, _made(HEADLINE, manifest), 1).replace(TILE, _made(TILE, manifest), 1)


def unmade(text: bytes, manifest: Manifest) -> bytes:
    """The text of a guide with an archive's values replaced by placeholders, equal for all archives of a release."""
    for line in (HEADLINE, TILE):
        text = text.replace(_made(line, manifest).encode(), line.encode(), 1)
    return text


def _made(line: str, manifest: Manifest) -> str:
    partial = f".p/{manifest.size}" if manifest.size < WIDTH else ""
    return line.format(**manifest._asdict(), partial=partial)
