"""Cloudflare's Rules language: parse, print, evaluate.

>>> expression = parse('http.response.code in {500..599} and not ssl')
>>> print_expression(expression)
'http.response.code in {500..599} and not ssl'
>>> evaluate(expression, {"http.response.code": 502, "ssl": False})
True
"""

from site_builder.rules_language.cursor import ExpressionError
from site_builder.rules_language.evaluator import compile_expression, evaluate, value_of
from site_builder.rules_language.fields import FIELDS, HTTP_CUSTOM_ERRORS
from site_builder.rules_language.measure import normalised_length
from site_builder.rules_language.parser import MOST_CHARACTERS, parse
from site_builder.rules_language.parts import Parts
from site_builder.rules_language.printer import print_expression
from site_builder.rules_language.scheme import Function, Parameter, Scheme
from site_builder.rules_language.tree import Expression
from site_builder.rules_language.values import Type, Value

__all__ = [
    "FIELDS",
    "HTTP_CUSTOM_ERRORS",
    "MOST_CHARACTERS",
    "Expression",
    "ExpressionError",
    "Function",
    "Parameter",
    "Parts",
    "Scheme",
    "Type",
    "Value",
    "compile_expression",
    "evaluate",
    "normalised_length",
    "parse",
    "print_expression",
    "value_of",
]
