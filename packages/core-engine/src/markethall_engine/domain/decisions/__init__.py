"""What the exchange answers to each command: rules over the state, read only, events out."""
