"""How the address of a database is shown (数据库地址): never with its password.

Whatever is printed, logged or entered names a database only by what these functions return.
"""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

#: Parameters behind the question mark that are secret, as libpq names them.
_SECRET = ("password", "sslpassword", "passfile", "sslkey", "oauth_client_secret")


def shown(url: URL) -> str:
    """The address without what is secret in it; of an SQLite database, the file's path."""
    if url.get_backend_name() == "sqlite":
        return url.database or ":memory:"
    # What stands behind a question mark may be a password with such a sign.
    if torn(url) or "?" in (url.password or ""):
        return f"{url.drivername}://…"
    return url.difference_update_query([name for name in url.query if name.lower() in _SECRET]).render_as_string(
        hide_password=True)


def torn(url: URL) -> bool:
    """Whether the password has a sign that ends it too early, so that its rest was read as host or database."""
    return url.get_backend_name() != "sqlite" and any("@" in part for part in (url.host or "", url.database or ""))


def shown_text(text: str) -> str:
    """What was given as an address, readable or not, without what may be secret in it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is not None and url.get_backend_name() != "sqlite":
        return shown(url)
    head, colon, _ = text.partition(":")
    harmless = not any(sign in text for sign in "@=") and (url is not None or not colon)
    return text if harmless else f"{head}:…" if colon else "…"
