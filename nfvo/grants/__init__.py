"""Which VIM and zone the resources of a VNF go to, by what is left there."""
