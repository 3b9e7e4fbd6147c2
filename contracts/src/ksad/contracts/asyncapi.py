"""Generates the AsyncAPI 3.0 document of the messages on the broker from the catalogue of events.

The NATS bindings of AsyncAPI do not cover JetStream, so streams and consumers are described in the extension
``x-nats-jetstream``.
"""

from __future__ import annotations

import json
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ksad.contracts.catalogue import DECLARATIONS, Declaration, Service
from ksad.contracts.envelope import MEDIA_TYPE, SIZE_MAX
from ksad.contracts.examples import example
from ksad.contracts.positions import PATTERN, POSITION_HEADER, Position

if TYPE_CHECKING:
    from collections.abc import Iterable

LOG_STREAM = "KSAD_LOG"
FEEDS_STREAM = "KSAD_FEEDS"
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
CHECKPOINT_TYPE = "text/plain; charset=utf-8"
FEED_NOUNS = frozenset({"cooperation", "supervision", "task", "report"})
FEED_OTHERS = frozenset({"ksad.reference.boundary_changed"})
"""The kinds of stream whose events appear in province feeds, and names of others that do (``docs/feed-rule.md``)."""
FEED_ORIGIN = "ksad/contoh/feed/33"
NOTE = f"""{FEED_ORIGIN}
1
gikzGKednjNYyjrdaoJCh4nQYSpwh23J7/by23Ais0M=

— {FEED_ORIGIN} Pqojn+3fCYYmAaNxqigxMKjnSlBI7WzceVtnw7HN62o6OweRYmITxKSM+QadodbfUPPbULVpZ8yVL0FVqEcNMyLPOwA=
"""
"""A sample signed checkpoint. The key that signed it was made for this example and is not in use."""
ORIGIN_PATTERN = "ksad/[a-z0-9-]+/feed/[1-9][0-9](/[1-9][0-9]*)?"
NOTE_PATTERN = (
    rf"^{ORIGIN_PATTERN}\n[1-9][0-9]*\n[A-Za-z0-9+/]{{43}}=\n\n(— {ORIGIN_PATTERN} [A-Za-z0-9+/]+={{0,2}}\n)+$"
)
PROVINCE = {"province": {"description": "The province's code, such as 32.", "examples": ["32"]}}
LOGGED, FED = "log_", "feed_"
"""Prefixes of message names: the same event carries different headers in the log and in a feed."""

LOG_HEADERS = {
    "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The event's id; the broker drops a repeat."},
    POSITION_HEADER: {
        "type": "string",
        "pattern": f"^{PATTERN}$",
        "description": "The position its service gave it.",
    },
    "Content-Type": {"const": MEDIA_TYPE},
}
FEED_HEADERS = {
    "Nats-Msg-Id": {
        "type": "string",
        "pattern": f"^{ORIGIN_PATTERN}:(0|[1-9][0-9]*)$",
        "description": "<origin>:<index>",
    },
    "Ksad-Feed-Index": {"type": "string", "pattern": "^(0|[1-9][0-9]*)$", "description": "Dense from 0."},
    "Ksad-Leaf-Hash": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "RFC 6962 leaf hash, hex."},
    "Ksad-Origin": {"type": "string", "pattern": f"^{ORIGIN_PATTERN}$"},
    "Content-Type": {"const": MEDIA_TYPE},
}


def _message_name(declaration: Declaration) -> str:
    return declaration.type.replace(".", "_")


def _message(declaration: Declaration, schema: str, headers: dict[str, str]) -> dict[str, Any]:
    """An event as a message of one channel; ``headers`` are those of its example."""
    envelope = example(declaration)
    return {
        "name": declaration.type,
        "title": declaration.type,
        "summary": (declaration.model.__doc__ or "").strip().splitlines()[0],
        "contentType": MEDIA_TYPE,
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": f"./events/{declaration.type}.json"}},
        "headers": {"$ref": f"#/components/schemas/{schema}"},
        "examples": [{"headers": headers, "payload": json.loads(envelope.to_bytes())}],
        "x-ksad-audience": declaration.audience.value,
    }


def _logged(declaration: Declaration) -> dict[str, Any]:
    headers = {
        "Nats-Msg-Id": str(example(declaration).id),
        POSITION_HEADER: str(Position(declaration.service, 12)),
        "Content-Type": MEDIA_TYPE,
    }
    return _message(declaration, "logHeaders", headers)


def _fed(declaration: Declaration) -> dict[str, Any]:
    leaf = sha256(b"\x00" + example(declaration).to_bytes()).hexdigest()
    headers = {
        "Nats-Msg-Id": f"{FEED_ORIGIN}:0",
        "Ksad-Feed-Index": "0",
        "Ksad-Leaf-Hash": leaf,
        "Ksad-Origin": FEED_ORIGIN,
        "Content-Type": MEDIA_TYPE,
    }
    return _message(declaration, "feedHeaders", headers)


