"""The adapters that come with the bridge: leaves, found by entry point, never imported by it."""
