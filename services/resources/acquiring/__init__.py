"""From a wish to the shelf: what should be bought, ordered, received and paid."""
