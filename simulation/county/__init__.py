"""The people of a county and the services they use."""
