"""What Groundwire costs as the corpus grows, from a thousand passages to a million. See `docs/peers.md`."""
