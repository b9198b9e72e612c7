"""From numbers to the few things worth saying, and to silence where there is nothing to say."""
