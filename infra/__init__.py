"""How Irtysh is deployed and shown."""
