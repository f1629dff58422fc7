"""Tests of Reader Services."""
