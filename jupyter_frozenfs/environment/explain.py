"""Why requirements cannot be met, in words that say what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from jupyter_frozenfs.errors import BuildError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .catalogue import Catalogue, Offer
    from .declare import Environment
    from .network import NetworkError
    from .requirements import Asked
    from .tags import Platform
    from .uv import UvError
    from .wheels import Wheel

#: platform tags that a message lists
_TAGS = 6


def explain(
    environment: Environment,
    catalogue: Catalogue,
    roots: Sequence[Asked],
    platform: Platform,
    error: UvError,
) -> BuildError:
    """Return the error that tells why there is no solution.

    Parameters
    ----------
    environment
        What was to be resolved.
    catalogue
        What was found on the way.
    roots
        The requirements.
    platform
        What wheels must fit.
    error
        What uv says.
    """
    without = [offer for offer in catalogue.offers if not offer.wheels]
    failures = [str(each) for each in catalogue.failures.values() if isinstance(each, BuildError)]
    body = _out_of_reach(without)
    body += [_nothing_usable(offer, _askers(offer.name, catalogue, roots), platform) for offer in without]
    if not without and failures:
        body += dict.fromkeys(failures)
    elif not body:
        body = ["The requirements contradict each other, or ask for versions that have no wheel for Pyodide."]
        body += [
            _only_older(offer, _askers(offer.name, catalogue, roots), platform)
            for offer in catalogue.offers
            if offer.foreign and max(offer.foreign) > max(offer.wheels) and offer.name in error.explanation
        ]
    if not failures and not any(offer.unreachable for offer in without):
        # otherwise uv only tells that our answers were errors
        body.append(f"uv explains:\n{_indent(error.explanation)}")
    if not without and (unasked := _out_of_reach(catalogue.offers)):
        body.append(f"Out of reach, so that nothing of it was considered: {unasked[0]}")
    head = f"The packages of the environment {environment.name!r} cannot be chosen."
    return BuildError("\n".join([head, *body]))


def _out_of_reach(offers: Iterable[Offer]) -> list[str]:
    """Tell each reason once: an index that is down is down for all packages."""
    first: dict[str, NetworkError] = {}
    for error in (error for offer in offers for error in offer.unreachable):
        first.setdefault(error.reason, error)
    return [str(error) for error in first.values()]


def _only_older(offer: Offer, askers: str, platform: Platform) -> str:
    newest = max(offer.foreign)
    return (
        f"{offer.name} {newest} has no wheel for this platform ({askers}). Found: "
        f"{_found(offer.foreign[newest], platform)}; the newest version that has one is {max(offer.wheels)}."
    )


def _nothing_usable(offer: Offer, askers: str, platform: Platform) -> str:
    if offer.foreign or offer.others:
        return _no_wheel(offer, askers, platform)
    if offer.unreachable:
        return f"{offer.name} may be where no answer came from ({askers})."
    return (
        f"There is no package {offer.name!r} in any source ({askers}). Correct its name; if it is your own, "
        "name the path of its wheel."
    )


def _no_wheel(offer: Offer, askers: str, platform: Platform) -> str:
    if not offer.foreign:
        files = ", ".join(sorted(offer.others)[-2:])
        return (
            f"{offer.name} has no wheels at all, only {files} ({askers}). Build a wheel of it (`python -m "
            "build --wheel`, or `pyodide build` when it is compiled) and put it into a wheelhouse."
        )
    newest = max(offer.foreign)
    major, minor = platform.python.split(".")[:2]
    return (
        f"{offer.name} has no wheel for this platform ({askers}). Found for version {newest}: "
        f"{_found(offer.foreign[newest], platform)}; expected "
        f"cp{major}{minor}-cp{major}{minor}-{platform.tag} or py3-none-any. What would help: another "
        "package, a version that has such a wheel, or a wheel built with `pyodide build` in a wheelhouse."
    )


def _found(wheels: Iterable[Wheel], platform: Platform) -> str:
    """List tags, those that come near to what is expected first."""
    major, minor = platform.python.split(".")[:2]

    def distance(tag: str) -> tuple[bool, bool, str]:
        return ("wasm" not in tag, not tag.startswith(f"cp{major}{minor}-"), tag)

    tags = sorted({str(tag) for wheel in wheels for tag in wheel.tags}, key=distance)
    more = f" and {len(tags) - _TAGS} more" if len(tags) > _TAGS else ""
    return ", ".join(tags[:_TAGS]) + more


def _askers(name: str, catalogue: Catalogue, roots: Sequence[Asked]) -> str:
    found = [
        f"{asked.origin} ({asked.requirement})" for asked in roots if canonicalize_name(asked.name) == name
    ]
    found += catalogue.dependents(name)
    return f"asked for by {', '.join(found)}" if found else "asked for by nobody that could be found"


def _indent(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
