"""From a credential to a viewer: passwords, tokens, and who a request comes from."""
