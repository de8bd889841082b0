"""What a template of letters may say (模板语法): placeholders, loops over the lists, conditions, some filters.

Jinja could do far more: multiply a text a thousand million times, already while it reads the template, or loop for
ever. A letter needs none of it.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.defaults import DEFAULT_FILTERS

from facts.language import Text

#: Loops within one another: matters, their legal bases, and one to spare.
MOST_LOOPS = 3
#: Tags of one part of a template.
MOST_TAGS = 5_000
FILTERS = ("count", "d", "default", "e", "escape", "first", "join", "last", "length", "lower", "trim", "upper")

_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Const, nodes.Name, nodes.Getattr, nodes.Getitem,
            nodes.For, nodes.If, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not,
            nodes.Filter, nodes.Test, nodes.Concat, nodes.Add, nodes.Sub, nodes.Keyword)
_HINT = Text("可用占位符、for、if 和过滤器 {0}", "known are placeholders, for, if and the filters {0}")


def fault(tree: nodes.Template) -> Text | None:
    """What a template says that it may not; ``None`` if all is well."""
    tags = 0
    pending: list[tuple[nodes.Node, int, int]] = [(tree, 0, 0)]
    while pending:
        node, loops, filters = pending.pop()
        tags += 1
        if not isinstance(node, _ALLOWED):
            return _refused(type(node).__name__.lower())
        if isinstance(node, nodes.For):
            loops += 1
            if node.recursive or not isinstance(node.iter, nodes.Name | nodes.Getattr | nodes.Getitem):
                return _refused("for")
            if loops > MOST_LOOPS:
                return Text(f"循环最多嵌套 {MOST_LOOPS} 层", f"at most {MOST_LOOPS} loops within one another")
        if isinstance(node, nodes.Filter):
            filters += 1
            # One that Jinja does not know either is for Jinja to name.
            if (node.name in DEFAULT_FILTERS and node.name not in FILTERS) or filters > 2:
                return _refused(node.name)
        if tags > MOST_TAGS:
            return Text("标签过多；请删减模板", "too many tags; shorten the template")
        pending += [(child, loops, filters) for child in node.iter_child_nodes()]
    return None


def _refused(what: str) -> Text:
    known = "、".join(FILTERS), ", ".join(FILTERS)
    return Text(f"“{what}”不能用在模板里；{_HINT.zh.replace('{0}', known[0])}",
                f"“{what}” cannot stand in a template; {_HINT.en.replace('{0}', known[1])}")
