"""Call logs: the schema, reading and writing, composing one, mapping foreign ones."""