def _headers(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _references(declarations: Iterable[Declaration], prefix: str) -> dict[str, Any]:
    names = [prefix + _message_name(one) for one in declarations]
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _jetstream(stream: str, subjects: str, consumer: dict[str, Any]) -> dict[str, Any]:
    return {
        "stream": stream,
        "subjects": [subjects],
        "storage": "file",
        "retention": "limits",
        "allowAtomic": True,
        "duplicateWindowSeconds": 120,
        "maxMessageBytes": SIZE_MAX,
        "consumer": consumer,
    }


def _log_channel(service: Service) -> dict[str, Any]:
    mine = [one for one in DECLARATIONS.values() if one.service is service]
    return {
        "address": f"ksad.log.{service.value}.{{noun}}.{{event}}",
        "title": f"Facts that {service.value} decides",
        "description": "One message per event, its body the event's canonical bytes. Within the ministry only.",
        "parameters": {
            "noun": {"description": "The kind of stream.", "enum": sorted({one.noun for one in mine})},
            "event": {"description": "The event's name.", "enum": sorted({one.name.split(".")[2] for one in mine})},
        },
        "messages": _references(mine, LOGGED),
        "x-nats-jetstream": _jetstream(
            LOG_STREAM,
            "ksad.log.>",
            {"kind": "ephemeral pull", "ackPolicy": "none", "deliverPolicy": "byStartSequence"},
        ),
    }


def _feed_channel(declarations: Iterable[Declaration]) -> dict[str, Any]:
    consumer = {
        "kind": "durable pull, made by the platform",
        "name": "prov_{province}",
        "filterSubject": "ksad.feed.{province}.events",
        "apiPrefix": "JS.hub.API",
        "ackPolicy": "explicit",
        "ackWaitSeconds": 30,
        "maxAckPending": 1000,
        "deliverPolicy": "all",
    }
    return {
        "address": "ksad.feed.{province}.events",
        "title": "What concerns one province",
        "description": "The event bytes verbatim, in the order of delivery; the index is dense from 0.",
        "parameters": PROVINCE,
        "messages": _references(declarations, FED),
        "x-nats-jetstream": _jetstream(FEEDS_STREAM, "ksad.feed.>", consumer),
    }


CHECKPOINT_CHANNEL: dict[str, Any] = {
    "address": "ksad.checkpoint.{province}",
    "title": "Signed heads of a province's feed",
    "description": "Told about once a second while the feed grows, to whoever listens: no stream keeps them. The newest"
    " one is always at GET /feeds/{province}/checkpoint.",
    "parameters": PROVINCE,
    "messages": {"checkpoint": {"$ref": "#/components/messages/checkpoint"}},
}
NATIONAL_CHANNEL: dict[str, Any] = {
    "address": "ksad.checkpoint.national",
    "title": "Signed heads of the national log",
    "description": "Told about once a second while the log grows; every province may listen and keep them, and so is a"
    " witness of what was signed. The newest one is always at GET /checkpoint.",
    "messages": {"checkpoint": {"$ref": "#/components/messages/checkpoint"}},
}
CHECKPOINT: dict[str, Any] = {
    "name": "checkpoint",
    "title": "A signed checkpoint",
    "summary": "A C2SP tlog-checkpoint in a signed note: origin, size, root in Base64, an empty line, signatures.",
    "contentType": CHECKPOINT_TYPE,
    "headers": {"type": "object", "description": "None are sent."},
    "payload": {"type": "string", "pattern": NOTE_PATTERN},
    "examples": [{"headers": {}, "payload": NOTE}],
}


SERVER: dict[str, Any] = {
    "host": "{host}",
    "protocol": "nats",
    "title": "The ministry's broker",
    "description": "A province connects with its own key and inbox prefix, and finds its consumer there: NN.json has"
    " all of it. The same feed is served over HTTP (openapi/reporting.json, GET /feeds/{province}).",
    "variables": {
        "host": {
            "description": "Host and port, as in the field url of NN.json, without nats:// before them.",
            "examples": ["umpan.kemendagri.example:4222"],
        }
    },
    "security": [{"$ref": "#/components/securitySchemes/nkey"}],
}
NKEY: dict[str, Any] = {
    "type": "asymmetricEncryption",
    "description": "NKey: the server sends a challenge, and the client signs it with the Ed25519 key whose seed is in"
    " NN.json (nkey_seed). It opens one province's feed and nothing else.",
}


def document() -> dict[str, Any]:
    """The AsyncAPI document as JSON-compatible data."""
    declarations = list(DECLARATIONS.values())
    fed = [one for one in declarations if one.noun in FEED_NOUNS or one.name in FEED_OTHERS]
    channels: dict[str, Any] = {f"log_{service.value}": _log_channel(service) for service in Service}
    channels["feed"] = _feed_channel(fed)
    channels["checkpoint"] = CHECKPOINT_CHANNEL
    channels["national"] = NATIONAL_CHANNEL
    messages = {LOGGED + _message_name(one): _logged(one) for one in declarations}
    messages |= {FED + _message_name(one): _fed(one) for one in fed}
    messages["checkpoint"] = CHECKPOINT
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "KSAD events",
            "version": version("ksad-contracts"),
            "description": "Facts of inter-regional cooperation under Permendagri 23/2009, as CloudEvents 1.0 in"
            " structured mode. JSON Schemas of the events lie beside this document.",
        },
        "defaultContentType": MEDIA_TYPE,
        "servers": {"broker": SERVER},
        "channels": channels,
        "operations": {
            name: {"action": "send", "channel": {"$ref": f"#/channels/{name}"}, "summary": channel["title"]}
            for name, channel in channels.items()
        },
        "components": {
            "messages": messages,
            "schemas": {"logHeaders": _headers(LOG_HEADERS), "feedHeaders": _headers(FEED_HEADERS)},
            "securitySchemes": {"nkey": NKEY},
        },
    }
