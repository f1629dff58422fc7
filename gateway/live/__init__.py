"""What just happened, told to the people who are looking: signals and notices over one stream each."""
