"""The payload of the published data, api/v1/: the files, their JSON Schema and their documentation come from it.

Within v1 fields are only added. Every field says in both languages what it holds.
"""

import math
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, RootModel

ZH = "x-description-zh"
"""The key of the Chinese meaning in the schema; the English one is its description."""


def _means(en: str, zh: str, **more: Any) -> Any:
    return Field(description=en, json_schema_extra={ZH: zh}, **more)


def _strict(value: Any) -> Any:
    return value if not isinstance(value, float) or math.isfinite(value) else str(value)


class Number(RootModel[Annotated[float | Literal["inf", "-inf", "nan"], BeforeValidator(_strict)]]):
    """A float64 number; infinity and NaN, which JSON does not have, are words."""

    model_config = ConfigDict(frozen=True)


Formulas = str | dict[str, str] | None


class Payload(BaseModel):
    model_config = ConfigDict(frozen=True)


class Bilingual(Payload):
    zh: str = _means("in Chinese", "中文")
    en: str = _means("in English", "英文")


class Names(Payload):
    short: str = _means("international name, such as GELU", "国际通用名，如 GELU")
    zh: str = _means("full name in Chinese", "中文全名")
    en: str = _means("full name in English", "英文全名")


class Torch(Payload):
    """Each may be null."""

    module: str | None = _means("dotted name of the class", "类的完整名称")
    functional: str | None = _means("dotted name of the function", "函数的完整名称")
    composed: str | None = _means(
        "expression in x and the parameters, where PyTorch has no one function of this signature",
        "PyTorch 没有一个同样签名的函数时，用 x 和参数写成的表达式",
    )


class Urls(Payload):
    zh: str = _means("page in Chinese", "中文页面")
    en: str = _means("page in English", "英文页面")
    embed_zh: str = _means("live figure to embed, in Chinese", "可嵌入的交互图，中文")
    embed_en: str = _means("live figure to embed, in English", "可嵌入的交互图，英文")
    svg: str = _means("figure as SVG on white", "图，SVG，白底")
    svg_dark: str = _means("figure as SVG on a dark ground", "图，SVG，深色底")
    svg_transparent: str = _means("figure as SVG on no ground", "图，SVG，透明底")
    png_800: str = _means("figure as PNG, 800 × 500 pixels", "图，PNG，800 × 500 像素")
    png_1600: str = _means("figure as PNG, 1600 × 1000 pixels", "图，PNG，1600 × 1000 像素")
    pdf: str = _means("figure as PDF with its fonts embedded", "图，PDF，字体已嵌入")
    csv: str = _means("table of values", "数值表")
    tex: str = _means("formulas as LaTeX", "公式，LaTeX")
    json_: str = _means("all data of the function", "这个函数的全部数据", serialization_alias="json")
    notebook_zh: str = _means("Jupyter notebook in Chinese", "中文 Jupyter notebook")
    notebook_en: str = _means("Jupyter notebook in English", "英文 Jupyter notebook")


class Item(Payload):
    """A function as the catalogue lists it."""

    id: str = _means("name in addresses and in Python", "在网址和 Python 里的名字")
    kind: Literal["elementwise", "gated", "vector", "layer"] = _means(
        "a scalar function of each element, of two halves of the input, or of a whole vector; or a layer of arrays",
        "逐元素的标量函数，把输入分成两半的门控函数，作用于整个向量的函数，或作用于数组的层",
    )
    family: str = _means("id of its family", "所属函数族的 id")
    name: Names = _means("names", "名称")
    torch: Torch = _means("the same in PyTorch", "PyTorch 里的对应物")
    urls: Urls = _means("addresses, relative to the root of the site", "网址，相对于网站根目录")


class Catalogue(RootModel[list[Item]]):
    """All functions, in the order of the site."""


class Release(Payload):
    version: str = _means("version of the catalogue", "图鉴的版本")
    torch: str | None = _means("version of PyTorch it was checked against", "核对时所用的 PyTorch 版本")
    licence: str = _means("SPDX identifier of the licence", "许可证的 SPDX 标识")
    licence_url: str = _means("text of the licence", "许可证全文")


