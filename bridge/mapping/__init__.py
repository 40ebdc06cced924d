"""The mapping language: one file maps a dossier to a system's record and back, with laws."""

from bridge.mapping.document import document, transform_reference
from bridge.mapping.errors import (
    Cut,
    LiftError,
    ListUnread,
    LowerErrors,
    LowerProblem,
    MappingError,
    MappingErrors,
    Place,
    Problem,
    Reason,
)
from bridge.mapping.explain import Line, explain_lift, explain_lower
from bridge.mapping.labels import column_of, label_of
from bridge.mapping.laws import Finding, check, undeclared
from bridge.mapping.lens import Lens, Lowered, compile_mapping, compile_text
from bridge.mapping.list_files import list_file
from bridge.mapping.lists import NO_LISTS, Lists, Span, Table
from bridge.mapping.reader import load_file

__all__ = [
    "NO_LISTS",
    "Cut",
    "Finding",
    "Lens",
    "LiftError",
    "Line",
    "ListUnread",
    "Lists",
    "LowerErrors",
    "LowerProblem",
    "Lowered",
    "MappingError",
    "MappingErrors",
    "Place",
    "Problem",
    "Reason",
    "Span",
    "Table",
    "check",
    "column_of",
    "compile_mapping",
    "compile_text",
    "document",
    "explain_lift",
    "explain_lower",
    "label_of",
    "list_file",
    "load_file",
    "transform_reference",
    "undeclared",
]
