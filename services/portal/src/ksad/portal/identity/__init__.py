"""Who an officer is: what the identity provider says, and the tokens with which the services are asked."""
