"""The single changes to a source that a test should notice: a rule turned, moved, halved, or taken out."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

Node = TypeVar("Node", bound=ast.AST)
Part = TypeVar("Part")

TURNED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.FloorDiv,),
    ast.FloorDiv: (ast.Mult,),
    ast.Div: (ast.Mult,),
    ast.Mod: (ast.FloorDiv,),
}
"""The boundary moved, or the sense turned. ``|`` stays: most of them join types."""
SWAPPED = {"min": "max", "max": "min", "any": "all", "all": "any"}
NOT_RULES = ("strict", "slots", "frozen")
"""Arguments that say how Python does something, not what is done."""


@dataclass(frozen=True)
class Site:
    line: int
    function: str | None
    """Its qualified name; None for what runs when the module is imported."""


class Changer(ast.NodeTransformer):
    """Notes each possible change of the tree that it visits, in one order, and makes the one numbered ``wanted``."""

    def __init__(self, wanted: int | None = None) -> None:
        self.sites: list[Site] = []
        self._wanted = wanted
        self._names: list[str] = []
        self._function: str | None = None
        self._in_type = False

    def generic_visit(self, node: ast.AST) -> ast.AST:
        result = super().generic_visit(node)
        for changed in () if self._in_type and not _is_number(node) else _changes(node):
            if len(self.sites) == self._wanted:
                result = ast.copy_location(changed, node)
            self.sites.append(Site(getattr(node, "lineno", 0), self._function))
        return result

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        self._names.append(node.name)
        node.body = self._visited(node.body)
        self._names.pop()
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        """Its body alone: nothing evaluates the types of its arguments, and decorators are no rules."""
        node.args.defaults = self._visited(node.args.defaults)
        outer, self._names, before = self._names, [*self._names, node.name], self._function
        self._function = ".".join(self._names)
        self._names = [*self._names, "<locals>"]
        node.body = self._visited(node.body)
        self._names, self._function = outer, before
        return node

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815  # ast's own name for the hook

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """What a module exports is for mypy and ruff to see."""
        return node if ast.unparse(node.targets[0]) == "__all__" else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """The numbers in a field's type are rules: pydantic holds them."""
        self._in_type = self._function is None
        node.annotation = self.visit(node.annotation) if self._in_type else node.annotation
        self._in_type = False
        node.value = node.value and self.visit(node.value)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id == "Callable":
            return node
        node.value = self.visit(node.value)
        if isinstance(node.slice, ast.Tuple):
            node.slice.elts = self._visited(node.slice.elts)
        else:
            node.slice = self.visit(node.slice)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        return node if node.arg in NOT_RULES else self.generic_visit(node)

    def _visited(self, nodes: Iterable[Node]) -> list[Node]:
        return [self.visit(node) for node in nodes]


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for place, operator in enumerate(node.ops):
                for turned in TURNED[type(operator)]:
                    yield _with(node, ops=[*node.ops[:place], turned(), *node.ops[place + 1 :]])
        case ast.BoolOp() | ast.BinOp():
            for turned in TURNED.get(type(node.op), ()):
                yield _with(node, op=turned())
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.If() | ast.IfExp() | ast.While() if not isinstance(node.test, ast.Constant):
            yield from (_with(node, test=ast.Constant(value)) for value in (True, False))
        case ast.match_case(guard=ast.expr()):
            yield from (_with(node, guard=ast.Constant(value)) for value in (True, False))
        case ast.comprehension():
            yield from (_with(node, ifs=[*_without(node.ifs, place)]) for place in range(len(node.ifs)))
        case ast.Constant(value=bool()):
            yield ast.Constant(not node.value)
        case ast.Constant(value=int() | float() as number):
            yield from (ast.Constant(number + step) for step in (1, -1))
        case ast.List() | ast.Set() | ast.Tuple(ctx=ast.Load()):
            yield from (_with(node, elts=[*_without(node.elts, place)]) for place in range(len(node.elts)))
        case ast.Dict():
            for place in range(len(node.keys)):
                yield _with(node, keys=[*_without(node.keys, place)], values=[*_without(node.values, place)])
        case ast.Call(func=ast.Name(id="replace")):
            yield from (_with(node, keywords=[*_without(node.keywords, at)]) for at in range(len(node.keywords)))
        case ast.Call(func=ast.Name(id=name)) if name in SWAPPED:
            yield _with(node, func=ast.copy_location(ast.Name(SWAPPED[name], ast.Load()), node))
        case ast.Match():
            told = [place for place, case in enumerate(node.cases) if not _cannot_be(case.body)]
            yield from (_with(node, cases=[*_without(node.cases, place)]) for place in told if len(node.cases) > 1)
        case ast.Expr(value=ast.Call() | ast.Await() | ast.Yield() | ast.YieldFrom()) if not _cannot_be([node]):
            yield ast.Pass()
        case ast.AugAssign() | ast.Raise() | ast.Delete():
            yield ast.Pass()
        case _:
            pass


def _with(node: Node, **fields: object) -> Node:
    changed = copy.copy(node)
    for name, field in fields.items():
        setattr(changed, name, field)
    return changed


def _without(nodes: list[Part], place: int) -> list[Part]:
    return nodes[:place] + nodes[place + 1 :]


def _is_number(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _cannot_be(body: list[ast.stmt]) -> bool:
    """Where mypy proves that nobody comes."""
    return "assert_never" in ast.unparse(body[0])
