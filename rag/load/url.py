"""Web addresses as the keys of articles."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# Parameters that say how the reader came to the page, never which page it is.
_TRACKING = frozenset(
    {"fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "igshid", "mc_cid", "mc_eid"}
)


def canonical_url(url: str) -> str:
    """One address for one page: scheme and host in lower case; default port, fragment and tracking parameters dropped.

    Nothing else is changed. What is not an http(s) address is given back as it is.
    """
    if not is_web_url(url):
        return url
    parts = urlsplit(url.strip())
    user, at, host = parts.netloc.rpartition("@")
    host = host.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])
    query = "&".join(one for one in parts.query.split("&") if not _tracks(one))
    return urlunsplit((parts.scheme, user + at + host, parts.path, query, ""))


def is_web_url(url: str) -> bool:
    """Is this an http or https address with a host?"""
    try:
        parts = urlsplit(url.strip())
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname)
    except ValueError:  # such as an unclosed bracket around an IPv6 address
        return False


def _tracks(parameter: str) -> bool:
    name = parameter.partition("=")[0].lower()
    return name in _TRACKING or name.startswith("utm_")
