"""The feed edge: catalog files of any common shape become lines of fields, and fields become items."""
