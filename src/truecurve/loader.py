"""One YAML file -> one Entry (with the NumPy file beside it) or Guide, or all its Problems with line and column."""

import difflib
import importlib.util
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from truecurve.base_entry import BaseEntry
from truecurve.entry import Elementwise, Entry, Gated, Vector
from truecurve.fields import Model
from truecurve.guide import Guide
from truecurve.layer import Layer
from truecurve.problem import Fault, InvalidCatalog, Problem
from truecurve.sections import Subject

AnySubject = TypeVar("AnySubject", bound=Subject)

MODELS: dict[str, type[BaseEntry]] = {"elementwise": Elementwise, "gated": Gated, "vector": Vector, "layer": Layer}
VARIABLES = {
    "elementwise": ("x",),
    "gated": ("a", "b"),
    "vector": ("x", "maximum", "minimum", "w", "total", "rest", "y", "delta", "gap"),
    "layer": ("x",),
}
FAST = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml reads ten times as fast, where PyYAML was built with it."""
FUNCTIONS = {
    "elementwise": ("", "_derivative", "_second_derivative"),
    "gated": ("", "_derivative"),
    "vector": ("", "_jacobian"),
    "layer": ("", "_backward"),
}
OPTIONAL = {"layer": ("_running_stats",)}


def load(path: Path) -> Entry:
    """Read, validate and bind one entry. Raises InvalidCatalog with every Problem of this file."""
    source, data = _read(path)
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in MODELS:
        source.report(("kind",), f"{kind!r} is not a kind", f"use one of {', '.join(MODELS)}")
        raise InvalidCatalog(source.problems)
    parameters = data.get("parameters")
    names = frozenset(VARIABLES[kind]) | frozenset(parameters if isinstance(parameters, dict) else ())
    entry = _validated(MODELS[kind], source, data, names)
    if kind != path.parent.name:
        source.report(("kind",), f"a {kind} entry lies in {path.parent.name}/", f"move both files to {kind}/")
    if entry is not None and entry.id == path.stem:
        _bind(entry, path.with_suffix(".py"), source)
        _check_choices(entry, source)
    if source.problems:
        raise InvalidCatalog(source.problems)
    return entry  # type: ignore[return-value]  # MODELS holds exactly the members of Entry


def load_guide(path: Path) -> Guide:
    """Read and validate one guide. Raises InvalidCatalog with every Problem of this file."""
    source, data = _read(path)
    guide = _validated(Guide, source, data, frozenset({"x"}))
    if guide is None or source.problems:
        raise InvalidCatalog(source.problems)
    return guide


def _read(path: Path) -> tuple["Source", dict[str, Any]]:
    source = Source(path)
    data = source.read()
    if source.problems:
        raise InvalidCatalog(source.problems)
    return source, data


def _validated(
    model: type[AnySubject], source: "Source", data: dict[str, Any], names: frozenset[str]
) -> AnySubject | None:
    """The model of the data, whose formulas may use the names; None where it does not fit. Problems are reported."""
    identifier = data.get("id")
    try:
        made = model.model_validate(data, context={"names": names})
        made._source = source
    except ValidationError as error:
        for details in error.errors():
            source.report_validation(details)
        made = None
    stem = source.path.stem
    if isinstance(identifier, str) and identifier != stem:
        source.report(("id",), f"{identifier!r} is not the file name", f"rename the file or write id: {stem}")
    return made


class Source:
    """The text of one YAML file and where each value stands in it."""

    def __init__(self, path: Path):
        self.path, self.text = path, ""
        self.root: yaml.Node | None = None
        self.problems: list[Problem] = []

    def read(self) -> dict[str, Any]:
        """The file's data; problems of encoding, syntax, tabs, aliases and duplicate keys are collected."""
        raw = self.path.read_bytes()
        try:
            self.text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = raw[: error.start]
            line, column = before.count(b"\n") + 1, error.start - (before.rfind(b"\n") + 1) + 1
            self._add(line, column, "file", "not UTF-8", "save the file as UTF-8")
            return {}
        try:
            try:
                found = _composed(self.text, FAST)
            except yaml.YAMLError:
                found = _composed(self.text, yaml.SafeLoader)  # its messages and places are better
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = str(getattr(error, "problem", None) or error).split("\n")[0]
            line, column = _position(mark)
            if "\\t" in what or self.text.split("\n")[line - 1][: max(column, 1)].strip(" ").startswith("\t"):
                self._add(line, column, "file", "a tab in the indentation", "indent with spaces")
            else:
                self._add(line, column, "file", f"not YAML ({what})", "check indentation, quotes and colons near here")
            return {}
        if isinstance(found, yaml.AliasEvent):
            self._add(*_position(found.start_mark), "file", "an alias (*name)", "write the value out")
            return {}
        self.root = found
        data = self._value(self.root, ()) if self.root is not None else None
        if not isinstance(data, dict):
            self._add(1, 1, "file", "not a mapping of fields", "start from scripts/new_entry.py")
            return {}
        return data

    def _value(self, node: yaml.Node, path: tuple[Any, ...]) -> Any:
        if isinstance(node, yaml.MappingNode):
            data: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = str(key_node.value)
                if key in data:
                    mark = key_node.start_mark
                    field = ".".join(map(str, (*path, key)))
                    self._add(mark.line + 1, mark.column + 1, field, "given twice", "keep one of the two")
                data[key] = self._value(value_node, (*path, key))
            return data
        if isinstance(node, yaml.SequenceNode):
            return [self._value(child, (*path, index)) for index, child in enumerate(node.value)]
        try:
            value = yaml.SafeLoader("").construct_object(node)
        except (ValueError, yaml.YAMLError):
            return node.value
        return value if isinstance(value, (str, int, float, bool)) or value is None else node.value

    def report(
        self, loc: tuple[Any, ...], what: str, fix: str, offset: int = 0, key: bool = False, absent: bool = False
    ) -> None:
        """Add a Problem at the value (with `key`: the key) that `loc` leads to; unknown steps of `loc` are skipped."""
        self.problems.append(self.problem(loc, what, fix, offset, key, absent))

    def problem(
        self, loc: tuple[Any, ...], what: str, fix: str, offset: int = 0, key: bool = False, absent: bool = False
    ) -> Problem:
        node: yaml.Node | None = self.root
        key_node: yaml.Node | None = None
        steps: list[str] = []
        for step in loc:
            if isinstance(node, yaml.MappingNode):
                pair = next((pair for pair in node.value if pair[0].value == str(step)), None)
                if pair:
                    (key_node, node), steps = pair, [*steps, str(step)]
                elif absent:
                    steps.append(str(step))
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node, key_node, steps = node.value[step], None, [*steps, str(step)]
        mark = key_node.start_mark if key and key_node is not None else node.start_mark if node else None
        line, column = _position(mark)
        if offset and isinstance(node, yaml.ScalarNode):
            line, column = self._inside(node, offset)
        return Problem(self.path, line, column, ".".join(steps) or "file", what, fix)

    def _inside(self, node: yaml.ScalarNode, offset: int) -> tuple[int, int]:
        raw = self.text[node.start_mark.index : node.end_mark.index]
        start = raw.find(node.value)
        index = node.start_mark.index + (start + offset if start >= 0 else 0)
        before = self.text[:index]
        return before.count("\n") + 1, index - (before.rfind("\n") + 1) + 1

    def report_validation(self, details: ErrorDetails) -> None:
        """One pydantic error as one Problem."""
        loc, kind, value = details["loc"], details["type"], details.get("input")
        context = details.get("ctx") or {}
        error = context.get("error")
        if isinstance(error, Fault):
            self.report(loc, error.what, error.fix, error.offset)
        elif kind == "extra_forbidden":
            near = difflib.get_close_matches(str(loc[-1]), _field_names(), 1)
            fix = f"did you mean {near[0]!r}?" if near else "remove it, or see CONTRIBUTING for the fields"
            self.report(loc, "unknown key", fix, key=True)
        elif kind == "missing":
            name = str(loc[-1])
            language = {"zh": "write the Chinese text", "en": "write the English text"}.get(name)
            self.report(loc, "missing", language or f"add {name}:", absent=True)
        elif kind.endswith("_type") or kind in (
            "bool_parsing",
            "float_parsing",
            "int_parsing",
            "model_attributes_type",
        ):
            wanted = details["msg"].removeprefix("Input should be ").removeprefix("a valid ")
            self.report(loc, f"{value!r:.60} is a {_yaml_type(value)}", f"give {wanted}")
        elif kind in ("literal_error", "enum"):
            self.report(loc, f"{value!r:.60} is not allowed", f"use {context.get('expected')}")
        else:
            self.report(loc, f"{value!r:.60} does not fit", details["msg"])

    def _add(self, line: int, column: int, field: str, what: str, fix: str) -> None:
        self.problems.append(Problem(self.path, line, column, field, what, fix))


