"""Commands about letters (通知文书): notices, and what becomes of them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from engine import clock
from engine.cli.context import BAD_INPUT, BY_HELP, CivilDate, Context, as_of_option, command_options
from engine.cli.folders import folder_aside
from engine.cli.lookups import check_division, legible
from engine.cli.progress import progress_bar
from engine.cli.terminal import Terminal
from engine.letter_fates import Refused, Sending, make_void, record_sent
from engine.letter_numbers import checked_prefix, file_name
from engine.letter_register import assumptions_of, write_register
from engine.letter_store import Letter, letters
from engine.letter_words import LETTERS, OF_BASIS, OF_MATTER, PLACEHOLDERS, Bureau, plain, words
from engine.letters import DAYS_TO_COMPLY, Matter
from engine.notices import Draft, Overtaken, Plan, Wanted, enter, enter_while_others_wait, few, plan
from engine.output import Row
from engine.pack_schema import STEPS
from engine.said import check_no_token
from engine.subject import subject_of
from facts.errors import BadInput
from facts.language import Text
from facts.store.reading import dossiers

if TYPE_CHECKING:
    from engine.letter_writing import Templates

REGISTER = "register.xlsx"
#: How often letters are planned anew where others write to the database meanwhile, before those have to wait.
_ATTEMPTS = 3
#: Characters that a name, a way of sending or a reason may have.
_LONGEST = 200

_format = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
                       help="output for people or for scripts · 输出格式")
_folder = click.Path(file_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@as_of_option
@click.option("-o", "--output", type=_folder, metavar="DIR",
              help="folder to write to; default notices-YYYY-MM-DD, by the date · 输出文件夹")
@click.option("--templates", type=_folder, metavar="DIR",
              help="folder with Word templates of your own; what is not there is taken from the product's · 自备模板")
@click.option("--division", metavar="CODE", help="only this division, trailing pairs of zeros open · 行政区划")
@click.option("--step", "steps", type=click.Choice(STEPS), multiple=True, metavar="STEP",
              help="only letters of this step; may be given more than once · 只写这种措施")
@click.option("--gravest", is_flag=True,
              help="of each violation only the gravest step, as after a late first sweep · 每项违规只写最高的措施")
@click.option("--reminders", is_flag=True,
              help="also remind of what is due soon; there can be thousands · 同时写到期提醒")
@click.option("--prefix", default="", metavar="TEXT", help="what stands before 〔2024〕3号 · 发文机关代字")
@click.option("--first", type=click.IntRange(1, 999_999), default=1, metavar="N",
              help="least serial number, where the year's first letters were written elsewhere · 起始序号")
@click.option("--issuer", metavar="NAME", help="who signs; default: a line to fill in · 发文机关")
@click.option("--authority", metavar="NAME",
              help="whom letters to other authorities go to; default: a line to fill in · 送有关部门时的主送单位")
@click.option("--days", type=click.IntRange(1, 365), default=DAYS_TO_COMPLY, show_default=True, metavar="N",
              help="days that a letter gives to comply, an assumption: no document says · 要求期限的天数（假定）")
@click.option("--by", "author", metavar="NAME", help="who writes them; with a token not needed · 制发人")
@_format
@command_options(packs=True)
def notices(context: Context, as_of: date, output: Path | None, templates: Path | None, division: str | None,
            steps: tuple[str, ...], gravest: bool, reminders: bool, prefix: str, first: int, issuer: str | None,
            authority: str | None, days: int, author: str | None, form: str) -> None:
    """Write letters for the steps that were issued · 写出通知文书.

    One letter for each enterprise and step that a sweep has issued by the date and that was not sent yet, and a
    register. A letter keeps its number, its date and what it speaks of until it is sent.
    """
    if click.get_current_context().invoked_subcommand is not None:
        _check_nothing_given(context)
        return
    context.act("letters", author and _said(author, "--by"), about=str(as_of))
    now = clock.now()
    if as_of > now.date():
        raise BadInput(Text(f"--as-of {as_of} 还没有到；通知的日期应不晚于今天（{now.date()}）",
                            f"--as-of {as_of} is still to come; letters bear today's date ({now.date()}) or an "
                            "earlier one"))
    check_division(division)
    wanted = Wanted(as_of, frozenset(steps), reminders, division, checked_prefix(legible(prefix)), first, days, gravest)
    bureau = Bureau(None if issuer is None else _said(issuer, "--issuer"),
                    None if authority is None else _said(authority, "--authority"))
    # Loaded only to write: no other command has to wait for what reads Word documents.
    from engine.letter_writing import Templates

    filled = Templates(templates)
    rulebook, engine = context.rulebook(), context.open()
    with progress_bar(Text("判定", "judging"), context.language) as progress:
        made = plan(engine, rulebook, wanted, progress)
    _warn(context, made)
    if not made.drafts and not made.waiting:
        if form == "json":
            context.document(_document(made, None, [], []))
        else:
            click.echo(Text("没有要写的通知", "there is no letter to write")(context.language))
        return
    target = output or Path(f"notices-{as_of}")

    def says(draft: Draft) -> Row:
        letter = draft.letter
        return words(letter.step, str(letter.number), letter.dated, letter.comply_by, draft.standing, draft.judgement,
                     draft.items, rulebook, bureau)

    said: dict[str, Row] = {}

    def put(made: Plan) -> Plan:
        nonlocal said
        with progress_bar(Text("写出", "writing"), context.language) as progress:
            said = _fill(aside.path, made, says, said, filled, progress)
        write_register(aside.path / REGISTER, made, [each["主送"] for each in said.values()], list(said), rulebook,
                       context.language)
        return made

    with folder_aside(target) as aside:
        for attempt in count(1):
            try:
                # Entered before the files are where they belong: what is lost on the way is written again.
                enter(engine, put(made), now, lambda connection: plan(connection, rulebook, wanted), says)
                break
            except Overtaken:
                if attempt == _ATTEMPTS:
                    if not few(made):
                        raise
                    made = enter_while_others_wait(engine, now, as_of,
                                                   lambda connection: put(plan(connection, rulebook, wanted)))
                    break
            made = plan(engine, rulebook, wanted)
        aside.move(last=REGISTER)
    _warn_of_files(context, made, target)
    if form == "json":
        context.document(_document(made, target, [each["主送"] for each in said.values()], list(said)))
        return
    click.echo(Text("写出通知 {n} 份，其中再次写出 {again} 份；暂不发出 {held} 项；见 {file}",
                    "letters written: {n}, of them again: {again}; matters held back: {held}; see {file}")(
        context.language, n=len(made.drafts), again=len(made.drafts) - len(made.new), held=len(made.waiting),
        file=target / REGISTER))


def _fill(folder: Path, made: Plan, says: Callable[[Draft], Row], before: Mapping[str, Row], filled: Templates,
          progress: Callable[[int, int], None]) -> dict[str, Row]:
    """What each letter says, by the file into which it is written, in the order of the plan.

    ``before`` is what stands in the folder already; what is not to be written any more is taken away.
    """
    said: dict[str, Row] = {}
    for done, draft in enumerate(made.drafts, 1):
        letter = draft.letter
        file = file_name(str(letter.number), letter.uscc, letter.step)
        said[file] = says(draft)
        if before.get(file) != said[file]:
            (folder / file).write_bytes(filled.of(letter.step).fill(said[file]))
        progress(done, len(made.drafts))
    for file in before.keys() - said.keys():
        (folder / file).unlink()
    return said


def _check_nothing_given(context: Context) -> None:
    ctx = click.get_current_context()
    given = [param.opts[-1] for param in ctx.command.params
             if param.name != "lang" and ctx.get_parameter_source(param.name or "") is ParameterSource.COMMANDLINE]
    if given:
        raise BadInput(Text(f"{'、'.join(given)} 请写在 {ctx.invoked_subcommand} 之后",
                            f"write {', '.join(given)} after {ctx.invoked_subcommand}"))


def _warn(context: Context, made: Plan) -> None:
    if made.swept is None:
        context.say(Text("提示：还没有登记过判定，没有已发出的措施；请先运行 zhiben sweep",
                         "warning: no sweep is recorded, so no step was issued; run zhiben sweep first"))
    elif made.swept < made.as_of:
        context.say(Text("提示：最近一次判定截至 {day}，此后到期的措施不在其中；可先运行 zhiben sweep",
                         "warning: the newest sweep is as of {day}; steps due since are not among these; "
                         "zhiben sweep brings them"), day=made.swept)
    if made.later is not None and made.new:
        context.say(Text("提示：已有成文于 {day} 的通知，本次的文号在其后而日期在其前",
                         "warning: there are letters dated {day}; those of today have later numbers and earlier dates"),
                    day=made.later)


def _warn_of_files(context: Context, made: Plan, target: Path) -> None:
    """Tell of files of an earlier run that lie in the folder and are not to be sent any more."""
    written = {draft.letter.number for draft in made.drafts}
    for letter in dict.fromkeys(each.letter for each in made.waiting if each.letter is not None):
        name = file_name(str(letter.number), letter.uscc, letter.step)
        if letter.number not in written and (target / name).exists():
            context.say(Text("提示：{file} 是以前写出的，现在不应再发出，请删去",
                             "warning: {file} was written before and is not to be sent any more; delete it"),
                        file=target / name)


def _document(made: Plan, folder: Path | None, addressees: Sequence[str], files: Sequence[str]) -> Row:
    return {
        "as_of": made.as_of.isoformat(),
        "swept_to": made.swept.isoformat() if made.swept else None,
        "folder": str(folder) if folder else None,
        "letters": [_written(draft, addressee, file)
                    for draft, addressee, file in zip(made.drafts, addressees, files, strict=True)],
        "held_back": [{**_matter(each.held.matter), "number": str(each.letter.number) if each.letter else None,
                       "name": each.judgement and each.judgement.name,
                       "reason": {"zh": each.held.reason.zh, "en": each.held.reason.en}} for each in made.waiting],
    }


def _written(draft: Draft, addressee: str, file: str) -> Row:
    return {**_head(draft.letter), "name": draft.judgement.name, "division": draft.judgement.division,
            "addressee": addressee, "again": draft.again, "file": file,
            "matters": [_matter(each.matter) for each in draft.standing],
            "assumptions": [{"zh": text.zh, "en": text.en} for text in assumptions_of(draft)]}


def _head(letter: Letter) -> Row:
    return {"number": str(letter.number), "uscc": letter.uscc, "step": letter.step, "label": LETTERS[letter.step].zh,
            "dated": letter.dated.isoformat(), "comply_by": letter.comply_by.isoformat() if letter.comply_by else None}


def _matter(matter: Matter) -> Row:
    return {"uscc": matter.uscc, "duty": matter.duty, "key": matter.key, "step": matter.step,
            "ladder": matter.ladder or None, "level": matter.level or None, "due_on": matter.due_on.isoformat(),
            "issued_on": matter.issued_on.isoformat()}


@notices.command()
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--by", "author", metavar="NAME", help=BY_HELP)
@click.option("--on", "day", type=CivilDate(), show_default="today in Asia/Shanghai", help="when · 发出日期")
@click.option("--how", metavar="TEXT", help="how, e.g. by hand, by post · 送达方式")
@click.option("--again", metavar="REASON", help="why they were sent once more · 再次发出的理由")
@command_options()
def sent(context: Context, numbers: tuple[str, ...], author: str | None, day: date | None, how: str | None,
         again: str | None) -> None:
    """Record that letters were sent · 登记已发出.

    NUMBER is a letter's number in full, or short: 2024-3. All of them are recorded, or none.
    """
    author = context.act("sent", author, about=" ".join(numbers))
    now = clock.now()
    day = day or now.date()
    if day > now.date():
        raise BadInput(Text(f"--on {day} 还没有到；应不晚于今天（{now.date()}）",
                            f"--on {day} is still to come; give today ({now.date()}) or earlier"))
    sending = Sending(day, _needed(author, "--by"), how and _said(how, "--how"), again and _said(again, "--again"))
    found = _or_refused(context, lambda: record_sent(context.open(), [*map(legible, numbers)], sending, now))
    click.echo(Text("已登记发出 {n} 份：{numbers}", "recorded as sent: {n}: {numbers}")(
        context.language, n=len(found), numbers="、".join(str(letter.number) for letter in found)))


@notices.command()
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@click.option("--by", "author", metavar="NAME", help=BY_HELP)
@click.option("--reason", metavar="TEXT", help="why, needed · 理由（必填）")
@command_options()
def void(context: Context, numbers: tuple[str, ...], author: str | None, reason: str | None) -> None:
    """Record that letters will not be sent · 作废未发出的通知.

    Their numbers stay used; what they speak of is written of in other letters, if it still is so.
    """
    author = context.act("void", author, about=" ".join(numbers))
    by, because = _needed(author, "--by"), _needed(reason, "--reason")
    found = _or_refused(context, lambda: make_void(context.open(), [*map(legible, numbers)], by, because, clock.now()))
    click.echo(Text("已作废 {n} 份：{numbers}", "made void: {n}: {numbers}")(
        context.language, n=len(found), numbers="、".join(str(letter.number) for letter in found)))


@notices.command("list")
@click.option("--unsent", is_flag=True, help="only those still to be sent · 只列未发出的")
@_format
@command_options()
def list_(context: Context, unsent: bool, form: str) -> None:
    """List the letters and what became of them · 列出通知."""
    engine = context.open()
    found = letters(engine, unsent=unsent)
    subjects = ((each.uscc, subject_of(each, date.max)) for each in dossiers(
        engine, usccs=[letter.uscc for letter in found])) if found else ()
    names = {uscc: subject.name for uscc, subject in subjects if subject is not None}
    if form == "json":
        context.document({"letters": [
            {**_head(letter), "name": names.get(letter.uscc), "state": _state(letter),
             "matters": [_matter(each) for each in letter.matters],
             "sent": [{"on": s.on.isoformat(), "by": s.by, "how": s.how, "again": s.because} for s in letter.sent],
             "void": letter.void and {"on": letter.void.on.isoformat(), "by": letter.void.by,
                                      "reason": letter.void.reason}} for letter in found]})
        return
    out = Terminal()
    if not found:
        out.say(Text("没有通知", "no letters")(context.language))
    for letter in found:
        label = LETTERS[letter.step](context.language)
        about = (str(letter.number), str(letter.dated), label, plain(names.get(letter.uscc) or ""), letter.uscc,
                 _fate(letter)(context.language))
        out.say("  ".join(filter(None, about)))


def _state(letter: Letter) -> str:
    return "void" if letter.void else "sent" if letter.sent else "unsent"


def _fate(letter: Letter) -> Text:
    if letter.void is not None:
        v = letter.void
        return Text(f"{v.on} 由{v.by}作废：{v.reason}", f"made void on {v.on} by {v.by}: {v.reason}")
    if not letter.sent:
        return Text("未发出", "not sent yet")
    said = []
    for s in letter.sent:
        more = "，".join(filter(None, (s.how, s.because)))
        said.append((f"{s.on} 由{s.by}发出" + (f"（{more}）" if more else ""),
                     f"sent on {s.on} by {s.by}" + (f" ({more})" if more else "")))
    return Text("；".join(zh for zh, _ in said), "; ".join(en for _, en in said))


@notices.command()
@click.option("-o", "--output", type=_folder, metavar="DIR", help="write the product's templates there · 输出文件夹")
@command_options()
def templates(context: Context, output: Path | None) -> None:
    """The placeholders of the Word templates, or the templates · 占位符和模板."""
    from engine.letter_writing import TEMPLATES

    language = context.language
    if output is None:
        heads = (Text("整份通知", "the letter"), Text("“事项”中每一项", "each of 事项"),
                 Text("“依据”“措施依据”中每一条", "each of 依据 and 措施依据"))
        for head, known in zip(heads, (PLACEHOLDERS, OF_MATTER, OF_BASIS), strict=True):
            click.echo(head(language))
            for name, meaning in known.items():
                click.echo(f"  {name}\t{meaning(language)}")
        return
    sources = sorted(TEMPLATES.glob("*.docx"))
    if there := [source.name for source in sources if (output / source.name).exists()]:
        raise BadInput(Text(f"{output} 中已有 {'、'.join(there)}，没有覆盖；请另指定文件夹",
                            f"{output} has {', '.join(there)} already, nothing was overwritten; name another folder"))
    with folder_aside(output) as aside:
        for source in sources:
            shutil.copyfile(source, aside.path / source.name)
        aside.move(last="")
    click.echo(Text("{n} 个模板写入 {folder}", "templates written to {folder}: {n}")(
        language, n=len(sources), folder=output))


def _or_refused(context: Context, act: Callable[[], list[Letter]]) -> list[Letter]:
    try:
        return act()
    except Refused as refused:
        for problem in refused.problems:
            context.say(problem)
        sys.exit(BAD_INPUT)


def _needed(text: str | None, option: str) -> str:
    if text is None:
        raise BadInput(Text(f"缺少 {option}", f"missing: {option}"))
    return _said(text, option)


def _said(text: str, option: str) -> str:
    """``text`` on one line. Raises :class:`~facts.errors.BadInput` if it says nothing, or too much."""
    line = plain(legible(text))
    check_no_token(line)
    if not any(character.isalnum() for character in line):
        raise BadInput(Text(f"{option} 不能为空", f"{option} must not be blank"))
    if len(line) > _LONGEST:
        raise BadInput(Text(f"{option} 有 {len(line)} 字，最多 {_LONGEST} 字",
                            f"{option} has {len(line)} characters; at most {_LONGEST}"))
    return line


commands = (notices,)
