"""Groundwire beside its peers: same weights, same articles, same questions, one run. See `docs/peers.md`."""
