"""The watch: what waits too long, who is told of it, and what clerks find in their mail."""

from bridge.engine.watch.station import DigestRound, Letter, Receiver, Watch

__all__ = ["DigestRound", "Letter", "Receiver", "Watch"]
