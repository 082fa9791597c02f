"""Alignment: an encoder learns to give translations like vectors, and the means to see whether that helped."""
