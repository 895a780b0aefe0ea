"""What the options of one call say, kept for the command; settings are read only when it asks for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dl_lit.settings import Loaded, Settings


def usual_log_file(settings: Settings) -> Path:
    """Where a run logs whose terminal shows progress instead, unless log.file names another file."""
    return settings.state_folder / "dl-lit.log"


@dataclass(slots=True)
class Invocation:
    """One call of dl-lit. Commands get it with `@click.pass_obj`."""

    config: Path | None = None  # --config
    options: dict[str, tuple[str, object]] = field(default_factory=dict)  # setting name: option as typed, value
    _loaded: Loaded | None = None

    def set(self, name: str, option: str, value: object) -> None:
        """Note that `option` sets the setting `name`; the last one to say so counts."""
        self.options[name] = (option, value)
        self._loaded = None

    def unset(self, name: str) -> None:
        """Take back what `set` said of the setting `name`."""
        self.options.pop(name, None)
        self._loaded = None

    def load(self) -> Loaded:
        """The settings with their origins, read once. Raises `NeedsConfiguration` or `BadInput`."""
        if self._loaded is None:
            from dl_lit.settings import load  # noqa: PLC0415 - brings msgspec, which --help need not pay for

            self._loaded = load(config=self.config, options=self.options)
        return self._loaded

    def reload(self) -> Loaded:
        """The settings read anew, which changes nothing here. Raises as `load`."""
        from dl_lit.settings import load  # noqa: PLC0415 - as above

        return load(config=self.config, options=self.options)

    def log_by(self, loaded: Loaded) -> None:
        """Go by other settings from now on, and log as they say; where `start_logging` raises, all is as it was."""
        before, self._loaded = self._loaded, loaded
        try:
            self.start_logging()
        except BaseException:
            self._loaded = before
            raise

    @property
    def settings(self) -> Settings:
        """The settings, read once. Raises as `load`."""
        return self.load().settings

    def start_logging(self, *, warnings_only: bool = False) -> None:
        """Log from now on as the settings say, with every key and the contact address blotted out."""
        from dl_lit import logs  # noqa: PLC0415 - brings structlog, which most commands need not pay for
        from dl_lit.core.database_address import secrets_of  # noqa: PLC0415

        settings = self.settings
        logs.configure(
            level="warning" if warnings_only and settings.log.level != "error" else settings.log.level,
            form=settings.log.format,
            file=settings.log.file,
            file_mb=settings.log.file_mb,
            files_kept=settings.log.files_kept,
            secrets=[
                settings.contact_email,
                *secrets_of(settings.database),
                *(service.key for service in settings.services.values()),
                *settings.access.secrets,
                *settings.notify.secrets,
                *settings.llm.secrets,
                *settings.zotero.secrets,
                settings.serve.token,
                *settings.metrics.secrets,
            ],
        )
