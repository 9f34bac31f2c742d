"""What ETSI leaves open, under ``/mano/v1``: VIM connections, steps of operations, findings of onboarding."""
