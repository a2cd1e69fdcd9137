"""Benchmarks: programs that print figures and end non-zero where a bound is missed."""
