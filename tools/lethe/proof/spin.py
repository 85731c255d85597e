# SPDX-License-Identifier: MIT
"""Verifies the Spin model of the flush protocol, docs/models/flush.pml.

The tool searches all states of each scenario. Then it removes each barrier and
check from the model, one at a time: the scenario that docs/models/README.md
names must then fail, or still hold if the rule is in the table "Redundant".
--full verifies the large scenarios instead and writes the outcomes to
docs/models/full-result.txt. The results are TAP.
"""

import dataclasses
import pathlib
import re
import shutil
import subprocess
import time

from lethe import cli, tap
from lethe.proof import rule_names

MODELS = rule_names.MODELS
RESULT = MODELS / "full-result.txt"
MEMORY_MB = 8 * 1024
DEPTH_MAX = 1_000_000

SCENARIO = re.compile(r"defined\(S_(\w+)\)")
PROGRESS = re.compile(r"States= *(\S+)")
ROW = re.compile(r"^\| (`[a-z0-9-]+`(?: \+ `[a-z0-9-]+`)*) \|(.*)\| *$",
                 re.MULTILINE)

# What a message of pan, the verifier that Spin generates, means: found by a
# part of the assertion's text
MEANINGS = (
    ("invalid end state", "deadlock"),
    ("held[", "a flush passes an inhibit"),
    ("stale[current", "lost flush: the call returns, a target runs stale"),
    ("&done)", "lost flush: a VP enters with a stale translation"),
    ("relied_on", "a VP runs that its holder relies on being out"),
    ("sipi_missing", "a VP runs without its SIPI"),
    ("(state[c]==", "an idle CPU never halts"),
    ("state[", "lost wake-up or event"),
    ("1<<v", "a VP runs that counts as suspended"),
    ("mem[", "inhibit_count is wrong at the end"),
)


@dataclasses.dataclass
class Result:
    states: int = 0
    seconds: float = 0.0
    broken: str = ""  # the message of pan
    problem: str = ""  # why nothing was proved

    @property
    def good(self):
        return not self.broken and not self.problem

    @property
    def meaning(self):
        if self.problem:
            return self.problem
        for part, text in MEANINGS:
            if part in self.broken:
                return text
        return self.broken


def scenarios():
    """(those of `make spin`, those of `make spin-full`)"""
    found = SCENARIO.findall((MODELS / "scenario.h").read_text())
    names = list(dict.fromkeys(found))
    return ([name for name in names if not name.startswith("FULL")],
            [name for name in names if name.startswith("FULL")])


def table(title):
    """{rules: [cells]} of the table under a heading of README.md"""
    text = (MODELS / "README.md").read_text()
    part = text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return {row[1].replace("`", ""): [cell.strip() for cell
                                      in row[2].split("|")]
            for row in ROW.finditer(part)}


