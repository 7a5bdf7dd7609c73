"""Groundwire."""
