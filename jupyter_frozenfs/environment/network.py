"""Fetching over HTTP, with errors that say what a person can do."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from jupyter_frozenfs.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NOT_FOUND = frozenset({404, 410})


class NetworkError(BuildError):
    """A server did not give what it was asked for.

    Attributes
    ----------
    url
        What was asked for, without credentials.
    reason
        What went wrong, for people.
    status
        The HTTP status, None when there was no answer.
    """

    def __init__(self, url: str, reason: str, status: int | None = None) -> None:
        super().__init__(
            f"{url} {reason}. Check the network and the address; without a network, put the wheels into a "
            "folder and name it as `wheelhouse` in the table [build]."
        )
        self.url = url
        self.reason = reason
        self.status = status

    @property
    def missing(self) -> bool:
        """Whether the server says that there is no such thing."""
        return self.status in NOT_FOUND


class Network:
    """HTTP for a build: proxies, certificates and ``.netrc`` as `requests` has them, for any thread.

    Parameters
    ----------
    timeout
        Seconds to wait for a server that says nothing.
    urls
        Addresses whose user and password are used for all that comes from the same host.
    """

    def __init__(self, timeout: float, urls: Iterable[str] = ()) -> None:
        self.timeout = timeout
        self._local = threading.local()
        self._credentials = {
            parts.netloc.rpartition("@")[2]: (parts.username, parts.password or "")
            for parts in map(urlsplit, urls)
            if parts.username
        }

    def get(
        self, url: str, headers: Mapping[str, str] | None = None, *, stream: bool = False
    ) -> requests.Response:
        """Ask for a URL; the answer's status is below 400.

        Raises
        ------
        NetworkError
            There is no answer, or it is an error.
        """
        shown = without_credentials(url)
        try:
            response = self._session().get(
                shown,
                headers=headers,
                stream=stream,
                timeout=self.timeout,
                auth=self._credentials.get(urlsplit(shown).netloc),
            )
            if not stream:
                response.content  # noqa: B018 - read here, so that a broken transfer is caught here
        except requests.RequestException as error:
            raise NetworkError(shown, reason_of(error, self.timeout)) from error
        if not response.ok:
            response.close()
            raise NetworkError(
                shown, f"answered {response.status_code} {response.reason}", response.status_code
            )
        return response

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            retry = Retry(
                total=2,
                backoff_factor=0.3,
                status_forcelist=(429, 500, 502, 503, 504),
                raise_on_status=False,
                respect_retry_after_header=False,
            )
            for scheme in ("http://", "https://"):
                session.mount(scheme, HTTPAdapter(max_retries=retry))
            self._local.session = session
        return session


def without_credentials(url: str) -> str:
    """Return a URL that can be shown and written down."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def reason_of(error: Exception, timeout: float) -> str:
    """Say in a few words what `requests` says in many."""
    text = str(error)
    reasons = (
        (isinstance(error, requests.exceptions.SSLError), "has a certificate that is not trusted here"),
        (isinstance(error, requests.exceptions.ProxyError), "cannot be reached through the configured proxy"),
        (
            isinstance(error, requests.Timeout) or "timed out" in text,
            f"did not answer within {timeout:g} seconds",
        ),
        ("NameResolution" in text or "getaddrinfo" in text, "has a host name that cannot be resolved"),
        ("refused" in text, "refused the connection"),
        ("IncompleteRead" in text, "broke off"),
        (isinstance(error, requests.ConnectionError), "cannot be reached, or the connection broke off"),
    )
    return next((reason for found, reason in reasons if found), f"cannot be fetched ({text})")
