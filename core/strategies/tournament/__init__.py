"""Groups whose best go on."""
