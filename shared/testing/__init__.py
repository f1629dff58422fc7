"""What tests of every department lean on; nothing here is used by a running service."""
