"""Forty pages of our own: five articles in eight templates of Central Asian and Russian outlets."""
