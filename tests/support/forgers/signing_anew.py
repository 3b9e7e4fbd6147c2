"""What a forger makes anew who owns keys: anchors, tiles, heads and positions that fit other leaves."""

import re
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import orjson

from ksad.audit.checks.concerns import Concerns
from ksad.audit.checks.form import Form
from ksad.audit.checks.membership import Membership
from ksad.contracts import canonical
from ksad.ledger.archive import archive
from ksad.ledger.log.checkpoint import Checkpoint
from ksad.ledger.log.claimed import claimed
from ksad.ledger.log.tree import Frontier, TreeHead, leaf_hash
from ksad.reporting.checkpoints.keys import load_key
from ksad.reporting.checkpoints.signing import SigningKey, sign_checkpoint
from ksad.reporting.checkpoints.tile_folder import TileFolder

SERVICES = ("registry", "supervision", "reporting")
SOURCE = re.compile(rb'"source":"urn:ksad:[a-z0-9-]+:(registry|supervision|reporting)"')


def positions(leaves: Sequence[bytes]) -> list[bytes]:
    """A position for each leaf, as if each service had numbered its facts without a gap."""
    numbers, found = dict.fromkeys(SERVICES, 0), list[bytes]()
    for raw in leaves:
        service = SOURCE.search(raw)
        name = "registry" if service is None else service[1].decode()
        numbers[name] += 1
        found.append(f"{name}:{numbers[name]}".encode())
    return found


def anchored_anew(leaves: list[bytes]) -> list[bytes]:
    """The leaves with anchors that fit what the feeds then had to contain, as a careful forger writes them."""
    selected, fitting = Membership(), list[bytes]()
    for index, raw in enumerate(leaves):
        event = orjson.loads(raw)
        for head in event["data"].get("heads", []):
            feed = list(selected.feeds().get(head["province"], ()))[: head["size"]]
            head |= {"size": len(feed), "root": feed_head(fitting, feed).root.hex()}
        fitting.append(canonical.encode(event))
        take(selected, index, fitting[-1])
    return fitting


def take(selected: Membership, index: int, raw: bytes) -> None:
    """Select for one leaf."""
    concerns = Concerns()
    _, leaves = Form().take(index, raw + b"\n")
    concerns.take(leaves)
    selected.take(concerns)


def feed_head(leaves: Sequence[bytes], feed: Iterable[int]) -> TreeHead:
    """The head of a feed of these leaves."""
    return Frontier.empty().extended(leaf_hash(leaves[index]) for index in feed).head()


def put_head(data: Path, province: str, note: bytes) -> None:
    """Put another head of a feed into the data of an archive, and its size into the manifest."""
    (data / "feeds" / province / "checkpoint").write_bytes(note)
    manifest = archive.read_manifest(data)
    archive.write_manifest(data, manifest._replace(feeds={**manifest.feeds, province: claimed(note).size}))


def head_of(leaves: list[bytes], key: SigningKey) -> bytes:
    """A signed head of these leaves."""
    return sign_checkpoint(Checkpoint(key.name, *feed_head(leaves, range(len(leaves)))), key)


def sign_anew(data: Path, leaves: list[bytes], key: SigningKey, keys_dir: Path | None) -> None:
    """Make tiles and head of the log for these leaves, and with the folder of keys the heads of its feeds."""
    shutil.rmtree(data / "log")
    (data / "log").mkdir()
    tree = TileFolder(data / "log").append(0, leaves, bundles=False)
    head = Checkpoint(key.name, *tree.head())
    (data / "log" / "checkpoint").write_bytes(sign_checkpoint(head, key))
    manifest = archive.read_manifest(data)._replace(size=head.size, root=head.root.hex())
    archive.write_manifest(data, manifest)
    if keys_dir is None:
        return
    sizes = {}
    selected = Membership()
    for index, raw in enumerate(leaves):
        take(selected, index, raw)
    for province in manifest.feeds:
        own = load_key(keys_dir / "logs" / f"feed-{province}.key")
        head = Checkpoint(own.name, *feed_head(leaves, selected.feeds().get(province, ())))
        (data / "feeds" / province / "checkpoint").write_bytes(sign_checkpoint(head, own))
        sizes[province] = head.size
    archive.write_manifest(data, manifest._replace(feeds=sizes))
