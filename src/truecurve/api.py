"""The published data, api/v1/: the catalogue, a file for each function, and the JSON Schema of both."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from typing import Any, Literal, get_args

import numpy as np
from pydantic import BaseModel

from truecurve import describe, facts, payload, proofs, prose, recordings, tables
from truecurve.addresses import ADDRESSES, urls
from truecurve.base_entry import Parameter
from truecurve.catalog import Catalog
from truecurve.entry import Elementwise, Entry, Form, Gated, Kink, LatexForm, Vector
from truecurve.expression import Expression
from truecurve.fields import Text
from truecurve.function_page import FunctionPage, aliases
from truecurve.layer import Layer, Option
from truecurve.payload import Bilingual, Claim, Details, Formulas, Item, Piece, Release
from truecurve.sections import Reference
from truecurve.subject_page import torch_version

Which = Literal["definition", "derivative", "second_derivative"]
WHICH = get_args(Which)


def files(catalog: Catalog) -> dict[str, bytes]:
    """The catalogue and the schemas, by path below the root of the site."""
    return {
        ADDRESSES["catalog"]: _json([item(entry).model_dump(by_alias=True) for entry in catalog]),
        ADDRESSES["catalog_schema"]: _json(schema(payload.Catalogue)),
        ADDRESSES["entry_schema"]: _json(schema(Details)),
    }


def entry_file(entry: Entry, catalog: Catalog) -> bytes:
    """What the catalogue says of a function, and all the rest."""
    made = details(entry, catalog).model_dump(by_alias=True)
    return _json({"$schema": made.pop("$schema"), **made})


def schema(of: type[BaseModel]) -> dict[str, Any]:
    """The JSON Schema of a file."""
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, **of.model_json_schema(mode="serialization")}


def _json(data: Any) -> bytes:
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, indent=1)
    # A list of numbers or words takes one line, not one for each.
    short = re.sub(r"\[\n([^\[\]{}]*?)\n *\]", lambda rows: "[" + re.sub(r"\n *", " ", rows[1]).strip() + "]", text)
    return (short + "\n").encode()


# --- From an entry ---------------------------------------------------------------------------------------------------


def item(entry: Entry) -> Item:
    name = entry.name
    return Item(
        id=entry.id,
        kind=entry.kind,
        family=entry.family,
        name=payload.Names(short=name.short, zh=name.zh, en=name.en),
        torch=payload.Torch(**entry.torch.model_dump()),
        urls=urls(entry.id),
    )


def release() -> Release:
    record = recordings.read(recordings.VERIFICATION)
    return Release(
        version=metadata.version("truecurve"),
        torch=torch_version(record) if record else None,
        licence="CC-BY-4.0",
        licence_url="https://creativecommons.org/licenses/by/4.0/",
    )


def details(entry: Entry, catalog: Catalog) -> Details:
    def say(text: Text) -> Bilingual:
        return Bilingual(**{language: prose.plain(text, entry, language, catalog) for language in ("zh", "en")})

    scalar = entry if isinstance(entry, Elementwise) else None
    params = facts.shown_parameters(scalar) if scalar else {}
    works = [catalog.reference(work) if isinstance(work, str) else work for work in entry.references]
    return Details(
        **dict(item(entry)),
        schema_="../entry.schema.json",
        release=release(),
        summary=say(entry.summary),
        aliases=aliases(entry, "zh"),
        parameters=[_parameter(name, one, say(one.means)) for name, one in entry.parameters.items()],
        arrays=[
            payload.Argument(name=name, shape=one.shape, means=say(one.means))
            for name, one in (entry.arrays.items() if isinstance(entry, Layer) else ())
        ],
        evaluated_at=params,
        **_formulas(entry, catalog),
        kinks=[_kink(kink, params) for kink in scalar.kinks] if scalar else [],
        range=_range(scalar, params) if scalar else [],
        claims=_claims(scalar) if scalar else [],
        samples=_samples(entry),
        related=[payload.Related(**one.model_dump(exclude={"note"})) for one in entry.related],
        references=[_work(work) for work in works],
    )


def _parameter(name: str, one: Parameter, means: Bilingual) -> payload.Parameter:
    domain = one.domain.text if one.domain else None
    option = one if isinstance(one, Option) else None
    return payload.Parameter(
        name=name,
        type=one.type,
        integer=one.integer,
        default=option.default if option else one.value,
        domain=domain,
        choices=one.choices,
        takes=option.takes if option else None,
        means=means,
    )


def _formulas(entry: Entry, catalog: Catalog) -> dict[str, Any]:
    """The definition and its derivatives, as source and as equations of the page, and the equivalent forms."""
    shown, made, equations = FunctionPage(entry, catalog, "en"), dict[str, Any](), dict[str, Formulas]()
    for which, sources in _stated(entry).items():
        lines = [line["latex"] for line in shown.formulas(which)]
        made[which] = _by_key(sources, map(_source, sources.values()))
        # LaTeX written by hand has no source.
        keys = entry.gradients if isinstance(entry, Layer) and which == "derivative" else sources
        equations[which] = _by_key(keys or [""][: len(lines)], lines)
    stated: Sequence[Form | LatexForm] = () if isinstance(entry, Layer) else entry.forms
    forms = [_form(form, line["latex"]) for form, line in zip(stated, shown.forms(), strict=True)]
    return {**made, "latex": payload.Latex(**equations), "forms": forms}


def _stated(entry: Entry) -> dict[Which, Mapping[str, Expression]]:
    """The formulas by choice, or by the half that is differentiated; none where only LaTeX is stated."""
    match entry:
        case Elementwise():
            return {which: entry.stated(order) for order, which in enumerate(WHICH)}
        case Gated():
            partial = {str(half): formula for half, formula in entry.derivatives.items()}
            return {"definition": {"": entry.definition}, "derivative": partial, "second_derivative": {}}
        case Vector() | Layer():
            return {which: {} for which in WHICH}


def _by_key(keys: Iterable[str], values: Iterable[str]) -> Formulas:
    found = dict(zip(keys, values, strict=True))
    return found.get("", found) or None


def _source(formula: Expression) -> str:
    return " ".join(formula.text.split())


def _form(form: Form | LatexForm, latex: str) -> payload.Form:
    if isinstance(form, LatexForm):
        return payload.Form(id=form.id, formula=None, latex=latex, when=None, choice=None)
    when = _source(form.when) if form.when else None
    return payload.Form(id=form.id, formula=_source(form.formula), latex=latex, when=when, choice=form.choice)


def _kink(kink: Kink, params: Mapping[str, Any]) -> payload.Kink:
    at, slope = (float(formula.mp(params)) for formula in (kink.at, kink.derivative))
    return payload.Kink(at=at, derivative=slope, jump=kink.jump)


def _range(entry: Elementwise, params: Mapping[str, Any]) -> list[Piece]:
    return [
        Piece(low=float(low), high=float(high), low_open=piece.low_open, high_open=piece.high_open)
        for piece, low, high in facts.range_pieces(entry, params)
    ]


def _claims(entry: Elementwise) -> list[Claim]:
    current = describe.current(entry)
    return [
        Claim(
            key=fact.key,
            applies=current.get(fact.key) == fact,
            when=fact.when,
            word=fact.word,
            latex=fact.latex,
            number=fact.number,
            at=fact.at,
        )
        for fact in facts.facts(entry)
    ]


def _samples(
    entry: Entry,
) -> payload.ScalarSamples | payload.GatedSamples | payload.VectorSamples | payload.LayerSamples:
    match entry:
        case Elementwise():
            return payload.ScalarSamples(**tables.scalar(entry, tables.COARSE))
        case Gated():
            return payload.GatedSamples(**tables.gated(entry, tables.GATED_COARSE))
        case Vector():
            outputs, jacobian = entry.at(entry.plot.logits)
            return payload.VectorSamples(x=entry.plot.logits, f=outputs.tolist(), jacobian=jacobian.tolist())
        case Layer():
            return _layer_samples(entry)


def _layer_samples(entry: Layer) -> payload.LayerSamples:
    scope = proofs.example(entry)
    return payload.LayerSamples(
        call=entry.example.call,
        arrays={name: _values(scope[name]) for name in entry.arguments if isinstance(scope.get(name), np.ndarray)},
        outputs=[_values(output) for output in proofs.arrays(scope["output"])],
        gradients={name: _values(gradient) for name, gradient in scope["gradients"].items()},
    )


def _values(array: Any) -> payload.Values:
    made = np.asarray(array)
    return payload.Values(shape=list(made.shape), values=made.astype(float).ravel().tolist())


def _work(work: Reference) -> payload.Work:
    return payload.Work(
        id=work.id, authors=work.authors, title=work.title, year=work.year, venue=work.venue, link=work.link
    )
