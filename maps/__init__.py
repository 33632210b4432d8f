"""Places, roads and regions: the ground that every other room stands on."""
