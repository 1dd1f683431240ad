"""Find life-science data sets in public and local archives, pull them, and open them."""
