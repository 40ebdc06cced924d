"""The worst day of a bridge, played with real processes: ``make chaos`` and ``make soak``.

The daemon runs as an office runs it, each rehearsal ministry in a process of its own, a fault
proxy before each of them and before PostgreSQL. Meanwhile clerks key and correct, ministries move
and file, and the daemon is killed every few seconds. What came of it is compared in the end,
dossier by dossier, and the journal tells how long each recovery took.
"""
