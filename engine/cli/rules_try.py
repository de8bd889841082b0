"""Packs tried against scenarios (用场景检验规则包): test, sentences, mutate, coverage."""

from __future__ import annotations

from pathlib import Path

import click

from engine.clause_coverage import clause_coverage
from engine.cli.clause_cards import clauses_document, show_clauses
from engine.cli.context import Context, command_options
from engine.cli.scenario_options import (
    feature_files,
    features_option,
    form_option,
    near,
    need_scenarios,
    pack_files,
    packs_argument,
    require_green,
)
from engine.cli.terminal import Terminal
from facts.language import Text


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="[PATH]...")
@command_options()
def test(context: Context, paths: tuple[Path, ...]) -> None:
    """Run scenarios (.feature files) · 运行场景.

    PATH is a feature file, or a folder of them; default: ./features. Exit status 0: all passed; 1: something else came
    out than expected; 2: something cannot be read.
    """
    need_scenarios()
    from engine.scenario_runs import run_features

    outcome = run_features(feature_files(paths))
    terminal, language = Terminal(), context.language
    for failure in outcome.failures:
        example = f"（{failure.example}）" if failure.example else ""
        terminal.say(f"{failure.file}:{failure.line}: {failure.scenario}{example}".rstrip(": "), "bold")
        if failure.step:
            terminal.say(failure.step, indent=4)
        for line in failure.message(language).splitlines():
            terminal.say(line, indent=8 if failure.step else 4)
    counts = {"passed": outcome.passed, "failed": outcome.failed, "skipped": outcome.skipped}
    terminal.say((_SKIPPED if outcome.skipped else _COUNTS)(language, **counts))
    if outcome.failures:
        raise click.exceptions.Exit(2 if outcome.unreadable else 1)


_COUNTS = Text("通过 {passed}，不通过 {failed}", "passed {passed}, failed {failed}")
_SKIPPED = Text("通过 {passed}，不通过 {failed}，跳过 {skipped}", "passed {passed}, failed {failed}, skipped {skipped}")


@click.command()
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True,
              help="json: a completion list for editors · 输出格式")
@command_options()
def sentences(context: Context, form: str) -> None:
    """All sentences that a scenario may use · 场景句子一览."""
    need_scenarios()
    from engine.sentence_page import completions, page

    if form == "json":
        context.document(completions())
    else:
        Terminal().say(page(context.language))


@click.command()
@packs_argument
@features_option
@click.option("--workers", type=click.IntRange(1, 64), help="processes; default: one a processor · 进程数")
@click.option("--at-least", type=click.FloatRange(0, 100), default=100, metavar="PERCENT", show_default=True,
              help="share that has to be caught for exit status 0 · 至少应发现的比例")
@form_option
@command_options()
def mutate(context: Context, names: tuple[str, ...], features: tuple[Path, ...], workers: int | None, at_least: float,
           form: str) -> None:
    """Change a pack bit by bit: does a scenario notice? · 变异检验.

    PACK is a pack's file or the name of one of the product's; default: all of these. Exit status 1: some change went
    unnoticed.
    """
    need_scenarios()
    from engine.mutation import Fate, try_mutants
    from engine.mutation_report import by_pack, share
    from engine.scenario_packs import scenarios_with_packs

    packs = pack_files(names)
    files = feature_files(features, packs)
    require_green(list(scenarios_with_packs(files)), packs)
    terminal, language = Terminal(), context.language
    results = []
    for result in by_pack(try_mutants(packs, files, workers)):
        results.append(result)
        if form == "json":
            continue
        for tried in result.survivors:
            mark = tried.mutant.mark
            terminal.say(f"{near(tried.file)}:{mark.line}:{mark.column}: {tried.mutant.where}: "
                         f"{tried.mutant.what(language)}")
        caught = result.count(Fate.CAUGHT)
        terminal.say(_CAUGHT(language, file=near(result.file), caught=caught, all=result.counted,
                             share=share(caught, result.counted)), "bold")
        if aside := result.count(Fate.REFUSED, Fate.SAME):
            terminal.say(_ASIDE(language, all=aside, refused=result.count(Fate.REFUSED), same=result.count(Fate.SAME)),
                         indent=4)
    caught, counted = sum(r.count(Fate.CAUGHT) for r in results), sum(r.counted for r in results)
    if form == "json":
        context.document({"mutants": counted, "caught": caught, "share": share(caught, counted),
                          "packs": [{**r.document(), "file": str(near(r.file))} for r in results]})
    elif caught < counted:
        terminal.say(_SURVIVORS(language, n=counted - caught))
    if share(caught, counted) < at_least:
        raise click.exceptions.Exit(1)


