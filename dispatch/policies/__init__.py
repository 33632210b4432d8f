"""One question a file: who goes, where to, who covers, who helps, who else could take it."""
