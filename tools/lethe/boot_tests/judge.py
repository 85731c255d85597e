# SPDX-License-Identifier: MIT
"""Turns the console of a run into results: rows (PASS|FAIL|SKIP, name, why)."""

import re

from lethe import tap
from lethe.boot_tests import invvpid, sanitize, serial, tables
from lethe.machine import console

CASE = re.compile(r"^CASE-BEGIN (\S+)\s*$(.*?)^CASE-STATUS (\S+)\s*$",
                  re.MULTILINE | re.DOTALL)
MISSING = re.compile(r"^lethe: cpu (\d+): missing: (.*)$", re.MULTILINE)
MISSING_CHECK = tap.Check(0, "", "missing")
ROM_REFUSED = "lethe: nothing started"
UEFI_REFUSED = "lethe: nothing started; the firmware goes on"


def row(ok, name, why):
    return ("PASS" if ok else "FAIL", name, "" if ok else why)


def read_expected(path):
    """[(state, name)]; every result that is not listed there fails."""
    lines = path.read_text().splitlines() if path.exists() else []
    return [tuple(line.split("\t", 1)) for line in lines
            if line and not line.startswith("#")]


def matches(pattern, text):
    """Whether the text matches, also where the firmware's terminal has broken a
    line."""
    return (re.search(pattern, text, re.MULTILINE)
            or re.search(pattern, text.replace("\n", "")))


def judge_text(name, text, wanted, forbidden):
    rows = [row(matches(pattern, text), f"{name}: {pattern}", "not found")
            for pattern in wanted]
    rows += [row(not matches(pattern, text), f"{name}: no {pattern}", "found")
             for pattern in forbidden]
    return rows


def judge_refusal(name, text, wanted):
    """The last line shows runners that the loader has refused."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    last = lines[-1] if lines else ""
    return row(last == wanted, f"{name}: last line",
               f"expected `{wanted}`, found `{last}`")


def judge_exit(test, outcome):
    found = outcome.exit
    name = f"{test.name}: exit"
    if test.exit is None:
        rows = [row(found is None, name,
                    f"expected no exit line, found {found}")]
        if test.loader == "rom" and not test.stop:
            rows.append(judge_refusal(test.name, outcome.text, ROM_REFUSED))
        return rows
    if found is None:
        return [row(False, name, f"expected an exit line, found none; ended by "
                    f"{outcome.end}")]
    ok = found[0] == test.exit and re.search(test.reason, found[1])
    rows = [row(ok, name, f"code={found[0]} reason={found[1]}, expected "
                f"{test.exit} {test.reason}")]
    if not test.invvpid:
        rows.append(row(outcome.end == "off", f"{test.name}: power-off",
                        f"ended by {outcome.end}"))
    return rows


def judge_guest_exit(test, outcome):
    """QEMU's status is 2 x code + 1 where the guest wrote its exit port."""
    name = f"{test.name}: exit port"
    return [row(outcome.end == "off" and
                outcome.status == 2 * test.guest_exit + 1, name,
                f"ended by {outcome.end}, status {outcome.status}, expected "
                f"{2 * test.guest_exit + 1}")]


def judge_suites(test, outcome):
    """Compares the guest's results with the list for this configuration."""
    stream = tap.read(console.guest_lines(outcome.text, "guest"))
    expected = read_expected(test.expected)
    actual = {check.name: check for check in stream.checks}
    rows = [row(False, f"{test.name}: tap", why) for why in stream.errors]
    if len(actual) != len(stream.checks):
        rows.append(row(False, f"{test.name}: tap",
                        "expected names that differ, found one twice"))
    if not expected:
        rows.append(row(False, f"{test.name}: {test.expected.name}",
                        "expected a list of results, found none; --accept "
                        "writes it"))
    for state, name in expected:
        got = actual.pop(name, MISSING_CHECK)
        full = f"{test.name}: {name}"
        if got.state == state == "SKIP":
            rows.append(("SKIP", full, ""))
        else:
            comment = f" ({got.comment})" if got.comment else ""
            rows.append(row(got.state == state, full,
                            f"{got.state}{comment}, expected {state}"))
    rows += [row(False, f"{test.name}: {check.name}",
                 f"{check.state}, not in the list")
             for check in actual.values()]
    return rows


