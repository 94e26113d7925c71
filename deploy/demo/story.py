"""Plays the data file through the public HTTP interface, step by step, and tells what happens."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo import changes, founding, money, sessions
from deploy.demo.data import Session, Step
from deploy.demo.expected import MAILED_BY
from deploy.demo.play import Play
from shared.kernel.time import german_day, local_day

PLAIN: Mapping[str, Callable[[Play], Awaitable[str]]] = {
    step.__name__: step
    for step in (
        founding.draft_paper,
        founding.co_sign,
        founding.issue_paper,
        founding.decide_paper,
        founding.establish,
        founding.open_groups,
        founding.nominate,
        founding.appoint,
        founding.establish_working_groups,
        founding.set_focus_areas,
        changes.hand_over,
        changes.appoint_late,
        changes.import_deputies,
        changes.post_letters,
        sessions.draft_recommendation,
        sessions.submit_recommendation,
        sessions.report_recommendation,
        money.apply_for_grant,
        money.record_award,
        money.commit,
        money.book_expenses,
        money.approve_expenses,
        money.record_hours,
        money.refuse_expense,
        money.freeze_proof,
        money.submit_proof,
    )
}
OF_SESSION: Mapping[str, Callable[[Play, Session], Awaitable[str]]] = {
    step.__name__: step
    for step in (
        sessions.schedule,
        sessions.invite,
        sessions.answer,
        sessions.answer_again,
        sessions.move,
        sessions.cancel,
        sessions.remind,
        sessions.hold,
        sessions.send_minutes,
        sessions.object_to_minutes,
        sessions.correct_minutes,
        sessions.approve_minutes,
        sessions.supplement,
        sessions.schedule_second,
    )
}
OF_DRAWDOWN: Mapping[str, Callable[[Play, str], Awaitable[str]]] = {
    step.__name__: step for step in (money.request_drawdown, money.record_payout)
}


async def tell(play: Play, console: Console) -> None:
    """Returns when the last step is done and its mails are sent."""
    with progress_on(console) as progress:
        task = progress.add_task("", total=len(play.data.story))

        def show(line: str) -> None:
            progress.update(task, description=line)

        for step in play.data.story:
            await play.office.set_clock(step.at)
            line = await carry_out(play, step)
            play.done += 1
            if step.do in MAILED_BY:
                await play.until_mails_are_out(show)
            console.print(f"{german_day(local_day(step.at))}  {line}", soft_wrap=True, markup=False, highlight=False)
            progress.update(task, completed=play.done, description="")


def progress_on(console: Console) -> Progress:
    columns = (MofNCompleteColumn(), BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


async def carry_out(play: Play, step: Step) -> str:
    if step.do in PLAIN:
        return await PLAIN[step.do](play)
    if step.about is None:
        raise KeyError(f"the step {step.do} says not what it is about")
    if step.do in OF_DRAWDOWN:
        return await OF_DRAWDOWN[step.do](play, step.about)
    return await OF_SESSION[step.do](play, play.data.session(step.about))
