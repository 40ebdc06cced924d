"""Which dossier is which record, where both were keyed by hand? Pure: see ``entry`` and ``pair``."""
