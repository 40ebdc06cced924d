"""Carries a decision on through the rooms it leads to, so that whoever decided sees it done.

Nothing here is needed: a daemon that runs does the same within seconds, in the same rooms.
"""

from __future__ import annotations

from bridge.engine import clerk, post, receive
from bridge.engine.house import House, Ministry


def carry_out(house: House, ministry: Ministry) -> None:
    """Post what is waiting, work what this system's links are to be compared with, tell the clerk.

    Raises:
        OneStopFault: the one-stop database can't be used; what was decided stays decided.
    """
    post.post_all(house)
    receive.work(house, ministry)
    post.post_all(house)
    clerk.tell(house)
