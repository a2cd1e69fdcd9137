"""Long fault runs, each a program that prints its figures and ends non-zero when short. See README.md."""
