"""Sets of our own for links and versions, and what Irtysh makes of them."""
