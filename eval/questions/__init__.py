"""The seed questions (`seeds.jsonl`), the page that says what they are (`README.md`) and what holds them to it."""
