# SPDX-License-Identifier: MIT
"""Documents that a module writes whole or in part from results: `files` is
{path: text}, as the module makes it."""

from lethe import cli
from lethe.project import ROOT


def differing(files, module):
    """What is wrong, for lint/run.py."""
    return [f"{path.relative_to(ROOT)}: differs from what "
            f"`{cli.command(module)}` writes: run it"
            for path, text in files.items()
            if not path.exists() or path.read_text() != text]


def run(name, doc, files, check):
    """The command line of such a module: writes, or with --check prints what
    check() finds. Returns the exit status."""
    parser = cli.Parser(name, doc)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.check:
        found = check()
        print("\n".join(found))
        return 1 if found else 0
    for path, text in files().items():
        path.write_text(text)
    return 0
