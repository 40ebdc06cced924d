"""Adapters without Python: what the adapters that follow a definition have in common.

``tables`` is what can be said of an interface, ``templates`` and ``paths`` the two little languages
in it; ``faults`` judges answers, ``records`` reads rows, ``feed`` and ``listing`` read pages,
``adapter`` is all of it behind the one interface the engine knows. How a call is made is a
``Service`` (``service``), one for each protocol.
"""
