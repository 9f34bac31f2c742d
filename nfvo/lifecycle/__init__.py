"""Network services coming, changing and going: operation logic, VNFs as steps, and the service behind the routes."""