class Parameter(Payload):
    name: str = _means("name, as in PyTorch", "名字，与 PyTorch 相同")
    type: Literal["real", "choice", "flag", "option"] = _means(
        "a number, one of several words, or true and false; option: of a layer, see takes",
        "数、若干词之一，或真假；option：层的参数，见 takes",
    )
    integer: bool = _means("whether the number must be whole", "这个数是否必须是整数")
    default: int | Number | str | bool | None = _means(
        "default of PyTorch; null: must be given", "PyTorch 的默认值；null 表示必须给出"
    )
    domain: str | None = _means("interval of the values allowed", "允许取值的区间")
    choices: list[str] | None = _means("the words of a choice", "可选的词")
    takes: str | None = _means(
        "of a layer: Python types; default is a Python literal", "层的参数：Python 类型；default 是 Python 字面量"
    )
    means: Bilingual = _means("what it does", "含义")


class Argument(Payload):
    name: str = _means("name of the array argument", "数组参数的名字")
    shape: str = _means("its shape", "形状")
    means: Bilingual = _means("what it holds", "含义")


class Latex(Payload):
    definition: Formulas = _means("equation of the definition", "定义的等式")
    derivative: Formulas = _means("equation of the derivative", "导数的等式")
    second_derivative: Formulas = _means("equation of the second derivative", "二阶导数的等式")


class Form(Payload):
    """An equivalent formula, proved equal to the definition."""

    id: str = _means("name on the page", "页面上的名字")
    formula: str | None = _means("formula, written as in definition", "公式，写法同 definition")
    latex: str = _means("equation", "等式")
    when: str | None = _means("condition on the parameters, likewise", "对参数的条件，写法同 definition")
    choice: str | None = _means("word of the choice parameter it belongs to", "所属的可选词")


class Kink(Payload):
    at: Number = _means("where", "位置")
    derivative: Number = _means("value of the derivative there, that of PyTorch", "该处导数的取值，与 PyTorch 相同")
    jump: bool = _means("whether the function itself jumps there", "函数本身是否在此跳跃")


class Piece(Payload):
    low: Number = _means("lower end", "下端")
    high: Number = _means("upper end", "上端")
    low_open: bool = _means("whether the lower end is left out", "是否不含下端")
    high_open: bool = _means("whether the upper end is left out", "是否不含上端")


class Claim(Payload):
    """A proved line of the table of properties."""

    key: str = _means("which property, such as monotonic or max_slope", "哪条性质，如 monotonic、max_slope")
    applies: bool = _means("whether this case is the one at evaluated_at", "evaluated_at 的参数是否属于这一情形")
    when: str | None = _means("condition on the parameters, as LaTeX", "对参数的条件，LaTeX")
    word: str | None = _means("what holds, where it is a word", "用词表示的结论")
    latex: str | None = _means("what holds, where it is a formula", "用公式表示的结论")
    number: Number | None = _means("value at evaluated_at", "在 evaluated_at 的参数下的值")
    at: Number | None = _means("x at which the value occurs", "取到该值的 x")


class ScalarSamples(Payload):
    x: list[Number] = _means("elementwise: inputs", "逐元素函数：输入")
    f: list[Number] = _means("elementwise: values", "逐元素函数：函数值")
    df: list[Number] = _means("elementwise: derivatives", "逐元素函数：导数")
    d2f: list[Number | None] = _means(
        "elementwise: second derivatives; null where there is none", "逐元素函数：二阶导数，不存在处为 null"
    )


class GatedSamples(Payload):
    a: list[Number] = _means("gated: first half of the input", "门控函数：输入的前一半")
    b: list[Number] = _means("gated: second half of the input", "门控函数：输入的后一半")
    f: list[Number] = _means("gated: values", "门控函数：函数值")
    df_da: list[Number] = _means("gated: derivatives with respect to a", "门控函数：对 a 的偏导数")
    df_db: list[Number] = _means("gated: derivatives with respect to b", "门控函数：对 b 的偏导数")


