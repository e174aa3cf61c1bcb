"""Scrapy: fetches and archives, reads nothing but links."""
