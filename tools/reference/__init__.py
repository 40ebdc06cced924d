"""Writes the reference pages of ``docs/`` from the code: what is told by code is not retyped.

``python -m tools.reference`` writes them; ``--check`` only says which are out of date.
"""
