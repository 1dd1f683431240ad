"""What is in this image: programs, Python packages and Debian packages, as a page and as a file."""
