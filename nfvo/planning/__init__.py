"""What a network service shall consist of: pure functions from descriptors and requests to graphs of resources."""
