"""Ladder rows 2, 3, 4, 7 and 8 over the catalogue, and proofs that each checker rejects a planted fault."""

import json
import re

import numpy as np
import pytest

import ladder
from truecurve import authority, catalog, facts, proofs, prose, recordings, snippets
from truecurve.entry import Elementwise, Gated, Vector

ENTRIES = list(catalog())
ELEMENTWISE = [entry for entry in ENTRIES if isinstance(entry, Elementwise)]
ARRAYS = [entry for entry in ENTRIES if isinstance(entry, (Gated, Vector))]
each = pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
each_elementwise = pytest.mark.parametrize("entry", ELEMENTWISE, ids=lambda entry: entry.id)
each_array = pytest.mark.parametrize("entry", ARRAYS, ids=lambda entry: entry.id)
RECORDED = recordings.read(recordings.VERIFICATION)


def assert_recorded(entry, name, measurement):
    """A count that differs, or an error that grew, since `make record`."""
    recorded = RECORDED["entries"][entry.id][name]
    assert measurement.checks == recorded["checks"], f"{name}: run make record"
    # Platforms differ in the last bits of exp and tanh; within the tolerance a recorded error may vary by half a unit.
    assert measurement.worst <= recorded["worst"] + 0.5 / 8, f"{name} was {recorded['worst']}, is {measurement}"


@pytest.mark.parametrize("name", ladder.ROWS)
@each_elementwise
def test_numpy_is_the_formula(entry, name):
    order, dtype = ladder.ROWS[name]
    measurement = ladder.accuracy(entry, order, dtype)
    assert measurement.checks > 100
    assert measurement.worst <= 1, f"{entry.id} {name}: {measurement}"
    assert_recorded(entry, name, measurement)


@each_array
def test_gated_and_vector_numpy(entry):
    measurements = ladder.array_measurements(entry)
    for name, measurement in measurements.items():
        assert measurement.checks > 100
        assert measurement.worst <= 1, f"{entry.id} {name}: {measurement}"
        assert_recorded(entry, name, measurement)


@each_elementwise
def test_pytorch(entry):
    measurement, deviations = ladder.against_torch(entry)
    assert measurement.checks > 100
    assert measurement.worst <= 1, f"{entry.id}: {measurement}"
    recorded = recordings.read(recordings.TORCH)["deviations"].get(entry.id, [])
    assert [(d["quantity"], d["params"]) for d in deviations] == [(d["quantity"], d["params"]) for d in recorded]
    assert_recorded(entry, "torch", measurement)


@each_elementwise
def test_figures_were_recorded(entry):
    """Row 5 itself is tested in test_figures.py."""
    assert ladder.figure_deviation(entry) == RECORDED["entries"][entry.id]["figures"], "run make record"


@each_elementwise
def test_kinks_follow_pytorch(entry):
    """The stated derivative at each kink, the NumPy derivative there and PyTorch's gradient are one number."""
    for params in authority.settings(entry):
        for kink in facts.kink_points(entry, params):
            x = np.array([float(kink)])
            if float(kink) != kink:
                continue
            stated = float(facts.df(entry, float(kink), params))
            ours = float(entry.derivative(x, **params)[0])
            theirs = float(ladder.torch_value(entry, x, params)[1][0])
            assert stated == ours == theirs, f"{entry.id} at {kink} with {params}"


@pytest.mark.parametrize("entry", catalog().functions, ids=lambda entry: entry.id)
def test_defaults_and_names_are_pytorchs(entry):
    """By introspection of the module: the same parameters, in the same order, with the same defaults."""
    import inspect

    import torch

    if not entry.torch.module or entry.torch.composed:
        return  # PyTorch has no function with these parameters
    module = getattr(torch.nn, entry.torch.module.removeprefix("torch.nn."))
    signature = inspect.signature(module.__init__)
    named = [p for p in list(signature.parameters.values())[1:] if p.kind is p.POSITIONAL_OR_KEYWORD]
    # Hardtanh still takes its former names, and warns of them.
    theirs = {p.name: p.default for p in named if p.name not in ("inplace", "dim", "min_value", "max_value")}
    ours = {n: p.value if p.value is not None else inspect.Parameter.empty for n, p in entry.parameters.items()}
    ours = {name: default for name, default in ours.items() if name not in ("training", "dim")}
    assert list(theirs.items()) == list(ours.items())


