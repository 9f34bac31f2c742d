"""The reference adapter, and the simulated VIM that it drives."""
