"""The journey of a dossier, one room a verb; ARCHITECTURE.md tells it in order."""