def make_pan(folder, scenario, removed):
    """Builds the verifier; returns what went wrong, or an empty text."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for path in rule_names.models():
        shutil.copy(path, folder)
    flags = [f"-DNO_{rule.replace('-', '_')}" for rule in removed]
    # -O2 takes longer than it saves, except for the large scenarios
    level = "-O2" if scenario.startswith("FULL") else "-O0"
    for command in (
            ["spin", "-a", f"-DS_{scenario}", *flags, "flush.pml"],
            ["gcc", level, "-w", "-DSAFETY", "-DCOLLAPSE",
             f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"]):
        done = subprocess.run(command, cwd=folder, text=True, check=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if (done.returncode != 0 or "Error" in done.stdout
                or not (folder / "pan.c").exists()):
            return f"{command[0]}: {done.stdout.strip()[-200:]}"
    return ""


def parse(text):
    """The result that pan printed"""
    states = re.search(r"^\s*(\d+) states, stored", text, re.MULTILINE)
    errors = re.search(r"errors: (\d+)", text)
    if not states or not errors:
        return Result(problem=f"pan said: {text.strip()[-200:]}")
    result = Result(states=int(states[1]))
    if errors[1] != "0":
        found = re.search(r"^pan:\d+: (.*) \(at depth", text, re.MULTILINE)
        result.broken = found[1] if found else "an error without a message"
    elif "not completed" in text or "depth too small" in text:
        result.problem = "the search was cut off"
    return result


def verify(build, scenario, removed=(), seconds=600):
    """One exhaustive search, up to the first error."""
    name = "-".join([scenario.lower(), *removed])
    folder = build / "model-spin" / name
    problem = make_pan(folder, scenario, removed)
    if problem:
        return Result(problem=problem)
    begin = time.monotonic()
    try:
        done = subprocess.run(
            ["stdbuf", "-oL", "./pan", "-n", f"-m{DEPTH_MAX}"], cwd=folder,
            text=True, check=False, timeout=seconds, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as cut:
        seen = PROGRESS.findall((cut.stdout or b"").decode())
        states = f"{float(seen[-1]):.0f}" if seen else "few"
        return Result(problem=f"not finished after {seconds} s: {states} "
                      "states without an error")
    (folder / "output.txt").write_text(done.stdout)
    for path in folder.glob("pan*"):
        path.unlink()
    result = parse(done.stdout)
    result.seconds = time.monotonic() - begin
    return result


def check_scenario(out, build, name, seconds=600):
    result = verify(build, name, seconds=seconds)
    out.line(result.good, f"spin/{name.lower()}",
             f"{result.states} states, {result.seconds:.0f} s"
             if result.good else result.meaning)
    return result


def unknown(out, _, rule, why):
    out.line(False, f"spin/without {rule}", why)


def check_mutant(out, build, rules, cells):
    """A row of "Barriers and checks": the scenario must fail as it says."""
    scenario, expected = cells[-2], cells[-1]
    result = verify(build, scenario.upper(), rules.split(" + "))
    good = bool(result.broken) and result.meaning == expected
    comment = result.meaning
    if result.good:
        comment = "verification holds: is the step redundant?"
    elif not good:
        comment += f"; README.md says: {expected}"
    out.line(good, f"spin/without {rules} in {scenario}", comment)


def check_redundant(out, build, rule, scenario):
    """A row of "Redundant": the scenario must hold."""
    result = verify(build, scenario.upper(), [rule])
    out.line(result.good, f"spin/without {rule} in {scenario}",
             f"redundant, {result.states} states"
             if result.good else result.meaning)


def mutant_jobs():
    """A job for each scenario in which a barrier or check is removed"""
    breaks, redundant = table("Barriers and checks"), table("Redundant")
    names = rule_names.in_model()
    for name in names:
        if name in breaks:
            yield check_mutant, name, breaks[name]
        elif name in redundant:
            for scenario in redundant[name][-2].split():
                yield check_redundant, name, scenario
        else:
            yield unknown, name, "no row in README.md"
    for row in [*breaks, *redundant]:
        if " + " in row:
            yield check_mutant, row, breaks[row]
        elif row not in names:
            yield unknown, row, "not in the model"


def known_results():
    """{scenario: outcome} as full-result.txt has them"""
    lines = RESULT.read_text().splitlines() if RESULT.exists() else []
    return dict(line.split(": ", 1) for line in lines[1:])


def full(out, args):
    """Verifies the large scenarios that were asked for, or all; the others keep
    their lines of full-result.txt."""
    before = known_results()
    lines = ["# Scenarios of docs/models that are too large for `make check`; "
             "written by `make spin-full`"]
    for name in (one.lower() for one in scenarios()[1]):
        outcome = before.get(name, "not run")
        if not args.only or name in args.only:
            result = check_scenario(out, args.build, name.upper(),
                                    seconds=args.seconds)
            outcome = (f"holds, {result.states} states" if result.good
                       else result.meaning)
        lines.append(f"{name}: {outcome}")
    RESULT.write_text("\n".join(lines) + "\n")


def run(out, args):
    """Verifies the scenarios, then the model without each barrier and check"""
    names = [name for name in scenarios()[0]
             if not args.only or name.lower() in args.only]
    with cli.Pool(args.jobs) as pool:
        done = [pool.submit(check_scenario, out, args.build, name)
                for name in names]
        if not args.only:
            done += [pool.submit(job, out, args.build, *rest)
                     for job, *rest in mutant_jobs()]
        for one in done:
            one.result()


def main():
    parser = cli.Parser("spin", __doc__, build=True)
    parser.add_argument("-j", dest="jobs", type=int, default=1,
                        help="number of searches at a time, each up to 8 GiB")
    parser.add_argument("--full", action="store_true",
                        help="verifies the large scenarios")
    parser.add_argument("--seconds", type=int, default=24 * 3600,
                        help="with --full: limit for one scenario")
    parser.add_argument("only", nargs="*", help="names of scenarios")
    args = parser.parse_args()
    args.build = pathlib.Path(args.build)
    out = tap.Writer()
    if args.full:
        full(out, args)
    else:
        run(out, args)
    out.plan()
    print(f"# {out.passed} passed, {out.failed} failed")
    return 1 if out.failed or not out.passed else 0


if __name__ == "__main__":
    cli.main("spin", main)
