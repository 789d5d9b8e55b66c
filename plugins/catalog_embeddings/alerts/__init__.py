"""Edge: where an alert goes. Knows the webhook's one key; when to alert and what to say is left to ``pipeline``."""
