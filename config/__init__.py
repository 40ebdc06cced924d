"""The commented example configuration; ``tools/example_config.py`` writes it from the models."""
