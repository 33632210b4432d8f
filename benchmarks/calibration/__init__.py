"""Calibration of a region's assumptions to what is published: who is on duty, and how many bays."""
