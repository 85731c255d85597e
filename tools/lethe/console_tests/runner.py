# SPDX-License-Identifier: MIT
"""Types into the debug console of machines under Bochs, and checks what it
answers. The lines of each session are written to build/results/.
"""

from lethe import cli  # first: until it has run, Ctrl-C gives a traceback

import random
import re
import time

from lethe.console_tests import sessions
from lethe.console_tests.line import Line, Silent
from lethe.machine import image
from lethe.machine.console import exit_line

SEED = 14
PASTED = 0x1000  # the place of the first pasted line
TRIES = 2
LOOK_TICKS = 500_000
ANSWER_TICKS = 1_000_000
TSC = "msr 0:0 0x10"
TSC_ANSWER = r"^0x00000010 .* (0x[0-9a-f]{16})$"
HERTZ = re.compile(r"tsc_hz=(\d+)")
BARS = re.compile(r"input lost=(\d+) bytes looks=(\d+) ticks[\s\S]*?"
                  r"answers begin (\d+) ticks")


class Failed(cli.Wrong):
    """An answer is not as expected."""


def compare(step, answer, facts):
    """Raises Failed if the answer is not what the step expects."""
    at = 0
    for pattern in step.expect:
        filled = sessions.fill(pattern, facts)
        found = re.compile(filled, re.MULTILINE).search(answer, at)
        if not found:
            raise Failed(f"expected /{filled}/, found:\n{answer}")
        at = found.end()
    for pattern in step.forbid:
        filled = sessions.fill(pattern, facts)
        if re.search(filled, answer, re.MULTILINE):
            raise Failed(f"expected nothing like /{filled}/, found:\n{answer}")
    if step.facts:
        found = re.search(step.facts, answer, re.MULTILINE)
        if not found:
            raise Failed(f"expected /{step.facts}/, found:\n{answer}")
        facts.update(found.groupdict())


def do(line, step, facts):
    if step.keys:
        line.type(sessions.fill(step.keys, facts))
        answer = line.expect("[\\s\\S]*?" + sessions.fill(step.until, facts))[0]
        compare(step, answer, facts)
        return
    end = time.monotonic() + step.again
    while True:
        answer = line.command(sessions.fill(step.send, facts))
        try:
            compare(step, answer, facts)
            return
        except Failed:
            if time.monotonic() >= end:
                raise


def paste(line, session):
    """Lines without a pause: each is echoed whole, and answered, in order. A
    guest's lines may be between an echo and its answer. Returns the TSC when
    the first was answered."""
    line.send(TSC + "\r" + "".join(f"x 0:{PASTED + at:#x} 1\r"
                                   for at in range(session.paste)))
    line.expect(re.escape(TSC))
    began = int(line.expect(TSC_ANSWER)[1], 16)
    for at in range(session.paste):
        line.expect(rf"x 0:{PASTED + at:#x} 1\b")
        line.expect(rf"^0x{PASTED + at:08x} ")
    return began


def paste_after_rest(line, session):
    """Pastes when nothing has been typed for so long. Only the machine knows
    how long that was, and asking it is typing: too short a rest is
    repeated."""
    rest = session.rest * int(HERTZ.search(line.text)[1])
    seconds = session.rest
    while True:
        answer = line.command(TSC)
        since = int(re.search(TSC_ANSWER, answer, re.MULTILINE)[1], 16)
        line.settle(seconds)
        began = paste(line, session)
        if began - since >= rest:
            return
        seconds *= 2


def bars(line):
    """Nothing that was typed is lost, looks and answers come in time."""
    answer = line.command("log", TRIES * line.limit)
    found = BARS.search(answer)
    if (not found or found[1] != "0" or int(found[2]) > LOOK_TICKS or
            int(found[3]) > ANSWER_TICKS):
        raise Failed(f"expected lost=0, looks at most {LOOK_TICKS} ticks "
                     f"apart, answers that begin within {ANSWER_TICKS} ticks, "
                     f"found:\n{answer}")


def random_lines(line, session):
    """Each line gets an answer, whatever it says."""
    draw = random.Random(SEED)
    for _ in range(session.random):
        words = [draw.choice(session.words)
                 for _ in range(draw.randrange(1, 5))]
        text = draw.choice((" ", "  ")).join(words)
        line.command(text)


def ended(line):
    """The machine is off, and nothing comes after its exit line."""
    line.read_to_end()
    if not exit_line(line.text):
        raise Failed("expected an exit line at the end, found:\n"
                     f"{line.text[-200:]}")


def run(build, session, on_result):
    """Runs one session; calls on_result(name, error or None) for each step."""
    facts = {}

    def command(com1):
        return image.command(build, place.path, "rom", session.config,
                             session.cpus, com1=com1)

    def attempt(name, action, *arguments):
        try:
            action(line, *arguments)
            on_result(f"{session.name}/{name}", None)
        except Failed as error:
            on_result(f"{session.name}/{name}", error)

    with build.run_folder(f"console-{session.name}") as place:
        with Line(command, place.path) as line:
            try:
                facts.update(line.expect(session.ready).groupdict())
                line.settle()
                for step in session.steps:
                    attempt(step.name, do, step, facts)
                if session.rest:
                    attempt("paste", paste_after_rest, session)
                elif session.paste:
                    attempt("paste", paste, session)
                if session.random:
                    attempt("random-lines", random_lines, session)
                if session.ends:
                    attempt("exit-line-is-last", ended)
                else:
                    attempt("bars", bars)
            except Silent as error:
                on_result(f"{session.name}/silent", error)
            results = build.folder / "results"
            results.mkdir(parents=True, exist_ok=True)
            (results / f"console-{session.name}.txt").write_text(line.text)


def main():
    parser = cli.Parser("console-test", __doc__, build=True)
    parser.add_argument("--list", action="store_true")
    parser.add_argument("name", nargs="*", help="sessions (all of them)")
    args = parser.parse_args()
    chosen = [session for session in sessions.load()
              if not args.name or session.name in args.name]
    if args.list:
        print("\n".join(session.name for session in chosen))
        return 0
    counts = [0, 0]

    def on_result(name, error):
        counts[error is not None] += 1
        for text in str(error).split("\n") if error else ():
            print(f"# {text}", flush=True)
        state = "not ok" if error else "ok"
        print(f"{state} {sum(counts)} - console/{name}", flush=True)

    build = image.Build(args.build)
    for session in chosen:
        run(build, session, on_result)
    print(f"1..{sum(counts)}")
    return 1 if counts[1] or not counts[0] else 0


if __name__ == "__main__":
    cli.main("console-test", main)
