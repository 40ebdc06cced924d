"""The command line: reads, says, and starts work only through the engine (contracts/cli.md)."""
