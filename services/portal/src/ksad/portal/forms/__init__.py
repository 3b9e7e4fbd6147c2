"""Forms of the services' commands: the service's own description says what is asked, a card says it to people."""
