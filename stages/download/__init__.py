"""Download: from a work's open-access locations to its PDF in the library, or to why there is none."""

from stages.download.stage import DownloadStage
from stages.download.way import Tools

__all__ = ["DownloadStage", "Tools"]