def _composed(text: str, loader: Any) -> yaml.Node | yaml.AliasEvent | None:
    """The tree of the file, or the first alias in it. Raises YAMLError."""
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.AliasEvent):
            return event
    tree: yaml.Node | None = yaml.compose(text, Loader=loader)
    return tree


def _position(mark: Any) -> tuple[int, int]:
    """1-based line and column of a YAML mark."""
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


def _yaml_type(value: Any) -> str:
    names = {str: "text", dict: "mapping", list: "list", bool: "true/false", type(None): "missing value"}
    return names.get(type(value), "number")


def _field_names() -> set[str]:
    """Every key that the schema knows, for suggestions."""
    pending, found = [Model], set()
    while pending:
        model = pending.pop()
        pending.extend(model.__subclasses__())
        found |= {field.alias or name for name, field in model.model_fields.items()}
    return found


def _bind(entry: Any, path: Path, source: Source) -> None:
    """Import the NumPy file and compare its signatures with the YAML parameters."""
    first = ("id",)
    if not path.exists():
        source.report(first, f"no {path.name} beside it", f"write def {entry.id}(x, ...) there")
        return
    try:
        module = _import(path)
    except Exception as error:
        source.report(first, f"{path.name} cannot be imported ({type(error).__name__}: {error})", "mend the NumPy file")
        return
    for suffix in FUNCTIONS[entry.kind]:
        function = getattr(module, entry.id + suffix, None)
        if not callable(function):
            source.report(first, f"{path.name} has no function {entry.id}{suffix}", "define it")
            continue
        entry._functions[suffix] = function
        if not source.problems:
            check = _check_layer if isinstance(entry, Layer) else _check_signature
            check(entry, suffix, function, source)
    for suffix in OPTIONAL.get(entry.kind, ()):
        if function := getattr(module, entry.id + suffix, None):
            entry._functions[suffix] = function


