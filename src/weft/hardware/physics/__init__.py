"""What models of links have in common: light in glass and air, photons, their heralds, and the memories that wait for them."""
