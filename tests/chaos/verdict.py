"""Whether a disturbed sweep came to what an undisturbed one did."""

import collections
import csv
import io

_SHOWN = 5
# Differ between any two runs.
_IDS = ("sweep",)
# Programs end by themselves only as their documentation says: 4, when the coordinator was not reached in time, or
# when another one leads.
_ALLOWED_EXITS = (4,)


def rows(export):
    """The rows of an exported CSV, without what differs between any two runs, sorted."""
    table = list(csv.DictReader(io.StringIO(export)))
    return sorted(tuple((name, value) for name, value in row.items() if name not in _IDS) for row in table)


def _text(row):
    return ", ".join(f"{name}={value}" for name, value in row if value)


def compare_rows(what, expected, found):
    """What differs, as lines to print; none when nothing does. A row that is there twice is a difference."""
    missing = collections.Counter(expected)
    missing.subtract(collections.Counter(found))
    problems = []
    lacking = sorted(row for row, count in missing.items() if count > 0)
    surplus = sorted(row for row, count in missing.items() if count < 0)
    for name, differing in (("missing or different", lacking), ("not expected", surplus)):
        if differing:
            problems.append(f"{what}: {len(differing)} rows {name}, such as")
            problems += ["  " + _text(row) for row in differing[:_SHOWN]]
    return problems


def check_tasks(tasks, count):
    problems = []
    if len(tasks) != count:
        problems.append(f"the sweep has {len(tasks)} tasks instead of {count}")
    open_tasks = [task for task in tasks if task["state"] != "TASK_STATE_DONE"]
    if open_tasks:
        problems.append(f"{len(open_tasks)} tasks are not done, such as {open_tasks[0]}")
    return problems


def check_exits(programs):
    """`programs`: Supervised ones. Nobody may end by itself otherwise than documented."""
    problems = []
    for program in programs:
        for code in program.ended_by_itself:
            if code not in _ALLOWED_EXITS:
                problems.append(f"{program.name} ended by itself with {code}; see {program.log}")
    return problems


def check_alarms(counters):
    return [f"the coordinator counted {counters[name]} {name.replace('_', ' ')}"
            for name in ("nondeterminism_alarms", "digest_conflicts") if counters[name] > 0]


def sabotage(export, kind):
    """Breaks an export, to see that the comparison finds it."""
    lines = export.splitlines(keepends=True)
    if kind == "lost-row":
        del lines[len(lines) // 2]
    elif kind == "doubled-row":
        lines.append(lines[-1])
    elif kind == "changed-row":
        cells = lines[1].rstrip("\r\n").split(",")
        number = next(i for i, cell in enumerate(cells) if cell.startswith("0."))
        last = cells[number][-1]
        cells[number] = cells[number][:-1] + ("1" if last != "1" else "2")
        lines[1] = ",".join(cells) + "\n"
    return "".join(lines)
