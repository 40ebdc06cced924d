"""What people decide: a room a matter, each decision with its reason in the journal."""
