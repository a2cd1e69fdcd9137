"""Pure decisions: values and the time in, values out. No clock, no I/O, no logging."""
