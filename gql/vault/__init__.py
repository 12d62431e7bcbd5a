"""What is kept closed: texts sealed before they are stored, documents' bytes, and the links that lead to these."""
