"""Takes a province's feed over NATS into a file of JSON Lines, and holds it against the signed heads.

KSAD_TOKEN=... python follow.py CREDENTIALS.json PUBLIC.vkeys FEED_URL FILE [SIZE, to end when so many are proven]
"""

import asyncio
import base64
import hashlib
import json
import os
import re
import sys
import urllib.error
import urllib.request
from pathlib import Path

import nats
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

credentials, keys, url, name, *enough = sys.argv[1:]
my, file = json.loads(Path(credentials).read_text()), Path(name)
feed = rf"ksad/[a-z0-9-]+/feed/{my['consumer'][-2:]}(?:/\d+)?"
pinned = re.findall(rf"^({feed})\+\w{{8}}\+(\S+)", Path(keys).read_text(), re.MULTILINE)
assert len(pinned) == 1, f"{keys} has several keys of this feed, or none: keep the line of the log you follow"
origin, key = pinned[0]
head_form = re.compile(rf"^({origin}\n(\d+)\n(\S+)\n)\n(?:.*\n)*?— {origin} (\S+)\n".encode())
trees, roots = [], []  # the roots of the perfect trees that RFC 6962 makes of the lines so far, and the root after each


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def add(line):
    node, count = sha256(b"\0", line), len(roots)
    while count % 2:
        node, count = sha256(b"\1", trees.pop(), node), count // 2
    trees.append(node)
    root = trees[-1]
    for left in reversed(trees[:-1]):
        root = sha256(b"\1", left, root)
    roots.append(root)


def ask(path):
    request = urllib.request.Request(f"{url}{path}", headers={"Authorization": f"Bearer {os.environ['KSAD_TOKEN']}"})
    try:
        return urllib.request.urlopen(request, timeout=60).read()
    except urllib.error.HTTPError as error:
        if error.code == 404:  # nothing is signed yet
            return b""
        raise


async def taken(pulling, lines):
    """The next messages; those that are new go into lines. A repeat is only acknowledged."""
    try:
        messages = await pulling.fetch(500, timeout=1)
    except TimeoutError:
        return []
    for message in messages:
        at = int(message.headers["Ksad-Feed-Index"])
        assert sha256(b"\0", message.data).hex() == message.headers["Ksad-Leaf-Hash"], f"index {at} was altered"
        if at == len(roots) + len(lines):
            lines.append(message.data)
    return messages


def held(note, proven):
    """The size of a head that is signed, no older than what was proven, and fits the lines."""
    found = head_form.match(note)
    text, size, root, signature = found.groups() if found else (note, 0, b"", b"")
    try:
        VerifyKey(base64.b64decode(key)[1:]).verify(text, base64.b64decode(signature)[4:])
    except (BadSignatureError, ValueError) as error:
        raise SystemExit("not signed by the pinned key") from error
    assert int(size) >= proven, f"the log went back from {proven} to {int(size)}"
    fits = int(size) <= len(roots) and base64.b64encode(roots[int(size) - 1]) == root
    assert fits, f"an entry of [{proven}, {int(size)}) was omitted, doubled, reordered or altered"
    return int(size)


async def main():
    kept = file.with_name(f"{file.name}.checkpoint")
    with file.open("ab+") as out:
        out.seek(0)
        stored = out.read()
        out.truncate(stored.rfind(b"\n") + 1)  # half a line was being written when the process died
        for line in stored.split(b"\n")[:-1]:
            add(line)
        client = await nats.connect(my["url"], nkeys_seed_str=my["nkey_seed"], inbox_prefix=my["inbox_prefix"].encode())
        stream = client.jetstream(prefix=my["api_prefix"])
        pulling = await stream.pull_subscribe_bind(my["consumer"], stream=my["stream"])
        proven = held(kept.read_bytes(), 0) if kept.exists() else 0  # what was proven before a restart stays so
        while proven < int(*enough or [2**53]):
            lines = []
            messages = await taken(pulling, lines)
            note = await asyncio.to_thread(ask, "/checkpoint")
            found = head_form.match(note)
            size = int(found[2]) if found else 0
            if size > len(roots) and not messages:
                lines = (await asyncio.to_thread(ask, f"?after={len(roots)}")).split(b"\n")[:-1]
                assert lines, f"index {len(roots)} is missing over NATS and over HTTP"
            out.writelines(line + b"\n" for line in lines)
            out.flush()
            os.fsync(out.fileno())
            for line in lines:
                add(line)
            for message in messages:
                await message.ack()  # only what is on disk
            if not note or size > len(roots):
                continue  # nothing is signed yet, or it is on its way
            proven = held(note, proven)
            new = kept.with_name(f"{kept.name}.new")
            new.write_bytes(note)
            new.replace(kept)
        await client.close()
    root = base64.b64encode(roots[proven - 1]).decode()
    print(json.dumps({"origin": origin, "stored": len(roots), "proven": proven, "root": root}))


asyncio.run(main())
