"""Why a mail did not go out, told apart by what to do next.

`code` is what may be stored and logged: a class name and at most a number. Servers repeat addresses in their
answers, so an answer's text is never part of it.
"""


class DeliveryFailure(Exception):
    """A mail was not handed over. Raised as one of the classes below."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Rejected(DeliveryFailure):
    """This mail will never be taken: the address is wrong, or the server refused recipient or content for good."""


class Deferred(DeliveryFailure):
    """This mail was not taken now; another attempt may succeed."""


class PutOff(Deferred):
    """This mail by itself was not taken now, for its recipient or its content. Others may be, at the same moment."""


class TransportDown(Deferred):
    """No mail can go out now: no connection, no sign-in, no space on the disk."""
