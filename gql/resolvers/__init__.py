"""What fields answer: adapters from a request's arguments to reads and services. One file a noun."""
