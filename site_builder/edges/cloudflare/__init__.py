"""Cloudflare: custom error rules with their assets, and what a client gets from them."""
