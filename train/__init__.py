"""How the reader that ships with Groundwire is trained. Needs the extra `train`; nothing of it is needed to run."""
