"""A certificate for 127.0.0.1 and the two sides that use it. It is nobody's, and good for a hundred years.

Made by `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=mail.example
-addext subjectAltName=IP:127.0.0.1`: a library that makes certificates would be imported by the servers under test.
"""

import ssl
from pathlib import Path

_PEM = Path(__file__).with_name("mail_server.pem")


def tls_sides() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The server's context, and that of a client which trusts it."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(_PEM)
    return server, ssl.create_default_context(cafile=str(_PEM))
