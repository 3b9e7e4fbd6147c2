"""The AsyncAPI 3.0 document of everything that travels over the broker, generated from the catalogue of events.

NATS bindings of AsyncAPI know no JetStream, so its facts stand under ``x-nats-jetstream``.
"""

from __future__ import annotations

from typing import Any

from contracts.catalogue import DECLARATIONS, Declaration, Service
from contracts.envelope import MEDIA_TYPE, SIZE_MAX

LOG_STREAM = "KSAD_LOG"
FEEDS_STREAM = "KSAD_FEEDS"
SCHEMA_FORMAT = "application/schema+json;version=draft-2020-12"
CHECKPOINT_TYPE = "text/plain; charset=utf-8"

LOG_HEADERS = {
    "Nats-Msg-Id": {"type": "string", "format": "uuid", "description": "The event's id; the broker drops a repeat."},
    "Ksad-Position": {
        "type": "string",
        "pattern": "^(registry|supervision|reporting):[1-9][0-9]*$",
        "description": "The position its service gave it.",
    },
    "Content-Type": {"const": MEDIA_TYPE},
}
FEED_HEADERS = {
    "Nats-Msg-Id": {"type": "string", "description": "<origin>:<index>"},
    "Ksad-Feed-Index": {"type": "string", "pattern": "^(0|[1-9][0-9]*)$", "description": "Dense from 0."},
    "Ksad-Leaf-Hash": {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "RFC 6962 leaf hash, hex."},
    "Ksad-Origin": {"type": "string", "pattern": "^ksad/[a-z0-9-]+/feed/[1-9][0-9]$"},
    "Content-Type": {"const": MEDIA_TYPE},
}


def _message_name(declaration: Declaration) -> str:
    return declaration.type.replace(".", "_")


def _message(declaration: Declaration) -> dict[str, Any]:
    return {
        "name": declaration.type,
        "title": declaration.type,
        "summary": (declaration.model.__doc__ or "").strip().splitlines()[0],
        "contentType": MEDIA_TYPE,
        "payload": {"schemaFormat": SCHEMA_FORMAT, "schema": {"$ref": f"./events/{declaration.type}.json"}},
        "headers": {"$ref": "#/components/schemas/logHeaders"},
        "x-ksad-audience": declaration.audience.value,
    }


def _headers(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _jetstream(stream: str, *, consumer: str) -> dict[str, Any]:
    return {
        "stream": stream,
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
        "messages": {_message_name(one): {"$ref": f"#/components/messages/{_message_name(one)}"} for one in mine},
        "x-nats-jetstream": _jetstream(LOG_STREAM, consumer="ephemeral pull, ack none, by start sequence"),
    }


def document() -> dict[str, Any]:
    """The whole document."""
    declarations = list(DECLARATIONS.values())
    province = {"province": {"description": "The province's code, such as 32.", "examples": ["32"]}}
    feed_messages = {
        _message_name(one): {"$ref": f"#/components/messages/{_message_name(one)}"} for one in declarations
    }
    channels: dict[str, Any] = {f"log_{service.value}": _log_channel(service) for service in Service}
    channels["feed"] = {
        "address": "ksad.feed.{province}.events",
        "title": "What concerns one province",
        "description": "The event bytes verbatim, in the order of delivery; the index is dense from 0.",
        "parameters": province,
        "messages": feed_messages,
        "x-ksad-headers": {"$ref": "#/components/schemas/feedHeaders"},
        "x-nats-jetstream": _jetstream(FEEDS_STREAM, consumer="one durable pull consumer per province, explicit ack"),
    }
    channels["checkpoint"] = {
        "address": "ksad.checkpoint.{province}",
        "title": "Signed heads of a province's feed",
        "description": "A C2SP tlog-checkpoint in a signed note.",
        "parameters": province,
        "messages": {"checkpoint": {"$ref": "#/components/messages/checkpoint"}},
    }
    messages = {_message_name(one): _message(one) for one in declarations}
    messages["checkpoint"] = {
        "name": "checkpoint",
        "title": "A signed checkpoint",
        "contentType": CHECKPOINT_TYPE,
        "payload": {"type": "string"},
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "KSAD events",
            "version": "1.0.0",
            "description": "Facts of inter-regional cooperation under Permendagri 23/2009, as CloudEvents 1.0 in"
            " structured mode. JSON Schemas of the events lie beside this document.",
        },
        "defaultContentType": MEDIA_TYPE,
        "channels": channels,
        "operations": {
            name: {"action": "send", "channel": {"$ref": f"#/channels/{name}"}, "summary": channel["title"]}
            for name, channel in channels.items()
        },
        "components": {
            "messages": messages,
            "schemas": {"logHeaders": _headers(LOG_HEADERS), "feedHeaders": _headers(FEED_HEADERS)},
        },
    }
