"""What of a secret is a secret by itself."""

from __future__ import annotations

from dl_lit.settings import load
from dl_lit.settings.secret_parts import parts_of_address, parts_of_cookie, parts_of_header


def test_the_parts_of_a_secret_are_hidden_too() -> None:
    """Servers repeat them in their errors: an address without its host, a header's value without its name."""
    assert parts_of_header("Authorization: Bearer abcdefgh+/=") == ("Bearer abcdefgh+/=", "abcdefgh+/=")
    assert parts_of_header("X: y") == ()
    assert parts_of_cookie("ezproxy=0123456789; lang=en; sid=abcdefgh=") == ("0123456789", "abcdefgh=")
    assert parts_of_address("https://chat.example/hooks/T0/B0/abcdef%2Bghi") == (
        "/hooks/T0/B0/abcdef%2Bghi",
        "abcdef+ghi",
    )
    assert parts_of_address("https://x.example/told?key=abcdefg%2Bh&a=b") == (
        "/told?key=abcdefg%2Bh&a=b",
        "key=abcdefg%2Bh&a=b",
        "abcdefg+h",
    )
    assert parts_of_address("https://x.example/") == ()


def test_settings_name_them_all() -> None:
    env = {
        "HOME": "/nowhere",
        "DL_LIT_NOTIFY_URL": "https://chat.example/hooks/abcdefgh",
        "DL_LIT_METRICS_OTLP_HEADER": "Authorization: Bearer ijklmnop",
        "DL_LIT_ACCESS_PROXY_COOKIE": "ezproxy=qrstuvwx",
    }
    settings = load(env=env).settings
    assert "abcdefgh" in settings.notify.secrets
    assert "ijklmnop" in settings.metrics.secrets
    assert "qrstuvwx" in settings.access.secrets