_CAUGHT = Text("{file}：{all} 处改动，发现 {caught} 处（{share}%）",
               "{file}: {caught} of {all} changes caught ({share}%)")
_ASIDE = Text("另有 {all} 处不计：{refused} 处一改规则包就不能加载，{same} 处改了含义不变",
              "{all} more are not counted: with {refused} the pack no longer loads, {same} change nothing it means")
_SURVIVORS = Text(
    "以上 {n} 处改动没有一个场景发现：请照文件原文补写会因此不通过的场景，多半是界限上的那一天、那个数、那个行业",
    "the {n} changes above went unnoticed: write scenarios, from the document, that would fail with them; mostly it is "
    "the day, the number or the sector at the limit that is missing")


@click.command()
@packs_argument
@click.option("--scenarios", is_flag=True,
              help="instead: rules, cases and conditions that no scenario touches · 改看场景覆盖")
@features_option
@click.option("--all", "everything", is_flag=True, help="with --scenarios: also what is touched · 全部列出")
@form_option
@command_options()
def coverage(context: Context, names: tuple[str, ...], scenarios: bool, features: tuple[Path, ...], everything: bool,
             form: str) -> None:
    """What became of each clause of the documents · 条款覆盖、场景覆盖.

    A clause is encoded by rules, judged by people, or no duty: so says the clause list (X.clauses.yaml) beside a pack.
    Exit status 1: a clause is nowhere, names a rule that does not exist, or a rule of the document is named by none.

    With --scenarios: what of the packs no scenario touches. Each rule, case and condition has to hold in one scenario
    and fail in another; each step of a ladder has to be issued in one and not yet in another. Exit status 1: something
    is not.
    """
    if not scenarios:
        _clauses(context, names, form)
        return
    need_scenarios()
    from engine.scenario_coverage import coverage as cover
    from engine.scenario_packs import scenarios_with_packs

    packs = pack_files(names)
    played = list(scenarios_with_packs(feature_files(features, packs)))
    require_green(played, packs)
    results = cover(packs, played)
    untouched = sum(len(result.untouched) for result in results)
    if form == "json":
        context.document({"untouched": untouched,
                          "packs": [{**result.document(), "file": str(near(result.file))} for result in results]})
    else:
        terminal, language = Terminal(), context.language
        for result in results:
            shown = result.spots if everything else result.untouched
            rows = [(f"{near(result.file)}:{spot.mark.line}", _KINDS[spot.kind](language), spot.about.where, spot.what,
                     str(len(spot.held)), str(len(spot.failed))) for spot in shown]
            title = _TOUCHED(language, file=near(result.file), all=len(result.spots), n=len(result.untouched))
            if rows:
                terminal.show(title, [column(language) for column in _COLUMNS], rows, whole=(0, 1), right=(4, 5))
            else:
                terminal.say(title, "bold")
    if untouched:
        raise click.exceptions.Exit(1)


def _clauses(context: Context, names: tuple[str, ...], form: str) -> None:
    found = clause_coverage([near(file) for file in pack_files(names)])
    if form == "json":
        context.document(clauses_document(found, context.language))
    else:
        show_clauses(found, context.language)
    for pack in found.without_list:
        context.say(Text("{pack}：旁边没有条款清单（.clauses.yaml），略过",
                         "{pack}: no clause list (.clauses.yaml) beside it, skipped"), pack=pack)
    for problem in found.problems:
        click.echo(problem.show(context.language), err=True)
    if found.problems:
        raise click.exceptions.Exit(1)


_COLUMNS = (Text("位置", "place"), Text("种类", "kind"), Text("规则", "rule"), Text("内容", "what"),
            Text("成立的场景", "holds in"), Text("不成立的场景", "fails in"))
_KINDS = {"rule": Text("规则", "rule"), "case": Text("情形", "case"), "condition": Text("条件", "condition"),
          "derived": Text("推定", "derived"), "step": Text("措施", "step")}
_TOUCHED = Text("{file}：{all} 处规则、情形、条件和措施，{n} 处没有场景两面都检验到",
                "{file}: {all} rules, cases, conditions and steps; {n} of which scenarios do not show both sides")


commands: tuple[click.Command, ...] = (test, sentences, mutate, coverage)
