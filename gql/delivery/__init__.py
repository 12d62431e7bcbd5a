"""What leaves the system: mails, from the transactional outbox to the mail server. Knows neither GraphQL nor HTTP."""
