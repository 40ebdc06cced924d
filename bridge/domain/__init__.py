"""Pure rules of the trade: what a dossier is, how it moves, who owns what, what a delivery becomes."""
