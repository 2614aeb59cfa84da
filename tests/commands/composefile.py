"""What the compose specification allows, of the parts that photostore writes (compose-spec.io)."""

from __future__ import annotations

import jsonschema
import yaml

TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT, "uniqueItems": True}
DURATION = {"type": "string", "pattern": r"^\d+(ms|s|m|h)$"}


def closed(required: tuple[str, ...], **properties: dict) -> dict:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


BIND = closed((), create_host_path={"type": "boolean"})
VOLUME = closed(
    ("type", "source", "target"),
    type={"const": "bind"},
    source={"type": "string", "pattern": "^/"},
    target={"type": "string", "pattern": "^/"},
    read_only={"type": "boolean"},
    bind=BIND,
)
SERVICE = closed(
    ("image", "volumes"),
    image=TEXT,
    container_name={"type": "string", "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]+$"},
    restart={"enum": ["no", "always", "on-failure", "unless-stopped"]},
    stop_grace_period=DURATION,
    user={"type": "string", "pattern": r"^\d+:\d+$"},
    read_only={"type": "boolean"},
    tmpfs=TEXTS,
    cap_drop=TEXTS,
    security_opt=TEXTS,
    # A number, or a word such as yes, that is not in quotes would come as something else.
    environment={"type": "object", "additionalProperties": {"type": "string"}},
    ports={
        "type": "array",
        "items": {"type": "string", "pattern": r"^([\d.]+:)?\d{1,5}:\d{1,5}$"},
    },
    volumes={"type": "array", "items": VOLUME, "minItems": 1},
)
SCHEMA = closed(
    ("name", "services"),
    name={"type": "string", "pattern": "^[a-z0-9][a-z0-9_-]*$"},
    services={"type": "object", "additionalProperties": SERVICE, "minProperties": 1},
)


def service_of(text: str) -> dict:
    """The one service of a compose file that is as the specification wants it."""
    document = yaml.safe_load(text)
    jsonschema.validate(document, SCHEMA)
    (service,) = document["services"].values()
    return service
