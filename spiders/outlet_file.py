"""Check the text of an outlet's file before Python runs it.

`check_file` is for files that a person wrote: their class holds data and methods, and replaces no method by assignment.
`check_draft` is for files that we wrote from what a site says: nothing in them may run but our own source classes.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from articles.errors import InputError
from spiders.families import FAMILIES
from spiders.outlet import DATA_ATTRIBUTES, Outlet
from spiders.sources import Feed, Listing, Sitemap

DRAFT_SOURCES = (Feed, Listing, Sitemap)
# The names that a draft may import, by module
DRAFT_IMPORTS = {
    "spiders.outlet": frozenset({Outlet.__name__}),
    "spiders.families": frozenset(FAMILIES),
    "spiders.sources": frozenset(kind.__name__ for kind in DRAFT_SOURCES),
}
BASES = frozenset({Outlet.__name__, *FAMILIES})  # of an outlet's class
WHAT_IS_DATA = f"only data may be assigned ({', '.join(sorted(DATA_ATTRIBUTES))}); everything else needs a `def`"


def check_file(path: Path) -> None:
    """Raise InputError if an outlet's file assigns a method, or runs something in its class that is no assignment."""
    tree = _parse(_read(path), str(path))
    for node in _outside_functions(tree):
        if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
            raise InputError(f"{path} line {node.lineno}: {node.attr} of another object is assigned; {WHAT_IS_DATA}")
    for statement in tree.body:
        if isinstance(statement, ast.ClassDef) and any(_names(base) for base in statement.bases):
            _check_class(statement, path)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}") from error


def _parse(text: str | bytes, name: str) -> ast.Module:
    try:
        return ast.parse(text, name)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"{name} cannot be loaded: {error}") from error


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            yield child
            yield from _outside_functions(child)


def _names(node: ast.expr) -> bool:
    """Return whether an expression names a base class of outlets."""
    return (isinstance(node, ast.Name) and node.id in BASES) or (isinstance(node, ast.Attribute) and node.attr in BASES)


def _check_class(node: ast.ClassDef, path: Path) -> None:
    if node.keywords or node.decorator_list:
        raise InputError(f"{path} line {node.lineno}: an outlet's class has neither decorators nor keywords")
    for statement in node.body:
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.FunctionDef() | ast.Pass():
                continue
            case ast.Assign(targets=targets):
                pass
            case ast.AnnAssign():
                targets = [statement.target]
            case _:
                raise InputError(f"{path} line {statement.lineno}: this is no attribute of an outlet; {WHAT_IS_DATA}")
        for target in targets:
            name = target.id if isinstance(target, ast.Name) else ast.unparse(target)
            if name not in DATA_ATTRIBUTES and (not isinstance(target, ast.Name) or hasattr(Outlet, name)):
                raise InputError(f"{path} line {statement.lineno}: {name} is assigned; {WHAT_IS_DATA}")


def check_draft(text: str) -> None:
    """Raise InputError if the text is anything but imports of our own names and one class of literals and our sources."""
    tree = _parse(text, "the draft")
    *before, last = tree.body or [ast.Pass()]
    if not all(_is_preamble(statement) for statement in before) or not _is_draft_class(last):
        raise InputError("the draft is not a plain outlet file; nothing was written")


def _is_preamble(statement: ast.stmt) -> bool:
    match statement:
        case ast.Expr(value=ast.Constant(value=str())):
            return True
        case ast.ImportFrom(module=str(module), names=names, level=0):
            known = DRAFT_IMPORTS.get(module, frozenset())
            return all(name.name in known and name.asname is None for name in names)
    return False


def _is_draft_class(statement: ast.stmt) -> bool:
    match statement:
        case ast.ClassDef(bases=[ast.Name(id=base)], keywords=[], decorator_list=[], body=body):
            if base not in BASES:
                return False
        case _:
            return False
    assigned: list[str] = []
    for part in body:
        match part:
            case ast.Expr(value=ast.Constant(value=str())):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in DATA_ATTRIBUTES and _is_literal(value):
                assigned.append(name)
            case _:
                return False
    return len(set(assigned)) == len(assigned)


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant():
            return True
        case ast.Tuple(elts=elements):
            return all(_is_literal(element) for element in elements)
        case ast.Call(func=ast.Name(id=name), args=args, keywords=keywords):
            values = [*args, *(keyword.value for keyword in keywords)]
            known = name in DRAFT_IMPORTS["spiders.sources"] and all(keyword.arg for keyword in keywords)
            return known and all(isinstance(value, ast.Constant) for value in values)
    return False
