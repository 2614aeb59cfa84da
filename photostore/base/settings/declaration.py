"""What a setting is: its name, type, default, scope, and where a value can come from.

Declares nothing itself (`table` does) and reads nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from photostore.base.settings.values import ValueType

T = TypeVar("T")


class Scope(StrEnum):
    """Where a setting lives (SPEC 3.2): with this computer, or with the library it travels with."""

    SYSTEM = "system"
    LIBRARY = "library"


class Source(StrEnum):
    """Where a value came from, strongest first (SPEC 3.3)."""

    CLI = "command line"
    ENV = "environment"
    VALUE_FILE = "file named in the environment"
    ENV_FILE = "env file"
    TOML = "settings file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from; `where` names the variable, file or reason, or is empty."""

    source: Source
    where: str = ""

    @property
    def is_fixed(self) -> bool:
        """True if the settings page cannot change the value: it is set outside of TOML."""
        return self.source not in {Source.TOML, Source.DEFAULT}


@dataclass(frozen=True, slots=True)
class Topic:
    """A heading in the settings file and page. `in_toml` is false where a file cannot set it."""

    title: str
    scope: Scope
    in_toml: bool = True


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting as declared. `aliases` are more names of environment variables for it."""

    name: str
    topic: Topic
    type: ValueType[Any]
    default: Any
    description: str
    aliases: tuple[str, ...] = ()
    container_default: Any = None
    secret: bool = False

    @property
    def scope(self) -> Scope:
        """Whether it belongs to this computer or to the library."""
        return self.topic.scope

    @property
    def env_name(self) -> str:
        """The name of its environment variable, `PS_HTTP_PORT` for `http_port`."""
        return f"PS_{self.name.upper()}"

    @property
    def env_names(self) -> tuple[str, ...]:
        """Each environment variable that sets it, the first one that is set wins."""
        return (self.env_name, *self.aliases)

    def show(self, value: object) -> str:
        """Return the value as text for logs and pages; a secret's is never shown."""
        return "***" if self.secret and value else self.type.show(value)


@dataclass(frozen=True, slots=True)
class Declaring:
    """Calling it declares a setting below its topic."""

    topic: Topic

    def __call__(
        self,
        kind: ValueType[T],
        default: T,
        description: str,
        *,
        aliases: tuple[str, ...] = (),
        in_container: T | None = None,
        secret: bool = False,
    ) -> T:
        """Declare one setting; `in_container` is its default in a container, if another."""
        setting = Setting("", self.topic, kind, default, description, aliases, in_container, secret)
        # The type checker sees the value, the dataclass the field.
        return field(default=default, metadata={"setting": setting})


def declare(title: str, scope: Scope, *, in_toml: bool = True) -> Declaring:
    """Return what declares settings under the heading `title`."""
    return Declaring(Topic(title, scope, in_toml))
