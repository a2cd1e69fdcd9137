"""The world: HTTP, the store, mail, webhooks, chat, the broker."""
