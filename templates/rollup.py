"""The newest of what each step found: in a line for the status card, and as a warning in the form that resolves."""

from bot.evidence import BAD, OK, UNKNOWN, WARN, Result, told_once
from bot.ports import Block
from templates.evidence import MARKS, WAITING, WORDS
from templates.kit import DATED_WITHIN, Bold, Line, When, lines
from templates.letters import cut
from templates.view import View

PROBLEMS = (BAD, WARN, UNKNOWN)
LONGEST = 160
MOST_PROBLEMS, MOST_RUNNING = 5, 5


def card_lines(view: View) -> list[Line]:
    """The worst first, what could not be checked and what still runs apart; nothing before the first verdict."""
    known, running = _newest(view)
    if not known:
        return []
    counts = {verdict: sum(each.verdict == verdict for each in known) for verdict in MARKS}
    worst = next(verdict for verdict in (BAD, WARN, OK, UNKNOWN) if counts[verdict])
    told = [f"{counts[verdict]} {WORDS[verdict]}" for verdict in (BAD, WARN, OK, UNKNOWN) if counts[verdict]]
    if running:
        told.append(f"{len(running)} to come")
    first = next(each for each in known if each.verdict == worst)
    why = f" First: {cut(first.headline, LONGEST)}" if worst in (BAD, WARN) else ""
    mark = WAITING if running and worst == OK else MARKS[worst]
    return [(f"{mark} ", Bold("Evidence: "), f"{', '.join(told)}.{why}")]


def resolve_blocks(view: View) -> list[Block]:
    """The latest verdicts, with a warning while a check runs, and where not all of them are fine."""
    known, running = _newest(view)
    body = [*_running(running), *_problems(known), *_fine(known, running)]
    return [lines("evidence", *body)] if body else []


def _newest(view: View) -> tuple[list[Result], list[Result]]:
    """What is known, and what is waited for; what playbooks share once."""
    firsts = [group[0] for group in told_once(view.situation.evidence)]
    return [each for each in firsts if each.verdict], [each for each in firsts if each.is_waited_for]


def _running(running: list[Result]) -> list[Line]:
    if not running:
        return []
    said = "1 check is still running" if len(running) == 1 else f"{len(running)} checks are still running"
    more = f" and {len(running) - MOST_RUNNING} more" if len(running) > MOST_RUNNING else ""
    titles = "; ".join(each.title for each in running[:MOST_RUNNING])
    return [(f"{WAITING} ", Bold(said), f": {titles}{more}. Resolve all the same?")]


def _problems(known: list[Result]) -> list[Line]:
    open_ones = [each for verdict in PROBLEMS for each in known if each.verdict == verdict]
    if not open_ones:
        return []
    unchecked = sum(each.verdict == UNKNOWN for each in open_ones)
    said = "Not everything is fine. Resolve all the same?"
    if unchecked == len(open_ones):
        said = f"Not everything could be checked: {unchecked} of {len(known)}. Resolve all the same?"
    body: list[Line] = [(Bold(said),)]
    for each in open_ones[:MOST_PROBLEMS]:
        seen: Line = (" (", When(each.seen_at), ")") if each.seen_at else ()
        head = f"{MARKS[each.verdict or UNKNOWN]} "
        body.append((head, Bold(each.title), f"  {cut(each.headline, LONGEST)}", *seen))
    if len(open_ones) > MOST_PROBLEMS:
        body.append((f"… and {len(open_ones) - MOST_PROBLEMS} more",))
    return body


def _fine(known: list[Result], running: list[Result]) -> list[Line]:
    """Nothing where something is not fine: that says enough."""
    if not known or any(each.verdict != OK for each in known):
        return []
    if running:
        return [(f"{MARKS[OK]} {len(known)} checks were fine so far.",)]
    newest = max(each.seen_at for each in known if each.seen_at)
    return [
        (f"{MARKS[OK]} All {len(known)} checks were fine, the last one ", When(newest, DATED_WITHIN), ".")
    ]
