"""The subcommands of ``jupyter frozenfs``; each only says what was asked, the work is done elsewhere."""
