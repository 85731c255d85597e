# SPDX-License-Identifier: MIT
"""The console's commands start, stop and restart, over the line of a machine
under Bochs: two partitions, one of which sleeps with a VP suspended.

The last line is `N passed, N failed`.
"""

from lethe import cli
from lethe.console_tests.line import Line, Silent
from lethe.machine import image

CONFIG = """
[hypervisor]
poweroff = 0x8900:0x44
at-end = console
[partition a]
image = guest.elf
vps = 2
memory = 8M
privileges = all
test-calls = yes
cmdline = suite=life cpus=2 overcommit=1
[partition b]
image = guest.elf
vps = 3
memory = 8M
privileges = all
test-calls = yes
cmdline = suite=inhibit-dead cpus=3 overcommit=1
"""

A_ENDS = r"^\[\d\] a: stopped code=0 reason=debug-exit$"
B_SLEEPS = r"^\[\d\] b: all VPs sleep"

# Command, what its answer has, what the console says then
STEPS = (
    ("ps", r"^a: stopped .* life=1 code=0[\s\S]*^b: running .* life=1", ""),
    ("stop b", r"^b: stops$", r"^\[\d\] b: stopped code=0 reason=console$"),
    ("stop b", r"^b: refused: the partition does not run$", ""),
    ("x b:0x9000 16", r"(ed fe ad de ?[ -]?){4}", ""),  # overwritten
    # while its memory is being overwritten, and with nobody left who runs
    ("start b", r"^b: starts$", r"^\[\d\] b: started life=2$"),
    ("start b", r"^b: refused: the partition runs$", B_SLEEPS),
    # with a VP suspended
    ("restart b", r"^b: starts again$", r"^\[\d\] b: started life=3$"),
    ("start a", r"^a: starts$", r"^\[\d\] a: started life=2$"),
    # a finds nothing of its first life: its suite would fail
    ("ps", r"^a: running .* life=2$[\s\S]*^b: running .* life=3$", A_ENDS),
    ("start", r"expected", ""),
    ("stop c", r"expected", ""),
)


def run(line):
    """The steps that failed, as texts."""
    line.expect(A_ENDS)
    line.send("\r")
    line.expect("lethe> ")
    for command, wanted, then in STEPS:
        line.send(command + "\r")
        line.expect(wanted)
        if then:
            line.expect(then)
    wrong = [text for text in ("not ok", "panic") if text in line.text]
    return [f"expected no `{text}`, found one" for text in wrong]


def main():
    parser = cli.Parser("console_tests.life", __doc__, build=True)
    build = image.Build(parser.parse_args().build)
    with build.run_folder("console-life") as place:
        def command_for(com1):
            return image.command(build, place.path, "rom", CONFIG, 2, com1=com1)

        with Line(command_for, place.path) as line:
            try:
                failed = run(line)
            except Silent as error:
                failed = [str(error)]
    for text in failed:
        print(text)
    print(f"{len(STEPS) if not failed else 0} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    cli.main("console_tests.life", main)
