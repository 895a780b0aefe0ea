"""The command line: one group, its commands imported only when they are called.

Data goes to standard output, everything else to standard error. A command is a module `dl_lit/cli/NAME.py` with a click
command called `command`, which returns its exit code, or None for 0. What goes wrong in an expected way is raised as a
`DlLitError` and becomes one line and its exit code here.
"""

from __future__ import annotations

import gc
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click
from click.shell_completion import CompletionItem

from dl_lit import __version__
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options
from dl_lit.cli.origin import SUCCESSORS
from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.runtime.signals import DAEMONS, mind_no_more, terminated_like_interrupted

INTERRUPTED = 130
"""Exit code after SIGINT or SIGTERM: 128 + 2, as shells have it."""

READER_GONE = 141
"""Exit code when the reader of our output has gone: 128 + SIGPIPE, as shells have it."""

COMMANDS: dict[str, tuple[tuple[str, str], ...]] = {
    "Fetch what PDFs cite": (
        ("process-pdf-concurrent", "Fetch every work that one PDF cites."),
        ("process-folder-concurrent", "Fetch every work that the PDFs of a folder cite."),
        ("watch-folder-concurrent", "Do so for every PDF that appears in a folder, until stopped."),
        ("work", "Work some or all stages of an existing database, until stopped."),
        ("extract", "Print the bibliography of PDFs; no network, no database."),
        ("compare", "Compare our reading of PDFs with a GROBID server's."),
        ("hand-in", "Give PDFs you got yourself to the works that wait for them."),
        ("import-bib", "Add the entries of BibTeX, RIS or CSL-JSON files, and their PDFs."),
        ("import-list", "Add works by their identifiers or titles, one in a line."),
        ("keyword-search", "Search OpenAlex for works by words, and fetch them if wished."),
        ("run-pipeline", "Work on everything that waits, until nothing is left."),
        ("corpus", "Read and match corpora of any size, here or on a cluster."),
        ("import-metadata", "Index dumps of metadata, to be asked before any service."),
        ("demo", "See the whole pipeline work on made-up papers, without internet."),
    ),
    "See what came of it": (
        ("status", "Show how much is where."),
        ("explain", "Tell the whole story of one source, entry or work."),
        ("inspect-tables", "Print rows of the database's tables."),
        ("runs", "List what was run, with which settings, and how it ended."),
        ("run-bundle", "Pack a run so that it can be done again without any network."),
        ("run-replay", "Do a packed run again, and tell what came out otherwise."),
        ("prisma", "Count what was identified, retrieved and proven, for a review."),
        ("report", "Write the library, or sources, as pages to read and print."),
        ("export", "Write what was found as BibTeX, RIS, CSL-JSON and more."),
        ("zotero", "Push what was found into a Zotero library, PDFs included."),
        ("bibliography", "Print a source's list of references in a citation style."),
        ("keys", "List the citation keys of works, or change them."),
        ("missing", "List the works without a PDF, why, and where to ask for them."),
        ("ledger", "Tell what left this machine: hosts, requests, bytes, when."),
        ("tail", "Follow what a running dl-lit does."),
        ("metrics", "Print the metrics once, as Prometheus reads them."),
        ("serve", "Show the dashboard in a browser."),
    ),
    "Keep it in order": (
        ("pause", "Let stages take no more work."),
        ("resume", "Let paused stages go on."),
        ("pin", "Put sources, entries and works before everything else."),
        ("unpin", "Let pinned ones wait their turn again."),
        ("retry", "Put failed items back to work."),
        ("recheck", "Look again for what could not be had, and for better versions."),
        ("review", "Decide on entries that no record was proven for."),
        ("merges", "List which works were taken for one, and on what."),
        ("unmerge", "Make two works again of what was taken for one."),
        ("undo", "Take back what was changed by hand, as far as nothing came of it."),
        ("doctor", "Check installation, settings, database and library."),
        ("backup", "Copy the database, and the library if wished, while all goes on."),
        ("restore", "Put a backup in the place of the database."),
        ("notify", "Show who is told when a batch ends or trouble begins, and try it."),
        ("config", "Show every setting, its value and who set it."),
        ("llm", "Show which language model is asked, and what it took."),
        ("cache", "Show what is remembered of services' answers, or forget it."),
        ("completion", "Print the script that completes commands in a shell."),
        ("man", "Print the manual page."),
        ("init-db", "Create the database, or bring it up to date."),
    ),
    "By older names, and for single steps": (
        ("process-pdf", "The same as process-pdf-concurrent."),
        ("process-folder", "A folder once, or watched (--watch)."),
        ("extract-bib-pages", "Cut the pages with lists of references out of PDFs."),
        ("enrich-openalex", "Recognise the references of a JSON file; no database."),
        ("add-to-no-metadata", "Add the references of a JSON file."),
        ("export-bibtex", "Write the library as BibTeX."),
        ("merge-log", "List merges and duplicates, the newest first."),
        ("show-sample", "Print a few rows of every table."),
        ("retry-failed-enrichments", "Put all entries that were not recognised back to work."),
        ("retry-failed-downloads", "Put all works without a PDF back to work."),
    ),
}
"""Every command with its line of help, in the order of `dl-lit --help`."""

