"""Reads settings from the environment (prefix ``KSAD_``), from files it points to, and from systemd's credentials."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from pydantic import ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

PREFIX = "KSAD_"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
"""The variable in which systemd names the folder of a unit's credentials (``LoadCredential=``)."""


class RefusedSettingError(ValueError):
    """A setting with which the platform could lose or forge facts; the message says what to set instead."""


class SecretFiles(PydanticBaseSettingsSource):
    """Values that stand in files, so that a listing of the environment shows no secret.

    ``KSAD_DATABASE_URL_FILE`` names a file with the value of ``KSAD_DATABASE_URL``. A credential of systemd that is
    called ``KSAD_DATABASE_URL`` has the value, too; one that is called like a setting which is a file itself, such as
    ``KSAD_TLS_KEY_FILE``, is that file.
    """

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """The value of one field, the name of its variable, and that it is no JSON.

        :raises RefusedSettingError: a file cannot be read, or the setting is given in two ways.
        """
        del field
        variable = f"{PREFIX}{field_name.upper()}"
        is_file = field_name.endswith("_file")
        # ``KSAD_CLOCK_FILE`` is a setting of its own, and no file with the value of ``KSAD_CLOCK``.
        has_file = is_file or f"{field_name}_file" in self.settings_cls.model_fields
        named = None if has_file else os.environ.get(f"{variable}_FILE")
        folder = os.environ.get(CREDENTIALS)
        credential = None if folder is None else Path(folder, variable)
        if credential is not None and not credential.exists():
            credential = None
        given = [
            name
            for name, is_given in (
                (variable, variable in os.environ),
                (f"{variable}_FILE", named is not None),
                (f"the credential {variable}", credential is not None),
            )
            if is_given
        ]
        if len(given) > 1:
            raise RefusedSettingError(f"{variable} is given by {' and by '.join(given)}: keep one of them")
        if named is not None:
            return _content(Path(named), given[0]), variable, False
        if credential is None:
            return None, variable, False
        return str(credential) if is_file else _content(credential, given[0]), variable, False

    def __call__(self) -> dict[str, Any]:
        """The values of all fields that have one in a file."""
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _content(path: Path, name: str) -> str:
    try:
        text = path.read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise RefusedSettingError(
            f"{name}: {path} cannot be read by this user ({type(error).__name__}): put the value there, readable by "
            "the user of the service only"
        ) from None
    if not text:
        raise RefusedSettingError(f"{name}: {path} is empty: put the value there")
    return text


class EnvironmentSettings(BaseSettings):
    """Settings that are read from the environment and from the files of :class:`SecretFiles`."""

    # Of the models that build upon one another, a program builds the one that it reads its settings with.
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True
    )
    # A database address may contain a password, which must not be written to a log.

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Where values come from, the first of them first; no setting may come from two places."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, SecretFiles(settings_cls)

    @classmethod
    def from_environment(cls) -> Self:
        """Reads the settings from the environment.

        :raises SystemExit: settings are missing, malformed or refused; one line for each.
        """
        try:
            return cls()
        except ValidationError as error:
            faults = [
                f"{'.'.join(['KSAD', *map(str, one['loc'])]).replace('.', '_').upper()}: {one['msg']}"
                if one["loc"]
                else one["msg"]
                for one in error.errors(include_url=False, include_input=False)
            ]
            sys.exit("\n".join(faults))
        except RefusedSettingError as error:
            sys.exit(str(error))
