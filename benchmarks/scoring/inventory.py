"""The number of rules, phrases, class words, patterns and thresholds of extraction: they should get fewer."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from articles.cleaning.rules import RULES

ARTICLES = Path(__file__).parents[2] / "articles"
ROOMS = ("cleaning", "page")  # whose thresholds and patterns count
PHRASES = ("phrases.yaml", "walls.yaml")
CLASS_WORDS = "markup.yaml"


def inventory() -> dict[str, int]:
    """Return the numbers."""
    trees = [ast.parse(path.read_text("utf-8")) for room in ROOMS for path in sorted((ARTICLES / room).rglob("*.py"))]
    values = [node.value for tree in trees for node in tree.body for node in _constants(node)]
    markup = _yaml(CLASS_WORDS)
    return {
        "rules (functions)": len(RULES),
        "names that rules remove under": len({name for tree in trees for name in _removed_under(tree)}),
        "phrases": sum(1 for name in PHRASES for _ in _leaves(_yaml(name))),
        "words of class names": sum(len(words.split()) for words in (markup["hides"], *markup["kinds"].values())),
        "thresholds": sum(_numeric(value) for value in values),
        "patterns": sum(_pattern(value) for value in values),
    }


def _constants(node: ast.stmt) -> Iterator[ast.Assign | ast.AnnAssign]:
    """Yield a module's assignment to a name in capitals."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    if targets and isinstance(targets[0], ast.Name) and targets[0].id.lstrip("_").isupper():
        assert isinstance(node, ast.Assign | ast.AnnAssign)
        yield node


def _numeric(value: ast.expr | None) -> bool:
    """Whether an expression is a number, or a tuple of numbers."""
    match value:
        case ast.Constant(value=int() | float()):
            return not isinstance(value.value, bool)
        case ast.UnaryOp(operand=operand):
            return _numeric(operand)
        case ast.BinOp(left=left, right=right):
            return _numeric(left) and _numeric(right)
        case ast.Tuple(elts=elements):
            return bool(elements) and all(map(_numeric, elements))
        case _:
            return False


def _pattern(value: ast.expr | None) -> bool:
    """Whether an expression compiles a regular expression."""
    return (
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and ast.unparse(value.func) == "re.compile"
    )


def _removed_under(tree: ast.Module) -> Iterator[str]:
    """Yield the name under which each call of `remove` removes a block."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr="remove"), args=[_, name, _]):
                yield ast.unparse(name)


def _yaml(name: str) -> Any:
    return yaml.safe_load((ARTICLES / "data" / name).read_text("utf-8"))


def _leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    elif value is not None:
        yield value


def print_inventory() -> None:
    """Print the numbers."""
    print("\nextraction consists of:")
    for what, count in inventory().items():
        print(f"{count:>7} {what}")
