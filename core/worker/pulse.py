"""What the model thread is doing, for the heartbeat: a counter that grows while work advances, and a name."""

from __future__ import annotations


class Pulse:
    """Written by the model thread, read by the heartbeat's; single assignments need no lock."""

    def __init__(self) -> None:
        self.turn = 0
        self.activity = ""

    def doing(self, activity: str) -> None:
        """A step begins ("" means idle)."""
        self.turn += 1
        self.activity = activity

    def alive(self) -> None:
        """The step goes on and is not stuck: a decode step, a layer, a poll of the cancel flag."""
        self.turn += 1
