"""MongoDB's language as far as shared/runtime speaks it: filters, updates, projections, sort orders. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

Document = dict[str, Any]
Sort = Sequence[tuple[str, int]]


def copied(value: Any) -> Any:
    """As it comes back from a database: dicts and lists of its own, tuples as lists."""
    if isinstance(value, dict):
        return {key: copied(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [copied(part) for part in value]
    return value


def values_at(document: Any, path: str) -> list[Any]:
    """Every value that a dotted path reaches; arrays are entered, by number or each element."""
    found = [document]
    for step in path.split("."):
        reached: list[Any] = []
        for one in found:
            if isinstance(one, dict):
                if step in one:
                    reached.append(one[step])
            elif isinstance(one, list) and step.isdigit():
                reached += one[int(step) : int(step) + 1]
            elif isinstance(one, list):
                reached += [part[step] for part in one if isinstance(part, dict) and step in part]
        found = reached
    return found


def matches(document: Document, where: Mapping[str, Any]) -> bool:
    for path, wanted in where.items():
        if path == "$or":
            if not any(matches(document, one) for one in wanted):
                return False
        elif "." not in path and not isinstance(wanted, dict):
            value = document.get(path)
            if value != wanted and not (isinstance(value, list) and wanted in value):
                return False
        elif not _fulfils(values_at(document, path), wanted):
            return False
    return True


def _fulfils(values: list[Any], wanted: Any) -> bool:
    if isinstance(wanted, dict) and wanted and next(iter(wanted)).startswith("$"):
        return all(_compares(values, operator, operand) for operator, operand in wanted.items())
    return _equals(values, wanted)


def _equals(values: list[Any], wanted: Any) -> bool:
    if not values:
        return wanted is None
    return any(value == wanted or (isinstance(value, list) and wanted in value) for value in values)


def _compares(values: list[Any], operator: str, operand: Any) -> bool:
    match operator:
        case "$ne":
            return not _equals(values, operand)
        case "$in":
            return any(_equals(values, one) for one in operand)
        case "$nin":
            return not any(_equals(values, one) for one in operand)
        case "$exists":
            return bool(values) is operand
        case "$regex":
            return any(isinstance(value, str) and re.search(operand, value) for value in values)
        case "$lt" | "$lte" | "$gt" | "$gte":
            return any(_stands(value, operator, operand) for value in values)
        case _:
            raise NotImplementedError(operator)


def _stands(value: Any, operator: str, operand: Any) -> bool:
    """Only values of one type are compared."""
    if type(value) is not type(operand):
        return False
    match operator:
        case "$lt":
            return bool(value < operand)
        case "$lte":
            return bool(value <= operand)
        case "$gt":
            return bool(value > operand)
        case _:
            return bool(value >= operand)


def changed(document: Document, update: Mapping[str, Mapping[str, Any]], inserted: bool = False) -> Document:
    new = dict(document)
    for operator, fields in update.items():
        for name, operand in fields.items():
            assert "." not in name, "no update of ours reaches into a document"
            match operator:
                case "$set":
                    new[name] = copied(operand)
                case "$unset":
                    new.pop(name, None)
                case "$setOnInsert":
                    if inserted:
                        new[name] = copied(operand)
                case "$inc":
                    new[name] = new.get(name, 0) + operand
                case "$max":
                    new[name] = max(new.get(name, operand), operand)
                case "$push":
                    pushed = operand["$each"] if isinstance(operand, dict) and "$each" in operand else [operand]
                    new[name] = [*new.get(name, []), *copied(pushed)]
                case _:
                    raise NotImplementedError(operator)
    return new


def begun(where: Mapping[str, Any]) -> Document:
    """What an upsert starts from: the filter's equalities."""
    return {name: wanted for name, wanted in where.items() if "." not in name and not isinstance(wanted, dict)}


def ordered(documents: Iterable[Document], sort: Sort) -> list[Document]:
    """What is missing comes first."""
    found = list(documents)
    for name, direction in reversed(sort):
        found.sort(key=partial(_rank, name), reverse=direction < 0)
    return found


def aggregated(documents: Iterable[Document], stages: Sequence[Document]) -> list[Document]:
    """What our pipelines ask for: some of them, an order, and the first of each group."""
    found = list(documents)
    for stage in stages:
        match stage:
            case {"$match": dict(where)}:
                found = [one for one in found if matches(one, where)]
            case {"$sort": dict(sort)}:
                found = ordered(found, list(sort.items()))
            case {"$group": dict(group)}:
                found = list(_firsts(found, group))
            case _:
                raise NotImplementedError(stage)
    return found


def _firsts(documents: Iterable[Document], group: Document) -> Iterable[Document]:
    known: dict[Any, Document] = {}
    for one in documents:
        key = _computed(one, group["_id"])
        known.setdefault(key, {"_id": key} | {name: _computed(one, of["$first"]) for name, of in _fields(group)})
    return known.values()


def _fields(group: Document) -> Iterable[tuple[str, Document]]:
    return ((name, of) for name, of in group.items() if name != "_id")


def _rank(name: str, document: Document) -> tuple[bool, Any]:
    value = document.get(name)
    return value is not None, value


def projected(document: Document, projection: Mapping[str, Any] | None) -> Document:
    """A copy, with the fields asked for."""
    if projection is None:
        return dict(document)
    if all(asked is False for asked in projection.values()):
        return {name: value for name, value in document.items() if name not in projection}
    shown = {"_id": document["_id"]}
    for name, asked in projection.items():
        if asked is True:
            if name in document:
                shown[name] = document[name]
        elif "$elemMatch" in asked:
            found = [part for part in document.get(name, []) if matches(part, asked["$elemMatch"])]
            shown |= {name: found[:1]} if found else {}
        else:
            shown[name] = _computed(document, asked)
    return shown


def _computed(document: Document, expression: Any) -> Any:
    match expression:
        case {"$size": of}:
            return len(_computed(document, of))
        case {"$ifNull": [of, instead]}:
            value = _computed(document, of)
            return instead if value is None else value
        case str():
            return document.get(expression.removeprefix("$"))
        case _:
            raise NotImplementedError(expression)