@each_elementwise
def test_special_inputs(entry):
    for params in authority.settings(entry):
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            for dtype in (np.float32, np.float64):
                made = entry.forward(np.array([np.nan, np.inf, -np.inf], dtype), **params)
                slopes = entry.derivative(np.array([np.nan], dtype), **params)
            assert np.isnan(made[0]) and np.isnan(slopes[0])
            for value, side in ((made[1], "+inf"), (made[2], "-inf")):
                limit = facts.case_at(entry.claims.limits[side], params)
                assert value == float(limit.mp({n: authority.exact(v) for n, v in params.items()})), (params, side)
        assert np.shape(entry.forward(0.5, **params)) == ()
        assert entry.forward([1, 2], **params).shape == (2,)
        assert entry.forward(np.zeros((2, 0)), **params).shape == (2, 0)


@each
def test_outside_the_domain_the_error_names_the_parameter(entry):
    for name, parameter in entry.parameters.items():
        required = {n: float(s[0].mp({})) for n, p in entry.parameters.items() if p.value is None and (s := p.samples)}
        if parameter.type == "choice":
            outside = ["no such choice"]
        elif parameter.type == "real":
            ends = [
                (parameter.domain.low, parameter.domain.low_open, -1),
                (parameter.domain.high, parameter.domain.high_open, 1),
            ]
            values = {**entry.defaults(), **required}
            numbers = [(float(end.mp(values)), open_, sign) for end, open_, sign in ends]
            outside = [end if open_ else end + sign for end, open_, sign in numbers if np.isfinite(end)]
        else:
            outside = []
        for value in outside:
            with pytest.raises(ValueError, match=name):
                entry.forward(np.array([1.0, 2.0]), **{**required, name: value})


@pytest.mark.parametrize("entry", ELEMENTWISE, ids=lambda entry: entry.id)
def test_float32_is_computed_in_float32(entry):
    """No cast to float64 outside the file of the error functions."""
    text = entry._source.path.with_suffix(".py").read_text(encoding="utf-8")
    assert "float64" not in text.split('"""')[-1] or "result_type" in text


# --- row 7 -----------------------------------------------------------------------------------------------------------


def unit(text):
    """One in the last printed digit; 0 for an integer."""
    mantissa, _, power = text.partition("e")
    return 10.0 ** (int(power or 0) - len(mantissa.partition(".")[2])) if "." in mantissa else 0.0


def same_output(again, shown):
    """The same words, and the same numbers to the digits that PyTorch prints: the last of them may differ by one, since
    PyTorch rounds differently on processors with and without AVX-512 (GELU(-3): -0.0041 and -0.0040)."""
    number = re.compile(r"-?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan)")
    texts = [number.findall(text) for text in (again, shown)]
    words = [" ".join(number.sub(" ", text).split()) for text in (again, shown)]
    if words[0] != words[1] or len(texts[0]) != len(texts[1]):
        return False
    last = np.array([max(unit(one), unit(other)) for one, other in zip(*texts, strict=True)])
    got, want = (np.array([float(text) for text in one]) for one in texts)
    return bool(np.all((np.abs(got - want) <= 1.01 * last + 1e-7) | (got == want) | (np.isnan(got) & np.isnan(want))))


@each
def test_samples_print_what_the_page_says(entry):
    for snippet in snippets.shown(entry):
        assert snippet.output is not None, f"{snippet.id} is not recorded: run make record"
        if snippet.label == "PyTorch":
            again = ladder.run_torch(snippet.code)
        else:
            snippets.run.cache_clear()
            again = snippets.run(snippets.source(entry), snippet.code)
        assert same_output(again, snippet.output), f"{snippet.id}: now {again}"


@each
def test_quoted_pytorch_values(entry):
    for code in prose.recorded_values(entry):
        recorded = recordings.torch_value(code)
        assert recorded is not None, f"{code} is not recorded: run make record"
        again = ladder.evaluate_torch(code)
        again = float(again) if again in ("nan", "inf", "-inf") else again
        if isinstance(recorded, str) or (isinstance(recorded, list) and any(isinstance(one, str) for one in recorded)):
            assert again == recorded
        else:
            assert np.allclose(again, recorded, rtol=1e-5, atol=1e-30, equal_nan=True), code


def test_recordings_hold_nothing_else():
    """A recording that no page shows any more is an error."""
    subjects = catalog().subjects
    shown = {snippet.code for one in subjects for snippet in snippets.shown(one) if snippet.label == "PyTorch"}
    quoted = {code for one in subjects for code in prose.recorded_values(one)}
    recorded = recordings.read(recordings.TORCH)
    assert set(recorded["samples"]) == shown
    assert set(recorded["values"]) == quoted


