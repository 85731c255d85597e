# SPDX-License-Identifier: MIT
"""The records of a trace dump that a console has printed, by lethe-trace."""

import dataclasses
import json
import subprocess

from lethe import cli


@dataclasses.dataclass(frozen=True)
class Record:
    """One record: `vp` is the VP that was current on `cpu`, as in `guest:1`;
    `fields` are those of include/trace.toml, None where not known."""

    tsc: int
    cpu: int
    vp: str
    event: str
    fields: dict

    def __getitem__(self, name):
        return self.fields[name]


def read(build, text):
    """All records of the last dump in `text`, by time. A dump that is not whole
    is an error, and so is one that a ring has overwritten: `trace clear` at the
    begin says from where on the records count."""
    tool = build.folder / "lethe-trace/lethe-trace"
    build.require(tool)
    done = subprocess.run([tool, "jsonl", "-"], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode != 0:
        raise cli.Wrong(f"expected a whole dump, lethe-trace says: "
                        f"{done.stderr.strip()}")
    found = (json.loads(line) for line in done.stdout.splitlines())
    return [Record(one["tsc"], one["cpu"], one["vp"], one["event"],
                   one["fields"]) for one in found]
