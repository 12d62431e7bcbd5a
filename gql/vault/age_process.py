"""`python -m gql.vault.age_process`: encrypts its input with age, in a process of its own.

The first line of the input says for whom, as JSON: `publicKeys`, or a `passphrase`. All that follows is encrypted to
the output. A passphrase is made slow to guess on purpose, for seconds in which the library lets nothing else run; and
here nothing of what is encrypted is left in a server's memory.
"""

import json
import sys

import pyrage


def recipient_of(text: str) -> object:
    """A public key of age or SSH. Raises RecipientError."""
    module = pyrage.ssh if text.startswith("ssh-") else pyrage.x25519
    return module.Recipient.from_str(text)


def main() -> None:
    """Encrypt."""
    source, target = sys.stdin.buffer, sys.stdout.buffer
    wish = json.loads(source.readline())
    if "passphrase" in wish:
        target.write(pyrage.passphrase.encrypt(source.read(), wish["passphrase"]))
    else:
        pyrage.encrypt_io(source, target, [recipient_of(key) for key in wish["publicKeys"]])
    target.flush()


if __name__ == "__main__":
    main()