def judge_missing(name, text, path):
    """Each CPU that lacks something reports all lines of the list, and no
    others."""
    wanted = path.read_text().splitlines()
    lists = {}
    for found in MISSING.finditer(text):
        lists.setdefault(found[1], []).append(found[2].strip())
    rows = [row(lists, f"{name}: refusal", "no CPU refused")]
    for cpu, got in lists.items():
        for line in wanted:
            rows.append(row(line in got, f"{name}: cpu {cpu}: {line}",
                            "not reported as missing"))
        more = [line for line in got if line not in wanted]
        rows.append(row(not more and len(got) == len(wanted),
                        f"{name}: cpu {cpu}: nothing else", str(more)))
    return rows


def judge_cases(test, outcome):
    texts = {found[1]: found for found in CASE.finditer(outcome.text)}
    rows = []
    for case in test.cases:
        name = f"{test.name}/{case.name}"
        found = texts.get(case.name)
        rows.append(row(found, name, "did not run or did not return"))
        if not found:
            continue
        rows.append(row(int(found[3], 16) != 0, f"{name}: status",
                        "the application returned success"))
        rows += judge_text(name, found[2], case.console, case.forbid)
        rows.append(judge_refusal(name, found[2], UEFI_REFUSED))
        if case.missing:
            rows += judge_missing(name, found[2],
                                  tables.EXPECTED / case.missing)
    return rows


def judge_invvpid(test, outcome, debugger_output):
    """Compares the guest's record of INVVPIDs with the emulator's."""
    return [row(not why, f"{test.name}: {what}", why) for what, why in
            invvpid.compare(console.guest_lines(outcome.text),
                            debugger_output)]


def judge_sanitize(test, outcome):
    """Compares what the sanitizer has found with the guest's seeds."""
    return [row(not why, f"{test.name}: {what}", why) for what, why in
            sanitize.compare(console.guest_lines(outcome.text, "guest"),
                             outcome.text)]


def judge_serial(test, outcome):
    """The long outputs of the suites print-numbered and print-blind."""
    lines = console.guest_lines(outcome.text, "guest")
    rows = []
    if test.numbered:
        why = serial.compare_numbered(lines, test.numbered)
        rows.append(row(not why, f"{test.name}: {test.numbered} bytes", why))
    if test.blind:
        why = serial.compare_blind(lines, outcome.text, test.blind)
        rows.append(row(not why, f"{test.name}: {test.blind} bytes", why))
    return rows


def printed_lines(test, outcome):
    """The words of the guest's lines that begin with `# WORD `."""
    begin = f"# {test.printed} "
    return [line.removeprefix(begin).split()
            for line in console.guest_lines(outcome.text, "guest")
            if line.startswith(begin)]


def judge_printed(test, outcome):
    """Compares them with those of the last run that was accepted."""
    path = test.expected_lines
    wanted = [line.split("\t") for line in path.read_text().splitlines()
              if not line.startswith("#")] if path.exists() else []
    got = printed_lines(test, outcome)
    names = [" ".join(words) for words in wanted]
    rows = [row(words in got, f"{test.name}: {test.printed} {name}",
                "not printed") for words, name in zip(wanted, names)]
    more = [" ".join(words) for words in got if words not in wanted]
    rows.append(row(wanted and not more and len(got) == len(wanted),
                    f"{test.name}: {path.name}",
                    f"expected {len(wanted)} lines, found {len(got)}, of which "
                    f"others are: {', '.join(more[:3]) or 'none'}"))
    return rows


def judge(test, outcome, debugger_output=""):
    if test.cases:
        return judge_cases(test, outcome)
    rows = judge_exit(test, outcome)
    if test.guest_exit is not None:
        rows += judge_guest_exit(test, outcome)
    rows += judge_text(test.name, outcome.text, test.console, test.forbid)
    rows += judge_serial(test, outcome)
    if test.missing:
        rows += judge_missing(test.name, outcome.text,
                              tables.EXPECTED / test.missing)
    if test.suites:
        rows += judge_suites(test, outcome)
    if test.sanitize:
        rows += judge_sanitize(test, outcome)
    if test.printed:
        rows += judge_printed(test, outcome)
    if test.invvpid:
        rows += judge_invvpid(test, outcome, debugger_output)
    return rows
