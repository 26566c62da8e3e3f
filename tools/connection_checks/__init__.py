"""Questions to a running venue, from outside: does it answer, is it well, is it quick."""
