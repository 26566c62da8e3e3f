"""What the services of Markethall share, one noun a module."""