# --- row 8 -----------------------------------------------------------------------------------------------------------


@each
def test_every_statement_is_proved(entry):
    assert proofs.check(entry, catalog()) == []
    assert prose.check(entry, catalog()) == []
    assert proofs.count(entry) > 5


def test_recorded_counts_are_this_catalogue():
    assert set(RECORDED["entries"]) == {entry.id for entry in ENTRIES}
    for entry in ENTRIES:
        own = RECORDED["entries"][entry.id]
        measured = sum(item["checks"] for item in own.values() if isinstance(item, dict))
        assert own["checks"] == measured + len(snippets.shown(entry)) + proofs.count(entry), "run make record"
    assert RECORDED["total"]["checks"] == sum(row["checks"] for row in RECORDED["rows"])
    assert json.dumps(RECORDED)


# --- planted faults: each checker must reject ------------------------------------------------------------------------


def planted(entry, change):
    def function(x, **params):
        return change(np.asarray(entry.forward(x, **params)))

    return function


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_accuracy_rejects_a_wrong_value(dtype):
    entry = catalog().entry("tanh")
    scale = 1 + (64 * np.finfo(dtype).eps)
    wrong = planted(entry, lambda y: y * y.dtype.type(scale))
    assert ladder.accuracy(entry, 0, dtype, 40, wrong).worst > 1


def test_accuracy_rejects_cancellation():
    """1 - tanh(x)^2 has no correct digit at x = -20, which an absolute tolerance would accept."""
    entry = catalog().entry("tanh")
    assert ladder.accuracy(entry, 1, "float64", 40, lambda x: 1 - np.tanh(x) ** 2).worst > 1


def test_accuracy_rejects_another_dtype():
    entry = catalog().entry("tanh")
    with pytest.raises(AssertionError, match="float64 out"):
        ladder.accuracy(entry, 0, "float32", 40, planted(entry, lambda y: y.astype(np.float64)))


def test_accuracy_rejects_warnings():
    entry = catalog().entry("tanh")
    with pytest.raises(FloatingPointError):
        ladder.accuracy(
            entry, 0, "float64", 40, lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)) + np.exp(9 * x)
        )


def test_accuracy_rejects_nan():
    entry = catalog().entry("tanh")
    measurement = ladder.accuracy(entry, 0, "float64", 40, planted(entry, lambda y: np.where(y > 0.5, np.nan, y)))
    assert not measurement.worst <= 1


def test_pytorch_comparison_rejects_a_wrong_forward_and_a_wrong_gradient(monkeypatch):
    entry = catalog().entry("leaky_relu")
    for suffix in ("", "_derivative"):
        with monkeypatch.context() as patch:
            right = entry._functions[suffix]
            patch.setitem(
                entry._functions, suffix, lambda x, negative_slope=0.01, f=right: f(x, negative_slope) + 1e-12
            )
            assert ladder.against_torch(entry, 40)[0].worst > 1


def test_gated_and_vector_checks_reject_faults(monkeypatch):
    glu, softmax = catalog().entry("glu"), catalog().entry("softmax")
    cases = [
        (glu, "", "f64", lambda x, dim=-1, f=glu._functions[""]: f(np.roll(x, x.shape[dim] // 2, dim), dim)),
        (glu, "_derivative", "df64", lambda x, dim=-1, f=glu._functions["_derivative"]: f(x, dim)[::-1]),
        (softmax, "", "f64", lambda x, dim, f=softmax._functions[""]: f(x, dim) * (1 + 1e-12)),
        (softmax, "_jacobian", "df64", lambda x, dim=-1, f=softmax._functions["_jacobian"]: np.abs(f(x, dim))),
    ]
    for entry, suffix, name, wrong in cases:
        with monkeypatch.context() as patch:
            patch.setitem(entry._functions, suffix, wrong)
            assert ladder.array_measurements(entry, 10)[name].worst > 1, (entry.id, suffix)


@pytest.mark.parametrize(
    "other", ["tensor([0.5003, 1.0000])", "tensor([0.5000])", "tensor([0.5000, nan])", "array([0.5, 1])"]
)
def test_output_comparison_rejects(other):
    assert same_output("tensor([0.5000, -0.0041])", "tensor([0.5000, -0.0040])"), "the last digit may differ by one"
    assert same_output("tensor([0.5000, 1.0000])", "tensor([0.5000, 1.0000])")
    assert not same_output("tensor([0.5000, 1.0000])", other)
