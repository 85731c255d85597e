# SPDX-License-Identifier: MIT
"""Formats all C files, and tells editors how each of them is compiled.

--format runs clang-format on all C files. --commands writes
compile_commands.json (LLVM, "JSON Compilation Database Format Specification");
a file that several programs compile has the flags that lint checks it with.
"""

import json
import subprocess

from lethe import cli
from lethe.lint import run as lint
from lethe.project import ROOT
from lethe.sources import Flags, NOT_C, walk


def commands(build):
    flags = Flags(build)
    return [{"directory": str(ROOT), "file": str(path),
             "arguments": ["gcc", *flags.of(path), "-c", str(path)]}
            for path in walk()
            if path.suffix in (".c", ".S") and path.parts[0] != NOT_C]


def form():
    left_out = lint.other_versions().get(lint.form)
    if left_out:
        raise cli.Wrong(left_out)
    files = [str(path) for path in walk()
             if path.suffix in (".c", ".h") and path.parts[0] != NOT_C]
    subprocess.run(["clang-format", "-i", *files], cwd=ROOT, check=True)
    print(f"format: {len(files)} files")


def main():
    parser = cli.Parser("editor", __doc__, build=True)
    parser.add_argument("--format", action="store_true")
    parser.add_argument("--commands", metavar="FILE")
    args = parser.parse_args()
    if args.format:
        form()
    if args.commands:
        found = commands(args.build)
        (ROOT / args.commands).write_text(json.dumps(found, indent=1) + "\n")
        print(f"{args.commands}: {len(found)} files")


if __name__ == "__main__":
    cli.main("editor", main)
