"""How a pretend Webasto turns a request down."""

from __future__ import annotations

import json
from http import HTTPStatus

from bridge.simulators.wire import Answer


class RefusedError(Exception):
    """The request is answered with a problem document; the text is its `detail`."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def problem(status: int, detail: str) -> Answer:
    """A problem document in the form that has been recorded."""
    document = {"detail": detail, "status": status, "title": HTTPStatus(status).phrase, "type": "about:blank"}
    return Answer(status=status, body=json.dumps(document).encode(), content_type="application/problem+json")


def page(status: int) -> Answer:
    """The page of the web server in front, which knows nothing of `/api`."""
    title = f"{status} {HTTPStatus(status).phrase}"
    text = (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n"
    )
    return Answer(status=status, body=(text + "</html>\r\n").encode(), content_type="text/html")


NO_SUCH_URL = "The requested URL was not found on the server."
NO_SUCH_METHOD = "The method is not allowed for the requested URL."
