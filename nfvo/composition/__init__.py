"""How a server is put together: what every role is made of, and each of the roles."""
