"""What `curate demo` runs on: small stand-ins for the services of the outside world."""
