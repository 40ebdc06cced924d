"""Types the pages of ``docs/`` that are typed, and renews what they print.

``python -m tools.tour`` reads docs/tour.md and its Vietnamese twin line by line, in an empty folder
each, and writes what is printed now where it is something else; tests compare the same.
"""