_EPILOG = """\b
Examples:
  dl-lit demo                                  everything at once, without internet
  dl-lit process-pdf-concurrent paper.pdf      fetch what one paper cites
  dl-lit watch-folder-concurrent ~/inbox       keep doing so for a folder
  dl-lit explain 12                            what became of an entry, and why

\b
Exit codes: 0 all done, 1 error, 2 usage, 3 finished but some items failed,
4 another dl-lit has the database, 5 budget exhausted and will resume,
6 needs configuration, 130 interrupted.
"""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """All names, in the order of the help."""
        return [name for commands in COMMANDS.values() for name, _ in commands]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported; None where there is none of that name."""
        if cmd_name not in DAEMONS:
            mind_no_more()
        if cmd_name not in self.list_commands(ctx):
            return None
        command = import_module(f"dl_lit.cli.{cmd_name.replace('-', '_')}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"dl_lit.cli.{cmd_name}: `command` is no click command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command; for one that has another name now, `BadInput` with that."""
        if args and args[0] in SUCCESSORS:
            raise BadInput(f"there is no {args[0]} any more: {SUCCESSORS[args[0]]}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as above
        """Write the commands into the help, from the table alone."""
        for heading, commands in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl(commands)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete names and options, from the table alone."""
        names = [
            CompletionItem(name, help=line)
            for commands in COMMANDS.values()
            for name, line in commands
            if name.startswith(incomplete)
        ]
        return [*names, *click.Command.shell_complete(self, ctx, incomplete)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn how it ends into an exit code."""
        try:
            with terminated_like_interrupted():
                code = super().invoke(ctx)
            if sys.stdout is not None:
                sys.stdout.flush()
        except DlLitError as error:
            say(str(error))
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            say("interrupted")
            code = INTERRUPTED
        except BrokenPipeError:
            _drop_standard_output()
            code = READER_GONE
        except OSError as error:
            if not _is_of_standard_output(error):
                raise
            _drop_standard_output()
            say(f"cannot write standard output: {error.strerror}")
            code = DlLitError.exit_code
        ctx.exit(code if isinstance(code, int) else 0)


def _is_of_standard_output(error: OSError) -> bool:
    """Whether it was standard output that could not be written (errors of files name the file)."""
    if error.filename is not None:
        return False
    codes = {frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)}
    if click.echo.__code__ in codes:
        return True
    try:
        sys.stdout.flush()
    except OSError as again:
        return again.errno == error.errno
    return False


def _drop_standard_output() -> None:
    """Send the rest nowhere: the interpreter must not stumble over its buffer when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(message: str) -> None:
    """Write one line to standard error; control characters, which may come from anywhere, are made visible."""
    line = "".join(char if char.isprintable() else f"\\x{ord(char):02x}" for char in " ".join(message.splitlines()))
    click.echo(f"dl-lit: {line}", err=True)


@click.group(
    cls=LazyGroup,
    epilog=_EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="dl-lit", message="%(prog)s %(version)s")
@common_options
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Fetch the lawfully open PDF of every work that your PDFs cite, with a reason for each one that is missing."""
    ctx.ensure_object(Invocation)
    if os.environ.get("NO_COLOR"):
        ctx.color = False


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command line with `args` (the process's own unless given) and end the process."""
    gc.set_threshold(200_000)  # what is imported stays: to look for rubbish among it took a tenth of every start
    cli.main(args=args, prog_name="dl-lit")
    raise AssertionError("click ends the process itself")