def _import(path: Path) -> ModuleType:
    """Execute the file anew, so that `serve` sees an edit and a test can load a file from anywhere."""
    spec = importlib.util.spec_from_file_location(f"truecurve.entries.{path.parent.name}.{path.stem}", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _check_signature(entry: Any, suffix: str, function: Any, source: Source) -> None:
    signature = inspect.signature(function)
    found = {name: parameter.default for name, parameter in list(signature.parameters.items())[1:]}
    found.pop("rng", None)
    wanted = {name: parameter.value for name, parameter in entry.parameters.items()}
    if list(found) != list(wanted) and (suffix == "" or list(found)[: len(wanted)] != list(wanted)):
        have, want = ", ".join(found) or "none", ", ".join(wanted) or "none"
        fix = "give both the same parameters in PyTorch's order"
        source.report(("parameters",), f"{entry.id}{suffix} has parameters {have}, the YAML {want}", fix)
        return
    for name, default in wanted.items():
        if suffix and default is None:
            continue  # a derivative may choose a convenient default where PyTorch requires the argument
        given = None if found[name] is inspect.Parameter.empty else found[name]
        if given != default or isinstance(given, bool) != isinstance(default, bool):
            what = f"the default is {default!r} here, {given!r} in {entry.id}{suffix}"
            source.report(("parameters", name, "default"), what, "give both PyTorch's default")


def _check_layer(entry: Layer, suffix: str, function: Any, source: Source) -> None:
    """Arrays and parameters, each in the order of the function; a backward pass takes the gradient of the output
    first."""
    found = dict(inspect.signature(function).parameters)
    found.pop("rng", None)
    names = list(found)[1:] if suffix else list(found)
    wanted = [*entry.arrays, *entry.parameters]
    in_order = [name for group in (entry.arrays, entry.parameters) for name in names if name in group]
    if set(names) != set(wanted) or in_order != wanted:
        what = f"{entry.id}{suffix} takes {', '.join(names)}, the YAML states {', '.join(wanted)}"
        source.report(("arrays",), what, "give both the same arguments in PyTorch's order")
        return
    for name, option in entry.parameters.items():
        given, required = found[name].default, option.default is None
        if (given is inspect.Parameter.empty) != required or (not required and given != option.value):
            what = f"the default is {option.default} here, {given!r} in {entry.id}{suffix}"
            source.report(("parameters", name, "default"), what, "give both PyTorch's default")


def _check_choices(entry: Any, source: Source) -> None:
    """Formulas by choice: one for every choice of the parameter, or a single one."""
    if not isinstance(entry, Elementwise):
        return
    choices = [parameter.choices for parameter in entry.parameters.values() if parameter.choices]
    wanted = set(choices[0]) if choices else {""}
    stable = (entry.stable.definition, entry.stable.derivative, entry.stable.second_derivative)
    for order, field in enumerate(("definition", "derivative", "second_derivative")):
        for loc, formulas in (((field,), entry.stated(order)), (("stable", field), stable[order])):
            if formulas is not None and set(formulas) not in ({""}, wanted):
                fix = (
                    f"give one formula for each of {', '.join(sorted(wanted))}" if choices else "give a single formula"
                )
                source.report(loc, "the choices do not match the parameters", fix)
