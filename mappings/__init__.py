"""The mappings of the built-in systems: ``<system>/<kind>.vN.yaml``. Data, not code."""