class VectorSamples(Payload):
    x: list[Number] = _means("vector: input", "向量函数：输入")
    f: list[Number] = _means("vector: output", "向量函数：输出")
    jacobian: list[list[Number]] = _means(
        "vector: row i, column j is the derivative of output i with respect to input j",
        "向量函数：第 i 行第 j 列是第 i 个输出对第 j 个输入的偏导数",
    )


class Values(Payload):
    """An array: its shape, and its numbers with the last axis fastest."""

    shape: list[int] = _means("lengths of the axes", "各轴的长度")
    values: list[Number] = _means("numbers, the last axis fastest", "数值，最后一轴变化最快")


class LayerSamples(Payload):
    call: str = _means("layer: the call, in Python", "层：调用，Python 语法")
    arrays: dict[str, Values] = _means("layer: the arrays of the call", "层：调用里的数组")
    outputs: list[Values] = _means("layer: what it returns", "层：返回的数组")
    gradients: dict[str, Values] = _means(
        "layer: gradient of every array, for an upstream gradient of 1, 2, 3, …",
        "层：上游梯度为 1, 2, 3, … 时各数组的梯度",
    )


Samples = ScalarSamples | GatedSamples | VectorSamples | LayerSamples


class Related(Payload):
    id: str = _means("id of the other function", "另一个函数的 id")
    relation: Literal["equal", "limit", "see"] = _means(
        "equal: identical at these parameters; limit: tends to it; see: worth reading too",
        "equal：取这些参数时恒等；limit：趋于它；see：可以参看",
    )
    given: dict[str, str] = _means("parameters of this function", "本函数的参数")
    theirs: dict[str, str] = _means("parameters of the other", "另一个函数的参数")


class Work(Payload):
    id: str = _means("name of the work on the site", "文献在本站的名字")
    authors: str = _means("authors, separated by semicolons", "作者，用分号分隔")
    title: str = _means("title", "标题")
    year: int = _means("year", "年份")
    venue: str | None = _means("where it appeared", "发表处")
    link: str | None = _means("address", "网址")


class Details(Item):
    """A function with all its data."""

    schema_: str = _means(
        "address of the JSON Schema, relative to this file",
        "JSON Schema 的网址，相对于本文件",
        serialization_alias="$schema",
    )
    release: Release = _means("versions and licence", "版本与许可证")
    summary: Bilingual = _means("one sentence", "一句话说明")
    aliases: list[str] = _means("other names", "别名")
    arrays: list[Argument] = _means("array arguments of a layer, in order", "层的数组参数，按次序")
    parameters: list[Parameter] = _means("parameters, in the order of PyTorch", "参数，按 PyTorch 的次序")
    evaluated_at: dict[str, Number | str | bool] = _means(
        "parameters at which kinks, range, claims and samples are computed",
        "kinks、range、claims、samples 计算时所取的参数",
    )
    definition: Formulas = _means(
        "formula in the syntax of Python; an object by the word of the choice parameter where there is one; null for a"
        " function of a vector",
        "公式，Python 语法；有可选词参数时是以词为键的对象；向量函数为 null",
    )
    derivative: Formulas = _means(
        "likewise the derivative; of a gated function an object with the keys a and b",
        "导数，写法相同；门控函数是以 a、b 为键的对象",
    )
    second_derivative: Formulas = _means(
        "likewise the second derivative, of elementwise functions only", "二阶导数，写法相同，仅逐元素函数有"
    )
    latex: Latex = _means(
        "the same as equations in LaTeX; of a vector, the Jacobian", "同样的内容，LaTeX 等式；向量函数给出雅可比矩阵"
    )
    forms: list[Form] = _means("equivalent formulas", "等价形式")
    kinks: list[Kink] = _means("where branches meet", "分段点")
    range: list[Piece] = _means(
        "range as a union of intervals, of elementwise functions only", "值域，若干区间之并，仅逐元素函数有"
    )
    claims: list[Claim] = _means("proved properties, of elementwise functions only", "证明过的性质，仅逐元素函数有")
    samples: Samples = _means("values to test an implementation", "可用来测试实现的数值")
    related: list[Related] = _means("related functions", "相关函数")
    references: list[Work] = _means("references", "参考文献")
